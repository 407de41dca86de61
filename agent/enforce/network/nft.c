/* SPDX-License-Identifier: MIT */
/*
 * Owns the talking to the kernel's packet filter.
 * Must never touch a table that it was not given by name.
 */
#include "agent/enforce/network/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/apart.h"
#include "agent/machine/netlink.h"

#define XT_REVISION 3

static void free_context(struct nft_ctx **context)
{
	if (*context)
		nft_ctx_free(*context);
}

#define auto_context __attribute__((cleanup(free_context)))

static struct nft_ctx *open_context(void)
{
	struct nft_ctx *context = nft_ctx_new(NFT_CTX_DEFAULT);
	if (context && nft_ctx_buffer_output(context) == 0 && nft_ctx_buffer_error(context) == 0)
		return context;
	free_context(&context);
	return NULL;
}

/*
 * The library looks users up, by plug-ins of the machine's that may ask a directory, reads whole tables, and keeps much
 * of it: so a child does it.
 */
struct order {
	const char *text;
	bool dry;
	bool (*passes)(const char *set);
};

static enum hf_rc run_apart(const void *arg, FILE *answer)
{
	const struct order *order = arg;
	auto_context struct nft_ctx *context = open_context();
	if (!context)
		return HF_E_MEMORY;
	nft_ctx_set_dry_run(context, order->dry);
	if (nft_run_cmd_from_buffer(context, order->text) == 0)
		return HF_OK;
	const char *said = nft_ctx_get_error_buffer(context);
	fprintf(answer, "%.*s", said ? (int)strcspn(said, "\n") : 0, said ? said : "");
	return HF_E_SYSTEM;
}

static enum hf_rc no_memory(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "No memory for what the packet filter (nftables) says");
}

enum hf_rc hf_nft_run(const char *commands, bool dry, struct hf_err *err)
{
	const struct order order = {.text = commands, .dry = dry};
	struct hf_apart_answer answer;
	enum hf_rc rc = hf_apart(run_apart, &order, &answer, err);
	if (rc != HF_OK)
		return rc;
	hf_auto_free char *said = answer.text;
	if (answer.rc == HF_E_SYSTEM)
		return hf_err_set(err, HF_E_SYSTEM, "The packet filter (nftables) refused what it was told: %s", said);
	return answer.rc == HF_OK ? HF_OK : no_memory(err);
}

static void drop_passing(json_t *listing, bool (*passes)(const char *set))
{
	json_t *one;
	size_t i;
	json_array_foreach(json_object_get(listing, "nftables"), i, one)
	{
		json_t *set = json_object_get(one, "set");
		const char *name = json_string_value(json_object_get(set, "name"));
		if (name && passes(name))
			json_object_del(set, "elem");
	}
}

static enum hf_rc list_apart(const void *arg, FILE *answer)
{
	const struct order *order = arg;
	auto_context struct nft_ctx *context = open_context();
	if (!context)
		return HF_E_MEMORY;
	nft_ctx_output_set_flags(context, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_HANDLE);
	if (nft_run_cmd_from_buffer(context, order->text) != 0)
		return HF_E_ABSENT;
	json_t *listing = json_loads(nft_ctx_get_output_buffer(context), 0, NULL);
	if (!listing)
		return HF_E_JSON;
	drop_passing(listing, order->passes);
	return json_dumpf(listing, answer, JSON_COMPACT) == 0 ? HF_OK : HF_E_MEMORY;
}

enum hf_rc hf_nft_list(const char *table, bool (*passes)(const char *set), json_t **ret, struct hf_err *err)
{
	char command[128];
	const struct order order = {.text = command, .passes = passes};
	struct hf_apart_answer answer;
	if (hf_str_printf(command, sizeof(command), "list table %s", table) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The name of a table is too long");
	enum hf_rc rc = hf_apart(list_apart, &order, &answer, err);
	if (rc != HF_OK)
		return rc;
	hf_auto_free char *said = answer.text;
	if (answer.rc == HF_E_ABSENT)
		return hf_err_set(err, HF_E_ABSENT, "The table %s is not in the packet filter", table);
	if (answer.rc == HF_E_MEMORY)
		return no_memory(err);
	json_t *listing = answer.rc == HF_OK ? json_loads(said, 0, NULL) : NULL;
	if (!listing)
		return hf_err_set(err, HF_E_JSON, "The listing of the table %s cannot be read", table);
	*ret = listing;
	return HF_OK;
}

static struct nlmsghdr *put_head(char *at, uint16_t type, uint16_t flags, uint8_t family)
{
	return hf_netlink_head(at, type, flags, family, NFNL_SUBSYS_NFTABLES);
}

static int take_generation(const struct nlmsghdr *head, void *arg)
{
	const struct nlattr *attr;
	mnl_attr_for_each(attr, head, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == NFTA_GEN_ID && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			*(uint32_t *)arg = ntohl(mnl_attr_get_u32(attr));
	}
	return MNL_CB_OK;
}

enum hf_rc hf_nft_generation(uint32_t *ret, struct hf_err *err)
{
	_Alignas(struct nlmsghdr) char room[HF_NETLINK_ROOM];
	hf_auto_netlink struct mnl_socket *nl = hf_netlink_open();
	struct nlmsghdr *head = put_head(room, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, NLM_F_ACK, NFPROTO_UNSPEC);
	uint32_t generation = 0;
	if (nl && mnl_socket_sendto(nl, head, head->nlmsg_len) >= 0 &&
	    hf_netlink_hear(nl, take_generation, &generation) == 0) {
		*ret = generation;
		return HF_OK;
	}
	return hf_err_set(err, HF_E_SYSTEM, "The packet filter (nftables) does not answer: %s", strerror(errno));
}

static void put_target(struct nlmsghdr *head, uint16_t queue)
{
	const struct xt_NFQ_info_v3 info = {.queuenum = queue, .queues_total = 1, .flags = NFQ_FLAG_BYPASS};
	_Alignas(8) char padded[(sizeof(info) + 7) / 8 * 8] = {0};
	struct nlattr *list = mnl_attr_nest_start(head, NFTA_RULE_EXPRESSIONS);
	struct nlattr *element = mnl_attr_nest_start(head, NFTA_LIST_ELEM);
	memcpy(padded, &info, sizeof(info));
	mnl_attr_put_strz(head, NFTA_EXPR_NAME, "target");
	struct nlattr *data = mnl_attr_nest_start(head, NFTA_EXPR_DATA);
	mnl_attr_put_strz(head, NFTA_TARGET_NAME, "NFQUEUE");
	mnl_attr_put_u32(head, NFTA_TARGET_REV, htonl(XT_REVISION));
	mnl_attr_put(head, NFTA_TARGET_INFO, sizeof(padded), padded);
	mnl_attr_nest_end(head, data);
	mnl_attr_nest_end(head, element);
	mnl_attr_nest_end(head, list);
}

enum hf_rc hf_nft_add_queue(const char *table, const char *chain, uint16_t queue, struct hf_err *err)
{
	_Alignas(struct nlmsghdr) char room[HF_NETLINK_ROOM];
	hf_auto_netlink struct mnl_socket *nl = hf_netlink_open();
	struct nlmsghdr *head = put_head(room, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC);
	size_t len = head->nlmsg_len;
	head = put_head(room + len, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE,
			NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, NFPROTO_INET);
	mnl_attr_put_strz(head, NFTA_RULE_TABLE, table);
	mnl_attr_put_strz(head, NFTA_RULE_CHAIN, chain);
	put_target(head, queue);
	len += head->nlmsg_len;
	head = put_head(room + len, NFNL_MSG_BATCH_END, 0, AF_UNSPEC);
	len += head->nlmsg_len;
	if (nl && mnl_socket_sendto(nl, room, len) >= 0 && hf_netlink_hear(nl, NULL, NULL) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "This kernel cannot hand packets to a program (NFQUEUE): %s",
			  strerror(errno));
}

enum hf_rc hf_nft_watch(int *ret_fd, struct hf_err *err)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = 1U << (NFNLGRP_NFTABLES - 1)};
	hf_auto_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "Changes of the packet filter cannot be watched: %s",
				  strerror(errno));
	*ret_fd = hf_steal_fd(&fd);
	return HF_OK;
}

/* What changed is looked up anyway; that some were lost because there were many says no more. */
void hf_nft_drain(int fd)
{
	char room[HF_NETLINK_ROOM];
	ssize_t n;
	do {
		n = recv(fd, room, sizeof(room), MSG_DONTWAIT | MSG_TRUNC);
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
}
