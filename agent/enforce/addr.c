/* SPDX-License-Identifier: MIT */
/*
 * addr.c - owns what a network address is.
 * Room: agent/enforce; pure.
 * Must never look a name up.
 */
#include "addr.h"

#include <arpa/inet.h>
#include <string.h>

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
