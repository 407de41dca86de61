/* SPDX-License-Identifier: MIT */
/*
 * Owns what the council's officers, and those who would like to be, write in three years.
 * Must never say what is in force because of it: that is for the law and for the oracle, each by itself.
 */
#include "tests/sim/help_story.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#define HOLIDAYS HF_SOURCE_DIR "/deploy/calendar/bank-holidays.json"
#define CASES HF_SOURCE_DIR "/tests/unit/elections/cases-dev.json"
#define DAY ((int64_t)COUNCIL_DAY)
#define BOTH (ELECTIONS_1 | MONITORING_1)

static const char *const texts[] = {
	"",
	"Nothing party political. No promotion of individual Members.",
	"As before. The count will be announced by the returning officer alone.",
	"The poll has been countermanded: the instructions hold on until the new one.",
};

/* The cases */

static void read_calendar(struct story *story)
{
	struct hf_err err = {""};
	char *text = NULL;
	size_t len = 0;

	cr_assert_eq(hf_fs_read(HOLIDAYS, HF_CALENDAR_FILE_MAX, &text, &len, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_calendar_read(text, len, &story->calendar, &err), HF_OK, "%s", err.text);
	free(text);
}

/* The nearest such weekday to this date of another year, or the first one after it that is a working day. */
static struct hf_day same_in(const struct story *story, struct hf_day poll, int year)
{
	struct hf_disregard disregard = {.calendar = &story->calendar, .divisions = HF_DIVISIONS_ALL};
	struct hf_day_parts parts = hf_day_parts(poll);
	struct hf_day day = {0};
	int off;

	parts.year = year;
	cr_assert_eq(hf_day_make(parts, &day), HF_OK);
	off = (hf_day_weekday(poll) - hf_day_weekday(day) + 7) % 7;
	day.n += off > 3 ? off - 7 : off;
	while (hf_disregarded(&disregard, day, NULL) != HF_WORKS)
		day.n += 7;
	return day;
}

/* Polls of the walk stay where they are; others go to one of its three years, with time left to plan ahead. */
static void place_case(const struct story *story, struct story_case *c, enum hf_poll_kind kind, struct hf_day poll,
		       size_t number)
{
	struct hf_disregard disregard = {.calendar = &story->calendar};
	int year = 2026 + (int)(number % 3);
	struct hf_day day = hf_day_parts(poll).year >= 2026 ? same_in(story, poll, hf_day_parts(poll).year)
							    : same_in(story, poll, year);
	struct hf_err err = {""};

	cr_assert_eq(hf_timetable_of(kind, day, disregard, &c->timetable, &err), HF_OK, "%s: %s", c->id, err.text);
	if (c->timetable.from.s < STORY_BEGINS + 40 * DAY) {
		day = same_in(story, poll, year + 1);
		cr_assert_eq(hf_timetable_of(kind, day, disregard, &c->timetable, &err), HF_OK, "%s: %s", c->id,
			     err.text);
	}
	hf_day_text(day, c->day);
}

static void read_cases(struct story *story)
{
	json_error_t why;
	hf_auto_json json_t *rows = json_load_file(CASES, 0, &why);
	size_t i;
	json_t *row;

	cr_assert(json_is_array(rows), "%s: %s", CASES, why.text);
	cr_assert_leq(json_array_size(rows), CASES_MAX);
	json_array_foreach(rows, i, row)
	{
		struct story_case *c = &story->cases[story->n_cases++];
		enum hf_poll_kind kind = HF_POLL_KIND_COUNT;
		struct hf_day poll = {0};

		cr_assert_eq(hf_str_copy(c->id, sizeof(c->id), json_string_value(json_object_get(row, "id"))), HF_OK);
		cr_assert_eq(hf_poll_kind_of(json_string_value(json_object_get(row, "kind")), &kind), HF_OK);
		cr_assert_eq(hf_day_parse(json_string_value(json_object_get(row, "poll")), &poll), HF_OK);
		place_case(story, c, kind, poll, i);
	}
}

/* Writing */

static void fill_body(const struct deed *deed, const struct story *story, struct hf_body *body)
{
	body->level = deed->level;
	body->from.s = deed->from;
	body->until.s = deed->until;
	body->instructions = texts[deed->text];
	if (!deed->poll)
		return;
	body->polls[0] = (struct hf_poll_note){hf_poll_kind_name(deed->poll->timetable.kind), deed->poll->day};
	body->n_polls = 1;
	body->calendar = story->calendar.version;
}

static void sign(struct story *story, struct deed *deed)
{
	const char *account[] = {deed->account ? deed->account : "*"}, *exempt[] = {deed->exempt},
		   *group[] = {deed->group ? deed->group : "*"};
	struct hf_order doc = council_raise_doc(deed->kind);
	struct hf_digest of = {0};

	if (deed->act != HF_ACT_RAISE)
		of = story->deeds[story->raises[deed->lock]].envelope->digest;
	if (deed->act == HF_ACT_RELEASE)
		doc = council_release_doc(deed->kind, &of, 1);
	doc.act = deed->act;
	doc.mode = deed->mode;
	doc.at.s = deed->at;
	doc.of = of;
	doc.rev = deed->rev;
	if (deed->act != HF_ACT_RELEASE) {
		fill_body(deed, story, &doc.body);
		doc.body.accounts = (struct hf_strs){account, 1};
		doc.body.groups = (struct hf_strs){group, 1};
		doc.body.exempt = (struct hf_strs){exempt, deed->exempt ? 1 : 0};
	}
	doc.body.reason = deed->reason;
	deed->envelope = council_order(&story->council, &doc, deed->who);
}

static struct deed *next_deed(struct story *story)
{
	cr_assert_lt(story->n_deeds, DEEDS_MAX);
	return &story->deeds[story->n_deeds++];
}

static size_t raise(struct story *story, struct deed deed, const char *why)
{
	struct deed *mine = next_deed(story);

	cr_assert_lt(story->n_locks, LOCKS_MAX);
	deed.act = HF_ACT_RAISE;
	deed.lock = story->n_locks;
	deed.rev = 0;
	*mine = deed;
	cr_assert_eq(hf_str_printf(mine->reason, sizeof(mine->reason), "%s (%zu)", why, story->n_deeds), HF_OK);
	story->raises[story->n_locks++] = story->n_deeds - 1;
	sign(story, mine);
	return deed.lock;
}

/* The newest body of a lockdown, to be changed and written as its next revision. */
static struct deed next_body(const struct story *story, size_t lock)
{
	const struct deed *newest = &story->deeds[story->raises[lock]];

	for (size_t i = 0; i < story->n_deeds; i++)
		if (story->deeds[i].lock == lock && story->deeds[i].rev > newest->rev)
			newest = &story->deeds[i];
	return *newest;
}

static void amend(struct story *story, struct deed deed, int64_t at, unsigned who, const char *why)
{
	struct deed *mine = next_deed(story);

	deed.act = HF_ACT_AMEND;
	deed.at = at;
	deed.who = who;
	deed.rev++;
	*mine = deed;
	cr_assert_eq(hf_str_printf(mine->reason, sizeof(mine->reason), "%s (%zu)", why, story->n_deeds), HF_OK);
	sign(story, mine);
}

static void release(struct story *story, size_t lock, int64_t at, unsigned who, const char *why)
{
	struct deed *mine = next_deed(story);

	*mine = story->deeds[story->raises[lock]];
	mine->act = HF_ACT_RELEASE;
	mine->at = at;
	mine->who = who;
	cr_assert_eq(hf_str_printf(mine->reason, sizeof(mine->reason), "%s (%zu)", why, story->n_deeds), HF_OK);
	sign(story, mine);
}

/* What becomes of a period: D10 as it really goes. Each begins with the period as it was raised. */

static void twist_none(struct story *story, size_t lock, struct deed body)
{
	release(story, lock, body.from + DAY, ELECTIONS_1, "One officer alone cannot cancel it.");
	release(story, lock, body.from + DAY, ELECTIONS_1 | COMMS_1, "Nor with one whose role may not.");
}

static void twist_extend(struct story *story, size_t lock, struct deed body)
{
	int64_t at = body.until - 3 * DAY;

	(void)lock;
	body.until += 14 * DAY;
	body.text = 3;
	amend(story, body, at, ELECTIONS_1, "Poll countermanded: extended.");
}

static void twist_cancel_before(struct story *story, size_t lock, struct deed body)
{
	release(story, lock, body.from - 2 * DAY, BOTH, "No poll: all seats were uncontested.");
}

static void twist_cancel_inside(struct story *story, size_t lock, struct deed body)
{
	release(story, lock, body.from + 9 * DAY, BOTH, "Cancelled after it had begun.");
}

static void twist_forward(struct story *story, size_t lock, struct deed body)
{
	int64_t at = body.from - 9 * DAY;

	(void)lock;
	body.from -= 7 * DAY;
	amend(story, body, at, ELECTIONS_1, "Brought forward by a week.");
}

static void twist_words(struct story *story, size_t lock, struct deed body)
{
	int64_t at = body.from + 5 * DAY;

	body.text = 2;
	amend(story, body, at, ELECTIONS_1, "Other instructions.");
	body = next_body(story, lock);
	body.exempt = NULL;
	amend(story, body, at + DAY, ELECTIONS_1, "The same instructions, other reason.");
}

static void twist_shorten(struct story *story, size_t lock, struct deed body)
{
	int64_t at = body.from + 10 * DAY;

	(void)lock;
	body.until -= 5 * DAY;
	amend(story, body, at, ELECTIONS_1, "One officer alone cannot shorten it.");
	amend(story, body, at + DAY, BOTH, "Shortened by two.");
}

/* Two officers at one moment; then a revision that is no weaker than either. */
static void twist_fork(struct story *story, size_t lock, struct deed body)
{
	struct deed longer = body, stronger = body;
	int64_t at = body.from + 3 * DAY;

	longer.until += 6 * DAY;
	stronger.level = HF_LEVEL_BLOCK;
	amend(story, longer, at, ELECTIONS_1, "Longer.");
	amend(story, stronger, at, ELECTIONS_1, "Stronger.");
	stronger = next_body(story, lock);
	stronger.level = HF_LEVEL_GUARD;
	stronger.until = body.until;
	amend(story, stronger, at + DAY, ELECTIONS_1, "Neither: for one alone it loosens.");
	longer = next_body(story, lock);
	longer.rev = 1;
	longer.level = HF_LEVEL_BLOCK;
	longer.until = body.until + 6 * DAY;
	amend(story, longer, at + 8 * DAY, ELECTIONS_1, "Longer and stronger.");
}

static void twist_postpone(struct story *story, size_t lock, struct deed body)
{
	int64_t at = body.from - 5 * DAY;

	(void)lock;
	body.from += 7 * DAY;
	body.until += 7 * DAY;
	amend(story, body, at, BOTH, "Postponed by a week before it began.");
}

static void twist_exempt(struct story *story, size_t lock, struct deed body)
{
	int64_t at = body.from + 6 * DAY;

	(void)lock;
	body.exempt = "comms-1";
	body.level = HF_LEVEL_BLOCK;
	amend(story, body, at, ELECTIONS_1, "One officer alone exempts nobody.");
	amend(story, body, at + DAY, COMMS_1 | COMMS_2, "An exempt person, approved by the accounts role.");
}

typedef void twist(struct story *story, size_t lock, struct deed body);

static twist *const twists[] = {
	twist_none,  twist_extend,  twist_cancel_before, twist_cancel_inside, twist_forward,
	twist_words, twist_shorten, twist_fork,		 twist_postpone,      twist_exempt,
};

static size_t raise_period(struct story *story, const struct story_case *c, size_t i, enum hf_mode mode)
{
	struct deed deed = {
		.kind = HF_KIND_PURDAH,
		.mode = mode,
		.level = (i + i / HF_LEN(twists)) % 2 == 0 ? HF_LEVEL_GUARD : HF_LEVEL_BLOCK,
		.from = c->timetable.from.s,
		.until = c->timetable.until.s,
		.text = 1,
		.poll = c,
		.who = ELECTIONS_1,
	};

	deed.at = deed.from - (int64_t)(10 + i % 6 * 5) * DAY + (int64_t)(i % 8) * STORY_HOUR;
	if (i % 5 == 3)
		deed.account = i % 2 == 0 ? "x:ccdc_sbc" : "instagram:visitcannockchase";
	if (i % 7 == 5)
		deed.group = "civic-centre";
	if (i % 9 == 4)
		deed.exempt = "comms-2";
	if (i % 11 == 9)
		deed.at = deed.from + 30 * STORY_HOUR; /* forgotten, and raised late */
	return raise(story, deed, c->id);
}

/* Emergencies (policy D9): the designated officer is exempt, and two officers end it. */
static void emergency(struct story *story, int64_t at, int64_t hours, enum hf_mode mode)
{
	struct deed deed = {
		.kind = HF_KIND_EMERGENCY,
		.mode = mode,
		.level = HF_LEVEL_BLOCK,
		.at = at,
		.from = at,
		.exempt = "comms-2",
		.account = hours % 2 == 0 ? "facebook:cannockchasedc" : NULL,
		.who = COMMS_1,
	};
	size_t lock = raise(story, deed, "A major incident.");
	int64_t end = at + hours * STORY_HOUR;

	if (deed.account) {
		deed = next_body(story, lock);
		deed.account = NULL;
		amend(story, deed, at + STORY_HOUR, COMMS_2, "Every account, after an hour.");
	}
	if (mode == HF_MODE_LIVE) {
		release(story, lock, (at + end) / 2, COMMS_1 | COMMS_1_SECOND, "Two keys of one person.");
		release(story, lock, (at + end) / 2, BOTH, "Elections may not end an emergency.");
	}
	release(story, lock, end, mode == HF_MODE_LIVE ? COMMS_1 | MONITORING_1 : COMMS_2, "All clear.");
}

static void write_case(struct story *story, size_t i)
{
	const struct story_case *c = &story->cases[i];
	int64_t from = c->timetable.from.s, until = c->timetable.until.s;
	size_t lock = raise_period(story, c, i, HF_MODE_LIVE);

	twists[i % HF_LEN(twists)](story, lock, next_body(story, lock));
	if (i % 3 == 0)
		emergency(story, from + 4 * DAY + (int64_t)i * STORY_HOUR, 30 + (int64_t)i, HF_MODE_LIVE);
	if (i % 6 == 1) /* the period ends inside the emergency */
		emergency(story, until - 12 * STORY_HOUR, 71, HF_MODE_LIVE);
	if (i % 6 == 2) /* it begins inside the emergency */
		emergency(story, from - 20 * STORY_HOUR, 50, HF_MODE_LIVE);
	if (i % 5 == 2)
		emergency(story, from + 2 * DAY, 5, HF_MODE_EXERCISE);
	if (i % 7 == 0)
		raise_period(story, c, i + 1, HF_MODE_EXERCISE);
}

void story_open(struct story *story)
{
	memset(story, 0, sizeof(*story));
	council_open(&story->council);
	story->reg = council_register_doc();
	for (size_t i = 0; i < HF_LEN(texts); i++)
		cr_assert_eq(hf_instructions_digest(texts[i], &story->texts[i]), HF_OK);
	read_calendar(story);
	read_cases(story);
	for (size_t i = 0; i < story->n_cases; i++)
		write_case(story, i);
	for (int64_t month = 2; month < 36; month += 7) /* beside any election */
		emergency(story, STORY_BEGINS + month * 30 * DAY + 2 * STORY_HOUR, 41, HF_MODE_LIVE);
}

void story_close(struct story *story)
{
	for (size_t i = 0; i < story->n_deeds; i++)
		hf_envelope_free(&story->deeds[i].envelope);
	hf_calendar_done(&story->calendar);
	council_close(&story->council);
}

size_t story_lock_of(const struct story *story, const struct hf_digest *id)
{
	for (size_t i = 0; i < story->n_locks; i++)
		if (hf_digest_cmp(&story->deeds[story->raises[i]].envelope->digest, id) == 0)
			return i;
	return LOCKS_MAX;
}

size_t story_text_of(const struct story *story, const struct hf_digest *text)
{
	for (size_t i = 0; i < HF_LEN(texts); i++)
		if (hf_digest_cmp(&story->texts[i], text) == 0)
			return i;
	cr_assert_fail("instructions that nobody wrote");
	return 0;
}
