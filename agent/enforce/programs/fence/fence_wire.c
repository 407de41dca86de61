/* SPDX-License-Identifier: MIT */
/*
 * Owns the packets between agent and fence.
 * Must never leave a descriptor open that came with a packet it refuses.
 */
#include "agent/enforce/programs/fence/fence_wire.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/outlive.h"

#define MAGIC 0x31464648U /* "HFF1" */

/* Only HF_FENCE_TRIED is longer than its first two members. */
struct packet {
	uint32_t magic;
	uint32_t word;
	struct hf_fence_who who;
};

static size_t size_of(uint32_t word)
{
	return word == HF_FENCE_TRIED ? sizeof(struct packet) : offsetof(struct packet, who);
}

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int) * HF_FENCE_FDS_MAX)];
};

enum hf_rc hf_fence_send(int fd, const struct hf_fence_message *message, int ms, struct hf_err *err)
{
	struct packet packet = {.magic = MAGIC, .word = (uint32_t)message->word, .who = message->who};
	struct iovec part = {.iov_base = &packet, .iov_len = size_of(packet.word)};
	union control control;
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
	size_t bytes = sizeof(int) * (size_t)message->n_fds;
	if (message->n_fds > 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE(bytes);
		struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(bytes);
		memcpy(CMSG_DATA(head), message->fds, bytes);
	}
	if (!hf_outlive_wait(fd, POLLOUT, ms))
		return hf_err_set(err, HF_E_SYSTEM, "The other end of the fence's socket does not listen");
	if (sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)part.iov_len)
		return HF_OK;
	if (errno == EPIPE || errno == ECONNRESET || errno == EAGAIN)
		return hf_err_set(err, HF_E_ABSENT, "The other end of the fence's socket is gone");
	return hf_err_set(err, HF_E_SYSTEM, "The fence cannot be told anything: %s", strerror(errno));
}

static void take_fds(struct msghdr *msg, struct hf_fence_message *message)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(msg); head; head = CMSG_NXTHDR(msg, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(message->fds, CMSG_DATA(head), n * sizeof(int));
		message->n_fds = (int)n;
	}
}

enum hf_rc hf_fence_receive(int fd, int ms, struct hf_fence_message *ret_message, struct hf_err *err)
{
	struct packet packet;
	struct iovec part = {.iov_base = &packet, .iov_len = sizeof(packet)};
	union control control;
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control)};
	if (!hf_outlive_wait(fd, POLLIN, ms))
		return hf_err_set(err, HF_E_SYSTEM, "The fence does not answer");
	ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0 && errno != ECONNRESET && errno != EAGAIN)
		return hf_err_set(err, HF_E_SYSTEM, "The fence cannot be heard: %s", strerror(errno));
	if (n <= 0)
		return hf_err_set(err, HF_E_ABSENT, "The other end of the fence's socket is gone");
	struct hf_fence_message message = {.word = HF_FENCE_WORD_COUNT, .n_fds = 0};
	take_fds(&msg, &message);
	if (n < (ssize_t)offsetof(struct packet, who) || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    packet.magic != MAGIC || packet.word >= HF_FENCE_WORD_COUNT || n != (ssize_t)size_of(packet.word)) {
		hf_fence_message_done(&message);
		return hf_err_set(err, HF_E_SHAPE, "What came over the fence's socket is none of its words");
	}
	message.word = (enum hf_fence_word)packet.word;
	if (message.word == HF_FENCE_TRIED)
		message.who = packet.who;
	*ret_message = message;
	return HF_OK;
}

void hf_fence_message_done(struct hf_fence_message *message)
{
	for (int i = 0; i < message->n_fds; i++)
		hf_fd_close(&message->fds[i]);
	message->n_fds = 0;
}
