/* SPDX-License-Identifier: MIT */
/*
 * Owns everything that one party knows, and the one door through which it learns.
 * Must never take in what is not proven, or half of a message.
 *
 * The law
 *  1. Policy D2.1-2.2: the register is Policy & Communications'; it is changed by approval of the accounts role.
 *  2. Trust N is followed by N + 1 alone, signed by a threshold of the roots of both.
 *  3. Of registers the higher version wins; a lower one is `rollback`, the same with other content `fork`. Assignments
 *     count together from the newest that two approved (versions.c). One for another device is refused (`device`).
 *  4. A refused message changes nothing; it is counted by its reason and reported.
 *
 * How we read it
 *  1, 3: approvals are looked at before the content is: only what somebody may have written is read.
 *  2: orders are judged by the newest trust (orders.c); the old one is let go of only when nothing points into it.
 *  3: a register stays held when one of its approvers leaves: it was approved on its day, and without it nothing could
 *  be blocked. The next version needs approvers of the newest trust.
 *  4: all that could fail for want of memory is done before the first change.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/law/law.h"

enum hf_rc hf_known_begin(const struct hf_envelope *trust_envelope, const char *device, struct hf_known *ret_known,
			  struct hf_err *err)
{
	hf_auto_known struct hf_known known = {0};
	enum hf_rc rc = hf_trust_open(trust_envelope, NULL, &known.trust, err);

	if (rc == HF_OK)
		rc = hf_envelope_copy(trust_envelope, &known.trust_envelope);
	if (rc == HF_OK)
		rc = hf_str_copy(known.council, sizeof(known.council), known.trust->council);
	if (rc == HF_OK)
		rc = hf_str_copy(known.device, sizeof(known.device), device);
	if (rc != HF_OK)
		return rc;
	*ret_known = known;
	memset(&known, 0, sizeof(known));
	return HF_OK;
}

/* Controllers that are no longer of the trust are forgotten: so there is room for all that are. */
static void prune_controllers(struct hf_known *known)
{
	size_t kept = 0;

	for (size_t i = 0; i < known->n_controllers; i++) {
		if (!hf_trust_controller(known->trust, known->controllers[i].id))
			continue;
		if (kept != i)
			known->controllers[kept] = known->controllers[i];
		kept++;
	}
	known->n_controllers = kept;
}

static enum hf_rc hear_trust(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			     struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	hf_auto_envelope struct hf_envelope *copy = NULL;
	struct hf_trust *old;
	enum hf_rc rc = hf_trust_open(envelope, known->trust, &trust, err);

	if (rc != HF_OK || hf_digest_cmp(&envelope->digest, &known->trust->digest) == 0)
		return rc;
	if (hf_envelope_copy(envelope, &copy) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the new trust.");
	hf_orders_rejudge(&known->orders, trust);
	hf_started_prune(&known->started, &known->orders);
	old = known->trust;
	known->trust = hf_steal_ptr(&trust);
	trust = old; /* freed on the way out, when nothing points into it any more */
	hf_envelope_free(&known->trust_envelope);
	known->trust_envelope = hf_steal_ptr(&copy);
	prune_controllers(known);
	hf_versions_rejudge(&known->versions, known->trust);
	hf_known_refer(known);
	hearing->grew = true;
	return HF_OK;
}

/* Law 3. */
static enum hf_rc compare_versions(int64_t held, const struct hf_digest *held_digest, int64_t heard,
				   const struct hf_digest *heard_digest, struct hf_err *err)
{
	if (heard < held)
		return hf_err_set(err, HF_E_ROLLBACK, "Version %lld is older than version %lld, which is known here.",
				  (long long)heard, (long long)held);
	if (heard == held && hf_digest_cmp(held_digest, heard_digest) != 0)
		return hf_err_set(err, HF_E_FORK, "Version %lld is known here with other content.", (long long)held);
	return HF_OK;
}

static enum hf_rc check_council(const struct hf_known *known, const char *council, struct hf_err *err)
{
	if (strcmp(known->council, council) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_COUNCIL, "This was made for another council, %s.", council);
}

static enum hf_rc hear_register(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
				struct hf_err *err)
{
	hf_auto_register struct hf_register *reg = NULL;
	hf_auto_envelope struct hf_envelope *copy = NULL;
	const struct hf_register *held = known->reg;
	struct hf_verdict verdict;
	enum hf_rc rc = hf_approval_document(known->trust, envelope, &verdict, err);

	if (rc == HF_OK)
		rc = hf_register_decode(envelope, &reg, err);
	if (rc == HF_OK)
		rc = check_council(known, reg->council, err);
	if (rc == HF_OK && held)
		rc = compare_versions(held->version, &held->digest, reg->version, &reg->digest, err);
	if (rc != HF_OK || (held && held->version == reg->version))
		return rc;
	if (hf_envelope_copy(envelope, &copy) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the new register.");
	hf_register_free(&known->reg);
	hf_envelope_free(&known->register_envelope);
	known->reg = hf_steal_ptr(&reg);
	known->register_envelope = hf_steal_ptr(&copy);
	hearing->grew = true;
	return HF_OK;
}

void hf_known_refer(struct hf_known *known)
{
	const struct hf_edition *newest = hf_versions_newest(&known->versions);

	known->assignment = newest ? newest->doc : NULL;
}

enum hf_rc hf_known_check_assignment(const struct hf_known *known, const struct hf_assignment *assignment,
				     struct hf_err *err)
{
	if (strcmp(known->council, assignment->council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "This was made for another council, %s.", assignment->council);
	if (strcmp(known->device, assignment->device) != 0)
		return hf_err_set(err, HF_E_DEVICE, "This assignment is for another device, %s.", assignment->device);
	return HF_OK;
}

static enum hf_rc hear_assignment(struct hf_known *known, const struct hf_envelope *envelope,
				  struct hf_hearing *hearing, struct hf_err *err)
{
	hf_auto_edition struct hf_edition fresh = {0};
	enum hf_rc rc = hf_edition_weigh(known->trust, envelope, &fresh, err);

	if (rc == HF_OK)
		rc = hf_known_check_assignment(known, fresh.doc, err);
	if (rc != HF_OK)
		return rc;
	if (hf_versions_reserve(&known->versions) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the new assignment.");
	rc = hf_versions_join(&known->versions, known->trust, &fresh, &hearing->grew, err);
	hf_known_refer(known);
	return rc;
}

static enum hf_rc hear_document(struct hf_known *known, const struct hf_envelope *envelope, enum hf_doc_type expect,
				struct hf_hearing *hearing, struct hf_err *err)
{
	if (expect != HF_DOC_COUNT && envelope->type != expect)
		return hf_err_set(err, HF_E_TYPE, "Here a document of type %s was expected, not %s.",
				  hf_doc_type_name(expect), hf_doc_type_name(envelope->type));
	switch (envelope->type) {
	case HF_DOC_TRUST:
		return hear_trust(known, envelope, hearing, err);
	case HF_DOC_REGISTER:
		return hear_register(known, envelope, hearing, err);
	case HF_DOC_ASSIGNMENT:
		return hear_assignment(known, envelope, hearing, err);
	case HF_DOC_ORDER:
		return hf_known_hear_order(known, envelope, hearing, err);
	case HF_DOC_STATE:
		return hf_known_hear_state(known, envelope, hearing, err);
	case HF_DOC_REPORT:
	case HF_DOC_COUNT:
		break;
	}
	return hf_err_set(err, HF_E_TYPE, "A report is for the controller and is not heard here.");
}

enum hf_rc hf_known_hear(struct hf_known *known, const struct hf_message *message, struct hf_hearing *ret_hearing,
			 struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err own;
	struct hf_err *text = err ? err : &own;
	enum hf_rc rc;

	memset(ret_hearing, 0, sizeof(*ret_hearing));
	text->text[0] = '\0';
	rc = hf_envelope_decode(message->buf, message->len, &envelope, text);
	if (rc == HF_OK)
		rc = hear_document(known, envelope, message->expect, ret_hearing, text);
	if (rc != HF_OK && ret_hearing->n_refused == 0)
		hf_hearing_refuse(ret_hearing, rc, envelope ? &envelope->digest : NULL, text);
	return rc;
}

struct hf_now hf_known_now(const struct hf_known *known, struct hf_wall local)
{
	return (struct hf_now){.local = local, .issued = known->issued};
}

enum hf_rc hf_known_lockdowns(const struct hf_known *known, struct hf_wall local, struct hf_lockdowns *ret_lockdowns,
			      struct hf_err *err)
{
	return hf_lockdowns_judge(
		&(struct hf_lockdowns_ask){&known->orders, known->trust, &known->started, hf_known_now(known, local)},
		ret_lockdowns, err);
}

/* Calls nothing twice: counts what is new first, so that a failure leaves the memory of beginnings as it was. */
static size_t count_begun(const struct hf_known *known, const struct hf_lockdowns *lockdowns)
{
	size_t n = 0;

	for (size_t i = 0; i < lockdowns->n; i++)
		for (size_t k = 0; k < lockdowns->v[i].n_bodies; k++)
			if (lockdowns->v[i].phases[k] == HF_PHASE_IN_FORCE &&
			    !hf_started_has(&known->started, &lockdowns->v[i].bodies[k]->order->digest))
				n++;
	return n;
}

enum hf_rc hf_known_tick(struct hf_known *known, struct hf_wall local, bool *ret_new, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	enum hf_rc rc = hf_known_lockdowns(known, local, &lockdowns, err);
	size_t n;

	if (rc != HF_OK)
		return rc;
	n = count_begun(known, &lockdowns);
	if (hf_started_reserve(&known->started, n) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to note that a lockdown has begun.");
	for (size_t i = 0; i < lockdowns.n; i++)
		for (size_t k = 0; k < lockdowns.v[i].n_bodies && rc == HF_OK; k++)
			if (lockdowns.v[i].phases[k] == HF_PHASE_IN_FORCE)
				rc = hf_started_add(&known->started, &lockdowns.v[i].bodies[k]->order->digest);
	if (rc == HF_OK)
		*ret_new = n > 0;
	return rc;
}

static bool is_named_by_an_order(const struct hf_orders *orders, const char *person)
{
	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_body *body = &orders->v[i].order->body;

		if (hf_strs_has(&body->exempt, person))
			return true;
		for (size_t h = 0; h < body->n_holding; h++)
			if (strcmp(body->holding[h].poster, person) == 0)
				return true;
	}
	return false;
}

static bool is_a_holder(const struct hf_register *reg, const char *person)
{
	for (size_t i = 0; reg && i < reg->n_accounts; i++)
		for (size_t h = 0; h < reg->accounts[i].n_holders; h++)
			if (strcmp(reg->accounts[i].holders[h].person, person) == 0)
				return true;
	return false;
}

bool hf_known_stands_out(const struct hf_known *known, const struct hf_assignment *assignment)
{
	for (size_t i = 0; i < assignment->n_people; i++) {
		const char *person = assignment->people[i].person;

		if (hf_trust_person(known->trust, person) || is_a_holder(known->reg, person) ||
		    is_named_by_an_order(&known->orders, person))
			return true;
	}
	return false;
}

void hf_known_done(struct hf_known *known)
{
	hf_orders_done(&known->orders);
	hf_started_done(&known->started);
	hf_claims_done(&known->claims);
	hf_trust_free(&known->trust);
	hf_envelope_free(&known->trust_envelope);
	hf_register_free(&known->reg);
	hf_envelope_free(&known->register_envelope);
	hf_versions_done(&known->versions);
	memset(known, 0, sizeof(*known));
}
