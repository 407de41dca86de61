/* SPDX-License-Identifier: MIT */
/*
 * Owns the answer to who is logged in at this device.
 * Must never take a user for absent who has a session, a terminal or a browser.
 */
#include "agent/machine/presence.h"

#include <dirent.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <utmpx.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/machine/browsers.h"
#include "agent/machine/logins.h"
#include "agent/machine/proc_paths.h"
#include "agent/machine/procs.h"

#define SESSIONS "/run/systemd/users"
#define SESSION_MAX 65536
#define EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE)

struct hf_presence {
	int fd;
	struct hf_watch *watch;
	void (*fn)(void *arg);
	void *arg;
};

bool hf_session_open(const char *text)
{
	static const char *const open[] = {"STATE=active\n", "STATE=online\n", "STATE=opening\n"};

	for (size_t i = 0; i < HF_LEN(open); i++) {
		const char *at = strstr(text, open[i]);

		if (at && (at == text || at[-1] == '\n'))
			return true;
	}
	return false;
}

static void add_sessions(struct hf_present *here)
{
	DIR *folder = opendir(SESSIONS);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[sizeof(SESSIONS) + sizeof(entry->d_name) + 1];
		hf_auto_free char *text = NULL;
		char *end = NULL;
		unsigned long uid = strtoul(entry->d_name, &end, 10);
		size_t len;

		if (end == entry->d_name || *end ||
		    hf_str_printf(path, sizeof(path), SESSIONS "/%s", entry->d_name) != HF_OK ||
		    hf_fs_read(path, SESSION_MAX, &text, &len, NULL) != HF_OK)
			continue;
		if (hf_session_open(text))
			hf_present_add(here, (uid_t)uid);
	}
	if (folder)
		closedir(folder);
}

/* A session that ended without a word leaves its line in utmp. */
static void add_utmp(struct hf_present *here)
{
	const struct utmpx *line;

	setutxent();
	while ((line = getutxent())) {
		char name[sizeof(line->ut_user) + 1];
		uid_t uid;

		if (line->ut_type != USER_PROCESS || (line->ut_pid > 0 && kill(line->ut_pid, 0) != 0))
			continue;
		memcpy(name, line->ut_user, sizeof(line->ut_user));
		name[sizeof(line->ut_user)] = '\0';
		if (hf_login_uid(name, &uid))
			hf_present_add(here, uid);
		else
			here->more = true; /* somebody is here, and it cannot be known who */
	}
	endutxent();
}

static bool has_terminal(pid_t pid)
{
	char stat[HF_PROC_TEXT_SIZE];
	const char *at = hf_proc_text(pid, "stat", stat, sizeof(stat), NULL) == HF_OK ? strrchr(stat, ')') : NULL;
	int terminal = 0;

	/* Behind the name: state, parent, group, session, terminal. */
	return at && sscanf(at, ") %*c %*d %*d %*d %d", &terminal) == 1 && terminal != 0;
}

static void add_owner(void *arg, pid_t pid, const char *exe)
{
	struct hf_present *here = arg;
	uid_t ids[4];

	if (hf_proc_ids(pid, ids) != HF_OK || ids[0] == 0)
		return;
	if (has_terminal(pid) || hf_browser_runs(pid, exe) || hf_any_firefox_runs(pid, exe))
		hf_present_add(here, ids[0]);
}

void hf_presence_find(struct hf_present *ret_here)
{
	memset(ret_here, 0, sizeof(*ret_here));
	add_sessions(ret_here);
	add_utmp(ret_here);
	/* Without /proc nobody can be seen to be alone here. */
	if (hf_proc_paths_each(add_owner, ret_here, NULL) != HF_OK)
		ret_here->more = true;
}

static void on_session(void *arg, uint32_t events)
{
	struct hf_presence *p = arg;
	char buf[4096];

	(void)events;
	while (read(p->fd, buf, sizeof(buf)) > 0)
		continue;
	p->fn(p->arg);
}

enum hf_rc hf_presence_watch(struct hf_loop *loop, void (*fn)(void *arg), void *arg, struct hf_presence **ret)
{
	struct hf_presence *p = calloc(1, sizeof(*p));
	enum hf_rc rc = HF_OK;

	if (!p)
		return HF_E_MEMORY;
	*p = (struct hf_presence){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .fn = fn, .arg = arg};
	if (p->fd < 0)
		rc = HF_E_SYSTEM;
	/* Neither has to be there: then each beat looks. */
	if (rc == HF_OK) {
		(void)inotify_add_watch(p->fd, SESSIONS, EVENTS);
		(void)inotify_add_watch(p->fd, _PATH_UTMP, IN_MODIFY | IN_CLOSE_WRITE);
		rc = hf_loop_add_fd(loop, p->fd, on_session, p, &p->watch);
	}
	if (rc != HF_OK) {
		hf_presence_free(&p);
		return rc;
	}
	*ret = p;
	return HF_OK;
}

void hf_presence_free(struct hf_presence **presence)
{
	struct hf_presence *p = *presence;

	if (!p)
		return;
	hf_watch_remove(&p->watch);
	hf_fd_close(&p->fd);
	free(p);
	*presence = NULL;
}
