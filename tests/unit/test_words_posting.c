/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences about a holding message (policy D9.3), for its poster and for whoever else holds the account.
 * Must never take an exercise for the real thing.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "agent/terminal/words_posting.h"

#define A "x:CannockChaseDC"

/* clang-format off */
static const struct {
	const char *state;
	bool you, open, drill;
	const char *says, *never;
} rows[] = {
	{ "asked",     true,  false, false, "Open it for 15 minutes: holdfast-agent pass " A, "Post it now" },
	{ "asked",     true,  true,  false, "Post it now, once, and nothing else; then: holdfast-agent posted " A, "pass " },
	{ "asked",     true,  false, true,  "Post nothing: this is an exercise.", "Post it now" },
	{ "claimed",   true,  false, false, "it is not open yet", "Post it now" },
	{ "open",      true,  false, false, "2:05 minutes are left", "Open it for" },
	{ "open",      true,  false, true,  "Post nothing, this is an exercise; then: holdfast-agent posted " A, "Post it now" },
	{ "ended",     true,  false, false, "It opens only once.", "Open it for" },
	{ "ended",     true,  false, false, "Whom to ring: Duty officer 4000", "minutes are left" },
	{ "cannot",    true,  false, false, "You have said that you cannot post it.", "holdfast-agent" },
	{ "posted",    true,  false, false, "You have said that it is posted.", "holdfast-agent" },
	{ "posted",    true,  false, false, "The post: https://x.com/p/1", "holdfast-agent" },
	{ "elsewhere", true,  false, false, "on your other device", "holdfast-agent" },
	{ "elsewhere", true,  false, false, "on the device d9", "holdfast-agent" },
	{ "asked",     false, false, false, "comms-2 has not begun yet.", "holdfast-agent" },
	{ "claimed",   false, false, false, "comms-2 has asked for the posting window", "holdfast-agent" },
	{ "open",      false, false, false, "comms-2 has the posting window open now.", "minutes are left" },
	{ "ended",     false, false, false, "nobody has said yet whether it is posted", "holdfast-agent" },
	{ "cannot",    false, false, false, "comms-2 has said that they cannot post it.", "holdfast-agent" },
	{ "posted",    false, false, false, "comms-2 has posted it.", "holdfast-agent" },
	{ "posted",    false, false, true,  "comms-2 has posted it.", "holdfast-agent" },
};
/* clang-format on */

static char *text_of_row(size_t i)
{
	bool done = strcmp(rows[i].state, "asked") != 0, posted = strcmp(rows[i].state, "posted") == 0;
	json_t *posting =
		json_pack("{s:s, s:s, s:s, s:b, s:i, s:s, s:s, s:i, s:i, s:s}", "lockdown", "ab", "mode",
			  rows[i].drill ? "exercise" : "live", "poster", "comms-2", "you", rows[i].you, "minutes", 15,
			  "state", rows[i].state, "device", done ? "d9" : "", "at", done ? 1767226000 : 0, "left_s",
			  strcmp(rows[i].state, "open") == 0 ? 125 : 0, "post", posted ? "https://x.com/p/1" : "");
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(posting);
	cr_assert_not_null(out);
	hf_words_posting(posting, A, rows[i].open, "Duty officer 4000", out);
	fclose(out);
	json_decref(posting);
	return text;
}

Test(words_posting, who_was_asked_whether_it_is_done_and_what_to_do_D9_3)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char *text = text_of_row(i), *rest = NULL;

		cr_expect(strstr(text, rows[i].says), "row %zu: %s not in\n%s", i, rows[i].says, text);
		cr_expect_not(strstr(text, rows[i].never), "row %zu: %s in\n%s", i, rows[i].never, text);
		for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			cr_expect_eq(strncmp(line, "EXERCISE", 8) == 0, rows[i].drill, "each line: %s", line);
		free(text);
	}
}
