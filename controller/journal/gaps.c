/* SPDX-License-Identifier: MIT */
/*
 * Owns the question whether a body that is gone was let go.
 * Must never take a gap for an erasure that does not name that very record.
 */
#include "controller/journal/gaps.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/str.h>

static enum hf_rc no_room(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "there is no memory for the records that were erased");
}

static enum hf_rc is_bad(struct hf_gaps *gaps, int64_t seq, const char *why, struct hf_err *err)
{
	gaps->bad = seq;
	if (hf_str_copy(gaps->why, sizeof(gaps->why), why) != HF_OK)
		gaps->why[0] = '\0';
	return hf_err_set(err, HF_E_SHAPE, "%s", why);
}

static enum hf_rc note_gap(struct hf_gaps *gaps, const struct hf_record *record, struct hf_err *err)
{
	if (!hf_record_may_go(record->entry.kind))
		return is_bad(gaps, record->seq, "its body is gone, and it is of a kind that stays", err);
	if (hf_rows_reserve(&gaps->v, &gaps->room, gaps->n + 1, sizeof(*gaps->v)) != HF_OK)
		return no_room(err);
	gaps->v[gaps->n++] = (struct hf_gap){.kept = {.seq = record->seq,
						      .at = record->entry.at.s,
						      .kind = hf_record_kind_name(record->entry.kind),
						      .digest = record->entry.digest,
						      .hash = record->hash}};
	return HF_OK;
}

static int compare_gap(const void *key, const void *row)
{
	int64_t seq = *(const int64_t *)key, other = ((const struct hf_gap *)row)->kept.seq;
	return seq < other ? -1 : seq > other;
}

/* One record that an erasure names. */
static enum hf_rc account(struct hf_gaps *gaps, int64_t seq, struct hf_digest *of, struct hf_err *err)
{
	struct hf_gap *gap = gaps->n ? bsearch(&seq, gaps->v, gaps->n, sizeof(*gaps->v), compare_gap) : NULL;
	if (!gap)
		return is_bad(gaps, seq, "it says what an erasure has let go", err);
	if (gap->erased)
		return is_bad(gaps, seq, "two erasures name it", err);
	gap->erased = true;
	return hf_erase_add(of, &gap->kept) == HF_OK ? HF_OK : no_room(err);
}

static enum hf_rc take_erasure(struct hf_gaps *gaps, const struct hf_record *record, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_erase struct hf_erase *erase = NULL;
	struct hf_digest of = {{0}};
	enum hf_rc rc = hf_record_envelope(&record->entry, &envelope, err);
	if (rc == HF_OK)
		rc = hf_erase_decode(envelope, &erase, err);
	if (rc != HF_OK)
		return rc == HF_E_MEMORY ? rc : is_bad(gaps, record->seq, "it is an erasure that cannot be read", err);
	for (size_t i = 0; rc == HF_OK && i < erase->n_records; i++)
		for (int64_t seq = erase->records[i].first; rc == HF_OK && seq <= erase->records[i].last; seq++)
			rc = account(gaps, seq, &of, err);
	if (rc == HF_OK && hf_digest_cmp(&of, &erase->of) != 0)
		return is_bad(gaps, erase->records[0].first, "what is left of it is not what was erased", err);
	return rc;
}

enum hf_rc hf_gaps_take(struct hf_gaps *gaps, const struct hf_record *record, struct hf_err *err)
{
	if (record->entry.body_len == 0)
		return note_gap(gaps, record, err);
	return record->entry.kind == HF_RECORD_ERASURE ? take_erasure(gaps, record, err) : HF_OK;
}

enum hf_rc hf_gaps_end(struct hf_gaps *gaps, struct hf_err *err)
{
	for (size_t i = 0; i < gaps->n; i++)
		if (!gaps->v[i].erased)
			return is_bad(gaps, gaps->v[i].kept.seq, "its body is gone, and no erasure says so", err);
	return HF_OK;
}

void hf_gaps_done(struct hf_gaps *gaps)
{
	free(gaps->v);
	memset(gaps, 0, sizeof(*gaps));
}
