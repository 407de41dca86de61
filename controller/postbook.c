/* SPDX-License-Identifier: MIT */
/*
 * Owns the record of postings: which device was first, and how far it has come.
 * Must never give one window to two devices, or take back what was posted.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/sorted.h>
#include <holdfast/windows.h>

#include "controller/postbook.h"

/* The raise or one of its amendments names this person for this account, and the device is theirs. */
static bool counts_posting(const struct hf_testimony *word, const struct hf_posting *posting)
{
	if (!hf_testimony_posts(word->versions, posting->person))
		return false;
	for (size_t i = 0; i < word->orders->n; i++) {
		const struct hf_order *order = word->orders->v[i].order;
		const struct hf_holding *holding = hf_testimony_shapes(order, &posting->lockdown)
							   ? hf_order_holding(order, posting->account)
							   : NULL;
		if (holding && strcmp(holding->poster, posting->person) == 0 && hf_holding_says(holding, &posting->text))
			return true;
	}
	return false;
}

static int compare_posting(const void *key, const void *row)
{
	const struct hf_posting *which = key;
	const struct hf_post_entry *entry = row;
	int c = hf_digest_cmp(&which->lockdown, &entry->lockdown);
	if (c == 0)
		c = strcmp(which->account, entry->account);
	if (c == 0)
		c = strcmp(which->person, entry->person);
	return c ? c : hf_digest_cmp(&which->text, &entry->text);
}

/* Where this entry stands, or would stand. */
static size_t posting_place(const struct hf_post_book *book, const struct hf_posting *which)
{
	return hf_sorted_place(which, book->v, book->n, sizeof(*book->v), compare_posting);
}

const struct hf_post_entry *hf_post_book_find(const struct hf_post_book *book, const struct hf_posting *which)
{
	struct hf_posting of_before = *which;
	size_t i = posting_place(book, which);
	if (i < book->n && compare_posting(which, &book->v[i]) == 0)
		return &book->v[i];
	memset(&of_before.text, 0, sizeof(of_before.text));
	i = posting_place(book, &of_before);
	return i < book->n && compare_posting(&of_before, &book->v[i]) == 0 ? &book->v[i] : NULL;
}

/* Only forward, or the address of a post that is added to what was posted. */
static bool goes_on(const struct hf_post_word *from, const struct hf_post_word *to)
{
	if (strcmp(from->device, to->device) != 0)
		return false;
	if (from->state == HF_POSTING_POSTED && to->state == HF_POSTING_POSTED)
		return !from->post[0] && to->post[0];
	return hf_posting_follows(from->state, to->state);
}

static enum hf_rc insert_posting(struct hf_post_book *book, size_t i, const struct hf_post_entry *entry)
{
	enum hf_rc rc = hf_sorted_open(&book->v, &book->room, book->n, i, sizeof(*book->v));
	if (rc != HF_OK)
		return rc;
	book->v[i] = *entry;
	book->v[i].kept = entry->word;
	book->v[i].saved = entry->is_kept;
	book->n++;
	book->n_unsaved += !entry->is_kept;
	return HF_OK;
}

enum hf_rc hf_post_book_put(struct hf_post_book *book, const struct hf_post_entry *entry, bool *ret_new)
{
	const struct hf_posting which = {
		.lockdown = entry->lockdown, .account = entry->account, .person = entry->person, .text = entry->text};
	size_t i = posting_place(book, &which);
	bool known = i < book->n && compare_posting(&which, &book->v[i]) == 0;
	enum hf_rc rc = known ? HF_OK : insert_posting(book, i, entry);
	if (rc != HF_OK)
		return rc;
	*ret_new = !known || goes_on(&book->v[i].word, &entry->word);
	if (!known || !*ret_new)
		return HF_OK;
	book->v[i].word = entry->word;
	book->n_unsaved += book->v[i].saved;
	book->v[i].saved = false;
	return HF_OK;
}

static bool entry_of(const struct hf_posting *said, const char *device, struct hf_wall heard, struct hf_post_entry *ret)
{
	*ret = (struct hf_post_entry){.lockdown = said->lockdown,
				      .text = said->text,
				      .word = {.state = said->state, .at = said->at, .heard = heard}};
	return hf_str_copy(ret->account, sizeof(ret->account), said->account) == HF_OK &&
	       hf_str_copy(ret->person, sizeof(ret->person), said->person) == HF_OK &&
	       hf_str_copy(ret->word.device, sizeof(ret->word.device), device) == HF_OK &&
	       hf_str_copy(ret->word.post, sizeof(ret->word.post), said->post) == HF_OK &&
	       hf_str_copy(ret->word.why, sizeof(ret->word.why), said->why) == HF_OK;
}

enum hf_rc hf_post_book_hear(struct hf_post_book *book, const struct hf_testimony *word, bool *ret_new)
{
	bool any = false;
	for (size_t i = 0; i < word->report->n_postings; i++) {
		struct hf_post_entry entry;
		bool is_new = false;
		enum hf_rc rc;
		if (!counts_posting(word, &word->report->postings[i]) ||
		    !entry_of(&word->report->postings[i], word->report->device, word->heard, &entry))
			continue;
		rc = hf_post_book_put(book, &entry, &is_new);
		if (rc != HF_OK)
			return rc;
		any = any || is_new;
	}
	*ret_new = any;
	return HF_OK;
}

static int by_heard(const void *a, const void *b)
{
	const struct hf_post_entry *x = *(const struct hf_post_entry *const *)a;
	const struct hf_post_entry *y = *(const struct hf_post_entry *const *)b;
	if (x->word.heard.s != y->word.heard.s)
		return x->word.heard.s > y->word.heard.s ? -1 : 1;
	return x < y ? -1 : x > y;
}

size_t hf_post_book_claims(const struct hf_post_book *book, const struct hf_lockdowns *lockdowns,
			   struct hf_posting *ret, size_t max)
{
	hf_auto_free const struct hf_post_entry **found = calloc(book->n + 1, sizeof(*found));
	size_t n = 0, n_ret = 0;
	for (size_t i = 0; found && i < book->n; i++) {
		const struct hf_lockdown *lockdown = hf_lockdowns_find(lockdowns, &book->v[i].lockdown);
		if (lockdown && lockdown->phase != HF_PHASE_RELEASED)
			found[n++] = &book->v[i];
	}
	if (n > 1)
		qsort(found, n, sizeof(*found), by_heard);
	for (; n_ret < n && n_ret < max; n_ret++) {
		const struct hf_post_entry *e = found[n_ret];
		ret[n_ret] = (struct hf_posting){e->lockdown,	e->account, e->person,	  e->word.device,
						 e->word.state, e->word.at, e->word.post, NULL, e->text};
	}
	return n_ret;
}

void hf_post_book_saved(struct hf_post_book *book)
{
	for (size_t i = 0; i < book->n; i++) {
		book->v[i].kept = book->v[i].word;
		book->v[i].is_kept = book->v[i].saved = true;
	}
	book->n_unsaved = 0;
}

void hf_post_book_forget(struct hf_post_book *book)
{
	size_t kept = 0;
	for (size_t i = 0; i < book->n; i++) {
		if (!book->v[i].is_kept)
			continue;
		book->v[kept] = book->v[i];
		book->v[kept].word = book->v[kept].kept;
		book->v[kept++].saved = true;
	}
	book->n = kept;
	book->n_unsaved = 0;
}

void hf_post_book_done(struct hf_post_book *book)
{
	free(book->v);
	*book = (struct hf_post_book){0};
}
