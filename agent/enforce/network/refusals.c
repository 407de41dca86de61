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
#include <string.h>
#include <sys/socket.h>

#include "agent/enforce/network/net_want.h"
#include "agent/machine/netlink.h"

#define AT_ONCE 64 /* messages; what is left wakes the loop again */

/* In one question, so that no packet is handed over in another way before it. Each comes by itself, not after a second.
 */
static bool join_group(struct mnl_socket *nl, uint16_t group)
{
	const struct nfulnl_msg_config_cmd bind = {.command = NFULNL_CFG_CMD_BIND};
	const struct nfulnl_msg_config_mode mode = {.copy_range = htonl(HF_NET_HEARD), .copy_mode = NFULNL_COPY_PACKET};
	_Alignas(struct nlmsghdr) char room[HF_NETLINK_ROOM];
	struct nlmsghdr *head =
		hf_netlink_head(room, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_ACK, AF_UNSPEC, group);
	mnl_attr_put(head, NFULA_CFG_CMD, sizeof(bind), &bind);
	mnl_attr_put(head, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(head, NFULA_CFG_QTHRESH, htonl(1));
	return mnl_socket_sendto(nl, head, head->nlmsg_len) >= 0 && hf_netlink_hear(nl, NULL, NULL) == 0;
}

/* Of one message of the kernel. */
struct told_packet {
	const struct nlattr *uid, *packet;
	bool over, names;
};

static bool is_prefix(const struct nlattr *attr, const char *prefix)
{
	size_t n = strlen(prefix);
	return mnl_attr_get_payload_len(attr) >= n && memcmp(mnl_attr_get_payload(attr), prefix, n) == 0;
}

static void tell_packet(const struct hf_refusals *refusals, const struct told_packet *told)
{
	const uint8_t *packet = mnl_attr_get_payload(told->packet);
	size_t len = mnl_attr_get_payload_len(told->packet);
	hf_user uid = told->uid ? ntohl(mnl_attr_get_u32(told->uid)) : 0;
	struct hf_addr to;
	if (told->names)
		refusals->names(refusals->arg, told->uid ? &uid : NULL, packet, len);
	else if (told->uid && hf_addr_of_packet(packet, len, &to))
		refusals->fn(refusals->arg, uid, &to, told->over);
}

static int tell_one(const struct nlmsghdr *head, void *arg)
{
	const struct nlattr *attr;
	struct told_packet told = {.uid = NULL};
	if (head->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, head, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == NFULA_UID && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			told.uid = attr;
		else if (mnl_attr_get_type(attr) == NFULA_PAYLOAD)
			told.packet = attr;
		else if (mnl_attr_get_type(attr) == NFULA_PREFIX) {
			told.over = is_prefix(attr, HF_NET_TOLD_OVER);
			told.names = is_prefix(attr, HF_NET_TOLD_NAMES);
		}
	}
	if (told.packet)
		tell_packet(arg, &told);
	return MNL_CB_OK;
}

static void on_refusals(void *arg, uint32_t events)
{
	struct hf_refusals *refusals = arg;
	_Alignas(struct nlmsghdr) char room[HF_NETLINK_ROOM];
	(void)events;
	for (int i = 0; i < AT_ONCE; i++) {
		ssize_t n = recv(mnl_socket_get_fd(refusals->nl), room, sizeof(room), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
			return;
		if (n < 0 || mnl_cb_run(room, (size_t)n, 0, 0, tell_one, refusals) < 0) {
			hf_refusals_stop(refusals);
			return;
		}
	}
}

void hf_refusals_listen(struct hf_refusals *refusals)
{
	if (refusals->nl || refusals->group == 0)
		return;
	refusals->nl = hf_netlink_open();
	if (!refusals->nl || !join_group(refusals->nl, refusals->group) ||
	    hf_loop_add_fd(refusals->loop, mnl_socket_get_fd(refusals->nl), on_refusals, refusals, &refusals->watch) !=
		    HF_OK)
		hf_refusals_stop(refusals);
}

void hf_refusals_stop(struct hf_refusals *refusals)
{
	hf_watch_remove(&refusals->watch);
	hf_netlink_close(&refusals->nl);
}
