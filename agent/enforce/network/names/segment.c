/* SPDX-License-Identifier: MIT */
/*
 * Owns the taking apart of a packet.
 * Must never read past what was captured.
 */
#include <string.h>

#include "agent/enforce/network/names/flows.h"

#define TCP 6
#define V6_HEADER 40
#define TCP_HEADER 20
#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16
#define TCP_URG 32

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
	segment->opens = (at[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	segment->closes = at[13] & (TCP_FIN | TCP_RST);
	segment->urgent = at[13] & TCP_URG;
	if (at[13] & TCP_SYN) /* data that comes with it begins one later */
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
	struct hf_segment segment = {.len = 0};
	if (!hf_addr_of_packet(packet, len, &segment.to))
		return false;
	bool good = packet[0] >> 4 == 4 ? read_v4(packet, len, &segment) : read_v6(packet, len, &segment);
	if (good)
		*ret = segment;
	return good;
}
