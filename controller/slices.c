/* SPDX-License-Identifier: MIT */
/*
 * Owns the order in which a state is said to the slices of the estate, and how much of it at a time.
 * Must never let more stand before an order than one slice of a large estate.
 */
#include <holdfast/topic.h>

#include "controller/slices.h"

#define DEVICES_A_TURN 160 /* one slice of 10,000: some milliseconds of a broker */
#define MESSAGES_A_TURN 16 /* as long as each may be: a megabyte */

void hf_slices_begin(struct hf_slices *slices)
{
	slices->left = HF_SLICES;
	slices->page = 0;
}

size_t hf_slices_turn(size_t devices)
{
	size_t in_each = (devices + HF_SLICES - 1) / HF_SLICES, n = in_each ? DEVICES_A_TURN / in_each : MESSAGES_A_TURN;

	if (n > MESSAGES_A_TURN)
		return MESSAGES_A_TURN;
	return n ? n : 1;
}

bool hf_slices_next(struct hf_slices *slices, int64_t n_pages, int64_t *ret_slice, int64_t *ret_page)
{
	if (slices->left == 0)
		return false;
	*ret_slice = (int64_t)slices->at + 1;
	*ret_page = slices->page++;
	if (slices->page < n_pages)
		return true;
	slices->page = 0;
	slices->at = (slices->at + 1) % HF_SLICES;
	slices->left--;
	return true;
}
