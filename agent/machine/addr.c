/* SPDX-License-Identifier: MIT */
/*
 * Owns what a network address is.
 * Must never look a name up.
 */
#include "agent/machine/addr.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/sorted.h>
#include <holdfast/str.h>

#define V4_HEADER 20
#define V6_HEADER 40

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool hf_addr_is_v4(const struct hf_addr *addr)
{
	return memcmp(addr->b, mapped, sizeof(mapped)) == 0;
}

struct hf_addr hf_addr_from_v4(const uint8_t v4[4])
{
	struct hf_addr addr;
	memcpy(addr.b, mapped, sizeof(mapped));
	memcpy(addr.b + sizeof(mapped), v4, 4);
	return addr;
}

bool hf_addr_of_packet(const uint8_t *packet, size_t len, struct hf_addr *ret_to)
{
	unsigned int version = len > 0 ? packet[0] >> 4 : 0;
	if (version == 4 && len >= V4_HEADER && (packet[0] & 15) * 4 >= V4_HEADER)
		*ret_to = hf_addr_from_v4(packet + 16);
	else if (version == 6 && len >= V6_HEADER)
		memcpy(ret_to->b, packet + 24, sizeof(ret_to->b));
	else
		return false;
	return true;
}

enum hf_rc hf_addr_parse(const char *text, struct hf_addr *ret_addr)
{
	uint8_t v4[4];
	struct hf_addr addr;
	if (inet_pton(AF_INET, text, v4) == 1)
		addr = hf_addr_from_v4(v4);
	else if (inet_pton(AF_INET6, text, addr.b) != 1)
		return HF_E_SHAPE;
	*ret_addr = addr;
	return HF_OK;
}

const char *hf_addr_print(const struct hf_addr *addr, char ret_text[HF_ADDR_TEXT_SIZE])
{
	bool v4 = hf_addr_is_v4(addr);
	if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr->b + sizeof(mapped) : addr->b, ret_text, HF_ADDR_TEXT_SIZE))
		ret_text[0] = '\0';
	return ret_text;
}

int hf_addr_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hf_addr));
}

/* The first bits of an address, and how many of them. */
struct prefix {
	uint8_t b[16];
	unsigned int bits;
};

static bool is_in(const uint8_t *bytes, const struct prefix *prefix)
{
	unsigned int whole = prefix->bits / 8, rest = prefix->bits % 8;
	if (memcmp(bytes, prefix->b, whole) != 0)
		return false;
	return rest == 0 || (bytes[whole] ^ prefix->b[whole]) >> (8 - rest) == 0;
}

static bool is_public_v4(const uint8_t v4[4])
{
	static const struct prefix not_public[] = {
		{{0}, 8},	 {{10}, 8},	    {{100, 64}, 10},  {{127}, 8}, {{169, 254}, 16},
		{{172, 16}, 12}, {{192, 0, 0}, 24}, {{192, 168}, 16}, {{224}, 3},
	};
	for (size_t i = 0; i < HF_LEN(not_public); i++) {
		if (is_in(v4, &not_public[i]))
			return false;
	}
	return true;
}

static const struct prefix nat64 = {{0, 0x64, 0xff, 0x9b}, 96};

bool hf_addr_is_public(const struct hf_addr *addr)
{
	static const struct prefix global = {{0x20}, 3};
	if (hf_addr_is_v4(addr) || is_in(addr->b, &nat64))
		return is_public_v4(addr->b + sizeof(mapped));
	return is_in(addr->b, &global);
}

struct hf_addr hf_addr_nat64(const struct hf_addr *addr)
{
	struct hf_addr six = *addr;
	memcpy(six.b, nat64.b, sizeof(mapped));
	return six;
}

struct hf_addr hf_addr_without_nat64(const struct hf_addr *addr)
{
	return is_in(addr->b, &nat64) ? hf_addr_from_v4(addr->b + sizeof(mapped)) : *addr;
}

static size_t place_of_addr(const struct hf_addrs *addrs, const struct hf_addr *addr)
{
	return hf_sorted_place(addr, addrs->v, addrs->n, sizeof(*addrs->v), hf_addr_order);
}

bool hf_addrs_has(const struct hf_addrs *addrs, const struct hf_addr *addr)
{
	size_t at = place_of_addr(addrs, addr);
	return at < addrs->n && hf_addr_order(&addrs->v[at], addr) == 0;
}

bool hf_addrs_same(const struct hf_addrs *a, const struct hf_addrs *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0);
}

enum hf_rc hf_addrs_add(struct hf_addrs *addrs, const struct hf_addr *addr, bool *ret_new)
{
	size_t at = place_of_addr(addrs, addr);
	bool there = at < addrs->n && hf_addr_order(&addrs->v[at], addr) == 0;
	if (!there) {
		if (hf_sorted_open(&addrs->v, &addrs->room, addrs->n, at, sizeof(*addrs->v)) != HF_OK)
			return HF_E_MEMORY;
		addrs->v[at] = *addr;
		addrs->n++;
	}
	if (ret_new)
		*ret_new = !there;
	return HF_OK;
}

void hf_addrs_done(struct hf_addrs *addrs)
{
	free(addrs->v);
	memset(addrs, 0, sizeof(*addrs));
}
