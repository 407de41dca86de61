/* SPDX-License-Identifier: MIT */
/*
 * The last lawful dates of policy D10: published cases, computed edge cases, calendars that are refused.
 * Must never compute an expected date with the code under test.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/london.h>
#include <holdfast/timetable.h>

#define HOLIDAYS HF_SOURCE_DIR "/deploy/calendar/bank-holidays.json"
#define CASES HF_SOURCE_DIR "/tests/unit/elections/cases-dev.json"
#define EDGES HF_SOURCE_DIR "/tests/unit/elections/edge-cases-computed.json"

static struct hf_calendar holidays;

static void begin(void)
{
	struct hf_err err = {{0}};
	char *text = NULL;
	size_t len = 0;
	cr_assert_eq(hf_fs_read(HOLIDAYS, HF_CALENDAR_FILE_MAX, &text, &len, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_calendar_read(text, len, &holidays, &err), HF_OK, "%s", err.text);
	free(text);
}

static void end(void)
{
	hf_calendar_done(&holidays);
}

TestSuite(timetable, .init = begin, .fini = end);

static json_t *load_rows(const char *path)
{
	json_error_t why;
	json_t *rows = json_load_file(path, 0, &why);
	cr_assert(json_is_array(rows), "%s: %s", path, why.text);
	return rows;
}

static const char *text_of(json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	cr_assert_not_null(text, "a case has no %s", name);
	return text;
}

static struct hf_day day_of(const char *text)
{
	struct hf_day day = {0};
	cr_assert_eq(hf_day_parse(text, &day), HF_OK, "%s", text);
	return day;
}

static void expect_day(struct hf_day got, const char *want, const char *what)
{
	char text[HF_DAY_TEXT_SIZE];
	cr_expect_str_eq(hf_day_text(got, text), want, "%s: want %s, got %s", what, want, text);
}

/* From the notice to the poll each day works or is left out: what is no working day of the count is named, once. */
static void expect_left_out(const struct hf_timetable *t, const char *what)
{
	size_t want = t->calendar_days ? 0 : (size_t)(t->poll.n - t->notice_by.n - t->days);

	cr_expect_eq(t->n_left_out, want, "%s: %zu days are left out, %zu named", what, want, t->n_left_out);
	for (size_t i = 0; i < t->n_left_out; i++) {
		const struct hf_left_out *out = &t->left_out[i];

		cr_expect_neq(out->why, HF_WORKS, "%s: day %zu", what, i);
		cr_expect(out->day.n > t->notice_by.n && out->day.n < t->poll.n, "%s: day %zu", what, i);
		cr_expect(i == 0 || out->day.n > out[-1].day.n, "%s: day %zu", what, i);
	}
}

/* A date that a published timetable gives for so many days before the poll must be the same here. */
static void expect_other_dates(json_t *row, struct hf_day poll, unsigned divisions)
{
	struct hf_disregard disregard = {.calendar = &holidays, .divisions = divisions};
	const char *days;
	json_t *date;
	json_object_foreach(json_object_get(row, "other_working_day_dates"), days, date)
	{
		struct hf_day got = {0};
		cr_assert_eq(hf_working_days_before(&disregard, poll, atoi(days), &got, NULL), HF_OK);
		expect_day(got, json_string_value(date), text_of(row, "id"));
	}
}

Test(timetable, d10_published_cases)
{
	json_t *rows = load_rows(CASES), *row;
	size_t i, n = 0;
	json_array_foreach(rows, i, row)
	{
		enum hf_poll_kind kind = HF_POLL_KIND_COUNT;
		struct hf_timetable t;
		struct hf_err err = {{0}};
		struct hf_day poll = day_of(text_of(row, "poll"));
		cr_assert_eq(hf_poll_kind_of(text_of(row, "kind"), &kind), HF_OK, "%s", text_of(row, "kind"));
		cr_assert_eq(hf_timetable_of(kind, poll, (struct hf_disregard){.calendar = &holidays}, &t, &err), HF_OK,
			     "%s: %s", text_of(row, "id"), err.text);
		cr_expect_eq(t.days, json_integer_value(json_object_get(row, "days")), "%s", text_of(row, "id"));
		expect_day(t.notice_by, text_of(row, "expected_notice_date"), text_of(row, "id"));
		expect_other_dates(row, poll, hf_poll_kind_divisions(kind));
		expect_left_out(&t, text_of(row, "id"));
		n++;
	}
	cr_expect_geq(n, 22, "all published cases were there");
	json_decref(rows);
}

/* A copy of the calendar without some days, as it was known before they were proclaimed. */
static struct hf_calendar without(json_t *removed)
{
	struct hf_calendar empty = {0}, copy = {0};
	cr_assert_eq(hf_calendar_merge(&holidays, &empty, &copy, NULL), HF_OK);
	size_t i;
	json_t *date;
	json_array_foreach(removed, i, date)
	{
		struct hf_day day = day_of(json_string_value(date));
		for (int d = 0; d < HF_DIVISION_COUNT; d++) {
			struct hf_holidays *h = &copy.divisions[d];
			for (size_t k = 0; k < h->n; k++)
				if (h->v[k].day.n == day.n)
					memmove(&h->v[k], &h->v[k + 1], (--h->n - k) * sizeof(*h->v));
		}
	}
	return copy;
}

static struct hf_day count(json_t *row, const struct hf_disregard *disregard)
{
	struct hf_day got = {0};
	struct hf_err err = {{0}};
	int days = (int)json_integer_value(json_object_get(row, "days"));
	enum hf_rc rc = json_object_get(row, "direction")
				? hf_working_days_after(disregard, day_of(text_of(row, "start")), days, &got, &err)
				: hf_working_days_before(disregard, day_of(text_of(row, "poll")), days, &got, &err);
	cr_assert_eq(rc, HF_OK, "%s: %s", text_of(row, "id"), err.text);
	return got;
}

Test(timetable, d10_edge_cases)
{
	json_t *rows = load_rows(EDGES), *row, *date;
	size_t i, k, n = 0;
	json_array_foreach(rows, i, row)
	{
		struct hf_day also[HF_ALSO_MAX];
		struct hf_calendar known = without(json_object_get(row, "removed_holidays"));
		struct hf_disregard disregard = {.calendar = &known, .also = also};
		disregard.divisions =
			strcmp(text_of(row, "calendar"), "UK") == 0 ? HF_DIVISIONS_ALL : 1u << HF_ENGLAND_AND_WALES;
		json_array_foreach(json_object_get(row, "extra_disregarded"), k, date) also[disregard.n_also++] =
			day_of(json_string_value(date));
		expect_day(count(row, &disregard), text_of(row, "expected_date"), text_of(row, "id"));
		hf_calendar_done(&known);
		n++;
	}
	cr_expect_geq(n, 24, "all edge cases were there");
	json_decref(rows);
}

/* D10: the default period runs from 00:01 on the notice day to 22:00 on polling day, as London's clocks show it. */
Test(timetable, d10_suggested_period_crosses_summer_time)
{
	static const struct {
		const char *what, *poll, *from, *until;
	} rows[] = {
		{"both in summer time", "2027-05-06", "2027-03-31 00:01 BST", "2027-05-06 22:00 BST"},
		{"starts in winter time, ends in summer time", "2026-04-16", "2026-03-10 00:01 GMT",
		 "2026-04-16 22:00 BST"},
		{"starts in summer time, ends in winter time", "2021-12-02", "2021-10-28 00:01 BST",
		 "2021-12-02 22:00 GMT"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_timetable t;
		char text[HF_WALL_TEXT_SIZE];
		cr_assert_eq(hf_timetable_of(HF_POLL_PRINCIPAL, day_of(rows[i].poll),
					     (struct hf_disregard){.calendar = &holidays}, &t, NULL),
			     HF_OK);
		cr_expect_str_eq(hf_london_text(t.from, text), rows[i].from, "%s: %s", rows[i].what, text);
		cr_expect_str_eq(hf_london_text(t.until, text), rows[i].until, "%s: %s", rows[i].what, text);
	}
}

/* PPERA 2000 s.125: 28 calendar days ending with the date of the poll, weekends and holidays included. */
Test(timetable, d10_ppera_referendum_counts_calendar_days)
{
	struct hf_timetable t;
	cr_assert_eq(hf_timetable_of(HF_POLL_PPERA_REFERENDUM, day_of("2026-05-07"),
				     (struct hf_disregard){.calendar = &holidays}, &t, NULL),
		     HF_OK);
	expect_day(t.notice_by, "2026-04-10", "28 days ending with the poll");
	cr_expect(t.calendar_days);
}

Test(timetable, d10_a_day_left_out_says_why)
{
	static const struct {
		const char *date;
		enum hf_why_not why;
	} rows[] = {
		{"2026-04-03", HF_GOOD_FRIDAY},	 {"2026-04-04", HF_SAT},	   {"2026-04-05", HF_SUN},
		{"2026-04-06", HF_BANK_HOLIDAY}, {"2026-12-24", HF_CHRISTMAS_EVE}, {"2026-12-25", HF_CHRISTMAS_DAY},
		{"2026-04-14", HF_ALSO},	 {"2026-04-15", HF_WORKS},
	};
	struct hf_day also = day_of("2026-04-14");
	struct hf_disregard disregard = {
		.calendar = &holidays, .divisions = 1u << HF_ENGLAND_AND_WALES, .also = &also, .n_also = 1};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_disregarded(&disregard, day_of(rows[i].date), NULL), rows[i].why, "%s", rows[i].date);
}

/* A calendar that does not reach is an error, never "no holidays"; what a poll does not fix is not guessed. */
Test(timetable, d10_refuses_what_it_cannot_know)
{
	static const struct {
		const char *what, *poll;
		enum hf_poll_kind kind;
		enum hf_rc want;
		const char *says;
	} rows[] = {
		{"the poll is after the calendar", "2029-05-03", HF_POLL_PRINCIPAL, HF_E_ABSENT, "reaches"},
		{"the notice is before the calendar", "2015-01-08", HF_POLL_PRINCIPAL, HF_E_ABSENT, "reaches"},
		{"a parliamentary by-election", "2026-05-07", HF_POLL_UKPARL_BY, HF_E_USAGE, "writ"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_timetable t;
		struct hf_err err = {{0}};
		cr_expect_eq(hf_timetable_of(rows[i].kind, day_of(rows[i].poll),
					     (struct hf_disregard){.calendar = &holidays}, &t, &err),
			     rows[i].want, "%s", rows[i].what);
		cr_expect_not_null(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

/* LGA 1972 s.89 and the parishes rules: the last possible polling day after a vacancy. */
Test(timetable, d10_last_poll_after_a_vacancy)
{
	struct hf_disregard disregard = {.calendar = &holidays};
	struct hf_day got = {0};
	cr_assert_eq(hf_timetable_last_poll(HF_POLL_PRINCIPAL_BY, day_of("2025-11-20"), disregard, &got, NULL), HF_OK);
	expect_day(got, "2026-01-14", "principal: 35 working days");
	cr_assert_eq(hf_timetable_last_poll(HF_POLL_PARISH_BY, day_of("2025-11-20"), disregard, &got, NULL), HF_OK);
	expect_day(got, "2026-02-18", "parish: 60 working days");
	cr_expect_eq(hf_timetable_last_poll(HF_POLL_GLA, day_of("2025-11-20"), disregard, &got, NULL), HF_E_USAGE);
}
