/* SPDX-License-Identifier: MIT */
/*
 * Owns one question to the law for each type of message.
 * Must never have a rule of its own.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/report.h>

#include "controller/office/broker_change.h"
#include "controller/office/council_folder.h"
#include "controller/office/weigh.h"

static const struct hf_trust *trust_of(const struct hf_view *view)
{
	return view->known.trust;
}

/* What an amendment is compared with; none when the revision before it is not the newest: then the law alone says. */
static size_t bodies_before(const struct hf_view *view, const struct hf_order *order,
			    const struct hf_body **before)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(&view->lockdowns, &order->of);
	size_t n = 0;

	if (!lockdown || order->rev != lockdown->rev + 1)
		return 0;
	for (; n < lockdown->n_bodies; n++)
		before[n] = &lockdown->bodies[n]->order->body;
	return n;
}

static void weigh_order(const struct hf_view *view, const struct hf_envelope *envelope, struct hf_weighed *weighed)
{
	struct hf_envelope copy = *envelope;
	const struct hf_heard heard = {.envelope = &copy, .order = weighed->order, .signers = weighed->signers};
	hf_auto_free const struct hf_body **before = calloc(view->known.orders.n + 1, sizeof(before[0]));
	size_t n = before ? bodies_before(view, weighed->order, before) : 0;

	weighed->rc =
		hf_orders_judge_one(&view->known.orders, trust_of(view), &heard, &weighed->verdict, &weighed->text);
	if (weighed->order->act != HF_ACT_AMEND || n > 0) {
		hf_approval_needs(weighed->order, before, n, &weighed->needs);
	} else if (weighed->verdict.rule) {
		weighed->needs.v[0].kind = weighed->verdict.rule->kind;
		weighed->needs.v[0].act = weighed->verdict.rule->act;
		weighed->needs.n = 1;
	}
	if (weighed->rc == HF_E_OTHER)
		weighed->rc = HF_OK; /* approved is approved: it is kept for its own lockdown */
}

static enum hf_rc not_older(int64_t version, const struct hf_digest *digest, int64_t held,
			    const struct hf_digest *held_digest, struct hf_err *err)
{
	if (version < held)
		return hf_err_set(err, HF_E_ROLLBACK, "It is older than version %lld, which is known here.",
				  (long long)held);
	if (version == held && hf_digest_cmp(digest, held_digest) != 0)
		return hf_err_set(err, HF_E_FORK, "Version %lld, which is known here, says something else.",
				  (long long)held);
	return HF_OK;
}

static enum hf_rc of_council(const struct hf_view *view, const char *council, struct hf_err *err)
{
	if (strcmp(council, trust_of(view)->council) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_COUNCIL, "It is of the council %s.", council);
}

/* The assignment of this device that the council folder keeps, and did two approve it; NULL when it keeps none. */
static struct hf_assignment *kept_assignment(const struct hf_view *view, const char *device, bool *ret_two)
{
	hf_auto_envelope struct hf_envelope *kept = NULL;
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	struct hf_verdict verdict;
	char path[HF_FOLDER_PATH_SIZE];

	if (hf_folder_path(view->office->folder, path, NULL, "assignments/%s.json", device) != HF_OK ||
	    hf_folder_get(path, &kept, NULL) != HF_OK || hf_assignment_decode(kept, &assignment, NULL) != HF_OK ||
	    hf_approval_document(trust_of(view), kept, &verdict, NULL) != HF_OK)
		return NULL;
	*ret_two = hf_approval_loosening(trust_of(view), kept, &verdict, NULL) == HF_OK;
	return hf_steal_ptr(&assignment);
}

static bool by_two(const struct hf_view *view, const struct hf_envelope *envelope)
{
	struct hf_verdict verdict;

	return hf_approval_loosening(trust_of(view), envelope, &verdict, NULL) == HF_OK;
}

static void weigh_approvals(const struct hf_view *view, const struct hf_envelope *envelope, enum hf_rule_kind kind,
			    struct hf_weighed *weighed)
{
	enum hf_rc rc;

	weighed->needs.v[0].kind = kind;
	weighed->needs.v[0].act = kind == HF_RULE_RECORD ? HF_RULE_ERASE : HF_RULE_APPROVE;
	weighed->needs.n = 1;
	rc = hf_approval_document(trust_of(view), envelope, &weighed->verdict,
				  weighed->rc == HF_OK ? &weighed->text : NULL);
	if (weighed->rc == HF_OK)
		weighed->rc = rc;
}

static enum hf_rc weigh_register(const struct hf_view *view, const struct hf_envelope *envelope,
				 struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_register struct hf_register *reg = NULL;
	const struct hf_register *held = view->known.reg;
	enum hf_rc rc = hf_register_decode(envelope, &reg, err);

	if (rc != HF_OK)
		return rc;
	weighed->rc = of_council(view, reg->council, &weighed->text);
	/* A part of the version in force may be of a register that goes before it: part 1 says so. */
	if (weighed->rc == HF_OK && !hf_parts_find(&view->known.parts, &envelope->digest) && reg->place.part == 1)
		weighed->rc = hf_version_follows(trust_of(view), HF_VERSION_OF(held), HF_VERSION_OF(reg),
						 &weighed->text);
	weigh_approvals(view, envelope, HF_RULE_REGISTER, weighed);
	if (weighed->rc == HF_OK)
		weighed->rc = hf_known_try_register(&view->known, envelope, &weighed->text);
	return HF_OK;
}

/* What an assignment takes away, and what it gives to more than ordinary staff, two have to approve. */
static enum hf_rc weigh_loosening(const struct hf_view *view, const struct hf_envelope *envelope,
				  const struct hf_assignment *assignment, struct hf_weighed *weighed,
				  struct hf_err *err)
{
	hf_auto_versions struct hf_versions held = {0};
	struct hf_verdict verdict;
	bool loosens;
	enum hf_rc rc = hf_view_versions(view, assignment->device, &held, err);

	if (rc != HF_OK)
		return rc;
	loosens = held.n > 0 && !hf_versions_find(&held, &envelope->digest) && hf_versions_loosen(&held, assignment);
	if (!loosens && !hf_known_stands_out(&view->known, assignment))
		return HF_OK;
	weighed->needs.v[weighed->needs.n++] = (struct hf_need){HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN};
	rc = hf_approval_loosening(trust_of(view), envelope, &verdict, weighed->rc == HF_OK ? &weighed->text : NULL);
	if (weighed->rc != HF_OK)
		return HF_OK;
	weighed->verdict = verdict;
	weighed->rc = loosens ? rc : HF_OK;
	weighed->second = !loosens && rc != HF_OK;
	return HF_OK;
}

static enum hf_rc weigh_assignment(const struct hf_view *view, const struct hf_envelope *envelope,
				   struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL, *held = NULL;
	bool two = false;
	enum hf_rc rc = hf_assignment_decode(envelope, &assignment, err);

	if (rc != HF_OK)
		return rc;
	held = kept_assignment(view, assignment->device, &two);
	weighed->rc = of_council(view, assignment->council, &weighed->text);
	if (weighed->rc == HF_OK && (!held || two || assignment->version >= held->version))
		weighed->rc = hf_stand_follows(trust_of(view), &(struct hf_stand){HF_VERSION_OF(held), two},
					       &(struct hf_stand){HF_VERSION_OF(assignment), by_two(view, envelope)},
					       &weighed->text);
	weigh_approvals(view, envelope, HF_RULE_ASSIGNMENT, weighed);
	return weigh_loosening(view, envelope, assignment, weighed, err);
}

static bool is_pinned(const struct hf_view *view, const struct hf_envelope *envelope)
{
	json_t *one;
	size_t index;

	json_array_foreach(view->trusts, index, one)
	{
		hf_auto_envelope struct hf_envelope *pinned = NULL;

		if (hf_envelope_from_json(one, &pinned, NULL) == HF_OK &&
		    hf_digest_cmp(&pinned->digest, &envelope->digest) == 0)
			return true;
	}
	return false;
}

static void weigh_trust(const struct hf_view *view, const struct hf_envelope *envelope, struct hf_weighed *weighed)
{
	hf_auto_trust struct hf_trust *opened = NULL, *trust = NULL;
	struct hf_roots_signed so_far;

	weighed->roots = true;
	weighed->rc =
		is_pinned(view, envelope) ? HF_OK : hf_trust_open(envelope, trust_of(view), &opened, &weighed->text);
	if (hf_trust_decode(envelope, &trust, NULL) != HF_OK)
		return;
	hf_trust_progress(trust_of(view), trust, envelope, &so_far);
	weighed->verdict.have = so_far.have;
	weighed->verdict.need = so_far.need;
}

/* The numbers that this controller has used are known only from states heard before. */
static enum hf_rc not_replayed(const struct hf_view *view, const struct hf_state *state, struct hf_err *err)
{
	for (size_t i = 0; i < view->known.n_controllers; i++) {
		const struct hf_controller_seen *seen = &view->known.controllers[i];
		const struct hf_digest none = {{0}};
		const struct hf_digest *page = &seen->pages[state->page];
		struct hf_log_seen log = seen->log;
		enum hf_rc rc;
		bool moved;

		if (strcmp(seen->id, state->controller) != 0)
			continue;
		rc = HF_OK;
		if (state->seq != seen->seq || hf_digest_cmp(page, &none) != 0)
			rc = not_older(state->seq, &state->digest, seen->seq, page, err);
		return rc == HF_OK ? hf_log_hear(&log, state, &moved, err) : rc;
	}
	return HF_OK;
}

static enum hf_rc weigh_state(const struct hf_view *view, const struct hf_envelope *envelope,
			      struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	const struct hf_controller_key *controller;
	enum hf_rc rc = hf_state_decode(envelope, &state, err);

	if (rc != HF_OK)
		return rc;
	controller = hf_trust_controller(trust_of(view), state->controller);
	weighed->rc = of_council(view, state->council, &weighed->text);
	if (weighed->rc == HF_OK && (!controller || !hf_envelope_signed_by(envelope, &controller->pub, NULL)))
		weighed->rc = hf_err_set(&weighed->text, HF_E_CONTROLLER, "No controller of the trust has signed it.");
	if (weighed->rc == HF_OK && !state->hears)
		weighed->rc = not_replayed(view, state, &weighed->text);
	return HF_OK;
}

static enum hf_rc weigh_report(const struct hf_view *view, const struct hf_envelope *envelope,
			       struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	hf_auto_report struct hf_report *report = NULL;
	bool two;
	enum hf_rc rc = hf_report_decode(envelope, &report, err);

	if (rc != HF_OK)
		return rc;
	assignment = kept_assignment(view, report->device, &two);
	weighed->rc = of_council(view, report->council, &weighed->text);
	if (weighed->rc == HF_OK && !assignment)
		weighed->rc = hf_err_set(&weighed->text, HF_E_DEVICE, "The council folder has no assignment of %s.",
					 report->device);
	if (weighed->rc == HF_OK && !hf_envelope_signed_by(envelope, &assignment->pub, NULL))
		weighed->rc = hf_err_set(&weighed->text, HF_E_SIGNATURE, "The key of the device %s has not signed it.",
					 report->device);
	return HF_OK;
}

static enum hf_rc weigh_recover(const struct hf_view *view, const struct hf_envelope *envelope,
				struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	enum hf_rc rc = hf_recover_decode(envelope, &recover, err);

	if (rc != HF_OK)
		return rc;
	weighed->rc = of_council(view, recover->council, &weighed->text);
	weigh_approvals(view, envelope, HF_RULE_RECOVER, weighed);
	return HF_OK;
}

static enum hf_rc weigh_erase(const struct hf_view *view, const struct hf_envelope *envelope,
			      struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	enum hf_rc rc = hf_erase_decode(envelope, &erase, err);

	if (rc != HF_OK)
		return rc;
	weighed->rc = of_council(view, erase->council, &weighed->text);
	weigh_approvals(view, envelope, HF_RULE_RECORD, weighed);
	return HF_OK;
}

/* Of one person, and approved by nobody. */
static enum hf_rc weigh_remark(const struct hf_view *view, const struct hf_envelope *envelope,
			       struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	const struct hf_person *person;
	enum hf_rc rc = hf_remark_decode(envelope, &remark, err);

	if (rc != HF_OK)
		return rc;
	hf_remark_free(&remark);
	weighed->rc = hf_remark_open(&view->known, envelope, &remark, &person, &weighed->text);
	return HF_OK;
}

/* Whoever adds may do so alone; what takes a broker away, or comes after too many that one alone wrote, takes more. */
static enum hf_rc weigh_brokers(const struct hf_view *view, const struct hf_envelope *envelope,
				struct hf_weighed *weighed, struct hf_err *err)
{
	hf_auto_brokers struct hf_brokers *brokers = NULL;
	const struct hf_broker_set *held = &view->known.brokers;
	const struct hf_broker_list *newest = hf_broker_set_newest(held);
	struct hf_err *text = &weighed->text;
	bool known = hf_broker_set_find(held, &envelope->digest), changes;
	enum hf_rc rc = hf_brokers_decode(envelope, &brokers, err);

	if (rc != HF_OK)
		return rc;
	changes = hf_brokers_change(view, brokers);
	weighed->needs.v[0] = (struct hf_need){HF_RULE_BROKERS, changes ? HF_RULE_CHANGE : HF_RULE_ADD};
	weighed->needs.n = 1;
	weighed->rc = of_council(view, brokers->council, text);
	if (weighed->rc == HF_OK && !known)
		weighed->rc = hf_version_follows(trust_of(view), HF_VERSION_OF(newest ? newest->doc : NULL),
						 HF_VERSION_OF(brokers), text);
	rc = hf_approval_changing(trust_of(view), envelope, &weighed->verdict,
				  changes && weighed->rc == HF_OK ? text : NULL);
	if (rc != HF_OK && !changes)
		rc = hf_approval_document(trust_of(view), envelope, &weighed->verdict, weighed->rc == HF_OK ? text : NULL);
	if (weighed->rc == HF_OK)
		weighed->rc = rc;
	return HF_OK;
}

/* Whether a device holds newer ones is for it and the controller to say. */
static enum hf_rc weigh_glass(const struct hf_view *view, const struct hf_envelope *envelope, struct hf_weighed *weighed,
			      struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL, *good = NULL;
	enum hf_rc rc = hf_glass_decode(envelope, &glass, err);

	if (rc != HF_OK)
		return rc;
	weighed->needs.v[0] = hf_glass_need(glass->side);
	weighed->needs.n = 1;
	weighed->rc = hf_approval_document(trust_of(view), envelope, &weighed->verdict, &weighed->text);
	if (weighed->rc == HF_OK)
		weighed->rc = hf_glass_open(&view->known, envelope, &good, &weighed->text);
	return HF_OK;
}

static enum hf_rc weigh_any(const struct hf_view *view, const struct hf_envelope *envelope, struct hf_weighed *weighed,
			    struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	switch (envelope->type) {
	case HF_DOC_ORDER:
		rc = hf_order_decode(envelope, &weighed->order, err);
		if (rc == HF_OK)
			weigh_order(view, envelope, weighed);
		return rc;
	case HF_DOC_REGISTER:
		return weigh_register(view, envelope, weighed, err);
	case HF_DOC_ASSIGNMENT:
		return weigh_assignment(view, envelope, weighed, err);
	case HF_DOC_TRUST:
		weigh_trust(view, envelope, weighed);
		return HF_OK;
	case HF_DOC_STATE:
		return weigh_state(view, envelope, weighed, err);
	case HF_DOC_REPORT:
		return weigh_report(view, envelope, weighed, err);
	case HF_DOC_RECOVER:
		return weigh_recover(view, envelope, weighed, err);
	case HF_DOC_REMARK:
		return weigh_remark(view, envelope, weighed, err);
	case HF_DOC_ERASE:
		return weigh_erase(view, envelope, weighed, err);
	case HF_DOC_BROKERS:
		return weigh_brokers(view, envelope, weighed, err);
	case HF_DOC_GLASS:
		return weigh_glass(view, envelope, weighed, err);
	case HF_DOC_COUNT:
		break;
	}
	return hf_err_set(err, HF_E_TYPE, "It is no message of ours.");
}

enum hf_rc hf_weigh(const struct hf_view *view, const struct hf_envelope *envelope, struct hf_weighed *ret_weighed,
		    struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed weighed = {.rc = HF_OK};
	enum hf_rc rc;

	hf_signers_find(trust_of(view), envelope, &weighed.signers);
	rc = weigh_any(view, envelope, &weighed, err);
	if (rc != HF_OK)
		return rc;
	*ret_weighed = weighed;
	weighed.order = NULL;
	return HF_OK;
}

bool hf_weighed_signed(const struct hf_weighed *weighed, const struct hf_person *person)
{
	for (size_t i = 0; i < weighed->signers.n_people; i++)
		if (strcmp(weighed->signers.people[i]->id, person->id) == 0)
			return true;
	return false;
}

bool hf_weighed_counts(const struct hf_view *view, const struct hf_weighed *weighed, const struct hf_person *person)
{
	if (hf_weighed_signed(weighed, person))
		return false;
	for (size_t i = 0; i < weighed->needs.n; i++) {
		const struct hf_rule *rule =
			hf_trust_rule(trust_of(view), weighed->needs.v[i].kind, weighed->needs.v[i].act);

		for (size_t r = 0; rule && r < person->roles.n; r++)
			if (hf_strs_has(&rule->roles, person->roles.v[r]))
				return true;
	}
	return false;
}

json_t *hf_weighed_signers(const struct hf_weighed *weighed)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < weighed->signers.n_people; i++)
		(void)json_array_append_new(ids, json_string(weighed->signers.people[i]->id));
	return ids;
}

json_t *hf_weighed_who_can(const struct hf_view *view, const struct hf_weighed *weighed)
{
	const struct hf_trust *trust = trust_of(view);
	json_t *ids = json_array();

	bool waits = weighed->rc != HF_OK || weighed->second;

	for (size_t i = 0; waits && i < trust->n_people; i++)
		if (hf_weighed_counts(view, weighed, &trust->people[i]))
			(void)json_array_append_new(ids, json_string(trust->people[i].id));
	return ids;
}

json_t *hf_weighed_roles(const struct hf_weighed *weighed)
{
	if (weighed->roots)
		return json_pack("[s]", "root");
	return weighed->verdict.rule ? hf_json_from_strs(&weighed->verdict.rule->roles) : json_array();
}

void hf_weighed_done(struct hf_weighed *weighed)
{
	hf_order_free(&weighed->order);
	memset(weighed, 0, sizeof(*weighed));
}
