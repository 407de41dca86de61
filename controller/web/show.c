/* SPDX-License-Identifier: MIT */
/*
 * Owns the JSON of the council, its orders, drafts and devices.
 * Must never show two states of a device as one, or an exercise without its mode.
 */
#include <stdlib.h>

#include <holdfast/clock.h>

#include "controller/pages.h"
#include "controller/publish.h"
#include "controller/web/show.h"

json_t *hf_show_names(const char *const *names, size_t n)
{
	json_t *array = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string(names[i]));
	return array;
}

json_t *hf_show_rule_roles(const struct hf_strs *roles)
{
	static const char *const roots[] = {"root"};
	return roles ? hf_json_from_strs(roles) : hf_show_names(roots, 1);
}

json_t *hf_show_council(const struct hf_controller *c)
{
	json_t *trusts = json_array(), *assignments = json_array();
	json_t *reg = c->known.register_envelope ? hf_envelope_to_json(c->known.register_envelope) : json_null();
	for (size_t i = 0; i < c->n_trusts; i++)
		json_array_append_new(trusts, hf_envelope_to_json(c->trusts[i]));
	for (size_t i = 0; i < c->estate.n; i++)
		json_array_append_new(assignments, hf_envelope_to_json(c->estate.v[i].envelope));
	return json_pack("{s:s, s:o, s:o, s:o}", "council", c->known.council, "trusts", trusts, "register", reg,
			 "assignments", assignments);
}

json_t *hf_show_orders(const struct hf_controller *c)
{
	hf_auto_free struct hf_carried *carried = calloc(1, sizeof(*carried));
	json_t *orders = json_array();
	if (!carried || hf_publish_carried(c, carried, NULL) != HF_OK) {
		json_decref(orders);
		return NULL;
	}
	for (size_t i = 0; i < carried->n; i++)
		json_array_append_new(orders, hf_envelope_to_json(carried->v[i]->envelope));
	return json_pack("{s:o}", "orders", orders);
}

json_t *hf_show_taken(const struct hf_taken *taken)
{
	char hex[HF_DIGEST_HEX_SIZE];
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "digest", hf_digest_hex(&taken->digest, hex),
			 "type", hf_doc_type_name(taken->type), "outcome", hf_outcome_name(taken->outcome), "reason",
			 hf_rc_name(taken->reason), "have", (json_int_t)taken->have, "need", (json_int_t)taken->need,
			 "roles", hf_show_rule_roles(taken->roles), "signed_by",
			 hf_show_names(taken->signed_by, taken->n_signed_by));
}

static json_t *show_releases(const struct hf_order *order)
{
	json_t *of = json_array();
	if (order && order->act == HF_ACT_AMEND)
		json_array_append_new(of, hf_json_from_digest(&order->of));
	for (size_t i = 0; order && i < order->n_releases; i++)
		json_array_append_new(of, hf_json_from_digest(&order->releases[i]));
	return of;
}

static json_t *show_draft(const struct hf_controller *c, const struct hf_draft *draft)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	char hex[HF_DIGEST_HEX_SIZE];
	const struct hf_order *order;
	(void)hf_judge(&bench, draft->envelope, &judgement, NULL);
	order = judgement.order;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:I, s:s, s:I, s:I, s:o, s:o, s:o}", "digest",
			 hf_digest_hex(&draft->envelope->digest, hex), "type", hf_doc_type_name(draft->envelope->type),
			 "act", order ? hf_order_act_name(order->act) : "", "kind",
			 order ? hf_kind_name(order->kind) : "", "mode", order ? hf_mode_name(order->mode) : "", "rev",
			 (json_int_t)(order ? order->rev : 0), "of", show_releases(order), "since",
			 (json_int_t)draft->since.s, "reason", hf_rc_name(judgement.rc), "have",
			 (json_int_t)judgement.have, "need", (json_int_t)judgement.need, "roles",
			 hf_show_rule_roles(judgement.roles), "signed_by",
			 hf_show_names(judgement.signed_by, judgement.n_signed_by), "envelope",
			 hf_envelope_to_json(draft->envelope));
}

json_t *hf_show_drafts(const struct hf_controller *c)
{
	json_t *drafts = json_array();
	for (size_t i = 0; i < c->drafts.n; i++)
		json_array_append_new(drafts, show_draft(c, &c->drafts.v[i]));
	return json_pack("{s:o}", "drafts", drafts);
}

static json_t *show_people(const struct hf_assignment *assignment)
{
	json_t *people = json_array();
	for (size_t i = 0; i < assignment->n_people; i++)
		json_array_append_new(people, json_string(assignment->people[i].person));
	return people;
}

static json_t *show_layers(const struct hf_report *report)
{
	json_t *layers = json_array();
	for (size_t i = 0; report && i < report->n_layers; i++)
		json_array_append_new(layers, json_pack("{s:s, s:s, s:s}", "name", report->layers[i].name, "state",
							hf_layer_state_name(report->layers[i].state), "saw",
							report->layers[i].saw));
	return layers;
}

static json_t *show_partly(const struct hf_report *report, enum hf_device_state state)
{
	const char *names[HF_LAYERS_MAX];
	const struct hf_strs wanting = {names, hf_device_partly(report, state, names)};

	return hf_json_from_strs(&wanting);
}

static json_t *show_standings(const struct hf_report *report)
{
	json_t *lockdowns = json_array();
	for (size_t i = 0; report && i < report->n_lockdowns; i++) {
		const struct hf_report_lockdown *l = &report->lockdowns[i];
		json_array_append_new(lockdowns,
				      json_pack("{s:o, s:s, s:s, s:I, s:s}", "id", hf_json_from_digest(&l->id), "kind",
						hf_kind_name(l->kind), "mode", hf_mode_name(l->mode), "rev",
						(json_int_t)l->rev, "standing", hf_standing_name(l->standing)));
	}
	return lockdowns;
}

static json_t *show_refused(const struct hf_report *report)
{
	json_t *refused = json_array();
	for (size_t i = 0; report && i < report->n_refused; i++)
		json_array_append_new(refused, json_pack("{s:s, s:I}", "reason", hf_rc_name(report->refused[i].reason),
							 "count", (json_int_t)report->refused[i].count));
	return refused;
}

static json_t *show_device(const struct hf_device *device, enum hf_device_state state)
{
	const struct hf_report *report = device->report;
	return json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "device",
			 device->assignment->device, "state", hf_device_state_name(state), "people",
			 show_people(device->assignment), "groups", hf_json_from_strs(&device->assignment->groups),
			 "last_report", (json_int_t)(report ? device->heard.s : 0), "counter",
			 (json_int_t)(report ? report->counter : 0), "state_seq",
			 (json_int_t)(report ? report->state_seq : 0), "unknown", report ? report->unknown : false,
			 "layers", show_layers(report), "partly", show_partly(report, state), "lockdowns",
			 show_standings(report), "refused", show_refused(report), "nonce",
			 report && report->has_nonce ? hf_json_from_digest(&report->nonce) : json_null(), "open_for",
			 report ? hf_json_from_strs(&report->open_for) : json_array());
}

/* Those that are not enforced first; the estate itself is in order of ids. */
json_t *hf_show_devices(const struct hf_controller *c, bool only_not_enforced)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_estate_view view = {&lockdowns, hf_clock_wall(), hf_controller_stale_s(c)};
	json_t *devices = json_array();
	if (hf_controller_lockdowns(c, &lockdowns, NULL) != HF_OK) {
		json_decref(devices);
		return NULL;
	}
	for (int round = 0; round < (only_not_enforced ? 1 : 2); round++) {
		for (size_t i = 0; i < c->estate.n; i++) {
			bool not_enforced;
			enum hf_device_state state = hf_device_state_of(&c->estate.v[i], &view, &not_enforced);
			if (not_enforced == (round == 0))
				json_array_append_new(devices, show_device(&c->estate.v[i], state));
		}
	}
	return json_pack("{s:o}", "devices", devices);
}
