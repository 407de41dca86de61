/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of programs that are being ended.
 * Must never signal a number: only the process that it was given.
 */
#include "agent/enforce/running/running_end.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/rows.h>

#define MS_PER_S 1000

static bool is_same(const struct hf_ending *ending, const struct hf_proc *proc)
{
	return ending->proc.pid == proc->pid && ending->proc.start == proc->start;
}

static bool is_over(const struct hf_ending *ending)
{
	struct pollfd p = {.fd = ending->pidfd, .events = POLLIN};
	return poll(&p, 1, 0) == 1;
}

static void drop_ending(struct hf_endings *endings, size_t i)
{
	hf_fd_close(&endings->v[i].pidfd);
	endings->v[i] = endings->v[--endings->n];
}

static enum hf_rc room_for_ending(struct hf_endings *endings)
{
	return endings->n >= HF_ENDINGS_MAX
		       ? HF_E_SIZE
		       : hf_rows_reserve(&endings->v, &endings->room, endings->n + 1, sizeof(*endings->v));
}

/* A pidfd opened before the look at the start time is that of the process that was meant. */
enum hf_rc hf_endings_add(struct hf_endings *endings, const struct hf_ending *ending)
{
	uint64_t start;
	for (size_t i = 0; i < endings->n; i++) {
		if (is_same(&endings->v[i], &ending->proc))
			return HF_OK;
	}
	hf_auto_fd int pidfd = (int)syscall(SYS_pidfd_open, ending->proc.pid, 0);
	if (pidfd < 0 || hf_proc_start(ending->proc.pid, &start) != HF_OK || start != ending->proc.start)
		return HF_E_ABSENT;
	enum hf_rc rc = room_for_ending(endings);
	if (rc != HF_OK)
		return rc;
	struct hf_ending *fresh = &endings->v[endings->n++];
	*fresh = *ending;
	fresh->asked = false;
	fresh->say = (struct hf_boot_ms){0};
	fresh->pidfd = hf_steal_fd(&pidfd);
	return HF_OK;
}

static int64_t left_ms(const struct hf_ending *ending, struct hf_boot_ms now)
{
	return ending->due.ms > now.ms ? ending->due.ms - now.ms : 0;
}

static int64_t in_seconds(int64_t ms)
{
	return (ms + MS_PER_S - 1) / MS_PER_S;
}

/* A program that was stopped must run to hear that it is to end. */
static void ask_to_end(struct hf_ending *ending)
{
	ending->asked = true;
	(void)syscall(SYS_pidfd_send_signal, ending->pidfd, SIGTERM, NULL, 0);
	(void)syscall(SYS_pidfd_send_signal, ending->pidfd, SIGCONT, NULL, 0);
}

static void tick_one(struct hf_ending *ending, struct hf_boot_ms now, hf_ending_fn say, void *arg)
{
	int64_t left = left_ms(ending, now);
	bool asks = left == 0 && !ending->asked;
	if (asks || (!ending->asked && now.ms >= ending->say.ms)) {
		ending->say.ms = now.ms + HF_ENDING_SAY_MS;
		say(arg, ending, in_seconds(left));
	}
	if (asks)
		ask_to_end(ending);
	else if (ending->asked && now.ms >= ending->due.ms + HF_ENDING_GRACE_MS)
		(void)syscall(SYS_pidfd_send_signal, ending->pidfd, SIGKILL, NULL, 0);
}

void hf_endings_tick(struct hf_endings *endings, struct hf_boot_ms now, hf_ending_fn say, void *arg)
{
	for (size_t i = endings->n; i-- > 0;) {
		if (is_over(&endings->v[i])) {
			endings->n_ended++;
			drop_ending(endings, i);
		} else {
			tick_one(&endings->v[i], now, say, arg);
		}
	}
}

void hf_endings_keep(struct hf_endings *endings, bool (*must_end)(void *arg, pid_t pid), void *arg)
{
	for (size_t i = endings->n; i-- > 0;) {
		struct hf_ending *ending = &endings->v[i];
		if (!is_over(ending) && !(must_end && must_end(arg, ending->proc.pid)))
			drop_ending(endings, i);
	}
}

void hf_endings_forget(struct hf_endings *endings, const struct hf_proc *proc)
{
	for (size_t i = endings->n; i-- > 0;) {
		if (is_same(&endings->v[i], proc))
			drop_ending(endings, i);
	}
}

int64_t hf_endings_left_s(const struct hf_endings *endings, struct hf_boot_ms now)
{
	int64_t least = endings->n > 0 ? left_ms(&endings->v[0], now) : 0;
	for (size_t i = 1; i < endings->n; i++) {
		int64_t left = left_ms(&endings->v[i], now);
		if (left < least)
			least = left;
	}
	return in_seconds(least);
}

void hf_endings_done(struct hf_endings *endings)
{
	while (endings->n > 0)
		drop_ending(endings, endings->n - 1);
	free(endings->v);
	*endings = (struct hf_endings){.v = NULL};
}
