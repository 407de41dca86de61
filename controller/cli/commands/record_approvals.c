/* SPDX-License-Identifier: MIT */
/*
 * Owns the question whether each document of a record was approved when it was recorded.
 * Must never judge by a later trust, or ask anybody: the record alone says who was trusted then.
 */
#include "controller/cli/commands/record_approvals.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/sorted.h>

static int compare_device_key(const void *key, const void *row)
{
	return strcmp(key, ((const struct hf_device_key *)row)->device);
}

static struct hf_device_key *key_of_device(const struct hf_record_approvals *a, const char *device)
{
	return a->n_keys ? bsearch(device, a->keys, a->n_keys, sizeof(*a->keys), compare_device_key) : NULL;
}

/* What a device had signed when its key was replaced may be recorded behind that. */
static void renew_key(struct hf_device_key *held, const struct hf_assignment *assignment)
{
	if (assignment->version < held->version)
		return;
	if (memcmp(held->pub.b, assignment->pub.b, sizeof(held->pub.b)) != 0)
		held->before = held->pub;
	held->pub = assignment->pub;
	held->version = assignment->version;
}

static enum hf_rc note_key(struct hf_record_approvals *a, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	struct hf_device_key row;
	size_t place;
	enum hf_rc rc = hf_assignment_decode(envelope, &assignment, err);

	if (rc != HF_OK)
		return rc;
	if (key_of_device(a, assignment->device)) {
		renew_key(key_of_device(a, assignment->device), assignment);
		return HF_OK;
	}
	row = (struct hf_device_key){.version = assignment->version, .pub = assignment->pub, .before = assignment->pub};
	rc = hf_str_copy(row.device, sizeof(row.device), assignment->device);
	place = hf_sorted_place(assignment->device, a->keys, a->n_keys, sizeof(row), compare_device_key);
	if (rc == HF_OK)
		rc = hf_sorted_open(&a->keys, &a->keys_room, a->n_keys, place, sizeof(row));
	if (rc != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "there is no memory for the keys of devices");
	a->keys[place] = row;
	a->n_keys++;
	return HF_OK;
}

static enum hf_rc trust_follows(struct hf_record_approvals *a, const struct hf_entry *entry,
				const struct hf_envelope *envelope, struct hf_err *err)
{
	struct hf_hearing hearing;
	enum hf_rc rc;

	if (a->begun)
		return hf_known_hear(&a->known, &(struct hf_message){entry->body, entry->body_len, HF_DOC_TRUST}, &hearing, err);
	rc = hf_known_begin(envelope, "", &a->known, err);
	a->begun = rc == HF_OK;
	return rc;
}

/* Of a lockdown that others know, and of a revision that is missing, the approvals are enough all the same. */
static enum hf_rc order_counts(struct hf_record_approvals *a, const struct hf_entry *entry, struct hf_err *err)
{
	struct hf_hearing hearing;
	enum hf_rc rc = hf_known_hear(&a->known, &(struct hf_message){entry->body, entry->body_len, HF_DOC_ORDER}, &hearing, err);

	for (size_t i = 0; rc == HF_OK && i < hearing.n_refused; i++)
		if (hearing.refused[i].rc != HF_E_OTHER && hearing.refused[i].rc != HF_E_PENDING)
			return hf_err_set(err, hearing.refused[i].rc, "%s", hearing.refused[i].text);
	return rc;
}

/* It waits for more: of what is enough nothing is said, but that somebody of the trust signed it. */
static enum hf_rc draft_is_somebodys(const struct hf_record_approvals *a, const struct hf_envelope *envelope,
				     struct hf_err *err)
{
	hf_auto_trust struct hf_trust *next = NULL;
	struct hf_signers signers;
	struct hf_verdict verdict;

	if (envelope->type == HF_DOC_TRUST) {
		if (hf_trust_roots_signed(a->known.trust, envelope) > 0 ||
		    (hf_trust_decode(envelope, &next, NULL) == HF_OK && hf_trust_roots_signed(next, envelope) > 0))
			return HF_OK;
		return hf_err_set(err, HF_E_STRANGER, "no root of this trust or the one before has signed it");
	}
	hf_signers_find(a->known.trust, envelope, &signers);
	if (signers.n_people > 0 || hf_trust_affirms(a->known.trust, &envelope->digest) ||
	    hf_approval_document(a->known.trust, envelope, &verdict, NULL) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_STRANGER, "nobody of the trust of that moment has signed it");
}

static enum hf_rc is_of_its_device(const struct hf_record_approvals *a, const struct hf_envelope *envelope,
				   struct hf_err *err)
{
	hf_auto_json json_t *doc = NULL;
	const struct hf_device_key *key = NULL;
	const char *device;
	enum hf_rc rc = hf_json_load((const char *)envelope->payload, envelope->payload_len, 0, &doc);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "the report cannot be read");
	device = json_string_value(json_object_get(doc, "device"));
	key = device ? key_of_device(a, device) : NULL;
	if (key && (hf_envelope_signed_by(envelope, &key->pub, NULL) || hf_envelope_signed_by(envelope, &key->before, NULL)))
		return HF_OK;
	return hf_err_set(err, HF_E_SIGNATURE, "the device %s has not signed it", device ? device : "?");
}

static enum hf_rc document_approved(struct hf_record_approvals *a, const struct hf_entry *entry,
				    const struct hf_envelope *envelope, struct hf_err *err)
{
	struct hf_verdict verdict;
	enum hf_rc rc;

	switch (entry->kind) {
	case HF_RECORD_TRUST:
		return trust_follows(a, entry, envelope, err);
	case HF_RECORD_ORDER:
		return order_counts(a, entry, err);
	case HF_RECORD_ASSIGNMENT:
		rc = hf_approval_document(a->known.trust, envelope, &verdict, err);
		return rc == HF_OK ? note_key(a, envelope, err) : rc;
	case HF_RECORD_REGISTER:
	case HF_RECORD_RECOVER:
	case HF_RECORD_GLASS:
	case HF_RECORD_ERASURE:
		return hf_approval_document(a->known.trust, envelope, &verdict, err);
	case HF_RECORD_BROKERS:
		rc = hf_approval_changing(a->known.trust, envelope, &verdict, NULL);
		return rc == HF_OK ? rc : hf_approval_document(a->known.trust, envelope, &verdict, err);
	case HF_RECORD_REPORT:
		return is_of_its_device(a, envelope, err);
	case HF_RECORD_DRAFT:
	case HF_RECORD_APPROVAL:
	case HF_RECORD_REMARK:
	case HF_RECORD_NOTE:
		return draft_is_somebodys(a, envelope, err);
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
	return HF_OK;
}

static bool carries_document(enum hf_record_kind kind)
{
	return hf_record_is_document(kind) || kind == HF_RECORD_NOTE || kind == HF_RECORD_ERASURE;
}

enum hf_rc hf_record_approved(void *arg, const struct hf_record *record, struct hf_err *err)
{
	struct hf_record_approvals *a = arg;
	const struct hf_entry *entry = &record->entry;
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err why = {""};
	enum hf_rc rc;

	if (entry->body_len == 0 || !carries_document(entry->kind))
		return HF_OK;
	rc = hf_record_envelope(entry, &envelope, &why);
	if (rc == HF_OK && hf_record_is_document(entry->kind) && hf_digest_cmp(&envelope->digest, &entry->digest) != 0)
		rc = hf_err_set(&why, HF_E_SHAPE, "it is not the document that its digest names");
	if (rc == HF_OK && !a->begun && entry->kind != HF_RECORD_TRUST)
		rc = hf_err_set(&why, HF_E_EPOCH, "no trust stands before it");
	if (rc == HF_OK)
		rc = document_approved(a, entry, envelope, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "it was not approved by the trust of that moment (%s): %s", hf_rc_name(rc), why.text);
	a->documents++;
	a->signatures += (int64_t)envelope->n_signatures;
	return HF_OK;
}

void hf_record_approvals_done(struct hf_record_approvals *approvals)
{
	if (approvals->begun)
		hf_known_done(&approvals->known);
	free(approvals->keys);
	memset(approvals, 0, sizeof(*approvals));
}
