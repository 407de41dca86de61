/* SPDX-License-Identifier: MIT */
/*
 * cleared.h - running processes in which nothing listed was found: they need no second look
 *
 * It holds only beside openers.h, which tells when one of them opens something that is listed.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_RUNNING_CLEARED_H
#define HOLDFAST_AGENT_ENFORCE_RUNNING_CLEARED_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/enforce/common/programs_list.h"

/* One process, and the number of its entry in /proc (hf_procs_each_entry). */
struct hf_cleared_proc {
	struct hf_proc proc;
	uint64_t entry;
};

struct hf_cleared_list {
	struct hf_cleared_proc *v;
	size_t n, room;
};

/* One file that was looked for. The number of one that was removed is given to another, which changed later. */
struct hf_cleared_file {
	struct hf_file_id id;
	int64_t changed_ns; /* 0: it is not at its path any more */
};

/* What was looked for: files in order of what they are, and the paths that were listed. */
struct hf_cleared_for {
	struct hf_cleared_file *files;
	char **paths;
	size_t n_files, n_paths;
};

/* Start it zeroed. */
struct hf_cleared {
	struct hf_cleared_list known; /* by the last look, in order of their numbers */
	struct hf_cleared_list now;   /* by the one that is going on */
	struct hf_cleared_for what;   /* that was in none of them */
};

/*
 * hf_cleared_look_for - this is looked for from now on: who was clear of more is clear of it, and of anything else nobody
 *
 * Without memory nobody is clear, now and at the next time.
 * @rules    of these files; @list of these paths
 * Source    policy D9.2
 */
void hf_cleared_look_for(struct hf_cleared *cleared, const struct hf_file_rules *rules, const struct hf_programs_list *list);

/*
 * hf_cleared_has - was it clear at the last look
 */
bool hf_cleared_has(const struct hf_cleared *cleared, const struct hf_proc *proc);

/*
 * hf_cleared_start - the start of a process that was clear at the last look, without a look at it
 *
 * @entry    0: it is not known by it
 * Returns   true; false when it was not clear, or has to be looked at to know which one it is
 */
bool hf_cleared_start(const struct hf_cleared *cleared, pid_t pid, uint64_t entry, uint64_t *ret_start);

/*
 * hf_cleared_note - it is clear at the look that goes on; without memory it is looked at again
 */
void hf_cleared_note(struct hf_cleared *cleared, const struct hf_proc *proc, uint64_t entry);

/*
 * hf_cleared_turn - that look has ended: what it noted is what is known; all others are forgotten
 */
void hf_cleared_turn(struct hf_cleared *cleared);

/*
 * hf_cleared_forget - nobody is clear: what is listed has changed, or somebody's opening may have been missed
 */
void hf_cleared_forget(struct hf_cleared *cleared);

/*
 * hf_cleared_done - free and zero
 */
void hf_cleared_done(struct hf_cleared *cleared);

#endif
