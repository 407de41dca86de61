/* SPDX-License-Identifier: MIT */
/*
 * net_here.h - which network this device is in, by its gateways and their cards
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NET_HERE_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NET_HERE_H

#include <stdbool.h>

#define HF_NET_HERE_SIZE 256 /* five gateways; what goes beyond tells no more networks apart */

/* Start it zeroed: in none. */
struct hf_net_here {
	char gateways[HF_NET_HERE_SIZE]; /* "": in none */
	char cards[HF_NET_HERE_SIZE];	 /* their hardware addresses, of those that were asked lately */
};

/*
 * hf_net_here - look now, in the kernel's own tables; hf_net_here_read - in the texts of /proc/net/route,
 * /proc/net/ipv6_route and /proc/net/arp
 *
 * Gateways of IPv6 count only where there is none of IPv4: they come some seconds later.
 * Source    proc(5)
 */
void hf_net_here(struct hf_net_here *ret);
void hf_net_here_read(const char *route, const char *route6, const char *arp, struct hf_net_here *ret);

/*
 * hf_net_here_moved - is this another network than before, which is brought up to date; being in none is not moving
 *
 * Returns   true or false
 */
bool hf_net_here_moved(struct hf_net_here *before, const struct hf_net_here *now);

#endif
