/* SPDX-License-Identifier: MIT */
/*
 * Owns the place at which the one program of a session is asked, and the sign that the session is over.
 * Must never obey another user.
 */
#include "agent/waiting/session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/sock.h>
#include <holdfast/str.h>

#define SHOW "show"
#define WORD_SIZE 16
#define SAYS_MS 1000
#define TAKES_MS 5000 /* the first one takes it at once, also on a busy machine; a stopped one never does */

/* Which file it is, whatever stands under its name later. */
struct which {
	dev_t device;
	ino_t file;
};

struct hf_session {
	struct hf_session_calls calls;
	struct which its_place, its_screen;
	char place[PATH_MAX], screen[PATH_MAX]; /* screen: the file by which programs come to it; "" there is none */
	int fd, notify;
	struct hf_watch *watch, *notify_watch;
};

static struct which which_at(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? (struct which){st.st_dev, st.st_ino} : (struct which){0};
}

static bool is_at(const struct which *which, const char *path)
{
	struct which now = which_at(path);

	return now.file != 0 && now.device == which->device && now.file == which->file;
}

static enum hf_rc folder_in(const char *above, const char *more, char folder[PATH_MAX], struct hf_err *err)
{
	enum hf_rc rc;

	if (!above[0])
		return hf_err_set(err, HF_E_SYSTEM, "this session has no folder of its own (XDG_RUNTIME_DIR, HOME)");
	rc = hf_str_printf(folder, PATH_MAX, "%s%s/holdfast-desk", above, more);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the path of this session's folder is too long");
	rc = hf_fs_mkdirs(folder, 0700, err);
	if (rc == HF_OK && access(folder, W_OK | X_OK) != 0)
		rc = hf_err_set(err, HF_E_SYSTEM, "nothing can be made in the folder %s: %m", folder);
	return rc;
}

/* A folder of the person's own: what their session gives them, or their home where that cannot be written. */
static enum hf_rc folder_of(const struct hf_session_place *of, char folder[PATH_MAX], struct hf_err *err)
{
	if (of->run[0] && folder_in(of->run, "", folder, NULL) == HF_OK)
		return HF_OK;
	return folder_in(of->home, "/.local/state", folder, err);
}

static enum hf_rc path_of(const struct hf_session_place *of, char place[PATH_MAX], struct hf_err *err)
{
	const char *screen = of->wayland[0] ? of->wayland : of->x;
	char folder[PATH_MAX], name[64];
	enum hf_rc rc = folder_of(of, folder, err);

	if (rc == HF_OK && hf_str_copy(name, sizeof(name), screen[0] ? screen : "none") != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "the name of this session's screen is too long");
	if (rc != HF_OK)
		return rc;
	for (char *at = name; *at; at++) {
		if (*at == '/')
			*at = '_';
	}
	rc = hf_str_printf(place, PATH_MAX, "%s/%s.sock", folder, name);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the path of this session's folder is too long");
}

/* It lets go of whoever told it something once that is done; one that ends meanwhile has done nothing. */
static enum hf_rc until_taken(int fd, struct hf_err *err)
{
	struct pollfd ended = {.fd = fd, .events = POLLIN};
	char word[WORD_SIZE];
	int n;

	do
		n = poll(&ended, 1, TAKES_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return hf_err_set(err, HF_E_SYSTEM, "the holdfast-desk of this session does not answer: end it, and start it anew");
	if (recv(fd, word, sizeof(word), 0) < 0)
		return hf_err_set(err, HF_E_ABSENT, "the holdfast-desk of this session has just ended");
	return HF_OK;
}

enum hf_rc hf_session_tell(const struct hf_session_place *place, bool show, struct hf_err *err)
{
	char path[PATH_MAX];
	hf_auto_fd int fd = -1;
	const char *word = show ? SHOW : "here";
	enum hf_rc rc = path_of(place, path, err);

	if (rc == HF_OK)
		rc = hf_sock_connect(path, &fd, err);
	if (rc == HF_OK)
		rc = hf_sock_send(fd, word, strlen(word), err);
	return rc == HF_OK ? until_taken(fd, err) : rc;
}

/* It is this person's own program, and says its word at once. */
static void hear_one(struct hf_session *session, int fd)
{
	struct pollfd said = {.fd = fd, .events = POLLIN};
	char word[WORD_SIZE];
	size_t len = 0;
	struct hf_err err = {""};

	if (poll(&said, 1, SAYS_MS) == 1 && hf_sock_receive(fd, word, sizeof(word), &len, &err) == HF_OK &&
	    len == strlen(SHOW) && memcmp(word, SHOW, len) == 0)
		session->calls.show(session->calls.arg);
}

static void on_another(void *arg, uint32_t events)
{
	struct hf_session *session = arg;
	struct hf_err err = {""};

	(void)events;
	for (;;) {
		hf_auto_fd int fd = -1;
		hf_user uid;

		if (hf_sock_accept(session->fd, &fd, &uid, &err) != HF_OK)
			return;
		if (uid == getuid())
			hear_one(session, fd);
	}
}

/* A screen that is somewhere else has no file. */
static void find_screen(const struct hf_session_place *of, char screen[PATH_MAX])
{
	const char *wayland = of->wayland, *x = of->x;
	enum hf_rc rc = HF_E_ABSENT;

	if (wayland[0] == '/')
		rc = hf_str_copy(screen, PATH_MAX, wayland);
	else if (wayland[0])
		rc = hf_str_printf(screen, PATH_MAX, "%s/%s", of->run, wayland);
	else if (x[0] == ':')
		rc = hf_str_printf(screen, PATH_MAX, "/tmp/.X11-unix/X%.*s", (int)strcspn(x + 1, "."), x + 1);
	if (rc != HF_OK || access(screen, F_OK) != 0)
		screen[0] = '\0';
}

/* A screen that ended and began again within a moment is another one, under the same name. */
static bool has_gone(int notify)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool gone = false;
	ssize_t len;

	while ((len = read(notify, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < len;) {
			const struct inotify_event *event = (const struct inotify_event *)(buf + at);

			gone = gone || (event->mask & (IN_DELETE_SELF | IN_IGNORED)) != 0;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return gone;
}

static void on_screen(void *arg, uint32_t events)
{
	struct hf_session *session = arg;
	bool gone = has_gone(session->notify);

	(void)events;
	if (gone || (session->screen[0] && !is_at(&session->its_screen, session->screen)) ||
	    !is_at(&session->its_place, session->place))
		session->calls.over(session->calls.arg);
}

/* Where that cannot be seen the session's end is a signal, or the window that does not come any more. */
static void watch_screen(struct hf_loop *loop, struct hf_session *session)
{
	session->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (session->notify < 0 || hf_loop_add_fd(loop, session->notify, on_screen, session, &session->notify_watch) != HF_OK)
		return;
	(void)inotify_add_watch(session->notify, session->place, IN_ATTRIB | IN_DELETE_SELF);
	if (session->screen[0])
		(void)inotify_add_watch(session->notify, session->screen, IN_ATTRIB | IN_DELETE_SELF);
}

enum hf_rc hf_session_new(struct hf_loop *loop, const struct hf_session_place *place,
			  const struct hf_session_calls *calls, struct hf_session **ret_session, struct hf_err *err)
{
	struct hf_session *session = calloc(1, sizeof(*session));
	enum hf_rc rc;

	if (!session)
		return hf_err_set(err, HF_E_MEMORY, "no memory for this session");
	session->calls = *calls;
	session->fd = session->notify = -1;
	rc = path_of(place, session->place, err);
	if (rc == HF_OK)
		rc = hf_sock_listen(session->place, 0600, &session->fd, err);
	if (rc == HF_OK && hf_loop_add_fd(loop, session->fd, on_another, session, &session->watch) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "this program cannot wait for others of its session");
	if (rc != HF_OK) {
		hf_session_free(&session);
		return rc;
	}
	find_screen(place, session->screen);
	session->its_place = which_at(session->place);
	session->its_screen = which_at(session->screen);
	watch_screen(loop, session);
	*ret_session = session;
	return HF_OK;
}

void hf_session_free(struct hf_session **session)
{
	struct hf_session *s = *session;

	if (!s)
		return;
	hf_watch_remove(&s->watch);
	hf_watch_remove(&s->notify_watch);
	hf_fd_close(&s->notify);
	if (s->fd >= 0 && is_at(&s->its_place, s->place))
		unlink(s->place);
	hf_fd_close(&s->fd);
	free(s);
	*session = NULL;
}
