/* SPDX-License-Identifier: MIT */
/*
 * Owns what is told to the service manager.
 * Must never wait for it, nor fail a program because nobody listens.
 */
#include <holdfast/notify.h>

#include <errno.h>
#include <fcntl.h>
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

#define HANDED_FROM 3 /* the first number: SD_LISTEN_FDS_START */
#define STATE_SIZE 128
#define NAME_SIZE 32
#define NAMES_MAX 8

/* @fd   goes along; -1: none */
static enum hf_rc tell_manager(const char *state, int fd, struct hf_err *err)
{
	const char *where = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct iovec part = {.iov_base = (void *)(uintptr_t)state, .iov_len = strlen(state)};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.room = {0}};
	struct msghdr msg = {.msg_name = &addr, .msg_iov = &part, .msg_iovlen = 1};
	hf_auto_fd int to = -1;

	if (!where || where[0] == '\0')
		return hf_err_set(err, HF_E_ABSENT, "no service manager asked to be told");
	if (hf_str_copy(addr.sun_path, sizeof(addr.sun_path), where) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "NOTIFY_SOCKET is too long");
	msg.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(where));
	/* '@' stands for an address that is no file. */
	if (where[0] == '@')
		addr.sun_path[0] = '\0';
	if (fd >= 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		control.head = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	}
	to = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (to < 0 || sendmsg(to, &msg, MSG_NOSIGNAL) < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot tell the service manager at %s: %m", where);
	return HF_OK;
}

enum hf_rc hf_notify(const char *state, struct hf_err *err)
{
	return tell_manager(state, -1, err);
}

/* Each name is kept as one of two, by turns: the new one is there before the one before goes, whenever this one is killed. */
static const char *const ends[] = {"", ".other"};

struct turn {
	char name[NAME_SIZE];
	size_t now; /* of ends: where it is kept */
};

/* NULL: more names than a program has. */
static struct turn *turn_of(const char *name)
{
	static struct turn turns[NAMES_MAX];

	for (size_t i = 0; i < NAMES_MAX; i++) {
		if (!turns[i].name[0] && hf_str_copy(turns[i].name, sizeof(turns[i].name), name) == HF_OK)
			turns[i].now = 1;
		if (strcmp(turns[i].name, name) == 0)
			return &turns[i];
	}
	return NULL;
}

static void forget_at(const char *name, size_t end)
{
	char state[STATE_SIZE];

	if (hf_str_printf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%s%s", name, ends[end]) == HF_OK)
		(void)!tell_manager(state, -1, NULL);
}

void hf_notify_forget(const char *name)
{
	for (size_t i = 0; i < HF_LEN(ends); i++)
		forget_at(name, i);
}

/* It is not looked at meanwhile: one that has an error to tell is kept too. */
void hf_notify_keep(const char *name, int fd)
{
	struct turn *turn = turn_of(name);
	char state[STATE_SIZE];

	if (!turn || hf_str_printf(state, sizeof(state), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s%s", name,
				   ends[!turn->now]) != HF_OK)
		return;
	(void)!tell_manager(state, fd, NULL);
	forget_at(name, turn->now);
	turn->now = !turn->now;
}

/* How much of this is the name, and of which turn; false: it is another one. */
static bool is_of_turn(const char *at, size_t len, const char *name, size_t *ret_end)
{
	for (size_t i = 0; i < HF_LEN(ends); i++) {
		size_t own = strlen(name);

		if (len != own + strlen(ends[i]) || strncmp(at, name, own) != 0 ||
		    strncmp(at + own, ends[i], strlen(ends[i])) != 0)
			continue;
		*ret_end = i;
		return true;
	}
	return false;
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

bool hf_notify_handed(const char *name, int *ret_fd)
{
	const char *at = getenv("LISTEN_FDNAMES");
	int64_t n = 0, pid = 0;
	struct turn *turn = turn_of(name);

	if (!at || !read_number("LISTEN_PID", &pid) || pid != getpid() || !read_number("LISTEN_FDS", &n))
		return false;
	for (int i = 0; i < n; i++) {
		size_t one = strcspn(at, ":"), end = 0;

		/* Of two the newest: it stands first. */
		if (is_of_turn(at, one, name, &end)) {
			if (fcntl(HANDED_FROM + i, F_SETFD, FD_CLOEXEC) != 0)
				return false;
			*ret_fd = HANDED_FROM + i;
			if (turn)
				turn->now = end;
			return true;
		}
		at += one + (at[one] == ':');
	}
	return false;
}
