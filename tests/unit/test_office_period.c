/* SPDX-License-Identifier: MIT */
/*
 * Owns times as officers write them, pairs of a day and a kind, and the period that an order gets from them.
 * Must never compute an expected date with the code under test.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "controller/office/compose.h"
#include "controller/office/times.h"
#include "tests/unit/help_view.h"

#define HOLIDAYS HF_SOURCE_DIR "/deploy/calendar/bank-holidays.json"
#define LIST(...)                                                                                                      \
	{                                                                                                              \
		.v = {__VA_ARGS__}, .n = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)                        \
	}

static const struct hf_office here = {.calendar = HOLIDAYS};

Test(office_period, d10_times_are_local_or_utc)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} rows[] = {
		{"2027-05-06 22:00", 1809637200},
		{"2027-01-06 22:00", 1799272800},
		{"2027-03-31 00:01", 1806447660},
		{"2027-05-06T21:00:00Z", 1809637200},
		{"1809637200", 1809637200},
		{"2027-10-31 01:30 BST", 1824942600},
		{"2027-10-31 01:30 GMT", 1824946200},
		{"2027-10-31 00:59", 1824940740},
		{"2027-10-31 02:00", 1824948000},
		{"2027-03-28 00:59", 1806195540},
		{"2027-03-28 02:00", 1806195600},
		{"2027-10-31 01:00", -1},
		{"2027-10-31 01:59", -1},
		{"2027-03-28 01:00", -1},
		{"2027-03-28 01:59", -1},
		{"2027-05-06 22:00 CET", -1},
		{"2027-05-06 22:00 ", -1},
		{"2027-05-06 24:00", -1},
		{"2027-05-06 22:60", -1},
		{"2027-02-29 10:00", -1},
		{"2027-05-06 2:00", -1},
		{"2027-05-06 22-00", -1},
		{"2027-05-06 aa:bb", -1},
		{"2027-05-06T22:00", -1},
		{"2027-05-06", -1},
		{"tomorrow", -1},
		{"", -1},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_wall t = {-1};
		enum hf_rc rc = hf_times_parse(rows[i].text, &t);
		cr_expect_eq(t.s, rows[i].want, "D10: %s gave %lld", rows[i].text, (long long)t.s);
		cr_expect_eq(rc, rows[i].want < 0 ? HF_E_SHAPE : HF_OK, "%s", rows[i].text);
	}
}

Test(office_period, d10_an_hour_that_comes_twice_or_never_is_asked_about)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"2027-10-31 01:30", "comes twice, for the clocks go back: say \"2027-10-31 01:30 BST\""},
		{"2027-03-28 01:30", "is never: the clocks go forward past 2027-03-28 01:30"},
		{"2027-03-28 25:30", "must be a time such as"},
		{"soon", "must be a time such as"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_err err = {0};
		struct hf_wall t = {-1};
		cr_expect_eq(hf_times_wished("start", rows[i].text, &t, &err), HF_E_USAGE, "%s", rows[i].text);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].text, err.text);
		cr_expect_eq(t.s, -1);
	}
}

Test(office_period, d10_times_are_shown_in_both)
{
	char text[HF_TIMES_TEXT_SIZE], utc[HF_TIMES_UTC_SIZE];
	cr_expect_str_eq(hf_times_text((struct hf_wall){1806447660}, text),
			 "2027-03-31 00:01 BST (2027-03-30 23:01:00 UTC)", "D10: local with UTC beside");
	cr_expect_str_eq(hf_times_text((struct hf_wall){0}, text), "no end");
	cr_expect_str_eq(hf_times_utc((struct hf_wall){1806447660}, utc), "2027-03-30T23:01:00Z");
}

Test(office_period, d10_polls_come_in_pairs)
{
	static const struct {
		const char *what;
		struct hf_polls_wish wish;
		enum hf_rc want;
		const char *says;
	} rows[] = {
		{"no poll", {.kinds = LIST("pcc")}, HF_E_USAGE, "pair"},
		{"no kind", {.polls = LIST("2027-05-06")}, HF_E_USAGE, "pair"},
		{"a kind that is none", {.polls = LIST("2027-05-06"), .kinds = LIST("x")}, HF_E_USAGE, "parish-by"},
		{"a day that is none", {.polls = LIST("2027-02-30"), .kinds = LIST("pcc")}, HF_E_USAGE, "2027-02-30"},
		{"a day of mourning that is none",
		 {.polls = LIST("2027-05-06"), .kinds = LIST("pcc"), .also = LIST("x")},
		 HF_E_USAGE,
		 "day to disregard"},
		{"a by-election that its writ decides",
		 {.polls = LIST("2027-05-06"), .kinds = LIST("ukparl-by")},
		 HF_E_ABSENT,
		 "writ"},
		{"a calendar that is not there",
		 {.polls = LIST("2027-05-06"), .kinds = LIST("pcc"), .calendars = LIST("/nowhere.json")},
		 HF_E_ABSENT,
		 "nowhere"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_period struct hf_period period = {0};
		struct hf_err err = {{0}};
		cr_expect_eq(hf_period_open(&here, &rows[i].wish, false, &period, &err), rows[i].want, "D10: %s",
			     rows[i].what);
		cr_expect_not_null(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

Test(office_period, d10_combined_polls_start_first_and_end_last)
{
	static const struct hf_polls_wish wish = {.polls = LIST("2027-05-06", "2027-05-13", "2027-05-06"),
						  .kinds = LIST("principal", "parish-by", "gla")};
	static const struct hf_polls_wish writ = {.polls = LIST("2027-05-06", "2027-05-13"),
						  .kinds = LIST("principal", "ukparl-by")};
	hf_auto_period struct hf_period period = {0}, by_writ = {0};
	char text[HF_TIMES_TEXT_SIZE];
	cr_assert_eq(hf_period_open(&here, &wish, false, &period, NULL), HF_OK);
	cr_expect_eq(period.n_polls, 3, "every part is kept");
	cr_expect_str_eq(hf_times_text(period.from, text), "2027-03-22 00:01 GMT (2027-03-22 00:01:00 UTC)");
	cr_expect_str_eq(hf_times_text(period.until, text), "2027-05-13 22:00 BST (2027-05-13 21:00:00 UTC)");
	cr_assert_eq(hf_period_open(&here, &writ, true, &by_writ, NULL), HF_OK);
	cr_expect_eq(by_writ.from.s, 0, "a part without a start: nobody guesses one for all");
	cr_expect_eq(by_writ.until.s, period.until.s);
}

static int64_t number(json_t *payload, const char *name)
{
	return json_integer_value(json_object_get(payload, name));
}

Test(office_period, d10_a_raise_keeps_its_timetable)
{
	static const struct hf_polls_wish polls = {.polls = LIST("2027-05-06"), .kinds = LIST("principal")};
	desk_auto struct desk desk;
	hf_auto_json json_t *payload = NULL;
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_order struct hf_order *order = NULL;
	struct hf_err err = {{0}};
	struct hf_wishes wishes = {
		.reason = "Elections", .level = "block", .instructions_file = HF_SOURCE_DIR "/.clang-format"};

	desk_open(&desk);
	cr_assert_eq(hf_period_open(&here, &polls, false, &desk.period, NULL), HF_OK);
	wishes.period = &desk.period;
	payload = hf_compose_purdah(&desk.view, HF_MODE_LIVE, "elections-1", &desk.period);
	cr_assert_eq(hf_compose_apply(&desk.view, &wishes, payload, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_compose_order(&desk.view, json_incref(payload), &envelope, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_order_decode(envelope, &order, &err), HF_OK);
	cr_expect_eq(order->kind, HF_KIND_PURDAH);
	cr_expect_eq(order->body.level, HF_LEVEL_BLOCK);
	cr_expect_eq(order->body.exempt.n, 0, "D10: nobody is exempt unless named");
	cr_expect_eq(order->body.from.s, 1806447660, "00:01 on the notice day");
	cr_expect_eq(order->body.until.s, 1809637200, "22:00 on polling day");
	cr_assert_eq(order->body.n_polls, 1);
	cr_expect_str_eq(order->body.polls[0].kind, "principal");
	cr_expect_eq(hf_digest_cmp(&order->body.calendar, &desk.period.calendar.version), 0);
}

Test(office_period, d10_a_restated_timetable_never_loosens_by_itself)
{
	enum { FROM = 1806447660, UNTIL = 1809637200, EARLY = FROM - 86400, LATE = UNTIL + 86400 };
	static const struct hf_polls_wish polls = {.polls = LIST("2027-05-06"), .kinds = LIST("principal")};
	static const struct {
		const char *what;
		int64_t now, from, until, want_from, want_until;
	} rows[] = {
		{"a start that is late comes forward", COUNCIL_T, FROM + 60, UNTIL, FROM, UNTIL},
		{"the officer's earlier start stays", COUNCIL_T, EARLY, UNTIL, EARLY, UNTIL},
		{"the officer's later end stays", COUNCIL_T, FROM, LATE, FROM, LATE},
		{"an end before the polls close moves", COUNCIL_T, FROM, UNTIL - 60, FROM, UNTIL},
		{"what has begun is not moved", FROM + 90, FROM + 60, UNTIL - 60, FROM + 60, UNTIL},
	};
	desk_auto struct desk desk;

	desk_open(&desk);
	cr_assert_eq(hf_period_open(&here, &polls, false, &desk.period, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *payload = hf_compose_purdah(&desk.view, HF_MODE_LIVE, "elections-1", &desk.period);
		struct hf_wishes wishes = {.period = &desk.period};

		desk.view.now.s = rows[i].now;
		json_object_set_new(payload, "from", json_integer(rows[i].from));
		json_object_set_new(payload, "until", json_integer(rows[i].until));
		cr_assert_eq(hf_compose_apply(&desk.view, &wishes, payload, NULL), HF_OK);
		cr_expect_eq(number(payload, "from"), rows[i].want_from, "D10: %s", rows[i].what);
		cr_expect_eq(number(payload, "until"), rows[i].want_until, "D10: %s", rows[i].what);
	}
}
