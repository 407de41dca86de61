/* SPDX-License-Identifier: MIT */
/*
 * personal.h - what of an entry of the record tells of people: what somebody wrote, and names
 *
 * Pure.
 */
#ifndef HOLDFAST_OFFICE_PERSONAL_H
#define HOLDFAST_OFFICE_PERSONAL_H

#include "controller/office/story.h"

/* What was found. Start it zeroed. */
struct hf_personal {
	json_t *texts;	/* [{"record", "what", "text"}...]: what a person wrote */
	json_t *people; /* ids of those whose name or login stands there; "" of somebody without one */
	bool unknown;	/* of a kind that is not known here: nobody can say what is in it */
};

#define hf_auto_personal __attribute__((cleanup(hf_personal_done)))

/*
 * hf_personal_find - look through one entry
 *
 * Texts of orders, drafts, remarks and refusals; why a post was not made; names of a trust and of its roots, of Members and
 * candidates in a register, logins of an assignment, and what stands below somebody's home folder in a report.
 * @ret      to hf_personal_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 * Source    controller/API.md "The export"
 */
HF_NODISCARD enum hf_rc hf_personal_find(const struct hf_story_record *record, struct hf_personal *ret,
					 struct hf_err *err);

/*
 * hf_personal_done - free all, zero
 */
void hf_personal_done(struct hf_personal *personal);

#endif
