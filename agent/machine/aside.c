/* SPDX-License-Identifier: MIT */
/*
 * Owns the processes that wait in the agent's place.
 * Must never wait without an end, nor leave a child for the agent to bury or with anything of the agent's open.
 */
#include "agent/machine/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#define KEPT 3 /* the first behind standard input, output and error */

static _Noreturn void do_aside(hf_aside_fn fn, void *arg, int fd)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (fd != KEPT && dup2(fd, KEPT) < 0)
		_exit(1);
	syscall(SYS_close_range, KEPT + 1, ~0U, 0);
	signal(SIGPIPE, SIG_IGN);
	fn(arg, KEPT);
	_exit(0);
}

enum hf_rc hf_aside_start(hf_aside_fn fn, void *arg, int *ret_fd)
{
	int pipes[2], status;
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return HF_E_SYSTEM;
	hf_auto_fd int from = pipes[0], to = pipes[1];
	pid_t child = fork();
	if (child == 0) {
		pid_t aside = fork(); /* whom the first process of the machine buries */
		if (aside == 0)
			do_aside(fn, arg, to);
		_exit(aside > 0 ? 0 : 1);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (child < 0 || status != 0)
		return HF_E_SYSTEM;
	*ret_fd = hf_steal_fd(&from);
	return HF_OK;
}

bool hf_aside_read(int fd, void *buf, size_t n, int *wait_ms)
{
	const int64_t start = hf_clock_boot().ms, wait = *wait_ms;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t have = 0;
	while (have < n) {
		int64_t left = wait - (hf_clock_boot().ms - start);
		*wait_ms = left > 0 ? (int)left : 0;
		if (poll(&p, 1, *wait_ms) != 1)
			return false;
		ssize_t got = read(fd, (char *)buf + have, n - have);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		have += got > 0 ? (size_t)got : 0;
	}
	return true;
}
