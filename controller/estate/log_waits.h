/* SPDX-License-Identifier: MIT */
/*
 * log_waits.h - which devices wait for a proof that the controller's log goes on from where they saw it, and whose turn
 * it is
 *
 * Pure: no clock, no I/O. One wait a device, so that no device's key takes the turns of others.
 */
#ifndef HOLDFAST_CONTROLLER_LOG_WAITS_H
#define HOLDFAST_CONTROLLER_LOG_WAITS_H

#include <holdfast/state.h>

/* What one device waits for. Start it zeroed. */
struct hf_log_wait {
	int64_t size;  /* of the log that it holds; 0: it waits for nothing */
	int64_t since; /* a number that only grows: the least waits longest */
	bool ask;      /* it is to show the signed state of that size: there is no proof for it */
};

/* Whose turn it is. */
struct hf_log_turn {
	struct hf_log_wait v[HF_LOG_FROM_MAX]; /* each size once */
	size_t n;
	bool more; /* others wait */
};

/*
 * hf_log_wait_note - what a device holds now, by its report
 *
 * Another size begins to wait anew; the same goes on.
 * @size     0: it waits for nothing
 * @at       the number of now
 */
void hf_log_wait_note(struct hf_log_wait *wait, int64_t size, bool ask, int64_t at);

/*
 * hf_log_waits_turn - the sizes that a state answers: of those that wait, the longest waiting first
 *
 * All that wait for one of them wait anew, should they not have heard it.
 * @waits    n addresses
 * @at       the number of now
 * Source    proto/README.md "State"
 */
struct hf_log_turn hf_log_waits_turn(struct hf_log_wait *const *waits, size_t n, int64_t at);

#endif
