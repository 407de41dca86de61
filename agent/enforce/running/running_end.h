/* SPDX-License-Identifier: MIT */
/*
 * running_end.h - programs that cannot be frozen: a countdown, a request to end, an end
 */
#ifndef HOLDFAST_AGENT_ENFORCE_RUNNING_RUNNING_END_H
#define HOLDFAST_AGENT_ENFORCE_RUNNING_RUNNING_END_H

#include <stdbool.h>

#include <holdfast/time.h>
#include <holdfast/user.h>

#include "agent/enforce/common/file_rules.h"
#include "agent/machine/procs.h"

#define HF_ENDINGS_MAX 1024	 /* processes; each takes a file descriptor of the agent's */
#define HF_ENDING_GRACE_MS 10000 /* from the request to the end: a program writes its drafts in far less */
#define HF_ENDING_SAY_MS 10000	 /* how often it is said how long is left; a window counts by itself between */

/* One process. */
struct hf_ending {
	struct hf_proc proc;
	int pidfd; /* stays with that process when its number is given to another one */
	hf_user uid;
	struct hf_boot_ms due; /* when it is asked to end */
	struct hf_boot_ms say; /* when it is said again */
	bool asked;
	char path[HF_FILE_PATH_SIZE]; /* what it runs, as it is listed */
};

/* Start it zeroed. */
struct hf_endings {
	struct hf_ending *v;
	size_t n, room;
	size_t n_ended; /* since the list was last empty of them */
};

/* Says how long one has left; 0: it has been asked to end. */
typedef void (*hf_ending_fn)(void *arg, const struct hf_ending *ending, int64_t left_s);

/*
 * hf_endings_add - begin the countdown of a process, unless it has begun
 *
 * @ending   its proc, uid, due and path are set; when the number belongs to another process now nothing happens
 * Owner     hf_endings_done
 * Returns   HF_OK; HF_E_ABSENT it is gone; HF_E_SIZE too many; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_endings_add(struct hf_endings *endings, const struct hf_ending *ending);

/*
 * hf_endings_tick - say what is to be said, ask those to end whose time is up, end those that did not
 *
 * @now      time since boot
 * Source    policy D9.2
 */
void hf_endings_tick(struct hf_endings *endings, struct hf_boot_ms now, hf_ending_fn say, void *arg);

/*
 * hf_endings_keep - forget those that need not end
 *
 * @must_end  is asked for each that still runs; NULL: none must
 * Source    policy D9.3
 */
void hf_endings_keep(struct hf_endings *endings, bool (*must_end)(void *arg, pid_t pid), void *arg);

/*
 * hf_endings_forget - this one was frozen after all
 */
void hf_endings_forget(struct hf_endings *endings, const struct hf_proc *proc);

/*
 * hf_endings_left_s - seconds until the first one is asked to end; 0 when there is none
 *
 * Returns   seconds, rounded up
 */
int64_t hf_endings_left_s(const struct hf_endings *endings, struct hf_boot_ms now);

/*
 * hf_endings_done - forget all; they run on
 */
void hf_endings_done(struct hf_endings *endings);

#endif
