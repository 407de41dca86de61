/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of a finished line to standard error.
 * Must never wait: not for a pipe that is full, a journal that has stopped, or a terminal that is held.
 */
#include "proto/host/log_end.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

/* The flag belongs to whoever else has the description that we inherited, so it is set on one of our own. A socket has
 * none to open, and needs none; nor does a file. */
void hf_log_end_own(void)
{
	hf_auto_fd int fd = -1;
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	struct stat st;

	if (flags < 0 || flags & O_NONBLOCK || fstat(STDERR_FILENO, &st) != 0 ||
	    (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)))
		return;
	fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		(void)!dup2(fd, STDERR_FILENO);
}

/* Where the description could not be our own, somebody who writes at the same moment could still make us wait; whoever
 * does not read any more would end the program by a signal. */
static bool has_room(void)
{
	struct pollfd end = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&end, 1, 0) == 1 && end.revents == POLLOUT;
}

bool hf_log_end_put(const char *line, size_t len)
{
	ssize_t n;

	do
		n = send(STDERR_FILENO, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0 || errno != ENOTSOCK)
		return n == (ssize_t)len;
	if (!has_room())
		return false;
	do
		n = write(STDERR_FILENO, line, len);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}
