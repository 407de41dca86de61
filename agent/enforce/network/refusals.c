/* SPDX-License-Identifier: MIT */
/*
 * Owns the listening to what the kernel has just refused.
 * Must never wait, nor believe a packet to be longer than it is.
 */
#include "agent/enforce/network/refusals.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <holdfast/str.h>

#include "agent/enforce/network/net_want.h"
#include "agent/machine/netlink.h"

#define AT_ONCE 64 /* messages; what is left wakes the loop again */

struct hf_tried_log {
	struct mnl_socket *nl;
	hf_tried_fn fn;
	void *arg;
	_Alignas(struct nlmsghdr) char room[HF_NETLINK_ROOM];
};

/* In one question, so that no packet is handed over in another way before it. Each comes by itself, not after a second.
 */
static enum hf_rc bind_it(struct hf_tried_log *log, uint16_t group)
{
	const struct nfulnl_msg_config_cmd bind = {.command = NFULNL_CFG_CMD_BIND};
	const struct nfulnl_msg_config_mode mode = {.copy_range = htonl(HF_NET_LOGGED),
						    .copy_mode = NFULNL_COPY_PACKET};
	struct nlmsghdr *head =
		hf_netlink_head(log->room, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_ACK, AF_UNSPEC, group);
	mnl_attr_put(head, NFULA_CFG_CMD, sizeof(bind), &bind);
	mnl_attr_put(head, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(head, NFULA_CFG_QTHRESH, htonl(1));
	if (mnl_socket_sendto(log->nl, head, head->nlmsg_len) < 0 || hf_netlink_hear(log->nl, NULL, NULL) != 0)
		return HF_E_SYSTEM;
	return HF_OK;
}

enum hf_rc hf_tried_log_open(uint16_t group, hf_tried_fn fn, void *arg, struct hf_tried_log **ret_log,
			     struct hf_err *err)
{
	struct hf_tried_log *log = calloc(1, sizeof(*log));
	if (!log)
		return hf_err_set(err, HF_E_MEMORY, "No memory for a log of packets");
	log->fn = fn;
	log->arg = arg;
	log->nl = hf_netlink_open();
	if (log->nl && bind_it(log, group) == HF_OK) {
		*ret_log = log;
		return HF_OK;
	}
	hf_err_set(err, HF_E_SYSTEM, "The kernel's log of packets, group %u, cannot be read: %s", (unsigned int)group,
		   strerror(errno));
	hf_tried_log_free(&log);
	return HF_E_SYSTEM;
}

static int take(const struct nlmsghdr *head, void *arg)
{
	const struct hf_tried_log *log = arg;
	const struct nlattr *attr, *uid = NULL, *packet = NULL;
	struct hf_addr to;
	if (head->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, head, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == NFULA_UID && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			uid = attr;
		else if (mnl_attr_get_type(attr) == NFULA_PAYLOAD)
			packet = attr;
	}
	if (uid && packet && hf_addr_of_packet(mnl_attr_get_payload(packet), mnl_attr_get_payload_len(packet), &to))
		log->fn(log->arg, ntohl(mnl_attr_get_u32(uid)), &to);
	return MNL_CB_OK;
}

int hf_tried_log_fd(const struct hf_tried_log *log)
{
	return mnl_socket_get_fd(log->nl);
}

enum hf_rc hf_tried_log_serve(struct hf_tried_log *log)
{
	for (int i = 0; i < AT_ONCE; i++) {
		ssize_t n = recv(hf_tried_log_fd(log), log->room, sizeof(log->room), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
			return HF_OK;
		if (n < 0 || mnl_cb_run(log->room, (size_t)n, 0, 0, take, log) < 0)
			return HF_E_SYSTEM;
	}
	return HF_OK;
}

void hf_tried_log_free(struct hf_tried_log **log)
{
	if (!*log)
		return;
	hf_netlink_close(&(*log)->nl);
	free(*log);
	*log = NULL;
}
