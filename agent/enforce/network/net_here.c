/* SPDX-License-Identifier: MIT */
/*
 * Owns in which network a device is.
 * Must never take a network that is gone for another one, nor ask anybody in it.
 */
#include "agent/enforce/network/net_here.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/network/net_keep.h"

#define TEXT_MAX 1048576

/* As much of it as there is room for. */
static void add_word(char text[HF_NET_HERE_SIZE], const char *word)
{
	size_t len = strlen(text);
	if (hf_str_printf(text + len, HF_NET_HERE_SIZE - len, "%s ", word) != HF_OK)
		text[len] = '\0';
}

/* The card of an address; "" when it is not known. */
static void find_card(const char *arp, const char *address, char ret[32])
{
	char ip[HF_ADDR_TEXT_SIZE];
	unsigned int flags;
	ret[0] = '\0';
	for (const char *line = arp; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (sscanf(line, "%45s %*x %x %31s", ip, &flags, ret) == 3 && strcmp(ip, address) == 0 && flags != 0)
			return;
		ret[0] = '\0';
	}
}

void hf_net_here_read(const char *route, const char *route6, const char *arp, struct hf_net_here *ret)
{
	struct hf_addrs gateways = {0};
	char text[HF_ADDR_TEXT_SIZE], card[32];
	memset(ret, 0, sizeof(*ret));
	hf_net_keep_routes(route, &gateways);
	if (gateways.n == 0)
		hf_net_keep_routes6(route6, &gateways);
	for (size_t i = 0; i < gateways.n; i++) {
		add_word(ret->gateways, hf_addr_print(&gateways.v[i], text));
		find_card(arp, text, card);
		if (card[0])
			add_word(ret->cards, card);
	}
	hf_addrs_done(&gateways);
}

void hf_net_here(struct hf_net_here *ret)
{
	static const char *const paths[] = {"/proc/net/route", "/proc/net/ipv6_route", "/proc/net/arp"};
	char *texts[HF_LEN(paths)] = {NULL};
	for (size_t i = 0; i < HF_LEN(paths); i++) {
		size_t len = 0;
		if (hf_fs_read(paths[i], TEXT_MAX, &texts[i], &len, NULL) != HF_OK)
			texts[i] = NULL;
	}
	hf_net_here_read(texts[0] ? texts[0] : "", texts[1] ? texts[1] : "", texts[2] ? texts[2] : "", ret);
	for (size_t i = 0; i < HF_LEN(paths); i++)
		free(texts[i]);
}

bool hf_net_here_moved(struct hf_net_here *before, const struct hf_net_here *now)
{
	if (!now->gateways[0])
		return false;
	bool was_in_one = before->gateways[0];
	bool same_ways = strcmp(before->gateways, now->gateways) == 0;
	bool other_cards = before->cards[0] && now->cards[0] && strcmp(before->cards, now->cards) != 0;
	bool keep_cards = same_ways && !now->cards[0];
	memcpy(before->gateways, now->gateways, sizeof(before->gateways));
	if (!keep_cards)
		memcpy(before->cards, now->cards, sizeof(before->cards));
	return was_in_one && (!same_ways || other_cards);
}
