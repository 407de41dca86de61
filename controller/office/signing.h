/* SPDX-License-Identifier: MIT */
/*
 * signing.h - who may approve a message, what that takes, and what became of it; without asking anybody
 */
#ifndef HOLDFAST_OFFICE_SIGNING_H
#define HOLDFAST_OFFICE_SIGNING_H

#include "controller/office/sentence.h"
#include "controller/office/weigh.h"

/* What the controller made of a message that was posted. */
struct hf_posted {
	bool recorded;	/* it is in force; else a draft */
	json_t *answer; /* {"digest", "type", "act", "mode", "outcome", "reason", "have", "need", ...} */
};

#define hf_auto_posted __attribute__((cleanup(hf_posted_done)))

/*
 * hf_signing_person - whose key this is
 *
 * @name     of the key, for people
 * @ret_person  belongs to the view's trust; untouched unless HF_OK
 * Returns   HF_OK; HF_E_STRANGER nobody's in the trust
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_signing_person(const struct hf_view *view, const struct hf_pub *pub, const char *name,
					  const struct hf_person **ret_person, struct hf_err *err);

/*
 * hf_signing_may - may this person approve this message
 *
 * Returns   HF_OK; HF_E_TOO_FEW approved by this person before; HF_E_ROLE this person's approval would not count
 * Source    proto/README.md "Approval"
 */
HF_NODISCARD enum hf_rc hf_signing_may(const struct hf_view *view, const struct hf_person *person,
				       const struct hf_weighed *weighed, struct hf_err *err);

/*
 * hf_signing_may_root - may whoever has this key sign this trust: a root of it, or of the trust that is in force
 *
 * @name     of the key, for people
 * Returns   HF_OK; HF_E_TOO_FEW it has signed already; HF_E_ROLE it is no root's, or this is no trust; reasons of the
 *           decoders
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_signing_may_root(const struct hf_view *view, const struct hf_envelope *envelope,
					    const struct hf_pub *pub, const char *name, struct hf_err *err);

/*
 * hf_signing_may_assign - may this person write an assignment; those who may only loosen one approve it afterwards
 *
 * Returns   as hf_signing_may
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_signing_may_assign(const struct hf_view *view, const struct hf_person *person,
					      struct hf_err *err);

/*
 * hf_signing_needs - how many of whom must approve it, and who has
 */
void hf_signing_needs(const struct hf_words *words, const struct hf_weighed *weighed);

/*
 * hf_signing_post - post a message with its approvals; the controller's word about it is compared with the law's
 *
 * @ret_posted  zeroed before; to hf_posted_done
 * Returns   HF_OK; reasons of hf_post
 * Source    controller/API.md "POST /v1/envelopes"
 */
HF_NODISCARD enum hf_rc hf_signing_post(const struct hf_view *view, const struct hf_envelope *envelope,
					const struct hf_weighed *weighed, struct hf_posted *ret_posted,
					struct hf_err *err);

/*
 * hf_signing_outcome - say whether it is in force, or who must approve it yet
 */
void hf_signing_outcome(const struct hf_words *words, const struct hf_weighed *weighed, const struct hf_posted *posted);

/*
 * hf_posted_done - free the answer, zero the struct
 */
void hf_posted_done(struct hf_posted *posted);

#endif
