/* SPDX-License-Identifier: MIT */
/*
 * shut_hosts.h - which hosts are shut for whom: what the network layer takes from its plan, and the process of names
 * holds
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_SHUT_HOSTS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_SHUT_HOSTS_H

#include <holdfast/user.h>

#include "agent/enforce/enforce.h"

/* Users for whom something is open: sorted, none twice. */
struct hf_users {
	hf_user v[HF_PAIRS_MAX];
	size_t n;
};

/* One host, which covers its subdomains. */
struct hf_shut_host {
	const char *host;
	bool dedicated; /* its network addresses serve nothing else */
	struct hf_users open_for;
};

/* Sorted by host, none twice. Start it zeroed. */
struct hf_shut_hosts {
	struct hf_shut_host *v;
	size_t n;
	json_t *doc; /* owns the texts */
};

#define hf_auto_shut_hosts __attribute__((cleanup(hf_shut_hosts_done)))

/*
 * hf_shut_hosts_of_plan - the hosts of a plan; one that stands in several blocks is open for those for whom all are
 * open
 *
 * Pure.
 * @ret_shut  to hf_shut_hosts_done; untouched unless HF_OK
 * Owner     its texts are copies
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_shut_hosts_of_plan(const struct hf_plan *plan, struct hf_shut_hosts *ret_shut,
					      struct hf_err *err);

/*
 * hf_shut_hosts_to_json, hf_shut_hosts_from_json - as an object, and back from one
 *
 * Pure. {"hosts": [{"host": text, "open_for": [uid...], "dedicated": true|false}...]}
 * Owner     a new reference; as hf_shut_hosts_of_plan
 * Returns   the object, NULL no memory; HF_OK, HF_E_SHAPE, HF_E_SIZE, HF_E_MEMORY
 */
json_t *hf_shut_hosts_to_json(const struct hf_shut_hosts *shut);
HF_NODISCARD enum hf_rc hf_shut_hosts_from_json(const json_t *doc, struct hf_shut_hosts *ret_shut, struct hf_err *err);

/*
 * hf_shut_hosts_may - may this user reach this host: true unless it, or a name that it is a subdomain of, is shut for
 * them
 *
 * Pure. Root may.
 * Returns   true or false
 * Source    policy D9.1, D9.2
 */
bool hf_shut_hosts_may(const struct hf_shut_hosts *shut, hf_user uid, const char *host);

/*
 * hf_shut_hosts_has - is it one of them; hf_shut_hosts_above - the nearest of them that a name is a subdomain of
 *
 * Pure.
 * Owner     belongs to shut
 * Returns   true or false; NULL when it is below none, also when it is one itself and below no other
 */
bool hf_shut_hosts_has(const struct hf_shut_hosts *shut, const char *host);
const char *hf_shut_hosts_above(const struct hf_shut_hosts *shut, const char *name);

/*
 * hf_shut_hosts_spared - the users for whom every host is open
 *
 * Pure.
 * @ret_users  always filled; nobody when there is no host
 * Source    policy D9.1
 */
void hf_shut_hosts_spared(const struct hf_shut_hosts *shut, struct hf_users *ret_users);

/*
 * hf_users_keep - leave those of users who are among others too; hf_users_has - is this user among them;
 * hf_users_same - are both the same; hf_users_add - put one in its place
 *
 * Pure.
 * Returns   nothing; true or false; false when there is no room
 */
void hf_users_keep(struct hf_users *users, const struct hf_users *others);
bool hf_users_has(const struct hf_users *users, hf_user uid);
bool hf_users_same(const struct hf_users *a, const struct hf_users *b);
bool hf_users_add(struct hf_users *users, hf_user uid);

/*
 * hf_shut_hosts_done - free all, zero the struct
 */
void hf_shut_hosts_done(struct hf_shut_hosts *shut);

#endif
