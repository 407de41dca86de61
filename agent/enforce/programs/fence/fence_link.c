/* SPDX-License-Identifier: MIT */
/*
 * Owns the agent's connection to its fence, and how a fence is started.
 * Must never be without a second holder of the fanotify group while something is blocked.
 */
#include "agent/enforce/programs/fence/fence_link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/common/hands.h"
#include "agent/enforce/common/outlive.h"
#include "agent/enforce/programs/fence/fence.h"
#include "agent/enforce/programs/fence/fence_wire.h"

#define ANSWER_MS 3000 /* a fence answers in a millisecond, one that has to be started in some hundred */
#define END_TRIES 3
#define FIND_TRIES 4

static enum hf_rc ask_fence(struct hf_fence_link *link, const struct hf_fence_message *question,
			    enum hf_fence_word want, struct hf_fence_message *ret_reply, struct hf_err *err)
{
	struct hf_fence_message reply;
	enum hf_rc rc = hf_fence_send(link->fd, question, ANSWER_MS, err);
	if (rc == HF_OK)
		rc = hf_fence_receive(link->fd, ANSWER_MS, &reply, err);
	if (rc != HF_OK)
		return rc;
	if (reply.word != want) {
		hf_fence_message_done(&reply);
		return hf_err_set(err, HF_E_SYSTEM, "The fence refused what it was told; look at its memory limits");
	}
	*ret_reply = reply;
	return HF_OK;
}

/* "" when it would be too long: then there is none. */
static void note_path(const char *socket, char path[PATH_MAX])
{
	if (hf_str_printf(path, PATH_MAX, "%s.holds", socket) != HF_OK)
		path[0] = '\0';
}

static void drop_note(const struct hf_fence_link *link)
{
	char path[PATH_MAX];
	note_path(link->socket, path);
	unlink(path);
}

/* A socket of the service manager is there also while nothing is shut. */
static void leave_note(const struct hf_fence_link *link)
{
	char path[PATH_MAX];
	if (!link->managed)
		return;
	note_path(link->socket, path);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	hf_fd_close(&fd);
}

bool hf_fence_was_there(const struct hf_fence_link *link)
{
	char path[PATH_MAX];
	note_path(link->socket, path);
	return access(path, F_OK) == 0 || (!link->managed && access(link->socket, F_OK) == 0);
}

enum hf_rc hf_fence_forget(const char *socket, struct hf_err *err)
{
	char path[PATH_MAX];
	note_path(socket, path);
	unlink(path);
	return hf_fs_remove(socket, err);
}

static enum hf_rc connect_fence(struct hf_fence_link *link, int *ret_fd, struct hf_err *err)
{
	hf_fd_close(ret_fd);
	enum hf_rc rc = hf_outlive_connect(link->socket, ret_fd, err);
	if (rc == HF_OK)
		link->managed = hf_outlive_managed(*ret_fd);
	return rc;
}

static enum hf_rc take_group(struct hf_fence_link *link, struct hf_file_rules *ret_rules, bool *ret_answered,
			     struct hf_err *err)
{
	struct hf_fence_message reply;
	struct hf_file_rules rules = HF_FILE_RULES_NONE;
	const struct hf_fence_message question = {.word = HF_FENCE_TAKE};
	enum hf_rc rc = ask_fence(link, &question, HF_FENCE_TAKEN, &reply, err);
	if (rc != HF_OK)
		return rc;
	*ret_answered = true;
	if (reply.n_fds == 0)
		return hf_err_set(err, HF_E_ABSENT, "The fence at %s holds nothing", link->socket);
	/* Rules of another version: the marked files stay shut for all but root until there are others. */
	if (reply.n_fds == 2 && (rc = hf_file_rules_open(reply.fds[1], &rules, err)) != HF_OK) {
		if (rc != HF_E_SHAPE && rc != HF_E_SIZE) {
			hf_fence_message_done(&reply);
			return rc;
		}
		hf_fd_close(&reply.fds[1]);
	}
	hf_fd_close(&link->group);
	link->group = reply.fds[0];
	*ret_rules = rules;
	return HF_OK;
}

enum hf_rc hf_fence_find(struct hf_fence_link *link, struct hf_file_rules *ret_rules, struct hf_err *err)
{
	/* One that dies while it answers has another beside it, which answers next; when both are dead nobody listens.
	 */
	for (int tries = 0; tries < FIND_TRIES; tries++) {
		enum hf_rc rc = connect_fence(link, &link->fd, err);
		if (rc == HF_E_ABSENT)
			unlink(link->socket);
		if (rc != HF_OK)
			return rc == HF_E_ABSENT ? rc : HF_E_SYSTEM;
		bool answered = false;
		rc = take_group(link, ret_rules, &answered, err);
		if (rc == HF_OK)
			return HF_OK;
		hf_fd_close(&link->fd);
		if (rc != HF_E_ABSENT)
			return HF_E_SYSTEM;
		if (answered)
			return rc;
	}
	return hf_err_set(err, HF_E_SYSTEM, "The fence at %s ends whenever it is asked", link->socket);
}

static enum hf_rc make_fanotify_group(struct hf_fence_link *link, struct hf_err *err)
{
	if (link->group >= 0)
		return HF_OK;
	link->group = hf_watch_group(link->hands,
				     FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE |
					     FAN_UNLIMITED_MARKS | FAN_REPORT_TID,
				     O_RDONLY | O_LARGEFILE | O_CLOEXEC);
	if (link->group >= 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "Starting programs cannot be refused on this machine (fanotify): %s",
			  strerror(errno));
}

static enum hf_rc start_fence_process(const struct hf_fence_link *link, struct hf_err *err)
{
	hf_auto_fd int listener = -1;
	const char *const argv[] = {"holdfast-agent", "fence", link->socket, NULL};
	enum hf_rc rc = hf_outlive_listen(link->socket, &listener, err);
	const struct hf_outlive fence = {.self = link->self, .argv = argv, .fds = {listener}, .n_fds = 1};
	return rc == HF_OK ? hf_outlive_start(&fence, err) : rc;
}

/* Where the service manager listens it has one started by that; elsewhere the agent starts one. */
static enum hf_rc reach_fence(struct hf_fence_link *link, struct hf_err *err)
{
	enum hf_rc rc = connect_fence(link, &link->fd, err);
	if (rc != HF_E_ABSENT)
		return rc;
	rc = start_fence_process(link, err);
	return rc == HF_OK ? connect_fence(link, &link->fd, err) : rc;
}

enum hf_rc hf_fence_start(struct hf_fence_link *link, struct hf_err *err)
{
	struct hf_fence_message reply;
	enum hf_rc rc = make_fanotify_group(link, err);
	const struct hf_fence_message order = {.word = HF_FENCE_HOLD, .fds = {link->group}, .n_fds = 1};
	if (rc == HF_OK)
		rc = reach_fence(link, err);
	if (rc == HF_OK)
		rc = ask_fence(link, &order, HF_FENCE_DONE, &reply, err);
	if (rc != HF_OK) {
		hf_fd_close(&link->fd);
		return rc;
	}
	hf_fence_message_done(&reply);
	leave_note(link);
	return HF_OK;
}

enum hf_rc hf_fence_set(struct hf_fence_link *link, const struct hf_file_rules *rules, struct hf_err *err)
{
	const struct hf_fence_message question = {.word = HF_FENCE_SET, .fds = {rules->fd}, .n_fds = 1};
	struct hf_fence_message reply;
	if (link->fd < 0)
		return hf_err_set(err, HF_E_ABSENT, "No fence runs");
	enum hf_rc rc = ask_fence(link, &question, HF_FENCE_DONE, &reply, err);
	if (rc == HF_OK)
		hf_fence_message_done(&reply);
	return rc;
}

/* A fence that is stuck still holds the group: so the marks go first, and who waits for its answer is let in. */
static void open_all(struct hf_fence_link *link)
{
	struct fanotify_event_metadata events[64];
	ssize_t left;
	if (link->group < 0)
		return;
	hf_watch_mark(link->hands, link->group, FAN_MARK_FLUSH, 0, NULL);
	while ((left = read(link->group, events, sizeof(events))) > 0) {
		for (struct fanotify_event_metadata *event = events; FAN_EVENT_OK(event, left);
		     event = FAN_EVENT_NEXT(event, left)) {
			struct fanotify_response yes = {.fd = event->fd, .response = FAN_ALLOW};
			ssize_t n = write(link->group, &yes, sizeof(yes));
			(void)n; /* it fails when the asker was killed meanwhile */
			close(event->fd);
		}
	}
}

enum hf_rc hf_fence_replace(struct hf_fence_link *link, struct hf_err *err)
{
	const struct hf_fence_message question = {.word = HF_FENCE_END};
	struct hf_fence_message reply;
	if (link->fd >= 0 && ask_fence(link, &question, HF_FENCE_DONE, &reply, NULL) == HF_OK)
		hf_fence_message_done(&reply);
	return hf_fence_start(link, err);
}

enum hf_rc hf_fence_listen(struct hf_fence_link *link, struct hf_err *err)
{
	const struct hf_fence_message message = {.word = HF_FENCE_TELL};
	enum hf_rc rc = connect_fence(link, &link->ears, err);
	if (rc == HF_OK)
		rc = hf_fence_send(link->ears, &message, ANSWER_MS, err);
	if (rc != HF_OK)
		hf_fd_close(&link->ears);
	return rc;
}

/* The other one of the pair may have had to take over in the middle of it. */
static bool ends_when_told(struct hf_fence_link *link)
{
	const struct hf_fence_message question = {.word = HF_FENCE_END};
	struct hf_fence_message reply;
	enum hf_rc rc = HF_E_ABSENT;
	for (int tries = 0; rc == HF_E_ABSENT && tries < END_TRIES; tries++) {
		if (link->fd < 0 && connect_fence(link, &link->fd, NULL) != HF_OK)
			return false;
		rc = ask_fence(link, &question, HF_FENCE_DONE, &reply, NULL);
		if (rc != HF_OK)
			hf_fd_close(&link->fd);
		else
			hf_fence_message_done(&reply);
	}
	return rc == HF_OK;
}

void hf_fence_end(struct hf_fence_link *link)
{
	if (link->group >= 0 && !ends_when_told(link)) {
		open_all(link);
		if (!link->managed)
			unlink(link->socket);
	}
	drop_note(link);
	hf_fence_leave(link);
}

void hf_fence_leave(struct hf_fence_link *link)
{
	hf_fd_close(&link->group);
	hf_fd_close(&link->fd);
	hf_fd_close(&link->ears);
}
