/* SPDX-License-Identifier: MIT */
/*
 * Owns the process that does what needs rights which the agent's unit has not.
 * Must never do anything for anybody but root, nor anything that is none of its few words.
 */
#include "agent/enforce/common/hands_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/notify.h>
#include <holdfast/sock.h>
#include <holdfast/str.h>

#include "agent/enforce/common/outlive.h"
#include "agent/machine/rights.h"

#define CLIENTS_MAX 4  /* one agent, and the one that takes over from it */
#define IDLE_MS 300000 /* ten times what lies between two looks while something is shut */
#define ANSWER_MS 200  /* for one that asked and does not listen */

struct hands {
	int listener;
	int clients[CLIENTS_MAX]; /* -1: free */
	const struct hf_hands_trial *trials;
	size_t n_trials;
	bool came; /* somebody was there */
};

static int mark_file_of(const struct hf_hands_message *m)
{
	char link[64];

	if (m->n_fds == 1)
		return fanotify_mark(m->fds[0], (unsigned int)m->first, m->second, AT_FDCWD, NULL);
	if (m->n_fds != 2 || hf_str_printf(link, sizeof(link), "/proc/self/fd/%d", m->fds[1]) != HF_OK) {
		errno = EINVAL;
		return -1;
	}
	return fanotify_mark(m->fds[0], (unsigned int)m->first, m->second, AT_FDCWD, link);
}

static int give_file_of(const struct hf_hands_message *m)
{
	if (m->n_fds == 1)
		return fchownat(m->fds[0], "", (uid_t)m->first, (gid_t)-1, AT_EMPTY_PATH);
	errno = EINVAL;
	return -1;
}

static bool try_as_told(const struct hands *hands, struct hf_hands_message *m)
{
	for (size_t i = 0; i < hands->n_trials; i++) {
		if (hands->trials[i].word == m->word)
			return hands->trials[i].fn(m);
	}
	return false;
}

/* The answer takes the place of the order; the order's descriptors are closed by then. */
static int do_order(const struct hands *hands, struct hf_hands_message *m, int *ret_group)
{
	switch ((enum hf_hands_word)m->word) {
	case HF_HANDS_RIGHTS:
		m->first = hf_rights_own();
		return 0;
	case HF_HANDS_GROUP:
		*ret_group = fanotify_init((unsigned int)m->first | FAN_CLOEXEC, (unsigned int)m->second);
		return *ret_group >= 0 ? 0 : errno;
	case HF_HANDS_MARK:
		return mark_file_of(m) == 0 ? 0 : errno;
	case HF_HANDS_GIVE:
		return give_file_of(m) == 0 ? 0 : errno;
	case HF_HANDS_PROGRAMS:
	case HF_HANDS_NETWORK:
	case HF_HANDS_PLACE:
		return try_as_told(hands, m) ? 0 : EINVAL;
	case HF_HANDS_WORDS:
		break;
	}
	return EINVAL;
}

static void obey_order(struct hands *hands, int *client)
{
	struct hf_hands_message m;
	hf_auto_fd int group = -1;

	if (hf_hands_receive(*client, &m, 0) != HF_OK) {
		hf_fd_close(client);
		return;
	}
	m.error = do_order(hands, &m, &group);
	if (m.word < HF_HANDS_PROGRAMS || m.error != 0)
		m.len = 0;
	for (size_t i = 0; i < m.n_fds; i++)
		hf_fd_close(&m.fds[i]);
	m.n_fds = group >= 0;
	m.fds[0] = group;
	if (hf_hands_send(*client, &m, ANSWER_MS) != HF_OK)
		hf_fd_close(client);
}

static void welcome_asker(struct hands *hands)
{
	hf_auto_fd int fd = -1;
	hf_user uid;

	if (hf_sock_accept(hands->listener, &fd, &uid, NULL) != HF_OK || uid != 0)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (hands->clients[i] < 0) {
			hands->clients[i] = hf_steal_fd(&fd);
			hands->came = true;
			return;
		}
	}
}

static bool all_have_left(const struct hands *hands)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (hands->clients[i] >= 0)
			return false;
	}
	return hands->came;
}

/* False: nobody has asked for a while, or is there to ask. */
static bool serve_hands(struct hands *hands)
{
	struct pollfd polls[1 + CLIENTS_MAX] = {{.fd = hands->listener, .events = POLLIN}};
	int n;

	for (size_t i = 0; i < CLIENTS_MAX; i++)
		polls[1 + i] = (struct pollfd){.fd = hands->clients[i], .events = POLLIN};
	n = poll(polls, 1 + CLIENTS_MAX, IDLE_MS);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	if (n == 0)
		return false;
	for (size_t i = 0; n > 0 && i < CLIENTS_MAX; i++) {
		if (polls[1 + i].fd >= 0 && polls[1 + i].revents)
			obey_order(hands, &hands->clients[i]);
	}
	if (n > 0 && polls[0].revents)
		welcome_asker(hands);
	return !all_have_left(hands);
}

int hf_hands_main(const struct hf_hands_trial *trials, size_t n)
{
	struct hands hands = {.listener = -1, .trials = trials, .n_trials = n};

	if (!hf_notify_handed("listen", &hands.listener) || !hf_outlive_listens(hands.listener)) {
		fprintf(stderr, "The agent's hands are started by the service manager alone.\n");
		return 2;
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		hands.clients[i] = -1;
	(void)!hf_notify(HF_NOTIFY_READY, NULL);
	while (serve_hands(&hands))
		continue;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		hf_fd_close(&hands.clients[i]);
	hf_fd_close(&hands.listener);
	return 0;
}
