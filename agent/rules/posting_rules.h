/* SPDX-License-Identifier: MIT */
/*
 * posting_rules.h - may this person open a posting window now, or say what came of it; pure
 */
#ifndef HOLDFAST_AGENT_RULES_POSTING_RULES_H
#define HOLDFAST_AGENT_RULES_POSTING_RULES_H

#include "agent/rules/posting_windows.h"

/* Everything that decides about one account for one person. Borrowed. */
struct hf_posting_ask {
	const char *name;   /* of the account, as it was asked for */
	const char *person; /* NULL: nobody of this device */
	const char *device; /* this one */
	const struct hf_trust *trust; /* for the names of people; NULL: ids */
	const struct hf_posture *posture;
	const struct hf_account_posture *account; /* NULL: no such account */
	const struct hf_posting_window *window;	  /* NULL: none was taken here */
	const struct hf_claim *claim;		  /* NULL: the council's record says nothing */
	const char *had_by; /* another person who had the window of this very text; NULL: nobody */
	bool granted;	    /* as hf_window_granted says */
};

/*
 * hf_posting_may_open - may a window be taken, or one that is claimed here be opened
 *
 * Only by the named poster of a holding message that is in force, whom something is shut for, once for each text, on one
 * device; and not more often than the approvals of the message give.
 * Returns   HF_OK; HF_E_STRANGER, HF_E_ABSENT, HF_E_PENDING, HF_E_ROLE, HF_E_USAGE (no window is needed), HF_E_ROLLBACK
 *           (used already), HF_E_DEVICE (another device has it), each with a sentence that says what to do
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_posting_may_open(const struct hf_posting_ask *ask, struct hf_err *err);

/*
 * hf_posting_may_say - may this person say that it is posted, or that they cannot
 *
 * Posted: after a window was open here, or without one by whom nothing is shut for. Cannot: at any time before.
 * @state    HF_POSTING_POSTED or HF_POSTING_CANNOT; the same again is HF_OK
 * Returns   as hf_posting_may_open
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_posting_may_say(const struct hf_posting_ask *ask, enum hf_posting_state state,
					   struct hf_err *err);

#endif
