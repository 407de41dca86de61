/* SPDX-License-Identifier: MIT */
/*
 * Owns what is known again at the start: from the journal, and from the tables beside it.
 * Must never record anything, or let a table count for more than the journal that it was made from.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/apply.h"
#include "controller/own_words.h"
#include "controller/recall.h"

#define NUMBER_VERSIONS "versions" /* beside the journal: see struct replay */

static enum hf_rc recall_ack(void *arg, const struct hf_ack_row *row, struct hf_err *err)
{
	struct hf_controller *c = arg;
	struct hf_ack_entry entry = {
		.lockdown = row->lockdown, .text = row->text, .at = row->at, .heard = row->heard, .saved = true};
	bool is_new;
	if (hf_str_copy(entry.person, sizeof(entry.person), row->person) != HF_OK ||
	    hf_str_copy(entry.device, sizeof(entry.device), row->device) != HF_OK)
		return HF_OK;
	if (hf_ack_book_put(&c->acks, &entry, &is_new) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the acknowledgements");
	return HF_OK;
}

static enum hf_rc recall_posting(void *arg, const struct hf_posting_row *row, struct hf_err *err)
{
	struct hf_controller *c = arg;
	struct hf_post_entry entry = {
		.lockdown = row->lockdown,
		.text = row->text,
		.word = {.state = (enum hf_posting_state)row->state, .at = row->at, .heard = row->heard},
		.is_kept = true};
	bool is_new;
	if (row->state < 0 || row->state >= HF_POSTING_STATE_COUNT ||
	    hf_str_copy(entry.account, sizeof(entry.account), row->account) != HF_OK ||
	    hf_str_copy(entry.person, sizeof(entry.person), row->person) != HF_OK ||
	    hf_str_copy(entry.word.device, sizeof(entry.word.device), row->device) != HF_OK ||
	    hf_str_copy(entry.word.post, sizeof(entry.word.post), row->post) != HF_OK ||
	    hf_str_copy(entry.word.why, sizeof(entry.word.why), row->why) != HF_OK)
		return HF_OK;
	if (hf_post_book_put(&c->posts, &entry, &is_new) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the postings");
	return HF_OK;
}

/* Its signature was verified before it was recorded, and the chain says that it is the same. */
static enum hf_rc recall_people(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_report struct hf_report *report = NULL;
	const struct hf_device *device;
	struct hf_testimony word;
	bool is_new;
	enum hf_rc rc = hf_envelope_decode(entry->body, entry->body_len, &envelope, err);
	if (rc == HF_OK)
		rc = hf_report_decode(envelope, &report, err);
	if (rc != HF_OK || (!report->n_acks && !report->n_postings))
		return rc;
	device = hf_estate_find(&c->estate, report->device);
	if (!device)
		return hf_err_set(err, HF_E_DEVICE, "no device '%s' is assigned", report->device);
	word = (struct hf_testimony){&c->known.orders, &device->versions, report, entry->at};
	rc = hf_ack_book_hear(&c->acks, &word, &is_new);
	if (rc == HF_OK)
		rc = hf_post_book_hear(&c->posts, &word, &is_new);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "what people of device '%s' said cannot be kept", report->device);
}

/* The journal being read, and how far acknowledgements and postings have been taken from it before. */
struct replay {
	struct hf_controller *c;
	int64_t acks_upto, postings_upto;
	int64_t versions_from; /* the first record made since assignments are told apart by approvals; 0: none yet */
};

/* The chain is whole, so it was written like that: what is after it counts all the same. */
static void note_unapplied(struct hf_controller *c, const struct hf_record *record, enum hf_rc rc,
			   const struct hf_err *why)
{
	struct hf_unapplied *u = &c->unapplied;
	hf_log_about(HF_LOG_WARNING, HF_EV_STORE, HF_ABOUT(.reason = hf_rc_name(rc)),
		     "record=%" PRId64 " kind=%s cannot be applied, and does not count", record->seq,
		     hf_record_kind_name(record->entry.kind));
	if (u->n++ > 0)
		return;
	u->first = record->seq;
	u->kind = record->entry.kind;
	if (hf_str_printf(u->why, sizeof(u->why), "%.180s", why->text) != HF_OK)
		u->why[0] = '\0';
}

/* While it ran, drafts were let go that had become pointless; a replay must do so before it finds no room. */
static enum hf_rc replay_draft(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *why)
{
	if (c->begun && c->drafts.n >= HF_DRAFTS_MAX)
		hf_controller_settle_at(c, entry->at);
	return hf_controller_apply(c, entry, why);
}

static enum hf_rc replay_record(void *arg, const struct hf_record *record, struct hf_err *err)
{
	struct replay *replay = arg;
	struct hf_controller *c = replay->c;
	struct hf_err why = {""};
	enum hf_rc rc = HF_OK;
	/* The last word of each device stands beside the journal; years of reports need not be verified again. */
	c->before_versions = replay->versions_from == 0 || record->seq < replay->versions_from;
	if (!hf_record_is_document(record->entry.kind))
		rc = hf_own_apply(c, &record->entry, &why);
	else if (record->entry.kind == HF_RECORD_DRAFT)
		rc = replay_draft(c, &record->entry, &why);
	else if (record->entry.kind != HF_RECORD_REPORT)
		rc = hf_controller_apply(c, &record->entry, &why);
	else if (record->entry.body_len > 0 && (record->seq > replay->acks_upto || record->seq > replay->postings_upto))
		rc = recall_people(c, &record->entry, &why);
	/* Bodies that are gone without that two have approved it: whoever wrote it hides what they said. */
	if (rc != HF_OK && record->entry.kind == HF_RECORD_ERASURE)
		return hf_err_set(err, HF_E_SHAPE,
				  "the journal is damaged at record %" PRId64 ": it erases what others say and is not approved "
				  "(%s): put it aside and restore it from a backup",
				  record->seq, why.text);
	if (rc == HF_E_MEMORY)
		return hf_err_set(err, rc, "record %" PRId64 " of the journal: %s", record->seq, why.text);
	if (rc != HF_OK)
		note_unapplied(c, record, rc, &why);
	return HF_OK;
}

/* From now on. */
static enum hf_rc begin_versions(struct replay *replay, struct hf_err *err)
{
	struct hf_controller *c = replay->c;
	c->before_versions = false;
	if (replay->versions_from > 0)
		return HF_OK;
	return hf_journal_set_number(c->journal, NUMBER_VERSIONS, (int64_t)hf_journal_tree(c->journal)->size + 1, err);
}

enum hf_rc hf_recall_journal(struct hf_controller *c, struct hf_err *err)
{
	struct replay replay = {.c = c};
	enum hf_rc rc = hf_journal_each_ack(c->journal, recall_ack, c, &replay.acks_upto, err);
	if (rc == HF_OK)
		rc = hf_journal_each_posting(c->journal, recall_posting, c, &replay.postings_upto, err);
	if (rc == HF_OK)
		rc = hf_journal_number(c->journal, NUMBER_VERSIONS, &replay.versions_from, err);
	if (rc == HF_OK)
		rc = hf_journal_replay(c->journal, replay_record, &replay, err);
	if (rc == HF_OK && !c->begun && c->unapplied.n > 0)
		rc = hf_err_set(err, HF_E_SHAPE,
				"the journal has no trust that can be read (record %" PRId64
				": %s): put it back from a backup",
				c->unapplied.first, c->unapplied.why);
	if (rc == HF_OK)
		rc = begin_versions(&replay, err);
	if (rc == HF_OK && c->begun)
		hf_controller_settle(c);
	return rc;
}
