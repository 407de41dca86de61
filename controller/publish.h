/* SPDX-License-Identifier: MIT */
/*
 * publish.h - what the controller says on the bus, and when
 */
#ifndef HOLDFAST_CONTROLLER_PUBLISH_H
#define HOLDFAST_CONTROLLER_PUBLISH_H

#include "controller/controller.h"

/* A number beside the journal: of the last state. */
#define HF_NUMBER_SEQ "seq"

/*
 * hf_publish_start - make ready to publish: the last seq is read, the beat begins
 *
 * seq goes on from the highest of the one kept and the clock, so that a journal restored from a backup is not
 * taken for an older one.
 * Owner     timers belong to the loop
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "State"
 */
HF_NODISCARD enum hf_rc hf_publish_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_publish_all - say everything: the state to all, and bit by bit trusts, register and assignments
 *
 * Nothing is said while the bus is down: all of it is said when it comes up.
 * What fails is logged and said again on the next beat, to all.
 * Source    proto/README.md "Bus"
 */
void hf_publish_all(struct hf_controller *c);

/*
 * hf_publish_change - say what has just been recorded, and the state to all
 */
void hf_publish_change(struct hf_controller *c, enum hf_record_kind kind, const struct hf_envelope *envelope);

/*
 * hf_publish_proofs - say these assignments to their devices, with the proofs that they carry now
 *
 * @envelopes  n of them
 * Source    proto/README.md "Bus"
 */
void hf_publish_proofs(struct hf_controller *c, struct hf_envelope *const *envelopes, size_t n);

/*
 * hf_publish_fresh - say the state again slice by slice, unless that was done a minute ago or less
 */
void hf_publish_fresh(struct hf_controller *c);

/*
 * hf_publish_claims - say the state again to all, because a posting is new or has gone on
 *
 * Source    proto/README.md "Posting"
 */
void hf_publish_claims(struct hf_controller *c);

/*
 * hf_publish_shown - the orders that officers are shown: those of every lockdown, and what else the state carries
 *
 * @ret_carried  points into c
 * Returns   HF_OK; HF_E_MEMORY
 * Source    controller/API.md
 */
struct hf_carried;
HF_NODISCARD enum hf_rc hf_publish_shown(const struct hf_controller *c, struct hf_carried *ret_carried,
					 struct hf_err *err);

#endif
