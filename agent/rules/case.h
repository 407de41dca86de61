/* SPDX-License-Identifier: MIT */
/*
 * case.h - all that a decision about this device is made from, at one moment
 */
#ifndef HOLDFAST_AGENT_RULES_CASE_H
#define HOLDFAST_AGENT_RULES_CASE_H

#include <holdfast/known.h>
#include <holdfast/posture.h>

/* All that a decision is made from. Borrowed. */
struct hf_case {
	const struct hf_known *known;
	const struct hf_lockdowns *lockdowns;
	const struct hf_facts *facts;
	struct hf_now now;
};

/*
 * hf_case_posture - what is open and what is shut for one person of this device
 *
 * @who          of what is known of the device; NULL: anybody else
 * @ret_posture  points into the case; to hf_posture_done; untouched unless HF_OK
 * Returns       HF_OK; HF_E_MEMORY
 * Source        proto/README.md "Posture"
 */
HF_NODISCARD enum hf_rc hf_case_posture(const struct hf_case *matter, const struct hf_pair *who,
					struct hf_posture *ret_posture, struct hf_err *err);

#endif
