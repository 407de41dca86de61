/* SPDX-License-Identifier: MIT */
/*
 * Owns which address is shut for whom.
 * Must never open an address because it could not be counted.
 */
#include "agent/enforce/network/net_want.h"

#include <stdlib.h>
#include <string.h>

/* An address of a dedicated host, before the groups are counted. */
struct claim {
	struct hf_addr addr;
	struct hf_users open_for;
};

struct claims {
	struct claim *v;
	size_t n;
};

static int users_order(const struct hf_users *a, const struct hf_users *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return memcmp(a->v, b->v, a->n * sizeof(*a->v));
}

static int claim_order(const void *a, const void *b)
{
	return hf_addr_order(&((const struct claim *)a)->addr, &((const struct claim *)b)->addr);
}

static size_t count_claims(const struct hf_shut_hosts *shut, const struct hf_learned *learned)
{
	size_t n = 0;
	for (size_t i = 0; i < shut->n; i++) {
		const struct hf_addrs *addrs = hf_learned_of(learned, shut->v[i].host);
		n += addrs ? addrs->n : 0;
	}
	return n;
}

static void claim(struct claims *claims, const struct hf_addr *addr, const struct hf_users *open_for)
{
	claims->v[claims->n++] = (struct claim){*addr, *open_for};
	if (hf_addr_is_v4(addr))
		claims->v[claims->n++] = (struct claim){hf_addr_nat64(addr), *open_for};
}

/* Sorted, each address once, with the one that stands for it behind NAT64: open for those for whom every claim opens it. */
static enum hf_rc claim_all(const struct hf_shut_hosts *shut, const struct hf_learned *learned, struct claims *claims)
{
	size_t n = 0;
	claims->v = calloc(2 * count_claims(shut, learned) + 1, sizeof(*claims->v));
	if (!claims->v)
		return HF_E_MEMORY;
	for (size_t i = 0; i < shut->n; i++) {
		const struct hf_addrs *addrs = hf_learned_of(learned, shut->v[i].host);
		for (size_t j = 0; addrs && shut->v[i].dedicated && j < addrs->n; j++)
			claim(claims, &addrs->v[j], &shut->v[i].open_for);
	}
	qsort(claims->v, claims->n, sizeof(*claims->v), claim_order);
	for (size_t i = 0; i < claims->n; i++) {
		if (n > 0 && claim_order(&claims->v[n - 1], &claims->v[i]) == 0)
			hf_users_keep(&claims->v[n - 1].open_for, &claims->v[i].open_for);
		else
			claims->v[n++] = claims->v[i];
	}
	claims->n = n;
	return HF_OK;
}

struct counted {
	struct hf_users users;
	size_t n;
};

static int counted_order(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return users_order(&x->users, &y->users);
}

/* One group always: a table that is got ready has it, and a raise has only to say who is in it. */
static enum hf_rc group(const struct claims *claims, struct hf_net_want *want)
{
	hf_auto_free struct counted *counted = calloc(claims->n + 1, sizeof(*counted));
	size_t n = claims->n == 0 ? 1 : 0;
	if (!counted)
		return HF_E_MEMORY;
	for (size_t i = 0; i < claims->n; i++) {
		size_t at = 0;
		while (at < n && users_order(&counted[at].users, &claims->v[i].open_for) != 0)
			at++;
		if (at == n)
			counted[n++].users = claims->v[i].open_for;
		counted[at].n++;
	}
	qsort(counted, n, sizeof(*counted), counted_order);
	want->n_groups = n < HF_NET_GROUPS_MAX ? n : HF_NET_GROUPS_MAX;
	for (size_t i = 0; i < want->n_groups; i++)
		want->groups[i] = counted[i].users;
	if (n > HF_NET_GROUPS_MAX)
		want->groups[HF_NET_GROUPS_MAX - 1].n = 0;
	return HF_OK;
}

static size_t group_of(const struct hf_net_want *want, const struct hf_users *users)
{
	for (size_t i = 0; i < want->n_groups; i++) {
		if (users_order(&want->groups[i], users) == 0)
			return i;
	}
	return want->n_groups - 1;
}

static enum hf_rc aim(const struct claims *claims, struct hf_net_want *want)
{
	want->targets = calloc(claims->n + 1, sizeof(*want->targets));
	if (!want->targets)
		return HF_E_MEMORY;
	for (size_t i = 0; i < claims->n; i++) {
		struct hf_net_target *target = &want->targets[want->n_targets++];
		target->addr = claims->v[i].addr;
		target->group = group_of(want, &claims->v[i].open_for);
	}
	return HF_OK;
}

static bool is_target(const struct hf_net_want *want, const struct hf_addr *addr)
{
	return bsearch(addr, want->targets, want->n_targets, sizeof(*want->targets), hf_addr_order);
}

static enum hf_rc share_one(const struct hf_addr *addr, struct hf_net_want *want)
{
	return is_target(want, addr) ? HF_OK : hf_addrs_add(&want->shared, addr, NULL);
}

static enum hf_rc share_all(const struct hf_addrs *addrs, struct hf_net_want *want)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < addrs->n && rc == HF_OK; i++) {
		rc = share_one(&addrs->v[i], want);
		const struct hf_addr behind = hf_addr_nat64(&addrs->v[i]);
		if (rc == HF_OK && hf_addr_is_v4(&addrs->v[i]))
			rc = share_one(&behind, want);
	}
	return rc;
}

/* Also of names below a dedicated host: what they stand for may serve others too. */
static enum hf_rc share(const struct hf_shut_hosts *shut, const struct hf_learned *learned, struct hf_net_want *want)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < shut->n && rc == HF_OK; i++) {
		const struct hf_addrs *addrs = hf_learned_of(learned, shut->v[i].host);
		if (addrs && !shut->v[i].dedicated)
			rc = share_all(addrs, want);
	}
	for (size_t i = 0; i < learned->n && rc == HF_OK; i++) {
		if (learned->v[i].below && hf_shut_hosts_above(shut, learned->v[i].host))
			rc = share_all(&learned->v[i].addrs, want);
	}
	return rc == HF_OK ? share_all(&learned->answered, want) : rc;
}

enum hf_rc hf_net_want_make(const struct hf_shut_hosts *shut, const struct hf_learned *learned, hf_user link_uid,
			    struct hf_net_want *ret_want, struct hf_err *err)
{
	hf_auto_net_want struct hf_net_want want = {.link_uid = link_uid};
	struct claims claims = {0};
	enum hf_rc rc = claim_all(shut, learned, &claims);
	if (rc == HF_OK)
		rc = group(&claims, &want);
	if (rc == HF_OK)
		rc = aim(&claims, &want);
	if (rc == HF_OK)
		rc = share(shut, learned, &want);
	free(claims.v);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "No memory for the list of addresses that are shut");
	hf_shut_hosts_spared(shut, &want.spared);
	*ret_want = want;
	memset(&want, 0, sizeof(want));
	return HF_OK;
}

/* One that is open for this user is the last guess: beyond HF_NET_GROUPS_MAX sets of users it is refused all the same.
 */
const char *hf_net_host_of(const struct hf_shut_hosts *shut, const struct hf_learned *learned, hf_user uid,
			   const struct hf_addr *addr)
{
	const char *found = NULL;
	const struct hf_addr plain = hf_addr_without_nat64(addr);
	for (size_t i = 0; i < shut->n; i++) {
		const struct hf_addrs *addrs = hf_learned_of(learned, shut->v[i].host);
		if (!addrs || !shut->v[i].dedicated || (!hf_addrs_has(addrs, addr) && !hf_addrs_has(addrs, &plain)))
			continue;
		if (!hf_users_has(&shut->v[i].open_for, uid))
			return shut->v[i].host;
		found = shut->v[i].host;
	}
	return found;
}

enum hf_net_shut hf_net_want_shuts(const struct hf_net_want *want, hf_user uid, const struct hf_addr *addr)
{
	if (uid == 0 || uid == want->link_uid || want->n_targets + want->shared.n == 0)
		return HF_NET_OPEN;
	const struct hf_net_target *target =
		bsearch(addr, want->targets, want->n_targets, sizeof(*want->targets), hf_addr_order);
	if (target)
		return hf_users_has(&want->groups[target->group], uid) ? HF_NET_OPEN : HF_NET_SHUT;
	return hf_addrs_has(&want->shared, addr) && !hf_users_has(&want->spared, uid) ? HF_NET_STRICT : HF_NET_OPEN;
}

bool hf_net_same_targets(const struct hf_net_want *a, const struct hf_net_want *b)
{
	if (a->n_targets != b->n_targets)
		return false;
	for (size_t i = 0; i < a->n_targets; i++) {
		if (a->targets[i].group != b->targets[i].group ||
		    hf_addr_order(&a->targets[i].addr, &b->targets[i].addr) != 0)
			return false;
	}
	return true;
}

bool hf_net_want_same(const struct hf_net_want *a, const struct hf_net_want *b)
{
	if (a->n_groups != b->n_groups || a->link_uid != b->link_uid || a->log_group != b->log_group ||
	    users_order(&a->spared, &b->spared) != 0 || !hf_addrs_same(&a->shared, &b->shared) ||
	    !hf_net_same_targets(a, b))
		return false;
	for (size_t i = 0; i < a->n_groups; i++) {
		if (users_order(&a->groups[i], &b->groups[i]) != 0)
			return false;
	}
	return true;
}

void hf_net_want_done(struct hf_net_want *want)
{
	free(want->targets);
	hf_addrs_done(&want->shared);
	memset(want, 0, sizeof(*want));
}
