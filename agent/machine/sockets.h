/* SPDX-License-Identifier: MIT */
/*
 * sockets.h - connections that are open already: found and ended through the kernel (sock_diag, SOCK_DESTROY)
 *
 * Only those of this network namespace. Their owner is told ECONNABORTED at its next call; nothing it had queued is
 * sent.
 */
#ifndef HOLDFAST_AGENT_MACHINE_SOCKETS_H
#define HOLDFAST_AGENT_MACHINE_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/err.h>

#include "agent/machine/addr.h"

/* One TCP or UDP socket as the kernel shows it. One that only listens is never shown. */
struct hf_socket {
	bool udp;
	struct hf_addr peer; /* all zeros: it is connected to nobody */
	uint16_t local_port, peer_port;
	uid_t uid;	/* of the user who made it */
	uint64_t inode; /* as in `socket:[N]` of /proc/PID/fd; 0: its process has closed it, and it still sends */
};

/* Is this one to be ended? */
typedef bool (*hf_socket_fn)(void *arg, const struct hf_socket *socket);

/*
 * hf_sockets_check - can this machine end connections; changes nothing
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    sock_diag(7)
 */
HF_NODISCARD enum hf_rc hf_sockets_check(struct hf_err *err);

/*
 * hf_sockets_destroy_if - end every connection that fn says yes to; in a second at most
 *
 * One that its owner holds up (see aside.h) is not waited for: it ends when it moves, and sends nothing more.
 * @ret_destroyed  how many were ended; one that went by itself meanwhile does not count; always filled
 * Returns   HF_OK none that was to be ended is left of those that were there; HF_E_SYSTEM
 * Source    policy D9.2: open connections too
 */
HF_NODISCARD enum hf_rc hf_sockets_destroy_if(hf_socket_fn fn, void *arg, size_t *ret_destroyed, struct hf_err *err);

/*
 * hf_sockets_destroy_inodes - end the sockets with these inodes, connected or not
 *
 * @inodes   n of them, in any order: the numbers in the links `socket:[N]` of /proc/PID/fd; 0 is passed over
 * @ret_destroyed  as hf_sockets_destroy_if
 * Returns   as hf_sockets_destroy_if; HF_E_MEMORY
 * Source    policy D9.3: a thawed program must not send what it had queued
 */
HF_NODISCARD enum hf_rc hf_sockets_destroy_inodes(const uint64_t *inodes, size_t n, size_t *ret_destroyed,
						  struct hf_err *err);

#endif
