/* SPDX-License-Identifier: MIT */
/*
 * Owns the agent's end of the sockets to its links.
 * Must never believe a link, nor wait for one.
 */
#include "agent/talk/link_sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>

#include "agent/machine/logins.h"

#define READS_AT_ONCE 32 /* then the loop's other watches have their turn */

struct link {
	struct hf_links *links;
	int fd; /* -1: free */
	struct hf_watch *watch;
};

struct hf_links {
	struct hf_loop *loop;
	struct hf_links_conf conf;
	char user[HF_ID_SIZE];
	int fd;
	struct hf_watch *watch;
	struct link v[HF_LINKS_MAX];
	char frame[HF_SOCK_MESSAGE_MAX];
};

static void drop_link(struct link *link, const char *why)
{
	if (link->fd < 0)
		return;
	hf_log(HF_LOG_INFO, HF_EV_BUS, "a link has gone: %s", why);
	hf_watch_remove(&link->watch);
	hf_fd_close(&link->fd);
}

/* Returns false when there is nothing more to read now. */
static bool read_one(struct link *link)
{
	struct hf_links *links = link->links;
	struct hf_frame frame;
	struct hf_err err = {""};
	size_t len = 0;
	enum hf_rc rc = hf_sock_receive(link->fd, links->frame, sizeof(links->frame), &len, &err);

	if (rc == HF_E_ABSENT)
		return false;
	if (rc != HF_OK || len == 0) {
		drop_link(link, rc == HF_OK ? "it closed" : err.text);
		return false;
	}
	if (hf_frame_split(links->frame, len, &frame) != HF_OK)
		drop_link(link, "it sent a frame without a topic");
	else
		links->conf.on_message(links->conf.arg, frame.topic, frame.payload, frame.payload_len);
	return link->fd >= 0;
}

static void on_readable(void *arg, uint32_t events)
{
	struct link *link = arg;

	(void)events;
	for (int i = 0; i < READS_AT_ONCE && read_one(link); i++)
		;
}

/* Its own user too: an agent that a test runs as somebody is fed by the same somebody. */
static bool welcome(const struct hf_links *links, hf_user uid)
{
	hf_user user;

	return uid == 0 || uid == geteuid() || (hf_login_uid(links->user, &user) && uid == user);
}

static void take_in(struct hf_links *links, int *fd)
{
	struct link *link = NULL;

	for (size_t i = 0; i < HF_LINKS_MAX && !link; i++) {
		if (links->v[i].fd < 0)
			link = &links->v[i];
	}
	if (!link) {
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "a fifth link was sent away: a device joins at most four brokers");
		return;
	}
	if (hf_loop_add_fd(links->loop, *fd, on_readable, link, &link->watch) != HF_OK)
		return;
	link->fd = hf_steal_fd(fd);
	hf_log(HF_LOG_INFO, HF_EV_BUS, "a link has come");
	links->conf.on_join(links->conf.arg);
}

static void on_come(void *arg, uint32_t events)
{
	struct hf_links *links = arg;
	hf_auto_fd int fd = -1;
	hf_user uid;
	struct hf_err err = {""};

	(void)events;
	if (hf_sock_accept(links->fd, &fd, &uid, &err) != HF_OK)
		return;
	if (welcome(links, uid))
		take_in(links, &fd);
	else
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "user %u was sent away from the link's socket", (unsigned)uid);
}

/* The socket is for the link's user; where that user is not there, for root alone. */
static void give_socket(const struct hf_links_conf *conf)
{
	const char *path = conf->path, *user = conf->user;
	hf_user uid;

	if (!hf_login_uid(user, &uid))
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "there is no user '%s' here: only root can run the link", user);
	else if (conf->give(conf->arg, path, uid) != 0)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "%s cannot be given to user '%s': %s", path, user, strerror(errno));
}

enum hf_rc hf_links_new(struct hf_loop *loop, const struct hf_links_conf *conf, struct hf_links **ret_links,
			struct hf_err *err)
{
	hf_auto_links struct hf_links *links = calloc(1, sizeof(*links));
	enum hf_rc rc;

	if (!links)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the links");
	links->loop = loop;
	links->conf = *conf;
	links->fd = -1;
	for (size_t i = 0; i < HF_LINKS_MAX; i++)
		links->v[i] = (struct link){.links = links, .fd = -1};
	rc = hf_str_copy(links->user, sizeof(links->user), conf->user);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the name of the link's user is too long");
	rc = hf_sock_listen(conf->path, 0600, &links->fd, err);
	if (rc != HF_OK)
		return rc;
	if (hf_loop_add_fd(loop, links->fd, on_come, links, &links->watch) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "the link's socket cannot be watched: %m");
	give_socket(conf);
	*ret_links = hf_steal_ptr(&links);
	return HF_OK;
}

size_t hf_links_send(struct hf_links *links, const char *topic, const void *buf, size_t len)
{
	struct hf_frame frame = {.payload = buf, .payload_len = len};
	hf_auto_free char *bytes = malloc(HF_SOCK_MESSAGE_MAX);
	struct hf_err err = {""};
	size_t n = 0, bytes_len = 0;

	if (!bytes || hf_str_copy(frame.topic, sizeof(frame.topic), topic) != HF_OK ||
	    hf_frame_make(&frame, bytes, HF_SOCK_MESSAGE_MAX, &bytes_len) != HF_OK)
		return 0;
	for (size_t i = 0; i < HF_LINKS_MAX; i++) {
		if (links->v[i].fd < 0)
			continue;
		if (hf_sock_send(links->v[i].fd, bytes, bytes_len, &err) == HF_OK)
			n++;
		else
			drop_link(&links->v[i], err.text[0] ? err.text : "it does not read");
	}
	return n;
}

void hf_links_free(struct hf_links **links)
{
	if (!*links)
		return;
	for (size_t i = 0; i < HF_LINKS_MAX; i++)
		drop_link(&(*links)->v[i], "the agent stops");
	hf_watch_remove(&(*links)->watch);
	hf_fd_close(&(*links)->fd);
	free(*links);
	*links = NULL;
}
