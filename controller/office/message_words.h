/* SPDX-License-Identifier: MIT */
/*
 * message_words.h - what any message says, in plain words
 */
#ifndef HOLDFAST_OFFICE_MESSAGE_WORDS_H
#define HOLDFAST_OFFICE_MESSAGE_WORDS_H

#include "controller/office/sentence.h"

/*
 * hf_words_envelope - all that a message says
 *
 * Sets words->exercise by the message.
 * Returns   HF_OK; reasons of the decoders
 */
HF_NODISCARD enum hf_rc hf_words_envelope(struct hf_words *words, const struct hf_envelope *envelope,
					  struct hf_err *err);

#endif
