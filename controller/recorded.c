/* SPDX-License-Identifier: MIT */
/*
 * Owns the times at which releases were recorded.
 * Must never let a later record of the same release move its time.
 */
#include "controller/recorded.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

/* The place of this digest, or where it belongs. */
static size_t place_of(const struct hf_recorded *book, const struct hf_digest *digest)
{
	size_t low = 0, high = book->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hf_digest_cmp(&book->v[middle].digest, digest) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct hf_recorded *book, size_t place, const struct hf_digest *digest)
{
	return place < book->n && hf_digest_cmp(&book->v[place].digest, digest) == 0;
}

void hf_recorded_note(struct hf_recorded *book, const struct hf_orders *orders, const struct hf_digest *digest,
		      struct hf_wall at)
{
	const struct hf_heard *heard = hf_orders_find(orders, digest);
	size_t place = place_of(book, digest);

	if (!heard || heard->order->act != HF_ACT_RELEASE || is_at(book, place, digest) ||
	    hf_rows_reserve(&book->v, &book->room, book->n + 1, sizeof(*book->v)) != HF_OK)
		return;
	memmove(&book->v[place + 1], &book->v[place], (book->n - place) * sizeof(*book->v));
	book->v[place] = (struct hf_recorded_row){*digest, at};
	book->n++;
}

struct hf_wall hf_recorded_at(const struct hf_recorded *book, const struct hf_digest *digest)
{
	size_t place = place_of(book, digest);

	return is_at(book, place, digest) ? book->v[place].at : (struct hf_wall){0};
}

void hf_recorded_done(struct hf_recorded *book)
{
	free(book->v);
	memset(book, 0, sizeof(*book));
}
