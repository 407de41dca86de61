/* SPDX-License-Identifier: MIT */
/*
 * Owns what is told to the service manager.
 * Must never wait for it, nor fail a program because nobody listens.
 */
#include <holdfast/notify.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

enum hf_rc hf_notify(const char *state, struct hf_err *err)
{
	const char *where = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	hf_auto_fd int fd = -1;
	socklen_t len;

	if (!where || where[0] == '\0')
		return hf_err_set(err, HF_E_ABSENT, "no service manager asked to be told");
	if (hf_str_copy(addr.sun_path, sizeof(addr.sun_path), where) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "NOTIFY_SOCKET is too long");
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(where));
	/* '@' stands for an address that is no file. */
	if (where[0] == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&addr, len) < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot tell the service manager at %s: %m", where);
	return HF_OK;
}

static bool read_number(const char *name, int64_t *ret)
{
	const char *text = getenv(name);
	char *end;
	intmax_t n;

	if (!text || text[0] == '\0')
		return false;
	errno = 0;
	n = strtoimax(text, &end, 10);
	if (errno != 0 || *end != '\0' || n <= 0)
		return false;
	*ret = n;
	return true;
}

int64_t hf_notify_watchdog_ms(void)
{
	int64_t usec, pid;

	if (!read_number("WATCHDOG_USEC", &usec))
		return 0;
	/* Meant for another process of this service. */
	if (read_number("WATCHDOG_PID", &pid) && pid != getpid())
		return 0;
	return usec < 2000 ? 1 : usec / 2000;
}
