/* SPDX-License-Identifier: MIT */
/*
 * fence.c - owns the process that answers the kernel's question whether a listed file may be opened.
 * Room: agent/enforce.
 * Must never open a listed file, allocate for an answer, or end without being told to by root.
 */
#include "fence.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/sock.h>

#include "fence_rules.h"
#include "fence_wire.h"
#include "outlive.h"
#include "procs.h"

#define CLIENTS_MAX 4	   /* one agent, and the one that takes over from it */
#define EVENTS_SIZE 4096   /* some 170 questions at once */
#define ANSWER_WAIT_MS 200 /* for an agent that asked and does not listen */

struct fence {
	int group;
	int listener;
	int clients[CLIENTS_MAX]; /* -1: free */
	struct hf_fence_rules rules;
	const char *socket;
	bool end;
};

static bool may_open(const struct fence *fence, const struct fanotify_event_metadata *event)
{
	struct stat st;
	uid_t ids[4];
	/* Root's own processes must get through whatever is wrong with the rest: it is root who can put it right. */
	if (event->pid <= 0 || hf_proc_ids(event->pid, ids) != HF_OK || fstat(event->fd, &st) != 0)
		return false;
	return hf_fence_rule_allows(hf_fence_rules_find(&fence->rules, st.st_dev, st.st_ino), ids);
}

static void answer(const struct fence *fence, const struct fanotify_event_metadata *event)
{
	if (event->fd < 0)
		return;
	struct fanotify_response response = {.fd = event->fd,
					     .response = may_open(fence, event) ? FAN_ALLOW : FAN_DENY};
	if (event->mask & (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM)) {
		ssize_t n = write(fence->group, &response, sizeof(response));
		(void)n; /* it fails when the asker was killed meanwhile: then nobody waits */
	}
	close(event->fd);
}

static void answer_all(const struct fence *fence)
{
	_Alignas(struct fanotify_event_metadata) char buf[EVENTS_SIZE];
	ssize_t left = read(fence->group, buf, sizeof(buf));
	for (struct fanotify_event_metadata *event = (void *)buf; FAN_EVENT_OK(event, left);
	     event = FAN_EVENT_NEXT(event, left))
		answer(fence, event);
}

static void take_rules(struct fence *fence, struct hf_fence_message *message, struct hf_fence_message *reply)
{
	struct hf_fence_rules rules = HF_FENCE_RULES_NONE;
	reply->word = HF_FENCE_BAD;
	if (message->n_fds != 1 || hf_fence_rules_open(message->fds[0], &rules, NULL) != HF_OK)
		return;
	message->n_fds = 0;
	hf_fence_rules_done(&fence->rules);
	fence->rules = rules;
	reply->word = HF_FENCE_DONE;
}

static void obey(struct fence *fence, int *client)
{
	struct hf_fence_message message;
	struct hf_fence_message reply = {.word = HF_FENCE_DONE, .n_fds = 0};
	if (hf_fence_receive(*client, 0, &message, NULL) != HF_OK) {
		hf_fd_close(client);
		return;
	}
	if (message.word == HF_FENCE_TAKE) {
		reply.word = HF_FENCE_TAKEN;
		reply.fds[reply.n_fds++] = fence->group;
		if (fence->rules.fd >= 0)
			reply.fds[reply.n_fds++] = fence->rules.fd;
	} else if (message.word == HF_FENCE_SET) {
		take_rules(fence, &message, &reply);
	} else if (message.word == HF_FENCE_END) {
		/* Before the answer: the agent may start another fence at once, and must find no mark of this one. */
		fence->end = true;
		unlink(fence->socket);
		hf_fd_close(&fence->listener);
		hf_fd_close(&fence->group);
	} else {
		reply.word = HF_FENCE_BAD;
	}
	hf_fence_message_done(&message);
	if (hf_fence_send(*client, &reply, ANSWER_WAIT_MS, NULL) != HF_OK)
		hf_fd_close(client);
}

static void welcome(struct fence *fence)
{
	hf_auto_fd int fd = -1;
	uid_t uid;
	if (hf_sock_accept(fence->listener, &fd, &uid, NULL) != HF_OK || uid != geteuid())
		return;
	for (int i = 0; i < CLIENTS_MAX; i++) {
		if (fence->clients[i] < 0) {
			fence->clients[i] = hf_steal_fd(&fd);
			return;
		}
	}
}

/* Questions of the kernel come before words of an agent: somebody waits for each. */
static void serve(struct fence *fence)
{
	struct pollfd polls[2 + CLIENTS_MAX] = {{.fd = fence->group, .events = POLLIN},
						{.fd = fence->listener, .events = POLLIN}};
	for (int i = 0; i < CLIENTS_MAX; i++)
		polls[2 + i] = (struct pollfd){.fd = fence->clients[i], .events = POLLIN};
	if (poll(polls, 2 + CLIENTS_MAX, -1) < 0)
		return;
	if (polls[0].revents)
		answer_all(fence);
	for (int i = 0; i < CLIENTS_MAX; i++) {
		if (polls[2 + i].fd >= 0 && polls[2 + i].revents)
			obey(fence, &fence->clients[i]);
	}
	if (polls[1].revents && !fence->end)
		welcome(fence);
}

static bool is_group(int fd)
{
	char path[64];
	char text[128];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return strcmp(text, "anon_inode:[fanotify]") == 0;
}

int hf_fence_main(int argc, char **argv)
{
	struct fence fence = {.group = HF_FENCE_FD_GROUP, .listener = HF_FENCE_FD_LISTEN};
	fence.rules = HF_FENCE_RULES_NONE;
	fence.socket = argc == 3 ? argv[2] : "";
	if (argc != 3 || !is_group(fence.group)) {
		fprintf(stderr, "The fence is started by holdfast-agent alone, when programs are blocked.\n");
		return 2;
	}
	for (int i = 0; i < CLIENTS_MAX; i++)
		fence.clients[i] = -1;
	fcntl(fence.group, F_SETFD, FD_CLOEXEC);
	fcntl(fence.listener, F_SETFD, FD_CLOEXEC);
	if (hf_outlive_detach("holdfast-fence") != HF_OK)
		return 1;
	while (!fence.end)
		serve(&fence);
	hf_fence_rules_done(&fence.rules);
	for (int i = 0; i < CLIENTS_MAX; i++)
		hf_fd_close(&fence.clients[i]);
	return 0;
}
