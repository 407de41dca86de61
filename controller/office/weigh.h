/* SPDX-License-Identifier: MIT */
/*
 * weigh.h - is this message approved enough, by whom, and who else could; by the same law as the devices
 */
#ifndef HOLDFAST_OFFICE_WEIGH_H
#define HOLDFAST_OFFICE_WEIGH_H

#include <holdfast/approval.h>

#include "controller/office/council_view.h"

/* Points into the view's trust, and owns the order. */
struct hf_weighed {
	enum hf_rc rc;	    /* HF_OK: enough */
	struct hf_err text; /* why not */
	struct hf_signers signers;
	struct hf_needs needs;	   /* the rules for it; none for trust, state, report */
	struct hf_verdict verdict; /* of the first rule that is not met */
	struct hf_order *order;	   /* NULL unless it is an order */
	bool roots;	   /* a trust: roots sign it, and they are keys, not people */
	bool second; /* of an assignment: one may record it, but what it gives its people counts when two approved it */
};

#define hf_auto_weighed __attribute__((cleanup(hf_weighed_done)))

/*
 * hf_weigh - judge an envelope of any type
 *
 * An amendment is compared with what the view knows; if it does not know the lockdown, it is `pending`.
 * @ret_weighed  to hf_weighed_done; filled also when the envelope is not approved
 * Returns   HF_OK it could be weighed; reasons of the decoders
 * Source    proto/README.md "Approval"
 */
HF_NODISCARD enum hf_rc hf_weigh(const struct hf_view *view, const struct hf_envelope *envelope,
				 struct hf_weighed *ret_weighed, struct hf_err *err);

/*
 * hf_weighed_counts - would this person's approval count for any rule that it needs
 *
 * Returns   false if the person has approved it already, or has none of the roles
 * Source    proto/README.md "Approval"
 */
bool hf_weighed_counts(const struct hf_view *view, const struct hf_weighed *weighed, const struct hf_person *person);

/*
 * hf_weighed_signed - has this person approved it
 */
bool hf_weighed_signed(const struct hf_weighed *weighed, const struct hf_person *person);

/*
 * hf_weighed_signers, hf_weighed_who_can - ids of those who approved it, and of those who still can
 *
 * Owner     a new reference to an array, the caller's
 * Returns   NULL no memory
 */
json_t *hf_weighed_signers(const struct hf_weighed *weighed);
json_t *hf_weighed_who_can(const struct hf_view *view, const struct hf_weighed *weighed);

/*
 * hf_weighed_roles - the roles of the rule that is not met, or of the last one; of a trust "root"
 *
 * Owner     a new reference to an array, the caller's
 * Returns   NULL no memory
 */
json_t *hf_weighed_roles(const struct hf_weighed *weighed);

/*
 * hf_weighed_done - free, zero
 */
void hf_weighed_done(struct hf_weighed *weighed);

#endif
