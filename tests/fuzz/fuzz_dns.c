/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the reader of questions and answers of names: as a packet, and as a message inside of one.
 * Must never end but by the fuzzer: what was read is a name, and the same bytes are read alike.
 */
#include <string.h>

#include "agent/enforce/network/dns.h"
#include "tests/fuzz/fuzz.h"

#define HEADERS 28
#define MOST 4096

static void read_one(const uint8_t *packet, size_t len)
{
	static const struct hf_dns before = {.id = 7, .n_addrs = 3};
	struct hf_dns dns = before, again = before;
	if (!hf_dns_read(packet, len, &dns)) {
		FUZZ_MUST(memcmp(&dns, &before, sizeof(dns)) == 0);
		return;
	}
	FUZZ_MUST(strlen(dns.name) < HF_HOST_SIZE && dns.name[0] != '\0');
	FUZZ_MUST(strspn(dns.name, "abcdefghijklmnopqrstuvwxyz0123456789-._") == strlen(dns.name));
	FUZZ_MUST(dns.n_addrs <= HF_DNS_ADDRS_MAX && (dns.answers || dns.n_addrs == 0));
	FUZZ_MUST(hf_dns_read(packet, len, &again) && strcmp(dns.name, again.name) == 0);
	FUZZ_MUST(again.n_addrs == dns.n_addrs && again.id == dns.id && again.port == dns.port);
}

/* The first byte says which way it goes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t packet[HEADERS + MOST] = {0x45, [9] = 17};
	if (size < 1 || size > MOST)
		return 0;
	read_one(data + 1, size - 1);
	const size_t len = size - 1 + 8;
	packet[20 + (data[0] & 1 ? 1 : 3)] = 53;
	packet[24] = (uint8_t)(len >> 8);
	packet[25] = (uint8_t)len;
	memcpy(packet + HEADERS, data + 1, size - 1);
	read_one(packet, HEADERS + size - 1);
	return 0;
}
