/* SPDX-License-Identifier: MIT */
/*
 * Bank holidays that an officer renews without a build (policy D10): merged, and refused when damaged.
 * Must never look at the calendar that is shipped: each row is its own.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/calendar.h>
#include <holdfast/str.h>

#define EVENT(date, title) "{\"title\":\"" title "\",\"date\":\"" date "\",\"notes\":\"\",\"bunting\":true}"
#define EW(events) "{\"england-and-wales\":{\"division\":\"england-and-wales\",\"events\":[" events "]}}"

Test(calendar, reads_the_feed_or_refuses_it)
{
	static const struct {
		const char *what, *text;
		enum hf_rc want;
	} rows[] = {
		{"one holiday", EW(EVENT("2027-01-01", "New Year")), HF_OK},
		{"not in order", EW(EVENT("2027-05-03", "May") "," EVENT("2027-01-01", "New Year")), HF_OK},
		{"a date that is none", EW(EVENT("2027-02-30", "Never")), HF_E_SHAPE},
		{"a malformed date", EW(EVENT("2027-1-1", "New Year")), HF_E_SHAPE},
		{"a day twice", EW(EVENT("2027-01-01", "A") "," EVENT("2027-01-01", "B")), HF_E_SHAPE},
		{"years missing", EW(EVENT("2025-01-01", "A") "," EVENT("2027-01-01", "B")), HF_E_SHAPE},
		{"no events", EW(""), HF_E_SHAPE},
		{"an unknown division", "{\"wales\":{\"events\":[" EVENT("2027-01-01", "A") "]}}", HF_E_SHAPE},
		{"nothing", "{}", HF_E_SHAPE},
		{"no JSON", "<html>", HF_E_JSON},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_calendar calendar = {0};
		struct hf_err err = {{0}};
		cr_expect_eq(hf_calendar_read(rows[i].text, strlen(rows[i].text), &calendar, &err), rows[i].want,
			     "%s: %s", rows[i].what, err.text);
		hf_calendar_done(&calendar);
	}
}

static struct hf_calendar made(const char *text)
{
	struct hf_calendar calendar = {0};
	struct hf_err err = {{0}};
	cr_assert_eq(hf_calendar_read(text, strlen(text), &calendar, &err), HF_OK, "%s", err.text);
	return calendar;
}

#define HELD EW(EVENT("2025-01-01", "A") "," EVENT("2026-01-01", "B") "," EVENT("2026-05-04", "May"))

Test(calendar, is_merged_never_replaced)
{
	static const struct {
		const char *what, *newer;
		enum hf_rc want;
		size_t holidays;
	} rows[] = {
		{"old years pruned by the feed are kept", EW(EVENT("2027-01-01", "C")), HF_OK, 4},
		{"a holiday is proclaimed",
		 EW(EVENT("2026-01-01", "B") "," EVENT("2026-05-04", "May") "," EVENT("2026-09-01", "New")), HF_OK, 4},
		{"a holiday is moved", EW(EVENT("2026-01-01", "B") "," EVENT("2026-05-08", "May")), HF_OK, 3},
		{"a holiday is lost", EW(EVENT("2026-01-01", "B")), HF_E_MISMATCH, 0},
		{"years are missing between", EW(EVENT("2028-01-01", "D")), HF_E_MISMATCH, 0},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_calendar held = made(HELD), newer = made(rows[i].newer), merged = {0};
		struct hf_err err = {{0}};
		cr_expect_eq(hf_calendar_merge(&held, &newer, &merged, &err), rows[i].want, "%s: %s", rows[i].what,
			     err.text);
		cr_expect_eq(merged.divisions[HF_ENGLAND_AND_WALES].n, rows[i].holidays, "%s", rows[i].what);
		hf_calendar_done(&held);
		hf_calendar_done(&newer);
		hf_calendar_done(&merged);
	}
}

/* The version that an order keeps is that of the content, not of the file. */
Test(calendar, version_is_of_the_content)
{
	struct hf_calendar a = made(HELD), empty = {0}, b = {0}, c = made(EW(EVENT("2025-01-02", "A")));
	cr_assert_eq(hf_calendar_merge(&a, &empty, &b, NULL), HF_OK);
	cr_expect_eq(hf_digest_cmp(&a.version, &b.version), 0, "the same content");
	cr_expect_neq(hf_digest_cmp(&a.version, &c.version), 0, "other content");
	hf_calendar_done(&a);
	hf_calendar_done(&b);
	hf_calendar_done(&c);
}
