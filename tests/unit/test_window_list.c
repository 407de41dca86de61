/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of the list of posting windows by itself. Policy D9.3.
 * Must never open anything, or look at a clock.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/rules/posting_windows.h"

static struct hf_posting_windows windows;
static const struct hf_posting_time now = {.boot = {100000}, .boot_id = "boot", .wall = {5000}};

static void done(void)
{
	hf_posting_windows_done(&windows);
}

TestSuite(window_list, .fini = done);

static struct hf_posting_window *add(const char *account, enum hf_posting_state state)
{
	const struct hf_posting which = {.account = account, .person = "comms-1", .state = state};
	struct hf_posting_window *w = NULL;

	cr_assert_eq(hf_posting_windows_add(&windows, &which, (struct hf_wall){1}, &w), HF_OK);
	hf_posting_window_open(w, 15, 0, &now);
	return w;
}

static void expect_order(const char *first, const char *second, const char *third)
{
	const char *want[] = {first, second, third};

	cr_assert_eq(windows.n, HF_LEN(want));
	for (size_t i = 0; i < windows.n; i++)
		cr_expect_str_eq(windows.v[i].account, want[i], "place %zu: %s", i, windows.v[i].account);
}

Test(window_list, the_one_that_moves_is_the_newest_and_the_others_stay)
{
	struct hf_posting_window *w;

	add("x:one", HF_POSTING_CLAIMED);
	add("x:two", HF_POSTING_CLAIMED)->minutes = 7;
	add("x:three", HF_POSTING_CLAIMED)->minutes = 9;
	w = hf_posting_windows_move(&windows, &windows.v[0], HF_POSTING_OPEN, (struct hf_wall){8});
	expect_order("x:two", "x:three", "x:one");
	cr_expect_eq(w, &windows.v[2], "it is said where it lies now");
	cr_expect(w->state == HF_POSTING_OPEN && w->at.s == 8 && w->minutes == 15 && w->wait_ms == 0);
	cr_expect(windows.v[0].minutes == 7 && windows.v[1].minutes == 9, "each with what is its own");
	cr_expect_null(hf_posting_windows_move(&windows, w, HF_POSTING_CLAIMED, (struct hf_wall){9}), "never back");
	expect_order("x:two", "x:three", "x:one");
	w = hf_posting_windows_move(&windows, &windows.v[1], HF_POSTING_OPEN, (struct hf_wall){10});
	expect_order("x:two", "x:one", "x:three");
	hf_posting_windows_drop(&windows, &windows.v[0]);
	cr_assert_eq(windows.n, 2u);
	cr_expect_str_eq(windows.v[0].account, "x:one");
	cr_expect_str_eq(windows.v[1].account, "x:three");
}

/* All that are over end in one look, also those behind one that moves. */
Test(window_list, two_that_are_over_end_both)
{
	const struct hf_lockdowns none = {0};
	const struct hf_claims nothing = {0};
	const struct hf_posting_law law = {.lockdowns = &none, .claims = &nothing, .device = "d1"};

	add("x:one", HF_POSTING_OPEN);
	add("x:two", HF_POSTING_OPEN);
	add("x:three", HF_POSTING_CLAIMED);
	cr_expect(hf_posting_windows_close(&windows, &law, &now));
	cr_assert_eq(windows.n, 2u, "a claim that is not lawful any more is forgotten");
	for (size_t i = 0; i < windows.n; i++)
		cr_expect_eq(windows.v[i].state, HF_POSTING_ENDED, "%s", windows.v[i].account);
	cr_expect_not(hf_posting_windows_close(&windows, &law, &now), "then nothing is left to do");
}

Test(window_list, looks_again_when_the_first_of_them_is_due)
{
	struct hf_posting_window *open, *wait;
	int64_t ms = -1;

	cr_expect_not(hf_posting_windows_next_ms(&windows, &now, &ms), "none: no look");
	add("x:ended", HF_POSTING_ENDED);
	cr_expect_not(hf_posting_windows_next_ms(&windows, &now, &ms), "over: no look");
	cr_expect_eq(ms, -1, "untouched");
	open = add("x:open", HF_POSTING_OPEN);
	open->left_ms = 600000;
	cr_expect(hf_posting_windows_next_ms(&windows, &now, &ms));
	cr_expect_eq(ms, open->end_ms - 600000, "when what is paid is used up");
	open->left_ms = 900000;
	cr_expect(hf_posting_windows_next_ms(&windows, &now, &ms));
	cr_expect_eq(ms, open->end_ms, "what is paid is used up: at its end");
	open->end_ms = now.boot.ms - 5000;
	cr_expect(hf_posting_windows_next_ms(&windows, &now, &ms));
	cr_expect_eq(ms, now.boot.ms - 5000, "overdue: at once");
	wait = add("x:wait", HF_POSTING_CLAIMED);
	wait->wait_ms = now.boot.ms - 6000;
	cr_expect(hf_posting_windows_next_ms(&windows, &now, &ms));
	cr_expect_eq(ms, now.boot.ms - 6000, "the first of them");
	wait->wait_ms = 0;
	cr_expect(hf_posting_windows_next_ms(&windows, &now, &ms));
	cr_expect_eq(ms, now.boot.ms - 5000, "one that does not wait has no look");
}
