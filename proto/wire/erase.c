/* SPDX-License-Identifier: MIT */
/*
 * Owns the erase document: which records of a journal are to say nothing any more, and why.
 * Must never judge whether it is approved, nor whether those records may go: that is proto/law and whoever keeps the journal.
 */
#include <holdfast/erase.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/str.h>

#include "proto/wire/doc.h"

#define LINE_SIZE 320 /* three digests, two numbers, a word */

/* clang-format off */
#define ERASE_ROWS(e, records) {                                \
	HF_ROW("council", ID,     &(e)->council, 0),            \
	HF_ROW("at",      WALL,   &(e)->at,      0),            \
	HF_ROW("why",     TEXT,   &(e)->why,     HF_ERASE_WHY_MAX), \
	HF_ROW("records", ARRAY,  records,       HF_ERASE_RANGES_MAX), \
	HF_ROW("of",      DIGEST, &(e)->of,      0),            \
}
#define RANGE_ROWS(r) {                                         \
	HF_ROW("first", INT, &(r)->first, HF_JSON_INT_MAX),     \
	HF_ROW("last",  INT, &(r)->last,  HF_JSON_INT_MAX),     \
}
/* clang-format on */

static enum hf_rc take_range(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_erase *erase = doc;
	struct hf_erase_range *r = &erase->records[erase->n_records];
	const struct hf_json_member rows[] = RANGE_ROWS(r);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	int64_t before = erase->n_records ? erase->records[erase->n_records - 1].last + 1 : 0;
	if (rc != HF_OK)
		return rc;
	if (r->first < 1 || r->first <= before || r->last < r->first)
		return hf_err_set(err, HF_E_SHAPE, "The records %lld to %lld do not stand in their order, each once.",
				  (long long)r->first, (long long)r->last);
	erase->n_records++;
	return HF_OK;
}

static enum hf_rc take_records(struct hf_erase *erase, json_t *records, struct hf_err *err)
{
	enum hf_rc rc = hf_doc_alloc(json_array_size(records), sizeof(*erase->records), &erase->records, err);
	int64_t n = 0;
	if (rc == HF_OK && json_array_size(records) == 0)
		rc = hf_err_set(err, HF_E_SHAPE, "It names no record.");
	if (rc == HF_OK)
		rc = hf_doc_each(records, take_range, erase, err);
	for (size_t i = 0; rc == HF_OK && i < erase->n_records; i++) {
		n += erase->records[i].last - erase->records[i].first + 1;
		if (n > HF_ERASE_RECORDS_MAX)
			rc = hf_err_set(err, HF_E_SIZE, "It names more than %d records.", HF_ERASE_RECORDS_MAX);
	}
	return rc;
}

enum hf_rc hf_erase_decode(const struct hf_envelope *envelope, struct hf_erase **ret_erase, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	json_t *records = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*erase), &erase, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_ERASE, &erase->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = ERASE_ROWS(erase, &records);
	rc = hf_json_take(erase->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = take_records(erase, records, err);
	if (rc != HF_OK)
		return rc;
	erase->digest = envelope->digest;
	*ret_erase = hf_steal_ptr(&erase);
	return HF_OK;
}

static json_t *range_to_json(const void *doc, size_t i)
{
	struct hf_erase_range r = ((const struct hf_erase_range *)doc)[i];
	const struct hf_json_member rows[] = RANGE_ROWS(&r);
	return hf_json_put(rows, HF_LEN(rows));
}

json_t *hf_erase_encode(const struct hf_erase *erase)
{
	struct hf_erase copy = *erase; /* the table points to what may be written; nothing is */
	hf_auto_json json_t *records = hf_doc_list(range_to_json, erase->records, erase->n_records);
	const struct hf_json_member rows[] = ERASE_ROWS(&copy, &records);
	return hf_json_put(rows, HF_LEN(rows));
}

bool hf_erase_names(const struct hf_erase *erase, int64_t seq)
{
	for (size_t i = 0; i < erase->n_records; i++)
		if (seq >= erase->records[i].first && seq <= erase->records[i].last)
			return true;
	return false;
}

size_t hf_erase_count(const struct hf_erase *erase)
{
	size_t n = 0;
	for (size_t i = 0; i < erase->n_records; i++)
		n += (size_t)(erase->records[i].last - erase->records[i].first + 1);
	return n;
}

enum hf_rc hf_erase_add(struct hf_digest *of, const struct hf_erase_kept *record)
{
	char line[LINE_SIZE], so_far[HF_DIGEST_HEX_SIZE], digest[HF_DIGEST_HEX_SIZE], hash[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_str_printf(line, sizeof(line), "%s %" PRId64 " %" PRId64 " %s %s %s\n", hf_digest_hex(of, so_far),
				      record->seq, record->at, record->kind, hf_digest_hex(&record->digest, digest),
				      hf_digest_hex(&record->hash, hash));
	return rc == HF_OK ? hf_digest_of(line, strlen(line), of) : rc;
}

void hf_erase_free(struct hf_erase **erase)
{
	if (!*erase)
		return;
	free((*erase)->records);
	json_decref((*erase)->doc);
	free(*erase);
	*erase = NULL;
}
