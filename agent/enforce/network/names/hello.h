/* SPDX-License-Identifier: MIT */
/*
 * hello.h - which server a client says it wants, in the first bytes of its connection; pure
 *
 * TLS says it in the ClientHello (RFC 6066 server_name), HTTP in its request: Host, or the address of a request to a
 * proxy. Everything read here is written by whoever wants to get past it.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_HELLO_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF_HELLO_MAX 16384 /* bytes; browsers send some 2,000, a TLS record holds no more */
#define HF_HOST_SIZE 254   /* RFC 1035 section 2.3.4, as text, with an end mark */

/* clang-format off */
enum hf_hello {
	HF_HELLO_MORE,     /* as far as it goes it may become one */
	HF_HELLO_NAMED,    /* it says which server */
	HF_HELLO_NAMELESS, /* it is one, and says none */
	HF_HELLO_OTHER,    /* it is none that is known here */
	HF_HELLO_COUNT
};
/* clang-format on */

/* What was read, when it was read strictly. */
struct hf_said {
	char host[HF_HOST_SIZE]; /* lower-case, without a port or a last dot; filled if and only if HF_HELLO_NAMED */
	size_t used;		 /* bytes after which the client may say a name anew; 0: it cannot */
	bool tls;		 /* they were a ClientHello: hf_hello_again reads on */
	bool early;		 /* and data may come before the client says its name anew (RFC 8446 section 4.2.10) */
};

/*
 * hf_hello_read - what the first bytes of a connection say
 *
 * @buf, @len  from the first byte on; what lies past HF_HELLO_MAX is not looked at
 * @ret_host  lower-case, without a port or a last dot; filled if and only if HF_HELLO_NAMED
 * @ret_used  bytes after which the client begins anew (a request for a tunnel), else 0; always filled
 * Returns   see the enum
 * Source    RFC 8446 section 4.1.2, RFC 6066 section 3, RFC 9112 section 3
 */
enum hf_hello hf_hello_read(const uint8_t *buf, size_t len, char ret_host[HF_HOST_SIZE], size_t *ret_used);

/*
 * hf_hello_strict - the same where a listed site lives: a name counts only if every server reads the same one
 *
 * One ClientHello with one plain server name and nothing before or behind it in its records; or one request whose lines
 * end as they should, with one Host that agrees with its target. All else is no name.
 * @ret      always filled
 * Returns   HF_HELLO_MORE, HF_HELLO_NAMED; any other: nobody can be sure of it
 * Source    policy D9.2; as hf_hello_read
 */
enum hf_hello hf_hello_strict(const uint8_t *buf, size_t len, struct hf_said *ret);

/*
 * hf_hello_again - what follows a ClientHello: a server may ask for another one, which may say another name
 *
 * @early    as the hello before it said
 * @ret      always filled; used may lie beyond len
 * Returns   HF_HELLO_MORE; HF_HELLO_NAMED another hello; HF_HELLO_NAMELESS used bytes that say nothing; HF_HELLO_OTHER
 *           no hello can follow; HF_HELLO_COUNT nobody can be sure of it
 * Source    RFC 8446 section 4.1.4
 */
enum hf_hello hf_hello_again(const uint8_t *buf, size_t len, bool early, struct hf_said *ret);

/*
 * hf_hello_is_outer - is this a name that many say who hide the one that they mean (Encrypted Client Hello)
 *
 * Returns   true or false
 * Source    RFC 9849 (TLS Encrypted Client Hello) section 6.1, public_name
 */
bool hf_hello_is_outer(const char *host);

#endif
