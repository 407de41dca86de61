/* SPDX-License-Identifier: MIT */
/*
 * postbook.h - which device was first to take each posting window, and what it said came of it: kept for ever
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_POSTBOOK_H
#define HOLDFAST_CONTROLLER_POSTBOOK_H

#include <holdfast/claims.h>

#include "controller/testimony.h"

/* How far the first device has come. */
struct hf_post_word {
	char device[HF_ID_SIZE];
	enum hf_posting_state state;
	struct hf_wall at;    /* by the device's clock */
	struct hf_wall heard; /* by this controller's clock */
	char post[HF_POST_SIZE];
	char why[HF_WHY_SIZE];
};

/* One posting: of one lockdown, account, person and text. */
struct hf_post_entry {
	struct hf_digest lockdown;
	char account[HF_ACCOUNT_SIZE];
	char person[HF_ID_SIZE];
	struct hf_digest text; /* zeros: of before texts were told apart */
	struct hf_post_word word;
	struct hf_post_word kept; /* what stands in the table beside the journal */
	bool is_kept;		  /* something stands there */
	bool saved;		  /* and it is this word */
};

/* Sorted by lockdown, account, person, text; each once. Start it zeroed. */
struct hf_post_book {
	struct hf_post_entry *v;
	size_t n, room;
	size_t n_unsaved;
};

/*
 * hf_post_book_put - the word of a device about a posting: the first device has it for ever, and only goes forward
 *
 * @entry    its kept and saved are not looked at; is_kept: it comes from the table
 * @ret_new  the book says another thing now; untouched unless HF_OK
 * Returns   HF_OK, also when another device was first; HF_E_MEMORY
 * Source    proto/README.md "Posting"; policy D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_post_book_put(struct hf_post_book *book, const struct hf_post_entry *entry, bool *ret_new);

/*
 * hf_post_book_hear - take in all that a verified report says and that counts
 *
 * It counts where the raise or one of its amendments names this person for this text on this account, and the device
 * is theirs.
 * @ret_new  something was new; untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_post_book_hear(struct hf_post_book *book, const struct hf_testimony *word, bool *ret_new);

/*
 * hf_post_book_find - the entry of this lockdown, account, person and text; else one of before texts were told apart
 *
 * Owner     belongs to the book, until the next put
 * Returns   NULL when there is none
 */
const struct hf_post_entry *hf_post_book_find(const struct hf_post_book *book, const struct hf_posting *which);

/*
 * hf_post_book_claims - what a state repeats: the postings of these lockdowns, as rows
 *
 * @lockdowns  those in force, scheduled or over are repeated, released ones not: nobody posts for them any more
 * @ret        room for max rows; texts are the book's
 * Returns   how many; the rest is left out, what was heard last is not
 * Source    proto/README.md "State"
 */
size_t hf_post_book_claims(const struct hf_post_book *book, const struct hf_lockdowns *lockdowns,
			   struct hf_posting *ret, size_t max);

/*
 * hf_post_book_saved, hf_post_book_forget - what was unsaved stands in the table now; or could not be recorded, and the
 * book is as it was
 *
 * Source    policy D5.6-5.7: nothing counts that is not in the journal
 */
void hf_post_book_saved(struct hf_post_book *book);
void hf_post_book_forget(struct hf_post_book *book);

/*
 * hf_post_book_done - free, zero
 */
void hf_post_book_done(struct hf_post_book *book);

#endif
