/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of what an amendment loosens.
 * Must never look at who signed.
 */
#include <criterion/criterion.h>

#include <holdfast/approval.h>

#include "tests/help/council.h"

#define LIST(...)                                                                                                      \
	{                                                                                                              \
		(const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)                  \
	}
#define T COUNCIL_T

struct row {
	const char *what;
	struct hf_body before, after;
	unsigned want;
};

#define NOTHING HF_LOOSENS_NOTHING
#define BLOCK HF_LEVEL_BLOCK
#define GUARD HF_LEVEL_GUARD
#define ALL LIST("*")

/* clang-format off */
static const struct row rows[] = {
	{ "the same", { .level = BLOCK, .from = { T }, .until = { T + 9 }, .accounts = ALL, .groups = ALL },
	  { .level = BLOCK, .from = { T }, .until = { T + 9 }, .accounts = ALL, .groups = ALL }, NOTHING },
	{ "D9.3 words, contact and posters loosen nothing", { .level = BLOCK, .reason = "a", .contact = "b", .instructions = "c" },
	  { .level = BLOCK, .reason = "x", .contact = "y", .instructions = "" }, NOTHING },
	{ "D10 guard to block", { .level = GUARD }, { .level = BLOCK }, NOTHING },
	{ "D10 block to guard", { .level = BLOCK }, { .level = GUARD }, HF_LOOSENS_LEVEL },
	{ "earlier start", { .from = { T } }, { .from = { T - 1 } }, NOTHING },
	{ "later start", { .from = { T } }, { .from = { T + 1 } }, HF_LOOSENS_TIME },
	{ "later end", { .until = { T } }, { .until = { T + 1 } }, NOTHING },
	{ "earlier end", { .until = { T } }, { .until = { T - 1 } }, HF_LOOSENS_TIME },
	{ "an end to no end", { .until = { T } }, { .until = { 0 } }, NOTHING },
	{ "no end to an end, however late", { .until = { 0 } }, { .until = { HF_WALL_MAX } }, HF_LOOSENS_TIME },
	{ "no end to no end", { .until = { 0 } }, { .until = { 0 } }, NOTHING },
	{ "one more account", { .accounts = LIST("x:a") }, { .accounts = LIST("x:b", "x:a") }, NOTHING },
	{ "one account fewer", { .accounts = LIST("x:a", "x:b") }, { .accounts = LIST("x:b") }, HF_LOOSENS_ACCOUNTS },
	{ "another account instead", { .accounts = LIST("x:a") }, { .accounts = LIST("x:b") }, HF_LOOSENS_ACCOUNTS },
	{ "named accounts to every account", { .accounts = LIST("x:a") }, { .accounts = ALL }, NOTHING },
	{ "every account to named ones", { .accounts = ALL }, { .accounts = LIST("x:a", "x:b") }, HF_LOOSENS_ACCOUNTS },
	{ "every account to none", { .accounts = ALL }, { .level = HF_LEVEL_OPEN }, HF_LOOSENS_ACCOUNTS },
	{ "one more group", { .groups = LIST("a") }, { .groups = LIST("a", "b") }, NOTHING },
	{ "one group fewer", { .groups = LIST("a", "b") }, { .groups = LIST("a") }, HF_LOOSENS_GROUPS },
	{ "every group to a named one", { .groups = ALL }, { .groups = LIST("a") }, HF_LOOSENS_GROUPS },
	{ "one exempt person fewer", { .exempt = LIST("p", "q") }, { .exempt = LIST("q") }, NOTHING },
	{ "one more exempt person", { .exempt = LIST("p") }, { .exempt = LIST("p", "q") }, HF_LOOSENS_EXEMPT },
	{ "another exempt person instead", { .exempt = LIST("p") }, { .exempt = LIST("q") }, HF_LOOSENS_EXEMPT },
	{ "tightens one thing, loosens another", { .level = GUARD, .accounts = ALL }, { .level = BLOCK, .accounts = LIST("x:a") },
	  HF_LOOSENS_ACCOUNTS },
	{ "everything at once", { .level = BLOCK, .from = { T }, .accounts = ALL, .groups = ALL },
	  { .level = GUARD, .from = { T + 1 }, .accounts = LIST("x:a"), .groups = LIST("a"), .exempt = LIST("p") },
	  HF_LOOSENS_LEVEL | HF_LOOSENS_TIME | HF_LOOSENS_ACCOUNTS | HF_LOOSENS_GROUPS | HF_LOOSENS_EXEMPT },
};
/* clang-format on */

Test(loosening, one_may_tighten_two_must_loosen)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		unsigned got = hf_loosening_of(&rows[i].before, &rows[i].after);

		cr_expect_eq(got, rows[i].want, "%s: %#x and not %#x", rows[i].what, got, rows[i].want);
	}
}

/* Two steps that each loosen nothing must not loosen together: or one person would do by halves what takes two. */
Test(loosening, what_loosens_nothing_twice_loosens_nothing)
{
	size_t chains = 0;

	for (size_t a = 0; a < HF_LEN(rows); a++)
		for (size_t b = 0; b < HF_LEN(rows); b++) {
			if (hf_loosening_of(&rows[a].before, &rows[a].after) != 0 ||
			    hf_loosening_of(&rows[a].after, &rows[b].after) != 0)
				continue;
			chains++;
			cr_expect_eq(hf_loosening_of(&rows[a].before, &rows[b].after), 0, "%s, then to the end of %s",
				     rows[a].what, rows[b].what);
		}
	cr_assert_gt(chains, 20);
}
