/* SPDX-License-Identifier: MIT */
/*
 * Owns the kernel's queue of packets that wait for an answer.
 * Must never leave a packet without an answer.
 */
#include "agent/enforce/network/names/nfqueue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <holdfast/str.h>

#include "agent/enforce/network/names/hello.h"

#define COPIED (HF_HELLO_MAX + 256) /* bytes of a packet: headers and the longest hello */
#define ROOM (COPIED + 8192)	    /* and what netlink puts around them */
#define WAITING 4096		    /* packets; more are lost and sent again: a share of one user is 256 at once */
#define BUFFER (16 * 1024 * 1024)
#define FLAGS (NFQA_CFG_F_GSO | NFQA_CFG_F_UID_GID)

struct hf_nfqueue {
	struct mnl_socket *nl;
	uint16_t number;
	bool inherited; /* and nothing was read since */
	hf_packet_fn fn;
	void *arg;
	_Alignas(struct nlmsghdr) char room[ROOM];
	_Alignas(struct nlmsghdr) char answer[256];
};

static enum hf_rc ask_nfqueue(struct hf_nfqueue *queue, struct nlmsghdr *head)
{
	head->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(queue->nl, head, head->nlmsg_len) < 0)
		return HF_E_SYSTEM;
	ssize_t n = mnl_socket_recvfrom(queue->nl, queue->room, sizeof(queue->room));
	if (n < 0 || mnl_cb_run(queue->room, (size_t)n, 0, mnl_socket_get_portid(queue->nl), NULL, NULL) < 0)
		return HF_E_SYSTEM;
	return HF_OK;
}

static enum hf_rc bind_nfqueue(struct hf_nfqueue *queue)
{
	struct nlmsghdr *head = nfq_nlmsg_put(queue->answer, NFQNL_MSG_CONFIG, queue->number);
	nfq_nlmsg_cfg_put_cmd(head, AF_INET, NFQNL_CFG_CMD_BIND);
	enum hf_rc rc = ask_nfqueue(queue, head);
	if (rc != HF_OK)
		return rc;
	head = nfq_nlmsg_put(queue->answer, NFQNL_MSG_CONFIG, queue->number);
	nfq_nlmsg_cfg_put_params(head, NFQNL_COPY_PACKET, COPIED);
	mnl_attr_put_u32(head, NFQA_CFG_FLAGS, htonl(FLAGS));
	mnl_attr_put_u32(head, NFQA_CFG_MASK, htonl(FLAGS | NFQA_CFG_F_FAIL_OPEN));
	mnl_attr_put_u32(head, NFQA_CFG_QUEUE_MAXLEN, htonl(WAITING));
	return ask_nfqueue(queue, head);
}

static enum hf_rc open_nfqueue(struct hf_nfqueue *queue)
{
	const int size = BUFFER, on = 1;
	queue->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!queue->nl || mnl_socket_bind(queue->nl, 0, MNL_SOCKET_AUTOPID) != 0)
		return HF_E_SYSTEM;
	/* Both only spare packets from being lost. */
	if (setsockopt(mnl_socket_get_fd(queue->nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0 ||
	    mnl_socket_setsockopt(queue->nl, NETLINK_NO_ENOBUFS, (void *)(uintptr_t)&on, sizeof(on)) != 0)
		errno = 0;
	return bind_nfqueue(queue);
}

static struct hf_nfqueue *new_nfqueue(uint16_t number)
{
	struct hf_nfqueue *queue = calloc(1, sizeof(*queue));
	if (queue)
		queue->number = number;
	return queue;
}

enum hf_rc hf_nfqueue_open(uint16_t number, struct hf_nfqueue **ret_queue, struct hf_err *err)
{
	hf_auto_nfqueue struct hf_nfqueue *queue = new_nfqueue(number);
	if (!queue)
		return hf_err_set(err, HF_E_MEMORY, "No memory for a queue of packets");
	if (open_nfqueue(queue) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "The queue %u of packets cannot be read: %s", (unsigned int)number,
				  strerror(errno));
	*ret_queue = hf_steal_ptr(&queue);
	return HF_OK;
}

enum hf_rc hf_nfqueue_inherit(int fd, uint16_t number, struct hf_nfqueue **ret_queue, struct hf_err *err)
{
	hf_auto_nfqueue struct hf_nfqueue *queue = new_nfqueue(number);
	if (!queue)
		return hf_err_set(err, HF_E_MEMORY, "No memory for a queue of packets");
	queue->nl = mnl_socket_fdopen(fd);
	if (!queue->nl)
		return hf_err_set(err, HF_E_SYSTEM, "The queue %u of packets cannot be taken over: %s",
				  (unsigned int)number, strerror(errno));
	queue->inherited = true;
	*ret_queue = hf_steal_ptr(&queue);
	return HF_OK;
}

void hf_nfqueue_judge(struct hf_nfqueue *queue, hf_packet_fn fn, void *arg)
{
	queue->fn = fn;
	queue->arg = arg;
}

/* All before this one were read by a process that is dead: nobody else would ever answer them. */
static void lose_before(struct hf_nfqueue *queue, uint32_t id)
{
	struct nlmsghdr *head = nfq_nlmsg_put(queue->answer, NFQNL_MSG_VERDICT_BATCH, queue->number);
	queue->inherited = false;
	nfq_nlmsg_verdict_put(head, (int)(id - 1), NF_DROP);
	(void)!mnl_socket_sendto(queue->nl, head, head->nlmsg_len);
}

static struct hf_packet packet_of(struct nlattr *const attrs[])
{
	struct hf_packet packet = {0};
	if (attrs[NFQA_PAYLOAD]) {
		packet.data = mnl_attr_get_payload(attrs[NFQA_PAYLOAD]);
		packet.len = mnl_attr_get_payload_len(attrs[NFQA_PAYLOAD]);
	}
	if (attrs[NFQA_CAP_LEN] && ntohl(mnl_attr_get_u32(attrs[NFQA_CAP_LEN])) > packet.len)
		packet.lost = ntohl(mnl_attr_get_u32(attrs[NFQA_CAP_LEN])) - packet.len;
	packet.has_uid = attrs[NFQA_UID];
	packet.uid = packet.has_uid ? ntohl(mnl_attr_get_u32(attrs[NFQA_UID])) : 0;
	packet.mark = attrs[NFQA_MARK] ? ntohl(mnl_attr_get_u32(attrs[NFQA_MARK])) : 0;
	packet.card = attrs[NFQA_IFINDEX_OUTDEV] ? ntohl(mnl_attr_get_u32(attrs[NFQA_IFINDEX_OUTDEV])) : 0;
	return packet;
}

static int take_packet(const struct nlmsghdr *head, void *arg)
{
	struct hf_nfqueue *queue = arg;
	struct nlattr *attrs[NFQA_MAX + 1] = {NULL};
	if (nfq_nlmsg_parse(head, attrs) < 0 || !attrs[NFQA_PACKET_HDR])
		return MNL_CB_OK;
	const struct nfqnl_msg_packet_hdr *packet_head = mnl_attr_get_payload(attrs[NFQA_PACKET_HDR]);
	const struct hf_packet packet = packet_of(attrs);
	if (queue->inherited)
		lose_before(queue, ntohl(packet_head->packet_id));
	struct hf_answer answer = queue->fn(queue->arg, &packet);
	struct nlmsghdr *reply = nfq_nlmsg_put(queue->answer, NFQNL_MSG_VERDICT, queue->number);
	nfq_nlmsg_verdict_put(reply, (int)ntohl(packet_head->packet_id), answer.lose ? NF_DROP : NF_ACCEPT);
	if ((answer.clear | answer.bits) != 0)
		nfq_nlmsg_verdict_put_mark(reply, (packet.mark & ~answer.clear) | answer.bits);
	return mnl_socket_sendto(queue->nl, reply, reply->nlmsg_len) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

int hf_nfqueue_fd(const struct hf_nfqueue *queue)
{
	return mnl_socket_get_fd(queue->nl);
}

enum hf_rc hf_nfqueue_serve(struct hf_nfqueue *queue)
{
	ssize_t n = mnl_socket_recvfrom(queue->nl, queue->room, sizeof(queue->room));
	if (n < 0)
		return errno == ENOBUFS || errno == EINTR || errno == EAGAIN ? HF_OK : HF_E_SYSTEM;
	/* It says so of an answer to a packet that it has no more, or of all before the first one where there are none. */
	return mnl_cb_run(queue->room, (size_t)n, 0, mnl_socket_get_portid(queue->nl), take_packet, queue) < 0 &&
			       errno != ENOENT
		       ? HF_E_SYSTEM
		       : HF_OK;
}

void hf_nfqueue_free(struct hf_nfqueue **queue)
{
	if (!*queue)
		return;
	if ((*queue)->nl)
		mnl_socket_close((*queue)->nl);
	free(*queue);
	*queue = NULL;
}
