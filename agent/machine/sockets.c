/* SPDX-License-Identifier: MIT */
/*
 * Owns the finding and the ending of open connections.
 * Must never end a socket that only listens, nor one that nobody said yes to, nor wait for whoever holds one up.
 */
#include "agent/machine/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>

#include "agent/machine/aside.h"

#define WAIT_S 2   /* for an answer of the kernel, which comes at once unless somebody holds a socket up */
#define ROOM 32768 /* netlink(7): one part of a long answer */
#define LISTENING (1U << TCP_LISTEN)
#define RESTING ((1U << TCP_TIME_WAIT) | (1U << TCP_CLOSE))

#define USERS_MAX 16 /* whose connections are ended beside each other; those of all others together */

/* One that was found; or the end of them, and what went wrong. */
struct found {
	struct hf_socket socket;
	struct inet_diag_req_v2 req;
	bool last;
	int error;
};

/* One look at all sockets of one kind. */
struct look {
	struct mnl_socket *nl;
	FILE *out; /* where what is found goes */
	uint8_t protocol;
};

/* Those that are to be ended. */
struct doomed {
	struct found *v;
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

static int take_socket(const struct nlmsghdr *head, void *arg)
{
	struct look *look = arg;
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(head);
	if (mnl_nlmsg_get_payload_len(head) < sizeof(*msg))
		return MNL_CB_OK;
	struct found found = {
		.socket = {.udp = look->protocol == IPPROTO_UDP,
			   .local_port = ntohs(msg->id.idiag_sport),
			   .peer_port = ntohs(msg->id.idiag_dport),
			   .uid = msg->idiag_uid,
			   .inode = msg->idiag_inode},
		.req = {.sdiag_family = msg->idiag_family, .sdiag_protocol = look->protocol, .id = msg->id},
	};
	if (!is_nobody(msg))
		found.socket.peer = addr_of(msg->idiag_family, msg->id.idiag_dst);
	return look->out && fwrite(&found, sizeof(found), 1, look->out) != 1 ? MNL_CB_ERROR : MNL_CB_OK;
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
	return ask_diag(look, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req) == 0 || is_no_such_kind(errno) ? 0 : -1;
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

/* Aside: all that there are. */
static void find_all(void *arg, int fd)
{
	static const uint8_t kinds[][2] = {
		{IPPROTO_TCP, AF_INET},
		{IPPROTO_TCP, AF_INET6},
		{IPPROTO_UDP, AF_INET},
		{IPPROTO_UDP, AF_INET6},
	};
	struct look look = {.nl = open_diag(), .out = fdopen(fd, "w")};
	int done = look.nl && look.out ? 0 : -1;
	(void)arg;
	for (size_t i = 0; i < HF_LEN(kinds) && done == 0; i++) {
		look.protocol = kinds[i][0];
		done = find_sockets(&look, kinds[i][1]);
	}
	const struct found last = {.last = true, .error = done == 0 ? 0 : errno};
	if (look.out && fwrite(&last, sizeof(last), 1, look.out) == 1)
		fclose(look.out);
}

/* Returns 0, or an error number. */
static int choose(hf_socket_fn fn, void *arg, struct doomed *doomed)
{
	hf_auto_fd int fd = -1;
	int wait_ms = HF_ASIDE_MS;
	struct found found = {.last = false};
	if (hf_aside_start(find_all, NULL, &fd) != HF_OK)
		return EAGAIN;
	while (hf_aside_read(fd, &found, sizeof(found), &wait_ms)) {
		if (found.last)
			return found.error;
		if (!fn(arg, &found.socket))
			continue;
		if (hf_rows_reserve(&doomed->v, &doomed->room, doomed->n + 1, sizeof(*doomed->v)) != HF_OK)
			return ENOMEM;
		doomed->v[doomed->n++] = found;
	}
	return ETIMEDOUT;
}

/* Of one user, or of all behind the first users. */
struct share {
	const struct doomed *doomed;
	const uid_t *users;
	size_t n_users, at;
};

static bool is_in_share(const struct share *share, uid_t uid)
{
	size_t i = 0;
	while (i < share->n_users && share->users[i] != uid)
		i++;
	return i == share->at;
}

struct ended {
	size_t n;
	int error;
};

/* Aside. One that went by itself meanwhile is gone as well. */
static void end_share(void *arg, int fd)
{
	const struct share *share = arg;
	struct look look = {.nl = open_diag()};
	struct ended ended = {0, look.nl ? 0 : errno};
	for (size_t i = 0; i < share->doomed->n && ended.error == 0; i++) {
		const struct found *found = &share->doomed->v[i];
		if (!is_in_share(share, found->socket.uid))
			continue;
		if (ask_diag(&look, SOCK_DESTROY, NLM_F_ACK, &found->req) == 0)
			ended.n++;
		else if (errno != ENOENT)
			ended.error = errno;
	}
	if (write(fd, &ended, sizeof(ended)) != sizeof(ended))
		return;
}

static size_t users_of(const struct doomed *doomed, uid_t users[USERS_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < doomed->n; i++) {
		size_t at = 0;
		while (at < n && users[at] != doomed->v[i].socket.uid)
			at++;
		if (at == n && n < USERS_MAX)
			users[n++] = doomed->v[i].socket.uid;
	}
	return n;
}

/* Each user's beside the others': whoever holds one up keeps their own alone. That one is ended once it moves, before it
 * sends a byte more: who ends it is the next in its row. Returns 0, or an error number. */
static int end_chosen(const struct doomed *doomed, size_t *n_ended)
{
	uid_t users[USERS_MAX];
	int fds[USERS_MAX + 1], error = 0, wait_ms = HF_ASIDE_MS;
	struct share share = {doomed, users, users_of(doomed, users), 0};
	size_t n = share.n_users + (share.n_users == USERS_MAX);
	for (; share.at < n; share.at++) {
		fds[share.at] = -1;
		if (hf_aside_start(end_share, &share, &fds[share.at]) != HF_OK)
			error = EAGAIN;
	}
	for (size_t i = 0; i < n; i++) {
		struct ended ended = {0, 0};
		if (fds[i] >= 0 && hf_aside_read(fds[i], &ended, sizeof(ended), &wait_ms))
			*n_ended += ended.n;
		error = error ? error : ended.error;
		hf_fd_close(&fds[i]);
	}
	return error;
}

enum hf_rc hf_sockets_destroy_if(hf_socket_fn fn, void *arg, size_t *ret_destroyed, struct hf_err *err)
{
	struct doomed doomed = {.n = 0};
	*ret_destroyed = 0;
	int error = choose(fn, arg, &doomed);
	if (error == 0)
		error = end_chosen(&doomed, ret_destroyed);
	free(doomed.v);
	if (error == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "Open connections cannot be ended on this machine (sock_diag): %s",
			  strerror(error));
}

/* Aside. A socket that cannot be there: the kernel that can end one says ENOENT. */
static void try_to_end(void *arg, int fd)
{
	const struct inet_diag_req_v2 nothing = {
		.sdiag_family = AF_INET,
		.sdiag_protocol = IPPROTO_TCP,
		.id = {.idiag_cookie = {1, 0}},
	};
	struct look look = {.nl = open_diag()};
	int done = look.nl ? ask_diag(&look, SOCK_DESTROY, NLM_F_ACK, &nothing) : -1, why = errno;
	const struct ended ended = {0, look.nl && (done == 0 || why == ENOENT) ? 0 : why};
	(void)arg;
	if (write(fd, &ended, sizeof(ended)) != sizeof(ended))
		return;
}

/* A kernel that is busy with one that somebody holds up can end others. */
enum hf_rc hf_sockets_check(struct hf_err *err)
{
	hf_auto_fd int fd = -1;
	struct ended ended = {0, 0};
	int wait_ms = HF_ASIDE_MS;
	if (hf_aside_start(try_to_end, NULL, &fd) != HF_OK)
		ended.error = EAGAIN;
	else
		hf_aside_read(fd, &ended, sizeof(ended), &wait_ms);
	if (ended.error == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "Open connections cannot be ended on this machine (sock_diag): %s",
			  strerror(ended.error));
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
