/* SPDX-License-Identifier: MIT */
/*
 * flows.h - the first bytes of connections, put together in bounded memory; pure
 *
 * Elsewhere what cannot be read passes. Where a listed site lives it does not: there a flow is known from its SYN on,
 * and goes on only once it was read whole.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_FLOWS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_FLOWS_H

#include <stdbool.h>
#include <sys/types.h>

#include <holdfast/user.h>

#include "agent/enforce/network/names/hello.h"
#include "agent/machine/addr.h"

#define HF_FLOWS_MAX 16384    /* 1.5 MB: sixteen users who each fill their share */
#define HF_FLOWS_OF_USER 1024 /* a browser with many tabs has some hundred open to one address */
#define HF_PARTS_MAX 512      /* with HF_HELLO_MAX each: 8 MB at the most, and nothing until they are used */
#define HF_PARTS_OF_USER 64   /* hellos that came in part; a browser opens some 30 at once */
#define HF_FLOW_S 300	      /* a server waits for a hello for a minute or two */
#define HF_FLOW_EARLY 32768   /* bytes that a server passes over before it takes another hello; most take 16,384 */

/* One packet of a client, taken apart. */
struct hf_segment {
	struct hf_addr from, to;
	uint16_t from_port, to_port;
	uint32_t seq; /* of its first byte */
	const uint8_t *data;
	size_t len;
	size_t lost; /* bytes behind them that were not captured */
	bool opens;  /* it is the first of its connection */
	bool closes; /* its client says no more after it */
	bool urgent; /* it has bytes that servers read apart, or not at all */
	unsigned int card; /* through which it goes: another socket may have the same addresses and ports on another one */
};

/* Whose packet it is. */
struct hf_sender {
	bool known; /* false: its socket was closed already */
	hf_user uid; /* then: one that nobody has; what was begun by somebody stays theirs */
	bool strict; /* it goes where a listed site lives */
};

/* May this user reach this host? */
typedef bool (*hf_may_fn)(void *arg, hf_user uid, const char *host);

/* clang-format off */
enum hf_flow_word {
	HF_FLOW_UNREAD, /* what went there could not be read, and was refused */
	HF_FLOW_OVER    /* this user has more open at once than a share: the oldest may not go on */
};
/* clang-format on */

typedef void (*hf_flow_say_fn)(void *arg, enum hf_flow_word word, hf_user uid, const struct hf_addr *to);

/* clang-format off */
enum hf_flow_stage {
	HF_FLOW_FREE,
	HF_FLOW_FIRST,  /* its first words are awaited */
	HF_FLOW_AGAIN,  /* it was named by a ClientHello, and may say another name still */
	HF_FLOW_CLEAR,  /* it was read */
	HF_FLOW_DOOMED  /* it may not go on */
};
/* clang-format on */

struct hf_flow {
	struct hf_addr from, to;
	uint16_t from_port, to_port;
	unsigned int card;
	hf_user uid;
	enum hf_flow_stage stage;
	bool strict, early;
	uint32_t seq;	 /* of the first byte that is kept, or is to come */
	uint32_t passed; /* bytes behind a ClientHello that said nothing */
	int64_t since_s, seen_s;
	int part; /* where its bytes are kept; -1: none is */
	int next; /* in the same row of the index; -1: the last */
};

/* A table of flows; it is large, so it belongs to static memory. Start it zeroed but for may, say and arg. */
struct hf_flows {
	hf_may_fn may;
	hf_flow_say_fn say; /* NULL: nobody listens */
	void *arg;
	bool ready;
	size_t n_top;		 /* no flow lies behind it */
	int index[HF_FLOWS_MAX]; /* the first of each row; -1: none */
	struct hf_flow v[HF_FLOWS_MAX];
	struct hf_part {
		int flow; /* whose; -1: free */
		size_t len;
	} parts[HF_PARTS_MAX];
	uint8_t data[HF_PARTS_MAX][HF_HELLO_MAX]; /* of each; apart, so that looking for one is quick */
};

/* clang-format off */
enum hf_flow_end {
	HF_FLOW_WAIT,   /* let it pass, and look at what follows */
	HF_FLOW_PASS,   /* it may be, or (elsewhere) is none of ours, or nobody can be sure of it: look no more */
	HF_FLOW_REFUSE, /* it may not be */
	HF_FLOW_LATER,  /* something before it is missing: it must be sent again */
	HF_FLOW_BEGUN,  /* let this SYN pass: what the kernel knows of its addresses and ports is of another before it */
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
 * hf_flows_take - the next packet of a connection
 *
 * Elsewhere what was seen already adds nothing, and a packet that leaves a gap cannot be judged: it passes. Where a
 * listed site lives nothing passes whose beginning was not seen, and no SYN while its twin on another card lives. A SYN
 * settles nothing, whatever it brings. After a request for a tunnel that may be the client begins anew. Whoever has more than a share of flows, or of parts of hellos, loses the oldest of their own.
 * @now_s    a clock that never goes back, seconds
 * Returns   see the enum
 * Source    policy D9.2
 */
enum hf_flow_end hf_flows_take(struct hf_flows *flows, const struct hf_segment *segment, const struct hf_sender *sender,
			       int64_t now_s);

#endif
