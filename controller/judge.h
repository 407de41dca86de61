/* SPDX-License-Identifier: MIT */
/*
 * judge.h - what is still missing for a posted envelope to be approved, by the same law as every device's
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_JUDGE_H
#define HOLDFAST_CONTROLLER_JUDGE_H

#include <holdfast/known.h>

#include "controller/estate/estate.h"

/* What everything posted is judged by. Borrowed. */
struct hf_bench {
	const struct hf_known *known;
	const struct hf_estate *estate;
};

/* One envelope judged. */
struct hf_judgement {
	enum hf_rc rc; /* HF_OK: approved; else the reason why not */
	bool may_wait; /* not enough yet, and somebody who may has signed: it can wait for more */
	bool affirmed; /* the trust itself approves it */
	bool loosens;  /* an assignment that one may approve, and that takes away what is in effect: two must */
	size_t have, need;
	struct hf_needs needs;	     /* of an order that could be compared with what it follows: its rules; else none */
	const struct hf_strs *roles; /* of the rule that is not met, or the last one; NULL for a trust: roots */
	const char *signed_by[HF_SIGNATURES_MAX]; /* people, each once, who may sign this; belongs to the trust */
	size_t n_signed_by;
	struct hf_order *order; /* NULL for other documents */
};

#define hf_auto_judgement __attribute__((cleanup(hf_judgement_done)))

/*
 * hf_judge - judge one envelope of type trust, register, assignment, order, recover or erase
 *
 * @ret_judgement  zeroed before; filled always; to hf_judgement_done
 * Owner     see there; points into the bench
 * Returns   the judgement's rc: HF_OK; reasons of the law; HF_E_TYPE a document that nobody approves;
 *           HF_E_KEY an assignment with the key of another device
 * Source    proto/README.md "Approval"
 */
enum hf_rc hf_judge(const struct hf_bench *bench, const struct hf_envelope *envelope,
		    struct hf_judgement *ret_judgement, struct hf_err *err);

/*
 * hf_judge_second - the assignment of this device that is recorded and waits for a second person
 *
 * It names somebody who is more than ordinary staff, and that is not so here until two approve it.
 * Returns   belongs to the device; NULL when there is none
 * Source    proto/README.md "Assignment"
 */
const struct hf_edition *hf_judge_second(const struct hf_bench *bench, const struct hf_device *device);

/*
 * hf_judge_has_say - has this person a role that counts for this document
 *
 * Of an order by the rules that it needs as things are; of an amendment whose raise or revision before is not here, by any
 * that it may come to need.
 * @judgement  of this envelope
 * Source    proto/README.md "Approval"
 */
bool hf_judge_has_say(const struct hf_bench *bench, const struct hf_envelope *envelope,
		      const struct hf_judgement *judgement, const struct hf_person *person);

/*
 * hf_judge_sift - take off the signatures of everybody who has no say in this document
 *
 * What is kept on disk is bounded by the people of the trust, not by who can reach the socket.
 * @judgement  of this envelope
 * Owner     the envelope stays the caller's
 * Source    proto/README.md "The join"
 */
void hf_judge_sift(const struct hf_bench *bench, const struct hf_judgement *judgement, struct hf_envelope *envelope);

/*
 * hf_judgement_done - free what it holds, zero it
 */
void hf_judgement_done(struct hf_judgement *judgement);

#endif
