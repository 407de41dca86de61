/* SPDX-License-Identifier: MIT */
/*
 * What a door's answer means to a laptop: it asks again, sooner or later, and believes nothing but a bundle. Attack: a
 * captive portal answers in the door's place.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/join/joining.h"

struct hear_row {
	const char *what;
	long status;
	const char *text;
	unsigned tries;
	bool approved;
	int64_t retry_s;
	const char *why;
};

Test(joining, what_a_door_says)
{
	static const struct hear_row rows[] = {
		{"it waits for IT", 202, "{\"retry_s\":30}", 3, false, 30, ""},
		{"in a hundred years", 202, "{\"retry_s\":9999999999}", 0, false, 15, ""},
		{"approved", 200, "{\"bundle\":{}}", 0, true, 15, ""},
		{"approved, and no bundle", 200, "{\"bundle\":[]}", 0, false, 15, "it did not say why"},
		{"refused", 403, "{\"message\":\"no\"}", 1, false, 30, "no"},
		{"a captive portal", 200, "<html>", 0, false, 15, "what answers there is not the council's door"},
		{"nobody there", 0, "no route", 2, false, 60, "no route"},
		{"for a long time", 0, "no route", 60, false, 900, "no route"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct hear_row *r = &rows[i];
		struct hf_joined joined;

		hf_joining_hear(r->status, r->text, strlen(r->text), r->tries, &joined);
		cr_expect_eq(joined.approved, r->approved, "%s", r->what);
		cr_expect_eq(joined.bundle != NULL, r->approved, "%s", r->what);
		cr_expect_eq(joined.retry_s, r->retry_s, "%s: %lld", r->what, (long long)joined.retry_s);
		cr_expect_str_eq(joined.why, r->why, "%s", r->what);
		json_decref(joined.bundle);
	}
}
