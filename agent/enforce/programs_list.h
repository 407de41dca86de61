/* SPDX-License-Identifier: MIT */
/*
 * programs_list.h - from the paths of a plan to the files that are there now, and for whom each is open
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_LIST_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_LIST_H

#include "enforce.h"
#include "fence_rules.h"
#include "procs.h"

/* One path of a plan. */
struct hf_listed {
	char path[HF_FENCE_PATH_SIZE];
	uid_t open_for[HF_DEVICE_PEOPLE_MAX];
	size_t n_open_for;
};

/* A copy of what a plan says about programs. Start it zeroed. */
struct hf_programs_list {
	struct hf_listed *v;
	size_t n;
};

/* Files that must never be marked: the agent could not start its fence any more. */
struct hf_programs_guard {
	struct hf_file_id *v;
	size_t n;
};

/* What the paths lead to now. Start it zeroed. */
struct hf_programs_found {
	struct hf_fence_rule *v;
	size_t n;
	const char *guarded; /* a path that is not blocked because the agent itself needs that file; NULL: none */
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
 * hf_programs_list_has - is this path listed
 *
 * Owner     nothing is kept
 * Returns   true or false
 * Source    -
 */
bool hf_programs_list_has(const struct hf_programs_list *list, const char *path);

/*
 * hf_programs_find - the files that the listed paths lead to, through links
 *
 * A file that several paths lead to is open for those alone for whom all of them are.
 * @guard    may be empty
 * @ret_found  to hf_programs_found_done; untouched unless HF_OK
 * Owner     see ret_found; guarded belongs to the list
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_programs_find(const struct hf_programs_list *list, const struct hf_programs_guard *guard,
					 struct hf_programs_found *ret_found, struct hf_err *err);

/*
 * hf_programs_keep_old - what to do with files that have rules and are not found any more
 *
 * One whose path is still listed was replaced by an upgrade: it stays shut. Any other is opened for all.
 * @found    gets the rules of old that it does not have
 * Owner     -
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_programs_keep_old(struct hf_programs_found *found, const struct hf_programs_list *list,
					     const struct hf_fence_rules *old, struct hf_err *err);

/*
 * hf_programs_guard_make - the program and the libraries that this process runs with
 *
 * @ret_guard  v is the caller's to free; untouched unless HF_OK
 * Owner     see ret_guard
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    -
 */
HF_NODISCARD enum hf_rc hf_programs_guard_make(struct hf_programs_guard *ret_guard, struct hf_err *err);

/*
 * hf_programs_list_done, hf_programs_found_done - free and zero
 *
 * Owner     ends
 * Returns   nothing
 * Source    -
 */
void hf_programs_list_done(struct hf_programs_list *list);
void hf_programs_found_done(struct hf_programs_found *found);

#endif
