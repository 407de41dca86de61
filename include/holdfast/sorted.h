/* SPDX-License-Identifier: MIT */
/*
 * sorted.h - where a row stands in a sorted array, also when it is not there yet, and room for it
 */
#ifndef HOLDFAST_SORTED_H
#define HOLDFAST_SORTED_H

#include <stddef.h>

#include <holdfast/err.h>

/*
 * hf_sorted_place - the place of the first row that is not before the key
 *
 * @v, @n, @size  the array in the order of compare; v may be NULL when n is 0; size of one row in bytes
 * @compare       as for bsearch: the key first, then a row
 * Returns   the place, n when all rows are before the key; whether the row there is of the key is for the caller to see
 */
size_t hf_sorted_place(const void *key, const void *v, size_t n, size_t size,
		       int (*compare)(const void *key, const void *row));

/*
 * hf_sorted_open - make a gap for one more row, growing the array when it is full
 *
 * @v        address of the pointer to the array; it and *room are written
 * @room     how many rows fit; start it 0
 * @n, @i    rows that there are; the place of the gap, at most n
 * @size     of one row, in bytes
 * Returns   HF_OK the caller fills v[i] and counts it; HF_E_MEMORY nothing is changed
 */
HF_NODISCARD enum hf_rc hf_sorted_open(void *v, size_t *room, size_t n, size_t i, size_t size);

#endif
