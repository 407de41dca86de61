/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of questions and answers of names.
 * Must never read past what was captured, follow a name round in a ring, nor take half of an answer.
 */
#include "agent/enforce/network/dns.h"

#include <string.h>

#include "agent/enforce/network/names/hello_parts.h"

#define UDP 17
#define V6_HEADER 40
#define UDP_HEADER 8
#define DNS_PORT 53
#define DNS_HEADER 12
#define LABEL_MOST 63
#define IS_POINTER 0xc0
#define KIND_A 1
#define KIND_CNAME 5
#define KIND_AAAA 28
#define INTERNET 1

/* A whole message, and how far it was read. */
struct message {
	const uint8_t *v;
	size_t n, at;
};

/* One record of an answer; its data lies inside the message. */
struct record {
	char name[HF_HOST_SIZE];
	uint16_t kind, class;
	size_t data, len;
};

static uint16_t number_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static bool take_short(struct message *from, uint16_t *ret)
{
	if (from->n - from->at < 2)
		return false;
	*ret = number_at(from->v + from->at);
	from->at += 2;
	return true;
}

/* Where the labels of a name go on: a pointer leads back only, each further than the one before, so there is an end. */
static bool follow(const struct message *in, size_t *at, size_t *least)
{
	if (in->n - *at < 2)
		return false;
	size_t to = number_at(in->v + *at) & 0x3fff;
	if (to >= *least)
		return false;
	*at = *least = to;
	return true;
}

/* A name of any letters as text; one with a dot or an end inside a label would be read as another. */
static bool take_labels(struct message *from, char text[HF_HOST_SIZE])
{
	size_t at = from->at, least = from->at, n = 0;
	bool led = false;
	for (;;) {
		if (at >= from->n)
			return false;
		size_t len = from->v[at];
		if (len >= IS_POINTER) {
			if (!led)
				from->at = at + 2;
			led = true;
			if (!follow(from, &at, &least))
				return false;
			continue;
		}
		if (len > LABEL_MOST || len >= from->n - at || n + len + 1 >= HF_HOST_SIZE ||
		    memchr(from->v + at + 1, '.', len) || memchr(from->v + at + 1, '\0', len))
			return false;
		memcpy(text + n, from->v + at + 1, len);
		n += len;
		text[n++] = len > 0 ? '.' : '\0';
		at += 1 + len;
		if (len > 0)
			continue;
		if (!led)
			from->at = at;
		return true;
	}
}

static bool take_dns_name(struct message *from, char ret_name[HF_HOST_SIZE])
{
	char text[HF_HOST_SIZE];
	if (!take_labels(from, text))
		return false;
	const struct hf_bytes name = {(const uint8_t *)text, strlen(text)};
	return hf_hello_name(name, ret_name) == HF_HELLO_NAMED;
}

static bool take_record(struct message *from, struct record *ret)
{
	uint16_t skipped, len;
	if (!take_dns_name(from, ret->name) || !take_short(from, &ret->kind) || !take_short(from, &ret->class) ||
	    !take_short(from, &skipped) || !take_short(from, &skipped) || !take_short(from, &len) ||
	    from->n - from->at < len)
		return false;
	ret->data = from->at;
	ret->len = len;
	from->at += len;
	return true;
}

static void put_address(struct hf_dns *dns, const struct hf_addr *addr)
{
	if (dns->n_addrs < HF_DNS_ADDRS_MAX)
		dns->addrs[dns->n_addrs++] = *addr;
}

/* now: what the name is another name of, as far as was read. */
static bool hear_record(const struct message *in, const struct record *record, char now[HF_HOST_SIZE],
			struct hf_dns *dns)
{
	struct hf_addr six;
	if (record->class != INTERNET || strcmp(record->name, now) != 0)
		return true;
	if (record->kind == KIND_CNAME) {
		struct message inside = {in->v, record->data + record->len, record->data};
		return take_dns_name(&inside, now) && inside.at == inside.n;
	}
	if (record->kind == KIND_A && record->len == 4) {
		six = hf_addr_from_v4(in->v + record->data);
		put_address(dns, &six);
	} else if (record->kind == KIND_AAAA && record->len == sizeof(six.b)) {
		memcpy(six.b, in->v + record->data, sizeof(six.b));
		put_address(dns, &six);
	} else if (record->kind == KIND_A || record->kind == KIND_AAAA) {
		return false;
	}
	return true;
}

static bool read_answers(struct message *in, size_t n, struct hf_dns *dns)
{
	char now[HF_HOST_SIZE];
	struct record record;
	memcpy(now, dns->name, sizeof(now));
	if (n > HF_DNS_RECORDS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!take_record(in, &record) || !hear_record(in, &record, now, dns))
			return false;
	}
	return true;
}

/* Its head: an ordinary question, answered without an error, and one question alone. */
static bool read_dns(struct message *in, struct hf_dns *dns)
{
	uint16_t flags, questions, answers, kind, class;
	if (in->n < DNS_HEADER)
		return false;
	dns->id = number_at(in->v);
	flags = number_at(in->v + 2);
	questions = number_at(in->v + 4);
	answers = number_at(in->v + 6);
	in->at = DNS_HEADER;
	if (dns->answers != ((flags & 0x8000) != 0) || (flags & 0x780f) != 0 || questions != 1 ||
	    (!dns->answers && answers != 0) || !take_dns_name(in, dns->name) || !take_short(in, &kind) ||
	    !take_short(in, &class) || (kind != KIND_A && kind != KIND_AAAA) || class != INTERNET)
		return false;
	return read_answers(in, answers, dns);
}

static bool read_udp(const uint8_t *at, size_t len, struct hf_dns *dns)
{
	if (len < UDP_HEADER)
		return false;
	uint16_t from = number_at(at), to = number_at(at + 2);
	size_t n = number_at(at + 4);
	if (n < UDP_HEADER || n > len || (from == DNS_PORT) == (to == DNS_PORT))
		return false;
	struct message in = {.v = at + UDP_HEADER, .n = n - UDP_HEADER};
	dns->answers = from == DNS_PORT;
	dns->port = dns->answers ? to : from;
	return read_dns(&in, dns);
}

/* Where a packet's UDP begins; 0: nowhere. A part of a packet is none. */
static size_t udp_of(const uint8_t *packet, size_t len)
{
	size_t header = (size_t)(packet[0] & 15) * 4;
	if (packet[0] >> 4 == 6)
		return packet[6] == UDP ? V6_HEADER : 0;
	return header <= len && packet[9] == UDP && (number_at(packet + 6) & 0x3fff) == 0 ? header : 0;
}

bool hf_dns_read(const uint8_t *packet, size_t len, struct hf_dns *ret)
{
	struct hf_dns dns = {.n_addrs = 0};
	struct hf_addr to;
	if (!hf_addr_of_packet(packet, len, &to))
		return false;
	size_t at = udp_of(packet, len);
	if (at == 0 || !read_udp(packet + at, len - at, &dns))
		return false;
	*ret = dns;
	return true;
}
