/* SPDX-License-Identifier: MIT */
/*
 * slices.h - which message of a state is said next to which slice of the estate, and how much of that at a time
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_SLICES_H
#define HOLDFAST_CONTROLLER_SLICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start it zeroed: nothing is to be said. */
struct hf_slices {
	size_t at;    /* the slice that is next, from 0 */
	size_t left;  /* slices that the last state was not said to */
	int64_t page; /* of that slice, which is next */
};

/*
 * hf_slices_begin - there is a state that is newer: what was not said of the one before is dropped
 *
 * It goes on with the slice that would have been next, so that states in quick succession leave no slice out for ever.
 */
void hf_slices_begin(struct hf_slices *slices);

/*
 * hf_slices_turn - how many messages may be said together, once the broker has passed on all before
 *
 * @devices  of the estate, which are spread evenly
 * Returns   at least 1; of more slices than one only if they are small
 * Source    proto/README.md "Bus"
 */
size_t hf_slices_turn(size_t devices);

/*
 * hf_slices_next - the next message: each page, then the next slice
 *
 * @n_pages    of the state, and those of states before that are to be cleared
 * @ret_slice  from 1; untouched when there is none, as ret_page
 * Returns   false: nothing is left
 */
bool hf_slices_next(struct hf_slices *slices, int64_t n_pages, int64_t *ret_slice, int64_t *ret_page);

#endif
