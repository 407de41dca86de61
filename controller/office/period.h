/* SPDX-License-Identifier: MIT */
/*
 * period.h - one or more polls, their timetables, and the one pre-election period that covers them all
 */
#ifndef HOLDFAST_OFFICE_PERIOD_H
#define HOLDFAST_OFFICE_PERIOD_H

#include <holdfast/timetable.h>

#include "controller/office/office.h"

/* What the officer says: as many polls as kinds, in pairs. */
struct hf_polls_wish {
	struct hf_list polls, kinds; /* YYYY-MM-DD; as hf_poll_kind_of reads them */
	struct hf_list also;	     /* days to disregard besides */
	struct hf_list calendars;    /* files with newer bank holidays */
	const char *vacancy;	     /* the day of a by-election's notice of vacancy; NULL: not said */
};

/* A by-election's vacancy, and the last polling day that follows. */
struct hf_vacancy {
	bool said;
	enum hf_poll_kind kind;
	struct hf_day notice, last_poll;
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
	struct hf_vacancy vacancy;
};

#define hf_auto_period __attribute__((cleanup(hf_period_done)))

/*
 * hf_period_begin - the calendar, the days that are left out besides, and the last day of polling after a vacancy
 *
 * @ret_period  zeroed before; to hf_period_done, also after a failure
 * Returns   HF_OK; HF_E_USAGE a day that is none, a vacancy of no by-election or of several; as hf_calendar_files_open
 *           and hf_timetable_last_poll
 * Source    proto/README.md "Working days"
 */
HF_NODISCARD enum hf_rc hf_period_begin(const struct hf_office *office, const struct hf_polls_wish *wish,
					struct hf_period *ret_period, struct hf_err *err);

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
 * hf_period_open - both: all polls that are wished
 *
 * Owner     as hf_period_begin
 * Returns   as both; HF_E_USAGE no pairs, a day or a kind that is none
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_period_open(const struct hf_office *office, const struct hf_polls_wish *wish,
				       bool by_writ, struct hf_period *ret_period, struct hf_err *err);

/*
 * hf_period_day, hf_period_kind - a day, a kind of poll, as an officer writes it
 *
 * @what     which day, for people: "polling day"
 * Returns   HF_OK; HF_E_USAGE
 */
HF_NODISCARD enum hf_rc hf_period_day(const char *what, const char *text, struct hf_day *ret_day, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_period_kind(const char *text, enum hf_poll_kind *ret_kind, struct hf_err *err);

/*
 * hf_period_disregard - what a count of this kind leaves out
 *
 * Owner     points into the period
 * Source    proto/README.md "Working days"
 */
struct hf_disregard hf_period_disregard(const struct hf_period *period, enum hf_poll_kind kind);

#define HF_PERIOD_SLIP_SIZE 128
#define HF_PERIOD_SLIPS 2

/*
 * hf_period_slips - what in the day of a poll is probably a slip: no day for polls, or later than a vacancy allows
 *
 * @poll     its kind and day are looked at
 * @text     a sentence each, without an end
 * Returns   how many
 * Source    Representation of the People Act 1983 s.37, s.39; Local Government Act 1972 s.89
 */
size_t hf_period_slips(const struct hf_period *period, const struct hf_timetable *poll,
		       char text[HF_PERIOD_SLIPS][HF_PERIOD_SLIP_SIZE]);

/*
 * hf_period_weekday - "Monday" ... "Sunday"
 */
const char *hf_period_weekday(struct hf_day day);

/*
 * hf_period_done - free the calendar, zero the struct
 */
void hf_period_done(struct hf_period *period);

#endif
