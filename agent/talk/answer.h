/* SPDX-License-Identifier: MIT */
/*
 * answer.h - what the agent said, member by member: a view, or one of its rows; pure
 */
#ifndef HOLDFAST_AGENT_TALK_ANSWER_H
#define HOLDFAST_AGENT_TALK_ANSWER_H

#include <jansson.h>
#include <stdbool.h>

#include <holdfast/err.h>
#include <holdfast/time.h>
#include <holdfast/trust.h>

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

/* Room for what a person is called: a name of the trust, and the id. */
#define HF_SAID_PERSON_SIZE HF_PERSON_TEXT_SIZE

/*
 * hf_said_person - what the person in a member is called: "Anna Price (comms-1)", or the id alone
 *
 * @text     room for it
 * Owner     borrowed: in text, or of the object
 * Returns   text; "" when there is none
 */
const char *hf_said_person(const json_t *object, const char *name, char text[HF_SAID_PERSON_SIZE]);

/*
 * hf_said_people - the same of the people in a list: an array of texts
 *
 * Owner     borrowed from the object
 * Returns   the array; NULL there is none
 */
const json_t *hf_said_people(const json_t *object, const char *name);

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
 * hf_said_begin - when it began or begins: an order without a time of its own, when it was given
 *
 * Returns   the time; 0 when nothing says it
 */
struct hf_wall hf_said_begin(const json_t *lockdown);

/*
 * hf_said_clear - the all-clear that a person is told: the newest, one of a live lockdown before one of an exercise
 *
 * @wanted   is it still to be told; NULL: each is
 * Owner     borrowed from the view
 * Returns   the row; NULL there is none
 * Source    policy D9.3
 */
const json_t *hf_said_clear(const json_t *view, bool (*wanted)(const void *arg, const json_t *lockdown),
			    const void *arg);

/*
 * hf_said_shut - which accounts of this person are shut, while others of theirs are open
 *
 * @text     room for HF_SAID_SHUT_SIZE: "x:A and facebook:B", or "4 of your accounts" when they are more than three
 * Returns   text; NULL when all of them are shut, or none
 */
#define HF_SAID_SHUT_SIZE 400
const char *hf_said_shut(const json_t *view, char text[HF_SAID_SHUT_SIZE]);

/*
 * hf_said_in_force, hf_said_live, hf_said_all_open, hf_said_shared - of a whole view: how many lockdowns of a kind
 * hold; is any of them live; is nothing shut here for anybody, by whatever it may be; is a tool shut for somebody for
 * whom it is open, since browsers cannot tell people apart
 *
 * @kind     "emergency", "purdah" or "exercise"
 * Returns   how many; true or false
 */
json_int_t hf_said_in_force(const json_t *view, const char *kind);
bool hf_said_live(const json_t *view);
bool hf_said_all_open(const json_t *view);
bool hf_said_shared(const json_t *view);

/*
 * hf_said_removable - may the agent leave this device: nothing is shut here, by whatever it may be
 *
 * @view     the device's, not a person's
 * Returns   HF_OK; HF_E_PENDING something is shut, in one sentence
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_said_removable(const json_t *view, struct hf_err *err);

#endif
