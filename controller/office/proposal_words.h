/* SPDX-License-Identifier: MIT */
/*
 * proposal_words.h - what a proposed trust changes, affirms and would undo, and who must sign it yet
 */
#ifndef HOLDFAST_OFFICE_PROPOSAL_WORDS_H
#define HOLDFAST_OFFICE_PROPOSAL_WORDS_H

#include "controller/office/proposal.h"
#include "controller/office/sentence.h"

#define HF_READ_OUT 20 /* characters of the digest that are read out aloud: 80 bits, which nobody finds again */

/*
 * hf_proposal_words - all of it
 *
 * @words    its view is the proposal's
 * Returns   HF_OK; reasons of hf_words_envelope
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_proposal_words(struct hf_words *words, const struct hf_proposal *proposal,
					  struct hf_err *err);

/*
 * hf_proposal_signers - who has signed it under both trusts, and who can yet
 */
void hf_proposal_signers(const struct hf_words *words, const struct hf_proposal *proposal);

/*
 * hf_effects_words - what hf_trust_effects found, a sentence each
 */
void hf_effects_words(const struct hf_words *words, const json_t *effects);

/*
 * hf_read_out - the first characters of a digest in groups of five: "0b046 b837c 97aa0 ed728"
 *
 * @text     room for HF_READ_OUT + 4
 * Returns   text
 */
const char *hf_read_out(const struct hf_digest *digest, char text[HF_READ_OUT + 4]);

/*
 * hf_read_out_is - did somebody type these characters, with or without spaces, in whichever case
 */
bool hf_read_out_is(const struct hf_digest *digest, const char *typed);

/*
 * hf_proposal_to_json - the same for programs: {"council", "epoch", "digest", "read_out", "enough", "affirms": [digest...],
 * "effects", "old", "new": {"epoch", "need", "signed": [text...], "can": [text...]}}
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_proposal_to_json(const struct hf_proposal *proposal);

#endif
