/* SPDX-License-Identifier: MIT */
/*
 * netlink.h - questions to the kernel's packet filter and their answers (NETLINK_NETFILTER)
 */
#ifndef HOLDFAST_AGENT_MACHINE_NETLINK_H
#define HOLDFAST_AGENT_MACHINE_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdint.h>

#define HF_NETLINK_ROOM 8192 /* bytes; more than any question here, and than one answer of the kernel to it */

#define hf_auto_netlink __attribute__((cleanup(hf_netlink_close)))

/*
 * hf_netlink_open - a socket that waits two seconds for an answer; hf_netlink_close - let it go, set to NULL
 *
 * Owner     the caller's, to hf_netlink_close, which accepts NULL
 * Returns   NULL with errno
 * Source    netlink(7)
 */
struct mnl_socket *hf_netlink_open(void);
void hf_netlink_close(struct mnl_socket **nl);

/*
 * hf_netlink_head - the beginning of a question
 *
 * @at       where it is written: room for its heads at least
 * @type     subsystem << 8 | message
 * @family   AF_UNSPEC, or a protocol family
 * @about    what it is about, as the subsystem numbers it
 * Owner     lies in the caller's room
 * Returns   the head; never NULL
 * Source    linux/netfilter/nfnetlink.h
 */
struct nlmsghdr *hf_netlink_head(void *at, uint16_t type, uint16_t flags, uint8_t family, uint16_t about);

/*
 * hf_netlink_hear - read answers until the last one; what was not asked for is given to fn too
 *
 * @fn       may be NULL
 * Returns   0; -1 with errno: the kernel's own, or that of the socket
 * Source    netlink(7)
 */
int hf_netlink_hear(struct mnl_socket *nl, mnl_cb_t fn, void *arg);

#endif
