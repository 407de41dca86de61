/* SPDX-License-Identifier: MIT */
/*
 * Owns the record of registers and remarks as JSON (policy D2.3: who was authorised, and when).
 * Must never judge them: whoever reads has the trusts.
 */
#include "controller/web/show.h"

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
