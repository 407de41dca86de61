/* SPDX-License-Identifier: MIT */
/*
 * Owns the process that answers the kernel's question whether a listed file may be opened.
 * Must never open a listed file, allocate for an answer, or end without being told to by root.
 */
#include "agent/enforce/programs/fence/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/notify.h>
#include <holdfast/sock.h>

#include "agent/enforce/common/attempts.h"
#include "agent/enforce/common/file_rules.h"
#include "agent/enforce/common/outlive.h"
#include "agent/enforce/programs/fence/fence_wire.h"
#include "agent/machine/procs.h"

#define KEPT_GROUP "group" /* as the service manager calls them */
#define KEPT_RULES "rules"
#define CLIENTS_MAX 8	   /* one agent with two connections, and the one that takes over from it */
#define EVENTS_SIZE 4096   /* some 170 questions at once */
#define ANSWER_WAIT_MS 200 /* for an agent that asked and does not listen */
#define PAIR_AGAIN_MS 1000 /* when there was no memory for the other one */
#define UNANSWERED_MAX 512 /* file descriptors that one who died may have got with its questions */
#define IDLE_MS 2000	   /* for whoever started it and has not given it anything yet */

struct fence {
	int group; /* -1: none yet */
	int listener;
	struct {
		int fd; /* -1: free */
		bool hears;
	} clients[CLIENTS_MAX];
	struct hf_file_rules rules;
	struct hf_attempts attempts;
	const char *socket; /* its own to remove; NULL: the service manager's, who keeps group and rules too */
	int other; /* to the process that waits for the death of this one; -1: none */
	bool kept;	     /* the group came from it */
	int64_t watchdog_ms; /* how often the service manager wants to hear of it; 0: never */
	bool came;	     /* an agent was there */
	bool end;
};

static void drop_client(struct fence *fence, int i)
{
	hf_fd_close(&fence->clients[i].fd);
	fence->clients[i].hears = false;
}

/* Never waits: whoever does not listen misses it. */
static void tell_listeners(struct fence *fence, const struct hf_fence_message *message)
{
	for (int i = 0; i < CLIENTS_MAX; i++) {
		if (fence->clients[i].hears)
			(void)!hf_fence_send(fence->clients[i].fd, message, 0, NULL);
	}
}

/* What was asked for: the answer, and whom to tell. */
struct verdict {
	bool allowed;
	uint64_t tool;
	struct hf_fence_who who;
};

static void judge_open(const struct fence *fence, const struct fanotify_event_metadata *event, struct verdict *v)
{
	struct stat st;
	hf_user ids[4];
	/* Root's own processes must get through whatever is wrong with the rest: it is root who can put it right. */
	if (event->pid <= 0 || hf_proc_ids(event->pid, ids) != HF_OK || fstat(event->fd, &st) != 0)
		return;
	const struct hf_file_rule *rule = hf_file_rules_find(&fence->rules, st.st_dev, st.st_ino);
	v->allowed = hf_file_rule_allows(rule, ids);
	v->tool = rule ? rule->tool : 0;
	v->who = (struct hf_fence_who){.uid = ids[0], .pid = event->pid, .dev = st.st_dev, .ino = st.st_ino};
}

static void answer_kernel(struct fence *fence, const struct fanotify_event_metadata *event)
{
	struct verdict v = {.allowed = false};
	if (event->fd < 0)
		return;
	judge_open(fence, event, &v);
	bool allowed = v.allowed || fence->end;
	struct fanotify_response response = {.fd = event->fd, .response = allowed ? FAN_ALLOW : FAN_DENY};
	if (event->mask & (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM)) {
		ssize_t n = write(fence->group, &response, sizeof(response));
		(void)n; /* it fails when the asker was killed meanwhile: then nobody waits */
	}
	close(event->fd);
	if (!allowed && v.who.uid != 0 && hf_attempts_is_new(&fence->attempts, v.who.uid, v.tool, hf_clock_boot()))
		tell_listeners(fence, &(struct hf_fence_message){.word = HF_FENCE_TRIED, .who = v.who});
}

static bool answer_all(struct fence *fence)
{
	_Alignas(struct fanotify_event_metadata) char buf[EVENTS_SIZE];
	ssize_t left = fence->group >= 0 ? read(fence->group, buf, sizeof(buf)) : 0;
	bool some = left > 0;
	for (struct fanotify_event_metadata *event = (void *)buf; FAN_EVENT_OK(event, left);
	     event = FAN_EVENT_NEXT(event, left))
		answer_kernel(fence, event);
	return some;
}

/* So that it answers as this one would. One that cannot be told is one that is dead: serve_fence() finds that. */
static void hand_rules_over(const struct fence *fence)
{
	const struct hf_fence_message message = {.word = HF_FENCE_SET, .fds = {fence->rules.fd}, .n_fds = 1};
	if (fence->other >= 0 && fence->rules.fd >= 0)
		(void)!hf_fence_send(fence->other, &message, ANSWER_WAIT_MS, NULL);
}

static void take_rules(struct fence *fence, struct hf_fence_message *message, struct hf_fence_message *reply)
{
	struct hf_file_rules rules = HF_FILE_RULES_NONE;
	reply->word = HF_FENCE_BAD;
	if (message->n_fds != 1 || hf_file_rules_open(message->fds[0], &rules, NULL) != HF_OK)
		return;
	message->n_fds = 0;
	hf_file_rules_done(&fence->rules);
	fence->rules = rules;
	reply->word = HF_FENCE_DONE;
	hand_rules_over(fence);
	if (!fence->socket)
		hf_notify_keep(KEPT_RULES, fence->rules.fd);
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

/* Of two the first one stays: what that refuses must not be forgotten. */
static void take_group(struct fence *fence, struct hf_fence_message *message, struct hf_fence_message *reply)
{
	reply->word = HF_FENCE_BAD;
	if (fence->group >= 0 || message->n_fds != 1 || !is_group(message->fds[0]))
		return;
	fence->group = message->fds[0];
	message->n_fds = 0;
	reply->word = HF_FENCE_DONE;
}

/* Before the answer: the agent may start another fence at once, and must find no mark and no process of this one. */
static void end_all(struct fence *fence)
{
	struct pollfd p = {.fd = fence->other, .events = POLLIN};
	fence->end = true;
	/* In this order: who finds no socket says that nothing is refused. */
	fanotify_mark(fence->group, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL);
	if (fence->socket)
		unlink(fence->socket);
	hf_notify_forget(KEPT_GROUP);
	hf_notify_forget(KEPT_RULES);
	if (fence->other >= 0 &&
	    hf_fence_send(fence->other, &(struct hf_fence_message){.word = HF_FENCE_END}, 0, NULL) == HF_OK)
		poll(&p, 1, ANSWER_WAIT_MS);
	while (answer_all(fence))
		continue;
	hf_fd_close(&fence->listener);
	hf_fd_close(&fence->group);
}

static void obey_client(struct fence *fence, int i)
{
	struct hf_fence_message message;
	struct hf_fence_message reply = {.word = HF_FENCE_DONE, .n_fds = 0};
	if (hf_fence_receive(fence->clients[i].fd, 0, &message, NULL) != HF_OK) {
		drop_client(fence, i);
		return;
	}
	if (message.word == HF_FENCE_TAKE) {
		reply.word = HF_FENCE_TAKEN;
		if (fence->group >= 0)
			reply.fds[reply.n_fds++] = fence->group;
		if (fence->group >= 0 && fence->rules.fd >= 0)
			reply.fds[reply.n_fds++] = fence->rules.fd;
	} else if (message.word == HF_FENCE_SET) {
		take_rules(fence, &message, &reply);
	} else if (message.word == HF_FENCE_HOLD) {
		take_group(fence, &message, &reply);
	} else if (message.word == HF_FENCE_END) {
		end_all(fence);
	} else if (message.word == HF_FENCE_TELL) {
		fence->clients[i].hears = true;
	} else {
		reply.word = HF_FENCE_BAD;
	}
	hf_fence_message_done(&message);
	if (message.word != HF_FENCE_TELL && hf_fence_send(fence->clients[i].fd, &reply, ANSWER_WAIT_MS, NULL) != HF_OK)
		drop_client(fence, i);
}

static void welcome_client(struct fence *fence)
{
	hf_auto_fd int fd = -1;
	hf_user uid;
	if (hf_sock_accept(fence->listener, &fd, &uid, NULL) != HF_OK || uid != geteuid())
		return;
	for (int i = 0; i < CLIENTS_MAX; i++) {
		if (fence->clients[i].fd < 0) {
			fence->clients[i].fd = hf_steal_fd(&fd);
			fence->came = true;
			return;
		}
	}
}

static bool has_clients(const struct fence *fence)
{
	for (int i = 0; i < CLIENTS_MAX; i++) {
		if (fence->clients[i].fd >= 0)
			return true;
	}
	return false;
}

/* How long nothing may happen before it looks round. */
static int longest_wait(const struct fence *fence)
{
	if (fence->group < 0)
		return IDLE_MS;
	if (fence->socket)
		return fence->other < 0 ? PAIR_AGAIN_MS : -1;
	return fence->watchdog_ms > 0 ? (int)fence->watchdog_ms : -1;
}

/* Questions of the kernel come before words of an agent: somebody waits for each. */
static void serve_fence(struct fence *fence)
{
	struct pollfd polls[3 + CLIENTS_MAX] = {{.fd = fence->group, .events = POLLIN},
						{.fd = fence->listener, .events = POLLIN},
						{.fd = fence->other, .events = POLLIN}};
	for (int i = 0; i < CLIENTS_MAX; i++)
		polls[3 + i] = (struct pollfd){.fd = fence->clients[i].fd, .events = POLLIN};
	int n = poll(polls, 3 + CLIENTS_MAX, longest_wait(fence));
	if (n > 0 && polls[0].revents)
		answer_all(fence);
	if (n > 0 && polls[2].revents)
		hf_fd_close(&fence->other);
	for (int i = 0; n > 0 && i < CLIENTS_MAX; i++) {
		if (polls[3 + i].fd >= 0 && polls[3 + i].revents)
			obey_client(fence, i);
	}
	if (n > 0 && polls[1].revents && !fence->end)
		welcome_client(fence);
	if ((n == 0 || fence->came) && fence->group < 0 && !fence->end && !has_clients(fence))
		end_all(fence);
}

/* The pair --------------------------------------------------------------------------------------------------------- */

/* Until the other one is dead, or has been told to end: then this one ends too. */
static void stand_by(struct fence *fence, int fd)
{
	struct hf_fence_message message;
	struct hf_fence_message ignored;
	prctl(PR_SET_NAME, "holdfast-second");
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, -1) < 0)
			continue;
		if (hf_fence_receive(fd, 0, &message, NULL) != HF_OK)
			return;
		if (message.word == HF_FENCE_END)
			_exit(0);
		take_rules(fence, &message, &ignored);
		hf_fence_message_done(&message);
	}
}

/*
 * Who had asked one that died in the middle of its answer would wait for ever: the kernel knows a question by the
 * number of its file descriptor alone, whoever answers. Before the first question is read none of those numbers is
 * ours.
 */
static void refuse_unanswered(const struct fence *fence)
{
	for (int fd = 0; fd < UNANSWERED_MAX; fd++) {
		struct fanotify_response response = {.fd = fd, .response = FAN_DENY};
		ssize_t n = write(fence->group, &response, sizeof(response));
		(void)n; /* there is hardly ever one */
	}
}

/* The second one: comes back when it is the first. */
static void be_second(struct fence *fence, int fd)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		drop_client(fence, i);
	stand_by(fence, fd);
	prctl(PR_SET_NAME, "holdfast-fence");
	refuse_unanswered(fence);
}

/* Returns in the one that answers: in this process, or, once it is dead, in the second, which has a second then. */
static void pair_up(struct fence *fence)
{
	int ends[2];
	pid_t child = 0;
	while (child == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
		child = fork();
		if (child == 0) {
			close(ends[0]);
			be_second(fence, ends[1]);
		}
		close(ends[1]);
	}
	if (child > 0)
		fence->other = ends[0];
	else if (child < 0)
		close(ends[0]);
}

/* Once there is something to answer for it is kept by somebody else too. */
static void begin_to_hold(struct fence *fence)
{
	refuse_unanswered(fence);
	if (fence->socket)
		pair_up(fence);
	else if (!fence->kept)
		hf_notify_keep(KEPT_GROUP, fence->group);
}

static void live_as_fence(struct fence *fence)
{
	bool holds = false;
	while (!fence->end) {
		if (!holds && fence->group >= 0) {
			holds = true;
			begin_to_hold(fence);
		}
		if (fence->watchdog_ms > 0)
			(void)!hf_notify(HF_NOTIFY_WATCHDOG, NULL);
		serve_fence(fence);
		if (!holds || !fence->socket || fence->other >= 0 || fence->end)
			continue;
		pair_up(fence);
		tell_listeners(fence, &(struct hf_fence_message){.word = HF_FENCE_HURT});
	}
}

/* What an earlier life held. */
static void take_kept(struct fence *fence)
{
	int fd = -1;
	fence->kept = hf_notify_handed(KEPT_GROUP, &fence->group);
	if (fence->kept && hf_notify_handed(KEPT_RULES, &fd) && hf_file_rules_open(fd, &fence->rules, NULL) != HF_OK)
		close(fd);
}

int hf_fence_main(int argc, char **argv)
{
	static struct fence fence = {.group = -1, .listener = HF_FENCE_FD_LISTEN, .other = -1};
	fence.rules = HF_FILE_RULES_NONE;
	fence.socket = argc == 3 ? argv[2] : NULL;
	if (!hf_outlive_listens(HF_FENCE_FD_LISTEN) ||
	    (!fence.socket && !hf_notify_handed("listen", &fence.listener))) {
		fprintf(stderr, "The fence is started by holdfast-agent or the service manager alone.\n");
		return 2;
	}
	for (int i = 0; i < CLIENTS_MAX; i++)
		fence.clients[i].fd = -1;
	fcntl(fence.listener, F_SETFD, FD_CLOEXEC);
	signal(SIGCHLD, SIG_IGN);
	if (hf_outlive_detach("holdfast-fence") != HF_OK)
		return 1;
	if (!fence.socket)
		take_kept(&fence);
	fence.watchdog_ms = hf_notify_watchdog_ms();
	(void)!hf_notify(HF_NOTIFY_READY, NULL);
	live_as_fence(&fence);
	hf_file_rules_done(&fence.rules);
	hf_fd_close(&fence.other);
	for (int i = 0; i < CLIENTS_MAX; i++)
		drop_client(&fence, i);
	return 0;
}
