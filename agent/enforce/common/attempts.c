/* SPDX-License-Identifier: MIT */
/*
 * Owns the short memory of refused attempts.
 * Must never grow, nor allocate: it stands in the way of an answer to the kernel.
 */
#include "agent/enforce/common/attempts.h"

#include <stddef.h>

uint64_t hf_attempt_tool(const char *tool)
{
	uint64_t number = 14695981039346656037U; /* FNV-1a */
	for (; *tool; tool++)
		number = (number ^ (uint8_t)*tool) * 1099511628211U;
	return number;
}

bool hf_attempts_is_new(struct hf_attempts *tried, hf_user uid, uint64_t tool, struct hf_boot_ms now)
{
	size_t at = HF_ATTEMPTS_MAX;
	for (size_t i = 0; i < HF_ATTEMPTS_MAX; i++) {
		bool fresh = tried->v[i].used && now.ms - tried->v[i].at.ms < HF_ATTEMPTS_MS;
		if (fresh && tried->v[i].uid == uid && tried->v[i].tool == tool)
			return false;
		if (!fresh)
			at = i;
	}
	if (at == HF_ATTEMPTS_MAX)
		return false;
	tried->v[at].uid = uid;
	tried->v[at].tool = tool;
	tried->v[at].at = now;
	tried->v[at].used = true;
	return true;
}
