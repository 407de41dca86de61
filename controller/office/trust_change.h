/* SPDX-License-Identifier: MIT */
/*
 * trust_change.h - what somebody wants of the next trust, and the document that says it
 */
#ifndef HOLDFAST_OFFICE_TRUST_CHANGE_H
#define HOLDFAST_OFFICE_TRUST_CHANGE_H

#include <holdfast/json.h>
#include <holdfast/time.h>
#include <holdfast/trust.h>

#include "controller/office/office.h"

/* Borrowed words. FILE holds a public key, in base64 on a line. */
struct hf_trust_wishes {
	struct hf_list add;	/* PERSON:ROLE,ROLE, whose key stands in new_key */
	struct hf_list roles;	/* PERSON:ROLE,ROLE in place of those that they have */
	struct hf_list names;	/* PERSON=NAME */
	struct hf_list remove;	/* PERSON */
	struct hf_list new_key; /* PERSON=FILE in place of all that they have */
	struct hf_list add_key; /* PERSON=FILE beside those that they have */
	struct hf_list controllers, remove_controllers; /* ID=FILE, new or in place of its key; ID */
	struct hf_list roots, remove_roots;		/* NAME=FILE; a name, or the beginning of a keyid */
	int64_t threshold;				/* 0: as it is */
};

/*
 * hf_trust_change - the trust that follows, with these changes and nothing affirmed
 *
 * @ret_doc  its payload, the caller's; untouched unless HF_OK
 * Owner     see ret_doc
 * Returns   HF_OK; HF_E_USAGE a wish that makes no sense, or none; HF_E_ABSENT nobody of that name, or no such file;
 *           HF_E_KEY a file that holds no public key; HF_E_MEMORY
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_trust_change(const struct hf_trust *held, const struct hf_trust_wishes *wishes,
					struct hf_wall now, json_t **ret_doc, struct hf_err *err);

#endif
