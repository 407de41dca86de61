/* SPDX-License-Identifier: MIT */
/*
 * Owns how the kernel's packet filter is asked.
 * Must never wait for an answer without an end.
 */
#include "agent/machine/netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#define WAIT_S 2 /* the kernel answers at once */

struct mnl_socket *hf_netlink_open(void)
{
	const struct timeval wait = {.tv_sec = WAIT_S};
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0)
		return nl;
	hf_netlink_close(&nl);
	return NULL;
}

void hf_netlink_close(struct mnl_socket **nl)
{
	if (*nl)
		mnl_socket_close(*nl);
	*nl = NULL;
}

struct nlmsghdr *hf_netlink_head(void *at, uint16_t type, uint16_t flags, uint8_t family, uint16_t about)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(at);
	struct nfgenmsg *general;
	head->nlmsg_type = type;
	head->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	head->nlmsg_seq = 1;
	general = mnl_nlmsg_put_extra_header(head, sizeof(*general));
	general->nfgen_family = family;
	general->version = NFNETLINK_V0;
	general->res_id = htons(about);
	return head;
}

int hf_netlink_hear(struct mnl_socket *nl, mnl_cb_t fn, void *arg)
{
	_Alignas(struct nlmsghdr) char room[HF_NETLINK_ROOM];
	int more = 1;
	while (more > 0) {
		ssize_t n = mnl_socket_recvfrom(nl, room, sizeof(room));
		more = n < 0 ? -1 : mnl_cb_run(room, (size_t)n, 1, mnl_socket_get_portid(nl), fn, arg);
	}
	return more;
}
