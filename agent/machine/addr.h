/* SPDX-License-Identifier: MIT */
/*
 * addr.h - one network address, of either kind; pure
 */
#ifndef HOLDFAST_AGENT_MACHINE_ADDR_H
#define HOLDFAST_AGENT_MACHINE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>

#define HF_ADDR_TEXT_SIZE 46 /* INET6_ADDRSTRLEN */

/* In network order. One of IPv4 stands here as RFC 4291 maps it, so that a socket of either kind compares alike. */
struct hf_addr {
	uint8_t b[16];
};

/*
 * hf_addr_is_v4, hf_addr_from_v4 - whether it is one of IPv4, and one from its four bytes
 *
 * Returns   true or false; the address
 * Source    RFC 4291 section 2.5.5.2
 */
bool hf_addr_is_v4(const struct hf_addr *addr);
struct hf_addr hf_addr_from_v4(const uint8_t v4[4]);

/*
 * hf_addr_of_packet - where an IP packet goes
 *
 * @packet, @len  from its header on, as far as it was captured
 * @ret_to   untouched unless true
 * Returns   false when it is none, or its header's fixed part is not all there
 * Source    RFC 791, RFC 8200
 */
bool hf_addr_of_packet(const uint8_t *packet, size_t len, struct hf_addr *ret_to);

/*
 * hf_addr_parse - an address from its usual text, dotted or with colons; nothing else may stand there
 *
 * @ret_addr  untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE
 * Source    inet_pton(3)
 */
HF_NODISCARD enum hf_rc hf_addr_parse(const char *text, struct hf_addr *ret_addr);

/*
 * hf_addr_print - the usual text of an address
 *
 * @ret_text  always filled
 * Returns   ret_text
 * Source    inet_ntop(3)
 */
const char *hf_addr_print(const struct hf_addr *addr, char ret_text[HF_ADDR_TEXT_SIZE]);

/*
 * hf_addr_order - for qsort and bsearch: less than 0, 0, more than 0
 *
 * Returns   how a stands to b
 */
int hf_addr_order(const void *a, const void *b);

/*
 * hf_addr_is_public - may a site of the public internet have this address
 *
 * Not: this host, loopback, private, shared, link-local, multicast, reserved ones, nor what NAT64 makes of such. So
 * whoever says false things about a name can shut no printer, resolver or gateway of the council's own network.
 *
 * Returns   true or false
 * Source    RFC 6890, RFC 6598, RFC 4291, RFC 6052
 */
bool hf_addr_is_public(const struct hf_addr *addr);

/*
 * hf_addr_nat64 - the IPv6 address that stands for an IPv4 one in networks which have IPv6 alone
 *
 * @addr     an IPv4 address
 * Returns   the one with the well-known prefix
 * Source    RFC 6052 section 2.1
 */
struct hf_addr hf_addr_nat64(const struct hf_addr *addr);

/*
 * hf_addr_without_nat64 - the IPv4 address for which one stands; any other as it is
 *
 * @addr     of any kind
 * Returns   it
 * Source    RFC 6052 section 2.1
 */
struct hf_addr hf_addr_without_nat64(const struct hf_addr *addr);

/* A sorted list without repeats. Start it zeroed. */
struct hf_addrs {
	struct hf_addr *v;
	size_t n, room;
};

/*
 * hf_addrs_add, hf_addrs_has, hf_addrs_same - put one in its place, whether one is there, whether both have the same
 *
 * @ret_new  whether it was not there yet; may be NULL; filled if HF_OK
 * Owner     the list grows; to hf_addrs_done
 * Returns   HF_OK; HF_E_MEMORY; true or false
 */
HF_NODISCARD enum hf_rc hf_addrs_add(struct hf_addrs *addrs, const struct hf_addr *addr, bool *ret_new);
bool hf_addrs_has(const struct hf_addrs *addrs, const struct hf_addr *addr);
bool hf_addrs_same(const struct hf_addrs *a, const struct hf_addrs *b);

/*
 * hf_addrs_done - free the list, zero the struct
 */
void hf_addrs_done(struct hf_addrs *addrs);

#endif
