/* SPDX-License-Identifier: MIT */
/*
 * posting_words.h - the holding messages of a lockdown, and how far each poster is
 */
#ifndef HOLDFAST_OFFICE_POSTING_WORDS_H
#define HOLDFAST_OFFICE_POSTING_WORDS_H

#include "controller/office/sentence.h"

/*
 * hf_words_postings - counts first, then each account: its poster, how far they are, its text
 *
 * Texts and posters are those of the body, which the law bears out; how far they are is the controller's word.
 * @said     the lockdown in the controller's status; NULL: it says nothing
 * Source    policy D9.3
 */
void hf_words_postings(const struct hf_words *words, const json_t *said, const struct hf_body *body);

#endif
