/* SPDX-License-Identifier: MIT */
/*
 * Owns the JSON of the council, its orders and drafts.
 * Must never show an exercise without its mode.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/pages.h"
#include "controller/publish.h"
#include "controller/web/show.h"

#define WITHDRAWN_SHOWN 64 /* approvals that were taken back, on one screen */

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

static json_t *show_assignments(const struct hf_controller *c, const char *device)
{
	json_t *list = json_array();
	const struct hf_device *one = device ? hf_estate_find(&c->estate, device) : NULL;
	for (size_t i = 0; !device && i < c->estate.n; i++)
		show_versions(&c->estate.v[i].versions, list);
	if (one)
		show_versions(&one->versions, list);
	return list;
}

/* Those of the register in force but part 1, or those that wait for others. */
static json_t *show_parts(const struct hf_parts *parts, bool in_force)
{
	json_t *list = json_array();
	const struct hf_envelope *part;
	for (size_t i = 1; in_force && (part = hf_parts_in_force(parts, i)); i++)
		json_array_append_new(list, hf_envelope_to_json(part));
	for (size_t i = 0; !in_force && i < parts->n; i++)
		if (!hf_parts_are_in_force(parts, &parts->v[i].envelope->digest))
			json_array_append_new(list, hf_envelope_to_json(parts->v[i].envelope));
	return list;
}

json_t *hf_show_council(const struct hf_controller *c, const char *device)
{
	json_t *trusts = json_array(), *brokers = json_array();
	const struct hf_envelope *first = hf_parts_in_force(&c->known.parts, 0);
	json_t *reg = first ? hf_envelope_to_json(first) : json_null();
	for (size_t i = 0; i < c->n_trusts; i++)
		json_array_append_new(trusts, hf_envelope_to_json(c->trusts[i]));
	for (size_t i = 0; i < c->known.brokers.n; i++)
		json_array_append_new(brokers, hf_envelope_to_json(c->known.brokers.v[i].envelope));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "council", c->known.council, "trusts", trusts, "brokers",
			 brokers, "register", reg, "register_parts", show_parts(&c->known.parts, true), "register_waiting",
			 show_parts(&c->known.parts, false), "assignments", show_assignments(c, device));
}

json_t *hf_show_orders(const struct hf_controller *c)
{
	hf_auto_carried struct hf_carried carried = {0};
	json_t *orders = json_array();
	if (hf_publish_shown(c, &carried, NULL) != HF_OK) {
		json_decref(orders);
		return NULL;
	}
	for (size_t i = 0; i < carried.n; i++)
		json_array_append_new(orders, hf_envelope_to_json(carried.v[i]->envelope));
	return json_pack("{s:o}", "orders", orders);
}

json_t *hf_show_states(const struct hf_controller *c)
{
	json_t *states = json_array();
	for (int64_t page = 0; page < c->n_pages; page++)
		if (c->said[page])
			json_array_append_new(states, hf_envelope_to_json(c->said[page]));
	return json_pack("{s:o}", "states", states);
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

json_t *hf_show_unsure(const struct hf_taken *taken, const char *why)
{
	char hex[HF_DIGEST_HEX_SIZE];
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "error", hf_rc_name(HF_E_UNSURE), "message", why, "outcome",
			 hf_outcome_name(taken->outcome), "digest", hf_digest_hex(&taken->digest, hex), "type",
			 hf_doc_type_name(taken->type));
}

json_t *hf_show_found(const struct hf_digest *digest, const struct hf_found *found)
{
	char hex[HF_DIGEST_HEX_SIZE];
	return json_pack("{s:s, s:s, s:s, s:o}", "digest", hf_digest_hex(digest, hex), "outcome",
			 hf_outcome_name(found->outcome), "reason", hf_rc_name(found->reason), "envelope",
			 found->envelope ? hf_envelope_to_json(found->envelope) : json_null());
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

/* By whom a draft is refused; whoever has approved it since has thought better of it. */
static json_t *show_refusals(const struct hf_controller *c, const struct hf_digest *draft,
			     const struct hf_judgement *judgement)
{
	json_t *list = json_array();
	for (size_t i = 0; i < c->remarks.n_refused; i++) {
		const struct hf_refused_draft *one = &c->remarks.refused[i];
		bool approved = false;
		for (size_t k = 0; k < judgement->n_signed_by; k++)
			approved = approved || strcmp(judgement->signed_by[k], one->person) == 0;
		if (!approved && hf_digest_cmp(&one->draft, draft) == 0)
			json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "person", one->person, "at",
							      (json_int_t)one->at.s, "reason", one->reason));
	}
	return list;
}

/* The newest first, for as long as a draft waits. */
static json_t *show_withdrawn(const struct hf_controller *c)
{
	json_t *list = json_array();
	struct hf_wall now = hf_clock_wall();
	char hex[HF_DIGEST_HEX_SIZE];
	for (size_t i = c->remarks.n_withdrawn; i > 0 && json_array_size(list) < WITHDRAWN_SHOWN; i--) {
		const struct hf_withdrawn *one = &c->remarks.withdrawn[i - 1];
		if (one->gone && now.s - one->at.s <= HF_DRAFT_LIFE_S)
			json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I}", "digest",
							      hf_digest_hex(&one->draft, hex), "type",
							      hf_doc_type_name(one->type), "person", one->person, "at",
							      (json_int_t)one->at.s));
	}
	return list;
}

static json_t *show_draft(const struct hf_controller *c, const struct hf_draft *draft)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	json_t *shown;
	(void)hf_judge(&bench, draft->envelope, &judgement, NULL);
	shown = show_waiting(draft->envelope, draft->since, &judgement);
	json_object_set_new(shown, "refused", show_refusals(c, &draft->envelope->digest, &judgement));
	return shown;
}

/* A recorded assignment whose people are more than ordinary staff, and not here until two approve it. */
static json_t *show_second(const struct hf_controller *c, const struct hf_edition *version)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	struct hf_verdict verdict;
	json_t *shown;
	(void)hf_judge(&bench, version->envelope, &judgement, NULL);
	judgement.rc = hf_approval_loosening(c->known.trust, version->envelope, &verdict, NULL);
	judgement.have = verdict.have;
	judgement.need = verdict.need;
	judgement.roles = verdict.rule ? &verdict.rule->roles : NULL;
	shown = show_waiting(version->envelope, version->doc->issued, &judgement);
	json_object_set_new(shown, "refused", show_refusals(c, &version->envelope->digest, &judgement));
	return shown;
}

json_t *hf_show_drafts(const struct hf_controller *c)
{
	json_t *drafts = json_array();
	struct hf_bench bench = hf_controller_bench(c);
	/* First: what is read last, and stays on the screen, is what changes nothing until it is approved. */
	for (size_t i = 0; i < c->estate.n; i++) {
		const struct hf_edition *second = hf_judge_second(&bench, &c->estate.v[i]);
		if (second)
			json_array_append_new(drafts, show_second(c, second));
	}
	for (size_t i = 0; i < c->drafts.n; i++)
		json_array_append_new(drafts, show_draft(c, &c->drafts.v[i]));
	return json_pack("{s:o, s:o}", "drafts", drafts, "withdrawn", show_withdrawn(c));
}
