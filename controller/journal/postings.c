/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of postings beside the chain.
 * Must never hold anything that an order depends on.
 */
#include "controller/journal/db.h"

#define SAVE                                                                                                           \
	"INSERT INTO message VALUES (?1, ?2, ?3, ?10, ?4, ?5, ?6, ?7, ?8, ?9) "                                        \
	"ON CONFLICT (lockdown, account, person, text) DO UPDATE SET device = excluded.device, state = excluded.state, at = excluded.at, heard = excluded.heard, "   \
	"post = excluded.post, why = excluded.why"

#define COUNT                                                                                                          \
	"INSERT INTO number SELECT '" HF_DB_POSTINGS_COUNT "', count(*) FROM message WHERE true "                      \
	"ON CONFLICT (name) DO UPDATE SET value = excluded.value"

static enum hf_rc save_posting(struct hf_journal *journal, const struct hf_posting_row *row, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	char lockdown[HF_DIGEST_HEX_SIZE], text[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_db_prepare(journal, SAVE, &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, hf_digest_hex(&row->lockdown, lockdown), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, row->account, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, row->person, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, row->device, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, row->state);
	sqlite3_bind_int64(stmt, 6, row->at.s);
	sqlite3_bind_int64(stmt, 7, row->heard.s);
	sqlite3_bind_text(stmt, 8, row->post, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 9, row->why, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 10, hf_digest_hex(&row->text, text), -1, SQLITE_STATIC);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping a posting", err);
}

enum hf_rc hf_db_put_postings(struct hf_journal *journal, const struct hf_posting_row *rows, size_t n_rows,
			      int64_t upto, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < n_rows && rc == HF_OK; i++)
		rc = save_posting(journal, &rows[i], err);
	if (rc == HF_OK)
		rc = hf_db_put_number(journal, HF_DB_POSTINGS_UPTO, upto, err);
	if (rc == HF_OK)
		rc = hf_db_exec(journal, COUNT, err);
	return rc;
}

static bool read_posting(sqlite3_stmt *stmt, struct hf_posting_row *ret)
{
	const char *lockdown = (const char *)sqlite3_column_text(stmt, 0);
	const char *text = (const char *)sqlite3_column_text(stmt, 9);
	ret->account = (const char *)sqlite3_column_text(stmt, 1);
	ret->person = (const char *)sqlite3_column_text(stmt, 2);
	ret->device = (const char *)sqlite3_column_text(stmt, 3);
	ret->state = sqlite3_column_int64(stmt, 4);
	ret->at.s = sqlite3_column_int64(stmt, 5);
	ret->heard.s = sqlite3_column_int64(stmt, 6);
	ret->post = (const char *)sqlite3_column_text(stmt, 7);
	ret->why = (const char *)sqlite3_column_text(stmt, 8);
	return lockdown && text && ret->account && ret->person && ret->device && ret->post && ret->why &&
	       hf_digest_from_hex(lockdown, &ret->lockdown) == HF_OK &&
	       hf_digest_from_hex(text, &ret->text) == HF_OK;
}

enum hf_rc hf_journal_each_posting(struct hf_journal *journal, hf_posting_row_fn fn, void *arg, int64_t *ret_upto,
				   struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	int64_t upto = 0, kept = 0, n = 0;
	int step = SQLITE_DONE;
	enum hf_rc rc = hf_db_prepare(
		journal, "SELECT lockdown, account, person, device, state, at, heard, post, why, text FROM message", &stmt,
		err);
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct hf_posting_row row;
		if (!read_posting(stmt, &row))
			continue;
		rc = fn(arg, &row, err);
		n++;
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading the postings", err);
	if (rc == HF_OK)
		rc = hf_journal_number(journal, HF_DB_POSTINGS_UPTO, &upto, err);
	if (rc == HF_OK)
		rc = hf_journal_number(journal, HF_DB_POSTINGS_COUNT, &kept, err);
	if (rc == HF_OK)
		*ret_upto = n == kept ? upto : 0;
	return rc;
}
