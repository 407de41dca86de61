/* SPDX-License-Identifier: MIT */
/*
 * Owns what the keeper tells its link about brokers, and when one has proved that the council's server is behind it.
 * Must never let the link stay with a broker that has given no fresh whole state.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>

#include "agent/keeper/keeper_inside.h"

#define SILENT_ASKS 2 /* so many times ask_s without a word: another broker is tried beside this one */

static void say_to_link(struct hf_keeper *k, const char *topic, const json_t *json)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (json && hf_json_bytes(json, &text, &len) == HF_OK)
		k->conf.send(k->conf.arg, topic, text, len);
}

/* To the same words nothing is said again, but for a link that has just come. */
static void tell_list(struct hf_keeper *k, const struct hf_brokers_now *now, bool anyway)
{
	json_t *told = hf_brokers_met_tell(&k->memory.brokers, now);

	if (told && (anyway || !k->brokers_told || !json_equal(told, k->brokers_told)))
		say_to_link(k, HF_LOCAL_BROKERS, told);
	json_decref(k->brokers_told);
	k->brokers_told = told;
}

void hf_keeper_brokers(struct hf_keeper *k, bool anyway)
{
	struct hf_brokers_now now;

	hf_broker_set_now(&k->memory.known.brokers, &now);
	if (hf_brokers_met_settle(&k->memory.brokers, &now))
		k->minor = true;
	if (now.n > 0 || k->memory.brokers.n > 0 || k->brokers_told)
		tell_list(k, &now, anyway);
}

static void tell_silent(struct hf_keeper *k, bool silent)
{
	hf_auto_json json_t *json = json_pack("{s:b}", "silent", silent);

	k->silent = silent;
	say_to_link(k, HF_LOCAL_SILENT, json);
}

void hf_keeper_silence(struct hf_keeper *k)
{
	int64_t since = k->heard_at.ms > k->joined_at.ms ? k->heard_at.ms : k->joined_at.ms;
	bool silent = k->joined_at.ms != 0 && hf_clock_boot().ms - since >= k->conf.ask_s * 1000 * SILENT_ASKS;

	if (silent != k->silent && k->brokers_told)
		tell_silent(k, silent);
}

/* Written at once: who starts again goes where the council's server was last. */
static void stay_with(struct hf_keeper *k, const struct hf_broker *broker)
{
	const struct hf_brokers_met *met = &k->memory.brokers;

	if (!hf_brokers_met_last(&k->memory.brokers, met->n > 0 ? broker : NULL))
		return;
	hf_log(HF_LOG_NOTICE, HF_EV_BUS, "broker=%s port=%lld is the one that this device stays with", broker->host,
	       (long long)broker->port);
	k->minor = true;
	hf_keeper_save(k);
}

void hf_keeper_broker_joined(struct hf_keeper *k, const void *buf, size_t len)
{
	hf_auto_json json_t *json = NULL;
	struct hf_broker broker;
	json_t *row = NULL;
	bool trial = false;
	const struct hf_json_member members[] = {
		{.name = "broker", .kind = HF_JSON_OBJECT, .ret = &row},
		{.name = "trial", .kind = HF_JSON_BOOL, .ret = &trial},
	};
	struct hf_err err = {""};
	enum hf_rc rc = hf_json_read(buf, len, HF_SOCK_MESSAGE_MAX, &json, &err);

	if (rc == HF_OK)
		rc = hf_json_take(json, members, HF_LEN(members), &err);
	if (rc == HF_OK)
		rc = hf_broker_take(row, &broker, &err);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = hf_rc_name(rc)),
			     "a link says nothing sensible about a broker: %s", err.text);
		return;
	}
	json_decref(k->source[trial].row);
	k->source[trial].row = json_incref(row);
	hf_broker_proof_begin(&k->source[trial].proof, &k->memory.known);
	if (!trial)
		stay_with(k, &broker);
	k->asked_at.ms = 0; /* this one was not asked yet */
	hf_keeper_ask(k);
}

/* Each time that one is on trial, and of one that is stayed with until it has proved itself once. */
static bool wants_proof(const struct hf_keeper *k, bool trial, struct hf_broker *ret_broker)
{
	const struct hf_broker_met *met;

	if (!k->source[trial].row || hf_broker_take(k->source[trial].row, ret_broker, NULL) != HF_OK)
		return false;
	met = hf_brokers_met_find(&k->memory.brokers, ret_broker);
	return trial || (met && !met->proven);
}

void hf_keeper_broker_said(struct hf_keeper *k, bool trial, const void *buf, size_t len)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_state struct hf_state *state = NULL;
	struct hf_broker broker;

	if (!wants_proof(k, trial, &broker) || hf_envelope_decode(buf, len, &envelope, NULL) != HF_OK ||
	    envelope->type != HF_DOC_STATE || hf_state_decode(envelope, &state, NULL) != HF_OK ||
	    !hf_broker_proof_hear(&k->source[trial].proof, &k->memory.known, state, k->conf.wall()))
		return;
	hf_log(HF_LOG_NOTICE, HF_EV_BUS, "broker=%s port=%lld gave a fresh whole state", broker.host, (long long)broker.port);
	if (hf_brokers_met_prove(&k->memory.brokers, &broker)) {
		k->minor = true;
		hf_keeper_save(k);
	}
	if (trial)
		say_to_link(k, HF_LOCAL_PROVEN, k->source[trial].row);
	hf_keeper_brokers(k, false);
}
