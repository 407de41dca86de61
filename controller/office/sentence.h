/* SPDX-License-Identifier: MIT */
/*
 * sentence.h - the pieces of which every sentence is made, one sentence a line
 *
 * In an exercise the word EXERCISE stands in every sentence.
 */
#ifndef HOLDFAST_OFFICE_SENTENCE_H
#define HOLDFAST_OFFICE_SENTENCE_H

#include <stdio.h>

#include <holdfast/order.h>

#include "controller/office/council_view.h"

#define HF_SHORT_ID 12 /* characters of a digest that people see and type */

/* Tone of a heading. */
enum hf_tone { HF_TONE_PLAIN, HF_TONE_LIVE, HF_TONE_EXERCISE, HF_TONE_COUNT };

/* What a face of the office puts around a heading of one tone. */
struct hf_mark {
	const char *on, *off;
};

struct hf_words {
	FILE *out;
	const struct hf_mark *marks; /* one a tone; NULL: headings are plain */
	bool exercise;
	const struct hf_view *view; /* what it is compared with; may be offline */
	const char *me;		    /* who reads it, to be called "you"; NULL: nobody in particular */
	size_t columns;		    /* how wide the screen is; 0: not said */
};

/*
 * hf_words_begin, hf_words_line, hf_words_heading - the start of a sentence; a whole one; a heading
 */
void hf_words_begin(const struct hf_words *words);
void hf_words_line(const struct hf_words *words, const char *fmt, ...) HF_PRINTF(2, 3);
void hf_words_heading(const struct hf_words *words, enum hf_tone tone, const char *fmt, ...) HF_PRINTF(3, 4);

/*
 * hf_words_text - a text of somebody's own: its further lines are set in, so that none passes for a sentence of ours
 */
void hf_words_text(const struct hf_words *words, const char *label, const char *text);

/*
 * hf_words_short - the first characters of a digest
 *
 * @text     room for HF_SHORT_ID + 1
 */
const char *hf_words_short(const struct hf_digest *digest, char text[HF_SHORT_ID + 1]);

/*
 * hf_words_list, hf_words_strs - strings as "a, b and c"
 *
 * @strings  JSON array of strings; or for hf_words_strs a list
 * Of none it prints "nobody".
 */
void hf_words_list(FILE *out, const json_t *strings);
void hf_words_strs(FILE *out, const struct hf_strs *strs);

/*
 * hf_words_item - one of several, with what stands before it: "", ", " or " and "
 *
 * @i, @n    which of how many, from 0
 */
void hf_words_item(FILE *out, size_t i, size_t n, const char *item);

/*
 * hf_words_who - how the trust that is known here calls somebody; hf_words_people, hf_words_persons - such people as "a, b and c"
 *
 * @text     room for it; what is handed back is in it, or the id itself
 * @ids      JSON array of ids; or for hf_words_persons a list
 * Source    proto/README.md "Trust"
 */
const char *hf_words_who(const struct hf_words *words, const char *id, char text[HF_PERSON_TEXT_SIZE]);
void hf_words_people(const struct hf_words *words, const json_t *ids);
void hf_words_persons(const struct hf_words *words, const struct hf_strs *ids);

/*
 * hf_words_roles - "the role it", "the roles comms or monitoring"; hf_words_each_role - "it and accounts"
 */
void hf_words_roles(FILE *out, const struct hf_strs *roles);
void hf_words_each_role(FILE *out, const struct hf_strs *roles);

/*
 * hf_words_is_all - is it everything, "*" alone
 */
bool hf_words_is_all(const struct hf_strs *strs);

/*
 * hf_words_devices, hf_words_accounts - "all 12 devices", "2 of 11 accounts (x:a and x:b)"
 */
void hf_words_devices(const struct hf_words *words, const struct hf_strs *groups);
void hf_words_accounts(const struct hf_words *words, const struct hf_strs *accounts);

/*
 * hf_words_name - how a lockdown of this kind and mode is called, "LIVE EMERGENCY LOCKDOWN"
 */
const char *hf_words_name(enum hf_kind kind, enum hf_mode mode);

#endif
