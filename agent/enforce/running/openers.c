/* SPDX-License-Identifier: MIT */
/*
 * Owns the memory of who opened a listed file.
 * Must never make anybody wait for the answer, nor grow with what anybody does.
 */
#include "agent/enforce/running/openers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/rows.h>

#define TURNS 64 /* of one buffer each; what is told beyond that is read with the next turn of the loop */

static bool runs_still(const struct hf_proc *proc)
{
	uint64_t start;
	return hf_proc_start(proc->pid, &start) == HF_OK && start == proc->start;
}

static bool is_known(const struct hf_openers *openers, const struct hf_opener *opener)
{
	for (size_t i = 0; i < openers->n; i++) {
		const struct hf_opener *o = &openers->v[i];
		if (o->proc.pid == opener->proc.pid && o->proc.start == opener->proc.start &&
		    o->file.dev == opener->file.dev && o->file.ino == opener->file.ino)
			return true;
	}
	return false;
}

static void make_room(struct hf_openers *openers)
{
	size_t kept = 0;
	for (size_t i = 0; i < openers->n; i++)
		if (runs_still(&openers->v[i].proc))
			openers->v[kept++] = openers->v[i];
	openers->n = kept;
	if (openers->n < HF_OPENERS_MAX)
		return;
	openers->missed++;
	openers->n--;
	memmove(openers->v, openers->v + 1, openers->n * sizeof(*openers->v));
}

void hf_openers_hear(struct hf_openers *openers, pid_t pid, const struct hf_file_id *file)
{
	struct hf_opener opener = {.proc.pid = pid, .file = *file};
	if (hf_proc_start(pid, &opener.proc.start) != HF_OK || is_known(openers, &opener))
		return;
	if (openers->n == HF_OPENERS_MAX)
		make_room(openers);
	if (hf_rows_reserve(&openers->v, &openers->room, openers->n + 1, sizeof(*openers->v)) == HF_OK)
		openers->v[openers->n++] = opener;
	else
		openers->missed++;
}

const struct hf_file_id *hf_openers_next(const struct hf_openers *openers, pid_t pid, size_t *at)
{
	while (*at < openers->n) {
		const struct hf_opener *opener = &openers->v[(*at)++];
		if (opener->proc.pid == pid && runs_still(&opener->proc))
			return &opener->file;
	}
	return NULL;
}

static void hear_event(struct hf_openers *openers, const struct fanotify_event_metadata *event)
{
	hf_auto_fd int fd = event->fd;
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0)
		openers->missed++; /* also when there were more than the kernel keeps */
	else if (event->pid > 0 && event->pid != getpid())
		hf_openers_hear(openers, event->pid, &(struct hf_file_id){.dev = st.st_dev, .ino = st.st_ino});
}

void hf_openers_drain(struct hf_openers *openers)
{
	_Alignas(struct fanotify_event_metadata) char buf[4096];
	for (int turn = 0; openers->group >= 0 && turn < TURNS; turn++) {
		ssize_t len = read(openers->group, buf, sizeof(buf));
		if (len <= 0)
			return;
		const struct fanotify_event_metadata *event = (const struct fanotify_event_metadata *)buf;
		for (; FAN_EVENT_OK(event, len); event = FAN_EVENT_NEXT(event, len))
			hear_event(openers, event);
	}
}

static void on_opened(void *arg, uint32_t events)
{
	(void)events;
	hf_openers_drain(arg);
}

enum hf_rc hf_openers_open(struct hf_openers *openers, struct hf_loop *loop, struct hf_hands *hands, struct hf_err *err)
{
	*openers = (struct hf_openers){.group = -1, .hands = hands};
	openers->group = hf_watch_group(hands, FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY | O_CLOEXEC);
	if (openers->group >= 0 && hf_loop_add_fd(loop, openers->group, on_opened, openers, &openers->watch) == HF_OK)
		return HF_OK;
	hf_fd_close(&openers->group);
	return hf_err_set(err, HF_E_SYSTEM, "Who opens listed programs cannot be seen on this machine: %m");
}

bool hf_openers_mark(const struct hf_openers *openers, const struct hf_programs_found *found)
{
	bool all = openers->group >= 0;
	for (size_t i = 0; openers->group >= 0 && i < found->n; i++) {
		if (hf_watch_mark(openers->hands, openers->group, FAN_MARK_ADD, FAN_OPEN, found->v[i].path) != 0)
			all = all && errno == ENOENT;
	}
	return all;
}

void hf_openers_close(struct hf_openers *openers)
{
	hf_watch_remove(&openers->watch);
	hf_fd_close(&openers->group);
	free(openers->v);
	*openers = (struct hf_openers){.group = -1};
}
