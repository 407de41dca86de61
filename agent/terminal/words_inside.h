/* SPDX-License-Identifier: MIT */
/*
 * words_inside.h - what the files that make sentences share; nobody else includes it
 */
#ifndef HOLDFAST_AGENT_TERMINAL_WORDS_INSIDE_H
#define HOLDFAST_AGENT_TERMINAL_WORDS_INSIDE_H

#include <stdio.h>

#include "agent/talk/answer.h"

static inline const char *mark(const json_t *row)
{
	return hf_said_exercise(row) ? "EXERCISE: " : "";
}

/*
 * hf_words_time - universal time, and what clocks here show
 */
void hf_words_time(struct hf_wall t, FILE *out);

#endif
