/* SPDX-License-Identifier: MIT */
/*
 * proofs_door.h - the proofs of assignments that a new trust affirms
 */
#ifndef HOLDFAST_CONTROLLER_PROOFS_DOOR_H
#define HOLDFAST_CONTROLLER_PROOFS_DOOR_H

#include "controller/controller.h"

#define HF_PROOFS_AT_ONCE_MAX 48 /* of the deepest tree they fit into one request */

/* What became of them; each is one of these. */
struct hf_proofs_taken {
	size_t recorded;
	size_t known;
	size_t absent; /* of an assignment that is in effect here no longer */
};

/*
 * hf_proofs_take - keep these proofs with the assignments that they are of, all in one commit, and say them to the devices
 *
 * {"proofs": [{"device", "digest", "index", "path"}...]}. One that is not true by the newest trust refuses all of them.
 * @ret_taken  untouched unless HF_OK
 * Returns   HF_OK; HF_E_MISMATCH one is not true; HF_E_JSON, HF_E_SHAPE, HF_E_SIZE; HF_E_STALE_HEAD, HF_E_SYSTEM,
 *           HF_E_MEMORY they could not be recorded
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_proofs_take(struct hf_controller *c, const void *buf, size_t len,
				       struct hf_proofs_taken *ret_taken, struct hf_err *err);

#endif
