/* SPDX-License-Identifier: MIT */
/*
 * Owns the Unix socket on which the interface is served, and the port of the figures.
 * Must never take the place of a controller that is alive, be open to everybody, or listen where another machine could ask.
 */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "controller/web/web.h"

#define PORT_BACKLOG 16 /* one or two monitoring systems ask it every fifteen seconds or so */
#define BACKLOG 1024 /* who comes in the same moment; they are let in within some ten milliseconds */

static enum hf_rc listen_failed(const char *path, const char *doing, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SYSTEM, "%s: %s: %s", path, doing, strerror(errno));
}

static enum hf_rc find_group(const char *name, gid_t *ret_gid, struct hf_err *err)
{
	const struct group *group = name[0] ? getgrnam(name) : NULL;
	if (name[0] && !group)
		return hf_err_set(
			err, HF_E_ABSENT,
			"socket.group: there is no group '%s' on this machine: make it, or leave the setting out",
			name);
	*ret_gid = group ? group->gr_gid : (gid_t)-1;
	return HF_OK;
}

/* A socket that a dead program left behind is taken away; one that answers is somebody's. */
static enum hf_rc make_way(const struct sockaddr_un *address, struct hf_err *err)
{
	hf_auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;
	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ? HF_OK : listen_failed(address->sun_path, "looking at it", err);
	if (!S_ISSOCK(st.st_mode))
		return hf_err_set(err, HF_E_SYSTEM, "%s is there and is no socket: remove it or set socket.path",
				  address->sun_path);
	if (fd < 0)
		return listen_failed(address->sun_path, "making a socket", err);
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		return hf_err_set(err, HF_E_SYSTEM, "%s: a controller runs here already: stop it first",
				  address->sun_path);
	return unlink(address->sun_path) == 0 ? HF_OK
					      : listen_failed(address->sun_path, "removing the old socket", err);
}

/* As a unit it runs in the socket's group, and may give nothing away. */
static bool is_given(const char *path, hf_user user, gid_t group)
{
	struct stat st;

	return lstat(path, &st) == 0 && (user == (hf_user)-1 || st.st_uid == user) &&
	       (group == (gid_t)-1 || st.st_gid == group);
}

static enum hf_rc bind_at(int fd, const struct sockaddr_un *address, hf_user user, gid_t group, struct hf_err *err)
{
	/* Nobody may connect before owner, group and mode are right. */
	mode_t mask = umask(0777);
	int rc = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int saved = errno;
	umask(mask);
	errno = saved;
	if (rc != 0)
		return listen_failed(address->sun_path, "making the socket", err);
	if (!is_given(address->sun_path, user, group) && chown(address->sun_path, user, group) != 0)
		return listen_failed(address->sun_path, "giving the socket to its group", err);
	if (chmod(address->sun_path, 0660) != 0)
		return listen_failed(address->sun_path, "setting the mode of the socket", err);
	return listen(fd, BACKLOG) == 0 ? HF_OK : listen_failed(address->sun_path, "listening", err);
}

enum hf_rc hf_web_listen(const struct hf_settings *settings, hf_user user, int *ret_fd, struct hf_err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	hf_auto_fd int fd = -1;
	gid_t group = (gid_t)-1;
	enum hf_rc rc = hf_str_copy(address.sun_path, sizeof(address.sun_path), settings->socket_path);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "socket.path is longer than %zu characters", sizeof(address.sun_path) - 1);
	rc = find_group(settings->socket_group, &group, err);
	if (rc == HF_OK)
		rc = make_way(&address, err);
	if (rc != HF_OK)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return listen_failed(settings->socket_path, "making a socket", err);
	rc = bind_at(fd, &address, user, group, err);
	if (rc == HF_OK)
		*ret_fd = hf_steal_fd(&fd);
	return rc;
}

enum hf_rc hf_web_listen_port(const struct hf_settings *settings, int *ret_fd, struct hf_err *err)
{
	const struct sockaddr_in here = {.sin_family = AF_INET,
					 .sin_port = htons((uint16_t)settings->metrics_port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int yes = 1;
	hf_auto_fd int fd = -1;
	if (settings->metrics_port == 0) {
		*ret_fd = -1;
		return HF_OK;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) != 0 || listen(fd, PORT_BACKLOG) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "metrics.port: port %" PRId64 " of 127.0.0.1 gives no figures: %s",
				  settings->metrics_port, strerror(errno));
	*ret_fd = hf_steal_fd(&fd);
	return HF_OK;
}
