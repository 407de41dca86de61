/* SPDX-License-Identifier: MIT */
/*
 * Owns the socket to the engines in running Firefoxes.
 * Must never take an engine's word for another process than its own, nor wait for one that does not read.
 */
#include "agent/enforce/firefox/firefox_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <holdfast/fs.h>

#define BACKLOG 1024 /* who comes in the same moment */

struct engine {
	struct hf_firefox_link *link;
	int fd; /* -1: free */
	struct hf_watch *watch;
	hf_user uid;
	struct hf_proc proc;
	size_t sent; /* of the line */
	char text[HF_FIREFOX_LINE_MAX];
	size_t len;
	bool answered;
	struct hf_firefox_said said;
};

struct hf_firefox_link {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	int fd;
	struct hf_watch *watch;
	char *line; /* NULL: nothing was told yet */
	char id[HF_DIGEST_HEX_SIZE];
	struct engine v[HF_FIREFOX_LINKS_MAX];
};

static void let_engine_go(struct engine *engine)
{
	hf_watch_remove(&engine->watch);
	hf_fd_close(&engine->fd);
	*engine = (struct engine){.link = engine->link, .fd = -1};
}

/* As much as it takes now; false: it is to be let go, and will come again. */
static bool tell_engine(struct engine *engine)
{
	const char *line = engine->link->line;
	size_t len = line ? strlen(line) : 0;
	while (engine->sent < len) {
		ssize_t n = send(engine->fd, line + engine->sent, len - engine->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return hf_watch_events(engine->watch, HF_LOOP_READ | HF_LOOP_WRITE) == HF_OK;
		if (n <= 0)
			return false;
		engine->sent += (size_t)n;
	}
	return hf_watch_events(engine->watch, HF_LOOP_READ) == HF_OK;
}

static bool take_lines(struct engine *engine)
{
	char *end;
	while ((end = memchr(engine->text, '\n', engine->len))) {
		size_t used = (size_t)(end - engine->text) + 1;
		if (hf_firefox_said_parse(engine->text, used, &engine->said) != HF_OK)
			return false;
		engine->answered = true;
		engine->len -= used;
		memmove(engine->text, engine->text + used, engine->len);
	}
	return engine->len < sizeof(engine->text);
}

static bool hear_engine(struct engine *engine)
{
	ssize_t n = recv(engine->fd, engine->text + engine->len, sizeof(engine->text) - engine->len, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	engine->len += (size_t)n;
	return n > 0 && take_lines(engine);
}

static enum hf_firefox_hold hold_of(const struct engine *engine)
{
	if (engine->fd < 0)
		return HF_FIREFOX_ABSENT;
	if (!engine->answered || strcmp(engine->said.holds, engine->link->id) != 0)
		return HF_FIREFOX_SILENT;
	return engine->said.refused ? HF_FIREFOX_REFUSED : HF_FIREFOX_OPEN;
}

static void on_engine(void *arg, uint32_t events)
{
	struct engine *engine = arg;
	struct hf_firefox_link *link = engine->link;
	enum hf_firefox_hold before = hold_of(engine);
	bool stays = !(events & HF_LOOP_READ) || hear_engine(engine);
	if (stays && (events & HF_LOOP_WRITE))
		stays = tell_engine(engine);
	if (!stays || (events & HF_LOOP_GONE))
		let_engine_go(engine);
	if (hold_of(engine) != before)
		link->calls.changed(link->calls.arg);
}

static struct engine *place_for_engine(struct hf_firefox_link *link, hf_user uid)
{
	struct engine *place = NULL;
	size_t n_same = 0;
	for (size_t i = 0; i < HF_FIREFOX_LINKS_MAX; i++) {
		n_same += link->v[i].fd >= 0 && link->v[i].uid == uid;
		if (link->v[i].fd < 0 && !place)
			place = &link->v[i];
	}
	return n_same < HF_FIREFOX_LINKS_PER_USER ? place : NULL;
}

static void on_engine_comes(void *arg, uint32_t events)
{
	struct hf_firefox_link *link = arg;
	struct ucred who;
	socklen_t len = sizeof(who);
	(void)events;
	hf_auto_fd int fd = accept4(link->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return;
	struct engine *engine = place_for_engine(link, who.uid);
	struct hf_proc proc = {.pid = who.pid};
	if (!engine || hf_proc_start(proc.pid, &proc.start) != HF_OK ||
	    hf_loop_add_fd(link->loop, fd, on_engine, engine, &engine->watch) != HF_OK)
		return;
	engine->fd = hf_steal_fd(&fd);
	engine->uid = who.uid;
	engine->proc = proc;
	if (!tell_engine(engine))
		let_engine_go(engine);
	link->calls.changed(link->calls.arg);
}

static enum hf_rc make_socket_folder(const char *path, struct hf_err *err)
{
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *slash = strrchr(path, '/');
	enum hf_rc rc = hf_str_printf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 0, path);
	return rc == HF_OK && folder[0] ? hf_fs_mkdirs(folder, 0755, err) : HF_OK;
}

/* Its folder is the agent's alone: what has the name of our socket is an earlier life's. */
static enum hf_rc listen_at(struct hf_firefox_link *link, const char *path, struct hf_err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct stat st;
	if (hf_str_copy(addr.sun_path, sizeof(addr.sun_path), path) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The socket path %.64s... is too long", path);
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return hf_err_set(err, HF_E_SYSTEM, "%s is there already and is no socket: move it away", path);
	enum hf_rc rc = make_socket_folder(path, err);
	if (rc != HF_OK)
		return rc;
	unlink(path);
	link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0 || bind(link->fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || chmod(path, 0666) != 0 ||
	    listen(link->fd, BACKLOG) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "Cannot listen at %s: %s", path, strerror(errno));
	if (hf_loop_add_fd(link->loop, link->fd, on_engine_comes, link, &link->watch) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "The socket %s cannot be watched", path);
	return HF_OK;
}

enum hf_rc hf_firefox_link_new(struct hf_loop *loop, const char *path, const struct hf_layer_calls *calls,
			       struct hf_firefox_link **ret_link, struct hf_err *err)
{
	struct hf_firefox_link *link = calloc(1, sizeof(*link));
	if (!link)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the socket to Firefox");
	link->loop = loop;
	link->calls = *calls;
	link->fd = -1;
	for (size_t i = 0; i < HF_FIREFOX_LINKS_MAX; i++)
		link->v[i] = (struct engine){.link = link, .fd = -1};
	enum hf_rc rc = listen_at(link, path, err);
	if (rc != HF_OK) {
		hf_firefox_link_free(&link);
		return rc;
	}
	*ret_link = link;
	return HF_OK;
}

enum hf_rc hf_firefox_link_tell(struct hf_firefox_link *link, const char *line, const char *id, struct hf_err *err)
{
	if (link->line && strcmp(link->line, line) == 0)
		return HF_OK;
	char *copy = strdup(line);
	if (!copy)
		return hf_err_set(err, HF_E_MEMORY, "No memory for what Firefox is told");
	size_t was = link->line ? strlen(link->line) : 0;
	free(link->line);
	link->line = copy;
	if (hf_str_copy(link->id, sizeof(link->id), id) != HF_OK)
		link->id[0] = '\0';
	for (size_t i = 0; i < HF_FIREFOX_LINKS_MAX; i++) {
		struct engine *engine = &link->v[i];
		/* One that has half of the line before would take the two for one. */
		bool whole = engine->sent == was;
		engine->sent = 0;
		if (engine->fd >= 0 && (!whole || !tell_engine(engine)))
			let_engine_go(engine);
	}
	return HF_OK;
}

void hf_firefox_link_again(struct hf_firefox_link *link)
{
	size_t len = link->line ? strlen(link->line) : 0;
	for (size_t i = 0; i < HF_FIREFOX_LINKS_MAX; i++) {
		struct engine *engine = &link->v[i];
		if (engine->fd < 0 || engine->sent < len)
			continue;
		engine->sent = 0;
		if (!tell_engine(engine))
			let_engine_go(engine);
	}
}

enum hf_firefox_hold hf_firefox_link_hold(const struct hf_firefox_link *link, const struct hf_proc *proc)
{
	for (size_t i = 0; i < HF_FIREFOX_LINKS_MAX; i++) {
		const struct engine *engine = &link->v[i];
		if (engine->fd >= 0 && engine->proc.pid == proc->pid && engine->proc.start == proc->start)
			return hold_of(engine);
	}
	return HF_FIREFOX_ABSENT;
}

void hf_firefox_link_free(struct hf_firefox_link **address)
{
	struct hf_firefox_link *link = *address;
	if (!link)
		return;
	for (size_t i = 0; i < HF_FIREFOX_LINKS_MAX; i++)
		let_engine_go(&link->v[i]);
	hf_watch_remove(&link->watch);
	hf_fd_close(&link->fd);
	free(link->line);
	free(link);
	*address = NULL;
}
