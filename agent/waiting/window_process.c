/* SPDX-License-Identifier: MIT */
/*
 * Owns the window's process: how it is started, told and buried.
 * Must never start it with more than the person's own rights, nor leave one behind that nobody tells anything.
 */
#include "agent/waiting/window_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/host.h>
#include <holdfast/json.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>

#include "agent/talk/answer.h"
#include "agent/waiting/waiting.h"

#define FRAME_SIZE 65536

struct hf_window_process {
	struct hf_window_calls calls;
	pid_t pid;
	int fd, pidfd;
	size_t untaken; /* events that it was told and has not said that it took */
	bool is_full;	/* it does not read, and has no room for more: that is logged once */
	struct hf_watch *watch, *end_watch;
};

static enum hf_rc program_of(char path[PATH_MAX], struct hf_err *err)
{
	char own[PATH_MAX];
	enum hf_rc rc = hf_host_program(own, sizeof(own));
	char *slash = rc == HF_OK ? strrchr(own, '/') : NULL;

	if (rc == HF_OK && slash)
		rc = hf_str_printf(path, PATH_MAX, "%.*s/" HF_WINDOW_PROGRAM, (int)(slash - own), own);
	return rc == HF_OK && slash ? HF_OK : hf_err_set(err, HF_E_SYSTEM, "the window's program cannot be found");
}

/* With the signals of a program that was started by hand; in: what is its standard input, -1: as ours. */
static enum hf_rc spawn(char *const *words, char *const *environment, int in, pid_t *ret_pid, struct hf_err *err)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	rc = posix_spawnattr_setsigmask(&attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	if (rc == 0 && in >= 0)
		rc = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (rc == 0)
		rc = posix_spawn(ret_pid, words[0], &files, &attributes, words, environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return rc == 0 ? HF_OK : hf_err_set(err, HF_E_SYSTEM, "%s cannot be started: %s", words[0], strerror(rc));
}

static int status_of(pid_t pid)
{
	int status = 0;
	pid_t done;

	do
		done = waitpid(pid, &status, 0);
	while (done < 0 && errno == EINTR);
	return done == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum hf_rc hf_window_has_screen(char *const *environment, struct hf_err *err)
{
	char path[PATH_MAX], check[] = "--check";
	char *const words[] = {path, check, NULL};
	pid_t pid = 0;
	enum hf_rc rc = program_of(path, err);

	if (rc == HF_OK)
		rc = spawn(words, environment, -1, &pid, err);
	if (rc == HF_OK && status_of(pid) != 0)
		rc = hf_err_set(err, HF_E_ABSENT,
				"there is no screen to open a window on: use holdfast-agent status in a terminal");
	return rc;
}

static void hear_said(struct hf_window_process *process, const json_t *said)
{
	const char *text = hf_said_text(said, "said");

	if (process->untaken > 0 && hf_said_true(said, "taken"))
		process->untaken--;
	if (text[0])
		process->calls.said(process->calls.arg, text);
}

static void on_said(void *arg, uint32_t events)
{
	struct hf_window_process *process = arg;
	char frame[FRAME_SIZE];
	size_t len = 0;
	struct hf_err err = {""};

	(void)events;
	while (process->fd >= 0) {
		hf_auto_json json_t *said = NULL;
		enum hf_rc rc = hf_sock_receive(process->fd, frame, sizeof(frame), &len, &err);

		if (rc == HF_E_ABSENT)
			return;
		if (rc != HF_OK || len == 0) {
			hf_watch_remove(&process->watch);
			hf_fd_close(&process->fd);
			return;
		}
		if (hf_json_read(frame, len, sizeof(frame), &said, &err) == HF_OK)
			hear_said(process, said);
	}
}

static void on_end(void *arg, uint32_t events)
{
	struct hf_window_process *process = arg;
	int status = status_of(process->pid);

	process->pid = 0;
	on_said(process, events);
	process->calls.ended(process->calls.arg, status == 0, process->untaken > 0);
}

static enum hf_rc watch_process(struct hf_loop *loop, struct hf_window_process *process, struct hf_err *err)
{
	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd >= 0 && hf_loop_add_fd(loop, process->pidfd, on_end, process, &process->end_watch) == HF_OK &&
	    hf_loop_add_fd(loop, process->fd, on_said, process, &process->watch) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "the window's program cannot be watched: %m");
}

static enum hf_rc start_there(const struct hf_window_calls *calls, int in, pid_t *ret_pid, struct hf_err *err)
{
	char path[PATH_MAX], socket_word[] = "--socket", linger_word[] = "--linger", linger[32];
	hf_auto_free char *where = strdup(calls->socket);
	char *const words[] = {path, socket_word, where, linger_word, linger, NULL};
	enum hf_rc rc = where ? program_of(path, err) : hf_err_set(err, HF_E_MEMORY, "no memory for the window's program");

	if (rc == HF_OK && hf_str_printf(linger, sizeof(linger), "%" PRId64, calls->linger_s) != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "the window cannot stay that long");
	return rc == HF_OK ? spawn(words, calls->environment, in, ret_pid, err) : rc;
}

enum hf_rc hf_window_start(struct hf_loop *loop, const struct hf_window_calls *calls,
			   struct hf_window_process **ret_process, struct hf_err *err)
{
	struct hf_window_process *process = calloc(1, sizeof(*process));
	hf_auto_fd int theirs = -1;
	int ends[2];
	enum hf_rc rc;

	if (!process)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the window's program");
	*process = (struct hf_window_process){.calls = *calls, .fd = -1, .pidfd = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
		free(process);
		return hf_err_set(err, HF_E_SYSTEM, "the window's program could not be told anything: %m");
	}
	process->fd = ends[0];
	theirs = ends[1];
	rc = start_there(calls, theirs, &process->pid, err);
	if (rc == HF_OK)
		rc = watch_process(loop, process, err);
	if (rc == HF_OK)
		*ret_process = process;
	else
		hf_window_end(&process);
	return rc;
}

void hf_window_tell(struct hf_window_process *process, const json_t *event)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct hf_err err = {"no memory"};
	enum hf_rc rc = process->fd >= 0 ? hf_json_bytes(event, &text, &len) : HF_OK;

	if (rc == HF_OK && process->fd >= 0)
		rc = hf_sock_send(process->fd, text, len, &err);
	/* What it has in hand makes it ask the agent anew, and the answer has this in it, too. */
	process->untaken += rc != HF_E_ABSENT;
	if (rc != HF_OK && !process->is_full)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)),
			     "the window is not told what the agent says: %s", err.text);
	process->is_full = rc == HF_E_ABSENT;
}

void hf_window_end(struct hf_window_process **process)
{
	struct hf_window_process *p = *process;

	if (!p)
		return;
	hf_watch_remove(&p->watch);
	hf_watch_remove(&p->end_watch);
	hf_fd_close(&p->fd);
	hf_fd_close(&p->pidfd);
	free(p);
	*process = NULL;
}
