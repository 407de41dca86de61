/* SPDX-License-Identifier: MIT */
/*
 * answer.h - what the agent said, member by member: a view, or one of its rows; pure
 */
#ifndef HOLDFAST_AGENT_TALK_ANSWER_H
#define HOLDFAST_AGENT_TALK_ANSWER_H

#include <jansson.h>
#include <stdbool.h>

#include <holdfast/time.h>

/*
 * hf_said_text, hf_said_is, hf_said_true, hf_said_time - one member: its text, "" when there is none; is it this word;
 * is it true; as a time, 0 when there is none
 *
 * @object   may be NULL
 * Owner     borrowed from the object
 * Returns   text or time borrowed from the object; true or false
 */
const char *hf_said_text(const json_t *object, const char *name);
bool hf_said_is(const json_t *object, const char *name, const char *word);
bool hf_said_true(const json_t *object, const char *name);
struct hf_wall hf_said_time(const json_t *object, const char *name);

/*
 * hf_said_exercise, hf_said_kind, hf_said_article - of a lockdown's row: is it an exercise; "emergency lockdown" or
 * "pre-election period (purdah)"; "An" or "an", "A" or "a" before that
 *
 * @first    at the beginning of a sentence
 * Owner     static text
 * Returns   true or false; static text
 */
bool hf_said_exercise(const json_t *lockdown);
const char *hf_said_kind(const json_t *lockdown);
const char *hf_said_article(const json_t *lockdown, bool first);

/*
 * hf_said_in_force, hf_said_live, hf_said_shared - of a whole view: how many lockdowns of a kind hold; is any of them
 * live; is a tool shut for somebody for whom it is open, since browsers cannot tell people apart
 *
 * @kind     "emergency", "purdah" or "exercise"
 * Returns   how many; true or false
 */
json_int_t hf_said_in_force(const json_t *view, const char *kind);
bool hf_said_live(const json_t *view);
bool hf_said_shared(const json_t *view);

#endif
