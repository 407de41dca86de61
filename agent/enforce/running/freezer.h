/* SPDX-License-Identifier: MIT */
/*
 * freezer.h - running programs stopped where they stand, and put back where they were
 *
 * Programs whose control group only root may change are frozen inside it, in a group of their own: systemd goes on
 * knowing them, and ends them when their unit is stopped. Where their user may change it (all that his own service
 * manager runs) he could thaw them or move them out: they are moved into our slice, and a process keeps their place.
 * Whoever stops that unit ends them too.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_RUNNING_FREEZER_H
#define HOLDFAST_AGENT_ENFORCE_RUNNING_FREEZER_H

#include <holdfast/err.h>

#include "agent/enforce/common/hands.h"
#include "agent/machine/procs.h"

struct hf_freezer;

/* What a look at the frozen processes found. */
struct hf_freezer_saw {
	size_t n_held;	  /* processes in our groups, also those that are ended now as their unit was */
	size_t n_running; /* of these, in a group of which the kernel does not say yet that all of it stands still; and
			     one for each group whose last process is dying */
	size_t n_loose;	  /* of these, in a group that somebody had thawed */
};

/*
 * hf_freezer_open - find what an earlier life left frozen; freeze and thaw nothing
 *
 * @cgroup   folder of cgroup v2 below which our slice is made; "" for its mount point
 * @self     path of the agent's program; stays the caller's, and there
 * @hands    whose child a process is that keeps a place, where they are; stays the caller's, and there
 * @ret_freezer  untouched unless HF_OK
 * Owner     the caller's, to hf_freezer_close
 * Returns   HF_OK (also when there is no cgroup v2: then only holding fails); HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_freezer_open(const char *cgroup, const char *self, struct hf_hands *hands,
					struct hf_freezer **ret_freezer, struct hf_err *err);

/*
 * hf_freezer_news - can be read when a group that frozen programs came from has emptied: whoever hears it looks
 *
 * Owner     the freezer's
 * Returns   a descriptor; -1: the kernel does not tell
 * Source    inotify(7)
 */
int hf_freezer_news(const struct hf_freezer *freezer);

/*
 * hf_freezer_heard - it was read
 */
void hf_freezer_heard(struct hf_freezer *freezer);

/*
 * hf_freezer_hold - freeze one process as it stands, with all its threads
 *
 * @proc     when its number was given to another process meanwhile, nothing happens to that
 * Returns   HF_OK it is frozen (also when it was); HF_E_ABSENT it is gone; HF_E_SYSTEM
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_freezer_hold(struct hf_freezer *freezer, const struct hf_proc *proc, struct hf_err *err);

/*
 * hf_freezer_keep - put back each held process that need not be held any more, and freeze again what came loose
 *
 * A group that is empty afterwards is removed. Those whose unit was stopped are ended.
 * @must_hold  is asked for each process; NULL: none must be held
 * @ret_saw  what there is afterwards; n_loose: how many had come loose
 * Returns   HF_OK; HF_E_SYSTEM some could not be put back or frozen (those that could, were)
 * Source    policy D9.2, D9.3
 */
typedef bool (*hf_must_hold_fn)(void *arg, pid_t pid);
HF_NODISCARD enum hf_rc hf_freezer_keep(struct hf_freezer *freezer, hf_must_hold_fn must_hold, void *arg,
					struct hf_freezer_saw *ret_saw, struct hf_err *err);

/*
 * hf_freezer_has - is this process in one of our groups
 *
 * Returns   true or false
 */
bool hf_freezer_has(const struct hf_freezer *freezer, pid_t pid);

/*
 * hf_freezer_each - call fn for each process that is in our groups
 */
typedef void (*hf_held_fn)(void *arg, pid_t pid);
void hf_freezer_each(struct hf_freezer *freezer, hf_held_fn fn, void *arg);

/*
 * hf_freezer_close - free and set to NULL; what is frozen stays frozen; accepts NULL
 */
void hf_freezer_close(struct hf_freezer **freezer);

#endif
