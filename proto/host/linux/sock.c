/* SPDX-License-Identifier: MIT */
/*
 * Owns the local sockets: listening, connecting, whole messages, the user at the other end.
 * Must never look into a message, cut one, or take a path from a program that is alive.
 */
#include <holdfast/sock.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define BACKLOG 1024  /* who comes in the same moment, before those who listen have had time */
#define QUEUE_WAIT_S 2 /* for a place among them */
#define SEND_ROOM (4 * HF_SOCK_MESSAGE_MAX) /* one long message waits while the next is made */

static enum hf_rc address(const char *path, struct sockaddr_un *ret_addr, struct hf_err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (hf_str_copy(addr.sun_path, sizeof(addr.sun_path), path) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "the socket path %.64s... is too long: at most %zu characters", path,
				  sizeof(addr.sun_path) - 1);
	*ret_addr = addr;
	return HF_OK;
}

static enum hf_rc make_socket(int *ret_fd, struct hf_err *err)
{
	hf_auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int room = SEND_ROOM;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot make a socket: %m");
	*ret_fd = hf_steal_fd(&fd);
	return HF_OK;
}

/* A socket, and the address that it is for. */
static enum hf_rc make_for(const char *path, struct sockaddr_un *ret_addr, int *ret_fd, struct hf_err *err)
{
	enum hf_rc rc = address(path, ret_addr, err);

	return rc == HF_OK ? make_socket(ret_fd, err) : rc;
}

static int reach(int fd, const struct sockaddr_un *addr)
{
	return connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
}

/* The queue is full: whoever stands in line comes in before those who come after. */
static int reach_in_turn(int fd, const struct sockaddr_un *addr)
{
	const struct timeval most = {.tv_sec = QUEUE_WAIT_S};
	int flags = fcntl(fd, F_GETFL), rc, keep;

	if (flags < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) != 0 ||
	    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
		return -1;
	rc = reach(fd, addr);
	keep = errno;
	if (fcntl(fd, F_SETFL, flags) != 0)
		return -1;
	errno = keep;
	return rc;
}

/* Unlinks what a dead program left; anything else stays and is an error. */
static enum hf_rc clear_dead(const struct sockaddr_un *addr, struct hf_err *err)
{
	hf_auto_fd int fd = -1;
	struct stat st;
	bool alive;
	enum hf_rc rc = make_socket(&fd, err);

	if (rc != HF_OK)
		return rc;
	if (lstat(addr->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return hf_err_set(err, HF_E_SYSTEM, "%s is there already and is no socket: move it away",
				  addr->sun_path);
	alive = reach(fd, addr) == 0;
	if (!alive && (errno == EACCES || errno == EPERM))
		return hf_err_set(err, HF_E_SYSTEM,
				  "whether a program listens at %s may not be looked at here: %m (root's services need "
				  "CAP_DAC_OVERRIDE for that)",
				  addr->sun_path);
	if (alive || (errno != ECONNREFUSED && errno != ENOENT))
		return hf_err_set(err, HF_E_SYSTEM, "another program listens at %s: stop it first", addr->sun_path);
	if (unlink(addr->sun_path) != 0 && errno != ENOENT)
		return hf_err_set(err, HF_E_SYSTEM, "cannot remove the dead socket %s: %m", addr->sun_path);
	return HF_OK;
}

static enum hf_rc bind_there(int fd, const struct sockaddr_un *addr, struct hf_err *err)
{
	enum hf_rc rc;

	for (bool again = false; bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) != 0; again = true) {
		if (again || errno != EADDRINUSE)
			return hf_err_set(err, HF_E_SYSTEM, "cannot make the socket %s: %m", addr->sun_path);
		rc = clear_dead(addr, err);
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

enum hf_rc hf_sock_listen(const char *path, mode_t mode, int *ret_fd, struct hf_err *err)
{
	struct sockaddr_un addr;
	hf_auto_fd int fd = -1;
	enum hf_rc rc = make_for(path, &addr, &fd, err);

	if (rc == HF_OK)
		rc = bind_there(fd, &addr, err);
	if (rc != HF_OK)
		return rc;
	/* Nobody gets in before listen(), so there is no moment with wider permissions. */
	if (chmod(path, mode) != 0 || listen(fd, BACKLOG) != 0) {
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot listen at %s: %m", path);
		unlink(path);
		return rc;
	}
	*ret_fd = hf_steal_fd(&fd);
	return HF_OK;
}

enum hf_rc hf_sock_accept(int listen_fd, int *ret_fd, hf_user *ret_uid, struct hf_err *err)
{
	hf_auto_fd int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int room = SEND_ROOM;

	if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR))
		return hf_err_set(err, HF_E_ABSENT, "nobody waits to be accepted");
	if (fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot accept a connection: %m");
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot ask who connected: %m");
	*ret_uid = peer.uid;
	*ret_fd = hf_steal_fd(&fd);
	return HF_OK;
}

enum hf_rc hf_sock_connect(const char *path, int *ret_fd, struct hf_err *err)
{
	struct sockaddr_un addr;
	hf_auto_fd int fd = -1;
	enum hf_rc rc = make_for(path, &addr, &fd, err);

	if (rc != HF_OK)
		return rc;
	if (reach(fd, &addr) == 0 || (errno == EAGAIN && reach_in_turn(fd, &addr) == 0)) {
		*ret_fd = hf_steal_fd(&fd);
		return HF_OK;
	}
	if (errno == ENOENT || errno == ECONNREFUSED)
		return hf_err_set(err, HF_E_ABSENT, "nobody listens at %s: is that program running?", path);
	return hf_err_set(err, HF_E_SYSTEM, "cannot connect to %s: %m", path);
}

enum hf_rc hf_sock_send(int fd, const void *buf, size_t len, struct hf_err *err)
{
	ssize_t n;

	/* An empty message would look like a closed connection at the other end. */
	if (len == 0 || len > HF_SOCK_MESSAGE_MAX)
		return hf_err_set(err, HF_E_SIZE, "a local message of %zu bytes cannot be sent: 1 to %d", len,
				  HF_SOCK_MESSAGE_MAX);
	do
		n = send(fd, buf, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return HF_OK;
	if (errno == EAGAIN || errno == ENOBUFS)
		return hf_err_set(err, HF_E_ABSENT, "the other end has not read enough yet: send it again later");
	if (errno == EMSGSIZE)
		return hf_err_set(err, HF_E_SIZE, "a local message of %zu bytes is larger than this system sends", len);
	return hf_err_set(err, HF_E_SYSTEM, "cannot send a local message: %m");
}

enum hf_rc hf_sock_receive(int fd, void *buf, size_t size, size_t *ret_len, struct hf_err *err)
{
	ssize_t n;

	do
		n = recv(fd, buf, size, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return hf_err_set(err, HF_E_ABSENT, "no local message has come");
	if (n < 0 && errno != ECONNRESET)
		return hf_err_set(err, HF_E_SYSTEM, "cannot receive a local message: %m");
	if (n > 0 && (size_t)n > size)
		return hf_err_set(err, HF_E_SIZE, "a local message of %zd bytes is larger than %zu", n, size);
	/* Reset means: closed with something of ours unread. */
	*ret_len = n < 0 ? 0 : (size_t)n;
	return HF_OK;
}

/* Is the holder of this name somebody whom we obey? */
static bool is_ours(const struct sockaddr_un *addr, socklen_t addr_len)
{
	hf_auto_fd int fd = -1;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (make_socket(&fd, NULL) != HF_OK || (connect(fd, (const struct sockaddr *)addr, addr_len) != 0 && errno != EAGAIN))
		return false;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

enum hf_rc hf_sock_claim(const char *name, int *ret_fd, struct hf_err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	hf_auto_fd int fd = -1;
	enum hf_rc rc;

	if (hf_str_copy(addr.sun_path + 1, sizeof(addr.sun_path) - 1, name) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "the name %.64s... is too long", name);
	rc = make_socket(&fd, err);
	if (rc != HF_OK)
		return rc;
	if (bind(fd, (const struct sockaddr *)&addr, len) == 0 && listen(fd, BACKLOG) == 0) {
		*ret_fd = hf_steal_fd(&fd);
		return HF_OK;
	}
	if (errno != EADDRINUSE)
		return hf_err_set(err, HF_E_SYSTEM, "cannot take the name %s: %m", name);
	if (is_ours(&addr, len))
		return hf_err_set(err, HF_E_USAGE, "another program has the name %s: stop it first", name);
	*ret_fd = -1;
	return HF_OK;
}
