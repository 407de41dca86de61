/* SPDX-License-Identifier: MIT */
/*
 * door.h - what becomes of a posted envelope
 */
#ifndef HOLDFAST_CONTROLLER_DOOR_H
#define HOLDFAST_CONTROLLER_DOOR_H

#include "controller/controller.h"

/* clang-format off */
enum hf_outcome { HF_OUTCOME_RECORDED, HF_OUTCOME_DRAFT, HF_OUTCOME_KNOWN,
		  HF_OUTCOME_UNKNOWN, /* nobody can tell before the controller has started again */
		  HF_OUTCOME_ABSENT,  /* asked for by its digest, and not here */
		  HF_OUTCOME_COUNT };
/* clang-format on */

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
 * hf_outcome_name - "recorded", "draft", "known", "unknown", "absent"
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
 * hf_door_recorded - the envelope of this document that is recorded, and is not of before what is in effect
 *
 * Owner     belongs to what is known; until its next change
 * Returns   NULL: none
 */
const struct hf_envelope *hf_door_recorded(const struct hf_controller *c, const struct hf_digest *digest);

/* What has become of a document that somebody asks for by its digest. */
struct hf_found {
	enum hf_outcome outcome;	    /* recorded, draft or absent */
	enum hf_rc reason;		    /* of a draft: what is missing yet */
	const struct hf_envelope *envelope; /* with the approvals that are here; NULL: it is in the record alone */
};

/*
 * hf_door_find - what became of a document that was posted before, perhaps to a life before this one
 *
 * @ret      points into the controller; until its next change; untouched unless HF_OK
 * Returns   HF_OK also where it is absent; HF_E_SYSTEM; HF_E_MEMORY
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_door_find(struct hf_controller *c, const struct hf_digest *digest, struct hf_found *ret,
				     struct hf_err *err);

/*
 * hf_door_take - take one posted envelope: judge it, then record it, or keep it as a draft, or refuse it
 *
 * @ret_taken  untouched unless HF_OK, or HF_E_UNSURE: then it has digest, type and outcome alone
 * Returns   HF_OK; the reason why it is refused; HF_E_SIZE too many drafts wait, or it is too large;
 *           HF_E_STALE_HEAD, HF_E_SYSTEM, HF_E_MEMORY it could not be recorded; HF_E_UNSURE nobody can tell whether it
 *           is, or it is and counts once the controller has started again; the loop is stopped
 * Source    proto/README.md "Approval"; controller/API.md
 */
HF_NODISCARD enum hf_rc hf_door_take(struct hf_controller *c, const void *buf, size_t len, struct hf_taken *ret_taken,
				     struct hf_err *err);

#endif
