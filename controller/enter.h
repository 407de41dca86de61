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
 * Returns   HF_OK; HF_E_STALE_HEAD (and the loop is stopped); HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    policy D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_controller_enter(struct hf_controller *c, enum hf_record_kind kind,
					    const struct hf_envelope *envelope, struct hf_err *err);

#endif
