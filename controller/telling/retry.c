/* SPDX-License-Identifier: MIT */
/*
 * Owns the times between two tries.
 * Must never ask a clock, nor go on for ever.
 */
#include <holdfast/str.h>

#include "controller/telling/retry.h"

static const int64_t WAITS[] = {5, 30, 120, 600, 1800};

bool hf_retry_next(int64_t tries, struct hf_wall first, struct hf_wall now, uint32_t chance, struct hf_wall *ret)
{
	size_t at = tries < 1 ? 0 : (size_t)tries - 1;
	int64_t wait = WAITS[at < HF_LEN(WAITS) ? at : HF_LEN(WAITS) - 1];
	int64_t more = (int64_t)(chance % (uint32_t)(wait / 10 + 1));
	if (now.s + wait + more > first.s + HF_RETRY_ALL_S)
		return false;
	ret->s = now.s + wait + more;
	return true;
}
