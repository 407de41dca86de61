/* SPDX-License-Identifier: MIT */
/*
 * resolve.h - the network addresses of names, looked up beside the loop
 */
#ifndef HOLDFAST_AGENT_LINK_RESOLVE_H
#define HOLDFAST_AGENT_LINK_RESOLVE_H

#include <holdfast/loop.h>
#include <holdfast/str.h>

#define HF_RESOLVE_HOSTS_MAX 4096 /* that wait to be looked up; what goes beyond is dropped: it is asked again */
#define HF_RESOLVE_MAX 64	  /* addresses of one host */

struct hf_resolver;

#define hf_auto_resolver __attribute__((cleanup(hf_resolver_free)))

/* What a host has, as texts; called on the loop's thread. None: it has none, or the network does not work. */
typedef void (*hf_resolved_fn)(void *arg, const char *host, const struct hf_strs *addresses);

/*
 * hf_resolver_new - a thread that looks names up, one after the other; it waits without cost
 *
 * @ret_resolver  to hf_resolver_free; untouched unless HF_OK
 * Owner          the caller's
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_resolver_new(struct hf_loop *loop, hf_resolved_fn fn, void *arg,
					struct hf_resolver **ret_resolver, struct hf_err *err);

/*
 * hf_resolver_ask - look up a host and its www.; the answer is one for both
 *
 * One that waits already is not looked up twice.
 * Owner     the name is copied
 * Returns   HF_OK; HF_E_SIZE it is too long, or too many wait; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_resolver_ask(struct hf_resolver *resolver, const char *host);

/*
 * hf_resolver_free - wait for no answer any more, set to NULL; accepts NULL
 *
 * Owner     ends; the thread ends when its present look-up does
 */
void hf_resolver_free(struct hf_resolver **resolver);

#endif
