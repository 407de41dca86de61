/* SPDX-License-Identifier: MIT */
/*
 * remark_door.h - whether a remark on drafts is taken, and what it changes
 */
#ifndef HOLDFAST_CONTROLLER_REMARK_DOOR_H
#define HOLDFAST_CONTROLLER_REMARK_DOOR_H

#include "controller/controller.h"

/*
 * hf_remark_try - may this remark be recorded: by one person, of drafts that wait; a note of what is known here
 *
 * A withdrawal is of whoever has approved the draft, a refusal of somebody else who may approve it.
 * @ret_known  all of it was said by that person before; filled when HF_OK
 * Returns   HF_OK; HF_E_ABSENT a draft that does not wait; HF_E_ROLE no say in it; HF_E_MISMATCH it is theirs;
 *           HF_E_SIZE they have said too much; as hf_remark_open
 * Source    proto/README.md "Remark"
 */
HF_NODISCARD enum hf_rc hf_remark_try(struct hf_controller *c, const struct hf_envelope *envelope, bool *ret_known,
				      struct hf_err *err);

/*
 * hf_remark_kind - as what it is recorded: a note, which may be erased, or a remark, which stays
 *
 * Source    controller/API.md "The journal"
 */
enum hf_record_kind hf_remark_kind(const struct hf_envelope *envelope);

/*
 * hf_remark_apply - what was recorded counts from now on
 *
 * An approval that was taken back is taken off its draft; without any that counts the draft waits no more.
 * @at       when it was recorded
 * Returns   HF_OK; as hf_remark_open; HF_E_MEMORY
 * Source    proto/README.md "Remark"
 */
HF_NODISCARD enum hf_rc hf_remark_apply(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_wall at,
					struct hf_err *err);

/*
 * hf_remark_log - a line of the log for each draft that it is about: who said what of it
 */
void hf_remark_log(const struct hf_controller *c, const struct hf_envelope *envelope);

#endif
