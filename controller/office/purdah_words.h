/* SPDX-License-Identifier: MIT */
/*
 * purdah_words.h - a pre-election period in plain words: when, how strong, computed from what, and what staff read
 */
#ifndef HOLDFAST_OFFICE_PURDAH_WORDS_H
#define HOLDFAST_OFFICE_PURDAH_WORDS_H

#include "controller/office/sentence.h"

/*
 * hf_words_level - what guard or block mean for staff
 *
 * Source    policy D10
 */
void hf_words_level(const struct hf_words *words, const struct hf_body *body);

/*
 * hf_words_timetable - from which polls it was computed, and whether it starts later than the law allows by the
 * calendar at hand
 *
 * Source    policy D10; proto/README.md "Order"
 */
void hf_words_timetable(const struct hf_words *words, const struct hf_body *body);

/*
 * hf_words_instructions - the text as staff see it, without its marks
 *
 * Source    proto/README.md "Instructions"
 */
void hf_words_instructions(const struct hf_words *words, const struct hf_body *body);

/*
 * hf_words_moved - what an amendment changes in period, instructions and timetable
 *
 * Source    proto/README.md "Acknowledging"
 */
void hf_words_moved(const struct hf_words *words, const struct hf_body *before, const struct hf_body *after);

#endif
