/* SPDX-License-Identifier: MIT */
/*
 * Owns how a case is put to the law.
 * Must never leave out anything of it.
 */
#include "agent/rules/case.h"

enum hf_rc hf_case_posture(const struct hf_case *matter, const struct hf_pair *who, struct hf_posture *ret_posture,
			   struct hf_err *err)
{
	const struct hf_known *known = matter->known;

	return hf_posture_of(&(struct hf_posture_ask){matter->lockdowns, known->reg, &known->versions, matter->facts, who,
						      matter->now},
			     ret_posture, err);
}
