/* SPDX-License-Identifier: MIT */
/*
 * lessons.h - which network addresses each host name was seen to have; pure
 *
 * They come from the link, which is believed as little as the network: it can at worst have addresses of the public
 * internet shut for this device's own people while a lock holds, and never open one.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_LEARNED_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_LEARNED_H

#include <holdfast/json.h>

#include "agent/machine/addr.h"

#define HF_LESSONS_OF_HOST 64 /* a large site answers with some ten at once, and others an hour later */
#define HF_LESSONS_MAX 5000   /* addresses in all: 80 for each of 64 hosts; the kernel swaps as many in 15 ms */
#define HF_LESSONS_HOSTS 4096 /* each tool of the register may have 64, few have more than three */

/* Sorted by host. Start it zeroed. */
struct hf_lessons {
	struct hf_lesson {
		char *host;
		struct hf_addrs addrs;
	} * v;
	size_t n;
	size_t n_addrs;
};

/* How something is learned. */
struct hf_teaching {
	bool grow; /* keep what is known: while something is locked, nobody can have an address forgotten */
	const struct hf_addrs *no; /* these never: the broker's, resolvers', gateways' */
};

/*
 * hf_lessons_hear - take what is good of an answer {"host": [address...], ...}
 *
 * What is no host, no address, or none of the public internet is passed over, as is what goes beyond a limit.
 * Without grow a host's new addresses take the place of those that were known; no answer at all changes nothing.
 * @ret_changed  whether anything is known now that was not, or the reverse; always filled
 * Owner     the lessons; to hf_lessons_done
 * Returns   HF_OK; HF_E_SHAPE it is no such answer; HF_E_MEMORY
 * Source    architecture.md "Privilege"
 */
HF_NODISCARD enum hf_rc hf_lessons_hear(struct hf_lessons *lessons, const json_t *answer, const struct hf_teaching *how,
					bool *ret_changed);

/*
 * hf_lessons_of - the addresses of a host
 *
 * Owner     belongs to the lessons
 * Returns   NULL when none is known
 */
const struct hf_addrs *hf_lessons_of(const struct hf_lessons *lessons, const char *host);

/*
 * hf_lessons_to_json - all of it, in the form in which it is heard
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_lessons_to_json(const struct hf_lessons *lessons);

/*
 * hf_lessons_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_lessons_done(struct hf_lessons *lessons);

#endif
