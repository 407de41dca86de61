/* SPDX-License-Identifier: MIT */
/*
 * calendar.h - the bank holidays of the United Kingdom's divisions, from a data file that an officer can renew
 */
#ifndef HOLDFAST_CALENDAR_H
#define HOLDFAST_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/bytes.h>
#include <holdfast/day.h>
#include <holdfast/err.h>

#define HF_CALENDAR_FILE_MAX (1024 * 1024)
#define HF_HOLIDAYS_MAX 1024 /* of one division: eight a year, a century */
#define HF_HOLIDAY_TITLE_SIZE 80

/* clang-format off */
enum hf_division { HF_ENGLAND_AND_WALES, HF_SCOTLAND, HF_NORTHERN_IRELAND, HF_DIVISION_COUNT };
/* clang-format on */
#define HF_DIVISIONS_ALL 7u /* bits of 1 << enum hf_division */

struct hf_holiday {
	struct hf_day day;
	char title[HF_HOLIDAY_TITLE_SIZE];
};

/* Sorted by day. Reaches from 1 January of its first year to 31 December of its last. */
struct hf_holidays {
	struct hf_holiday *v;
	size_t n;
};

struct hf_calendar {
	struct hf_holidays divisions[HF_DIVISION_COUNT]; /* one may be empty: the file did not have it */
	struct hf_digest version;			 /* of its content, whatever its file looked like */
};

#define hf_auto_calendar __attribute__((cleanup(hf_calendar_done)))

/*
 * hf_division_name - "england-and-wales", "scotland", "northern-ireland"
 *
 * Owner     static text
 * Returns   the word of the public feed
 * Source    the bank holidays feed of GOV.UK
 */
const char *hf_division_name(enum hf_division division);

/*
 * hf_calendar_read - a calendar in the shape of the public feed
 *
 * {"<division>": {"division", "events": [{"title", "date": "YYYY-MM-DD", "notes", "bunting"}]}}. A date that is none, a
 * date twice in a division, a year between the first and the last without any holiday, an unknown division are refused.
 * @text, @len   at most HF_CALENDAR_FILE_MAX bytes
 * @ret_calendar to hf_calendar_done; untouched unless HF_OK
 * Owner     see ret_calendar
 * Returns   HF_OK; HF_E_SIZE; HF_E_JSON; HF_E_SHAPE; HF_E_MEMORY
 * Source    the bank holidays feed of GOV.UK
 */
HF_NODISCARD enum hf_rc hf_calendar_read(const char *text, size_t len, struct hf_calendar *ret_calendar,
					 struct hf_err *err);

/*
 * hf_calendar_merge - what is held, renewed by a newer file: merged, never replaced
 *
 * The public feed prunes old years: years that the newer file does not have are kept. In a year that both have, the
 * newer file's days count (holidays are proclaimed and moved), but a year with fewer holidays than were held is
 * refused: holidays are moved, not lost, so such a file is damaged or cut. A gap of years between the two is refused.
 * @ret_merged   to hf_calendar_done; untouched unless HF_OK
 * Owner     copies
 * Returns   HF_OK; HF_E_MISMATCH; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Working days"
 */
HF_NODISCARD enum hf_rc hf_calendar_merge(const struct hf_calendar *held, const struct hf_calendar *newer,
					  struct hf_calendar *ret_merged, struct hf_err *err);

/*
 * hf_calendar_reach - the first and last day that all of these divisions cover
 *
 * @divisions  bits of 1 << enum hf_division, at least one
 * Owner     values
 * Returns   true; false when one of them has no holidays
 */
bool hf_calendar_reach(const struct hf_calendar *calendar, unsigned divisions, struct hf_day *ret_first,
		       struct hf_day *ret_last);

/*
 * hf_calendar_holiday - the holiday on this day in any of these divisions
 *
 * Owner     belongs to the calendar
 * Returns   NULL when it is none
 */
const struct hf_holiday *hf_calendar_holiday(const struct hf_calendar *calendar, unsigned divisions, struct hf_day day);

/*
 * hf_calendar_done - free the arrays, zero the struct
 *
 * Owner     ends
 */
void hf_calendar_done(struct hf_calendar *calendar);

#endif
