/* SPDX-License-Identifier: MIT */
/*
 * Owns how a record becomes knowledge, and which drafts are pointless by what is known then.
 * Must never record or publish; a report is no knowledge about orders and is not taken here.
 */
#include <stdlib.h>

#include <holdfast/clock.h>
#include <holdfast/rows.h>

#include "controller/apply.h"
#include "controller/erase_door.h"
#include "controller/remark_door.h"

static enum hf_rc apply_trust(struct hf_controller *c, const struct hf_envelope *envelope, const struct hf_entry *entry,
			      struct hf_err *err)
{
	struct hf_hearing hearing;
	enum hf_rc rc;
	if (hf_rows_reserve(&c->trusts, &c->trusts_room, c->n_trusts + 1, sizeof(*c->trusts)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a trust");
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
	hf_estate_rejudge(&c->estate, c->known.trust);
	return HF_OK;
}

static enum hf_rc apply_order(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	struct hf_hearing hearing;
	enum hf_rc rc = hf_known_hear(&c->known, &(struct hf_message){entry->body, entry->body_len, HF_DOC_ORDER},
				      &hearing, err);

	if (rc == HF_OK)
		hf_recorded_note(&c->releases, &c->known.orders, &entry->digest, entry->at);
	return rc;
}

/* What was recorded when one person could change a device alone was in effect whole, and stays so. */
static enum hf_rc apply_assignment(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_edition struct hf_edition version = {0};
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	enum hf_rc rc = hf_judge(&bench, envelope, &judgement, err);
	if (rc == HF_OK || judgement.loosens)
		rc = hf_edition_weigh(c->known.trust, envelope, &version, err);
	if (rc != HF_OK)
		return rc;
	version.two = version.two || c->before_versions;
	return hf_estate_assign(&c->estate, c->known.trust, &version, err);
}

/* In whose share a draft is: of its signers the one who has proposed least. */
static const char *proposer_of(const struct hf_controller *c, const struct hf_judgement *judgement,
			       enum hf_doc_type type)
{
	const char *by = "";
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < judgement->n_signed_by; i++) {
		size_t n = hf_drafts_of(&c->drafts, judgement->signed_by[i], type);
		if (n >= least)
			continue;
		least = n;
		by = judgement->signed_by[i];
	}
	return by;
}

static enum hf_rc apply_recover(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	enum hf_rc rc = hf_recover_open(&c->known, envelope, &recover, err);
	if (rc == HF_OK && hf_estate_recover(&c->estate, recover, envelope) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for what devices may believe again");
	return rc;
}

/* Of a device that is gone they are let go: it has no key that they could be for. */
static enum hf_rc apply_glass(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	enum hf_rc rc = hf_glass_open(&c->known, envelope, &glass, err);
	return rc == HF_OK ? hf_estate_glass(&c->estate, &glass, envelope, err) : rc;
}

static enum hf_rc apply_draft(struct hf_controller *c, const struct hf_envelope *envelope, const struct hf_entry *entry,
			      struct hf_err *err)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	struct hf_hearing hearing;
	enum hf_rc rc;
	bool waits = entry->kind == HF_RECORD_DRAFT || hf_drafts_find(&c->drafts, &envelope->digest);
	if (!waits && envelope->type == HF_DOC_ASSIGNMENT)
		return hf_estate_prove(&c->estate, c->known.trust, envelope) ? HF_OK : apply_assignment(c, envelope, err);
	if (!waits)
		return hf_known_hear(&c->known, &(struct hf_message){entry->body, entry->body_len,
				     envelope->type == HF_DOC_BROKERS ? HF_DOC_BROKERS : HF_DOC_ORDER}, &hearing, err);
	(void)hf_judge(&bench, envelope, &judgement, NULL);
	rc = hf_drafts_put(&c->drafts, envelope, proposer_of(c, &judgement, envelope->type), entry->at);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%d drafts wait already", HF_DRAFTS_MAX);
}

static enum hf_rc try_document(const struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	const struct hf_bench bench = hf_controller_bench(c);
	return hf_judge(&bench, envelope, &judgement, err);
}

static enum hf_rc try_draft(struct hf_controller *c, const struct hf_envelope *envelope, enum hf_record_kind kind,
			    struct hf_err *err)
{
	const struct hf_draft *held = hf_drafts_find(&c->drafts, &envelope->digest);
	hf_auto_envelope struct hf_envelope *both = NULL;
	enum hf_rc rc;
	if (!held && kind == HF_RECORD_APPROVAL && (envelope->type == HF_DOC_ASSIGNMENT || envelope->type == HF_DOC_BROKERS))
		return try_document(c, envelope, err);
	if (!held && kind == HF_RECORD_APPROVAL)
		return hf_known_try_order(&c->known, envelope, err);
	if (!held && c->drafts.n >= HF_DRAFTS_MAX)
		return hf_err_set(err, HF_E_SIZE, "%d drafts wait already", HF_DRAFTS_MAX);
	rc = hf_envelope_copy(held ? held->envelope : envelope, &both);
	if (rc == HF_OK)
		rc = hf_envelope_merge(both, envelope, NULL);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "these signatures cannot be joined with those that wait");
}

/* What could still refuse an approved document: room. Nothing of it changes what is known. */
static enum hf_rc try_entry(struct hf_controller *c, const struct hf_envelope *envelope, enum hf_record_kind kind,
			    struct hf_err *err)
{
	enum hf_rc rc;
	switch (kind) {
	case HF_RECORD_TRUST:
		if (c->n_trusts >= HF_TRUSTS_MAX)
			return hf_err_set(err, HF_E_SIZE, "%d trusts are held, which is all that can be",
					  HF_TRUSTS_MAX);
		return try_document(c, envelope, err);
	case HF_RECORD_REGISTER:
		rc = try_document(c, envelope, err);
		return rc == HF_OK ? hf_known_try_register(&c->known, envelope, err) : rc;
	case HF_RECORD_ASSIGNMENT:
	case HF_RECORD_RECOVER:
	case HF_RECORD_BROKERS:
	case HF_RECORD_GLASS:
		return try_document(c, envelope, err);
	case HF_RECORD_ORDER:
		return hf_known_try_order(&c->known, envelope, err);
	case HF_RECORD_REMARK:
	case HF_RECORD_NOTE:
		return hf_remark_try(c, envelope, &(bool){false}, err);
	case HF_RECORD_ERASURE:
		rc = try_document(c, envelope, err);
		return rc == HF_OK ? hf_erase_try(c, envelope, err) : rc;
	case HF_RECORD_APPROVAL:
	case HF_RECORD_DRAFT:
		return try_draft(c, envelope, kind, err);
	case HF_RECORD_REPORT:
	case HF_RECORD_START:
	case HF_RECORD_VIA:
	case HF_RECORD_LAPSE:
	case HF_RECORD_SILENCE:
	case HF_RECORD_REFUSAL:
	case HF_RECORD_NOTICE:
	case HF_RECORD_OUTCOME:
	case HF_RECORD_CHECK:
	case HF_RECORD_EXPORT:
	case HF_RECORD_KIND_COUNT:
		break;
	}
	return hf_err_set(err, HF_E_USAGE, "no such record is applied");
}

enum hf_rc hf_controller_try(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_record_envelope(entry, &envelope, err);
	return rc == HF_OK ? try_entry(c, envelope, entry->kind, err) : rc;
}

enum hf_rc hf_controller_apply(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_digest digest = entry->digest;
	struct hf_hearing hearing;
	enum hf_rc rc = hf_record_envelope(entry, &envelope, err);
	if (rc != HF_OK)
		return rc;
	if (!c->begun && entry->kind != HF_RECORD_TRUST)
		return hf_err_set(err, HF_E_EPOCH, "no trust is known yet");
	switch (entry->kind) {
	case HF_RECORD_TRUST:
		rc = apply_trust(c, envelope, entry, err);
		break;
	case HF_RECORD_REGISTER:
	case HF_RECORD_BROKERS:
		rc = hf_known_hear(&c->known, &(struct hf_message){entry->body, entry->body_len,
				   entry->kind == HF_RECORD_BROKERS ? HF_DOC_BROKERS : HF_DOC_REGISTER}, &hearing, err);
		break;
	case HF_RECORD_ORDER:
		rc = apply_order(c, entry, err);
		break;
	case HF_RECORD_ASSIGNMENT:
		rc = apply_assignment(c, envelope, err);
		break;
	case HF_RECORD_RECOVER:
		rc = apply_recover(c, envelope, err);
		break;
	case HF_RECORD_GLASS:
		rc = apply_glass(c, envelope, err);
		break;
	case HF_RECORD_ERASURE:
		rc = hf_erase_apply(c, envelope, err);
		digest = envelope->digest;
		break;
	case HF_RECORD_REMARK:
	case HF_RECORD_NOTE:
		return hf_remark_apply(c, envelope, entry->at, err);
	case HF_RECORD_DRAFT:
	case HF_RECORD_APPROVAL:
		return apply_draft(c, envelope, entry, err);
	case HF_RECORD_REPORT:
	case HF_RECORD_START:
	case HF_RECORD_VIA:
	case HF_RECORD_LAPSE:
	case HF_RECORD_SILENCE:
	case HF_RECORD_REFUSAL:
	case HF_RECORD_NOTICE:
	case HF_RECORD_OUTCOME:
	case HF_RECORD_CHECK:
	case HF_RECORD_EXPORT:
	case HF_RECORD_KIND_COUNT:
		return hf_err_set(err, HF_E_USAGE, "no such record is applied");
	}
	/* For want of memory the count lags until the next register: no reason to refuse this one. */
	if (rc == HF_OK)
		(void)!hf_leavers_follow(&c->leavers, c->known.reg);
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
	hf_controller_settle_at(c, hf_clock_wall());
}

void hf_controller_settle_at(struct hf_controller *c, struct hf_wall at)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	if (!c->lapses_recorded)
		hf_drafts_lapse(&c->drafts, at);
	if (hf_known_lockdowns(&c->known, at, &lockdowns, NULL) == HF_OK)
		hf_drafts_settle(&c->drafts, &lockdowns);
	drop_hopeless(c);
	hf_remarks_settle(&c->remarks, &c->drafts, &c->estate);
}
