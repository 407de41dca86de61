/* SPDX-License-Identifier: MIT */
/*
 * net_want.h - from hosts that are shut and their addresses to what the kernel's table is to hold, and its text; pure
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NET_WANT_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NET_WANT_H

#include <stdio.h>

#include <holdfast/user.h>

#include "agent/enforce/network/learned.h"
#include "agent/enforce/network/names/shut_hosts.h"
#include "agent/enforce/network/net_proxy.h"

#define HF_NET_TABLE "inet holdfast"
#define HF_NET_GROUPS_MAX 32 /* sets of users for whom something is open; a device has 32 people */
#define HF_NET_LOGGED 40     /* bytes of a refused packet that are told: the longest fixed header, of IPv6 */
#define HF_NET_HEARD 1500    /* bytes of an answer of names: a frame's; resolvers ask for 1,232 at the most */
#define HF_NET_TOLD_OVER "over"	  /* before a packet that is told: its user has more at once than a share */
#define HF_NET_TOLD_NAMES "names" /* it is a question or an answer of names */

/* One address that is shut altogether, but for one group of users. */
struct hf_net_target {
	struct hf_addr addr;
	size_t group;
};

/* All that differs from plan to plan. Start it zeroed. */
struct hf_net_want {
	struct hf_users groups[HF_NET_GROUPS_MAX]; /* the one with the most addresses first */
	size_t n_groups;
	struct hf_net_target *targets; /* sorted by address */
	size_t n_targets;
	struct hf_addrs shared; /* known ones that others use too: what goes there is judged strictly */
	struct hf_users spared; /* users for whom nothing is shut */
	hf_user link_uid;
	uint16_t log_group; /* of the kernel's log, which tells who was refused an address; 0: nobody is told */
};

#define hf_auto_net_want __attribute__((cleanup(hf_net_want_done)))

/*
 * hf_net_want_make - what is to be shut
 *
 * An address of several dedicated hosts is open for those for whom all of them are. Beyond HF_NET_GROUPS_MAX different
 * sets of users what is left is shut for everybody but root.
 * @link_uid  user of holdfast-link, which is spared always; 0: there is none
 * @ret_want  untouched unless HF_OK; its log_group is 0, the caller's to set
 * Owner     the caller's, to hf_net_want_done
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_net_want_make(const struct hf_shut_hosts *shut, const struct hf_learned *learned,
					 hf_user link_uid, struct hf_net_want *ret_want, struct hf_err *err);

/*
 * hf_net_host_of - of which host that is shut for this user is this address
 *
 * Owner     belongs to shut
 * Returns   NULL when of none that is dedicated
 */
const char *hf_net_host_of(const struct hf_shut_hosts *shut, const struct hf_learned *learned, hf_user uid,
			   const struct hf_addr *addr);

/* clang-format off */
enum hf_net_shut {
	HF_NET_OPEN,   /* what this user sends there passes, unless its name is read to be shut */
	HF_NET_STRICT, /* what cannot be read is refused */
	HF_NET_SHUT,   /* all of it is refused */
};
/* clang-format on */

/*
 * hf_net_want_shuts - how is this address shut for this user
 *
 * Returns   see the enum; HF_NET_OPEN for root and the link's user
 */
enum hf_net_shut hf_net_want_shuts(const struct hf_net_want *want, hf_user uid, const struct hf_addr *addr);

/*
 * hf_net_want_same - do both want the same; hf_net_same_targets - of targets alone
 *
 * Returns   true or false
 */
bool hf_net_want_same(const struct hf_net_want *a, const struct hf_net_want *b);
bool hf_net_same_targets(const struct hf_net_want *a, const struct hf_net_want *b);

/*
 * hf_net_want_done - free all, zero the struct
 */
void hf_net_want_done(struct hf_net_want *want);

/*
 * hf_net_write_table - commands for nft: the table as it stands while nothing is shut: no hook, so no packet meets it
 *
 * Whatever is there of that name is replaced, in one transaction.
 * @queue    number of the queue that the process of names reads; 0: packets are not queued by nft's own means
 * Source    nft(8)
 */
void hf_net_write_table(FILE *out, unsigned int queue);

/*
 * hf_net_write_proxies - commands for nft, behind those of a new table: the council's proxies
 *
 * Source    nft(8)
 */
void hf_net_write_proxies(FILE *out, const struct hf_net_proxies *proxies);

/*
 * hf_net_write_want - commands that put what is wanted into a table that is there, instead of what was put before
 *
 * What is the same is left alone: a raise of what was got ready has to name users only.
 * @before   what the table holds now; zeroed: it is new
 * Source    nft(8)
 */
void hf_net_write_want(FILE *out, const struct hf_net_want *want, const struct hf_net_want *before);

/*
 * hf_net_write_hooks, hf_net_write_unhooks - commands that make packets meet the table, and no more
 *
 * @hooks    the bits of those that are there
 * Source    nft(8)
 */
void hf_net_write_hooks(FILE *out);
void hf_net_write_unhooks(FILE *out, unsigned int hooks);

/*
 * hf_net_comes_and_goes - does the kernel put the elements of this set in and out by itself
 *
 * Returns   true or false
 */
bool hf_net_comes_and_goes(const char *set);

/* The base chains, as bits. */
#define HF_NET_HOOK_OUT 1U     /* what leaves this machine */
#define HF_NET_HOOK_JUDGED 2U  /* the same, after the process of names has judged it */
#define HF_NET_HOOK_PASSING 4U /* what is forwarded for others */
#define HF_NET_HOOK_HEARD 8U   /* what comes to this machine: answers of names */
#define HF_NET_HOOKS (HF_NET_HOOK_OUT | HF_NET_HOOK_JUDGED | HF_NET_HOOK_PASSING | HF_NET_HOOK_HEARD)

/*
 * hf_net_listed - what of the table a listing of nft -j shows
 *
 * @ret_hooks  bits of the base chains that hook where they should; always filled
 * Returns   HF_OK it holds what is wanted; HF_E_SHAPE it holds something else, and what
 * Source    libnftables-json(5)
 */
HF_NODISCARD enum hf_rc hf_net_listed(const json_t *listing, const struct hf_net_want *want, unsigned int *ret_hooks,
				      struct hf_err *err);

#endif
