/* SPDX-License-Identifier: MIT */
/*
 * help_story.h - three years of a council: every published election case as a pre-election period, emergencies and
 * exercises beside them, and what officers and attackers then write
 *
 * What each order says stands here as plain values; its envelope is real and signed.
 */
#ifndef TESTS_SIM_HELP_STORY_H
#define TESTS_SIM_HELP_STORY_H

#include <holdfast/timetable.h>

#include "tests/help/council.h"

#define STORY_BEGINS ((int64_t)COUNCIL_T) /* 2026-01-01T00:00:00Z */
#define STORY_DAYS 1096			  /* 2026, 2027, 2028 */
#define STORY_HOURS (STORY_DAYS * 24)
#define STORY_HOUR 3600

#define DEEDS_MAX 256
#define LOCKS_MAX 64
#define CASES_MAX 64

/* One published election, moved into the walk. */
struct story_case {
	char id[64];
	struct hf_timetable timetable;
	char day[HF_DAY_TEXT_SIZE];
};

/* One order, as its writers meant it. */
struct deed {
	enum hf_order_act act;
	enum hf_kind kind;
	enum hf_mode mode;
	int64_t at; /* written, and given to the controller */
	enum hf_level level;
	int64_t from, until;
	const char *account;	       /* NULL: every account */
	const char *group;	       /* NULL: every device */
	const char *exempt;	       /* NULL: nobody */
	size_t text;		       /* which instructions */
	const struct story_case *poll; /* NULL: no timetable */
	size_t lock;		       /* which lockdown it is about */
	int64_t rev;
	unsigned who; /* signed it: a set of enum council_who */
	char reason[HF_REASON_MAX];
	struct hf_envelope *envelope;
};

struct story {
	struct council council;
	struct hf_register reg; /* as council_register_doc: texts are static */
	struct hf_calendar calendar;
	struct story_case cases[CASES_MAX];
	size_t n_cases;
	struct deed deeds[DEEDS_MAX];
	size_t n_deeds;
	size_t raises[LOCKS_MAX]; /* of each lockdown the deed that raised it */
	size_t n_locks;
	struct hf_digest texts[4]; /* hf_instructions_digest of each text */
};

/*
 * story_open, story_close - write it, free it
 *
 * Owner     the caller's
 * Returns   nothing: what cannot be made ends the test
 * Source    tests/unit/elections/cases-dev.json; deploy/calendar/bank-holidays.json
 */
void story_open(struct story *story);
void story_close(struct story *story);

/*
 * story_lock_of - which lockdown has this identity
 *
 * Returns   its number; LOCKS_MAX when the story has none such
 */
size_t story_lock_of(const struct story *story, const struct hf_digest *id);

/*
 * story_text_of - which instructions have this digest
 *
 * Returns   their number; ends the test when the story has none such
 */
size_t story_text_of(const struct story *story, const struct hf_digest *text);

#endif
