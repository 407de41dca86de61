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
#include <holdfast/user.h>

#include "agent/machine/addr.h"

#define HF_LEARNED_OF_HOST 64  /* a large site answers with some ten at once, and others an hour later */
#define HF_LEARNED_MAX 5000    /* addresses in all: 80 for each of 64 hosts; the kernel swaps as many in 15 ms */
#define HF_LEARNED_OF_BELOW 16 /* of one name below a listed host; with HF_BELOW_ALL_MAX names: 4,096 in all */
#define HF_LEARNED_HOSTS 4096  /* each tool of the register may have 64, few have more than three */

/* Sorted by host. Start it zeroed. */
struct hf_learned {
	struct hf_learned_host {
		char *host;
		struct hf_addrs addrs;
		struct hf_addrs here; /* those that were heard in the network where the device is */
		bool below;	      /* the register does not name it, but what it is a subdomain of */
		hf_user owner;	      /* of one below: who said it first; 0: somebody in an earlier life */
	} * v;
	size_t n, room;
	size_t n_addrs; /* of those that the register names */
	struct hf_addrs answered; /* what people's own resolvers got for listed hosts and names below them */
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
 * hf_learned_below - these are the addresses of a name below a listed host, instead of what was known of it
 *
 * As hf_learned_hear, but of one name; of its addresses only HF_LEARNED_OF_BELOW count.
 * @list     as in an answer
 * @owner    who said it; kept with a name that is new
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_learned_below(struct hf_learned *learned, const char *name, const json_t *list,
					 const struct hf_learning *how, hf_user owner);

/*
 * hf_learned_new_in - is a good address in this list that no host is known to have; hf_learned_drop - forget a host
 *
 * @list     as in an answer
 * Returns   true or false; nothing
 */
bool hf_learned_new_in(const struct hf_learned *learned, const json_t *list, const struct hf_addrs *no);
void hf_learned_drop(struct hf_learned *learned, const char *host);

/*
 * hf_learned_forget - this host does not have this address
 *
 * Returns   whether it was known to
 */
bool hf_learned_forget(struct hf_learned *learned, const char *host, const struct hf_addr *addr);

/*
 * hf_learned_moved - the device is in another network; hf_learned_age - what only others taught is forgotten, of hosts
 * that have an address in this one
 *
 * Returns   nothing; whether anything is forgotten
 */
void hf_learned_moved(struct hf_learned *learned);
bool hf_learned_age(struct hf_learned *learned);

/*
 * hf_learned_to_json - the hosts that the register names, or those below them, in the form in which they are heard
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_learned_to_json(const struct hf_learned *learned, bool below);

/*
 * hf_learned_done - free all, zero the struct
 */
void hf_learned_done(struct hf_learned *learned);

#endif
