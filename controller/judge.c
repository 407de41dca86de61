/* SPDX-License-Identifier: MIT */
/*
 * Owns the question what a posted envelope still needs.
 * Must never have a rule of its own about who may approve; it asks proto/law.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/judge.h"

/* Changes of one device that one person may approve before two look: half of what a device keeps of them. */
#define ALONE_MAX (HF_VERSIONS_MAX / 2)

/* Numbers that an assignment may leave out: one who says the highest there is would have nothing follow it. */
#define LEAP_MAX 1000000

static enum hf_rule_kind rule_kind(enum hf_kind kind)
{
	return kind == HF_KIND_PURDAH ? HF_RULE_PURDAH : HF_RULE_EMERGENCY;
}

/* Each side speaks for itself alone. */
static struct hf_needs say_of_side(const struct hf_envelope *envelope)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	if (hf_glass_decode(envelope, &glass, NULL) != HF_OK)
		return (struct hf_needs){.n = 0};
	return (struct hf_needs){{hf_glass_need(glass->side)}, 1};
}

/* The rules of which somebody with a say must be able to meet one: an amendment may come to need any of three rules. */
static struct hf_needs say_of(const struct hf_envelope *envelope, const struct hf_order *order)
{
	if (envelope->type == HF_DOC_REGISTER)
		return (struct hf_needs){{{HF_RULE_REGISTER, HF_RULE_APPROVE}}, 1};
	if (envelope->type == HF_DOC_ASSIGNMENT)
		return (struct hf_needs){
			{{HF_RULE_ASSIGNMENT, HF_RULE_APPROVE}, {HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN}}, 2};
	if (envelope->type == HF_DOC_RECOVER)
		return (struct hf_needs){{{HF_RULE_RECOVER, HF_RULE_APPROVE}}, 1};
	if (envelope->type == HF_DOC_ERASE)
		return (struct hf_needs){{{HF_RULE_RECORD, HF_RULE_ERASE}}, 1};
	if (envelope->type == HF_DOC_BROKERS)
		return (struct hf_needs){{{HF_RULE_BROKERS, HF_RULE_ADD}, {HF_RULE_BROKERS, HF_RULE_CHANGE}}, 2};
	if (envelope->type == HF_DOC_GLASS)
		return say_of_side(envelope);
	if (!order)
		return (struct hf_needs){.n = 0};
	if (order->mode == HF_MODE_EXERCISE)
		return (struct hf_needs){{{HF_RULE_EXERCISE, HF_RULE_APPROVE}}, 1};
	if (order->act == HF_ACT_RAISE)
		return (struct hf_needs){{{rule_kind(order->kind), HF_RULE_RAISE}}, 1};
	if (order->act == HF_ACT_RELEASE)
		return (struct hf_needs){{{rule_kind(order->kind), HF_RULE_RELEASE}}, 1};
	return (struct hf_needs){{{rule_kind(order->kind), HF_RULE_RAISE},
			     {rule_kind(order->kind), HF_RULE_RELEASE},
			     {HF_RULE_EXEMPT, HF_RULE_APPROVE}},
			    3};
}

static bool has_say(const struct hf_trust *trust, const struct hf_needs *say, const struct hf_person *person)
{
	for (size_t i = 0; i < say->n; i++) {
		const struct hf_rule *rule = hf_trust_rule(trust, say->v[i].kind, say->v[i].act);
		for (size_t r = 0; rule && r < person->roles.n; r++)
			if (hf_strs_has(&rule->roles, person->roles.v[r]))
				return true;
	}
	return false;
}

static void list_signers(const struct hf_trust *trust, const struct hf_envelope *envelope,
			 const struct hf_signers *signers, struct hf_judgement *judgement)
{
	struct hf_needs say = say_of(envelope, judgement->order);
	for (size_t i = 0; i < signers->n_people; i++)
		if (has_say(trust, &say, signers->people[i]))
			judgement->signed_by[judgement->n_signed_by++] = signers->people[i]->id;
}

/* Is this a matter of too few approvals, so that more of them would help? */
static bool wants_more(enum hf_rc rc)
{
	return rc == HF_E_ROLE || rc == HF_E_TOO_FEW || rc == HF_E_SIGNATURE || rc == HF_E_STRANGER;
}

static void conclude_judgement(enum hf_rc rc, const struct hf_verdict *verdict, struct hf_judgement *judgement)
{
	judgement->rc = rc;
	judgement->affirmed = verdict->affirmed;
	judgement->have = verdict->have;
	judgement->need = verdict->need;
	judgement->needs = verdict->needs;
	judgement->roles = verdict->rule ? &verdict->rule->roles : NULL;
	judgement->may_wait = wants_more(rc) && judgement->n_signed_by > 0;
}

/* A release that waits must be about something: naming what is not known here is a slip of the pen. */
static enum hf_rc release_names(const struct hf_known *known, const struct hf_order *release, struct hf_err *err)
{
	bool other = false;
	for (size_t i = 0; i < release->n_persons; i++)
		if (hf_trust_person(known->trust, release->persons[i].person))
			return HF_OK;
	for (size_t i = 0; i < release->n_releases; i++) {
		const struct hf_heard *raise = hf_orders_find(&known->orders, &release->releases[i]);
		if (!raise || raise->order->act != HF_ACT_RAISE)
			continue;
		if (raise->order->kind == release->kind && raise->order->mode == release->mode)
			return HF_OK;
		other = true;
	}
	if (other)
		return hf_err_set(
			err, HF_E_MISMATCH,
			"this release says %s (%s), but the lockdown that it names is of another kind or mode: "
			"write it anew",
			hf_kind_name(release->kind), hf_mode_name(release->mode));
	return hf_err_set(err, HF_E_OTHER,
			  "this release names no lockdown that is known here: look up its identity with `status` and "
			  "write it anew");
}

/* For what it says, so that more approvals could not help. */
static enum hf_rc refuse_content(struct hf_judgement *judgement, enum hf_rc rc)
{
	judgement->may_wait = false;
	return judgement->rc = rc;
}

static enum hf_rc judge_order(const struct hf_bench *bench, const struct hf_envelope *envelope,
			      struct hf_judgement *judgement, struct hf_err *err)
{
	const struct hf_trust *trust = bench->known->trust;
	struct hf_verdict verdict = {.rc = HF_E_RULE};
	struct hf_envelope copy = *envelope;
	struct hf_heard heard = {.envelope = &copy};
	enum hf_rc rc = hf_order_decode(envelope, &judgement->order, err);
	if (rc != HF_OK)
		return judgement->rc = rc;
	heard.order = judgement->order;
	hf_signers_find(trust, envelope, &heard.signers);
	list_signers(trust, envelope, &heard.signers, judgement);
	rc = hf_orders_judge_one(&bench->known->orders, trust, &heard, &verdict, err);
	/* Approved is approved: the release of a lockdown that others know is kept for them. */
	if (rc == HF_E_OTHER)
		rc = HF_OK;
	conclude_judgement(rc, &verdict, judgement);
	if (!judgement->may_wait || judgement->order->act != HF_ACT_RELEASE)
		return rc;
	rc = release_names(bench->known, judgement->order, err);
	return rc == HF_OK ? judgement->rc : refuse_content(judgement, rc);
}

/* Approvals come before the content, as on every device: only what somebody may have written is read. */
static enum hf_rc judge_document(const struct hf_bench *bench, const struct hf_envelope *envelope,
				 struct hf_judgement *judgement, struct hf_err *err)
{
	struct hf_verdict verdict = {.rc = HF_E_RULE};
	struct hf_signers signers;
	enum hf_rc rc;
	hf_signers_find(bench->known->trust, envelope, &signers);
	list_signers(bench->known->trust, envelope, &signers, judgement);
	rc = hf_approval_document(bench->known->trust, envelope, &verdict, err);
	conclude_judgement(rc, &verdict, judgement);
	return rc;
}

static enum hf_rc same_council(const struct hf_known *known, const char *council, struct hf_err *err)
{
	if (strcmp(known->council, council) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_COUNCIL, "this was made for the council '%s'; this controller serves '%s'", council,
			  known->council);
}

static enum hf_rc judge_register(const struct hf_bench *bench, const struct hf_envelope *envelope,
				 struct hf_judgement *judgement, struct hf_err *err)
{
	const struct hf_register *held = bench->known->reg;
	hf_auto_register struct hf_register *reg = NULL;
	enum hf_rc rc = judge_document(bench, envelope, judgement, err);
	if (rc != HF_OK && !judgement->may_wait)
		return rc;
	rc = hf_register_decode(envelope, &reg, err);
	if (rc == HF_OK)
		rc = same_council(bench->known, reg->council, err);
	if (rc == HF_OK)
		rc = hf_version_follows(bench->known->trust, HF_VERSION_OF(held), HF_VERSION_OF(reg), err);
	return rc == HF_OK ? judgement->rc : refuse_content(judgement, rc);
}

static enum hf_rc key_is_its_own(const struct hf_bench *bench, const struct hf_assignment *assignment,
				 struct hf_err *err)
{
	const struct hf_device *other = hf_estate_find_key(bench->estate, &assignment->pub);
	if (other && strcmp(other->assignment->device, assignment->device) != 0)
		return hf_err_set(err, HF_E_KEY,
				  "this key is that of the device '%s' already: make a new one on the device '%s'",
				  other->assignment->device, assignment->device);
	return HF_OK;
}

/* What one person may not do alone to a device that is known: see proto/README.md "Assignment". */
static enum hf_rc judge_loosening(const struct hf_bench *bench, const struct hf_envelope *envelope,
				  const struct hf_assignment *assignment, struct hf_judgement *judgement,
				  struct hf_err *err)
{
	const struct hf_device *held = hf_estate_find(bench->estate, assignment->device);
	struct hf_verdict verdict = {.rc = HF_E_RULE};
	enum hf_rc rc;
	if (!held || hf_versions_find(&held->versions, &envelope->digest) ||
	    (!hf_versions_loosen(&held->versions, assignment) && held->versions.n < ALONE_MAX))
		return HF_OK;
	rc = hf_approval_loosening(bench->known->trust, envelope, &verdict, err);
	if (rc == HF_OK)
		return HF_OK;
	conclude_judgement(rc, &verdict, judgement);
	judgement->loosens = true;
	return rc;
}

static enum hf_rc leaves_room_above(const struct hf_assignment *held, const struct hf_assignment *assignment,
				    struct hf_err *err)
{
	int64_t last = held ? held->version : 0;
	if (assignment->version - last <= LEAP_MAX)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "version %" PRId64 " leaves out too many: make it version %" PRId64,
			  assignment->version, last + 1);
}

static enum hf_rc follows_held(const struct hf_bench *bench, const struct hf_device *held,
			       const struct hf_envelope *envelope, const struct hf_assignment *assignment,
			       struct hf_err *err)
{
	const struct hf_trust *trust = bench->known->trust;
	struct hf_verdict verdict;
	struct hf_stand before = {HF_VERSION_OF(held ? held->assignment : NULL), false};
	struct hf_stand after = {HF_VERSION_OF(assignment),
				 hf_approval_loosening(trust, envelope, &verdict, NULL) == HF_OK};
	if (held)
		before.two = hf_versions_newest(&held->versions)->two;
	return hf_stand_follows(trust, &before, &after, err);
}

static enum hf_rc judge_assignment(const struct hf_bench *bench, const struct hf_envelope *envelope,
				   struct hf_judgement *judgement, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	const struct hf_device *held;
	enum hf_rc rc = judge_document(bench, envelope, judgement, err);
	if (rc != HF_OK && !judgement->may_wait)
		return rc;
	rc = hf_assignment_decode(envelope, &assignment, err);
	if (rc == HF_OK)
		rc = same_council(bench->known, assignment->council, err);
	if (rc == HF_OK)
		rc = key_is_its_own(bench, assignment, err);
	held = rc == HF_OK ? hf_estate_find(bench->estate, assignment->device) : NULL;
	if (rc == HF_OK && (!held || !hf_versions_find(&held->versions, &envelope->digest)))
		rc = follows_held(bench, held, envelope, assignment, err);
	if (rc == HF_OK)
		rc = leaves_room_above(held ? held->assignment : NULL, assignment, err);
	if (rc == HF_OK && !held && bench->estate->n >= HF_ESTATE_MAX)
		rc = hf_err_set(err, HF_E_SIZE, "this controller has %d devices, which is all that it can serve",
				HF_ESTATE_MAX);
	if (rc != HF_OK)
		return refuse_content(judgement, rc);
	return judgement->rc == HF_OK ? judge_loosening(bench, envelope, assignment, judgement, err) : judgement->rc;
}

/* What two have approved needs no other rule to be met. */
static enum hf_rc judge_either(const struct hf_bench *bench, const struct hf_envelope *envelope,
			       struct hf_judgement *judgement, struct hf_err *err)
{
	struct hf_verdict verdict = {.rc = HF_E_RULE};
	enum hf_rc rc = judge_document(bench, envelope, judgement, err);
	if (rc == HF_OK || hf_approval_changing(bench->known->trust, envelope, &verdict, NULL) != HF_OK)
		return rc;
	conclude_judgement(HF_OK, &verdict, judgement);
	return HF_OK;
}

/* A list that leaves anything out, or comes after too many that one alone approved: see proto/README.md "Brokers". */
static enum hf_rc judge_taking_away(const struct hf_bench *bench, const struct hf_envelope *envelope,
				    const struct hf_brokers *brokers, struct hf_judgement *judgement, struct hf_err *err)
{
	const struct hf_broker_set *held = &bench->known->brokers;
	struct hf_verdict verdict;
	struct hf_brokers_now now;
	size_t added = held->n - (hf_broker_set_base(held) ? 1 : 0);
	enum hf_rc rc;
	hf_broker_set_now(held, &now);
	if (hf_broker_set_find(held, &envelope->digest) ||
	    (!hf_brokers_take_away(&now, brokers) && added < HF_BROKER_ADDS_MAX))
		return judgement->rc;
	rc = hf_approval_changing(bench->known->trust, envelope, &verdict, err);
	conclude_judgement(rc, &verdict, judgement);
	return judgement->rc;
}

static enum hf_rc list_follows(const struct hf_bench *bench, const struct hf_brokers *brokers, struct hf_err *err)
{
	const struct hf_broker_list *newest = hf_broker_set_newest(&bench->known->brokers);
	int64_t last = newest ? newest->doc->version : 0;
	enum hf_rc rc;
	if (hf_broker_set_find(&bench->known->brokers, &brokers->digest))
		return HF_OK;
	rc = hf_version_follows(bench->known->trust, HF_VERSION_OF(newest ? newest->doc : NULL), HF_VERSION_OF(brokers), err);
	if (rc == HF_OK && brokers->version - last > LEAP_MAX && !hf_trust_void(bench->known->trust, &brokers->digest))
		rc = hf_err_set(err, HF_E_SIZE, "version %" PRId64 " leaves out too many: make it version %" PRId64,
				brokers->version, last + 1);
	return rc;
}

static enum hf_rc judge_brokers(const struct hf_bench *bench, const struct hf_envelope *envelope,
				struct hf_judgement *judgement, struct hf_err *err)
{
	hf_auto_brokers struct hf_brokers *brokers = NULL;
	enum hf_rc rc = judge_either(bench, envelope, judgement, err);
	if (rc != HF_OK && !judgement->may_wait)
		return rc;
	rc = hf_brokers_decode(envelope, &brokers, err);
	if (rc == HF_OK)
		rc = same_council(bench->known, brokers->council, err);
	if (rc == HF_OK)
		rc = list_follows(bench, brokers, err);
	if (rc != HF_OK)
		return refuse_content(judgement, rc);
	return judge_taking_away(bench, envelope, brokers, judgement, err);
}

static bool is_named(const struct hf_recover *recover, const struct hf_digest *order)
{
	for (size_t i = 0; i < recover->n_live; i++)
		if (hf_digest_cmp(&recover->live[i], order) == 0)
			return true;
	return false;
}

/* Whoever approves a recovery that leaves out what holds would open a device in an emergency. */
static enum hf_rc names_all_that_holds(const struct hf_bench *bench, const struct hf_recover *recover,
				       struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	enum hf_rc rc = hf_known_lockdowns(bench->known, hf_clock_wall(), &lockdowns, err);
	char hex[HF_DIGEST_HEX_SIZE];
	for (size_t i = 0; i < lockdowns.n && rc == HF_OK; i++) {
		const struct hf_lockdown *l = &lockdowns.v[i];
		bool holds = l->phase == HF_PHASE_IN_FORCE || l->phase == HF_PHASE_SCHEDULED;
		bool named = is_named(recover, &l->id);
		for (size_t k = 0; k < l->n_bodies; k++)
			named = named && is_named(recover, &l->bodies[k]->order->digest);
		if (holds && l->raise->order->mode == HF_MODE_LIVE && !named)
			rc = hf_err_set(err, HF_E_MISMATCH,
					"this leaves out the lockdown %.12s as it holds now: write it anew",
					hf_digest_hex(&l->id, hex));
	}
	return rc;
}

static enum hf_rc judge_recover(const struct hf_bench *bench, const struct hf_envelope *envelope,
				struct hf_judgement *judgement, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	enum hf_rc rc = judge_document(bench, envelope, judgement, err);
	if (rc != HF_OK && !judgement->may_wait)
		return rc;
	rc = hf_recover_decode(envelope, &recover, err);
	if (rc == HF_OK)
		rc = same_council(bench->known, recover->council, err);
	for (size_t i = 0; rc == HF_OK && i < recover->n_devices; i++)
		if (!hf_estate_find(bench->estate, recover->devices[i].device))
			rc = hf_err_set(err, HF_E_DEVICE, "no device '%s' is assigned", recover->devices[i].device);
	if (rc == HF_OK)
		rc = names_all_that_holds(bench, recover, err);
	return rc == HF_OK ? judgement->rc : refuse_content(judgement, rc);
}

static enum hf_rc judge_erase(const struct hf_bench *bench, const struct hf_envelope *envelope,
			      struct hf_judgement *judgement, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	enum hf_rc rc = judge_document(bench, envelope, judgement, err);
	if (rc != HF_OK && !judgement->may_wait)
		return rc;
	rc = hf_erase_decode(envelope, &erase, err);
	if (rc == HF_OK)
		rc = same_council(bench->known, erase->council, err);
	return rc == HF_OK ? judgement->rc : refuse_content(judgement, rc);
}

static enum hf_rc glass_fits(const struct hf_bench *bench, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	const struct hf_device *device;
	const struct hf_glass *held;
	enum hf_rc rc = hf_glass_open(bench->known, envelope, &glass, err);
	if (rc != HF_OK)
		return rc;
	device = hf_estate_find(bench->estate, glass->device);
	if (!device)
		return hf_err_set(err, HF_E_DEVICE, "no device '%s' is assigned", glass->device);
	if (memcmp(device->assignment->pub.b, glass->pub.b, sizeof(glass->pub.b)) != 0)
		return hf_err_set(err, HF_E_MISMATCH, "the device '%s' has another key than these halves are for", glass->device);
	held = device->glass[glass->side].doc;
	rc = hf_glass_follows(bench->known->trust, held, glass, err);
	if (rc == HF_OK && glass->set - (held ? held->set : 0) > LEAP_MAX)
		rc = hf_err_set(err, HF_E_SIZE, "set %" PRId64 " leaves out too many: make it set %" PRId64, glass->set,
				(held ? held->set : 0) + 1);
	return rc;
}

static enum hf_rc judge_glass(const struct hf_bench *bench, const struct hf_envelope *envelope,
			      struct hf_judgement *judgement, struct hf_err *err)
{
	enum hf_rc rc = judge_document(bench, envelope, judgement, err);
	if (rc == HF_OK)
		rc = glass_fits(bench, envelope, err);
	return rc == HF_OK || judgement->rc != HF_OK ? rc : refuse_content(judgement, rc);
}

/* Both the old roots and the new ones must sign: what is shown is the side that lacks more. */
static enum hf_rc judge_trust(const struct hf_bench *bench, const struct hf_envelope *envelope,
			      struct hf_judgement *judgement, struct hf_err *err)
{
	const struct hf_trust *held = bench->known->trust;
	hf_auto_trust struct hf_trust *opened = NULL, *next = NULL;
	struct hf_roots_signed so_far;
	judgement->rc = hf_trust_open(envelope, held, &opened, err);
	if (judgement->rc != HF_OK && judgement->rc != HF_E_SIGNATURE)
		return judgement->rc;
	judgement->have = hf_trust_roots_signed(held, envelope);
	judgement->need = (size_t)held->threshold;
	if (judgement->rc == HF_OK || hf_trust_decode(envelope, &next, NULL) != HF_OK)
		return judgement->rc;
	/* Of an epoch that others have made since it can never be recorded: with enough roots it would be a fork. */
	judgement->may_wait = judgement->have > 0 && next->epoch > held->epoch;
	hf_trust_progress(held, next, envelope, &so_far);
	judgement->have = so_far.have;
	judgement->need = so_far.need;
	return judgement->rc;
}

enum hf_rc hf_judge(const struct hf_bench *bench, const struct hf_envelope *envelope,
		    struct hf_judgement *ret_judgement, struct hf_err *err)
{
	switch (envelope->type) {
	case HF_DOC_TRUST:
		return judge_trust(bench, envelope, ret_judgement, err);
	case HF_DOC_REGISTER:
		return judge_register(bench, envelope, ret_judgement, err);
	case HF_DOC_ASSIGNMENT:
		return judge_assignment(bench, envelope, ret_judgement, err);
	case HF_DOC_ORDER:
		return judge_order(bench, envelope, ret_judgement, err);
	case HF_DOC_RECOVER:
		return judge_recover(bench, envelope, ret_judgement, err);
	case HF_DOC_ERASE:
		return judge_erase(bench, envelope, ret_judgement, err);
	case HF_DOC_BROKERS:
		return judge_brokers(bench, envelope, ret_judgement, err);
	case HF_DOC_GLASS:
		return judge_glass(bench, envelope, ret_judgement, err);
	case HF_DOC_STATE:
	case HF_DOC_REPORT:
	case HF_DOC_REMARK:
	case HF_DOC_COUNT:
		break;
	}
	return ret_judgement->rc = hf_err_set(err, HF_E_TYPE, "a %s is not taken here: it is approved by nobody",
					      hf_doc_type_name(envelope->type));
}

static bool root_made(const struct hf_trust *trust, const struct hf_envelope *envelope, size_t index)
{
	for (size_t i = 0; trust && i < trust->n_roots; i++)
		if (hf_envelope_signature_ok(envelope, index, &trust->roots[i]))
			return true;
	return false;
}

static bool person_made(const struct hf_trust *trust, const struct hf_needs *say, const struct hf_pub *key)
{
	const struct hf_person *person = key ? hf_trust_person_of_key(trust, key) : NULL;
	return person && has_say(trust, say, person);
}

bool hf_judge_has_say(const struct hf_bench *bench, const struct hf_envelope *envelope,
		      const struct hf_judgement *judgement, const struct hf_person *person)
{
	struct hf_needs say = judgement->needs.n > 0 ? judgement->needs : say_of(envelope, judgement->order);
	return has_say(bench->known->trust, &say, person);
}

void hf_judge_sift(const struct hf_bench *bench, const struct hf_judgement *judgement, struct hf_envelope *envelope)
{
	struct hf_needs say = say_of(envelope, judgement->order);
	hf_auto_trust struct hf_trust *next = NULL;
	struct hf_sifted sifted = {0};
	size_t kept = 0;
	bool is_trust = envelope->type == HF_DOC_TRUST;
	if (is_trust && hf_trust_decode(envelope, &next, NULL) != HF_OK)
		return;
	if (!is_trust)
		hf_signers_sift(bench->known->trust, envelope, &sifted);
	for (size_t i = 0; i < envelope->n_signatures; i++) {
		bool keep = is_trust ? root_made(bench->known->trust, envelope, i) || root_made(next, envelope, i)
				     : person_made(bench->known->trust, &say, sifted.keys[i]);
		if (keep)
			envelope->signatures[kept++] = envelope->signatures[i];
	}
	envelope->n_signatures = kept;
}

void hf_judgement_done(struct hf_judgement *judgement)
{
	hf_order_free(&judgement->order);
	memset(judgement, 0, sizeof(*judgement));
}

const struct hf_edition *hf_judge_second(const struct hf_bench *bench, const struct hf_device *device)
{
	const struct hf_edition *newest = hf_versions_newest(&device->versions);
	return newest && !newest->two && hf_known_stands_out(bench->known, newest->doc) ? newest : NULL;
}
