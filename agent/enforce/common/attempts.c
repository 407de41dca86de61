/* SPDX-License-Identifier: MIT */
/*
 * Owns the short memory of refused attempts.
 * Must never grow, nor allocate: it stands in the way of an answer to the kernel.
 */
#include "agent/enforce/common/attempts.h"

#include <stddef.h>

bool hf_tried_is_new(struct hf_tried *tried, uid_t uid, uint64_t tool, struct hf_boot_ms now)
{
	size_t at = HF_TRIED_MAX;
	for (size_t i = 0; i < HF_TRIED_MAX; i++) {
		bool fresh = tried->v[i].used && now.ms - tried->v[i].at.ms < HF_TRIED_MS;
		if (fresh && tried->v[i].uid == uid && tried->v[i].tool == tool)
			return false;
		if (!fresh)
			at = i;
	}
	if (at == HF_TRIED_MAX)
		return false;
	tried->v[at].uid = uid;
	tried->v[at].tool = tool;
	tried->v[at].at = now;
	tried->v[at].used = true;
	return true;
}
