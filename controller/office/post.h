/* SPDX-License-Identifier: MIT */
/*
 * post.h - what is posted is recorded, or is not, or it is said that nobody knows: never a guess
 *
 * Where the controller's answer is lost, or says that nobody can tell, it is asked by the digest, until it says which.
 */
#ifndef HOLDFAST_OFFICE_POST_H
#define HOLDFAST_OFFICE_POST_H

#include "controller/office/client.h"

/* How often it is asked, how long after one answer, and for how long: one that takes no question is waited for each time. */
struct hf_patience {
	size_t most;
	int every_ms;
	int64_t most_ms;
};

/*
 * hf_post - post an envelope with its approvals, and know what became of it
 *
 * @ret      "outcome" and "reason" at least; a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK it is recorded, or waits with all approvals that were posted; HF_E_ABSENT it is certainly not, or was
 *           never sent; HF_E_UNSURE the controller does not answer any more; as hf_client_post
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_post(const struct hf_office *office, const struct hf_envelope *envelope, json_t **ret,
				struct hf_err *err);

/*
 * hf_post_proofs - post proofs of assignments; where the answer is lost they are posted again, for that changes nothing
 *
 * @proofs   borrowed
 * Owner     as hf_client_post_proofs
 * Returns   as hf_client_post_proofs
 * Source    controller/API.md "POST /v1/proofs"
 */
HF_NODISCARD enum hf_rc hf_post_proofs(const struct hf_office *office, const json_t *proofs, json_t **ret,
				       struct hf_err *err);

/*
 * hf_post_look - what became of an envelope that was posted
 *
 * @patience  what hf_post has is a minute
 * Owner     as hf_post
 * Returns   as hf_post
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_post_look(const struct hf_office *office, const struct hf_envelope *envelope,
				     const struct hf_patience *patience, json_t **ret, struct hf_err *err);

#endif
