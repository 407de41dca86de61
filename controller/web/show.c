/* SPDX-License-Identifier: MIT */
/*
 * Owns the JSON of the council, its orders, drafts and devices.
 * Must never show two states of a device as one, or an exercise without its mode.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/log_witness.h"
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

static void show_versions(const struct hf_versions *versions, json_t *list)
{
	for (size_t i = 0; i < versions->n; i++)
		json_array_append_new(list, hf_envelope_to_json(versions->v[i].envelope));
}

json_t *hf_show_council(const struct hf_controller *c)
{
	json_t *trusts = json_array(), *assignments = json_array();
	json_t *reg = c->known.register_envelope ? hf_envelope_to_json(c->known.register_envelope) : json_null();
	for (size_t i = 0; i < c->n_trusts; i++)
		json_array_append_new(trusts, hf_envelope_to_json(c->trusts[i]));
	for (size_t i = 0; i < c->estate.n; i++)
		show_versions(&c->estate.v[i].versions, assignments);
	return json_pack("{s:s, s:o, s:o, s:o}", "council", c->known.council, "trusts", trusts, "register", reg,
			 "assignments", assignments);
}

json_t *hf_show_orders(const struct hf_controller *c)
{
	hf_auto_carried struct hf_carried carried = {0};
	json_t *orders = json_array();
	if (hf_publish_carried(c, &carried, NULL) != HF_OK) {
		json_decref(orders);
		return NULL;
	}
	for (size_t i = 0; i < carried.n; i++)
		json_array_append_new(orders, hf_envelope_to_json(carried.v[i]->envelope));
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
	for (size_t i = 0; order && i < order->n_persons; i++)
		json_array_append_new(of, json_pack("{s:s, s:I}", "person", order->persons[i].person, "before",
						    (json_int_t)order->persons[i].before.s));
	return of;
}

static json_t *show_waiting(const struct hf_envelope *envelope, struct hf_wall since,
			    const struct hf_judgement *judgement)
{
	const struct hf_order *order = judgement->order;
	char hex[HF_DIGEST_HEX_SIZE];
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:I, s:s, s:I, s:I, s:o, s:o, s:o}", "digest",
			 hf_digest_hex(&envelope->digest, hex), "type", hf_doc_type_name(envelope->type), "act",
			 order ? hf_order_act_name(order->act) : "", "kind", order ? hf_kind_name(order->kind) : "",
			 "mode", order ? hf_mode_name(order->mode) : "", "rev", (json_int_t)(order ? order->rev : 0),
			 "of", show_releases(order), "since", (json_int_t)since.s, "reason", hf_rc_name(judgement->rc),
			 "have", (json_int_t)judgement->have, "need", (json_int_t)judgement->need, "roles",
			 hf_show_rule_roles(judgement->roles), "signed_by",
			 hf_show_names(judgement->signed_by, judgement->n_signed_by), "envelope",
			 hf_envelope_to_json(envelope));
}

static json_t *show_draft(const struct hf_controller *c, const struct hf_draft *draft)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	(void)hf_judge(&bench, draft->envelope, &judgement, NULL);
	return show_waiting(draft->envelope, draft->since, &judgement);
}

/* A recorded assignment whose people are more than ordinary staff, and not here until two approve it. */
static json_t *show_second(const struct hf_controller *c, const struct hf_edition *version)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	struct hf_verdict verdict;
	(void)hf_judge(&bench, version->envelope, &judgement, NULL);
	judgement.rc = hf_approval_loosening(c->known.trust, version->envelope, &verdict, NULL);
	judgement.have = verdict.have;
	judgement.need = verdict.need;
	judgement.roles = verdict.rule ? &verdict.rule->roles : NULL;
	return show_waiting(version->envelope, version->doc->issued, &judgement);
}

json_t *hf_show_drafts(const struct hf_controller *c)
{
	json_t *drafts = json_array();
	/* First: what is read last, and stays on the screen, is what changes nothing until it is approved. */
	for (size_t i = 0; i < c->estate.n; i++) {
		const struct hf_edition *newest = hf_versions_newest(&c->estate.v[i].versions);
		if (!newest->two && hf_known_stands_out(&c->known, newest->doc))
			json_array_append_new(drafts, show_second(c, newest));
	}
	for (size_t i = 0; i < c->drafts.n; i++)
		json_array_append_new(drafts, show_draft(c, &c->drafts.v[i]));
	return json_pack("{s:o}", "drafts", drafts);
}

/* Once each. */
static void add_name(json_t *list, const char *name)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		if (strcmp(json_string_value(one), name) == 0)
			return;
	}
	json_array_append_new(list, json_string(name));
}

json_t *hf_show_people(const struct hf_versions *versions)
{
	json_t *people = json_array();
	struct hf_pairs pairs;
	hf_versions_pairs(versions, &pairs);
	for (size_t i = 0; i < pairs.n; i++)
		add_name(people, pairs.v[i].person);
	return people;
}

static json_t *show_groups(const struct hf_versions *versions)
{
	json_t *groups = json_array();
	for (size_t i = 0; i < versions->n; i++)
		for (size_t g = 0; g < versions->v[i].doc->groups.n; g++)
			add_name(groups, versions->v[i].doc->groups.v[g]);
	return groups;
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

/* Of two machines the weaker word: what the other has not spoken of is not enforced there. */
static enum hf_standing weaker(const struct hf_report *other, const struct hf_report_lockdown *said)
{
	const struct hf_report_lockdown *there = hf_report_of_lockdown(other, &said->id);
	bool done =
		said->standing == HF_STANDING_RELEASED_UNVERIFIED || said->standing == HF_STANDING_RELEASED_VERIFIED;
	if (!there)
		return done ? said->standing : HF_STANDING_RECEIVED;
	return there->standing == HF_STANDING_TAMPERED || there->standing < said->standing ? there->standing
											   : said->standing;
}

static json_t *show_standings(const struct hf_device *device, const struct hf_estate_view *view)
{
	json_t *lockdowns = json_array();
	const struct hf_report *report = device->report;
	bool lately = false;
	(void)hf_device_twins(device, view, &lately);
	for (size_t i = 0; report && i < report->n_lockdowns; i++) {
		struct hf_report_lockdown own = report->lockdowns[i], *l = &own;
		if (lately)
			own.standing = weaker(device->other, &own);
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

static int64_t last_heard(const struct hf_device *device)
{
	int64_t main = device->report ? device->heard.s : 0, other = device->other ? device->other_heard.s : 0;
	return main > other ? main : other;
}

/* What somebody must look into, as words. */
static json_t *show_words(const struct hf_controller *c, const struct hf_device *device)
{
	json_t *words = json_array();
	struct hf_pub pub = hf_key_pub(c->key);
	char key[HF_KEYID_SIZE];
	if (device->other)
		json_array_append_new(words, json_string("two-machines"));
	if (hf_log_witness(c, hf_pub_keyid(&pub, key), device->report))
		json_array_append_new(words, json_string("log-fork"));
	return words;
}

static json_t *show_over(const struct hf_report *report)
{
	json_t *over = json_array();
	for (size_t i = 0; report && i < report->n_over; i++)
		json_array_append_new(over, json_pack("{s:s, s:s}", "person", report->over[i].person, "kind",
						      hf_kind_name(report->over[i].kind)));
	return over;
}

static json_t *show_device(const struct hf_controller *c, const struct hf_device *device,
			   const struct hf_estate_view *view, enum hf_device_state state)
{
	const struct hf_report *report = device->report;
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "device",
			 device->assignment->device, "state", hf_device_state_name(state), "attention",
			 show_words(c, device), "people", hf_show_people(&device->versions), "groups",
			 show_groups(&device->versions), "last_report", (json_int_t)last_heard(device), "counter",
			 (json_int_t)(report ? report->counter : 0), "state_seq",
			 (json_int_t)(report ? report->state_seq : 0), "unknown", report ? report->unknown : false,
			 "layers", show_layers(report), "partly", show_partly(report, state), "lockdowns",
			 show_standings(device, view), "over", show_over(report), "refused", show_refused(report),
			 "nonce", report && report->has_nonce ? hf_json_from_digest(&report->nonce) : json_null(),
			 "open_for", report ? hf_json_from_strs(&report->open_for) : json_array());
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
				json_array_append_new(devices, show_device(c, &c->estate.v[i], &view, state));
		}
	}
	return json_pack("{s:o}", "devices", devices);
}
