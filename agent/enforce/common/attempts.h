/* SPDX-License-Identifier: MIT */
/*
 * attempts.h - who was refused what, of late: an attempt that opens many files of a tool is told once
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_ATTEMPTS_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/time.h>
#include <holdfast/user.h>

#define HF_ATTEMPTS_MS 2000 /* one attempt: an interpreter has looked at all files of a package long before */
#define HF_ATTEMPTS_MAX 64  /* attempts in that time; more are refused, and not told */

/* Start it zeroed. */
struct hf_attempts {
	struct {
		hf_user uid;
		uint64_t tool;
		struct hf_boot_ms at;
		bool used;
	} v[HF_ATTEMPTS_MAX];
};

/*
 * hf_attempt_tool - a number for a tool, the same in every life: several files of one are one attempt
 *
 * @tool     its id, or a host
 * Returns   the number
 */
uint64_t hf_attempt_tool(const char *tool);

/*
 * hf_attempts_is_new - is this an attempt that is to be told; notes it if so
 *
 * @tool     its number; 0: a file without a rule
 * @now      time since boot
 * Returns   true at most once for each user and tool in HF_ATTEMPTS_MS
 */
bool hf_attempts_is_new(struct hf_attempts *tried, hf_user uid, uint64_t tool, struct hf_boot_ms now);

#endif
