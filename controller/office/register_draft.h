/* SPDX-License-Identifier: MIT */
/*
 * register_draft.h - a register on its way: its parts, while they are written, shown and approved as one
 */
#ifndef HOLDFAST_OFFICE_REGISTER_DRAFT_H
#define HOLDFAST_OFFICE_REGISTER_DRAFT_H

#include "controller/office/council_plan.h"
#include "controller/office/council_view.h"

struct hf_register_draft {
	struct hf_envelope *v[HF_REGISTER_PARTS_MAX]; /* part 1 first */
	size_t n;
};

#define hf_auto_register_draft __attribute__((cleanup(hf_register_draft_done)))

/*
 * hf_register_draft_make - write a register, in as many parts as it takes
 *
 * @plan     its accounts, tools and words
 * @ret_draft  zeroed before; to hf_register_draft_done; untouched unless HF_OK
 * Owner     see there
 * Returns   HF_OK; HF_E_SIZE it takes too many parts; reasons of hf_register_decode and hf_register_join
 * Source    proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_register_draft_make(const struct hf_council_plan *plan, int64_t version, struct hf_wall now,
					       struct hf_register_draft *ret_draft, struct hf_err *err);

/*
 * hf_register_draft_gather - all parts of the register that one of them belongs to
 *
 * @drafts   of the controller, as it showed them; each may be anything
 * @part     of type HF_DOC_REGISTER
 * @ret_draft  as hf_register_draft_make; a part that waits has the approvals that the controller showed
 * Owner     see there
 * Returns   HF_OK; HF_E_ABSENT a part is not there; HF_E_MEMORY; reasons of hf_register_decode
 * Source    proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_register_draft_gather(const struct hf_view *view, json_t *drafts,
						 const struct hf_envelope *part, struct hf_register_draft *ret_draft,
						 struct hf_err *err);

/*
 * hf_register_draft_open - the register that the parts of a draft make
 *
 * Owner     as hf_register_join
 * Returns   as hf_register_join and hf_register_decode
 */
HF_NODISCARD enum hf_rc hf_register_draft_open(const struct hf_register_draft *draft, struct hf_register **ret_register,
					       struct hf_err *err);

/*
 * hf_register_shown - what is shown of a register when one part of it is looked at: all that is at hand
 *
 * @envelope  of type HF_DOC_REGISTER; its other parts are looked for in the view
 * @ret_register  to hf_register_free; the whole, or else this part alone; untouched unless HF_OK
 * @ret_whole  untouched unless HF_OK
 * Owner     see ret_register
 * Returns   as hf_register_draft_open
 */
HF_NODISCARD enum hf_rc hf_register_shown(const struct hf_view *view, const struct hf_envelope *envelope,
					  struct hf_register **ret_register, bool *ret_whole, struct hf_err *err);

/*
 * hf_register_draft_waits - is this very document among the drafts that the controller shows
 *
 * @drafts   as hf_register_draft_gather
 */
bool hf_register_draft_waits(json_t *drafts, const struct hf_digest *digest);

/*
 * hf_register_hides - does an earlier part of the same register wait, too: then that one stands for this one
 *
 * @drafts   as hf_register_draft_gather
 */
bool hf_register_hides(const struct hf_view *view, json_t *drafts, const struct hf_envelope *envelope);

/*
 * hf_register_draft_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_register_draft_done(struct hf_register_draft *draft);

#endif
