/* SPDX-License-Identifier: MIT */
/*
 * Owns the finding and the ending of open connections.
 * Must never end a socket that only listens, nor one that nobody said yes to.
 */
#include "agent/machine/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <holdfast/rows.h>
#include <holdfast/str.h>

#define WAIT_S 2   /* for an answer of the kernel, which comes at once */
#define ROOM 32768 /* netlink(7): one part of a long answer */
#define LISTENING (1U << TCP_LISTEN)
#define RESTING ((1U << TCP_TIME_WAIT) | (1U << TCP_CLOSE))

/* One look at all sockets of one kind. */
struct look {
	struct mnl_socket *nl;
	hf_socket_fn fn;
	void *arg;
	uint8_t protocol;
	struct inet_diag_req_v2 *found;
	size_t n, room;
};

static struct hf_addr addr_of(uint8_t family, const __be32 words[4])
{
	struct hf_addr addr;
	if (family == AF_INET)
		return hf_addr_from_v4((const uint8_t *)words);
	memcpy(addr.b, words, sizeof(addr.b));
	return addr;
}

static bool is_nobody(const struct inet_diag_msg *msg)
{
	static const __be32 none[4];
	return memcmp(msg->id.idiag_dst, none, msg->idiag_family == AF_INET ? sizeof(none[0]) : sizeof(none)) == 0;
}

static bool keep_socket(struct look *look, const struct inet_diag_msg *msg)
{
	if (hf_rows_reserve(&look->found, &look->room, look->n + 1, sizeof(*look->found)) != HF_OK)
		return false;
	look->found[look->n++] = (struct inet_diag_req_v2){
		.sdiag_family = msg->idiag_family,
		.sdiag_protocol = look->protocol,
		.id = msg->id,
	};
	return true;
}

static int take_socket(const struct nlmsghdr *head, void *arg)
{
	struct look *look = arg;
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(head);
	if (mnl_nlmsg_get_payload_len(head) < sizeof(*msg))
		return MNL_CB_OK;
	struct hf_socket socket = {
		.udp = look->protocol == IPPROTO_UDP,
		.local_port = ntohs(msg->id.idiag_sport),
		.peer_port = ntohs(msg->id.idiag_dport),
		.uid = msg->idiag_uid,
		.inode = msg->idiag_inode,
	};
	if (!is_nobody(msg))
		socket.peer = addr_of(msg->idiag_family, msg->id.idiag_dst);
	if (look->fn(look->arg, &socket) && !keep_socket(look, msg)) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

static uint32_t next_number(void)
{
	static uint32_t number;
	return ++number;
}

/* Sends one question; each answer goes to take. Returns 0, or -1 with errno. */
static int ask_diag(struct look *look, uint16_t type, uint16_t flags, const struct inet_diag_req_v2 *req)
{
	_Alignas(struct nlmsghdr) char room[ROOM];
	struct nlmsghdr *head = mnl_nlmsg_put_header(room);
	uint32_t number = next_number();
	ssize_t n;
	int more;
	head->nlmsg_type = type;
	head->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	head->nlmsg_seq = number;
	memcpy(mnl_nlmsg_put_extra_header(head, sizeof(*req)), req, sizeof(*req));
	if (mnl_socket_sendto(look->nl, head, head->nlmsg_len) < 0)
		return -1;
	do {
		n = mnl_socket_recvfrom(look->nl, room, sizeof(room));
		if (n < 0)
			return -1;
		more = mnl_cb_run(room, (size_t)n, number, mnl_socket_get_portid(look->nl), take_socket, look);
	} while (more > 0);
	return more;
}

/* A kernel that has not this kind of socket has none of it to end. */
static bool is_no_such_kind(int error)
{
	return error == ENOENT || error == EAFNOSUPPORT || error == EPROTONOSUPPORT;
}

static int find_sockets(struct look *look, uint8_t family)
{
	const struct inet_diag_req_v2 req = {
		.sdiag_family = family,
		.sdiag_protocol = look->protocol,
		.idiag_states = look->protocol == IPPROTO_TCP ? ~(LISTENING | RESTING) : ~0U,
	};
	look->n = 0;
	return ask_diag(look, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req) == 0 || is_no_such_kind(errno) ? 0 : -1;
}

/* One that went by itself meanwhile is gone as well. */
static int end_found(struct look *look, size_t *n_ended)
{
	for (size_t i = 0; i < look->n; i++) {
		if (ask_diag(look, SOCK_DESTROY, NLM_F_ACK, &look->found[i]) == 0)
			(*n_ended)++;
		else if (errno != ENOENT)
			return -1;
	}
	return 0;
}

/* Once: who calls has seen to it that no new one comes. */
static int end_kind(struct look *look, uint8_t family, size_t *n_ended)
{
	return find_sockets(look, family) == 0 ? end_found(look, n_ended) : -1;
}

static struct mnl_socket *open_diag(void)
{
	const struct timeval wait = {.tv_sec = WAIT_S};
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0)
		return nl;
	if (nl)
		mnl_socket_close(nl);
	return NULL;
}

enum hf_rc hf_sockets_destroy_if(hf_socket_fn fn, void *arg, size_t *ret_destroyed, struct hf_err *err)
{
	static const uint8_t kinds[][2] = {
		{IPPROTO_TCP, AF_INET},
		{IPPROTO_TCP, AF_INET6},
		{IPPROTO_UDP, AF_INET},
		{IPPROTO_UDP, AF_INET6},
	};
	struct look look = {.nl = open_diag(), .fn = fn, .arg = arg};
	int done = look.nl ? 0 : -1;
	*ret_destroyed = 0;
	for (size_t i = 0; i < HF_LEN(kinds) && done == 0; i++) {
		look.protocol = kinds[i][0];
		done = end_kind(&look, kinds[i][1], ret_destroyed);
	}
	int why = errno;
	free(look.found);
	if (look.nl)
		mnl_socket_close(look.nl);
	if (done == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "Open connections cannot be ended on this machine (sock_diag): %s",
			  strerror(why));
}

static bool never(void *arg, const struct hf_socket *socket)
{
	(void)arg;
	(void)socket;
	return false;
}

/* A socket that cannot be there: the kernel that can end one says ENOENT. */
enum hf_rc hf_sockets_check(struct hf_err *err)
{
	const struct inet_diag_req_v2 nothing = {
		.sdiag_family = AF_INET,
		.sdiag_protocol = IPPROTO_TCP,
		.id = {.idiag_cookie = {1, 0}},
	};
	struct look look = {.nl = open_diag(), .fn = never};
	int done = look.nl ? ask_diag(&look, SOCK_DESTROY, NLM_F_ACK, &nothing) : -1;
	int why = errno;
	if (look.nl)
		mnl_socket_close(look.nl);
	if (look.nl && (done == 0 || why == ENOENT))
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "Open connections cannot be ended on this machine (sock_diag): %s",
			  strerror(why));
}

struct inodes {
	uint64_t *v;
	size_t n;
};

static int inode_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static bool is_listed(void *arg, const struct hf_socket *socket)
{
	const struct inodes *inodes = arg;
	return socket->inode != 0 &&
	       bsearch(&socket->inode, inodes->v, inodes->n, sizeof(*inodes->v), inode_order);
}

enum hf_rc hf_sockets_destroy_inodes(const uint64_t *inodes, size_t n, size_t *ret_destroyed, struct hf_err *err)
{
	hf_auto_free uint64_t *sorted = calloc(n + 1, sizeof(*sorted));
	*ret_destroyed = 0;
	if (!sorted)
		return hf_err_set(err, HF_E_MEMORY, "No memory for a list of sockets");
	if (n == 0)
		return HF_OK;
	memcpy(sorted, inodes, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), inode_order);
	struct inodes list = {sorted, n};
	return hf_sockets_destroy_if(is_listed, &list, ret_destroyed, err);
}
