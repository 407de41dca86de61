/* SPDX-License-Identifier: MIT */
/*
 * Owns what was ticked off, by the entries of the journal.
 * Must never forget that something was ticked because it was unticked in between.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "controller/telling/check_book.h"

bool hf_check_item_ok(const char *item)
{
	return strlen(item) == HF_CHECK_ID_SIZE - 1 && strspn(item, "0123456789abcdef") == HF_CHECK_ID_SIZE - 1;
}

static size_t place_of_check(const struct hf_check_book *book, const char *item, bool *ret_there)
{
	size_t low = 0, high = book->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(book->v[middle].item, item) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_there = low < book->n && strcmp(book->v[low].item, item) == 0;
	return low;
}

static enum hf_rc make_entry(struct hf_check_book *book, const char *item, size_t *ret_at)
{
	bool there = false;
	size_t at = place_of_check(book, item, &there);
	*ret_at = at;
	if (there)
		return HF_OK;
	if (book->n == HF_CHECKS_MAX)
		return HF_E_SIZE;
	if (hf_rows_reserve(&book->v, &book->room, book->n + 1, sizeof(*book->v)) != HF_OK)
		return HF_E_MEMORY;
	memmove(&book->v[at + 1], &book->v[at], (book->n - at) * sizeof(*book->v));
	book->v[at] = (struct hf_check_entry){.uid = -1};
	book->n++;
	return hf_str_copy(book->v[at].item, sizeof(book->v[at].item), item);
}

static enum hf_rc set_entry(struct hf_check_entry *entry, const json_t *json, struct hf_wall at)
{
	const json_t *count = json_object_get(json, "count");
	const char *note = json_string_value(json_object_get(json, "note"));
	char *copy = note ? strdup(note) : NULL;
	if (note && !copy)
		return HF_E_MEMORY;
	free(entry->note);
	entry->note = copy;
	entry->done = strcmp(json_string_value(json_object_get(json, "act")), "done") == 0;
	entry->count = count ? json_integer_value(count) : -1;
	entry->at = at;
	entry->uid = -1;
	entry->turns++;
	return HF_OK;
}

enum hf_rc hf_check_book_put(struct hf_check_book *book, const json_t *entry, struct hf_wall at, struct hf_err *err)
{
	const char *act = json_string_value(json_object_get(entry, "act"));
	const char *item = json_string_value(json_object_get(entry, "item"));
	size_t place = 0;
	enum hf_rc rc;
	book->last[0] = '\0';
	if (!act || (strcmp(act, "done") != 0 && strcmp(act, "undo") != 0))
		return HF_OK;
	if (!item || !hf_check_item_ok(item))
		return hf_err_set(err, HF_E_SHAPE, "the record of a checklist names no item");
	rc = make_entry(book, item, &place);
	if (rc == HF_OK)
		rc = set_entry(&book->v[place], entry, at);
	if (rc == HF_OK)
		rc = hf_str_copy(book->last, sizeof(book->last), item);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "there is no room for what was ticked off");
}

void hf_check_book_by(struct hf_check_book *book, int64_t uid)
{
	bool there = false;
	size_t at = place_of_check(book, book->last, &there);
	if (there)
		book->v[at].uid = uid;
	book->last[0] = '\0';
}

const struct hf_check_entry *hf_check_book_find(const struct hf_check_book *book, const char *item)
{
	bool there = false;
	size_t at = place_of_check(book, item, &there);
	return there ? &book->v[at] : NULL;
}

void hf_check_book_done(struct hf_check_book *book)
{
	for (size_t i = 0; i < book->n; i++)
		free(book->v[i].note);
	free(book->v);
	*book = (struct hf_check_book){0};
}
