/* SPDX-License-Identifier: MIT */
/*
 * Holds the text of a time and its way back to the calendar.
 * Must never look at a clock.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <time.h>

#include <holdfast/str.h>
#include <holdfast/time.h>

Test(time, text)
{
	static const struct {
		int64_t s;
		const char *text;
	} rows[] = {
		{0, "no end"},
		{1, "1970-01-01 00:00:01 UTC"},
		{1778187605, "2026-05-07 21:00:05 UTC"},
		{951782400, "2000-02-29 00:00:00 UTC"},
		{2147483648, "2038-01-19 03:14:08 UTC"},
		{HF_WALL_MAX, "9999-12-31 23:59:59 UTC"},
		{HF_WALL_MAX + 1, "an impossible time"},
		{-1, "an impossible time"},
		{INT64_MAX, "an impossible time"},
		{INT64_MIN, "an impossible time"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char text[HF_WALL_TEXT_SIZE];
		cr_expect_str_eq(hf_wall_text((struct hf_wall){rows[i].s}, text), rows[i].text, "Time: %" PRId64,
				 rows[i].s);
	}
}

Test(time, parse)
{
	static const struct {
		const char *what, *text;
		int64_t want; /* -1: refused */
	} rows[] = {
		{"the first second", "1970-01-01T00:00:00Z", 0},
		{"a polling day", "2026-05-07T21:00:05Z", 1778187605},
		{"29 February of a leap year", "2028-02-29T12:00:00Z", 1835438400},
		{"29 February 2000", "2000-02-29T00:00:00Z", 951782400},
		{"29 February of no leap year", "2026-02-29T12:00:00Z", -1},
		{"29 February 2100", "2100-02-29T12:00:00Z", -1},
		{"31 April", "2026-04-31T12:00:00Z", -1},
		{"day 0", "2026-04-00T12:00:00Z", -1},
		{"month 0", "2026-00-01T12:00:00Z", -1},
		{"month 13", "2026-13-01T12:00:00Z", -1},
		{"hour 24", "2026-04-01T24:00:00Z", -1},
		{"minute 60", "2026-04-01T12:60:00Z", -1},
		{"a leap second has no number", "2016-12-31T23:59:60Z", -1},
		{"1969", "1969-12-31T23:59:59Z", -1},
		{"the last second", "9999-12-31T23:59:59Z", HF_WALL_MAX},
		{"small z", "2026-05-07T21:00:05z", -1},
		{"no zone", "2026-05-07T21:00:05", -1},
		{"a zone", "2026-05-07T21:00:05+01:00", -1},
		{"a space", "2026-05-07 21:00:05Z", -1},
		{"signs for digits", "2026-+5-07T21:00:05Z", -1},
		{"seconds", "1778187605", 1778187605},
		{"seconds, none", "0", 0},
		{"seconds, the last", "253402300799", HF_WALL_MAX},
		{"seconds, one more", "253402300800", -1},
		{"seconds, far too many", "99999999999999999999999", -1},
		{"seconds below 0", "-1", -1},
		{"empty", "", -1},
		{"words", "tomorrow", -1},
		{"seconds and more", "17 ", -1},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_wall t = {-7};
		enum hf_rc rc = hf_wall_parse(rows[i].text, &t);
		cr_expect_eq(rc, rows[i].want < 0 ? HF_E_SHAPE : HF_OK, "D10, Time: %s", rows[i].what);
		cr_expect_eq(t.s, rows[i].want < 0 ? -7 : rows[i].want, "D10, Time: %s", rows[i].what);
	}
}

/* Every 13th day of the calendar against the C library's. */
Test(time, calendar)
{
	for (int64_t s = 47; s <= HF_WALL_MAX; s += 13 * 86400 + 3607) {
		char text[HF_WALL_TEXT_SIZE], want[HF_WALL_TEXT_SIZE], iso[HF_WALL_TEXT_SIZE];
		struct tm tm;
		time_t when = (time_t)s;
		cr_assert_not_null(gmtime_r(&when, &tm));
		strftime(want, sizeof(want), "%Y-%m-%d %H:%M:%S UTC", &tm);
		cr_assert_str_eq(hf_wall_text((struct hf_wall){s}, text), want, "Time: %" PRId64, s);
		strftime(iso, sizeof(iso), "%Y-%m-%dT%H:%M:%SZ", &tm);
		struct hf_wall back = {0};
		cr_assert_eq(hf_wall_parse(iso, &back), HF_OK, "Time: %s", iso);
		cr_assert_eq(back.s, s, "Time: %s", iso);
	}
}
