/* SPDX-License-Identifier: MIT */
/*
 * hello_parts.h - what the readers of TLS, of HTTP and of names share
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_HELLO_PARTS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_HELLO_PARTS_H

#include <stdbool.h>

#include "agent/enforce/network/names/hello.h"

/* Bytes that are read from the front. */
struct hf_bytes {
	const uint8_t *at;
	size_t left;
};

/*
 * hf_bytes_take - take n bytes from the front
 *
 * Pure.
 * Returns   false when there are fewer: nothing is taken
 */
bool hf_bytes_take(struct hf_bytes *from, size_t n, struct hf_bytes *ret);

/*
 * hf_hello_name - these bytes as the name of a host
 *
 * Pure.
 * @ret_host  lower-case, without a last dot; filled if and only if HF_HELLO_NAMED
 * Returns   HF_HELLO_NAMED; HF_HELLO_NAMELESS there is none; HF_HELLO_OTHER it is no name
 * Source    RFC 1035 section 2.3.4
 */
enum hf_hello hf_hello_name(struct hf_bytes name, char ret_host[HF_HOST_SIZE]);

/*
 * hf_hello_site - the same, where a name must be one: an address that is written as a number is none
 *
 * Pure. Whoever asks a proxy for a number, or says one where a listed site lives, has not said which site is meant.
 * Returns   HF_HELLO_NAMED; HF_HELLO_OTHER
 * Source    WHATWG URL "ends in a number"
 */
enum hf_hello hf_hello_site(struct hf_bytes name, char ret_host[HF_HOST_SIZE]);

/*
 * hf_hello_http, hf_hello_http_strict - the same as hf_hello_read and hf_hello_strict, of what is no TLS
 *
 * Pure.
 * @ret_used  filled for a request for a tunnel alone
 * Returns   as there
 * Source    RFC 9112 section 3
 */
enum hf_hello hf_hello_http(struct hf_bytes in, char ret_host[HF_HOST_SIZE], size_t *ret_used);
enum hf_hello hf_hello_http_strict(struct hf_bytes in, char ret_host[HF_HOST_SIZE], size_t *ret_used);

#endif
