/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the controller's record, and who signed what is in it.
 * Must never name a signer whom no trust of the chain bears out.
 */
#include "controller/office/record_read.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/approval.h>
#include <holdfast/str.h>

#include "controller/office/client.h"

static enum hf_rc no_room_for_past(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

enum hf_rc hf_past_read(const struct hf_view *view, struct hf_past_trusts *ret, struct hf_err *err)
{
	json_t *one;
	size_t index;

	ret->v = calloc(json_array_size(view->trusts) + 1, sizeof(struct hf_trust *));
	if (!ret->v)
		return no_room_for_past(err);
	json_array_foreach(view->trusts, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		enum hf_rc rc = hf_envelope_from_json(one, &envelope, err);

		if (rc == HF_OK)
			rc = hf_trust_decode(envelope, &ret->v[ret->n], err);
		if (rc != HF_OK)
			return rc;
		ret->n++;
	}
	return HF_OK;
}

void hf_past_done(struct hf_past_trusts *past)
{
	for (size_t i = 0; i < past->n; i++)
		hf_trust_free(&past->v[i]);
	free(past->v);
	*past = (struct hf_past_trusts){0};
}

static int by_person_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_sorted(json_t *ids, const struct hf_signers *signers)
{
	const char *sorted[HF_SIGNATURES_MAX];

	for (size_t k = 0; k < signers->n_people; k++)
		sorted[k] = signers->people[k]->id;
	qsort(sorted, signers->n_people, sizeof(sorted[0]), by_person_id);
	for (size_t k = 0; k < signers->n_people; k++)
		(void)json_array_append_new(ids, json_string(sorted[k]));
}

/* A register counts when enough have signed, a remark is one person's; of all else it is shown who did. */
static bool bears_out(const struct hf_trust *trust, const struct hf_envelope *envelope, const struct hf_signers *signers)
{
	struct hf_verdict verdict;

	if (envelope->type == HF_DOC_REGISTER)
		return hf_approval_document(trust, envelope, &verdict, NULL) == HF_OK;
	return envelope->type == HF_DOC_REMARK ? signers->n_people == 1 : signers->n_people > 0;
}

json_t *hf_past_signers(const struct hf_past_trusts *past, const struct hf_envelope *envelope, bool *ret_proven)
{
	json_t *ids = json_array();

	*ret_proven = false;
	for (size_t i = past->n; i > 0 && !*ret_proven; i--) {
		struct hf_signers signers;

		hf_signers_find(past->v[i - 1], envelope, &signers);
		*ret_proven = bears_out(past->v[i - 1], envelope, &signers);
		if (*ret_proven)
			add_sorted(ids, &signers);
	}
	return ids;
}

/* The envelope in an entry: its body, or what lies in it beside the salt. */
static json_t *envelope_in(json_t *body)
{
	static const char *const members[] = {"remark", "erase"};

	if (json_object_get(body, "payloadType"))
		return body;
	for (size_t i = 0; i < HF_LEN(members); i++)
		if (json_object_get(json_object_get(body, members[i]), "payloadType"))
			return json_object_get(body, members[i]);
	return NULL;
}

static enum hf_rc open_body(const struct hf_record_ask *ask, const char *text, struct hf_record_entry *entry, struct hf_err *err)
{
	hf_auto_json json_t *body = NULL;
	json_t *inner;
	bool proven, of_people;
	enum hf_rc rc = hf_json_load(text, strlen(text), 0, &body);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The entry %lld of the record cannot be read.", (long long)entry->seq);
	inner = envelope_in(body);
	if (!inner) {
		entry->says = json_incref(body);
		return HF_OK;
	}
	rc = hf_envelope_from_json(inner, &entry->envelope, err);
	if (rc == HF_OK)
		rc = hf_json_load((const char *)entry->envelope->payload, entry->envelope->payload_len, 0, &entry->says);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The entry %lld of the record cannot be read.", (long long)entry->seq);
	of_people = entry->envelope->type != HF_DOC_REPORT && entry->envelope->type != HF_DOC_TRUST;
	if (of_people && ask->past)
		entry->by = hf_past_signers(ask->past, entry->envelope, &proven);
	return HF_OK;
}

static enum hf_rc give_entry(const struct hf_record_ask *ask, const json_t *row, struct hf_err *err)
{
	struct hf_record_entry entry = {.seq = hf_client_number(row, "seq"),
					.at = {hf_client_number(row, "at")},
					.kind = hf_client_text(row, "kind", "?"),
					.digest = hf_client_text(row, "digest", ""),
					.hash = hf_client_text(row, "hash", "")};
	const char *body = hf_client_text(row, "body", "");
	enum hf_rc rc = body[0] ? open_body(ask, body, &entry, err) : HF_OK;

	if (rc == HF_OK)
		rc = ask->fn(ask->arg, &entry, err);
	json_decref(entry.says);
	json_decref(entry.by);
	hf_envelope_free(&entry.envelope);
	return rc;
}

/* One page; *after is where to go on, -1: it was the last. */
static enum hf_rc read_rows(const struct hf_view *view, const struct hf_record_ask *ask, int64_t *after, struct hf_err *err)
{
	hf_auto_json json_t *page = NULL;
	char path[64];
	json_t *row, *next;
	size_t index;
	int64_t begin = *after;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/v1/record?all=1&after=%lld", (long long)begin);

	if (rc == HF_OK)
		rc = hf_client_get(view->office, path, &page, err);
	json_array_foreach(json_object_get(page, "record"), index, row)
	{
		if (rc == HF_OK && (ask->upto == 0 || hf_client_number(row, "seq") <= ask->upto))
			rc = give_entry(ask, row, err);
	}
	next = json_object_get(page, "next");
	if (rc == HF_OK && json_is_integer(next) && json_integer_value(next) <= begin)
		return hf_err_set(err, HF_E_SHAPE, "The controller's record does not go on from number to number.");
	*after = json_is_integer(next) ? json_integer_value(next) : -1;
	return rc;
}

enum hf_rc hf_record_read(const struct hf_view *view, const struct hf_record_ask *ask, struct hf_err *err)
{
	int64_t after = ask->after;
	enum hf_rc rc;

	do
		rc = read_rows(view, ask, &after, err);
	while (rc == HF_OK && after >= 0 && (ask->upto == 0 || after < ask->upto));
	return rc;
}

static bool says_text(const json_t *value, const char *text)
{
	const char *name;
	json_t *inner;
	size_t index;

	if (json_is_string(value))
		return strcmp(json_string_value(value), text) == 0;
	json_array_foreach(value, index, inner)
		if (says_text(inner, text))
			return true;
	json_object_foreach((json_t *)value, name, inner)
		if (says_text(inner, text))
			return true;
	return false;
}

bool hf_record_names(const struct hf_record_entry *entry, const char *text)
{
	char hex[HF_DIGEST_HEX_SIZE];

	return says_text(entry->says, text) || says_text(entry->by, text) || strcmp(entry->digest, text) == 0 ||
	       (entry->envelope && strcmp(hf_digest_hex(&entry->envelope->digest, hex), text) == 0);
}
