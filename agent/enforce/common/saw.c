/* SPDX-License-Identifier: MIT */
/*
 * Owns how layers put what they saw into bounded words.
 * Must never tell what was found twice, nor keep it to itself.
 */
#include "agent/enforce/common/saw.h"

#include <stdarg.h>
#include <stdio.h>

void hf_saw_cut(char ret_text[HF_SAW_MAX + 1], const char *text)
{
	snprintf(ret_text, HF_SAW_MAX + 1, "%.*s", HF_SAW_MAX, text);
}

void hf_saw_say(struct hf_saw *saw, enum hf_layer_state state, const char *fmt, ...)
{
	va_list args;
	saw->state = state;
	va_start(args, fmt);
	vsnprintf(saw->text, sizeof(saw->text), fmt, args);
	va_end(args);
}

void hf_saw_found(struct hf_saw *saw, char found[HF_SAW_MAX + 1])
{
	if (!found[0])
		return;
	saw->tampered = true;
	hf_saw_cut(saw->text, found);
	found[0] = '\0';
}
