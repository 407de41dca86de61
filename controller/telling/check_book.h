/* SPDX-License-Identifier: MIT */
/*
 * check_book.h - what was ticked off of the checklists
 *
 * Pure: it follows from the entries of the journal.
 */
#ifndef HOLDFAST_TELLING_CHECK_BOOK_H
#define HOLDFAST_TELLING_CHECK_BOOK_H

#include <stdbool.h>

#include <holdfast/json.h>

#define HF_CHECK_ID_SIZE 9     /* 8 hex characters: somebody types them */
#define HF_CHECK_NOTE_MAX 300  /* bytes */
#define HF_CHECK_COUNT_MAX 1000000
#define HF_CHECK_TURNS_MAX 64  /* of one item: whoever ticks and unticks it without an end fills the record */
#define HF_CHECKS_MAX 65536    /* items that were ever ticked: every account, in a hundred lockdowns */

/* How one item stands. */
struct hf_check_entry {
	char item[HF_CHECK_ID_SIZE];
	bool done;
	int64_t count; /* held, or taken out; -1: not said */
	char *note;    /* owned; NULL: none */
	struct hf_wall at;
	int64_t uid; /* of the user that said it; -1: not known */
	size_t turns;
};

/* All, in order of their ids. Start it zeroed. */
struct hf_check_book {
	struct hf_check_entry *v;
	size_t n, room;
	char last[HF_CHECK_ID_SIZE]; /* the one that was put last, until it is known by whom */
};

/*
 * hf_check_item_ok - is this what an item is called
 */
bool hf_check_item_ok(const char *item);

/*
 * hf_check_book_put - take one entry of the journal, {"act": "done"|"undo", "item", "count", "note"}
 *
 * An entry of another act changes nothing.
 * @at       when it was recorded
 * Owner     copied
 * Returns   HF_OK; HF_E_SHAPE; HF_E_SIZE; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_check_book_put(struct hf_check_book *book, const json_t *entry, struct hf_wall at,
					  struct hf_err *err);

/*
 * hf_check_book_by - who said what was put last: the entry behind it says so
 */
void hf_check_book_by(struct hf_check_book *book, int64_t uid);

/*
 * hf_check_book_find - how an item stands
 *
 * Owner     belongs to the book
 * Returns   NULL: it was never ticked
 */
const struct hf_check_entry *hf_check_book_find(const struct hf_check_book *book, const char *item);

/*
 * hf_check_book_done - free all, zero
 */
void hf_check_book_done(struct hf_check_book *book);

#endif
