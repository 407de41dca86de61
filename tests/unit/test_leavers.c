/* SPDX-License-Identifier: MIT */
/*
 * Who left an account is counted until somebody confirms that access at the platform is gone (policy D2.9).
 */
#include <criterion/criterion.h>

#include "controller/leavers.h"

static struct hf_holder two[] = {{.person = "anna"}, {.person = "ben"}}, one[] = {{.person = "ben"}};
static struct hf_account both_hold[] = {{.id = "x:a", .holders = two, .n_holders = 2}, {.id = "x:b", .holders = one, .n_holders = 1}};
static struct hf_account ben_alone[] = {{.id = "x:a", .holders = one, .n_holders = 1}, {.id = "x:b", .holders = one, .n_holders = 1}};
static struct hf_account one_account[] = {{.id = "x:b", .holders = one, .n_holders = 1}};

static size_t follow(struct hf_leavers *book, struct hf_account *accounts, size_t n, unsigned char digest)
{
	const struct hf_register reg = {.accounts = accounts, .n_accounts = n, .digest.b = {digest}};

	cr_assert_eq(hf_leavers_follow(book, &reg), HF_OK);
	return book->open.n;
}

Test(leavers, open_until_confirmed_or_held_again)
{
	struct hf_leavers book = {0};

	cr_assert_eq(hf_leavers_follow(&book, NULL), HF_OK);
	cr_expect_eq(follow(&book, both_hold, 2, 1), 0, "the first register: nobody has left");
	cr_expect_eq(follow(&book, ben_alone, 2, 2), 1, "anna left x:a");
	cr_expect_eq(follow(&book, ben_alone, 2, 2), 1, "the same register again");
	cr_expect_eq(follow(&book, one_account, 1, 3), 2, "x:a is retired: ben left it, too");
	hf_leavers_gone(&book, "anna", "x:b");
	hf_leavers_gone(&book, "carol", "x:a");
	cr_expect_eq(book.open.n, 2, "what is not open is confirmed by nobody");
	hf_leavers_gone(&book, "anna", "x:a");
	cr_expect_eq(book.open.n, 1, "confirmed");
	cr_expect_str_eq(book.open.v[0].person, "ben");
	cr_expect_eq(follow(&book, both_hold, 2, 4), 0, "both hold it again");
	cr_expect_eq(follow(&book, one_account, 1, 5), 2, "an old confirmation does not count");
	hf_leavers_done(&book);
}
