/* SPDX-License-Identifier: MIT */
/*
 * Owns the putting together of a client's first bytes.
 * Must never hold a packet back, nor grow with what clients send.
 */
#include "agent/enforce/network/names/flows.h"

#include <string.h>

#define TCP 6
#define V6_HEADER 40
#define TCP_HEADER 20

static uint16_t number16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static bool read_tcp(const uint8_t *at, size_t len, struct hf_segment *segment)
{
	if (len < TCP_HEADER)
		return false;
	size_t header = (size_t)(at[12] >> 4) * 4;
	if (header < TCP_HEADER || header > len)
		return false;
	segment->from_port = number16(at);
	segment->to_port = number16(at + 2);
	segment->seq = (uint32_t)number16(at + 4) << 16 | number16(at + 6);
	if (at[13] & 2) /* data that comes with the SYN begins one later */
		segment->seq++;
	segment->data = at + header;
	segment->len = len - header;
	return true;
}

/* Of a packet whose fixed header is all there, as is known by then. */
static bool read_v4(const uint8_t *packet, size_t len, struct hf_segment *segment)
{
	size_t header = (size_t)(packet[0] & 15) * 4;
	if (header > len || packet[9] != TCP || (number16(packet + 6) & 0x1fff) != 0)
		return false;
	segment->from = hf_addr_from_v4(packet + 12);
	return read_tcp(packet + header, len - header, segment);
}

static bool read_v6(const uint8_t *packet, size_t len, struct hf_segment *segment)
{
	if (packet[6] != TCP)
		return false;
	memcpy(segment->from.b, packet + 8, sizeof(segment->from.b));
	return read_tcp(packet + V6_HEADER, len - V6_HEADER, segment);
}

bool hf_segment_read(const uint8_t *packet, size_t len, struct hf_segment *ret)
{
	struct hf_segment segment;
	if (!hf_addr_of_packet(packet, len, &segment.to))
		return false;
	bool good = packet[0] >> 4 == 4 ? read_v4(packet, len, &segment) : read_v6(packet, len, &segment);
	if (good)
		*ret = segment;
	return good;
}

static bool is_flow_of(const struct hf_flow *flow, const struct hf_segment *segment)
{
	return flow->used && flow->from_port == segment->from_port && flow->to_port == segment->to_port &&
	       hf_addr_order(&flow->from, &segment->from) == 0 && hf_addr_order(&flow->to, &segment->to) == 0;
}

static uint8_t *data_of(struct hf_flows *flows, const struct hf_flow *flow)
{
	return flows->data[flow - flows->v];
}

static void end(struct hf_flows *flows, struct hf_flow *flow)
{
	flow->used = false;
	flows->n_used--;
}

static struct hf_flow *find_flow(struct hf_flows *flows, const struct hf_segment *segment, int64_t now_s)
{
	struct hf_flow *found = NULL;
	for (size_t i = 0; i < HF_FLOWS_MAX && flows->n_used > 0; i++) {
		struct hf_flow *flow = &flows->v[i];
		if (flow->used && now_s - flow->since_s > HF_FLOW_S)
			end(flows, flow);
		if (is_flow_of(flow, segment))
			found = flow;
	}
	return found;
}

/* One user's flows cannot drive out another's, nor can they drive out each other: then a hello would pass in halves. */
static struct hf_flow *begin_flow(struct hf_flows *flows, const struct hf_segment *segment, hf_user uid, int64_t now_s)
{
	struct hf_flow *room = NULL;
	size_t n_of_user = 0;
	for (size_t i = 0; i < HF_FLOWS_MAX; i++) {
		n_of_user += flows->v[i].used && flows->v[i].uid == uid;
		if (!room && !flows->v[i].used)
			room = &flows->v[i];
	}
	if (!room || n_of_user >= HF_FLOWS_OF_USER)
		return NULL;
	room->used = true;
	flows->n_used++;
	room->from = segment->from;
	room->to = segment->to;
	room->from_port = segment->from_port;
	room->to_port = segment->to_port;
	room->uid = uid;
	room->seq = segment->seq;
	room->since_s = now_s;
	room->len = 0;
	return room;
}

/* False when something between is missing. */
static bool add_bytes(struct hf_flows *flows, struct hf_flow *flow, const struct hf_segment *segment)
{
	uint32_t at = segment->seq - flow->seq;
	if (at > flow->len)
		return at >= UINT32_MAX / 2; /* it lies before the first byte: it was sent again */
	size_t known = flow->len - at;
	if (segment->len <= known)
		return true;
	size_t n = segment->len - known;
	size_t room = HF_HELLO_MAX - flow->len;
	if (n > room)
		n = room;
	memcpy(data_of(flows, flow) + flow->len, segment->data + known, n);
	flow->len += n;
	return true;
}

static void forget_front(struct hf_flows *flows, struct hf_flow *flow, size_t n)
{
	memmove(data_of(flows, flow), data_of(flows, flow) + n, flow->len - n);
	flow->len -= n;
	flow->seq += (uint32_t)n;
}

static enum hf_flow_end judge_flow(struct hf_flows *flows, struct hf_flow *flow)
{
	for (;;) {
		char host[HF_HOST_SIZE];
		size_t used = 0;
		enum hf_hello hello = hf_hello_read(data_of(flows, flow), flow->len, host, &used);
		if (hello == HF_HELLO_MORE)
			return HF_FLOW_WAIT;
		if (hello == HF_HELLO_NAMED && !flows->may(flows->arg, flow->uid, host))
			return HF_FLOW_REFUSE;
		if (hello == HF_HELLO_OTHER || used == 0)
			return HF_FLOW_PASS;
		forget_front(flows, flow, used);
	}
}

enum hf_flow_end hf_flows_take(struct hf_flows *flows, const struct hf_segment *segment, hf_user uid, int64_t now_s)
{
	struct hf_flow *flow = find_flow(flows, segment, now_s);
	enum hf_flow_end what = HF_FLOW_PASS;
	if (!flow) {
		flow = begin_flow(flows, segment, uid, now_s);
		if (!flow)
			return HF_FLOW_LATER;
	}
	if (add_bytes(flows, flow, segment))
		what = judge_flow(flows, flow);
	if (what == HF_FLOW_PASS || what == HF_FLOW_REFUSE)
		end(flows, flow);
	return what;
}
