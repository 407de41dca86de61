/* SPDX-License-Identifier: MIT */
/*
 * words.h - a view in plain words, for the person at the device; pure
 */
#ifndef HOLDFAST_AGENT_WORDS_H
#define HOLDFAST_AGENT_WORDS_H

#include <jansson.h>
#include <stdio.h>

/*
 * hf_words_view - write what hf_view_make made as sentences
 *
 * Each line about an exercise begins with the word EXERCISE.
 * @view     as the agent sent it
 * @out      opened for writing
 * Owner     nothing is kept
 * Returns   nothing
 * Source    mission.md "The three people"; policy D9.3
 */
void hf_words_view(const json_t *view, FILE *out);

#endif
