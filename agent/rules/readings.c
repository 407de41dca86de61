/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of instructions that are to be read on this device, and by whom.
 * Must never call a text read by somebody who has read another one.
 */
#include "agent/rules/readings.h"

#include <string.h>

#include <holdfast/london.h>

#include "agent/rules/standing.h"

bool hf_body_yours(const struct hf_case *matter, const struct hf_body *body, const char *person)
{
	/* Whose access has an end keeps what it brings until both clocks are past it: see law/posture.c. */
	struct hf_wall first = matter->now.local.s < matter->now.issued.s ? matter->now.local : matter->now.issued;
	const struct hf_register *reg = matter->known->reg;

	if (hf_strs_has(&body->accounts, "*"))
		return true;
	for (size_t i = 0; i < body->accounts.n; i++) {
		const struct hf_account *account = reg ? hf_register_account(reg, body->accounts.v[i]) : NULL;

		if (!account || (person && hf_account_held_by(account, person, first)))
			return true;
	}
	return false;
}

static bool has_text(const struct hf_readings *readings, const struct hf_ack *what)
{
	for (size_t i = 0; i < readings->n; i++) {
		const struct hf_ack *other = &readings->v[i].what;

		if (hf_digest_cmp(&other->lockdown, &what->lockdown) == 0 &&
		    hf_digest_cmp(&other->text, &what->text) == 0)
			return true;
	}
	return false;
}

static enum hf_rc add_body(const struct hf_case *matter, const struct hf_readings_ask *ask, struct hf_reading *reading,
			   struct hf_readings *ret)
{
	const struct hf_order *order = reading->body->order;
	enum hf_rc rc = hf_instructions_digest(order->body.instructions, &reading->what.text);

	if (rc != HF_OK || has_text(ret, &reading->what) || ret->n == HF_READINGS_MAX)
		return rc;
	reading->yours = hf_body_yours(matter, &order->body, ask->person);
	reading->shown = hf_acks_find(ask->shown, &reading->what);
	reading->ack = hf_acks_find(ask->acked, &reading->what);
	reading->asked = ask->person && order->kind == HF_KIND_PURDAH && reading->yours && !reading->ack;
	ret->v[ret->n++] = *reading;
	return HF_OK;
}

static enum hf_rc add_lockdown(const struct hf_case *matter, const struct hf_readings_ask *ask,
			       const struct hf_lockdown *lockdown, struct hf_readings *ret)
{
	enum hf_rc rc = HF_OK;

	for (size_t b = 0; rc == HF_OK && b < lockdown->n_bodies; b++) {
		struct hf_reading reading = {
			.lockdown = lockdown, .body = lockdown->bodies[b], .what.lockdown = lockdown->id};

		if (lockdown->phases[b] != lockdown->phase || !reading.body->order->body.instructions[0])
			continue;
		rc = hf_str_copy(reading.what.person, sizeof(reading.what.person), ask->person ? ask->person : "");
		if (rc == HF_OK)
			rc = add_body(matter, ask, &reading, ret);
	}
	return rc;
}

static bool id_begins_with(const struct hf_lockdown *lockdown, const char *prefix)
{
	char id[HF_DIGEST_HEX_SIZE];

	return strncmp(hf_digest_hex(&lockdown->id, id), prefix, strlen(prefix)) == 0;
}

static enum hf_rc check_prefix(const struct hf_readings *readings, const char *prefix, struct hf_err *err)
{
	if (prefix[0] && readings->n == 0)
		return hf_err_set(err, HF_E_OTHER,
				  "no lockdown that is in force or planned on this device has instructions and an id "
				  "that begins with '%s': look at `holdfast-agent instructions`",
				  prefix);
	for (size_t i = 1; prefix[0] && i < readings->n; i++) {
		if (readings->v[i].lockdown != readings->v[0].lockdown)
			return hf_err_set(err, HF_E_USAGE,
					  "'%s' is the beginning of more than one id: write more of it", prefix);
	}
	return HF_OK;
}

enum hf_rc hf_readings_of(const struct hf_case *matter, const struct hf_readings_ask *ask, struct hf_readings *ret,
			  struct hf_err *err)
{
	/* clang-format off */
	static const struct { enum hf_phase phase; enum hf_mode mode; } turns[] = {
		{ HF_PHASE_IN_FORCE, HF_MODE_LIVE }, { HF_PHASE_IN_FORCE, HF_MODE_EXERCISE },
		{ HF_PHASE_SCHEDULED, HF_MODE_LIVE }, { HF_PHASE_SCHEDULED, HF_MODE_EXERCISE },
	};
	/* clang-format on */
	hf_auto_free const struct hf_lockdown **said = NULL;
	struct hf_readings found = {.n = 0};
	enum hf_rc rc = hf_lockdowns_said(matter->lockdowns, &said);

	for (size_t t = 0; rc == HF_OK && t < HF_LEN(turns); t++) {
		for (size_t i = 0; rc == HF_OK && i < matter->lockdowns->n; i++) {
			const struct hf_lockdown *l = said[i];

			if (l->phase == turns[t].phase && hf_lockdown_mode(l) == turns[t].mode &&
			    id_begins_with(l, ask->prefix) && hf_lockdown_bears(l, &matter->known->versions))
				rc = add_lockdown(matter, ask, l, &found);
		}
	}
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to look for instructions");
	rc = check_prefix(&found, ask->prefix, err);
	if (rc == HF_OK)
		*ret = found;
	return rc;
}

static json_t *reading_row(const struct hf_reading *r)
{
	const struct hf_body *body = &r->body->order->body;
	char id[HF_DIGEST_HEX_SIZE], text[HF_DIGEST_HEX_SIZE], from[HF_WALL_TEXT_SIZE], until[HF_WALL_TEXT_SIZE];

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:I}",
		"lockdown", hf_digest_hex(&r->lockdown->id, id), "kind", hf_kind_name(r->lockdown->raise->order->kind),
		"mode", hf_mode_name(hf_lockdown_mode(r->lockdown)), "phase", hf_phase_name(r->lockdown->phase),
		"level", hf_level_name(body->level), "rev", (json_int_t)r->lockdown->rev, "at",
		(json_int_t)r->lockdown->raise->order->at.s, "from", (json_int_t)body->from.s, "from_local",
		hf_london_text(body->from, from), "until", (json_int_t)body->until.s, "until_local",
		hf_london_text(body->until, until), "reason", body->reason, "contact", body->contact, "text",
		hf_digest_hex(&r->what.text, text), "instructions", body->instructions, "yours", r->yours, "shown",
		r->shown, "asked", r->asked, "acknowledged", (json_int_t)(r->ack ? r->ack->at.s : 0));
}

json_t *hf_readings_json(const struct hf_readings *readings, const char *person)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < readings->n; i++) {
		if (json_array_append_new(list, reading_row(&readings->v[i])) != 0)
			return NULL;
	}
	return list ? json_pack("{s:s?, s:O}", "person", person, "readings", list) : NULL;
}
