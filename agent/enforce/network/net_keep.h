/* SPDX-License-Identifier: MIT */
/*
 * net_keep.h - addresses that must never be shut: this device's way to its broker, resolvers and gateways
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NET_KEEP_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NET_KEEP_H

#include <sys/types.h>

#include <holdfast/user.h>

#include "agent/machine/addr.h"

/*
 * hf_net_keep - look for them now, in the kernel's own tables; what cannot be read adds none
 *
 * @link_uid   user of holdfast-link: whom its connections lead to is the broker; 0: there is none
 * @ret_addrs  to hf_addrs_done; started zeroed
 */
void hf_net_keep(hf_user link_uid, struct hf_addrs *ret_addrs);

/*
 * hf_net_keep_resolvers, hf_net_keep_routes, hf_net_keep_routes6 - those in the text of resolv.conf, of /proc/net/route
 * and of /proc/net/ipv6_route
 *
 * Pure.
 * Owner     as hf_net_keep
 * Source    resolv.conf(5); proc(5)
 */
void hf_net_keep_resolvers(const char *text, struct hf_addrs *addrs);
void hf_net_keep_routes(const char *text, struct hf_addrs *addrs);
void hf_net_keep_routes6(const char *text, struct hf_addrs *addrs);

#endif
