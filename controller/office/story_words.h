/* SPDX-License-Identifier: MIT */
/*
 * story_words.h - the story of a lockdown in plain English: as text, and as a page that is read without anything else
 */
#ifndef HOLDFAST_OFFICE_STORY_WORDS_H
#define HOLDFAST_OFFICE_STORY_WORDS_H

#include <stdio.h>

#include "controller/office/story_tables.h"

/*
 * hf_story_heading - what it is: "Live emergency lockdown"
 *
 * @story    of hf_story_tell
 * Owner     a sentence of the catalogue
 * Returns   the text
 */
const char *hf_story_heading(const json_t *story);

/*
 * hf_story_head_lines - from when to when, by whom, and how whole the record is: [{"title", "text"}...]
 *
 * What whoever read the record adds as `record` is said with it: {"size", "root", "witnesses", "entries", "withheld"}.
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_story_head_lines(const json_t *story, const struct hf_story_face *face);

/*
 * hf_story_figures - the six figures: [{"title", "lines": [text...]}...]
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    policy D5.6-5.7, D9.3
 */
json_t *hf_story_figures(const json_t *story);

/*
 * hf_story_say - the story as text
 *
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_story_say(FILE *out, const json_t *story, const struct hf_story_face *face);

/*
 * hf_story_write_page - the story as one HTML page, with its style, and nothing that it fetches
 *
 * Returns   false: no memory
 * Source    WCAG 2.2
 */
bool hf_story_write_page(FILE *out, const json_t *story, const struct hf_story_face *face);

#endif
