/* SPDX-License-Identifier: MIT */
/*
 * Owns the connection on which the agent tells a person's window that something has changed.
 * Must never wake without a reason while the agent is there, nor miss that it has come back.
 */
#include "agent/waiting/agent_line.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/talk/people.h"

#define MASK (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

/* A socket appears a moment before somebody listens on it. Milliseconds; the last one again and again. */
static const int64_t tries_ms[] = {100, 500, 2000, 30000, 300000};

struct hf_agent_line {
	struct hf_loop *loop;
	struct hf_agent_line_calls calls;
	char path[PATH_MAX], expects[NAME_MAX + 1]; /* the name that is to appear in the folder that is watched */
	int fd, notify, folder;
	struct hf_watch *watch, *notify_watch, *timer;
	size_t tries;
};

static void come_to_agent(struct hf_agent_line *line);

static void on_try(void *arg, uint32_t events)
{
	(void)events;
	come_to_agent(arg);
}

static void try_later(struct hf_agent_line *line)
{
	if (hf_timer_arm(line->timer, tries_ms[line->tries]) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"), "cannot wait for the agent");
	line->tries += line->tries + 1 < HF_LEN(tries_ms);
}

/* The nearest folder above the socket that is there, and what is missing in it. */
static void watch_folder(struct hf_agent_line *line)
{
	char folder[PATH_MAX];
	char *slash;

	memcpy(folder, line->path, sizeof(folder));
	if (line->folder >= 0)
		inotify_rm_watch(line->notify, line->folder);
	line->folder = -1;
	while (line->folder < 0 && (slash = strrchr(folder, '/'))) {
		if (hf_str_copy(line->expects, sizeof(line->expects), slash + 1) != HF_OK)
			line->expects[0] = '\0';
		*slash = '\0';
		line->folder = inotify_add_watch(line->notify, folder[0] ? folder : "/", MASK);
	}
}

static bool concerns(const struct hf_agent_line *line, const struct inotify_event *event)
{
	return event->wd == line->folder && (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) ||
					     (event->len > 0 && strcmp(event->name, line->expects) == 0));
}

static void on_folder(void *arg, uint32_t events)
{
	_Alignas(struct inotify_event) char buf[4096];
	struct hf_agent_line *line = arg;
	ssize_t len = read(line->notify, buf, sizeof(buf));
	bool ours = false;

	(void)events;
	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const struct inotify_event *)(buf + at);

		ours = ours || concerns(line, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	if (ours && line->fd < 0) {
		line->tries = 0;
		try_later(line);
	}
}

static void stop_waiting(struct hf_agent_line *line)
{
	(void)!hf_timer_arm(line->timer, 0);
	hf_watch_remove(&line->notify_watch);
	hf_fd_close(&line->notify);
	line->folder = -1;
}

static void wait_for_agent(struct hf_agent_line *line)
{
	if (line->notify < 0) {
		line->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (line->notify >= 0 &&
		    hf_loop_add_fd(line->loop, line->notify, on_folder, line, &line->notify_watch) != HF_OK)
			hf_fd_close(&line->notify);
	}
	if (line->notify >= 0)
		watch_folder(line);
	try_later(line);
}

static void lose_agent(struct hf_agent_line *line, const char *why)
{
	hf_watch_remove(&line->watch);
	hf_fd_close(&line->fd);
	line->tries = 0;
	line->calls.away(line->calls.arg, why);
	wait_for_agent(line);
}

static void on_agent(void *arg, uint32_t events)
{
	struct hf_agent_line *line = arg;
	struct hf_err err = {""};

	(void)events;
	for (;;) {
		hf_auto_json json_t *event = NULL;
		enum hf_rc rc = hf_people_event(line->fd, &event, &err);

		if (rc == HF_E_ABSENT)
			return;
		if (rc != HF_OK) {
			lose_agent(line, err.text);
			return;
		}
		line->calls.event(line->calls.arg, event);
	}
}

static void come_to_agent(struct hf_agent_line *line)
{
	struct hf_err err = {""};
	enum hf_rc rc = hf_people_watch(line->path, &line->fd, &err);

	if (rc == HF_OK && hf_loop_add_fd(line->loop, line->fd, on_agent, line, &line->watch) != HF_OK) {
		hf_fd_close(&line->fd);
		rc = hf_err_set(&err, HF_E_SYSTEM, "this program cannot wait for the agent");
	}
	if (rc != HF_OK) {
		line->calls.away(line->calls.arg, err.text);
		wait_for_agent(line);
		return;
	}
	stop_waiting(line);
	line->tries = 0;
}

enum hf_rc hf_agent_line_new(struct hf_loop *loop, const char *path, const struct hf_agent_line_calls *calls,
			     struct hf_agent_line **ret_line, struct hf_err *err)
{
	struct hf_agent_line *line = calloc(1, sizeof(*line));
	enum hf_rc rc = line ? hf_str_copy(line->path, sizeof(line->path), path) : HF_E_MEMORY;

	if (rc == HF_OK)
		rc = hf_loop_add_timer(loop, on_try, line, &line->timer);
	if (rc != HF_OK) {
		free(line);
		return hf_err_set(err, rc, "this program cannot wait for the agent");
	}
	line->loop = loop;
	line->calls = *calls;
	line->fd = line->notify = line->folder = -1;
	*ret_line = line;
	come_to_agent(line);
	return HF_OK;
}

void hf_agent_line_free(struct hf_agent_line **line)
{
	struct hf_agent_line *l = *line;

	if (!l)
		return;
	stop_waiting(l);
	hf_watch_remove(&l->timer);
	hf_watch_remove(&l->watch);
	hf_fd_close(&l->fd);
	free(l);
	*line = NULL;
}
