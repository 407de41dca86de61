/* SPDX-License-Identifier: MIT */
/*
 * Holds the plan by which a state is said slice by slice (proto/README.md "Bus"): an order waits behind one at most.
 * Must never ask a broker.
 */
#include <criterion/criterion.h>

#include <holdfast/topic.h>

#include "controller/slices.h"

Test(slices, so_many_messages_at_a_time)
{
	static const struct {
		const char *what;
		size_t devices, messages;
	} rows[] = {
		{"nobody", 0, 16},
		{"a small council is told in four turns", 64, 16},
		{"ten devices in each", 640, 16},
		{"sixteen", 1024, 10},
		{"5,000 devices", 5000, 2},
		{"10,000 devices: one slice", 10000, 1},
		{"100,000 devices: one slice all the same", 100000, 1},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_slices_turn(rows[i].devices), rows[i].messages, "Bus: %s", rows[i].what);
}

/* Says n messages, each of which must be the next of *slice and *page. */
static void expect_in_turn(struct hf_slices *slices, int64_t n_pages, int64_t *slice, int64_t *page, int n)
{
	for (; n > 0; n--) {
		int64_t said_slice = 0, said_page = -1;
		cr_assert(hf_slices_next(slices, n_pages, &said_slice, &said_page));
		cr_assert_eq(said_slice, *slice);
		cr_assert_eq(said_page, *page);
		if (++*page == n_pages) {
			*page = 0;
			*slice = *slice % HF_SLICES + 1;
		}
	}
}

static void expect_end(struct hf_slices *slices)
{
	int64_t slice = -7, page = -7;
	cr_expect_not(hf_slices_next(slices, 1, &slice, &page));
	cr_expect(slice == -7 && page == -7, "untouched when nothing is left");
}

Test(slices, nothing_is_said_before_there_is_a_state)
{
	struct hf_slices slices = {0};
	expect_end(&slices);
}

Test(slices, each_page_of_each_slice_once)
{
	struct hf_slices slices = {0};
	int64_t slice = 1, page = 0;
	hf_slices_begin(&slices);
	expect_in_turn(&slices, 3, &slice, &page, 3 * HF_SLICES);
	expect_end(&slices);
}

Test(slices, what_is_new_drops_what_was_not_said)
{
	struct hf_slices slices = {0};
	int64_t slice = 1, page = 0;
	hf_slices_begin(&slices);
	expect_in_turn(&slices, 2, &slice, &page, 21);
	hf_slices_begin(&slices);
	page = 0; /* the eleventh slice had the first page of the older alone */
	expect_in_turn(&slices, 2, &slice, &page, 2 * HF_SLICES);
	expect_end(&slices);
	cr_expect_eq(slice, 11, "all have the newer, and the older is said to nobody any more");
}

Test(slices, states_in_quick_succession_leave_no_slice_out)
{
	struct hf_slices slices = {0};
	int64_t slice = 1, page = 0;
	for (int i = 0; i < 3 * HF_SLICES; i++) {
		hf_slices_begin(&slices);
		expect_in_turn(&slices, 1, &slice, &page, 1);
	}
	cr_expect_eq(slice, 1, "three times round");
}
