/* SPDX-License-Identifier: MIT */
/*
 * tried_log.h - who was refused which address just now, as the kernel's rules say it (NFLOG)
 *
 * A rule that says so comes before the one that refuses, and whether anybody listens changes nothing about that.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_REFUSALS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_REFUSALS_H

#include <sys/types.h>

#include "agent/machine/addr.h"

struct hf_tried_log;

typedef void (*hf_tried_fn)(void *arg, uid_t uid, const struct hf_addr *to);

/*
 * hf_tried_log_open - listen to a group of the kernel's log of packets
 *
 * @fn       called by hf_tried_log_serve; must not free the log
 * @ret_log  to hf_tried_log_free; untouched unless HF_OK
 * Owner     see ret_log
 * Returns   HF_OK; HF_E_SYSTEM the kernel has none, or somebody else listens to that group; HF_E_MEMORY
 * Source    linux/netfilter/nfnetlink_log.h
 */
HF_NODISCARD enum hf_rc hf_tried_log_open(uint16_t group, hf_tried_fn fn, void *arg, struct hf_tried_log **ret_log,
					  struct hf_err *err);

/*
 * hf_tried_log_fd - to wait for; hf_tried_log_serve - hand on what is there now, without waiting
 *
 * What was lost because there was much of it is lost: an attempt without a user, or that is no IP packet, is passed
 * over.
 * Owner     the descriptor stays the log's
 * Returns   the descriptor; HF_OK, HF_E_SYSTEM it cannot be read any more
 * Source    mission.md "The three people": a blocked attempt brings the window up
 */
int hf_tried_log_fd(const struct hf_tried_log *log);
HF_NODISCARD enum hf_rc hf_tried_log_serve(struct hf_tried_log *log);

/*
 * hf_tried_log_free - listen no more, set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_tried_log_free(struct hf_tried_log **log);

#endif
