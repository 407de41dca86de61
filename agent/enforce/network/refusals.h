/* SPDX-License-Identifier: MIT */
/*
 * refusals.h - who was refused which address just now, as the kernel's rules say it (NFLOG)
 *
 * A rule that says so comes before the one that refuses, and whether anybody listens changes nothing about that.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_REFUSALS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_REFUSALS_H

#include <sys/types.h>

#include "agent/machine/addr.h"

struct hf_refusals;

typedef void (*hf_refusal_fn)(void *arg, uid_t uid, const struct hf_addr *to);

/*
 * hf_refusals_open - listen to a group of the kernel's log of packets
 *
 * @fn       called by hf_refusals_serve; must not free the log
 * @ret_log  to hf_refusals_free; untouched unless HF_OK
 * Owner     see ret_log
 * Returns   HF_OK; HF_E_SYSTEM the kernel has none, or somebody else listens to that group; HF_E_MEMORY
 * Source    linux/netfilter/nfnetlink_log.h
 */
HF_NODISCARD enum hf_rc hf_refusals_open(uint16_t group, hf_refusal_fn fn, void *arg, struct hf_refusals **ret_log,
					 struct hf_err *err);

/*
 * hf_refusals_fd - to wait for; hf_refusals_serve - hand on what is there now, without waiting
 *
 * What was lost because there was much of it is lost: an attempt without a user, or that is no IP packet, is passed
 * over.
 * Owner     the descriptor stays the log's
 * Returns   the descriptor; HF_OK, HF_E_SYSTEM it cannot be read any more
 * Source    mission.md "The three people": a blocked attempt brings the window up
 */
int hf_refusals_fd(const struct hf_refusals *log);
HF_NODISCARD enum hf_rc hf_refusals_serve(struct hf_refusals *log);

/*
 * hf_refusals_free - listen no more, set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_refusals_free(struct hf_refusals **log);

#endif
