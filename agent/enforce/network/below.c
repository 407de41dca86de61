/* SPDX-License-Identifier: MIT */
/*
 * Owns which names below listed hosts are looked up, and for whom.
 * Must never let one user's inventions take the place of another's names, nor look up what is below no listed host.
 */
#include "agent/enforce/network/below.h"

#include <string.h>

/* The link looks it up together with the host itself. */
static bool is_www(const char *name, const char *host)
{
	return strncmp(name, "www.", 4) == 0 && strcmp(name + 4, host) == 0;
}

static bool has_room(const struct hf_below *below, hf_user uid, const char *name)
{
	size_t own = 0;
	for (size_t i = 0; i < below->n_waiting; i++) {
		if (strcmp(below->waiting[i].name, name) == 0)
			return false;
		own += below->waiting[i].uid == uid;
	}
	return own < HF_BELOW_WAITING_OF_USER && below->n_waiting < HF_BELOW_WAITING_MAX;
}

bool hf_below_said(struct hf_below *below, const struct hf_shut_hosts *listed, hf_user uid, const char *name)
{
	const char *host = hf_shut_hosts_has(listed, name) ? NULL : hf_shut_hosts_above(listed, name);
	struct hf_below_wait *wait = &below->waiting[below->n_waiting];
	if (!host || is_www(name, host) || !has_room(below, uid, name) ||
	    hf_str_copy(wait->name, sizeof(wait->name), name) != HF_OK)
		return false;
	wait->uid = uid;
	below->n_waiting++;
	return true;
}

/* The first of the user who comes after the one before, round and round. */
static size_t whose_turn(const struct hf_below *below)
{
	size_t next = below->n_waiting, least = 0;
	for (size_t i = 0; i < below->n_waiting; i++) {
		hf_user uid = below->waiting[i].uid;
		if (uid > below->asked.uid && (next == below->n_waiting || uid < below->waiting[next].uid))
			next = i;
		if (uid < below->waiting[least].uid)
			least = i;
	}
	return next < below->n_waiting ? next : least;
}

const char *hf_below_next(struct hf_below *below, struct hf_boot_ms now)
{
	bool busy = below->asked.name[0] && now.ms - below->asked_at.ms < HF_BELOW_ANSWER_MS;
	if (busy || below->n_waiting == 0)
		return NULL;
	size_t at = whose_turn(below);
	below->asked = below->waiting[at];
	below->asked_at = now;
	below->n_waiting--;
	memmove(&below->waiting[at], &below->waiting[at + 1], (below->n_waiting - at) * sizeof(below->waiting[0]));
	return below->asked.name;
}

/* Is there room for one more of this user below that host? */
static bool may_keep(const struct hf_learned *learned, const struct hf_shut_hosts *listed, hf_user uid,
		     const char *name)
{
	const char *host = hf_shut_hosts_above(listed, name);
	size_t all = 0, there = 0, own = 0;
	for (size_t i = 0; i < learned->n; i++) {
		const struct hf_learned_host *one = &learned->v[i];
		const char *above = one->below ? hf_shut_hosts_above(listed, one->host) : NULL;
		all += one->below;
		if (!above || !host || strcmp(above, host) != 0)
			continue;
		there++;
		own += one->owner == uid;
	}
	return host && all < HF_BELOW_ALL_MAX && there < HF_BELOW_MAX && own < HF_BELOW_OF_USER;
}

enum hf_rc hf_below_hear(struct hf_below *below, struct hf_learned *learned, const struct hf_below_answer *answer,
			 bool *ret_changed)
{
	bool asked = strcmp(below->asked.name, answer->name) == 0;
	bool known = hf_learned_of(learned, answer->name);
	bool teaches = hf_learned_new_in(learned, answer->list, answer->how->no);
	if (asked)
		below->asked.name[0] = '\0';
	if (!teaches || (!known && (!asked || !may_keep(learned, answer->listed, below->asked.uid, answer->name))))
		return HF_OK;
	*ret_changed = true;
	return hf_learned_below(learned, answer->name, answer->list, answer->how, below->asked.uid);
}

bool hf_below_move(struct hf_below *below, struct hf_learned *learned, const struct hf_shut_hosts *listed)
{
	bool any = false;
	for (size_t i = learned->n; i-- > 0;) {
		const struct hf_learned_host *one = &learned->v[i];
		if (!one->below)
			continue;
		any = true;
		hf_below_said(below, listed, one->owner, one->host);
		hf_learned_drop(learned, one->host);
	}
	return any;
}
