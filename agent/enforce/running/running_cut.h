/* SPDX-License-Identifier: MIT */
/*
 * running_cut.h - the network connections of single processes, ended
 */
#ifndef HOLDFAST_AGENT_ENFORCE_RUNNING_RUNNING_CUT_H
#define HOLDFAST_AGENT_ENFORCE_RUNNING_RUNNING_CUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/err.h>

#define HF_CUT_ELSEWHERE_MAX 32 /* processes; each costs a process of ours. More of them is somebody's game */

/* The sockets of some processes. Start it zeroed. */
struct hf_cut {
	uint64_t *inodes;
	size_t n, room;
	pid_t elsewhere[HF_CUT_ELSEWHERE_MAX]; /* processes with a network namespace of their own */
	size_t n_elsewhere;
};

/*
 * hf_cut_add - note the sockets that a process has open now
 *
 * @pid      one that has gone has none
 * Owner     hf_cut_done
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SIZE too many that have network namespaces of their own
 * Source    proc(5) fd
 */
HF_NODISCARD enum hf_rc hf_cut_add(struct hf_cut *cut, pid_t pid);

/*
 * hf_cut_done - end the network connections among them, and forget them all
 *
 * What they had queued is not sent; sockets within this machine (Unix) are left alone, and so are those that listen.
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    tests/FACTS.md "The device": a thawed client sends its queued post
 */
HF_NODISCARD enum hf_rc hf_cut_done(struct hf_cut *cut, struct hf_err *err);

#endif
