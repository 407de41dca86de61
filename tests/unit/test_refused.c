/* SPDX-License-Identifier: MIT */
/*
 * Owns the counting of what is refused, and the frames in which messages reach the agent.
 * Must never let a flood of bad messages hide its own number.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/keeper/refused_log.h"
#include "agent/talk/link_sockets.h"

Test(refused, a_flood_is_counted_whole_and_logged_in_part)
{
	struct hf_refused_log log = {0};
	int64_t counts[HF_RC_COUNT] = {0}, hushed = 0;
	int logged = 0;

	for (int i = 0; i < 1000; i++)
		logged += hf_refused_note(&log, counts, HF_E_STRANGER, (struct hf_boot_ms){1000 + i}, &hushed);
	cr_expect_eq(counts[HF_E_STRANGER], 1000, "attack: forged messages without end: each is counted");
	cr_expect_eq(logged, HF_REFUSED_LINES, "attack: filling the log");
	cr_expect(
		hf_refused_note(&log, counts, HF_E_STRANGER, (struct hf_boot_ms){1000 + HF_REFUSED_WINDOW_MS}, &hushed),
		"the next window logs again");
	cr_expect_eq(hushed, 1000 - HF_REFUSED_LINES, "and says how many it did not");
}

Test(refused, each_reason_has_its_own_count)
{
	struct hf_refused_log log = {0};
	int64_t counts[HF_RC_COUNT] = {0};
	struct hf_hearing hearing = {.n_refused = 3};

	hearing.refused[0].rc = HF_E_TOO_FEW;
	hearing.refused[1].rc = HF_E_ROLE;
	hearing.refused[2].rc = HF_E_TOO_FEW;
	cr_expect_eq(hf_refused_hear(&log, counts, &hearing, "holdfast/1/c/state/main", (struct hf_boot_ms){1}), 3);
	cr_expect_eq(counts[HF_E_TOO_FEW], 2, "D9.1: a release by one alone");
	cr_expect_eq(counts[HF_E_ROLE], 1, "a release by a wrong role");
}

Test(refused, a_count_at_its_end_stays_there)
{
	struct hf_refused_log log = {0};
	int64_t counts[HF_RC_COUNT] = {0}, hushed = 0;

	counts[HF_E_SIZE] = INT64_MAX;
	hf_refused_note(&log, counts, HF_E_SIZE, (struct hf_boot_ms){1}, &hushed);
	cr_expect_eq(counts[HF_E_SIZE], INT64_MAX, "attack: wrapping the count");
}

/* clang-format off */
static const struct frame_row {
	const char *what;
	const char *bytes;
	size_t len;
	enum hf_rc want;
	const char *topic, *payload;
} frames[] = {
	{ "topic and payload",          "a/b\nxyz", 7, HF_OK, "a/b", "xyz" },
	{ "payload with a newline",     "a\nx\ny", 5, HF_OK, "a", "x\ny" },
	{ "empty payload",              "a\n", 2, HF_OK, "a", "" },
	{ "attack: no newline",         "abc", 3, HF_E_SHAPE, NULL, NULL },
	{ "attack: nothing at all",     "", 0, HF_E_SHAPE, NULL, NULL },
	{ "attack: empty topic",        "\nabc", 4, HF_E_SHAPE, NULL, NULL },
	{ "attack: zero byte in topic", "a\0b\nx", 5, HF_E_SHAPE, NULL, NULL },
};
/* clang-format on */

Test(refused, frames_are_taken_whole_or_not_at_all)
{
	char longest[HF_TOPIC_SIZE + 2];
	struct hf_frame frame;

	for (size_t i = 0; i < HF_LEN(frames); i++) {
		const struct frame_row *r = &frames[i];

		cr_expect_eq(hf_frame_split(r->bytes, r->len, &frame), r->want, "%s", r->what);
		if (r->want != HF_OK)
			continue;
		cr_expect_str_eq(frame.topic, r->topic, "%s", r->what);
		cr_expect(frame.payload_len == strlen(r->payload) &&
				  memcmp(frame.payload, r->payload, frame.payload_len) == 0,
			  "%s", r->what);
	}
	memset(longest, 'a', sizeof(longest));
	longest[HF_TOPIC_SIZE] = '\n';
	cr_expect_eq(hf_frame_split(longest, sizeof(longest), &frame), HF_E_SHAPE, "attack: a topic without end");
}

Test(refused, a_frame_that_does_not_fit_is_not_cut)
{
	struct hf_frame frame = {.topic = "a/b", .payload = "xyz", .payload_len = 3};
	char room[7];
	size_t len = 99;

	cr_expect_eq(hf_frame_make(&frame, room, 6, &len), HF_E_SIZE);
	cr_expect_eq(len, 99, "untouched unless done");
	cr_expect_eq(hf_frame_make(&frame, room, 7, &len), HF_OK);
	cr_expect(len == 7 && memcmp(room, "a/b\nxyz", 7) == 0);
}
