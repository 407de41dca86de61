/* SPDX-License-Identifier: MIT */
/*
 * learned.h - which network addresses each host name was seen to have; pure
 *
 * They come from the link, which is believed as little as the network: it can at worst have addresses of the public
 * internet shut for this device's own people while a lock holds, and never open one.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_LEARNED_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_LEARNED_H

#include <holdfast/json.h>

#include "agent/machine/addr.h"

#define HF_LEARNED_OF_HOST 64 /* a large site answers with some ten at once, and others an hour later */
#define HF_LEARNED_MAX 5000   /* addresses in all: 80 for each of 64 hosts; the kernel swaps as many in 15 ms */
#define HF_LEARNED_HOSTS 4096 /* each tool of the register may have 64, few have more than three */

/* Sorted by host. Start it zeroed. */
struct hf_learned {
	struct hf_learned_host {
		char *host;
		struct hf_addrs addrs;
	} * v;
	size_t n;
	size_t n_addrs;
};

/* How something is learned. */
struct hf_learning {
	bool grow; /* keep what is known: while something is locked, nobody can have an address forgotten */
	const struct hf_addrs *no; /* these never: the broker's, resolvers', gateways' */
};

/*
 * hf_learned_hear - take what is good of an answer {"host": [address...], ...}
 *
 * What is no host, no address, or none of the public internet is passed over, as is what goes beyond a limit.
 * Without grow a host's new addresses take the place of those that were known; no answer at all changes nothing.
 * @ret_changed  whether anything is known now that was not, or the reverse; always filled
 * Owner     the learned; to hf_learned_done
 * Returns   HF_OK; HF_E_SHAPE it is no such answer; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_learned_hear(struct hf_learned *learned, const json_t *answer, const struct hf_learning *how,
					bool *ret_changed);

/*
 * hf_learned_of - the addresses of a host
 *
 * Owner     belongs to the learned
 * Returns   NULL when none is known
 */
const struct hf_addrs *hf_learned_of(const struct hf_learned *learned, const char *host);

/*
 * hf_learned_to_json - all of it, in the form in which it is heard
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_learned_to_json(const struct hf_learned *learned);

/*
 * hf_learned_done - free all, zero the struct
 */
void hf_learned_done(struct hf_learned *learned);

#endif
