/* SPDX-License-Identifier: MIT */
/*
 * erase_door.h - whether what records say may be let go, and that it was
 */
#ifndef HOLDFAST_CONTROLLER_ERASE_DOOR_H
#define HOLDFAST_CONTROLLER_ERASE_DOOR_H

#include "controller/controller.h"

/*
 * hf_erase_try - do the records that it names stand in the journal as it says, and may their bodies go now
 *
 * Who approves it is not looked at. Reports since a lockdown began that holds or is to come stay: what devices have posted
 * and acknowledged follows from them.
 * Returns   HF_OK; as hf_journal_may_erase; reasons of hf_erase_decode; HF_E_COUNCIL; HF_E_MEMORY
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_erase_try(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_erase_apply - what was recorded counts from now on: it is approved by the newest trust
 *
 * Returns   HF_OK; as hf_erase_open; HF_E_MEMORY
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_erase_apply(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_erase_known - is an erasure by this document recorded
 *
 * Returns   true or false
 */
bool hf_erase_known(const struct hf_controller *c, const struct hf_digest *digest);

#endif
