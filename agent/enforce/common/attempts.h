/* SPDX-License-Identifier: MIT */
/*
 * fence_tried.h - who was refused what, of late: an attempt that opens many files of a tool is told once
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_ATTEMPTS_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/time.h>

#define HF_TRIED_MS 2000 /* one attempt: an interpreter has looked at all files of a package long before */
#define HF_TRIED_MAX 64	 /* attempts in that time; more are refused, and not told */

/* Start it zeroed. */
struct hf_tried {
	struct {
		uid_t uid;
		uint64_t tool;
		struct hf_boot_ms at;
		bool used;
	} v[HF_TRIED_MAX];
};

/*
 * hf_tried_is_new - is this an attempt that is to be told; notes it if so
 *
 * @tool     hf_fence_tool_number; 0: a file without a rule
 * @now      time since boot
 * Returns   true at most once for each user and tool in HF_TRIED_MS
 * Source    mission.md "The three people": a blocked attempt brings the window up
 */
bool hf_tried_is_new(struct hf_tried *tried, uid_t uid, uint64_t tool, struct hf_boot_ms now);

#endif
