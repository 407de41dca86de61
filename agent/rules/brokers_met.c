/* SPDX-License-Identifier: MIT */
/*
 * Owns which brokers a device may join, and when one has proved that the council's server is behind it.
 * Must never forget one that worked for one that never did.
 */
#include "agent/rules/brokers_met.h"

#include <string.h>

static void forget_met(struct hf_broker_met *met)
{
	json_decref(met->row);
	memset(met, 0, sizeof(*met));
}

/* A copy that owns its texts. */
static bool meet(const struct hf_broker *broker, bool proven, struct hf_broker_met *ret)
{
	struct hf_broker_met met = {.row = hf_broker_put(broker), .proven = proven};

	if (met.row && hf_broker_take(met.row, &met.broker, NULL) == HF_OK) {
		*ret = met;
		return true;
	}
	json_decref(met.row);
	return false;
}

const struct hf_broker_met *hf_brokers_met_find(const struct hf_brokers_met *met, const struct hf_broker *broker)
{
	for (size_t i = 0; i < met->n; i++)
		if (hf_broker_same(&met->v[i].broker, broker))
			return &met->v[i];
	return NULL;
}

/* Under another name only; the name is for people. */
static bool same_row(const struct hf_broker_met *a, const struct hf_broker_met *b)
{
	return a->proven == b->proven && json_equal(a->row, b->row);
}

static bool same_all(const struct hf_brokers_met *a, const struct hf_brokers_met *b)
{
	for (size_t i = 0; a->n == b->n && i < a->n; i++)
		if (!same_row(&a->v[i], &b->v[i]))
			return false;
	return a->n == b->n;
}

bool hf_brokers_met_settle(struct hf_brokers_met *met, const struct hf_brokers_now *now)
{
	struct hf_brokers_met next = {.n = 0};
	bool all_proven = now->n > 0, whole = true, changed;

	for (size_t i = 0; i < now->n && whole; i++) {
		const struct hf_broker_met *before = hf_brokers_met_find(met, &now->v[i]);
		bool proven = before && before->proven;

		all_proven = all_proven && proven;
		whole = meet(&now->v[i], proven, &next.v[next.n]);
		next.n += whole;
	}
	for (size_t i = 0; i < met->n && whole && !all_proven && next.n < HF_BROKERS_MET_MAX; i++) {
		if (hf_brokers_now_has(now, &met->v[i].broker) || !met->v[i].proven)
			continue;
		whole = meet(&met->v[i].broker, true, &next.v[next.n]);
		next.n += whole;
	}
	changed = whole && !same_all(met, &next);
	if (changed) {
		next.last = met->last;
		memset(&met->last, 0, sizeof(met->last));
		hf_brokers_met_done(met);
		*met = next;
	} else {
		hf_brokers_met_done(&next);
	}
	return changed;
}

bool hf_brokers_met_prove(struct hf_brokers_met *met, const struct hf_broker *broker)
{
	struct hf_broker_met *mine = (struct hf_broker_met *)hf_brokers_met_find(met, broker);

	if (!mine || mine->proven)
		return false;
	mine->proven = true;
	return true;
}

bool hf_brokers_met_last(struct hf_brokers_met *met, const struct hf_broker *broker)
{
	struct hf_broker_met next = {.row = NULL};

	if (broker ? met->last.row && hf_broker_same(&met->last.broker, broker) : !met->last.row)
		return false;
	if (broker && !meet(broker, true, &next))
		return false;
	forget_met(&met->last);
	met->last = next;
	return true;
}

static bool add_told(json_t *list, const struct hf_broker_met *met, bool listed)
{
	hf_auto_json json_t *row = json_deep_copy(met->row);

	return row && json_object_set_new(row, "proven", json_boolean(met->proven)) == 0 &&
	       json_object_set_new(row, "listed", json_boolean(listed)) == 0 && json_array_append(list, row) == 0;
}

json_t *hf_brokers_met_tell(const struct hf_brokers_met *met, const struct hf_brokers_now *now)
{
	hf_auto_json json_t *list = json_array();
	hf_auto_json json_t *told = json_pack("{s:O, s:b}", "brokers", list, "leave", now->by_two);

	for (size_t i = 0; i < met->n; i++)
		if (!add_told(list, &met->v[i], hf_brokers_now_has(now, &met->v[i].broker)))
			return NULL;
	if (!told || (met->last.row && json_object_set(told, "last", met->last.row) != 0))
		return NULL;
	return json_incref(told);
}

void hf_broker_proof_begin(struct hf_broker_proof *proof, const struct hf_known *known)
{
	*proof = (struct hf_broker_proof){.since = known->issued};
}

/* What is known has this very page as the newest of its controller: so it was verified, and is no replay of an older one. */
static bool was_taken(const struct hf_known *known, const struct hf_state *state)
{
	for (size_t i = 0; i < known->n_controllers; i++) {
		const struct hf_controller_seen *seen = &known->controllers[i];

		if (strcmp(seen->id, state->controller) == 0)
			return seen->seq == state->seq && state->page < seen->n_pages &&
			       hf_digest_cmp(&seen->pages[state->page], &state->digest) == 0;
	}
	return false;
}

static bool is_understood(const struct hf_known *known, const struct hf_state *state)
{
	int64_t version = known->reg ? known->reg->version : 0;

	return state->trust_epoch <= known->trust->epoch && state->register_version <= version;
}

bool hf_broker_proof_hear(struct hf_broker_proof *proof, const struct hf_known *known, const struct hf_state *state,
			  struct hf_wall local)
{
	uint64_t all = state->pages >= 64 ? UINT64_MAX : (UINT64_C(1) << state->pages) - 1;

	_Static_assert(HF_PAGES_MAX <= 64, "a bit for each page");
	if (!was_taken(known, state) || !is_understood(known, state) || state->issued.s <= proof->since.s ||
	    state->valid_until.s < local.s)
		return false;
	if (strcmp(proof->controller, state->controller) != 0 || proof->seq != state->seq) {
		proof->pages = 0;
		proof->seq = state->seq;
		if (hf_str_copy(proof->controller, sizeof(proof->controller), state->controller) != HF_OK)
			return false;
	}
	proof->pages |= UINT64_C(1) << state->page;
	return (proof->pages & all) == all;
}

static json_t *encode_met(const struct hf_broker_met *met)
{
	return json_pack("{s:O, s:b}", "broker", met->row, "proven", met->proven);
}

json_t *hf_brokers_met_encode(const struct hf_brokers_met *met)
{
	hf_auto_json json_t *list = json_array();
	hf_auto_json json_t *json = json_pack("{s:O}", "met", list);

	for (size_t i = 0; i < met->n; i++)
		if (json_array_append_new(list, encode_met(&met->v[i])) != 0)
			return NULL;
	if (!json || (met->last.row && json_object_set(json, "last", met->last.row) != 0))
		return NULL;
	return json_incref(json);
}

static enum hf_rc decode_met(json_t *json, struct hf_brokers_met *met, struct hf_err *err)
{
	struct hf_broker broker;
	json_t *row = NULL;
	bool proven = false;
	const struct hf_json_member members[] = {
		{.name = "broker", .kind = HF_JSON_OBJECT, .ret = &row},
		{.name = "proven", .kind = HF_JSON_BOOL, .ret = &proven},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	if (rc == HF_OK)
		rc = hf_broker_take(row, &broker, err);
	if (rc == HF_OK && !meet(&broker, proven, &met->v[met->n]))
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory for a broker that was met.");
	if (rc == HF_OK)
		met->n++;
	return rc;
}

enum hf_rc hf_brokers_met_decode(json_t *json, struct hf_brokers_met *ret, struct hf_err *err)
{
	json_t *list = NULL, *last = NULL;
	struct hf_broker broker;
	const struct hf_json_member members[] = {
		{.name = "met", .kind = HF_JSON_ARRAY, .ret = &list, .max = HF_BROKERS_MET_MAX},
		{.name = "last", .kind = HF_JSON_OBJECT, .ret = &last, .optional = true},
	};
	enum hf_rc rc = json ? hf_json_take(json, members, HF_LEN(members), err) : HF_OK;

	for (size_t i = 0; rc == HF_OK && i < json_array_size(list); i++)
		rc = decode_met(json_array_get(list, i), ret, err);
	if (rc == HF_OK && last)
		rc = hf_broker_take(last, &broker, err);
	if (rc == HF_OK && last && !meet(&broker, true, &ret->last))
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory for the broker that was stayed with.");
	return rc;
}

void hf_brokers_met_done(struct hf_brokers_met *met)
{
	for (size_t i = 0; i < met->n; i++)
		forget_met(&met->v[i]);
	forget_met(&met->last);
	memset(met, 0, sizeof(*met));
}
