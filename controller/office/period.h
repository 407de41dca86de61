/* SPDX-License-Identifier: MIT */
/*
 * period.h - one or more polls, their timetables, and the one pre-election period that covers them all
 */
#ifndef HOLDFAST_OFFICE_PERIOD_H
#define HOLDFAST_OFFICE_PERIOD_H

#include <holdfast/timetable.h>

#include "controller/office/office.h"

/* What the options say: as many polls as kinds, in pairs. */
struct hf_polls_wish {
	struct hf_list polls, kinds; /* --poll YYYY-MM-DD, --kind KIND */
	struct hf_list also;	     /* --also-disregard DATE */
	struct hf_list calendars;    /* --calendar FILE */
};

/* Start it zeroed; the calendar must be there before a poll is added. */
struct hf_period {
	struct hf_calendar calendar;
	struct hf_day also[HF_ALSO_MAX];
	size_t n_also;
	struct hf_timetable
		polls[HF_POLLS_MAX]; /* days 0: its writ gives the dates, only kind, poll and until are there */
	size_t n_polls;
	struct hf_wall from;  /* the earliest suggested start of them all; 0 when a poll has none */
	struct hf_wall until; /* the latest suggested end */
};

#define hf_auto_period __attribute__((cleanup(hf_period_done)))

/*
 * hf_period_begin - the calendar, and the days that are left out besides
 *
 * @ret_period  zeroed before; to hf_period_done, also after a failure
 * Returns   HF_OK; HF_E_USAGE a day that is none; as hf_calendar_files_open
 * Source    proto/README.md "Working days"
 */
HF_NODISCARD enum hf_rc hf_period_begin(const struct hf_polls_wish *wish, struct hf_period *ret_period,
					struct hf_err *err);

/*
 * hf_period_add - one more poll
 *
 * @by_writ  take also a kind whose dates its polling day does not decide
 * Owner     titles belong to the period's calendar
 * Returns   HF_OK; HF_E_SIZE HF_POLLS_MAX are there; HF_E_ABSENT the calendar does not reach, or the writ is needed
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_period_add(struct hf_period *period, enum hf_poll_kind kind, struct hf_day poll,
				      bool by_writ, struct hf_err *err);

/*
 * hf_period_open - both: all polls of the options
 *
 * Owner     as hf_period_begin
 * Returns   as both; HF_E_USAGE no pairs of --poll and --kind, a day or a kind that is none
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_period_open(const struct hf_polls_wish *wish, bool by_writ, struct hf_period *ret_period,
				       struct hf_err *err);

/*
 * hf_period_day, hf_period_kind - a day, a kind of poll, from an option
 *
 * @option   its name, for people
 * Returns   HF_OK; HF_E_USAGE
 */
HF_NODISCARD enum hf_rc hf_period_day(const char *option, const char *text, struct hf_day *ret_day, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_period_kind(const char *text, enum hf_poll_kind *ret_kind, struct hf_err *err);

/*
 * hf_period_disregard - what a count of this kind leaves out
 *
 * Owner     points into the period
 * Source    proto/README.md "Working days"
 */
struct hf_disregard hf_period_disregard(const struct hf_period *period, enum hf_poll_kind kind);

/*
 * hf_period_done - free the calendar, zero the struct
 */
void hf_period_done(struct hf_period *period);

#endif
