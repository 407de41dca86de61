/* SPDX-License-Identifier: MIT */
/*
 * held_book.h - which scheduled posts were taken out of their schedulers by us, and not put back yet
 *
 * Pure: it follows from the entries of the journal.
 */
#ifndef HOLDFAST_TELLING_HELD_BOOK_H
#define HOLDFAST_TELLING_HELD_BOOK_H

#include <stdbool.h>

#include <holdfast/json.h>

#define HF_HELD_POST_SIZE 65 /* what a scheduler calls a post: [A-Za-z0-9_-]{1,64} */
#define HF_HELD_MAX 16384    /* posts at once: a year of ten a day, for several accounts */

/* One post that we put back to a draft, or were about to. */
struct hf_held_post {
	char post[HF_HELD_POST_SIZE];
	const char *account; /* owned by the book */
};

/* What became of the posts of one account since the last time that none of them was held. */
struct hf_held_account {
	char *account; /* owned */
	int64_t held, back, left; /* posts: held now; scheduled again; left as drafts */
};

/* All. Start it zeroed. */
struct hf_held_book {
	struct hf_held_post *v;
	size_t n, room;
	struct hf_held_account *accounts;
	size_t n_accounts, accounts_room;
};

/*
 * hf_held_post_ok - is this what a post may be called
 */
bool hf_held_post_ok(const char *post);

/*
 * hf_held_book_put - take one entry of the journal, {"act": "hold"|"free", "account", "posts", "as"}
 *
 * An entry of another act changes nothing. What is held already is held once; what is not held cannot be let go.
 * Owner     copied
 * Returns   HF_OK; HF_E_SHAPE; HF_E_SIZE; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_held_book_put(struct hf_held_book *book, const json_t *entry, struct hf_err *err);

/*
 * hf_held_book_has - is this post of this account held
 */
bool hf_held_book_has(const struct hf_held_book *book, const char *account, const char *post);

/*
 * hf_held_book_of - how it stands with the posts of an account
 *
 * Owner     belongs to the book
 * Returns   NULL: none was ever held
 */
const struct hf_held_account *hf_held_book_of(const struct hf_held_book *book, const char *account);

/*
 * hf_held_book_done - free all, zero
 */
void hf_held_book_done(struct hf_held_book *book);

#endif
