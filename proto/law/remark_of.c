/* SPDX-License-Identifier: MIT */
/*
 * Owns whose remark on a draft a message is.
 * Must never let it count for more than one person, or for anything that is approved.
 */
#include <string.h>

#include "proto/law/law.h"

static enum hf_rc whose(const struct hf_trust *trust, const struct hf_envelope *envelope,
			const struct hf_person **ret_person, struct hf_err *err)
{
	struct hf_signers signers;

	hf_signers_find(trust, envelope, &signers);
	if (signers.n_signatures == 0)
		return hf_err_set(err, HF_E_UNSIGNED, "Nobody has signed this remark.");
	if (signers.n_people == 0 && signers.n_broken > 0)
		return hf_err_set(err, HF_E_SIGNATURE,
				  "A signature on this names an officer's key but was not made over these bytes.");
	if (signers.n_people == 0)
		return hf_err_set(err, signers.given_up ? HF_E_SIZE : HF_E_STRANGER,
				  "This remark is signed by no key of anybody in the trust.");
	if (signers.n_people > 1)
		return hf_err_set(err, HF_E_MISMATCH, "A remark is of one person, and this one has the signatures of %zu.",
				  signers.n_people);
	*ret_person = signers.people[0];
	return HF_OK;
}

enum hf_rc hf_remark_open(const struct hf_known *known, const struct hf_envelope *envelope,
			  struct hf_remark **ret_remark, const struct hf_person **ret_person, struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	const struct hf_person *person = NULL;
	enum hf_rc rc = whose(known->trust, envelope, &person, err);

	if (rc == HF_OK)
		rc = hf_remark_decode(envelope, &remark, err);
	if (rc != HF_OK)
		return rc;
	if (strcmp(known->council, remark->council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "This was made for another council, %s.", remark->council);
	*ret_remark = hf_steal_ptr(&remark);
	*ret_person = person;
	return HF_OK;
}
