/* SPDX-License-Identifier: MIT */
/*
 * Holds the search for a place to what a walk from the first row would find.
 * Must never search by halves itself.
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

#include <holdfast/rows.h>
#include <holdfast/sorted.h>
#include <holdfast/str.h>

struct row {
	int number;
	char more[13]; /* so that a row is larger than its key */
};

static int by_number(const void *key, const void *row)
{
	int a = *(const int *)key, b = ((const struct row *)row)->number;
	return (a > b) - (a < b);
}

/* clang-format off */
static const struct { const char *what; int key; size_t n, want; } rows[] = {
	{ "no rows",                   5, 0, 0 },
	{ "before the only row",       1, 1, 0 },
	{ "the only row",              2, 1, 0 },
	{ "behind the only row",       3, 1, 1 },
	{ "before all",                0, 6, 0 },
	{ "the first",                 2, 6, 0 },
	{ "between",                   3, 6, 1 },
	{ "the first of three alike",  4, 6, 1 },
	{ "between, behind the alike", 5, 6, 4 },
	{ "the last",                  8, 6, 5 },
	{ "behind all",                9, 6, 6 },
};
/* clang-format on */

Test(sorted, place_is_of_the_first_row_that_is_not_before_the_key)
{
	static const struct row v[] = {{2, ""}, {4, ""}, {4, ""}, {4, ""}, {6, ""}, {8, ""}};

	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_sorted_place(&rows[i].key, rows[i].n ? v : NULL, rows[i].n, sizeof(v[0]), by_number),
			     rows[i].want, "%s", rows[i].what);
}

Test(sorted, a_gap_opens_where_it_is_asked_for)
{
	static const int order[] = {8, 2, 4, 6, 0, 1, 9, 3, 7, 5, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10};
	struct row *v = NULL;
	size_t n = 0, room = 0;

	for (; n < HF_LEN(order); n++) {
		size_t i = hf_sorted_place(&order[n], v, n, sizeof(*v), by_number);

		cr_assert_eq(hf_sorted_open(&v, &room, n, i, sizeof(*v)), HF_OK);
		v[i] = (struct row){.number = order[n]};
	}
	for (size_t i = 0; i < n; i++)
		cr_expect_eq(v[i].number, (int)i, "row %zu", i);
	cr_expect_geq(room, n);
	free(v);
}

Test(sorted, room_grows_twofold_and_keeps_what_is_there)
{
	int *v = NULL;
	size_t room = 0;

	cr_assert_eq(hf_rows_reserve(&v, &room, 5, sizeof(*v)), HF_OK);
	cr_expect_eq(room, 5);
	v[2] = 17;
	cr_assert_eq(hf_rows_reserve(&v, &room, 6, sizeof(*v)), HF_OK);
	cr_expect_eq(room, 10, "a row at a time costs no copy each");
	cr_assert_eq(hf_rows_reserve(&v, &room, 2, sizeof(*v)), HF_OK);
	cr_expect_eq(room, 10, "it never shrinks");
	cr_expect_eq(hf_rows_reserve(&v, &room, SIZE_MAX / 2, sizeof(*v)), HF_E_MEMORY, "nor counts round");
	cr_expect_eq(room, 10);
	cr_expect_eq(v[2], 17);
	free(v);
}
