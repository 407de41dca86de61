/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading back of the kernel's table.
 * Must never call a table whole of which it has not seen every part.
 */
#include <string.h>

#include <holdfast/str.h>

#include "agent/enforce/network/net_want.h"

#define PRIORITY_FIRST 10

static const struct {
	const char *chain, *hook;
	unsigned int bit;
	int priority;
} hooks[] = {
	{"out", "output", HF_NET_HOOK_OUT, PRIORITY_FIRST},
	{"judged", "output", HF_NET_HOOK_JUDGED, PRIORITY_FIRST + 1},
	{"passing", "forward", HF_NET_HOOK_PASSING, PRIORITY_FIRST},
	{"heard", "input", HF_NET_HOOK_HEARD, PRIORITY_FIRST},
};

/* How many rules each chain has, and how many more where attempts are told. The first also has one that queues. */
static const struct {
	const char *chain;
	size_t n_rules, n_told;
} chains[] = {
	{"ask", 3, 0},	  {"strictly", 2, 0}, {"begun_there", 7, 0}, {"listed", 11, 0},
	{"begin", 8, 0},  {"names", 5, 0},    {"look", 8, 0},	     {"over", 2, 0},
	{"settle", 9, 0}, {"tried", 0, 3},    {"told", 0, 1},	     {"forwarded", 2, 0},
	{"asks", 0, 5},	  {"answers", 0, 2},  {"refused", 5, 0},
	{"quic", 3, 0},	  {"again", 9, 0},
};

/* The member of this kind and name: {"chain": {"name": ...}}. */
static json_t *part_of_table(const json_t *listing, const char *kind, const char *name)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_object_get(listing, "nftables"), i, one)
	{
		json_t *inner = json_object_get(one, kind);
		const char *has = json_string_value(json_object_get(inner, "name"));
		if (has && strcmp(has, name) == 0)
			return inner;
	}
	return NULL;
}

static size_t rules_of(const json_t *listing, const char *chain)
{
	json_t *one;
	size_t i, n = 0;
	json_array_foreach(json_object_get(listing, "nftables"), i, one)
	{
		const char *of = json_string_value(json_object_get(json_object_get(one, "rule"), "chain"));
		n += of && strcmp(of, chain) == 0;
	}
	return n;
}

static unsigned int hooks_of(const json_t *listing)
{
	unsigned int found = 0;
	for (size_t i = 0; i < HF_LEN(hooks); i++) {
		const json_t *chain = part_of_table(listing, "chain", hooks[i].chain);
		const char *hook = json_string_value(json_object_get(chain, "hook"));
		if (hook && strcmp(hook, hooks[i].hook) == 0 &&
		    json_integer_value(json_object_get(chain, "prio")) == hooks[i].priority &&
		    rules_of(listing, hooks[i].chain) == 1)
			found |= hooks[i].bit;
	}
	return found;
}

/* A set's element is a value, a map's a pair of value and verdict. */
static const char *element_text(const json_t *element)
{
	const json_t *value = json_is_array(element) ? json_array_get(element, 0) : element;
	return json_string_value(value);
}

/* Every element is wanted, and as many are wanted. */
static bool set_holds(const json_t *set, const struct hf_addrs *wanted)
{
	json_t *elements = json_object_get(set, "elem"), *one;
	size_t i;
	if (!set || json_array_size(elements) != wanted->n)
		return false;
	json_array_foreach(elements, i, one)
	{
		const char *text = element_text(one);
		struct hf_addr addr;
		if (!text || hf_addr_parse(text, &addr) != HF_OK || !hf_addrs_has(wanted, &addr))
			return false;
	}
	return true;
}

static enum hf_rc of_kind(const struct hf_net_want *want, bool shut, bool v4, struct hf_addrs *ret)
{
	size_t n = shut ? want->n_targets : want->shared.n;
	for (size_t i = 0; i < n; i++) {
		const struct hf_addr *addr = shut ? &want->targets[i].addr : &want->shared.v[i];
		if (hf_addr_is_v4(addr) == v4 && hf_addrs_add(ret, addr, NULL) != HF_OK)
			return HF_E_MEMORY;
	}
	return HF_OK;
}

static bool addresses_hold(const json_t *listing, const struct hf_net_want *want)
{
	static const struct {
		const char *kind, *name;
		bool shut, v4;
	} sets[] = {
		{"map", "shut4", true, true},
		{"map", "shut6", true, false},
		{"set", "shared4", false, true},
		{"set", "shared6", false, false},
	};
	bool all = true;
	for (size_t i = 0; i < HF_LEN(sets) && all; i++) {
		struct hf_addrs wanted = {0};
		all = of_kind(want, sets[i].shut, sets[i].v4, &wanted) == HF_OK &&
		      set_holds(part_of_table(listing, sets[i].kind, sets[i].name), &wanted);
		hf_addrs_done(&wanted);
	}
	return all;
}

/* Root, the link, and whoever else is meant. */
static bool users_hold(const json_t *listing, const char *name, const struct hf_users *users, hf_user link_uid)
{
	struct hf_users wanted = *users;
	json_t *elements = json_object_get(part_of_table(listing, "set", name), "elem"), *one;
	size_t i;
	if (!hf_users_add(&wanted, 0) || (link_uid != 0 && !hf_users_add(&wanted, link_uid)))
		return true; /* more than a list holds: their number says nothing */
	if (json_array_size(elements) != wanted.n)
		return false;
	json_array_foreach(elements, i, one)
	{
		/* One that has a name here is listed by it. */
		if (json_is_integer(one) && !hf_users_has(&wanted, (hf_user)json_integer_value(one)))
			return false;
	}
	return true;
}

static bool groups_hold(const json_t *listing, const struct hf_net_want *want)
{
	bool all = users_hold(listing, "spared", &want->spared, want->link_uid);
	for (size_t g = 0; g < want->n_groups && all; g++) {
		char name[32];
		all = hf_str_printf(name, sizeof(name), "open%zu", g) == HF_OK &&
		      users_hold(listing, name, &want->groups[g], want->link_uid) &&
		      hf_str_printf(name, sizeof(name), "shut%zu", g) == HF_OK &&
		      rules_of(listing, name) == (want->groups[g].n > 0 ? 3 : 5);
	}
	return all;
}

enum hf_rc hf_net_listed(const json_t *listing, const struct hf_net_want *want, unsigned int *ret_hooks,
			 struct hf_err *err)
{
	*ret_hooks = hooks_of(listing);
	for (size_t i = 0; i < HF_LEN(chains); i++) {
		if (!part_of_table(listing, "chain", chains[i].chain))
			return hf_err_set(err, HF_E_SHAPE, "The chain %s of the table holdfast was gone",
					  chains[i].chain);
		size_t n = rules_of(listing, chains[i].chain);
		if (n != chains[i].n_rules + (want->log_group != 0 ? chains[i].n_told : 0) &&
		    !(i == 0 && n == chains[i].n_rules + 1))
			return hf_err_set(err, HF_E_SHAPE, "The chain %s of the table holdfast had other rules",
					  chains[i].chain);
	}
	if (!addresses_hold(listing, want))
		return hf_err_set(err, HF_E_SHAPE, "Addresses of the table holdfast had been changed");
	if (!groups_hold(listing, want))
		return hf_err_set(err, HF_E_SHAPE, "Users of the table holdfast had been changed");
	return HF_OK;
}
