/* SPDX-License-Identifier: MIT */
/*
 * programs_fence.h - the fence as the layer programs sees it: the files it is asked about, and what it answers
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_PROGRAMS_FENCE_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_PROGRAMS_FENCE_H

#include <holdfast/conf.h>
#include <holdfast/loop.h>

#include "agent/enforce/common/programs_list.h"
#include "agent/enforce/programs/fence/fence_link.h"

struct hf_fence_who;

struct hf_programs_fence {
	struct hf_loop *loop;
	struct hf_fence_link link;
	struct hf_hands *hands;	    /* borrowed: see hf_watch_group */
	struct hf_file_rules rules; /* what it holds */
	bool marked;		    /* all of these were, in this life; a probe looks whether they still are */
	struct hf_watch *watch, *ears_watch;
	char socket[HF_CONF_TEXT_SIZE];
	char self[HF_CONF_TEXT_SIZE];
	void (*lost)(void *arg); /* the process that answers had been ended */
	void (*hurt)(void *arg); /* one of the two had been, and was started again */
	void (*tried)(void *arg, const struct hf_fence_who *who, const char *path);
	void *arg;
};

/*
 * hf_programs_fence_open - nothing runs yet; hf_programs_fence_find - take over one that does;
 * hf_programs_fence_start - the same, or start one, with the rules that are held
 *
 * @fence    loop, socket, self, hands, the functions and arg are set
 * Owner     hf_programs_fence_close
 * Returns   HF_OK; HF_E_ABSENT none runs; HF_E_SYSTEM; HF_E_MEMORY
 */
void hf_programs_fence_open(struct hf_programs_fence *fence);
HF_NODISCARD enum hf_rc hf_programs_fence_find(struct hf_programs_fence *fence, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_programs_fence_start(struct hf_programs_fence *fence, struct hf_err *err);

/*
 * hf_programs_fence_put - these files are asked about, and no others; hf_programs_fence_mark - put back marks that are
 * missing
 *
 * Marks of files that are not listed go before their rules, rules come before marks: a marked file is never unknown.
 * @found      what the list leads to; files of before an upgrade are added
 * @ret_again  what is there is not what was there before: look once more
 * Returns     HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY; how many could not be marked
 * Source      policy D9.2
 */
HF_NODISCARD enum hf_rc hf_programs_fence_put(struct hf_programs_fence *fence, const struct hf_programs_list *list,
					      struct hf_programs_found *found, bool *ret_again, struct hf_err *err);
size_t hf_programs_fence_mark(struct hf_programs_fence *fence);

/*
 * hf_programs_fence_end - nobody is refused any more; hf_programs_fence_close - let go, what is shut stays shut
 *
 * Owner     what is returned, to hf_file_rules_done
 * Returns   the rules that it held
 * Source    policy D9.3
 */
struct hf_file_rules hf_programs_fence_end(struct hf_programs_fence *fence);
void hf_programs_fence_close(struct hf_programs_fence *fence);

#endif
