/* SPDX-License-Identifier: MIT */
/*
 * rows.h - room in an array that grows
 */
#ifndef HOLDFAST_ROWS_H
#define HOLDFAST_ROWS_H

#include <stddef.h>

#include <holdfast/err.h>

/*
 * hf_rows_reserve - make room for so many rows; what is full grows to twice its size
 *
 * @v        address of the pointer to the array; it and *room are written
 * @room     how many rows fit; start it 0
 * @want     how many must fit
 * @size     of one row, in bytes
 * Returns   HF_OK; HF_E_MEMORY nothing is changed
 */
HF_NODISCARD enum hf_rc hf_rows_reserve(void *v, size_t *room, size_t want, size_t size);

#endif
