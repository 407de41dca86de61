/* SPDX-License-Identifier: MIT */
/*
 * Owns what the controller knows, and the one door through which that changes.
 * Must never know anything that is not in the journal, or hold an officer's key.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/controller.h"
#include "controller/publish.h"
#include "controller/reports.h"

struct hf_bench hf_controller_bench(const struct hf_controller *c)
{
	return (struct hf_bench){.known = &c->known, .estate = &c->estate};
}

enum hf_rc hf_controller_lockdowns(const struct hf_controller *c, struct hf_lockdowns *ret_lockdowns,
				   struct hf_err *err)
{
	return hf_known_lockdowns(&c->known, hf_clock_wall(), ret_lockdowns, err);
}

int64_t hf_controller_stale_s(const struct hf_controller *c)
{
	return c->settings->report_s * HF_STALE_REPORTS;
}

void hf_controller_stop(struct hf_controller *c, enum hf_rc why)
{
	c->fatal = why;
	if (c->loop)
		hf_loop_stop(c->loop);
}

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
	rc = c->begun ? hf_known_hear(&c->known, entry->body, entry->body_len, HF_DOC_TRUST, &hearing, err)
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

static enum hf_rc apply_draft(struct hf_controller *c, const struct hf_envelope *envelope, const struct hf_entry *entry,
			      struct hf_err *err)
{
	struct hf_hearing hearing;
	enum hf_rc rc;
	if (entry->kind == HF_RECORD_APPROVAL && !hf_drafts_find(&c->drafts, &envelope->digest))
		return hf_known_hear(&c->known, entry->body, entry->body_len, HF_DOC_ORDER, &hearing, err);
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
		rc = hf_known_hear(&c->known, entry->body, entry->body_len, HF_DOC_REGISTER, &hearing, err);
		break;
	case HF_RECORD_ORDER:
		rc = hf_known_hear(&c->known, entry->body, entry->body_len, HF_DOC_ORDER, &hearing, err);
		break;
	case HF_RECORD_ASSIGNMENT:
		rc = apply_assignment(c, &envelope, err);
		break;
	case HF_RECORD_DRAFT:
	case HF_RECORD_APPROVAL:
		return apply_draft(c, envelope, entry, err);
	case HF_RECORD_REPORT:
		return hf_recall_report(c, envelope, entry->at, err);
	case HF_RECORD_KIND_COUNT:
		return hf_err_set(err, HF_E_USAGE, "there is no such kind of record");
	}
	if (rc == HF_OK)
		hf_drafts_drop(&c->drafts, &digest);
	return rc;
}

/* The journal being read, and how far acknowledgements and postings have been taken from it before. */
struct replay {
	struct hf_controller *c;
	int64_t acks_upto, postings_upto;
};

static enum hf_rc replay_record(void *arg, const struct hf_record *record, struct hf_err *err)
{
	struct replay *replay = arg;
	struct hf_controller *c = replay->c;
	struct hf_err why = {""};
	enum hf_rc rc = HF_OK;
	/* The last word of each device stands beside the journal; years of reports need not be verified again. */
	if (record->entry.kind != HF_RECORD_REPORT)
		rc = hf_controller_apply(c, &record->entry, &why);
	else if (record->seq > replay->acks_upto || record->seq > replay->postings_upto)
		rc = hf_recall_again(c, &record->entry, &why);
	if (rc == HF_E_MEMORY || (rc != HF_OK && !c->begun))
		return hf_err_set(err, rc, "record %" PRId64 " of the journal: %s", record->seq, why.text);
	/* The chain is whole, so it was right in its day. */
	if (rc != HF_OK)
		hf_log(HF_LOG_INFO, HF_EV_STORE, "record=%" PRId64 " kind=%s reason=%s no longer counts: %s",
		       record->seq, hf_record_kind_name(record->entry.kind), hf_rc_name(rc), why.text);
	return HF_OK;
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

static void settle_drafts(struct hf_controller *c)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_drafts_lapse(&c->drafts, hf_clock_wall());
	if (hf_controller_lockdowns(c, &lockdowns, NULL) == HF_OK)
		hf_drafts_settle(&c->drafts, &lockdowns);
	drop_hopeless(c);
}

enum hf_rc hf_recall_journal(struct hf_controller *c, struct hf_err *err)
{
	struct replay replay = {.c = c};
	enum hf_rc rc = hf_recall_acks(c, &replay.acks_upto, err);
	if (rc == HF_OK)
		rc = hf_recall_postings(c, &replay.postings_upto, err);
	if (rc == HF_OK)
		rc = hf_journal_replay(c->journal, replay_record, &replay, err);
	if (rc == HF_OK && c->begun)
		settle_drafts(c);
	return rc;
}

static enum hf_rc record(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	enum hf_rc rc = hf_journal_append(c->journal, entry, 1, err);
	if (rc == HF_E_STALE_HEAD)
		hf_controller_stop(c, rc);
	return rc;
}

enum hf_rc hf_controller_enter(struct hf_controller *c, enum hf_record_kind kind, const struct hf_envelope *envelope,
			       struct hf_err *err)
{
	hf_auto_free char *body = NULL;
	char hex[HF_DIGEST_HEX_SIZE];
	struct hf_entry entry = {.at = hf_clock_wall(), .kind = kind, .digest = envelope->digest};
	enum hf_rc rc = hf_envelope_encode(envelope, &body, &entry.body_len, err);
	entry.body = body;
	if (rc == HF_OK)
		rc = record(c, &entry, err);
	if (rc == HF_OK)
		rc = hf_controller_apply(c, &entry, err);
	if (rc != HF_OK) {
		hf_log(HF_LOG_ERROR, HF_EV_FAILED, "kind=%s reason=%s %s", hf_record_kind_name(kind), hf_rc_name(rc),
		       err ? err->text : "");
		return rc;
	}
	settle_drafts(c);
	hf_publish_change(c, kind, envelope);
	hf_log(HF_LOG_NOTICE, HF_EV_ACCEPTED, "kind=%s digest=%s records=%" PRIu64, hf_record_kind_name(kind),
	       hf_digest_hex(&envelope->digest, hex), hf_journal_tree(c->journal)->size);
	return HF_OK;
}

void hf_controller_done(struct hf_controller *c)
{
	for (size_t i = 0; i < c->n_trusts; i++)
		hf_envelope_free(&c->trusts[i]);
	free(c->trusts);
	c->trusts = NULL;
	c->n_trusts = 0;
	if (c->begun)
		hf_known_done(&c->known);
	c->begun = false;
	hf_estate_done(&c->estate);
	hf_drafts_done(&c->drafts);
	hf_ack_book_done(&c->acks);
	hf_post_book_done(&c->posts);
}
