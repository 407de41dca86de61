/* SPDX-License-Identifier: MIT */
/*
 * fence_link.h - the agent's end of the fence: find it, reach or start it, tell it, notice its death
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_LINK_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_LINK_H

#include <stdbool.h>

#include <holdfast/err.h>

#include "agent/enforce/common/file_rules.h"

struct hf_hands;

/* Both ends of what blocks: the agent holds the fanotify group too, so the death of either opens nothing. */
struct hf_fence_link {
	const char *socket; /* borrowed */
	const char *self;   /* borrowed: path of the agent's program */
	struct hf_hands *hands; /* borrowed: see hf_watch_group */
	int group;	    /* the fanotify group; -1: nothing is marked */
	int fd;		    /* connection to the fence; -1: none */
	int ears;	    /* another one, on which the fence says who was refused; -1: none */
	bool managed; /* the service manager listens there; then a note beside the socket says that one holds something
		       */
};

/*
 * hf_fence_find - take over from a fence that is there
 *
 * @link       socket and self are set; a group that is held is let go for that of the fence, which is the same one
 * @ret_rules  what is in force, none when this program cannot read them (a fence of another version); to
 *             hf_file_rules_done; untouched unless HF_OK
 * Owner     link's descriptors: hf_fence_leave
 * Returns   HF_OK; HF_E_ABSENT no fence is there that holds something; HF_E_SYSTEM one is there but is not root's, or
 *           does not answer
 * Source    policy D9.2: across restarts
 */
HF_NODISCARD enum hf_rc hf_fence_find(struct hf_fence_link *link, struct hf_file_rules *ret_rules, struct hf_err *err);

/*
 * hf_fence_was_there - did a fence hold something that has not been told to end
 *
 * Asked when none is found, since then all who held it have been ended.
 * Returns   true or false
 */
bool hf_fence_was_there(const struct hf_fence_link *link);

/*
 * hf_fence_forget - remove what a fence that was ended may have left
 *
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_fence_forget(const char *socket, struct hf_err *err);

/*
 * hf_fence_start - a fence for the group that is held, or for a new empty one: the service manager's where that listens
 * at the socket, or else a process that is no child of the agent and in no session of it
 *
 * Owner     as hf_fence_find
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_fence_start(struct hf_fence_link *link, struct hf_err *err);

/*
 * hf_fence_set - rules that hold from now on
 *
 * Owner     rules stay the caller's
 * Returns   HF_OK; HF_E_ABSENT the fence is dead or does not answer; HF_E_SYSTEM
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_fence_set(struct hf_fence_link *link, const struct hf_file_rules *rules, struct hf_err *err);

/*
 * hf_fence_replace - another fence in the place of one that does not understand this program
 *
 * The marks must be put again afterwards.
 * Owner     as hf_fence_find
 * Returns   as hf_fence_start
 * Source    policy D9.2: across upgrades
 */
HF_NODISCARD enum hf_rc hf_fence_replace(struct hf_fence_link *link, struct hf_err *err);

/*
 * hf_fence_listen - hear from now on who is refused; without it everything else works
 *
 * Owner     link's ears: hf_fence_leave
 * Returns   HF_OK; HF_E_ABSENT, HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_fence_listen(struct hf_fence_link *link, struct hf_err *err);

/*
 * hf_fence_end - end the fence and let go of the group: all marks are gone afterwards, also when it is dead or stuck
 *
 * Owner     link's descriptors end
 * Source    policy D9.3
 */
void hf_fence_end(struct hf_fence_link *link);

/*
 * hf_fence_leave - close the agent's descriptors; the fence goes on blocking
 */
void hf_fence_leave(struct hf_fence_link *link);

#endif
