/* SPDX-License-Identifier: MIT */
/*
 * Owns how bodies of records are let go, in the commit of the erasure that says so.
 * Must never change anything else of a record, or judge who may ask for it.
 */
#include <inttypes.h>

#include "controller/journal/chain.h"
#include "controller/journal/db.h"

#define NAMED_ROWS HF_DB_ROWS " WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq"

/* What tables keep of a report goes with it: its device is as one that has not reported. */
#define FORGET_REPORTS                                                                                                 \
	"DELETE FROM report WHERE body IN (SELECT body FROM journal WHERE seq BETWEEN ?1 AND ?2 AND kind = 'report')"

#define EMPTY_BODIES "UPDATE journal SET body = '' WHERE seq BETWEEN ?1 AND ?2"

enum hf_rc hf_record_envelope(const struct hf_entry *entry, struct hf_envelope **ret, struct hf_err *err)
{
	hf_auto_json json_t *own = NULL;
	json_t *inner;
	enum hf_rc rc;
	if (hf_record_is_document(entry->kind))
		return hf_envelope_decode(entry->body, entry->body_len, ret, err);
	rc = hf_json_load(entry->body, entry->body_len, JSON_REJECT_DUPLICATES, &own);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the body of this record cannot be read");
	inner = json_object_get(own, entry->kind == HF_RECORD_NOTE ? "remark" : "erase");
	return inner ? hf_envelope_from_json(inner, ret, err) : hf_err_set(err, HF_E_SHAPE, "this record carries no document");
}

/* What is looked at before it is let go. */
struct erasing_look {
	struct hf_wall before;
	int64_t next; /* number of the record that is to come */
	struct hf_digest of;
};

static enum hf_rc may_go(struct erasing_look *look, const struct hf_chain_row *row, struct hf_err *err)
{
	struct hf_erase_kept kept = {.seq = row->seq, .at = row->at, .kind = row->kind};
	enum hf_record_kind kind = hf_record_kind_of(row->kind);
	if (!row->kind || !row->digest || !row->hash || hf_digest_from_hex(row->digest, &kept.digest) != HF_OK ||
	    hf_digest_from_hex(row->hash, &kept.hash) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "the record %" PRId64 " is damaged", row->seq);
	if (!hf_record_may_go(kind))
		return hf_err_set(err, HF_E_MISMATCH, "record %" PRId64 " is of the kind `%s`, which stays", row->seq,
				  row->kind);
	if (row->body_len == 0)
		return hf_err_set(err, HF_E_MISMATCH, "record %" PRId64 " is erased already", row->seq);
	if (kind == HF_RECORD_REPORT && row->at >= look->before.s)
		return hf_err_set(err, HF_E_MISMATCH,
				  "record %" PRId64 " is a report since a lockdown began that is not over: it stays until then",
				  row->seq);
	look->next++;
	return hf_erase_add(&look->of, &kept) == HF_OK ? HF_OK : hf_err_set(err, HF_E_MEMORY, "no memory to look at records");
}

static enum hf_rc bind_range(struct hf_journal *journal, const char *sql, const struct hf_erase_range *range,
			     sqlite3_stmt **ret, struct hf_err *err)
{
	enum hf_rc rc = hf_db_prepare(journal, sql, ret, err);
	if (rc == HF_OK) {
		sqlite3_bind_int64(*ret, 1, range->first);
		sqlite3_bind_int64(*ret, 2, range->last);
	}
	return rc;
}

static enum hf_rc look_at_range(struct hf_journal *journal, const struct hf_erase_range *range, struct erasing_look *look,
				struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = bind_range(journal, NAMED_ROWS, range, &stmt, err);
	int step = SQLITE_DONE;
	look->next = range->first;
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		const struct hf_chain_row row = hf_db_row(stmt);
		rc = may_go(look, &row, err);
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		return hf_db_failed(journal, "reading what is to be erased", err);
	if (rc == HF_OK && look->next != range->last + 1)
		return hf_err_set(err, HF_E_ABSENT, "there is no record %" PRId64, look->next);
	return rc;
}

enum hf_rc hf_journal_may_erase(struct hf_journal *journal, const struct hf_erase *erase, struct hf_wall before,
				struct hf_err *err)
{
	struct erasing_look look = {.before = before};
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; rc == HF_OK && i < erase->n_records; i++)
		rc = look_at_range(journal, &erase->records[i], &look, err);
	if (rc == HF_OK && hf_digest_cmp(&look.of, &erase->of) != 0)
		return hf_err_set(err, HF_E_MISMATCH, "the records that this names are not those of this journal: write it anew");
	return rc;
}

static enum hf_rc run_on_range(struct hf_journal *journal, const char *sql, const struct hf_erase_range *range,
			       struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = bind_range(journal, sql, range, &stmt, err);
	if (rc == HF_OK && sqlite3_step(stmt) != SQLITE_DONE)
		rc = hf_db_failed(journal, "erasing bodies", err);
	return rc;
}

static enum hf_rc empty_ranges(struct hf_journal *journal, const struct hf_erase *erase, struct hf_err *err)
{
	enum hf_rc rc = hf_db_exec(journal, "DROP TRIGGER journal_no_update", err);
	for (size_t i = 0; rc == HF_OK && i < erase->n_records; i++) {
		rc = run_on_range(journal, FORGET_REPORTS, &erase->records[i], err);
		if (rc == HF_OK)
			rc = run_on_range(journal, EMPTY_BODIES, &erase->records[i], err);
	}
	if (rc == HF_OK)
		rc = hf_db_exec(journal, HF_DB_NO_UPDATE, err);
	/* Acknowledgements and postings that follow from those reports go when the tables are made again. */
	return rc == HF_OK ? hf_db_put_number(journal, HF_DB_FORGET, 1, err) : rc;
}

enum hf_rc hf_db_erase(struct hf_journal *journal, const struct hf_entry *entry, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_erase struct hf_erase *erase = NULL;
	enum hf_rc rc = hf_record_envelope(entry, &envelope, err);
	if (rc == HF_OK)
		rc = hf_erase_decode(envelope, &erase, err);
	return rc == HF_OK ? empty_ranges(journal, erase, err) : rc;
}

/* Who reads at this moment keeps the old pages in the log: they go with a later one. */
void hf_db_wipe(struct hf_journal *journal)
{
	(void)sqlite3_wal_checkpoint_v2(journal->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

enum hf_rc hf_db_settle_erased(struct hf_journal *journal, struct hf_err *err)
{
	static const char *const forgets[] = {
		"DELETE FROM acknowledgement",
		"DELETE FROM message",
		"DELETE FROM number WHERE name IN ('" HF_DB_ACKS_UPTO "', '" HF_DB_ACKS_COUNT "', '" HF_DB_POSTINGS_UPTO
		"', '" HF_DB_POSTINGS_COUNT "', '" HF_DB_FORGET "')",
	};
	int64_t forget = 0;
	enum hf_rc rc = hf_journal_number(journal, HF_DB_FORGET, &forget, err);
	return rc == HF_OK && forget ? hf_db_exec_all(journal, forgets, HF_LEN(forgets), err) : rc;
}
