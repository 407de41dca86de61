/* SPDX-License-Identifier: MIT */
/*
 * flows.h - the first bytes of connections whose hello comes in several packets, in bounded memory; pure
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_FLOWS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_FLOWS_H

#include <stdbool.h>
#include <sys/types.h>

#include <holdfast/user.h>

#include "agent/machine/addr.h"
#include "agent/enforce/network/names/hello.h"

#define HF_FLOWS_MAX 512    /* with HF_HELLO_MAX each: 8 MB at the most, and nothing until they are used */
#define HF_FLOWS_OF_USER 64 /* a browser opens some 30 at once; so one user's cannot drive out another's */
#define HF_FLOW_S 300	    /* a server waits for a hello for a minute or two */

/* One packet of a client, taken apart. */
struct hf_segment {
	struct hf_addr from, to;
	uint16_t from_port, to_port;
	uint32_t seq; /* of its first byte */
	const uint8_t *data;
	size_t len;
};

/* May this user reach this host? */
typedef bool (*hf_may_fn)(void *arg, hf_user uid, const char *host);

/* A table of flows; it is large, so it belongs to static memory. Start it zeroed but for may. */
struct hf_flows {
	hf_may_fn may;
	void *arg;
	size_t n_used;
	struct hf_flow {
		bool used;
		struct hf_addr from, to;
		uint16_t from_port, to_port;
		hf_user uid;
		uint32_t seq; /* of the first byte that is kept */
		int64_t since_s;
		size_t len;
	} v[HF_FLOWS_MAX];
	uint8_t data[HF_FLOWS_MAX][HF_HELLO_MAX]; /* of each; apart, so that looking for one is quick */
};

/* clang-format off */
enum hf_flow_end {
	HF_FLOW_WAIT,   /* let it pass, and look at what follows */
	HF_FLOW_PASS,   /* it may be, or is none of ours, or nobody can be sure of it: look no more */
	HF_FLOW_REFUSE, /* it may not be */
	HF_FLOW_LATER,  /* there is no room now: it must be sent again */
	HF_FLOW_COUNT
};
/* clang-format on */

/*
 * hf_segment_read - an IP packet as a piece of a TCP connection
 *
 * @packet, @len  as far as it was captured
 * @ret      its data lies inside the packet; untouched unless true
 * Returns   false when it is none
 * Source    RFC 791, RFC 8200, RFC 9293
 */
bool hf_segment_read(const uint8_t *packet, size_t len, struct hf_segment *ret);

/*
 * hf_flows_take - the next packet of a connection that has not been judged yet
 *
 * What was seen already adds nothing; a packet that leaves a gap cannot be judged. After a request for a tunnel that
 * may be the client begins anew.
 * @uid      whose it is
 * @now_s    a clock that never goes back, seconds
 * Returns   see the enum
 * Source    policy D9.2
 */
enum hf_flow_end hf_flows_take(struct hf_flows *flows, const struct hf_segment *segment, hf_user uid, int64_t now_s);

#endif
