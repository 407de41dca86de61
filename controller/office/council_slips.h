/* SPDX-License-Identifier: MIT */
/*
 * council_slips.h - slips in who has which role, before a trust is signed
 */
#ifndef HOLDFAST_OFFICE_COUNCIL_SLIPS_H
#define HOLDFAST_OFFICE_COUNCIL_SLIPS_H

#include <holdfast/trust.h>

#include "controller/office/office.h"

/*
 * hf_council_slips - refuse a role that no rule knows, and people of whom none can take a device in
 *
 * What else they could not do between them is a warning: they may mean it, and be more tomorrow.
 * Returns   HF_OK; HF_E_ROLE with the person and the role, or the roles that somebody must have
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_council_slips(const struct hf_office *office, const struct hf_trust *trust,
					 struct hf_err *err);

/*
 * hf_council_holders - how many people have one of these roles
 *
 * Returns   people
 * Source    proto/README.md "Trust"
 */
size_t hf_council_holders(const struct hf_trust *trust, const struct hf_strs *roles);

#endif
