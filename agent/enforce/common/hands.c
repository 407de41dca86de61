/* SPDX-License-Identifier: MIT */
/*
 * Owns the agent's end of the process that has the rights which it has not itself.
 * Must never take for done what nobody said is.
 */
#include "agent/enforce/common/hands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "agent/enforce/common/outlive.h"

#define MAGIC 0x31484648U /* "HFH1" */
#define ANSWER_MS 5000	  /* a trial takes three seconds at the most, and the process may have to be started */
#define DEAF_MS 30000	  /* the agent has other things to do than to wait for them */
#define TRIES 2		  /* one that had nothing to do has ended */

struct head {
	uint32_t magic, word;
	int32_t error;
	uint32_t unused;
	uint64_t first, second;
};

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int) * HF_HANDS_FDS_MAX)];
};

enum hf_rc hf_hands_send(int fd, const struct hf_hands_message *message, int ms)
{
	struct head head = {.magic = MAGIC,
			    .word = message->word,
			    .error = message->error,
			    .first = message->first,
			    .second = message->second};
	struct iovec parts[2] = {{&head, sizeof(head)}, {(void *)(uintptr_t)message->data, message->len}};
	union control control = {.room = {0}};
	struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 2};
	size_t bytes = sizeof(int) * message->n_fds;

	if (bytes > 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE(bytes);
		control.head = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(bytes), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.head), message->fds, bytes);
	}
	if (!hf_outlive_wait(fd, POLLOUT, ms))
		return HF_E_SYSTEM;
	return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 ? HF_OK : HF_E_ABSENT;
}

static void close_fds(struct hf_hands_message *message)
{
	for (size_t i = 0; i < message->n_fds; i++)
		hf_fd_close(&message->fds[i]);
	message->n_fds = 0;
}

static void keep_fds(struct msghdr *msg, struct hf_hands_message *message)
{
	for (struct cmsghdr *one = CMSG_FIRSTHDR(msg); one; one = CMSG_NXTHDR(msg, one)) {
		if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS)
			continue;
		message->n_fds = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(message->fds, CMSG_DATA(one), message->n_fds * sizeof(int));
	}
}

enum hf_rc hf_hands_receive(int fd, struct hf_hands_message *ret_message, int ms)
{
	struct hf_hands_message message = {.n_fds = 0};
	struct head head;
	struct iovec parts[2] = {{&head, sizeof(head)}, {message.data, sizeof(message.data)}};
	union control control;
	struct msghdr msg = {
		.msg_iov = parts, .msg_iovlen = 2, .msg_control = control.room, .msg_controllen = sizeof(control)};
	ssize_t n;

	if (!hf_outlive_wait(fd, POLLIN, ms))
		return HF_E_SYSTEM;
	n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n <= 0)
		return HF_E_ABSENT;
	keep_fds(&msg, &message);
	if (n < (ssize_t)sizeof(head) || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || head.magic != MAGIC ||
	    head.word >= HF_HANDS_WORDS) {
		close_fds(&message);
		return HF_E_SHAPE;
	}
	message.word = head.word;
	message.error = head.error;
	message.first = head.first;
	message.second = head.second;
	message.len = (size_t)n - sizeof(head);
	*ret_message = message;
	return HF_OK;
}

enum hf_rc hf_hands_ask(struct hf_hands *hands, struct hf_hands_message *message)
{
	const struct hf_hands_message order = *message;
	enum hf_rc rc = HF_E_ABSENT;

	if (!hands || !hands->socket || !hands->socket[0] ||
	    (hands->deaf.ms != 0 && hf_clock_boot().ms - hands->deaf.ms < DEAF_MS))
		return HF_E_ABSENT;
	hands->deaf.ms = 0;
	for (int tries = 0; rc == HF_E_ABSENT && tries < TRIES; tries++) {
		if (hands->fd < 0 && hf_outlive_connect(hands->socket, &hands->fd, NULL) != HF_OK)
			return HF_E_ABSENT;
		rc = hf_hands_send(hands->fd, &order, ANSWER_MS);
		if (rc == HF_OK)
			rc = hf_hands_receive(hands->fd, message, ANSWER_MS);
		if (rc == HF_OK && message->word == order.word)
			return HF_OK;
		if (rc == HF_OK)
			close_fds(message);
		/* Whatever comes now may be the answer to this one. */
		hf_hands_leave(hands);
	}
	hands->deaf = hf_clock_boot();
	return rc == HF_OK ? HF_E_SYSTEM : rc;
}

uint64_t hf_hands_rights(struct hf_hands *hands)
{
	struct hf_hands_message message = {.word = HF_HANDS_RIGHTS};

	if (hf_hands_ask(hands, &message) != HF_OK)
		return 0;
	close_fds(&message);
	return message.error == 0 ? message.first : 0;
}

void hf_hands_leave(struct hf_hands *hands)
{
	hf_fd_close(&hands->fd);
}

/* Asked after a call of the agent's own was refused: -1 with errno, or the answer's descriptors are the caller's. */
static int have_done(struct hf_hands *hands, struct hf_hands_message *message)
{
	if (hf_hands_ask(hands, message) != HF_OK) {
		errno = EPERM;
		return -1;
	}
	if (message->error == 0)
		return 0;
	close_fds(message);
	errno = message->error;
	return -1;
}

int hf_watch_group(struct hf_hands *hands, unsigned int flags, unsigned int event_flags)
{
	int group = fanotify_init(flags, event_flags);
	struct hf_hands_message message = {.word = HF_HANDS_GROUP, .first = flags, .second = event_flags};

	if (group >= 0 || errno != EPERM || have_done(hands, &message) != 0)
		return group;
	if (message.n_fds == 1)
		return message.fds[0];
	close_fds(&message);
	errno = EPERM;
	return -1;
}

int hf_watch_mark(struct hf_hands *hands, int group, unsigned int how, uint64_t mask, const char *path)
{
	struct hf_hands_message message = {
		.word = HF_HANDS_MARK, .first = how, .second = mask, .fds = {group}, .n_fds = 1};
	hf_auto_fd int file = -1;

	if (fanotify_mark(group, how, mask, AT_FDCWD, path) == 0)
		return 0;
	if (errno != EPERM)
		return -1;
	if (path) {
		file = open(path, O_PATH | O_CLOEXEC);
		if (file < 0)
			return -1;
		message.fds[message.n_fds++] = file;
	}
	return have_done(hands, &message);
}

int hf_give(struct hf_hands *hands, const char *path, hf_user uid)
{
	struct hf_hands_message message = {.word = HF_HANDS_GIVE, .first = uid, .n_fds = 1};
	hf_auto_fd int file = -1;

	if (chown(path, uid, (gid_t)-1) == 0)
		return 0;
	if (errno != EPERM)
		return -1;
	file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0)
		return -1;
	message.fds[0] = file;
	return have_done(hands, &message);
}
