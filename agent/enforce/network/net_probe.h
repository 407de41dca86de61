/* SPDX-License-Identifier: MIT */
/*
 * net_probe.h - try what an ordinary user could try on the network, and what must stay open
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NET_PROBE_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NET_PROBE_H

#include <stdbool.h>
#include <sys/types.h>

#include <holdfast/user.h>

#include "agent/enforce/common/hands.h"
#include "agent/machine/addr.h"

#define HF_NET_PROBE_MAX 8		  /* addresses that are tried at once, each time */
#define HF_NET_PROBE_OTHER "open.invalid" /* no register can shut it: RFC 6761 */

/* What is tried. Borrowed. */
struct hf_net_trial {
	hf_user uid;			    /* an ordinary user, for whom nothing is open */
	struct hf_addr v[HF_NET_PROBE_MAX]; /* shut altogether */
	size_t n;
	const char *host; /* shut by its name; NULL: names are not looked at */
};

/* clang-format off */
enum hf_try {
	HF_TRY_UNKNOWN, /* it could not be tried: no way there */
	HF_TRY_REFUSED,
	HF_TRY_PASSED,
	HF_TRY_COUNT
};
/* clang-format on */

struct hf_net_saw {
	bool ran;
	enum hf_try addrs[HF_NET_PROBE_MAX];
	enum hf_try name;      /* the shut host, as the ordinary user */
	enum hf_try other;     /* another host, as the ordinary user */
	enum hf_try name_root; /* the shut host, as root */
};

/*
 * hf_net_probe - try it, in a process that has the user's rights; takes at most a second
 *
 * What is refused is refused on this machine, so no packet leaves it; names are tried on the loopback address.
 * @hands    whose child it is, where they are
 * @ret_saw  always filled
 */
void hf_net_probe(struct hf_hands *hands, const struct hf_net_trial *trial, struct hf_net_saw *ret_saw);

/*
 * hf_net_trial - the same for another process, as an order to the hands and its answer
 *
 * Returns   true; false: the order is none
 */
bool hf_net_trial(struct hf_hands_message *message);

#endif
