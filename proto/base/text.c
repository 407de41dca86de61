/* SPDX-License-Identifier: MIT */
/*
 * Owns which tongue the sentences of this process are in.
 * Must never change a sentence while there is none.
 */
#include <holdfast/text.h>

#include <stddef.h>

static const struct hf_tongue *spoken;

void hf_text_speak(const struct hf_tongue *tongue)
{
	spoken = tongue;
}

/* The translation of "" is a catalogue's own heading. */
const char *hf_text(const char *english)
{
	return spoken && english[0] ? spoken->one(english) : english;
}

const char *hf_text_n(const char *one, const char *many, unsigned long n)
{
	if (spoken)
		return spoken->some(one, many, n);
	return n == 1 ? one : many;
}
