/* SPDX-License-Identifier: MIT */
/*
 * draft_of.h - the draft that an officer means, and what it is
 */
#ifndef HOLDFAST_CLI_DRAFT_OF_H
#define HOLDFAST_CLI_DRAFT_OF_H

#include "controller/office/sentence.h"
#include "controller/office/weigh.h"

/*
 * hf_draft_of - the draft whose digest begins so
 *
 * @drafts   of the controller, as it showed them; each may be anything
 * @ret_envelope  to hf_envelope_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT none does, it is recorded, or it was taken back: by whom is in the text; HF_E_USAGE
 *           several do
 */
HF_NODISCARD enum hf_rc hf_draft_of(const struct hf_view *view, json_t *drafts, const char *prefix,
				    struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_draft_say - what a draft is, in one line, and why it was written
 *
 * Owner     the words' out
 */
void hf_draft_say(const struct hf_words *words, const struct hf_envelope *envelope, const struct hf_weighed *weighed);

/*
 * hf_draft_warn_rival - say that another draft of this device's assignment waits: of two with one version one counts
 *
 * Where the controller cannot be asked nothing is said.
 * @assignment  that is to be signed
 */
void hf_draft_warn_rival(const struct hf_view *view, const struct hf_envelope *assignment);

/*
 * hf_draft_refusals - who refuses a draft and why, by the controller's word; others may approve it all the same
 *
 * @said     the controller's row of the draft; NULL: nobody does
 */
void hf_draft_refusals(const struct hf_words *words, const json_t *said);

#endif
