/* SPDX-License-Identifier: MIT */
/*
 * saw.h - what layers say of themselves, bounded
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_SAW_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_SAW_H

#include "agent/enforce/enforce.h"

/*
 * hf_saw_cut - a sentence, or as much of it as there is room for
 *
 * @ret_text  always filled
 */
void hf_saw_cut(char ret_text[HF_SAW_MAX + 1], const char *text);

/*
 * hf_saw_say - state and sentence of what was seen, cut as above
 */
void hf_saw_say(struct hf_saw *saw, enum hf_layer_state state, const char *fmt, ...) HF_PRINTF(3, 4);

/*
 * hf_saw_found - tells, once, what was found when the layer had stopped holding
 *
 * @found    what it was, "" for nothing; "" afterwards
 */
void hf_saw_found(struct hf_saw *saw, char found[HF_SAW_MAX + 1]);

#endif
