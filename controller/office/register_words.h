/* SPDX-License-Identifier: MIT */
/*
 * register_words.h - the register in plain English: what it has, what changes, and what that opens or shuts
 */
#ifndef HOLDFAST_OFFICE_REGISTER_WORDS_H
#define HOLDFAST_OFFICE_REGISTER_WORDS_H

#include "controller/office/sentence.h"

/*
 * hf_words_register - what a register says, against the one in force if there is one
 *
 * @envelope  of type HF_DOC_REGISTER; its other parts are looked for in the view
 * Owner     the words' out
 * Returns   as hf_register_shown
 * Source    policy D2.1-2.9; proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_words_register(struct hf_words *words, const struct hf_envelope *envelope,
					  struct hf_err *err);

#endif
