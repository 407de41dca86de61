/* SPDX-License-Identifier: MIT */
/*
 * answers.h - addresses that people's own resolvers got for names at or below listed hosts, while a lock is on; pure
 *
 * An answer counts when the question was seen, with its name, number and port. Anybody can answer their own questions
 * with whatever they like: so it only ever adds an address, where what cannot be read is refused; never shuts one
 * altogether, nor takes one away; and each user has a share.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_ANSWERS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_ANSWERS_H

#include <holdfast/json.h>
#include <holdfast/time.h>

#include "agent/enforce/network/dns.h"
#include "agent/enforce/network/names/shut_hosts.h"

#define HF_ANSWERS_MAX 2048	    /* addresses in all; with those of HF_LEARNED_MAX the kernel swaps them in 20 ms */
#define HF_ANSWERS_OF_USER 512	    /* of these, answered first to one user; a resolver of the device is one */
#define HF_ANSWERS_OF_NAME 16	    /* addresses of one name; an answer has some eight, and the next one others */
#define HF_ANSWERS_NAMES 64	    /* names of one listed host; a platform posts through some ten */
#define HF_ANSWERS_NAMES_OF_USER 16 /* of these, asked for first by one user */
#define HF_ASKED_MAX 128	    /* questions that wait for their answer */
#define HF_ASKED_OF_USER 16	    /* of these, of one user; a browser asks for some ten names at once */
#define HF_ASKED_MS 5000	    /* then nobody waits any more: glibc asks anew after five seconds */

/* Start it zeroed. */
struct hf_answers {
	struct hf_answered {
		char *name;
		struct hf_addr addr;
		hf_user uid; /* 0: somebody in an earlier life of the agent */
	} * v;		     /* as they came */
	size_t n, room;
	struct hf_asked {
		char name[HF_HOST_SIZE]; /* "": free */
		hf_user uid;
		uint16_t port, id;
		struct hf_boot_ms at;
	} * asked; /* HF_ASKED_MAX of them; NULL: nobody asked yet */
};

/*
 * hf_answers_asked - this user's program asks for a name: its answer is waited for, if it is at or below a listed host
 *
 * Whoever has a share waiting loses the oldest of it.
 * Returns   whether it is waited for
 */
bool hf_answers_asked(struct hf_answers *answers, const struct hf_shut_hosts *listed, hf_user uid,
		      const struct hf_dns *question, struct hf_boot_ms now);

/*
 * hf_answers_due - is this the answer of a question that waits: it waits no more
 *
 * @ret_uid  whose; filled when true
 * Returns   true or false
 */
bool hf_answers_due(struct hf_answers *answers, const struct hf_dns *answer, struct hf_boot_ms now, hf_user *ret_uid);

/*
 * hf_answers_keep - the addresses of a name that one user got; what is known stays, and what goes beyond a share, or
 * that there is no memory for, is passed over
 *
 * @no       these never
 * Returns   whether anything is known that was not
 * Source    policy D9.2
 */
bool hf_answers_keep(struct hf_answers *answers, const struct hf_shut_hosts *listed, hf_user uid,
		     const struct hf_dns *answer, const struct hf_addrs *no);

/*
 * hf_answers_forget - these addresses are nobody's
 *
 * Returns   whether one was known
 */
bool hf_answers_forget(struct hf_answers *answers, const struct hf_addrs *addrs);

/*
 * hf_answers_of - the addresses of names that are at or below these hosts
 *
 * @ret_addrs  those of before stay
 * Owner     the caller's, to hf_addrs_done
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_answers_of(const struct hf_answers *answers, const struct hf_shut_hosts *listed,
				      struct hf_addrs *ret_addrs);

/*
 * hf_answers_to_json, hf_answers_from_json - as an object {"name": [address...]}, and back from one, which is believed
 * no more than an answer
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory; HF_OK, HF_E_MEMORY
 */
json_t *hf_answers_to_json(const struct hf_answers *answers);
HF_NODISCARD enum hf_rc hf_answers_from_json(struct hf_answers *answers, const json_t *doc);

/*
 * hf_answers_done - free all, zero the struct
 */
void hf_answers_done(struct hf_answers *answers);

#endif
