/* SPDX-License-Identifier: MIT */
/*
 * Owns the one search for a place in a sorted array, and the gap for a new row.
 * Must never look at a row that is not there.
 */
#include <holdfast/sorted.h>

#include <string.h>

#include <holdfast/rows.h>

size_t hf_sorted_place(const void *key, const void *v, size_t n, size_t size,
		       int (*compare)(const void *key, const void *row))
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(key, (const char *)v + middle * size) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum hf_rc hf_sorted_open(void *v, size_t *room, size_t n, size_t i, size_t size)
{
	char *rows;

	if (hf_rows_reserve(v, room, n + 1, size) != HF_OK)
		return HF_E_MEMORY;
	memcpy(&rows, v, sizeof(rows));
	memmove(rows + (i + 1) * size, rows + i * size, (n - i) * size);
	return HF_OK;
}
