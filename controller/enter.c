/* SPDX-License-Identifier: MIT */
/*
 * Owns the one way in which anything changes: recorded, known, published, one log line.
 * Must never know or publish what is not in the journal.
 */
#include <inttypes.h>
#include <stdlib.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/apply.h"
#include "controller/enter.h"
#include "controller/notices.h"
#include "controller/own_words.h"
#include "controller/proofs_door.h"
#include "controller/publish.h"

/* Each entry, and behind it who brought it: made at the odd places, whose bodies are to be freed. */
static enum hf_rc with_speaker(const struct hf_controller *c, const struct hf_entry *entries, size_t n,
			       struct hf_entry *ret, struct hf_err *err)
{
	int64_t seq = (int64_t)hf_journal_tree(c->journal)->size + 1;
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; rc == HF_OK && i < n; i++) {
		ret[2 * i] = entries[i];
		rc = hf_own_via(seq + 2 * (int64_t)i, c->speaker, &ret[2 * i + 1], err);
	}
	return rc;
}

static enum hf_rc append_with_speaker(struct hf_controller *c, const struct hf_entry *entries, size_t n,
				      const struct hf_envelope *envelope, struct hf_err *err)
{
	struct hf_entry *all = calloc(2 * n, sizeof(*all));
	enum hf_rc rc = all ? with_speaker(c, entries, n, all, err)
			    : hf_err_set(err, HF_E_MEMORY, "no memory to write to the journal");
	if (rc == HF_OK)
		rc = hf_notices_append(c, all, 2 * n, envelope, err);
	for (size_t i = 0; all && i < n; i++)
		free((char *)all[2 * i + 1].body);
	free(all);
	return rc;
}

/* With the messages that the first of them asks for, in one transaction. */
static enum hf_rc append_records(struct hf_controller *c, const struct hf_entry *entries, size_t n,
				 const struct hf_envelope *envelope, struct hf_err *err)
{
	enum hf_rc rc;
	hf_own_start(c);
	rc = c->speaker ? append_with_speaker(c, entries, n, envelope, err)
			: hf_notices_append(c, entries, n, envelope, err);
	if (rc == HF_E_STALE_HEAD)
		hf_controller_stop(c, rc);
	return rc;
}

/* It is on disk: if it cannot be known now, for want of memory, it is known after a new start. */
static enum hf_rc apply_recorded(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = hf_controller_apply(c, entry, &why);
	if (rc == HF_OK)
		return HF_OK;
	hf_controller_stop(c, rc);
	return hf_err_set(err, HF_E_UNSURE, "it is recorded, and counts when the controller has started again: %.200s",
			  why.text);
}

/* How much of the disk that is kept back a document may use. */
static enum hf_urgency urgency_of(enum hf_record_kind kind, const struct hf_envelope *envelope)
{
	hf_auto_order struct hf_order *order = NULL;
	bool opens = envelope->type == HF_DOC_TRUST || envelope->type == HF_DOC_RECOVER;
	if (envelope->type != HF_DOC_ORDER && !opens)
		return HF_URGENT_NOT;
	if (kind == HF_RECORD_DRAFT || kind == HF_RECORD_APPROVAL)
		return HF_URGENT_DRAFT;
	if (opens || hf_order_decode(envelope, &order, NULL) != HF_OK)
		return HF_URGENT_LOOSENS;
	return order->act == HF_ACT_RELEASE && order->mode == HF_MODE_LIVE ? HF_URGENT_LOOSENS : HF_URGENT_TIGHTENS;
}

static void say_accepted(const struct hf_controller *c, enum hf_record_kind kind, const struct hf_digest *document,
			 const struct hf_digest *lockdown)
{
	char hex[HF_DIGEST_HEX_SIZE];
	char id[HF_DIGEST_HEX_SIZE];
	hf_log_about(HF_LOG_NOTICE, HF_EV_ACCEPTED, HF_ABOUT(.lockdown = lockdown ? hf_digest_hex(lockdown, id) : NULL),
		     "kind=%s digest=%s records=%" PRIu64, hf_record_kind_name(kind), hf_digest_hex(document, hex),
		     hf_journal_tree(c->journal)->size);
}

/* One line for each lockdown that a document is about. */
static void log_accepted(const struct hf_controller *c, enum hf_record_kind kind, const struct hf_envelope *envelope)
{
	hf_auto_order struct hf_order *order = NULL;
	if (envelope->type != HF_DOC_ORDER || hf_order_decode(envelope, &order, NULL) != HF_OK || order->n_persons > 0) {
		say_accepted(c, kind, &envelope->digest, NULL);
		return;
	}
	for (size_t i = 0; order->act == HF_ACT_RELEASE && i < order->n_releases; i++)
		say_accepted(c, kind, &envelope->digest, &order->releases[i]);
	if (order->act != HF_ACT_RELEASE)
		say_accepted(c, kind, &envelope->digest, order->act == HF_ACT_AMEND ? &order->of : &order->digest);
}

/* What may have to be forgotten lies in a body of the controller's own, with a salt. */
static enum hf_rc make_entry(enum hf_record_kind kind, const struct hf_envelope *envelope, struct hf_entry *ret,
			     struct hf_err *err)
{
	struct hf_entry entry = {.at = hf_clock_wall(), .kind = kind, .digest = envelope->digest};
	char *body = NULL;
	enum hf_rc rc;
	if (!hf_record_is_document(kind))
		return hf_own_envelope(kind, envelope, ret, err);
	rc = hf_envelope_encode(envelope, &body, &entry.body_len, err);
	if (rc != HF_OK)
		return rc;
	entry.body = body;
	entry.urgency = urgency_of(kind, envelope);
	*ret = entry;
	return HF_OK;
}

enum hf_rc hf_controller_enter(struct hf_controller *c, enum hf_record_kind kind, const struct hf_envelope *envelope,
			       struct hf_err *err)
{
	hf_auto_free char *body = NULL;
	struct hf_entry entry = {.body = NULL};
	enum hf_rc rc = make_entry(kind, envelope, &entry, err);
	body = (char *)entry.body;
	/* What could not be applied is not recorded: it would count at the next start, after it was told as refused. */
	if (rc == HF_OK)
		rc = hf_controller_try(c, &entry, err);
	if (rc == HF_OK)
		rc = append_records(c, &entry, 1, envelope, err);
	if (rc == HF_OK)
		rc = apply_recorded(c, &entry, err);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "kind=%s",
			     hf_record_kind_name(kind));
		return rc;
	}
	hf_controller_settle(c);
	hf_publish_change(c, kind, envelope);
	log_accepted(c, kind, envelope);
	return HF_OK;
}

struct proofs_entered {
	struct hf_entry v[HF_PROOFS_AT_ONCE_MAX];
	char *bodies[HF_PROOFS_AT_ONCE_MAX];
	size_t n;
};

#define auto_entered __attribute__((cleanup(entered_done)))

static void entered_done(struct proofs_entered *entered)
{
	for (size_t i = 0; i < entered->n; i++)
		free(entered->bodies[i]);
}

static enum hf_rc add_entry(const struct hf_envelope *envelope, struct proofs_entered *entered, struct hf_err *err)
{
	struct hf_entry *entry = &entered->v[entered->n];
	enum hf_rc rc;

	*entry = (struct hf_entry){.at = hf_clock_wall(),
				   .kind = HF_RECORD_APPROVAL,
				   .digest = envelope->digest,
				   .urgency = HF_URGENT_NOT};
	rc = hf_envelope_encode(envelope, &entered->bodies[entered->n], &entry->body_len, err);
	if (rc == HF_OK)
		entry->body = entered->bodies[entered->n++];
	return rc;
}

enum hf_rc hf_controller_enter_proofs(struct hf_controller *c, struct hf_envelope *const *envelopes, size_t n,
				      struct hf_err *err)
{
	auto_entered struct proofs_entered entered = {.n = 0};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < n; i++)
		rc = add_entry(envelopes[i], &entered, err);
	if (rc == HF_OK)
		rc = append_records(c, entered.v, n, envelopes[0], err);
	for (size_t i = 0; rc == HF_OK && i < n; i++)
		rc = apply_recorded(c, &entered.v[i], err);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "kind=proofs");
		return rc;
	}
	hf_publish_proofs(c, envelopes, n);
	hf_log(HF_LOG_NOTICE, HF_EV_ACCEPTED, "kind=proofs n=%zu records=%" PRIu64, n, hf_journal_tree(c->journal)->size);
	return HF_OK;
}
