/* SPDX-License-Identifier: MIT */
/*
 * below.h - names below listed hosts that people's programs asked for: which of them are looked up, and kept; pure
 *
 * A register names `facebook.com`; a program asks for `graph.facebook.com`, which has an address of its own. Anybody
 * can invent such names, and a network can answer whatever it likes: each user has a share of what waits and of what is
 * kept, one name is looked up at a time, and one that teaches no new address is not kept.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_BELOW_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_BELOW_H

#include <holdfast/time.h>

#include "agent/enforce/network/learned.h"
#include "agent/enforce/network/names/hello.h"
#include "agent/enforce/network/names/shut_hosts.h"

#define HF_BELOW_MAX 64		 /* names below one listed host; a platform posts through some ten */
#define HF_BELOW_ALL_MAX 256	 /* below all of them */
#define HF_BELOW_OF_USER 16	 /* of one listed host, said first by one user */
#define HF_BELOW_WAITING_MAX 128 /* that wait to be looked up */
#define HF_BELOW_WAITING_OF_USER 8
#define HF_BELOW_ANSWER_MS 60000 /* then nobody answers any more: a look-up takes half a minute at the most */

/* Start it zeroed. */
struct hf_below {
	struct hf_below_wait {
		hf_user uid;
		char name[HF_HOST_SIZE];
	} waiting[HF_BELOW_WAITING_MAX], asked; /* asked: is looked up now; its name is "" when none is */
	size_t n_waiting;
	struct hf_boot_ms asked_at;
};

/* What is said of one name; not to be believed. */
struct hf_below_answer {
	const struct hf_shut_hosts *listed;
	const struct hf_learning *how;
	const char *name;
	const json_t *list;
};

/*
 * hf_below_said - this user's program asked for a name: it waits to be looked up, if it is below a listed host and
 * there is room in this user's share
 *
 * @name     lower-case, without a last dot
 * Returns   true it waits now; false it does not, or did before
 */
bool hf_below_said(struct hf_below *below, const struct hf_shut_hosts *listed, hf_user uid, const char *name);

/*
 * hf_below_next - the name that is to be looked up now: one at a time, and of each user in turn
 *
 * Owner     belongs to below; good until the next call
 * Returns   NULL when none waits, or the last one is still looked up
 */
const char *hf_below_next(struct hf_below *below, struct hf_boot_ms now);

/*
 * hf_below_hear - the addresses of a name below a listed host; what was not asked for is passed over
 *
 * @ret_changed  set when anything is known that was not, or the reverse; else untouched
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_below_hear(struct hf_below *below, struct hf_learned *learned,
				      const struct hf_below_answer *answer, bool *ret_changed);

/*
 * hf_below_move - the device is in another network: what was learned of such names is forgotten, and they wait to be
 * looked up anew
 *
 * Returns   whether anything is forgotten
 */
bool hf_below_move(struct hf_below *below, struct hf_learned *learned, const struct hf_shut_hosts *listed);

#endif
