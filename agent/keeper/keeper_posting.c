/* SPDX-License-Identifier: MIT */
/*
 * Owns what the named poster asks of the keeper and says to it: pass, posted, cannot.
 * Must never let a word count that the rules do not allow this person.
 */
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/windows.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/rules/posting_rules.h"

/* One question about one account, with all that decides it. Start it zeroed. */
struct asking {
	struct hf_moment moment;
	struct hf_posture posture;
	struct hf_posting_ask ask;
	struct hf_posting which;
	struct hf_posting_window *window;
};

#define auto_asking __attribute__((cleanup(asking_done)))

static void asking_done(struct asking *a)
{
	hf_posture_done(&a->posture);
	hf_moment_done(&a->moment);
}

/* Of one text there is one window, whoever had it. */
static void look_up_others(const struct hf_keeper *k, struct asking *a)
{
	const struct hf_claim *claim = hf_claims_used_by_another(&k->memory.known.claims, &a->which);
	const struct hf_posting_window *w = hf_posting_windows_used_by_another(&k->memory.windows, &a->which);

	a->ask.had_by = claim ? claim->person : w ? w->person : NULL;
}

static enum hf_rc look_up(struct hf_keeper *k, hf_user uid, const struct hf_question *question, struct asking *a,
			  struct hf_err *err)
{
	const struct hf_known *known = &k->memory.known;
	struct hf_pairs pairs;
	const struct hf_pair *who = hf_keeper_pair_of(k, uid, &pairs);
	const char *person = who ? who->person : NULL;
	enum hf_rc rc = hf_moment_of(k, &a->moment, err);

	if (rc == HF_OK)
		rc = hf_case_posture(&a->moment.matter, who, &a->posture, err);
	if (rc != HF_OK)
		return rc;
	a->ask = (struct hf_posting_ask){
		.name = question->account, .person = person, .device = known->device, .trust = known->trust, .posture = &a->posture};
	for (size_t i = 0; i < a->posture.n_accounts; i++) {
		if (strcmp(a->posture.accounts[i].account->id, question->account) == 0)
			a->ask.account = &a->posture.accounts[i];
	}
	if (!person || !a->ask.account || !a->ask.account->holding)
		return HF_OK;
	a->which = hf_posting_of(&a->ask.account->holding_of->lockdown->id, a->ask.account->holding);
	a->which.person = person;
	a->ask.window = a->window = hf_posting_windows_find(&k->memory.windows, &a->which);
	a->ask.claim = hf_claims_find(&known->claims, &a->which);
	a->ask.granted = hf_window_granted(&known->orders, known->trust,
					   a->ask.account->holding_of->lockdown->raise->order,
					   a->ask.account->holding);
	look_up_others(k, a);
	return HF_OK;
}

static enum hf_rc not_without_the_council(const struct asking *a, struct hf_err *err)
{
	const struct hf_hold *hold = a->ask.account->holding_of;

	return hf_err_set(err, HF_E_PENDING,
			  "%sthe council's server does not answer, and without it only your first device may open this "
			  "posting window: use that one, or ring %.80s",
			  hold->exercise ? "EXERCISE: " : "", hold->body->order->body.contact);
}

/* A window that is claimed here, or is to be: opens now, waits for the record, or stays shut. */
static enum hf_rc take_window(struct hf_keeper *k, struct asking *a, struct hf_err *err)
{
	bool opened = false;
	enum hf_rc rc = HF_OK;

	/* A claim that nobody hears now would stand in the way of the first device later. */
	if (!a->window && !hf_keeper_windows_may_claim(k, a->ask.person))
		return not_without_the_council(a, err);
	if (!a->window)
		rc = hf_keeper_windows_claim(k, &a->which, &a->window, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_keeper_windows_try(k, a->window, a->ask.account->holding->minutes, &opened, err);
	if (opened)
		hf_keeper_decide(k);
	return rc == HF_E_PENDING ? not_without_the_council(a, err) : rc;
}

static json_t *window_answer(struct hf_keeper *k, const struct asking *a)
{
	const struct hf_posting_window *w = hf_posting_windows_find(&k->memory.windows, &a->which);
	struct hf_posting_time now = hf_keeper_posting_time(k);

	if (!w)
		return NULL;
	return json_pack("{s:s, s:s, s:I, s:I}", "account", w->account, "state", hf_posting_state_name(w->state),
			 "left_s", (json_int_t)((hf_posting_window_left_ms(w, &now) + 999) / 1000), "minutes",
			 (json_int_t)a->ask.account->holding->minutes);
}

json_t *hf_keeper_answer_pass(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	auto_asking struct asking a = {.window = NULL};
	struct hf_err err = {""};
	enum hf_rc rc = look_up(k, uid, question, &a, &err);

	if (rc == HF_OK)
		rc = hf_posting_may_open(&a.ask, &err);
	if (rc == HF_OK && (!a.window || a.window->state == HF_POSTING_CLAIMED))
		rc = take_window(k, &a, &err);
	return rc == HF_OK ? window_answer(k, &a) : hf_refusal_json(rc, "%s", err.text);
}

/* What this person says becomes what is remembered of the window. */
static enum hf_rc note_said(struct hf_keeper *k, struct asking *a, enum hf_posting_state state,
			    const struct hf_question *question, struct hf_err *err)
{
	struct hf_wall now = hf_keeper_posting_time(k).wall;
	char hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = HF_OK;

	a->which.state = state;
	if (!a->window)
		rc = hf_posting_windows_add(&k->memory.windows, &a->which, now, &a->window);
	else if (a->window->state != state)
		a->window = hf_posting_windows_move(&k->memory.windows, a->window, state, now);
	if (rc == HF_E_SIZE)
		return hf_err_set(err, rc, "this device can keep no more of what was posted: ring IT");
	if (rc != HF_OK || !a->window)
		return hf_err_set(err, HF_E_MEMORY, "no memory to keep what you said: try again in a moment");
	k->dirty = k->windows_news = true;
	if (state == HF_POSTING_POSTED && question->site[0])
		rc = hf_str_copy(a->window->post, sizeof(a->window->post), question->site);
	if (rc == HF_OK && state == HF_POSTING_CANNOT && question->why[0])
		rc = hf_str_copy(a->window->why, sizeof(a->window->why), question->why);
	if (rc != HF_OK)
		rc = hf_err_set(err, rc, "what you said is too long to be kept");
	hf_log_about(HF_LOG_NOTICE, HF_EV_ACCEPTED, HF_ABOUT(.lockdown = hf_digest_hex(&a->window->lockdown, hex)),
		     "account=%s posting=%s", a->window->account, hf_posting_state_name(state));
	return rc;
}

/* Shut first, then written down: a window that is closed is closed at once. */
static enum hf_rc close_as_said(struct hf_keeper *k, enum hf_rc rc, struct hf_err *err)
{
	if (k->windows_news)
		hf_keeper_decide(k);
	if (rc == HF_OK && k->dirty)
		rc = hf_err_set(err, HF_E_SYSTEM,
				"it is shut, but this device cannot write that down (%.160s): say it again in a "
				"moment, and ring IT",
				k->trouble);
	return rc;
}

static json_t *answer_said(struct hf_keeper *k, hf_user uid, const struct hf_question *question,
			   enum hf_posting_state state)
{
	auto_asking struct asking a = {.window = NULL};
	struct hf_err err = {""};
	enum hf_rc rc = look_up(k, uid, question, &a, &err);

	if (rc == HF_OK)
		rc = hf_posting_may_say(&a.ask, state, &err);
	if (rc == HF_OK && question->site[0])
		rc = hf_post_address_check(question->site, &err);
	if (rc == HF_OK)
		rc = close_as_said(k, note_said(k, &a, state, question, &err), &err);
	if (rc != HF_OK)
		return hf_refusal_json(rc, "%s", err.text);
	return json_pack("{s:s, s:s}", "account", question->account, "state", hf_posting_state_name(state));
}

json_t *hf_keeper_answer_posted(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	return answer_said(k, uid, question, HF_POSTING_POSTED);
}

json_t *hf_keeper_answer_cannot(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	return answer_said(k, uid, question, HF_POSTING_CANNOT);
}
