/* SPDX-License-Identifier: MIT */
/*
 * Owns how a process is started that goes on when the agent dies.
 * Must never leave a process behind that waits for the agent, nor hand it more than it was told.
 */
#include "agent/enforce/common/outlive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/sock.h>

#define FREE_MS 2
#define FREE_TRIES 25
#define MANAGER 1  /* the first process of the machine */
#define HIGH_FD 10 /* above the numbers that a process is started with */

/* In the child of a child: only calls that are safe after a fork. */
static _Noreturn void become(const struct hf_outlive *what)
{
	char *environ_none[] = {NULL};
	int high[HF_OUTLIVE_FDS_MAX];
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < what->n_fds; i++) {
		high[i] = fcntl(what->fds[i], F_DUPFD, HIGH_FD);
		if (high[i] < 0)
			_exit(127);
	}
	for (size_t i = 0; i < what->n_fds; i++) {
		if (dup2(high[i], HF_OUTLIVE_FD + (int)i) < 0)
			_exit(127);
	}
	syscall(SYS_close_range, HF_OUTLIVE_FD + (unsigned int)what->n_fds, ~0U, 0);
	execve(what->self, (char **)(uintptr_t)what->argv, environ_none);
	_exit(127);
}

enum hf_rc hf_outlive_start(const struct hf_outlive *what, struct hf_err *err)
{
	pid_t child = fork();
	if (child == 0) {
		setsid();
		pid_t grandchild = fork();
		if (grandchild == 0)
			become(what);
		_exit(grandchild < 0 ? 1 : 0);
	}
	int status = 1;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (child > 0 && status == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "%s cannot be started: %s", what->argv[1], strerror(errno));
}

enum hf_rc hf_outlive_listen(const char *path, int *ret_fd, struct hf_err *err)
{
	enum hf_rc rc = hf_sock_listen(path, 0600, ret_fd, err);
	for (int tries = 0; rc != HF_OK && tries < FREE_TRIES; tries++) {
		poll(NULL, 0, FREE_MS);
		rc = hf_sock_listen(path, 0600, ret_fd, err);
	}
	return rc;
}

enum hf_rc hf_outlive_connect(const char *path, int *ret_fd, struct hf_err *err)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	hf_auto_fd int fd = -1;
	enum hf_rc rc = hf_sock_connect(path, &fd, err);
	if (rc != HF_OK)
		return rc;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || peer.uid != geteuid())
		return hf_err_set(err, HF_E_SYSTEM, "Somebody who is not root listens at %s; remove that file", path);
	*ret_fd = hf_steal_fd(&fd);
	return HF_OK;
}

bool hf_outlive_listens(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

/* The kernel says who began to listen, not who took the connection. */
bool hf_outlive_managed(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid == MANAGER;
}

void hf_child_keep(int fd)
{
	if (fd > 3)
		syscall(SYS_close_range, 3U, (unsigned int)fd - 1, 0);
	syscall(SYS_close_range, fd < 3 ? 3U : (unsigned int)fd + 1, ~0U, 0);
}

bool hf_outlive_wait(int fd, short events, int ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;
	do {
		n = poll(&p, 1, ms);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

enum hf_rc hf_outlive_detach(const char *name)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, name);
	hf_auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	hf_auto_fd int oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	ssize_t n = oom >= 0 ? write(oom, "-1000", 5) : 0;
	(void)n; /* without it the process may be chosen when memory runs out; the agent starts it again */
	if (chdir("/") == 0 && null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2)
		return HF_OK;
	return HF_E_SYSTEM;
}
