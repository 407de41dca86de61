/* SPDX-License-Identifier: MIT */
/*
 * Owns how a block is read.
 * Must never let anybody through who is not named in it.
 */
#include "agent/rules/layer.h"

bool hf_block_open_for(const struct hf_block *block, hf_user uid)
{
	for (size_t i = 0; i < block->n_open_for; i++) {
		if (block->open_for[i] == uid)
			return true;
	}
	return false;
}
