/* SPDX-License-Identifier: MIT */
/*
 * Owns who may open a posting window, and who may say what came of it.
 * Must never allow a second window, or one to anybody but the named poster.
 */
#include "agent/rules/posting_rules.h"

#include <string.h>

#include <holdfast/text.h>
#include <holdfast/windows.h>

static const char *exercise_mark(const struct hf_posting_ask *ask)
{
	return ask->account->holding_of->exercise ? hf_text("EXERCISE: ") : "";
}

static const char *contact(const struct hf_posting_ask *ask)
{
	return ask->account->holding_of->body->order->body.contact;
}

static bool is_exempt(const struct hf_posting_ask *ask)
{
	return ask->account->holding_of->exempt;
}

/* Live, and nothing is shut for this person: then no window is needed. */
static bool needs_none(const struct hf_posting_ask *ask)
{
	return is_exempt(ask) || (!ask->account->holding_of->exercise && ask->account->level == HF_LEVEL_OPEN);
}

/* Is this person the one who was asked? */
static enum hf_rc check_poster(const struct hf_posting_ask *ask, struct hf_err *err)
{
	char who[HF_PERSON_TEXT_SIZE];

	if (!ask->person)
		return hf_err_set(err, HF_E_STRANGER,
				  "you are none of the people whom the council has assigned to this device: ask IT");
	if (ask->posture->unknown)
		return hf_err_set(err, HF_E_PENDING,
				  "this device has lost what it knew, so no posting window opens here until two of "
				  "the council's officers say what is in force: use another device, or ring IT");
	if (ask->posture->over)
		return hf_err_set(err, HF_E_PENDING,
				  "there are more orders of one person than that person's share, so everything is blocked "
				  "until two officers release them: ring the council");
	if (!ask->account)
		return hf_err_set(err, HF_E_ABSENT,
				  "the council has no account '%.130s': see `holdfast-agent status` for those that you "
				  "hold",
				  ask->name);
	if (!ask->account->holding)
		return hf_err_set(err, HF_E_PENDING,
				  "nothing that is in force here has a holding message for %.130s, so there is nothing "
				  "to post",
				  ask->name);
	if (!ask->account->holder && strcmp(ask->account->holding->poster, ask->person) == 0)
		return hf_err_set(err, HF_E_ROLE,
				  "%sby the council's register you do not hold %.100s, so no posting window of it opens "
				  "for you, although you are named to post its message: ring %.80s",
				  exercise_mark(ask), ask->name, contact(ask));
	if (!ask->account->poster && strcmp(ask->account->holding->poster, ask->person) == 0)
		return hf_err_set(err, HF_E_ROLE,
				  "%sthat you have this login on this device was approved by one person alone, so no "
				  "posting window of %.80s opens here until a second one approves it: use another device, "
				  "or ring %.80s",
				  exercise_mark(ask), ask->name, contact(ask));
	if (!ask->account->poster)
		return hf_err_set(err, HF_E_ROLE,
				  "%sthe holding message of %.90s is not for you to post: ring %.80s. %s is asked to post it, "
				  "and nobody else",
				  exercise_mark(ask), ask->name, contact(ask),
				  hf_trust_person_text(ask->trust, ask->account->holding->poster, who));
	return HF_OK;
}

static enum hf_rc check_device(const struct hf_posting_ask *ask, struct hf_err *err)
{
	if (ask->claim && strcmp(ask->claim->device, ask->device) != 0)
		return hf_err_set(err, HF_E_DEVICE,
				  "%syou have taken the posting window of %.80s on your device %s, and there is only "
				  "one: go on there, or ring %.80s",
				  exercise_mark(ask), ask->name, ask->claim->device, contact(ask));
	return HF_OK;
}

/* Instructions that are still to be read keep everything shut, a window does not go past them (policy D10). */
static bool has_to_read(const struct hf_posting_ask *ask)
{
	for (size_t i = 0; i < ask->posture->n_holds; i++) {
		const struct hf_hold *hold = &ask->posture->holds[i];

		if (hold->level == HF_LEVEL_GUARD && hold->to_read &&
		    hf_strs_covers(&hold->body->order->body.accounts, ask->account->account->id))
			return true;
	}
	return false;
}

static enum hf_rc check_unused(const struct hf_posting_ask *ask, struct hf_err *err)
{
	static const char *const what[HF_POSTING_STATE_COUNT] = {
		[HF_POSTING_ENDED] = HF_TEXT("your posting window is over"),
		[HF_POSTING_CANNOT] = HF_TEXT("you have said that you cannot post it"),
		[HF_POSTING_POSTED] = HF_TEXT("you have said that it is posted"),
	};
	const char *why = ask->window ? what[ask->window->state] : NULL;

	/* The record names this device, and it remembers nothing: its memory was lost, not its use. */
	if (!ask->window && ask->claim)
		why = HF_TEXT("this device has taken your posting window before");
	if (!why)
		return HF_OK;
	return hf_err_set(err, HF_E_ROLLBACK, "%s%s, and there is only one for %.80s: ring %.80s", exercise_mark(ask),
			  hf_text(why), ask->name, contact(ask));
}

/* Else one key could keep a platform open without end. */
static enum hf_rc check_message(const struct hf_posting_ask *ask, struct hf_err *err)
{
	char who[HF_PERSON_TEXT_SIZE];

	if (ask->had_by)
		return hf_err_set(err, HF_E_ROLLBACK,
				  "%sthis very text has had its posting window, and there is only one for %.80s: ring %.80s. "
				  "It was taken by %s",
				  exercise_mark(ask), ask->name, contact(ask), hf_trust_person_text(ask->trust, ask->had_by, who));
	if (!ask->granted)
		return hf_err_set(err, HF_E_TOO_FEW,
				  "%sone officer alone gives %d posting windows of %.80s, and this message is one more: "
				  "two have to approve it, ring %.80s",
				  exercise_mark(ask), HF_WINDOWS_ALONE, ask->name, contact(ask));
	return HF_OK;
}

enum hf_rc hf_posting_may_open(const struct hf_posting_ask *ask, struct hf_err *err)
{
	enum hf_rc rc = check_poster(ask, err);

	if (rc == HF_OK)
		rc = check_device(ask, err);
	if (rc == HF_OK)
		rc = check_unused(ask, err);
	if (rc != HF_OK || (ask->window && ask->window->state == HF_POSTING_OPEN))
		return rc;
	if (needs_none(ask))
		return hf_err_set(err, HF_E_USAGE,
				  "%syour posting tools are open, so you need no posting window for %.80s: post it, "
				  "then say so with `holdfast-agent posted`",
				  exercise_mark(ask), ask->name);
	if (has_to_read(ask))
		return hf_err_set(err, HF_E_PENDING,
				  "%sfirst read and acknowledge the instructions of the pre-election period (purdah): "
				  "`holdfast-agent instructions`",
				  exercise_mark(ask));
	return check_message(ask, err);
}

static bool was_open(const struct hf_posting_ask *ask)
{
	return (ask->window && ask->window->state > HF_POSTING_CLAIMED) || (!ask->window && ask->claim);
}

enum hf_rc hf_posting_may_say(const struct hf_posting_ask *ask, enum hf_posting_state state, struct hf_err *err)
{
	enum hf_rc rc = check_poster(ask, err);

	if (rc == HF_OK)
		rc = check_device(ask, err);
	if (rc != HF_OK)
		return rc;
	if (ask->window && ask->window->state != state && !hf_posting_follows(ask->window->state, state))
		return hf_err_set(err, HF_E_ROLLBACK, "%syou have already said that %s: ring %.80s", exercise_mark(ask),
				  state == HF_POSTING_POSTED ? hf_text("you cannot post it") : hf_text("it is posted"),
				  contact(ask));
	if (state == HF_POSTING_POSTED && !was_open(ask) && !needs_none(ask))
		return hf_err_set(
			err, HF_E_PENDING,
			"%syour posting window of %.80s has not been open, so it cannot have been posted from "
			"here: open it with `holdfast-agent pass`",
			exercise_mark(ask), ask->name);
	return HF_OK;
}
