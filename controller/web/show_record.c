/* SPDX-License-Identifier: MIT */
/*
 * Owns the record as JSON: of registers and remarks (policy D2.3: who was authorised, and when), or all of it.
 * Must never judge it: whoever reads has the trusts.
 */
#include "controller/journal/chain.h"
#include "controller/web/show.h"

#define ROWS_PAGE 256		/* of all kinds; most are a report of a kilobyte */
#define ROWS_BYTES (1024 * 1024) /* or so much of them */

#define RECORD_PAGE 16 /* envelopes of HF_MESSAGE_MAX: a megabyte, so that others are answered in between */

static enum hf_rc add_record(void *arg, const struct hf_record *record, struct hf_err *err)
{
	json_t *envelope = NULL;
	enum hf_rc rc = hf_json_load(record->entry.body, record->entry.body_len, 0, &envelope);
	if (rc == HF_OK && json_array_append_new(arg, json_pack("{s:I, s:I, s:o}", "seq", (json_int_t)record->seq, "at",
								 (json_int_t)record->entry.at.s, "envelope", envelope)) != 0)
		rc = HF_E_MEMORY;
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the record %lld cannot be shown", (long long)record->seq);
}

enum hf_rc hf_show_record(const struct hf_controller *c, int64_t after, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *rows = json_array();
	struct hf_stretch stretch = {.upto = after, .most = RECORD_PAGE};
	enum hf_rc rc = hf_journal_some_papers(c->journal, &stretch, add_record, rows, err);
	json_t *next = stretch.n == RECORD_PAGE ? json_integer((json_int_t)stretch.upto) : json_null();
	if (rc == HF_OK) {
		*ret = json_pack("{s:O, s:O}", "record", rows, "next", next);
		rc = *ret ? HF_OK : hf_err_set(err, HF_E_MEMORY, "there is no memory to show the record");
	}
	json_decref(next);
	return rc;
}

/* Rows until there are enough of them. */
struct rows_page {
	json_t *rows;
	int64_t last;
	size_t bytes;
	bool full;
};

static json_t *json_of_row(const struct hf_chain_row *row)
{
	return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "seq", (json_int_t)row->seq, "at", (json_int_t)row->at, "kind",
			 row->kind, "digest", row->digest, "body", row->body, "prev", row->prev, "hash", row->hash);
}

static enum hf_rc add_row(void *arg, const struct hf_chain_row *row, struct hf_err *err)
{
	struct rows_page *page = arg;
	page->full = page->full || page->bytes >= ROWS_BYTES;
	if (page->full)
		return HF_OK;
	if (json_array_append_new(page->rows, json_of_row(row)) != 0)
		return hf_err_set(err, HF_E_MEMORY, "the record %lld cannot be shown", (long long)row->seq);
	page->bytes += row->body_len;
	page->last = row->seq;
	return HF_OK;
}

enum hf_rc hf_show_rows(const struct hf_controller *c, int64_t after, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *rows = json_array();
	struct hf_stretch stretch = {.upto = after, .most = ROWS_PAGE};
	struct rows_page page = {.rows = rows};
	enum hf_rc rc = hf_journal_some_rows(c->journal, &stretch, add_row, &page, err);
	bool more = page.full || stretch.n == ROWS_PAGE;
	json_t *next = more ? json_integer((json_int_t)page.last) : json_null();
	if (rc == HF_OK) {
		*ret = json_pack("{s:O, s:O}", "record", rows, "next", next);
		rc = *ret ? HF_OK : hf_err_set(err, HF_E_MEMORY, "there is no memory to show the record");
	}
	json_decref(next);
	return rc;
}
