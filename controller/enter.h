/* SPDX-License-Identifier: MIT */
/*
 * enter.h - the one way in which anything changes
 */
#ifndef HOLDFAST_CONTROLLER_ENTER_H
#define HOLDFAST_CONTROLLER_ENTER_H

#include "controller/controller.h"

/*
 * hf_controller_enter - journal, know, publish, one log line
 *
 * @envelope  what was judged; its text goes into the journal
 * Returns   HF_OK; HF_E_STALE_HEAD, HF_E_UNSURE (and the loop is stopped); HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    policy D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_controller_enter(struct hf_controller *c, enum hf_record_kind kind,
					    const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_controller_enter_proofs - the same of assignments that are recorded and carry a proof now, in one commit
 *
 * They are said to their devices alone: nothing that a state says changes by them.
 * @envelopes  of assignments in effect, n of them, 1 to HF_PROOFS_AT_ONCE_MAX
 * Returns   as hf_controller_enter
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_controller_enter_proofs(struct hf_controller *c, struct hf_envelope *const *envelopes,
						   size_t n, struct hf_err *err);

#endif
