/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of shares.c.
 * Must never open a connection.
 */
#include "controller/web/shares.h"

#include <criterion/criterion.h>

#include <holdfast/str.h>

static struct hf_shares shares;

/* Attack: one user opens as many connections as there are, and the officers are kept out. */
Test(shares, one_user_has_a_share)
{
	int fd = 10;

	hf_shares_init(&shares);
	for (int i = 0; i < HF_SHARE_MAX; i++)
		cr_expect(hf_shares_enter(&shares, fd++, 1001, 0));
	cr_expect(!hf_shares_enter(&shares, fd, 1001, 0), "one more than the share");
	cr_expect(hf_shares_enter(&shares, fd, 1002, 0), "another user is let in");
	hf_shares_leave(hf_shares_find(&shares, 10));
	cr_expect(!hf_shares_find(&shares, 10));
	cr_expect(hf_shares_enter(&shares, 10, 1001, 0), "a place that is free again is theirs again");
	cr_expect(!hf_shares_find(&shares, -1), "no free place is anybody's");
}

Test(shares, there_are_places_for_64_users)
{
	int fd = 10;

	hf_shares_init(&shares);
	for (hf_user uid = 0; uid < HF_CONNECTIONS_MAX / HF_SHARE_MAX; uid++)
		for (int i = 0; i < HF_SHARE_MAX; i++)
			cr_expect(hf_shares_enter(&shares, fd++, uid, 0));
	cr_expect(!hf_shares_enter(&shares, fd, 5000, 0));
}

/* Attack: a flood of requests; an officer's is answered after one of them at most. */
Test(shares, whoever_waits_has_a_turn_between_two_of_another)
{
	static const struct {
		hf_user uid;
		int fd;
	} come[] = {{1001, 11}, {1001, 12}, {1001, 13}, {7, 14}, {7, 15}, {4000, 16}};
	static const int want[] = {14, 11, 16, 15, 12, 13};

	hf_shares_init(&shares);
	for (size_t i = 0; i < HF_LEN(come); i++)
		hf_shares_ask(&shares, hf_shares_enter(&shares, come[i].fd, come[i].uid, 0), NULL);
	for (size_t i = 0; i < HF_LEN(want); i++) {
		struct hf_guest *next = hf_shares_turn(&shares);

		cr_assert(next);
		cr_expect_eq(next->fd, want[i], "turn %zu: %d", i, next->fd);
		cr_expect(next->turn);
	}
	cr_expect(!hf_shares_turn(&shares), "nobody waits any more");
	hf_shares_ask(&shares, hf_shares_find(&shares, 13), NULL);
	hf_shares_ask(&shares, hf_shares_find(&shares, 11), NULL);
	hf_shares_ask(&shares, hf_shares_find(&shares, 14), NULL);
	cr_expect_eq(hf_shares_turn(&shares)->fd, 14, "the flood had the last turn");
	cr_expect_eq(hf_shares_turn(&shares)->fd, 13, "of one user the first who came");
	hf_shares_leave(hf_shares_find(&shares, 11));
	cr_expect(!hf_shares_turn(&shares), "whoever has left has no turn");
}

/* Attack: a byte now and then. */
Test(shares, a_request_has_a_time_for_the_whole_of_it)
{
	int64_t next = INT64_MAX;
	struct hf_guest *early, *later;

	hf_shares_init(&shares);
	cr_expect(!hf_shares_late(&shares, shares.v, 1000, &next));
	cr_expect_eq(next, INT64_MAX, "nobody is here");
	early = hf_shares_enter(&shares, 10, 1, 1000);
	later = hf_shares_enter(&shares, 11, 2, 5000);
	cr_expect(!hf_shares_late(&shares, shares.v, 1000 + HF_REQUEST_MS - 1, &next));
	cr_expect_eq(next, 1000 + HF_REQUEST_MS);
	cr_expect_eq(hf_shares_late(&shares, shares.v, 1000 + HF_REQUEST_MS, &next), early);
	early->since = 9000;
	cr_expect_eq(hf_shares_late(&shares, shares.v, 5000 + HF_REQUEST_MS, &next), later);
}
