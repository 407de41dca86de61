/* SPDX-License-Identifier: MIT */
/*
 * Owns what the keeper answers to the people of its device.
 * Must never let an acknowledgement count that is not this person's own, or that is not on disk.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/rules/readings.h"
#include "agent/rules/view.h"

static const char *person_of(const struct hf_keeper *k, hf_user uid)
{
	struct hf_pairs pairs;
	const struct hf_pair *who = hf_keeper_pair_of(k, uid, &pairs);

	return who ? who->person : NULL;
}

/* The texts are about to be read by this person: a screen of theirs has them. */
static void note_shown(struct hf_keeper *k, struct hf_readings *readings)
{
	bool grew = false;

	for (size_t i = 0; i < readings->n; i++) {
		struct hf_reading *r = &readings->v[i];
		bool is_new = false;

		r->what.at = k->conf.wall();
		if (r->what.at.s < 0)
			r->what.at.s = 0;
		r->shown = hf_acks_add(&k->memory.shown, &r->what, &is_new) == HF_OK;
		grew = grew || is_new;
		if (r->lockdown->phase == HF_PHASE_IN_FORCE && !hf_started_has(&k->memory.seen, &r->lockdown->id))
			grew = hf_started_add(&k->memory.seen, &r->lockdown->id) == HF_OK || grew;
	}
	if (grew) {
		k->minor = !hf_keeper_save(k);
		hf_keeper_report(k, false);
	}
}

static enum hf_rc readings_now(struct hf_keeper *k, struct hf_moment *moment, struct hf_readings_ask ask,
			       struct hf_readings *ret, struct hf_err *err)
{
	enum hf_rc rc = hf_moment_of(k, moment, err);

	ask.shown = &k->memory.shown;
	ask.acked = &k->memory.acked;
	return rc == HF_OK ? hf_readings_of(&moment->matter, &ask, ret, err) : rc;
}

static json_t *answer_instructions(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	hf_auto_moment struct hf_moment moment = {0};
	const char *person = person_of(k, uid);
	struct hf_readings readings;
	struct hf_err err = {""};
	enum hf_rc rc = readings_now(
		k, &moment, (struct hf_readings_ask){.person = person, .prefix = question->lockdown}, &readings, &err);

	if (rc != HF_OK)
		return hf_refusal_json(rc, "%s", err.text);
	if (person && question->reads)
		note_shown(k, &readings);
	return hf_readings_json(&readings, person);
}

/* The one text that is acknowledged, if it is asked for now and was opened. */
static enum hf_rc pick_text(struct hf_keeper *k, const char *person, const struct hf_question *question,
			    struct hf_ack *ret_what, struct hf_err *err)
{
	hf_auto_moment struct hf_moment moment = {0};
	struct hf_readings readings;
	enum hf_rc rc = readings_now(
		k, &moment, (struct hf_readings_ask){.person = person, .prefix = question->lockdown}, &readings, err);

	for (size_t i = 0; rc == HF_OK && i < readings.n; i++) {
		const struct hf_reading *r = &readings.v[i];
		char text[HF_DIGEST_HEX_SIZE];

		if (r->lockdown->raise->order->kind != HF_KIND_PURDAH ||
		    strcmp(hf_digest_hex(&r->what.text, text), question->text) != 0)
			continue;
		if (!r->shown && !r->ack)
			return hf_err_set(err, HF_E_PENDING,
					  "you have not opened these instructions yet: read them with `holdfast-agent "
					  "instructions`, then acknowledge them");
		*ret_what = r->ack ? *r->ack : r->what;
		return HF_OK;
	}
	return rc != HF_OK ? rc
			   : hf_err_set(err, HF_E_PENDING,
					"there are no such instructions now, or they have changed: read them again "
					"with `holdfast-agent instructions`");
}

/* On disk first. What cannot be written down is not held in memory either, so it opens nothing. */
static enum hf_rc save_acknowledgement(struct hf_keeper *k, const struct hf_ack *what, struct hf_err *err)
{
	hf_auto_acks struct hf_acks before = {NULL, 0};
	bool is_new = false;
	enum hf_rc rc = hf_acks_copy(&k->memory.acked, &before);

	if (rc == HF_OK)
		rc = hf_acks_add(&k->memory.acked, what, &is_new);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for your acknowledgement: try again in a moment");
	if (hf_keeper_save(k))
		return HF_OK;
	hf_acks_done(&k->memory.acked);
	k->memory.acked = before;
	memset(&before, 0, sizeof(before));
	return hf_err_set(err, HF_E_SYSTEM,
			  "this device cannot write down that you have acknowledged (%.200s), so what is shut for you "
			  "stays shut: try again, and ring IT",
			  k->trouble);
}

static enum hf_level level_of(struct hf_keeper *k, hf_user uid)
{
	hf_auto_moment struct hf_moment moment = {0};
	hf_auto_posture struct hf_posture posture = {0};
	struct hf_pairs pairs;
	enum hf_rc rc = hf_moment_of(k, &moment, NULL);

	if (rc == HF_OK)
		rc = hf_case_posture(&moment.matter, hf_keeper_pair_of(k, uid, &pairs), &posture, NULL);
	return rc == HF_OK ? posture.level : HF_LEVEL_BLOCK;
}

static json_t *answer_acknowledge(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	const char *person = person_of(k, uid);
	struct hf_ack what;
	struct hf_err err = {""};
	enum hf_rc rc;
	bool already;

	if (!person)
		return hf_refusal_json(HF_E_STRANGER,
				       "you are none of the people whom the council has assigned to this "
				       "device, and nobody can acknowledge for somebody else: ask IT");
	rc = pick_text(k, person, question, &what, &err);
	already = rc == HF_OK && hf_acks_find(&k->memory.acked, &what);
	if (rc == HF_OK && !already) {
		what.at = k->conf.wall();
		what.at.s = what.at.s < 0 ? 0 : what.at.s;
		rc = save_acknowledgement(k, &what, &err);
	}
	if (rc != HF_OK)
		return hf_refusal_json(rc, "%s", err.text);
	if (!already) {
		hf_log_about(HF_LOG_NOTICE, HF_EV_ACCEPTED, HF_ABOUT(.lockdown = question->lockdown),
			     "instructions are acknowledged");
		hf_keeper_decide(k);
	}
	return json_pack("{s:b, s:I, s:s}", "already", already, "at", (json_int_t)what.at.s, "level",
			 hf_level_name(level_of(k, uid)));
}

static json_t *word_rows(const struct hf_register *reg)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && reg && i < reg->n_words; i++) {
		json_t *row = json_pack("{s:s, s:s}", "text", reg->words[i].text, "kind",
					hf_word_kind_name(reg->words[i].kind));

		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

/* The pre-election period that is nearest: in force, else planned; NULL when there is none. */
static const struct hf_lockdown *period_of(const struct hf_moment *moment, const struct hf_versions *versions)
{
	const struct hf_lockdown *found = NULL;

	for (size_t i = 0; i < moment->lockdowns.n; i++) {
		const struct hf_lockdown *l = &moment->lockdowns.v[i];

		if (l->raise->order->kind != HF_KIND_PURDAH || hf_lockdown_mode(l) != HF_MODE_LIVE ||
		    !hf_lockdown_bears(l, versions))
			continue;
		if (l->phase == HF_PHASE_IN_FORCE)
			return l;
		if (l->phase == HF_PHASE_SCHEDULED &&
		    (!found || l->bodies[0]->order->body.from.s < found->bodies[0]->order->body.from.s))
			found = l;
	}
	return found;
}

static json_t *answer_words(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	hf_auto_moment struct hf_moment moment = {0};
	const struct hf_register *reg = k->memory.known.reg;
	const struct hf_lockdown *period;
	const struct hf_body *body;

	(void)uid, (void)question;
	if (hf_moment_of(k, &moment, NULL) != HF_OK)
		return NULL;
	period = period_of(&moment, &k->memory.known.versions);
	body = period ? &period->bodies[0]->order->body : NULL;
	return json_pack("{s:s, s:I, s:I, s:I, s:o}", "period", period ? hf_phase_name(period->phase) : "none", "from",
			 (json_int_t)(body ? body->from.s : 0), "until", (json_int_t)(body ? body->until.s : 0),
			 "register_version", (json_int_t)(reg ? reg->version : 0), "words", word_rows(reg));
}

json_t *hf_keeper_answer(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	/* clang-format off */
	static const struct { const char *ask; json_t *(*fn)(struct hf_keeper *, hf_user, const struct hf_question *); } rows[] = {
		{ HF_ASK_STATUS,       hf_keeper_status },
		{ HF_ASK_INSTRUCTIONS, answer_instructions },
		{ HF_ASK_ACKNOWLEDGE,  answer_acknowledge },
		{ HF_ASK_WORDS,        answer_words },
		{ HF_ASK_SITES,        hf_keeper_sites },
		{ HF_ASK_TRIED,        hf_keeper_tried },
		{ HF_ASK_TOLD,         hf_keeper_told },
		{ HF_ASK_PASS,         hf_keeper_answer_pass },
		{ HF_ASK_POSTED,       hf_keeper_answer_posted },
		{ HF_ASK_CANNOT,       hf_keeper_answer_cannot },
		{ HF_ASK_GLASS,        hf_keeper_answer_glass },
		{ HF_ASK_RETIRE,       hf_keeper_answer_retire },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (strcmp(question->ask, rows[i].ask) == 0)
			return rows[i].fn(k, uid, question);
	}
	return NULL;
}
