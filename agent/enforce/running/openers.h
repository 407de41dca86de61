/* SPDX-License-Identifier: MIT */
/*
 * openers.h - which running processes have opened a listed file, whatever they call themselves
 *
 * A mark that only tells stands on all files that may have to be shut one day; it makes nobody wait. So an interpreter
 * under another name, or one that the loader was given, is known when a lockdown comes.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_RUNNING_OPENERS_H
#define HOLDFAST_AGENT_ENFORCE_RUNNING_OPENERS_H

#include <holdfast/loop.h>

#include "agent/enforce/common/hands.h"
#include "agent/enforce/common/programs_list.h"

#define HF_OPENERS_MAX 4096 /* far more than one device runs of listed programs; the oldest make room */

/* One process that opened one file. */
struct hf_opener {
	struct hf_proc proc;
	struct hf_file_id file;
};

/* Start it zeroed but for the group, which is -1. */
struct hf_openers {
	int group; /* fanotify; -1: this machine's kernel does not tell, and nobody is known */
	struct hf_hands *hands; /* borrowed */
	struct hf_watch *watch;
	struct hf_opener *v; /* in the order in which they came */
	size_t n, room;
	size_t missed; /* times that somebody may have opened one of them and is not known for it */
};

/*
 * hf_openers_open - begin to listen, with no file yet
 *
 * @openers  stays where it is until hf_openers_close
 * @hands    see hf_watch_group
 * Owner     the caller's, to hf_openers_close
 * Returns   HF_OK; HF_E_SYSTEM the kernel does not tell
 * Source    fanotify(7)
 */
HF_NODISCARD enum hf_rc hf_openers_open(struct hf_openers *openers, struct hf_loop *loop, struct hf_hands *hands,
					struct hf_err *err);

/*
 * hf_openers_mark - tell who opens these files too; a file that has gone is passed over
 *
 * Returns   true; false when somebody may open one of them and it is not told
 * Source    fanotify_mark(2)
 */
bool hf_openers_mark(const struct hf_openers *openers, const struct hf_programs_found *found);

/*
 * hf_openers_hear - one process opened one file: remembered once, with the start of the process
 *
 * Of more than HF_OPENERS_MAX those go first that do not run any more, then the oldest.
 */
void hf_openers_hear(struct hf_openers *openers, pid_t pid, const struct hf_file_id *file);

/*
 * hf_openers_next - a file that this process opened, after so many
 *
 * @at       0 at first; moved on
 * Owner     belongs to openers, until the next call of any of these
 * Returns   NULL when there is no more, or when the number is another process's by now
 */
const struct hf_file_id *hf_openers_next(const struct hf_openers *openers, pid_t pid, size_t *at);

/*
 * hf_openers_drain - hear what has been told and was not read yet
 */
void hf_openers_drain(struct hf_openers *openers);

/*
 * hf_openers_close - listen no more, and forget
 */
void hf_openers_close(struct hf_openers *openers);

#endif
