/* SPDX-License-Identifier: MIT */
/*
 * Owns the record of acknowledgements, and which of them count.
 * Must never forget one, or count one for another lockdown or another text.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/sorted.h>

#include "controller/ackbook.h"

/* Of the raise or of one of its amendments, of that very lockdown. */
static bool is_known_text(const struct hf_orders *orders, const struct hf_report_ack *ack)
{
	struct hf_digest text;

	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_order *order = orders->v[i].order;
		if (order->kind == HF_KIND_PURDAH && hf_testimony_shapes(order, &ack->lockdown) &&
		    hf_instructions_digest(order->body.instructions, &text) == HF_OK &&
		    hf_digest_cmp(&text, &ack->text) == 0)
			return true;
	}
	return false;
}

static int compare_ack(const void *key, const void *row)
{
	const struct hf_ack_entry *a = key, *b = row;
	int c = hf_digest_cmp(&a->lockdown, &b->lockdown);
	if (c == 0)
		c = hf_digest_cmp(&a->text, &b->text);
	if (c == 0)
		c = strcmp(a->person, b->person);
	return c ? c : strcmp(a->device, b->device);
}

/* Where this entry stands, or would stand. */
static size_t ack_place(const struct hf_ack_book *book, const struct hf_ack_entry *entry)
{
	return hf_sorted_place(entry, book->v, book->n, sizeof(*book->v), compare_ack);
}

const struct hf_ack_entry *hf_ack_book_find(const struct hf_ack_book *book, const struct hf_ack_entry *like)
{
	size_t i = ack_place(book, like);
	return i < book->n && compare_ack(like, &book->v[i]) == 0 ? &book->v[i] : NULL;
}

const struct hf_ack_entry *hf_ack_book_of(const struct hf_ack_book *book, const struct hf_digest *lockdown,
					  size_t *ret_n)
{
	struct hf_ack_entry first = {.lockdown = *lockdown};
	size_t i = ack_place(book, &first), end = i;
	while (end < book->n && hf_digest_cmp(&book->v[end].lockdown, lockdown) == 0)
		end++;
	*ret_n = end - i;
	return end > i ? &book->v[i] : NULL;
}

enum hf_rc hf_ack_book_put(struct hf_ack_book *book, const struct hf_ack_entry *entry, bool *ret_new)
{
	bool known = hf_ack_book_find(book, entry);
	size_t i = ack_place(book, entry);
	if (!known && hf_sorted_open(&book->v, &book->room, book->n, i, sizeof(*book->v)) != HF_OK)
		return HF_E_MEMORY;
	*ret_new = !known;
	if (known)
		return HF_OK;
	book->v[i] = *entry;
	book->n++;
	book->n_unsaved += !entry->saved;
	return HF_OK;
}

enum hf_rc hf_ack_book_hear(struct hf_ack_book *book, const struct hf_testimony *word, bool *ret_new)
{
	bool any = false;
	for (size_t i = 0; i < word->report->n_acks; i++) {
		const struct hf_report_ack *ack = &word->report->acks[i];
		struct hf_ack_entry entry = {
			.lockdown = ack->lockdown, .text = ack->text, .at = ack->at, .heard = word->heard};
		bool is_new = false;
		enum hf_rc rc = hf_str_copy(entry.person, sizeof(entry.person), ack->person);
		if (rc == HF_OK)
			rc = hf_str_copy(entry.device, sizeof(entry.device), word->report->device);
		if (rc != HF_OK || hf_ack_book_find(book, &entry) ||
		    !hf_testimony_uses(word->versions, ack->person) || !is_known_text(word->orders, ack))
			continue;
		rc = hf_ack_book_put(book, &entry, &is_new);
		if (rc != HF_OK)
			return rc;
		any = any || is_new;
	}
	*ret_new = any;
	return HF_OK;
}

void hf_ack_book_saved(struct hf_ack_book *book)
{
	for (size_t i = 0; i < book->n; i++)
		book->v[i].saved = true;
	book->n_unsaved = 0;
}

void hf_ack_book_forget(struct hf_ack_book *book)
{
	size_t kept = 0;
	for (size_t i = 0; i < book->n; i++)
		if (book->v[i].saved)
			book->v[kept++] = book->v[i];
	book->n = kept;
	book->n_unsaved = 0;
}

void hf_ack_book_done(struct hf_ack_book *book)
{
	free(book->v);
	*book = (struct hf_ack_book){0};
}
