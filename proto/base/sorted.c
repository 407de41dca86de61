/* SPDX-License-Identifier: MIT */
/*
 * Owns the one search for a place in a sorted array.
 * Must never look at a row that is not there.
 */
#include <holdfast/sorted.h>

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
