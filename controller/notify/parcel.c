/* SPDX-License-Identifier: MIT */
/*
 * Owns what all carriers say of a message.
 * Must never give one message two names.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/notify/parcel.h"

#define SHORT_ID 12

void hf_parcel_reference(const struct hf_parcel *parcel, char ret[HF_REFERENCE_SIZE])
{
	if (hf_str_printf(ret, HF_REFERENCE_SIZE, "holdfast-%" PRId64 "-%" PRId64 "-%.*s", parcel->made.s, parcel->id,
			  SHORT_ID, parcel->lockdown) != HF_OK)
		ret[0] = '\0';
}

void hf_parcel_say(struct hf_parcel_answer *answer, const char *text, size_t len)
{
	size_t n = 0;
	for (; n < len && n < HF_PARCEL_LINE_MAX && text[n] != '\n' && text[n] != '\r'; n++)
		answer->line[n] = (unsigned char)text[n] >= ' ' && (unsigned char)text[n] < 0x7f ? text[n] : '?';
	answer->line[n] = '\0';
}
