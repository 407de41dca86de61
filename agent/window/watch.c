/* SPDX-License-Identifier: MIT */
/*
 * Owns the connection on which the agent tells a person's window that something has changed.
 * Must never wake without a reason while the agent is there, nor miss that it has come back.
 */
#include "agent/window/watch.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>

#include "agent/talk/people.h"

#define MASK (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

/* A socket appears a moment before somebody listens on it. Milliseconds; the last one again and again. */
static const guint tries_ms[] = {100, 500, 2000, 30000, 300000};

struct hf_desk_watch {
	char *path, *expects; /* the name that is to appear in the folder that is watched */
	int fd, notify, folder;
	guint fd_source, notify_source, timer;
	size_t tries;
	void (*event)(void *arg, const json_t *event);
	void (*away)(void *arg, const char *why);
	void *arg;
};

static void come_to_agent(struct hf_desk_watch *w);

static gboolean on_timer(gpointer data)
{
	struct hf_desk_watch *w = data;

	w->timer = 0;
	come_to_agent(w);
	return G_SOURCE_REMOVE;
}

static void try_later(struct hf_desk_watch *w)
{
	if (w->timer)
		g_source_remove(w->timer);
	w->timer = g_timeout_add(tries_ms[w->tries], on_timer, w);
	w->tries += w->tries + 1 < G_N_ELEMENTS(tries_ms);
}

/* The nearest folder above the socket that is there, and what is missing in it. */
static void watch_folder(struct hf_desk_watch *w)
{
	g_autofree char *folder = g_path_get_dirname(w->path), *name = g_path_get_basename(w->path);

	if (w->folder >= 0)
		inotify_rm_watch(w->notify, w->folder);
	while ((w->folder = inotify_add_watch(w->notify, folder, MASK)) < 0 && strlen(folder) > 1) {
		char *above = g_path_get_dirname(folder);

		g_free(name);
		name = g_path_get_basename(folder);
		g_free(folder);
		folder = above;
	}
	g_free(w->expects);
	w->expects = g_steal_pointer(&name);
}

static bool concerns(const struct hf_desk_watch *w, const struct inotify_event *event)
{
	return event->wd == w->folder && (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) ||
					  (event->len > 0 && strcmp(event->name, w->expects) == 0));
}

static gboolean on_folder(gint fd, GIOCondition condition, gpointer data)
{
	_Alignas(struct inotify_event) char buf[4096];
	struct hf_desk_watch *w = data;
	ssize_t len = read(fd, buf, sizeof(buf));
	bool ours = false;

	(void)condition;
	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const struct inotify_event *)(buf + at);

		ours = ours || concerns(w, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	if (ours && w->fd < 0) {
		w->tries = 0;
		try_later(w);
	}
	return G_SOURCE_CONTINUE;
}

static void stop_waiting(struct hf_desk_watch *w)
{
	if (w->timer)
		g_source_remove(w->timer);
	if (w->notify_source)
		g_source_remove(w->notify_source);
	w->timer = w->notify_source = 0;
	hf_fd_close(&w->notify);
	w->folder = -1;
}

static void wait_for_agent(struct hf_desk_watch *w)
{
	if (w->notify < 0) {
		w->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (w->notify >= 0)
			w->notify_source = g_unix_fd_add(w->notify, G_IO_IN, on_folder, w);
	}
	if (w->notify >= 0)
		watch_folder(w);
	try_later(w);
}

static void gone(struct hf_desk_watch *w, const char *why)
{
	w->fd_source = 0;
	hf_fd_close(&w->fd);
	w->tries = 0;
	w->away(w->arg, why);
	wait_for_agent(w);
}

static gboolean on_agent(gint fd, GIOCondition condition, gpointer data)
{
	struct hf_desk_watch *w = data;
	struct hf_err err = {""};

	(void)condition;
	for (;;) {
		hf_auto_json json_t *event = NULL;
		enum hf_rc rc = hf_people_event(fd, &event, &err);

		if (rc == HF_E_ABSENT)
			return G_SOURCE_CONTINUE;
		if (rc != HF_OK) {
			gone(w, err.text);
			return G_SOURCE_REMOVE;
		}
		w->event(w->arg, event);
	}
}

static void come_to_agent(struct hf_desk_watch *w)
{
	struct hf_err err = {""};

	if (hf_people_watch(w->path, &w->fd, &err) != HF_OK) {
		w->away(w->arg, err.text);
		wait_for_agent(w);
		return;
	}
	stop_waiting(w);
	w->tries = 0;
	w->fd_source = g_unix_fd_add(w->fd, G_IO_IN | G_IO_HUP, on_agent, w);
}

bool hf_desk_watch_is_here(const struct hf_desk_watch *w)
{
	return w && w->fd >= 0;
}

struct hf_desk_watch *hf_desk_watch_new(const char *path, void (*event)(void *arg, const json_t *event),
					void (*away)(void *arg, const char *why), void *arg)
{
	struct hf_desk_watch *w = g_new0(struct hf_desk_watch, 1);

	*w = (struct hf_desk_watch){
		.path = g_strdup(path), .fd = -1, .notify = -1, .folder = -1, .event = event, .away = away, .arg = arg};
	come_to_agent(w);
	return w;
}

void hf_desk_watch_free(struct hf_desk_watch **watch)
{
	struct hf_desk_watch *w = *watch;

	if (!w)
		return;
	stop_waiting(w);
	if (w->fd_source)
		g_source_remove(w->fd_source);
	hf_fd_close(&w->fd);
	g_free(w->path);
	g_free(w->expects);
	g_free(w);
	*watch = NULL;
}
