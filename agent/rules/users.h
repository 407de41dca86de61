/* SPDX-License-Identifier: MIT */
/*
 * users.h - the users of this device as values: whose each is, and who is logged in
 */
#ifndef HOLDFAST_AGENT_RULES_USERS_H
#define HOLDFAST_AGENT_RULES_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/user.h>
#include <holdfast/versions.h>

#define HF_PRESENT_MAX 64  /* who are logged in at once; of more it is said that there are strangers */
#define HF_UID_PERSON 1000 /* UID_MIN of Debian: users below are the machine's own */
#define HF_UID_NOBODY 65534

/* The local users behind the pairs of a device, in their order, and who is at this device now. */
struct hf_logins {
	struct {
		hf_user uid;
		bool there; /* false: this device has no such user now: whoever is a stranger may be that one */
		bool in;    /* logged in */
	} v[HF_PAIRS_MAX];
	size_t n;
	bool strangers; /* somebody is logged in who is none of them */
};

/* Some users, no one twice. Start it zeroed. */
struct hf_present {
	hf_user v[HF_PRESENT_MAX];
	size_t n;
	bool more; /* than fit, or than this machine knows by their logins */
};

/*
 * hf_logins_pair - who of the device's people is this local user; of several the first that two approved, else the
 * newest
 *
 * @logins   made from these pairs
 * Owner     belongs to the pairs
 * Returns   NULL when nobody is
 * Source    proto/README.md "Who is trusted with what"
 */
const struct hf_pair *hf_logins_pair(const struct hf_pairs *pairs, const struct hf_logins *logins, hf_user uid);

/*
 * hf_logins_unknown - how many of them this device has no user for now
 */
size_t hf_logins_unknown(const struct hf_logins *logins);

/*
 * hf_present_add - one more
 */
void hf_present_add(struct hf_present *users, hf_user uid);

/*
 * hf_logins_mark - of these users, who is of the device, and are there strangers
 *
 * Pure. Users below HF_UID_PERSON, and nobody, are strangers to no one: only as a person's login do they count.
 * @logins   its in and strangers are filled in
 * Source    policy D9.1, D9.2
 */
void hf_logins_mark(const struct hf_present *here, struct hf_logins *logins);

#endif
