/* SPDX-License-Identifier: MIT */
/*
 * refusals.h - what the kernel's rules tell (NFLOG): who was refused which address just now, and questions and answers
 * of names
 *
 * A rule that says so comes before the one that refuses, and whether anybody listens changes nothing about that.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_REFUSALS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/loop.h>
#include <holdfast/user.h>

#include "agent/machine/addr.h"

/* Who is told; start it with loop, group, fn, names and arg set, all else zeroed. */
struct hf_refusals {
	struct hf_loop *loop;
	uint16_t group; /* of the kernel's log of packets; 0: this kernel has none */
	/* @over: not the address is shut, but this user has more at once than is their share */
	void (*fn)(void *arg, hf_user uid, const struct hf_addr *to, bool over);
	/* A packet with a question or an answer of names; @uid of who asks, none of an answer. */
	void (*names)(void *arg, const hf_user *uid, const uint8_t *packet, size_t len);
	void *arg;
	struct mnl_socket *nl; /* NULL: nobody listens */
	struct hf_watch *watch;
};

/*
 * hf_refusals_listen - listen, if nobody does yet; hf_refusals_stop - listen no more
 *
 * Where nobody can listen, what is refused stays refused, and the person is not told. What was lost because there was
 * much of it is lost: an attempt without a user, or that is no IP packet, is passed over.
 * Owner     hf_refusals_stop
 * Source    linux/netfilter/nfnetlink_log.h
 */
void hf_refusals_listen(struct hf_refusals *refusals);
void hf_refusals_stop(struct hf_refusals *refusals);

#endif
