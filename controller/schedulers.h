/* SPDX-License-Identifier: MIT */
/*
 * schedulers.h - schedulers that have an interface: what is to be paused there, what we hold, and how it stands
 *
 * holdfast-notify has their keys and does it; here stands what may be done, and on the record what was.
 */
#ifndef HOLDFAST_CONTROLLER_SCHEDULERS_H
#define HOLDFAST_CONTROLLER_SCHEDULERS_H

#include "controller/controller.h"

/* What is to be done with what an account has scheduled. */
enum hf_scheduler_want { HF_WANT_NOTHING, HF_WANT_PAUSE, HF_WANT_RESUME };

/*
 * hf_schedulers_start - read their names from the settings
 *
 * Returns   HF_OK; HF_E_SHAPE
 * Source    holdfastd(8) "notify.schedulers"
 */
HF_NODISCARD enum hf_rc hf_schedulers_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_schedulers_work - what is to be done in one now
 *
 * What people have said is done by hand is held by us no more, and that is recorded.
 * @ret      [{"account", "channel", "want": "pause"|"resume", "held": [post...]}...]; a new reference, the caller's
 * Owner     see ret
 * Returns   HF_OK; HF_E_ABSENT no such scheduler is in the settings; HF_E_MEMORY
 * Source    policy D4.1; controller/API.md "Schedulers"
 */
HF_NODISCARD enum hf_rc hf_schedulers_work(struct hf_controller *c, const char *name, json_t **ret, struct hf_err *err);

/* A word on posts of an account. Borrowed. */
struct hf_scheduler_word {
	const char *name, *account;
	const json_t *posts; /* what the scheduler calls them */
	bool back;	     /* of those that are let go: they are scheduled again; else they are left as drafts */
};

/*
 * hf_schedulers_hold - record that these are about to become drafts, if that is still wanted
 *
 * Recorded before the first byte goes out: what is on the record is put back, and nothing else ever is.
 * Returns   HF_OK; HF_E_MISMATCH the account is not to be paused any more; as hf_own_record
 */
HF_NODISCARD enum hf_rc hf_schedulers_hold(struct hf_controller *c, const struct hf_scheduler_word *word,
					   struct hf_err *err);

/*
 * hf_schedulers_may_resume - may posts of this account be scheduled again now
 *
 * Returns   HF_OK; HF_E_MISMATCH
 */
HF_NODISCARD enum hf_rc hf_schedulers_may_resume(struct hf_controller *c, const struct hf_scheduler_word *word,
						 struct hf_err *err);

/*
 * hf_schedulers_free - record that these are held no more
 *
 * Returns   HF_OK; as hf_own_record
 */
HF_NODISCARD enum hf_rc hf_schedulers_free(struct hf_controller *c, const struct hf_scheduler_word *word,
					   struct hf_err *err);

/* How an account was seen to stand, when it was read back. */
struct hf_scheduler_stand {
	int64_t queued; /* posts that are still to go out */
	int64_t held;	/* that we hold, and that are seen to be drafts */
	struct hf_wall next; /* when the first of the queued is due */
	bool whole;	     /* all that it has was looked at */
};

/*
 * hf_schedulers_stand - how one account stands; an item of a checklist that is so done is ticked
 *
 * Returns   HF_OK; HF_E_MISMATCH nothing is to be done there; as hf_checks_say
 * Source    controller/API.md "Schedulers"
 */
HF_NODISCARD enum hf_rc hf_schedulers_stand(struct hf_controller *c, const struct hf_scheduler_word *word,
					    const struct hf_scheduler_stand *stand, struct hf_err *err);

/*
 * hf_schedulers_trouble - why one cannot be reached, or used
 *
 * @why      "": it can
 * Returns   HF_OK; HF_E_ABSENT no such scheduler
 */
HF_NODISCARD enum hf_rc hf_schedulers_trouble(struct hf_controller *c, const char *name, const char *why,
					      struct hf_err *err);

/*
 * hf_schedulers_show - how it stands with an account whose scheduler is paused by its interface
 *
 * Owner     a new reference, the caller's
 * Returns   {"held", "back", "left", "queued", "next", "why"}; null: by hand; NULL no memory
 * Source    controller/API.md "Checklists"
 */
json_t *hf_schedulers_show(const struct hf_controller *c, const char *account);

/*
 * hf_schedulers_say - what of it people must know at once
 *
 * @list     of attention
 */
void hf_schedulers_say(const struct hf_controller *c, const struct hf_lockdowns *lockdowns, json_t *list);

#endif
