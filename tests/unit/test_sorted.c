/* SPDX-License-Identifier: MIT */
/*
 * Holds the search for a place to what a walk from the first row would find.
 * Must never search by halves itself.
 */
#include <criterion/criterion.h>

#include <holdfast/sorted.h>
#include <holdfast/str.h>

struct row {
	int number;
	char more[13]; /* so that a row is larger than its key */
};

static int compare(const void *key, const void *row)
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
		cr_expect_eq(hf_sorted_place(&rows[i].key, rows[i].n ? v : NULL, rows[i].n, sizeof(v[0]), compare),
			     rows[i].want, "%s", rows[i].what);
}
