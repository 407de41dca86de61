/* SPDX-License-Identifier: MIT */
/*
 * proposal.h - a trust that the roots are to sign, as a file that goes from stick to stick
 *
 * {"trusts": [envelope of each trust until now, epoch 1 first], "next": envelope, "documents": [envelope...]}. The file is
 * trusted with nothing: what it says is proved by what is in it, each time it is read.
 */
#ifndef HOLDFAST_OFFICE_PROPOSAL_H
#define HOLDFAST_OFFICE_PROPOSAL_H

#include "controller/office/council_view.h"
#include "controller/office/estate_root.h"
#include "controller/office/trust_effects.h"

struct hf_proposal {
	struct hf_view view; /* the chain, orders and register of the file: what the old trust says */
	struct hf_envelope *envelope;
	struct hf_trust *next;
	json_t *documents; /* envelopes: what is newly affirmed, and what it takes to say what that is */
	json_t *effects;   /* of hf_trust_effects */
	struct hf_estate_root estate; /* the assignments that next affirms by its root; none where it has no root */
};

#define hf_auto_proposal __attribute__((cleanup(hf_proposal_done)))

/*
 * hf_proposal_make - a proposal of what this view knows
 *
 * @doc      the payload of the next trust, taken over also on failure; what it affirms is written here
 * @affirming  its documents are borrowed
 * @ret      zeroed before; to hf_proposal_done, also after a failure
 * Returns   HF_OK; as hf_proposal_read
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_proposal_make(const struct hf_view *view, json_t *doc, const struct hf_affirming *affirming,
					 struct hf_proposal *ret, struct hf_err *err);

/*
 * hf_proposal_read - read a proposal, and prove what is in it
 *
 * The chain follows from its first trust, the next one follows it in all but signatures, and what it newly affirms is
 * enclosed and was approved by the trust before it.
 * @office   for warnings alone: nothing is asked of a controller
 * @ret      zeroed before; to hf_proposal_done, also after a failure
 * Returns   HF_OK; HF_E_ABSENT no such file; HF_E_SHAPE, HF_E_JSON it is no proposal; HF_E_MISMATCH what it affirms is
 *           not enclosed; HF_E_TOO_FEW ... the old trust did not approve it; reasons of hf_trust_open
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_proposal_read(const struct hf_office *office, const char *path, struct hf_proposal *ret,
					 struct hf_err *err);

/*
 * hf_proposal_write - write it to a file, in one
 *
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_proposal_write(const struct hf_proposal *proposal, const char *path, struct hf_err *err);

/*
 * hf_proposal_signed - have enough roots of both trusts signed it
 */
bool hf_proposal_signed(const struct hf_proposal *proposal);

/*
 * hf_proposal_affirms - is this digest affirmed by the next trust, and was not by the one before
 */
bool hf_proposal_affirms(const struct hf_proposal *proposal, const struct hf_digest *digest);

/*
 * hf_proposal_anchor - the digest of the first trust of its chain
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_proposal_anchor(const struct hf_proposal *proposal, struct hf_digest *ret,
					   struct hf_err *err);

/*
 * hf_proposal_knows - has this key signed a trust of the chain: then the chain goes back to what its owner has seen
 */
bool hf_proposal_knows(const struct hf_proposal *proposal, const struct hf_pub *pub);

/*
 * hf_proposal_done - free all, zero
 */
void hf_proposal_done(struct hf_proposal *proposal);

#endif
