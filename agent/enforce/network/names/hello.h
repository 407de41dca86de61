/* SPDX-License-Identifier: MIT */
/*
 * hello.h - which server a client says it wants, in the first bytes of its connection; pure
 *
 * TLS says it in the ClientHello (RFC 6066 server_name), HTTP in its request: Host, or the address of a request to a
 * proxy. Everything read here is written by whoever wants to get past it.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_HELLO_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_HELLO_H

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

#endif
