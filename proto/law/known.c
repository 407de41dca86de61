/* SPDX-License-Identifier: MIT */
/*
 * Owns everything that one party knows, and the one door through which it learns.
 * Must never take in what is not proven, or half of a message.
 *
 * The law
 *  1. Policy D2.1-2.2: the register is Policy & Communications'; it is changed by approval of the accounts role.
 *  2. Trust N is followed by N + 1 alone, signed by a threshold of the roots of both.
 *  3. Of registers the higher version wins (register_parts.c); a lower one is `rollback`, the same with other content `fork`. Assignments
 *     count together from the newest that two approved (versions.c). One for another device is refused (`device`). What the roots set aside (`void`) is not taken
 *     where another is held. Where it is held any version from `from_version` on may follow it: so a version that nothing
 *     could follow, or one that a thief wrote, has an end. Who holds none takes it: it is in force until then.
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

	if (rc != HF_OK)
		return rc;
	rc = hf_envelope_copy(trust_envelope, &known.trust_envelope);
	if (rc == HF_OK)
		rc = hf_str_copy(known.council, sizeof(known.council), known.trust->council);
	if (rc == HF_OK)
		rc = hf_str_copy(known.device, sizeof(known.device), device);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The first trust cannot be kept.");
	*ret_known = known;
	memset(&known, 0, sizeof(known));
	return HF_OK;
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
	hf_started_prune(&known->ahead, &known->orders);
	hf_started_prune(&known->over, &known->orders);
	old = known->trust;
	known->trust = hf_steal_ptr(&trust);
	trust = old; /* freed on the way out, when nothing points into it any more */
	hf_envelope_free(&known->trust_envelope);
	known->trust_envelope = hf_steal_ptr(&copy);
	hf_known_follow(known, old);
	hf_versions_rejudge(&known->versions, known->trust);
	hf_known_refer(known);
	hf_broker_set_rejudge(&known->brokers, known->trust);
	hf_parts_rejudge(known, hearing);
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
	if (rc == HF_OK && known->versions.n > 0 && hf_trust_void(known->trust, &envelope->digest) &&
	    !hf_versions_find(&known->versions, &envelope->digest))
		rc = hf_err_set(err, HF_E_VOID, "The roots have set this assignment aside.");
	if (rc != HF_OK)
		return rc;
	if (hf_versions_reserve(&known->versions) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the new assignment.");
	rc = hf_versions_join(&known->versions, known->trust, &fresh, &hearing->grew, err);
	hf_known_refer(known);
	return rc;
}

static enum hf_rc hear_brokers(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err)
{
	struct hf_broker_list fresh = {0};
	enum hf_rc rc = hf_broker_list_weigh(known->trust, envelope, &fresh, err);

	if (rc != HF_OK)
		return rc;
	if (strcmp(known->council, fresh.doc->council) == 0)
		return hf_broker_set_join(&known->brokers, known->trust, &fresh, &hearing->grew, err);
	rc = hf_err_set(err, HF_E_COUNCIL, "This list of brokers was made for another council, %s.", fresh.doc->council);
	hf_broker_list_done(&fresh);
	return rc;
}

/* It teaches nothing: whoever has lost what it knew asks hf_recover_ends what it is worth there. */
static enum hf_rc hear_recover(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;

	return hf_recover_open(known, envelope, &recover, err);
}

/* It teaches nothing here, too: drafts are the controller's. */
static enum hf_rc hear_remark(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	const struct hf_person *person;

	return hf_remark_open(known, envelope, &remark, &person, err);
}

/* Nor this: the record is the controller's. */
static enum hf_rc hear_erase(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;

	return hf_erase_open(known, envelope, &erase, err);
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
		return hf_known_hear_register(known, envelope, hearing, err);
	case HF_DOC_ASSIGNMENT:
		return hear_assignment(known, envelope, hearing, err);
	case HF_DOC_ORDER:
		return hf_known_hear_order(known, envelope, hearing, err);
	case HF_DOC_STATE:
		return hf_known_hear_state(known, envelope, hearing, err);
	case HF_DOC_RECOVER:
		return hear_recover(known, envelope, err);
	case HF_DOC_REMARK:
		return hear_remark(known, envelope, err);
	case HF_DOC_ERASE:
		return hear_erase(known, envelope, err);
	case HF_DOC_BROKERS:
		return hear_brokers(known, envelope, hearing, err);
	case HF_DOC_GLASS:
		return hf_known_hear_glass(known, envelope, hearing, err);
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
	struct hf_err own = {""};
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
	const struct hf_lockdowns_ask ask = {.orders = &known->orders,
					     .trust = known->trust,
					     .started = &known->started,
					     .over = &known->over,
					     .now = hf_known_now(known, local)};

	return hf_lockdowns_judge(&ask, ret_lockdowns, err);
}

/* Room first, for all that may be new, so that a failure leaves the memory of beginnings as it was. */
static enum hf_rc make_room_for(struct hf_known *known, const struct hf_lockdowns *lockdowns, struct hf_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < lockdowns->n; i++)
		n += lockdowns->v[i].n_bodies;
	if (hf_started_reserve_all(known, n) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to note that a lockdown has begun.");
	return HF_OK;
}

enum hf_rc hf_known_tick(struct hf_known *known, struct hf_wall local, bool *ret_new, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	bool news = false;
	enum hf_rc rc = hf_known_lockdowns(known, local, &lockdowns, err);

	if (rc == HF_OK)
		rc = make_room_for(known, &lockdowns, err);
	if (rc != HF_OK)
		return rc;
	/* Of orders that shares have pushed out no beginning is remembered, or a flood would fill the memory of them. */
	hf_started_prune(&known->started, &known->orders);
	hf_started_prune(&known->ahead, &known->orders);
	hf_started_prune(&known->over, &known->orders);
	for (size_t i = 0; i < lockdowns.n; i++)
		news = hf_started_note(known, &lockdowns.v[i], local) || news;
	*ret_new = news;
	return HF_OK;
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
	hf_started_done(&known->ahead);
	hf_started_done(&known->over);
	hf_claims_done(&known->claims);
	hf_trust_free(&known->trust);
	hf_envelope_free(&known->trust_envelope);
	hf_register_free(&known->reg);
	hf_parts_done(&known->parts);
	hf_versions_done(&known->versions);
	hf_broker_set_done(&known->brokers);
	hf_glass_held_done(known->glass);
	memset(known, 0, sizeof(*known));
}
