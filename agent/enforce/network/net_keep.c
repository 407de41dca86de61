/* SPDX-License-Identifier: MIT */
/*
 * Owns what the network layer never shuts.
 * Must never believe the link about it.
 */
#include "agent/enforce/network/net_keep.h"

#include <stdio.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/machine/sockets.h"

#define TEXT_MAX 1048576 /* a laptop has some ten routes; a router of a whole town is none */
#define RESOLVER_WORD "nameserver"

static void keep_addr(struct hf_addrs *addrs, const struct hf_addr *addr)
{
	/* Without memory for it the agent has other troubles; the address is most likely a private one anyway. */
	if (hf_addrs_add(addrs, addr, NULL) != HF_OK)
		return;
}

/* The next line; NULL at the end. */
static const char *next_line(const char **text, char line[512])
{
	size_t n = strcspn(*text, "\n");
	if (**text == '\0')
		return NULL;
	size_t kept = n < 511 ? n : 511;
	memcpy(line, *text, kept);
	line[kept] = '\0';
	*text += n + ((*text)[n] == '\n');
	return line;
}

void hf_net_keep_resolvers(const char *text, struct hf_addrs *addrs)
{
	char line[512], word[64];
	struct hf_addr addr;
	while (next_line(&text, line)) {
		if (sscanf(line, RESOLVER_WORD " %63s", word) != 1)
			continue;
		word[strcspn(word, "%")] = '\0';
		if (hf_addr_parse(word, &addr) == HF_OK)
			keep_addr(addrs, &addr);
	}
}

void hf_net_keep_routes(const char *text, struct hf_addrs *addrs)
{
	char line[512];
	unsigned int gateway;
	while (next_line(&text, line)) {
		uint8_t v4[4];
		if (sscanf(line, "%*s %*x %x", &gateway) != 1 || gateway == 0)
			continue;
		memcpy(v4, &gateway, sizeof(v4)); /* the kernel prints the word as it lies in memory */
		const struct hf_addr addr = hf_addr_from_v4(v4);
		keep_addr(addrs, &addr);
	}
}

static bool read_hex(const char *hex, struct hf_addr *ret)
{
	for (size_t i = 0; i < sizeof(ret->b); i++) {
		unsigned int byte;
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		ret->b[i] = (uint8_t)byte;
	}
	return true;
}

void hf_net_keep_routes6(const char *text, struct hf_addrs *addrs)
{
	static const struct hf_addr none;
	char line[512], hex[33];
	struct hf_addr addr;
	while (next_line(&text, line)) {
		if (sscanf(line, "%*32s %*x %*32s %*x %32s", hex) == 1 && strlen(hex) == 32 && read_hex(hex, &addr) &&
		    hf_addr_order(&addr, &none) != 0)
			keep_addr(addrs, &addr);
	}
}

struct peers {
	hf_user uid;
	struct hf_addrs *addrs;
};

static bool note_peer(void *arg, const struct hf_socket *socket)
{
	static const struct hf_addr none;
	struct peers *peers = arg;
	if (socket->uid == peers->uid && hf_addr_order(&socket->peer, &none) != 0)
		keep_addr(peers->addrs, &socket->peer);
	return false;
}

static void keep_of(const char *path, void (*fn)(const char *text, struct hf_addrs *addrs), struct hf_addrs *addrs)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	if (hf_fs_read(path, TEXT_MAX, &text, &len, NULL) == HF_OK)
		fn(text, addrs);
}

void hf_net_keep(hf_user link_uid, struct hf_addrs *ret_addrs)
{
	struct peers peers = {link_uid, ret_addrs};
	size_t ended = 0;
	keep_of("/etc/resolv.conf", hf_net_keep_resolvers, ret_addrs);
	keep_of("/proc/net/route", hf_net_keep_routes, ret_addrs);
	keep_of("/proc/net/ipv6_route", hf_net_keep_routes6, ret_addrs);
	if (link_uid != 0 && hf_sockets_destroy_if(note_peer, &peers, &ended, NULL) != HF_OK)
		return;
}
