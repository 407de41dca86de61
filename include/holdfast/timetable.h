/* SPDX-License-Identifier: MIT */
/*
 * timetable.h - from a polling day to the last lawful dates before it, and the period that follows from them
 */
#ifndef HOLDFAST_TIMETABLE_H
#define HOLDFAST_TIMETABLE_H

#include <holdfast/calendar.h>
#include <holdfast/day.h>
#include <holdfast/err.h>
#include <holdfast/time.h>

#define HF_ALSO_MAX 64	    /* days of thanksgiving or mourning that an officer adds */
#define HF_DEADLINES_MAX 12 /* of one kind of poll */
#define HF_LEFT_OUT_MAX 64  /* days that one count passes over: 60 working days span about 30 */
#define HF_POLLS_MAX 8	    /* combined on one timetable */

/* clang-format off */
enum hf_poll_kind {
	HF_POLL_PRINCIPAL, HF_POLL_PRINCIPAL_BY, HF_POLL_PARISH, HF_POLL_PARISH_BY, HF_POLL_LA_MAYOR, HF_POLL_CA_MAYOR,
	HF_POLL_PCC, HF_POLL_PCC_BY, HF_POLL_GLA, HF_POLL_UKPARL_GENERAL, HF_POLL_UKPARL_BY, HF_POLL_NP_REFERENDUM,
	HF_POLL_PPERA_REFERENDUM, HF_POLL_KIND_COUNT
};
/* Why a day is not a working day. */
enum hf_why_not { HF_WORKS, HF_SAT, HF_SUN, HF_CHRISTMAS_EVE, HF_CHRISTMAS_DAY, HF_GOOD_FRIDAY, HF_BANK_HOLIDAY,
		  HF_ALSO, HF_WHY_NOT_COUNT };
/* clang-format on */

/* The days that a count passes over: a calendar, its divisions, and what the officer adds. */
struct hf_disregard {
	const struct hf_calendar *calendar;
	unsigned divisions; /* bits of 1 << enum hf_division */
	const struct hf_day *also;
	size_t n_also;
};

struct hf_deadline {
	const char *name; /* static text */
	int days;	  /* before the poll */
	int minute;	  /* of the day, local time; -1: by the end of the day */
	struct hf_day day;
};

struct hf_left_out {
	struct hf_day day;
	enum hf_why_not why;
	const char *title; /* of the holiday; belongs to the calendar; NULL when it has none */
};

/* One poll and what follows from it. */
struct hf_timetable {
	enum hf_poll_kind kind;
	struct hf_day poll;
	int days;		 /* the rule: so many days before the poll */
	bool calendar_days;	 /* they are not working days */
	struct hf_day notice_by; /* the last lawful date of the notice of election: the latest start */
	struct hf_deadline deadlines[HF_DEADLINES_MAX];
	size_t n_deadlines;
	struct hf_left_out left_out[HF_LEFT_OUT_MAX]; /* from the notice to the poll, in order */
	size_t n_left_out;
	struct hf_wall from;  /* suggested: 00:01 local on notice_by */
	struct hf_wall until; /* suggested: 22:00 local on polling day, when polls close */
};

/*
 * hf_poll_kind_name, hf_poll_kind_of, hf_poll_kind_divisions, hf_why_not_name - words and calendars of kinds
 *
 * @ret_kind  untouched unless HF_OK
 * Owner     static text
 * Returns   the word, "principal-by", "Christmas Eve"; HF_OK or HF_E_ABSENT; bits of divisions, 0 for calendar days
 * Source    proto/README.md "Working days"
 */
const char *hf_poll_kind_name(enum hf_poll_kind kind);
HF_NODISCARD enum hf_rc hf_poll_kind_of(const char *name, enum hf_poll_kind *ret_kind);
unsigned hf_poll_kind_divisions(enum hf_poll_kind kind);
const char *hf_why_not_name(enum hf_why_not why);

/*
 * hf_disregarded - why is this day left out of a count, if it is
 *
 * @ret_title  of the holiday, or NULL; may be NULL
 * Owner     the title belongs to the calendar
 * Returns   HF_WORKS or the reason
 * Source    Local Elections (Principal Areas) (England and Wales) Rules 2006, Schedule 2 rule 2; RPA 1983 Schedule 1
 * rule 2
 */
enum hf_why_not hf_disregarded(const struct hf_disregard *disregard, struct hf_day day, const char **ret_title);

/*
 * hf_working_days_before, hf_working_days_after - the n-th working day before or after a day, by arithmetic
 *
 * @day      itself not counted
 * @n        1..400
 * @ret_day  untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT the calendar does not cover all days from one to the other; HF_E_MEMORY
 * Source    proto/README.md "Working days"
 */
HF_NODISCARD enum hf_rc hf_working_days_before(const struct hf_disregard *disregard, struct hf_day day, int n,
					       struct hf_day *ret_day, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_working_days_after(const struct hf_disregard *disregard, struct hf_day day, int n,
					      struct hf_day *ret_day, struct hf_err *err);

/*
 * hf_timetable_of - the timetable of one poll
 *
 * @disregard  its divisions are not looked at: the kind says which
 * @ret_timetable  untouched unless HF_OK
 * Owner     titles belong to the calendar
 * Returns   HF_OK; HF_E_ABSENT the calendar does not reach; HF_E_USAGE a kind that its polling day does not decide
 * Source    proto/README.md "Working days"; policy D10
 */
HF_NODISCARD enum hf_rc hf_timetable_of(enum hf_poll_kind kind, struct hf_day poll, struct hf_disregard disregard,
					struct hf_timetable *ret_timetable, struct hf_err *err);

/*
 * hf_timetable_last_poll - the last lawful polling day of a by-election after a vacancy
 *
 * @kind     HF_POLL_PRINCIPAL_BY: 35 working days after the electors' notice; HF_POLL_PARISH_BY: 60 after the notice of
 * vacancy
 * @ret_poll untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT the calendar does not reach; HF_E_USAGE no other kind has this rule
 * Source    Local Government Act 1972 s.89; Parishes and Communities Rules 2006 rule 5
 */
HF_NODISCARD enum hf_rc hf_timetable_last_poll(enum hf_poll_kind kind, struct hf_day vacancy,
					       struct hf_disregard disregard, struct hf_day *ret_poll,
					       struct hf_err *err);

#endif
