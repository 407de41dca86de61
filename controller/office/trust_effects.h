/* SPDX-License-Identifier: MIT */
/*
 * trust_effects.h - what a trust would do to what is in force, and what it has to affirm so that it does nothing to it
 *
 * Every order, register and assignment that is known here is judged by the old trust and by the new one.
 */
#ifndef HOLDFAST_OFFICE_TRUST_EFFECTS_H
#define HOLDFAST_OFFICE_TRUST_EFFECTS_H

#include "controller/office/council_view.h"
#include "controller/office/estate_root.h"

/* What must be affirmed, and what is enclosed with it. */
struct hf_affirming {
	struct hf_digest v[HF_AFFIRMED_MAX]; /* orders and parts of the register */
	size_t n;
	json_t *documents; /* envelopes: all that is affirmed, and what it takes to say what that is */
	struct hf_estate_root estate; /* the assignments among the documents, which the trust affirms by one root */
	size_t n_uncounted; /* assignments of which the trust that is held shows neither approval nor proof: nothing of them is carried */
	size_t n_proven;    /* those that count by their proof */
};

#define hf_auto_affirming __attribute__((cleanup(hf_affirming_done)))

struct hf_affirm_ask {
	const struct hf_view *view;
	const struct hf_list *leave_out; /* beginnings of the identities of lockdowns that must not stand; NULL: none */
	const json_t *assignments;	 /* array of envelopes, as the controller shows them; NULL: none */
	const struct hf_trust *next;	 /* has nothing affirmed */
};

/*
 * hf_trust_affirm - what this trust must affirm so that lockdowns, register and assignments stand as they do
 *
 * Affirmed is only what the old trust approved, an assignment as approved by as many as it was.
 * @ret      zeroed before; to hf_affirming_done, also after a failure
 * Returns   HF_OK; HF_E_ABSENT no live lockdown begins so; HF_E_SIZE more than one trust affirms; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_trust_affirm(const struct hf_affirm_ask *ask, struct hf_affirming *ret, struct hf_err *err);

/*
 * hf_affirming_done - free, zero
 */
void hf_affirming_done(struct hf_affirming *affirming);

/*
 * hf_trust_effects - which live lockdowns would not stand as they do: {"lockdown", "kind", "change"} each
 *
 * "void": it would end; "changes": other orders of it would count; "returns": its release would count no more.
 * {"person", "kind", "change": "opens"}: what that person raised beyond their share
 * shuts everything, and would no longer.
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_trust_effects(const struct hf_view *view, const struct hf_trust *next, json_t **ret,
					 struct hf_err *err);

#endif
