/* SPDX-License-Identifier: MIT */
/*
 * words_inside.h - what the files that make sentences share; nobody else includes it
 */
#ifndef HOLDFAST_AGENT_TERMINAL_WORDS_INSIDE_H
#define HOLDFAST_AGENT_TERMINAL_WORDS_INSIDE_H

#include <stdio.h>

#include "agent/talk/answer.h"

#define IN "      " /* before what is said of a line above */

/*
 * hf_words_mark - what each line of an exercise begins with
 *
 * @row      a lockdown's, a posting's or a reading's
 * Returns   static text; "" when it is live
 * Source    policy D9.1
 */
const char *hf_words_mark(const json_t *row);

/*
 * hf_words_time - universal time, and what clocks here show
 */
void hf_words_time(struct hf_wall t, FILE *out);

/*
 * hf_words_lines - a text of several lines, each marked when it is of an exercise
 *
 * @before   stands before each line, behind the mark
 */
void hf_words_lines(const json_t *row, const char *before, const char *text, FILE *out);

#endif
