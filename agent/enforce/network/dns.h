/* SPDX-License-Identifier: MIT */
/*
 * dns.h - plain questions and answers of names, as they pass this device; pure
 *
 * A person's own resolver may get an address that the agent's look-up does not. Everything read here is written by
 * whoever wants to have an address shut, or to keep one from being known.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_DNS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_DNS_H

#include "agent/enforce/network/names/hello.h"
#include "agent/machine/addr.h"

#define HF_DNS_ADDRS_MAX 16   /* of one answer; large sites give some eight */
#define HF_DNS_RECORDS_MAX 64 /* of one answer; more than fit into the 1,232 bytes that resolvers ask for */

/* A question or an answer for the addresses of one name. */
struct hf_dns {
	bool answers;
	uint16_t port; /* of who asks */
	uint16_t id;
	char name[HF_HOST_SIZE]; /* lower-case, without a last dot */
	struct hf_addr addrs[HF_DNS_ADDRS_MAX];
	size_t n_addrs;
};

/*
 * hf_dns_read - an IP packet as a question to port 53, or an answer from there
 *
 * One question, for addresses of a plain name; of an answer every record is read, and those count that belong to the
 * name or to what it is another name of. Whatever is not whole, or not as it should be, is nothing.
 * @packet, @len  from the IP header on, as far as it was captured
 * @ret      untouched unless true
 * Returns   false when it is none
 * Source    RFC 768, RFC 791, RFC 8200, RFC 1035 section 4, RFC 3596
 */
bool hf_dns_read(const uint8_t *packet, size_t len, struct hf_dns *ret);

#endif
