/* SPDX-License-Identifier: MIT */
/*
 * addr.h - one network address, of either kind; pure
 */
#ifndef HOLDFAST_AGENT_ENFORCE_ADDR_H
#define HOLDFAST_AGENT_ENFORCE_ADDR_H

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
 * Owner     nothing is kept
 * Returns   true or false; the address
 * Source    RFC 4291 section 2.5.5.2
 */
bool hf_addr_is_v4(const struct hf_addr *addr);
struct hf_addr hf_addr_from_v4(const uint8_t v4[4]);

/*
 * hf_addr_parse - an address from its usual text, dotted or with colons; nothing else may stand there
 *
 * @ret_addr  untouched unless HF_OK
 * Owner     nothing is kept
 * Returns   HF_OK; HF_E_SHAPE
 * Source    inet_pton(3)
 */
HF_NODISCARD enum hf_rc hf_addr_parse(const char *text, struct hf_addr *ret_addr);

/*
 * hf_addr_print - the usual text of an address
 *
 * @ret_text  always filled
 * Owner     the caller's buffer
 * Returns   ret_text
 * Source    inet_ntop(3)
 */
const char *hf_addr_print(const struct hf_addr *addr, char ret_text[HF_ADDR_TEXT_SIZE]);

/*
 * hf_addr_order - for qsort and bsearch: less than 0, 0, more than 0
 *
 * Owner     nothing is kept
 * Returns   how a stands to b
 * Source    -
 */
int hf_addr_order(const void *a, const void *b);

#endif
