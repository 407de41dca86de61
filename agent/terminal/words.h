/* SPDX-License-Identifier: MIT */
/*
 * words.h - a view in plain words, for the person at the device; pure
 */
#ifndef HOLDFAST_AGENT_TERMINAL_WORDS_H
#define HOLDFAST_AGENT_TERMINAL_WORDS_H

#include <jansson.h>
#include <stdio.h>

#include <holdfast/err.h>

/*
 * hf_words_view - write what hf_view_make made as sentences
 *
 * Each line about an exercise begins with the word EXERCISE.
 * @view     as the agent sent it
 * @out      opened for writing
 * Source    policy D9.3
 */
void hf_words_view(const json_t *view, FILE *out);

/*
 * hf_words_headline - the first lines of it alone: what this person can do now
 *
 * @view     as the agent sent it
 * @out      opened for writing
 */
void hf_words_headline(const json_t *view, FILE *out);

/*
 * hf_words_reading - write one text of hf_readings_json as plain text, with whose it is and until when
 *
 * Each line of an exercise begins with the word EXERCISE.
 * @reading  one row of the list
 * @person   the asking one's; NULL: not of this device
 * @out      opened for writing
 * Returns   HF_OK; why the text cannot be shown
 * Source    policy D10; proto/README.md "Instructions"
 */
HF_NODISCARD enum hf_rc hf_words_reading(const json_t *reading, const char *person, FILE *out, struct hf_err *err);

#endif
