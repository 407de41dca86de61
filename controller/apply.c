/* SPDX-License-Identifier: MIT */
/*
 * Owns how a record becomes knowledge, and which drafts are pointless by what is known then.
 * Must never record or publish; a report is no knowledge about orders and is not taken here.
 */
#include <stdlib.h>

#include <holdfast/clock.h>

#include "controller/apply.h"

static enum hf_rc apply_trust(struct hf_controller *c, const struct hf_envelope *envelope, const struct hf_entry *entry,
			      struct hf_err *err)
{
	struct hf_hearing hearing;
	struct hf_envelope **trusts = realloc(c->trusts, (c->n_trusts + 1) * sizeof(*trusts));
	enum hf_rc rc;
	if (!trusts)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a trust");
	c->trusts = trusts;
	if (c->n_trusts >= HF_TRUSTS_MAX)
		return hf_err_set(err, HF_E_SIZE, "%d trusts are held, which is all that can be", HF_TRUSTS_MAX);
	rc = hf_envelope_copy(envelope, &c->trusts[c->n_trusts]);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for a trust");
	rc = c->begun ? hf_known_hear(&c->known, &(struct hf_message){entry->body, entry->body_len, HF_DOC_TRUST},
				      &hearing, err)
		      : hf_known_begin(envelope, "", &c->known, err);
	if (rc != HF_OK) {
		hf_envelope_free(&c->trusts[c->n_trusts]);
		return rc;
	}
	c->begun = true;
	c->n_trusts++;
	return HF_OK;
}

static enum hf_rc apply_assignment(struct hf_controller *c, struct hf_envelope **envelope, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	enum hf_rc rc = hf_judge(&bench, *envelope, &judgement, err);
	if (rc == HF_OK)
		rc = hf_assignment_decode(*envelope, &assignment, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_estate_assign(&c->estate, envelope, &assignment);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "there is no room for one more device");
}

static enum hf_rc apply_recover(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	enum hf_rc rc = hf_recover_open(&c->known, envelope, &recover, err);
	if (rc == HF_OK && hf_estate_recover(&c->estate, recover, envelope) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for what devices may believe again");
	return rc;
}

static enum hf_rc apply_draft(struct hf_controller *c, const struct hf_envelope *envelope, const struct hf_entry *entry,
			      struct hf_err *err)
{
	struct hf_hearing hearing;
	enum hf_rc rc;
	if (entry->kind == HF_RECORD_APPROVAL && !hf_drafts_find(&c->drafts, &envelope->digest))
		return hf_known_hear(&c->known, &(struct hf_message){entry->body, entry->body_len, HF_DOC_ORDER},
				     &hearing, err);
	rc = hf_drafts_put(&c->drafts, envelope, entry->at);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%d drafts wait already", HF_DRAFTS_MAX);
}

enum hf_rc hf_controller_apply(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_digest digest = entry->digest;
	struct hf_hearing hearing;
	enum hf_rc rc = hf_envelope_decode(entry->body, entry->body_len, &envelope, err);
	if (rc != HF_OK)
		return rc;
	if (!c->begun && entry->kind != HF_RECORD_TRUST)
		return hf_err_set(err, HF_E_EPOCH, "no trust is known yet");
	switch (entry->kind) {
	case HF_RECORD_TRUST:
		rc = apply_trust(c, envelope, entry, err);
		break;
	case HF_RECORD_REGISTER:
		rc = hf_known_hear(&c->known, &(struct hf_message){entry->body, entry->body_len, HF_DOC_REGISTER},
				   &hearing, err);
		break;
	case HF_RECORD_ORDER:
		rc = hf_known_hear(&c->known, &(struct hf_message){entry->body, entry->body_len, HF_DOC_ORDER},
				   &hearing, err);
		break;
	case HF_RECORD_ASSIGNMENT:
		rc = apply_assignment(c, &envelope, err);
		break;
	case HF_RECORD_RECOVER:
		rc = apply_recover(c, envelope, err);
		break;
	case HF_RECORD_DRAFT:
	case HF_RECORD_APPROVAL:
		return apply_draft(c, envelope, entry, err);
	case HF_RECORD_REPORT:
	case HF_RECORD_KIND_COUNT:
		return hf_err_set(err, HF_E_USAGE, "no such record is applied");
	}
	if (rc == HF_OK)
		hf_drafts_drop(&c->drafts, &digest);
	return rc;
}

/* What more approvals could no longer help, by what is known now. */
static void drop_hopeless(struct hf_controller *c)
{
	struct hf_bench bench = hf_controller_bench(c);
	for (size_t i = c->drafts.n; i > 0; i--) {
		hf_auto_judgement struct hf_judgement judgement = {0};
		struct hf_digest digest = c->drafts.v[i - 1].envelope->digest;
		if (hf_judge(&bench, c->drafts.v[i - 1].envelope, &judgement, NULL) != HF_OK && !judgement.may_wait)
			hf_drafts_drop(&c->drafts, &digest);
	}
}

void hf_controller_settle(struct hf_controller *c)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_drafts_lapse(&c->drafts, hf_clock_wall());
	if (hf_controller_lockdowns(c, &lockdowns, NULL) == HF_OK)
		hf_drafts_settle(&c->drafts, &lockdowns);
	drop_hopeless(c);
}
