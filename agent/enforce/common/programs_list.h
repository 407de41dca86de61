/* SPDX-License-Identifier: MIT */
/*
 * programs_list.h - from the paths of a plan to the files that are there now, and for whom each is open
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_PROGRAMS_LIST_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_PROGRAMS_LIST_H

#include <holdfast/user.h>

#include "agent/enforce/common/file_rules.h"
#include "agent/enforce/enforce.h"
#include "agent/machine/procs.h"

/* One path of a plan: a file, or a folder of which every file is meant. */
struct hf_listed {
	char path[HF_FILE_PATH_SIZE];
	uint64_t tool; /* hf_attempt_tool */
	hf_user open_for[HF_PAIRS_MAX];
	size_t n_open_for;
};

/* A copy of what a plan says about programs. Start it zeroed. */
struct hf_programs_list {
	struct hf_listed *v;
	size_t n;
};

/* Files that must never be marked: without them the agent, its fence or its link could not start any more. */
struct hf_guarded {
	struct hf_file_id id;
	char *path; /* without links */
};

struct hf_programs_guard {
	struct hf_guarded *v;
	size_t n;
};

/* What the paths lead to now. Start it zeroed. */
struct hf_programs_found {
	struct hf_file_rule *v;
	size_t n;
	size_t room;
	char trouble[HF_SAW_MAX + 1]; /* which path is not blocked, or not whole, and why; "" when all are */
};

/*
 * hf_programs_list_take - copy the paths of a plan
 *
 * @list     what was in it is freed; untouched unless HF_OK
 * Owner     hf_programs_list_done
 * Returns   HF_OK; HF_E_SIZE too many or too long; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_programs_list_take(struct hf_programs_list *list, const struct hf_plan *plan,
					      struct hf_err *err);

/*
 * hf_programs_list_of - the listing that a path comes from: its own, or that of a folder above it
 *
 * Owner     belongs to the list
 * Returns   NULL when it is not listed
 */
const struct hf_listed *hf_programs_list_of(const struct hf_programs_list *list, const char *path);

/*
 * hf_programs_find - the files that the listed paths lead to, through links, and those below the folders among them
 *
 * A file that several paths lead to is open for those alone for whom all of them are. A folder that belongs to many
 * programs, or holds files that the agent needs, is left alone; of one that is too big the first files are taken.
 * @guard    may be empty
 * @ret_found  untouched unless HF_OK
 * Owner     the caller's, to hf_programs_found_done
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_programs_find(const struct hf_programs_list *list, const struct hf_programs_guard *guard,
					 struct hf_programs_found *ret_found, struct hf_err *err);

/*
 * hf_programs_keep_old - what to do with files that have rules and are not found any more
 *
 * One whose path is still listed was replaced by an upgrade: it stays shut. Any other is opened for all. Where there
 * is no room for all of them the rest has no rule any more: a marked file without a rule is shut for all but root.
 * @found    gets the rules of old that it does not have
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_programs_keep_old(struct hf_programs_found *found, const struct hf_programs_list *list,
					     const struct hf_file_rules *old, struct hf_err *err);

/*
 * hf_programs_guard_make - the program and the libraries that this process runs with, and the programs beside it
 *
 * @self     path of the agent's program; "" for none
 * @ret_guard  untouched unless HF_OK
 * Owner     the caller's, to hf_programs_guard_done
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_programs_guard_make(const char *self, struct hf_programs_guard *ret_guard,
					       struct hf_err *err);

/*
 * hf_programs_list_done, hf_programs_found_done, hf_programs_guard_done - free and zero
 */
void hf_programs_list_done(struct hf_programs_list *list);
void hf_programs_found_done(struct hf_programs_found *found);
void hf_programs_guard_done(struct hf_programs_guard *guard);

#endif
