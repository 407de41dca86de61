/* SPDX-License-Identifier: MIT */
/*
 * apply.h - from a record to what is known
 */
#ifndef HOLDFAST_CONTROLLER_APPLY_H
#define HOLDFAST_CONTROLLER_APPLY_H

#include "controller/controller.h"

/*
 * hf_controller_apply - know what a record says: a trust, register, assignment, order, draft or approval
 *
 * Returns   HF_OK; the law's reason why it is not accepted (then nothing is changed); HF_E_USAGE a report
 * Source    proto/README.md "The join"
 */
HF_NODISCARD enum hf_rc hf_controller_apply(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err);

/*
 * hf_controller_try - would hf_controller_apply accept this record; nothing that is known is changed
 *
 * Returns   as hf_controller_apply
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_controller_try(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err);

/*
 * hf_controller_settle, hf_controller_settle_at - forget drafts that have lapsed now, or then, and those that more
 * approvals could no longer help
 *
 * Source    controller/API.md "Draft"
 */
void hf_controller_settle(struct hf_controller *c);
void hf_controller_settle_at(struct hf_controller *c, struct hf_wall at);

#endif
