/* SPDX-License-Identifier: MIT */
/*
 * door.h - what becomes of a posted envelope
 */
#ifndef HOLDFAST_CONTROLLER_DOOR_H
#define HOLDFAST_CONTROLLER_DOOR_H

#include "controller/controller.h"

enum hf_outcome { HF_OUTCOME_RECORDED, HF_OUTCOME_DRAFT, HF_OUTCOME_KNOWN, HF_OUTCOME_COUNT };

/* What is answered to who posted it. Points into the controller; until its next change. */
struct hf_taken {
	struct hf_digest digest;
	enum hf_doc_type type;
	enum hf_outcome outcome;
	enum hf_rc reason; /* what is still missing; HF_OK when recorded or known */
	size_t have, need;
	const struct hf_strs *roles; /* NULL for a trust: roots */
	const char *signed_by[HF_SIGNATURES_MAX];
	size_t n_signed_by;
};

/*
 * hf_outcome_name - "recorded", "draft", "known"
 *
 * Source    controller/API.md
 */
const char *hf_outcome_name(enum hf_outcome outcome);

/*
 * hf_door_is_ours - is this no refusal, but a failure of the controller's own
 *
 * Returns   true or false
 * Source    controller/API.md
 */
bool hf_door_is_ours(enum hf_rc rc);

/*
 * hf_door_take - take one posted envelope: judge it, then record it, or keep it as a draft, or refuse it
 *
 * @ret_taken  untouched unless HF_OK
 * Returns   HF_OK; the reason why it is refused; HF_E_SIZE too many drafts wait, or it is too large;
 *           HF_E_STALE_HEAD, HF_E_SYSTEM, HF_E_MEMORY it could not be recorded
 * Source    proto/README.md "Approval"; controller/API.md
 */
HF_NODISCARD enum hf_rc hf_door_take(struct hf_controller *c, const void *buf, size_t len, struct hf_taken *ret_taken,
				     struct hf_err *err);

#endif
