/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of a posted envelope: judged, then recorded, kept as a draft, or refused.
 * Must never record what the law has not approved, or keep what nobody with a say has signed.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/door.h"
#include "controller/enter.h"
#include "controller/own_words.h"
#include "controller/erase_door.h"
#include "controller/remark_door.h"

bool hf_door_is_ours(enum hf_rc rc)
{
	return rc == HF_E_SYSTEM || rc == HF_E_MEMORY || rc == HF_E_STALE_HEAD || rc == HF_E_USAGE || rc == HF_E_UNSURE;
}

const char *hf_outcome_name(enum hf_outcome outcome)
{
	switch (outcome) {
	case HF_OUTCOME_RECORDED:
		return "recorded";
	case HF_OUTCOME_DRAFT:
		return "draft";
	case HF_OUTCOME_KNOWN:
		return "known";
	case HF_OUTCOME_UNKNOWN:
		return "unknown";
	case HF_OUTCOME_ABSENT:
		return "absent";
	case HF_OUTCOME_COUNT:
		break;
	}
	return "?";
}

/* What is recorded already of this document; NULL: nothing. Of an erasure the record alone is kept. */
static const struct hf_envelope *find_mine(const struct hf_controller *c, const struct hf_envelope *posted)
{
	if (posted->type == HF_DOC_ERASE)
		return hf_erase_known(c, &posted->digest) ? posted : NULL;
	return hf_door_recorded(c, &posted->digest);
}

static enum hf_record_kind kind_of(enum hf_doc_type type)
{
	switch (type) {
	case HF_DOC_TRUST:
		return HF_RECORD_TRUST;
	case HF_DOC_REGISTER:
		return HF_RECORD_REGISTER;
	case HF_DOC_ASSIGNMENT:
		return HF_RECORD_ASSIGNMENT;
	case HF_DOC_ORDER:
		return HF_RECORD_ORDER;
	case HF_DOC_RECOVER:
		return HF_RECORD_RECOVER;
	case HF_DOC_REMARK:
		return HF_RECORD_REMARK;
	case HF_DOC_ERASE:
		return HF_RECORD_ERASURE;
	case HF_DOC_BROKERS:
		return HF_RECORD_BROKERS;
	case HF_DOC_GLASS:
		return HF_RECORD_GLASS;
	case HF_DOC_STATE:
	case HF_DOC_REPORT:
	case HF_DOC_COUNT:
		break;
	}
	return HF_RECORD_KIND_COUNT;
}

static void fill_taken(const struct hf_envelope *envelope, enum hf_outcome outcome,
		       const struct hf_judgement *judgement, struct hf_taken *ret_taken)
{
	*ret_taken = (struct hf_taken){
		.digest = envelope->digest,
		.type = envelope->type,
		.outcome = outcome,
		.reason = outcome == HF_OUTCOME_DRAFT ? judgement->rc : HF_OK,
		.have = judgement->have,
		.need = judgement->need,
		.roles = judgement->roles,
		.n_signed_by = judgement->n_signed_by,
	};
	memcpy(ret_taken->signed_by, judgement->signed_by, sizeof(ret_taken->signed_by));
}

/* A trust that has been recorded changes who people are: what points into the old one is asked again. */
static void fill_taken_anew(const struct hf_controller *c, const struct hf_envelope *envelope, enum hf_outcome outcome,
			    struct hf_taken *ret_taken)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	(void)hf_judge(&bench, envelope, &judgement, NULL);
	fill_taken(envelope, outcome, &judgement, ret_taken);
}

/* More approvals of a recorded order are kept: the join is of approvals too. */
static enum hf_rc take_known(struct hf_controller *c, const struct hf_envelope *mine, struct hf_envelope *posted,
			     struct hf_taken *ret_taken, struct hf_err *err)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	hf_auto_envelope struct hf_envelope *both = NULL;
	struct hf_bench bench = hf_controller_bench(c);
	bool grew = false;
	enum hf_rc rc = HF_OK;
	if (posted->type == HF_DOC_ORDER || posted->type == HF_DOC_ASSIGNMENT || posted->type == HF_DOC_BROKERS) {
		(void)hf_judge(&bench, posted, &judgement, NULL);
		hf_judge_sift(&bench, &judgement, posted);
		rc = hf_envelope_copy(mine, &both);
		if (rc != HF_OK)
			return hf_err_set(err, rc, "no memory to look at the approvals");
		if ( hf_envelope_merge(both, posted, &grew) == HF_OK && grew)
			rc = hf_controller_enter(c, HF_RECORD_APPROVAL, both, err);
	}
	if (rc == HF_OK)
		fill_taken_anew(c, both ? both : mine, HF_OUTCOME_KNOWN, ret_taken);
	return rc;
}

static size_t first_approved(struct hf_controller *c)
{
	struct hf_bench bench = hf_controller_bench(c);
	for (size_t i = 0; i < c->drafts.n; i++) {
		hf_auto_judgement struct hf_judgement judgement = {0};
		if (hf_judge(&bench, c->drafts.v[i].envelope, &judgement, NULL) == HF_OK)
			return i;
	}
	return c->drafts.n;
}

/* Drafts that what has just been recorded completes: a rule of a new trust, the revision that one waited for. */
static void reconsider(struct hf_controller *c)
{
	size_t i;
	while ((i = first_approved(c)) < c->drafts.n) {
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		if (hf_envelope_copy(c->drafts.v[i].envelope, &envelope) != HF_OK ||
		    hf_controller_enter(c, kind_of(envelope->type), envelope, NULL) != HF_OK)
			return;
	}
}

/* Exercises of this person that go on. */
static size_t exercises_of(const struct hf_lockdowns *lockdowns, const struct hf_person *person)
{
	size_t n = 0;
	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_lockdown *l = &lockdowns->v[i];
		bool mine = false;
		for (size_t p = 0; p < l->raise->signers.n_people; p++)
			mine = mine || l->raise->signers.people[p] == person;
		n += mine && l->raise->order->mode == HF_MODE_EXERCISE &&
		     (l->phase == HF_PHASE_IN_FORCE || l->phase == HF_PHASE_SCHEDULED);
	}
	return n;
}

static enum hf_rc exercise_has_room(const struct hf_controller *c, const struct hf_heard *heard, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	enum hf_rc rc = hf_controller_lockdowns(c, &lockdowns, err);
	if (rc != HF_OK)
		return rc;
	if (heard->order->act == HF_ACT_RELEASE)
		return hf_orders_judge_one(&c->known.orders, c->known.trust, heard, NULL, err);
	for (size_t i = 0; heard->order->act == HF_ACT_RAISE && i < heard->signers.n_people; i++)
		if (exercises_of(&lockdowns, heard->signers.people[i]) < HF_EXERCISES_IN_FORCE_MAX)
			return HF_OK;
	if (heard->order->act != HF_ACT_RAISE)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "%d exercises of the same person go on already: release one of them first",
			  HF_EXERCISES_IN_FORCE_MAX);
}

/* Whose share is full has shut everything: one more order of that person shuts nothing more, and fills the record. */
static enum hf_rc live_has_room(const struct hf_controller *c, const struct hf_heard *heard, struct hf_err *err)
{
	const struct hf_signers *signers = &heard->signers;
	for (size_t i = 0; i < signers->n_people; i++)
		if (hf_orders_share(&c->known.orders, c->known.trust, signers->people[i]->id) <= HF_SHARE_FULL)
			return HF_OK;
	if (heard->order->act == HF_ACT_RELEASE || signers->n_people == 0 ||
	    hf_trust_affirms(c->known.trust, &heard->order->digest))
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE,
			  "%s has more orders here than one person's share, so everything is shut on every device "
			  "already: two release it with `holdfast release --person %s`, and somebody else may raise",
			  signers->people[0]->id, signers->people[0]->id);
}

static enum hf_rc has_room(const struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_order struct hf_order *order = NULL;
	hf_auto_envelope struct hf_envelope *copy = NULL;
	struct hf_heard heard = {0};
	enum hf_rc rc = hf_envelope_copy(envelope, &copy);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to judge an order");
	rc = hf_order_decode(envelope, &order, err);
	if (rc != HF_OK)
		return rc;
	heard.envelope = copy;
	heard.order = order;
	hf_signers_find(c->known.trust, envelope, &heard.signers);
	return order->mode == HF_MODE_EXERCISE ? exercise_has_room(c, &heard, err) : live_has_room(c, &heard, err);
}

static enum hf_rc record_approved(struct hf_controller *c, const struct hf_envelope *envelope,
				  struct hf_taken *ret_taken, struct hf_err *err)
{
	enum hf_rc rc = envelope->type == HF_DOC_ORDER ? has_room(c, envelope, err) : HF_OK;
	if (rc != HF_OK)
		return rc;
	rc = hf_controller_enter(c, kind_of(envelope->type), envelope, err);
	if (rc != HF_OK)
		return rc;
	reconsider(c);
	fill_taken_anew(c, envelope, HF_OUTCOME_RECORDED, ret_taken);
	return HF_OK;
}

/* A share for each person: what roots propose is nobody's, and in a share of its own. */
static enum hf_rc draft_has_room(const struct hf_controller *c, const struct hf_judgement *judgement,
				 enum hf_doc_type type, struct hf_err *err)
{
	if (judgement->n_signed_by == 0 && hf_drafts_of(&c->drafts, "", type) < HF_DRAFTS_OF_ONE_MAX)
		return HF_OK;
	for (size_t i = 0; i < judgement->n_signed_by; i++)
		if (hf_drafts_of(&c->drafts, judgement->signed_by[i], type) < HF_DRAFTS_OF_ONE_MAX)
			return HF_OK;
	return hf_err_set(err, HF_E_SIZE,
			  "%d drafts of %s wait for approval already: have some of them approved, let them lapse, or have "
			  "somebody else write this one",
			  HF_DRAFTS_OF_ONE_MAX, judgement->n_signed_by > 0 ? judgement->signed_by[0] : "the roots");
}

static enum hf_rc keep_draft(struct hf_controller *c, const struct hf_envelope *envelope, bool grew,
			     struct hf_taken *ret_taken, struct hf_err *err)
{
	struct hf_draft *held = hf_drafts_find(&c->drafts, &envelope->digest);
	enum hf_rc rc = HF_OK;
	if (!held || grew)
		rc = hf_controller_enter(c, held ? HF_RECORD_APPROVAL : HF_RECORD_DRAFT, envelope, err);
	if (rc == HF_OK)
		fill_taken_anew(c, envelope, HF_OUTCOME_DRAFT, ret_taken);
	return rc;
}

/* Joins what is posted with the draft that waits, and judges them together. */
static enum hf_rc take_new(struct hf_controller *c, struct hf_envelope *posted, struct hf_taken *ret_taken,
			   struct hf_err *err)
{
	hf_auto_judgement struct hf_judgement alone = {0}, together = {0};
	hf_auto_envelope struct hf_envelope *both = NULL;
	struct hf_bench bench = hf_controller_bench(c);
	const struct hf_draft *held = hf_drafts_find(&c->drafts, &posted->digest);
	bool grew = true;
	enum hf_rc rc = hf_judge(&bench, posted, &alone, err);
	if (rc == HF_OK || alone.may_wait)
		rc = posted->type == HF_DOC_ERASE ? hf_erase_try(c, posted, err) : HF_OK;
	if (rc != HF_OK)
		return rc;
	if (!alone.affirmed)
		hf_judge_sift(&bench, &alone, posted);
	rc = hf_envelope_copy(held ? held->envelope : posted, &both);
	if (rc == HF_OK && held)
		rc = hf_envelope_merge(both, posted, &grew);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "these signatures cannot be joined with those that wait");
	rc = hf_judge(&bench, both, &together, err);
	if (rc == HF_OK)
		return record_approved(c, both, ret_taken, err);
	if (!together.may_wait)
		return rc;
	rc = held ? HF_OK : draft_has_room(c, &together, both->type, err);
	if (rc == HF_OK)
		rc = keep_draft(c, both, grew, ret_taken, err);
	/* Whose role may not sign is taken off the draft; whoever posted it is told. */
	if (rc == HF_OK && alone.rc == HF_E_ROLE)
		ret_taken->reason = HF_E_ROLE;
	return rc;
}

/* It is in force at once, or it is nothing. */
static enum hf_rc take_remark(struct hf_controller *c, const struct hf_envelope *posted, struct hf_taken *ret_taken,
			      struct hf_err *err)
{
	static const struct hf_strs nobody;
	bool known = false;
	enum hf_rc rc = hf_remark_try(c, posted, &known, err);
	if (rc == HF_OK && !known)
		rc = hf_controller_enter(c, hf_remark_kind(posted), posted, err);
	if (rc == HF_OK && !known)
		hf_remark_log(c, posted);
	if (rc == HF_OK)
		*ret_taken = (struct hf_taken){.digest = posted->digest,
					       .type = posted->type,
					       .outcome = known ? HF_OUTCOME_KNOWN : HF_OUTCOME_RECORDED,
					       .have = 1,
					       .need = 1,
					       .roles = &nobody};
	return rc;
}

/* An approval that was taken back is as if it were not there, whoever brings it. */
static enum hf_rc leave_out_withdrawn(const struct hf_controller *c, struct hf_envelope *posted, struct hf_err *err)
{
	const char *whose;
	hf_remarks_sift(&c->remarks, c->known.trust, posted, &whose);
	if (!whose || posted->n_signatures > 0)
		return HF_OK;
	return hf_err_set(err, HF_E_VOID,
			  "%s has taken back the approval of this: it does not count again, so write it anew", whose);
}

static enum hf_rc take_document(struct hf_controller *c, struct hf_envelope *posted, struct hf_taken *ret_taken,
				struct hf_err *err)
{
	const struct hf_envelope *mine = find_mine(c, posted);
	enum hf_rc rc = leave_out_withdrawn(c, posted, err);
	/* What enough others have approved is recorded all the same, and is not to be written anew. */
	if (rc != HF_OK && !(rc == HF_E_VOID && mine))
		return rc;
	return mine ? take_known(c, mine, posted, ret_taken, err) : take_new(c, posted, ret_taken, err);
}

enum hf_rc hf_door_take(struct hf_controller *c, const void *buf, size_t len, struct hf_taken *ret_taken,
			struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *posted = NULL;
	struct hf_err why = {""};
	char hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_envelope_decode(buf, len, &posted, &why);
	hf_own_start(c);
	hf_own_lapses(c, hf_clock_wall());
	if (rc != HF_OK) {
		hf_refusals_note(c, NULL, rc, why.text);
		return hf_err_set(err, rc, "%s", why.text);
	}
	rc = posted->type == HF_DOC_REMARK ? take_remark(c, posted, ret_taken, &why)
					   : take_document(c, posted, ret_taken, &why);
	if (rc != HF_OK && !hf_door_is_ours(rc))
		hf_refusals_note(c, posted, rc, why.text);
	if (rc == HF_E_UNSURE)
		*ret_taken = (struct hf_taken){
			.digest = posted->digest, .type = posted->type, .outcome = HF_OUTCOME_UNKNOWN};
	if (rc != HF_OK && rc != HF_E_UNSURE)
		hf_log_about(HF_LOG_NOTICE, HF_EV_REFUSED, HF_ABOUT(.reason = hf_rc_name(rc)), "type=%s digest=%s",
			     hf_doc_type_name(posted->type), hf_digest_hex(&posted->digest, hex));
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s", why.text);
}
