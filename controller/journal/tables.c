/* SPDX-License-Identifier: MIT */
/* Owns: what is kept beside the chain: the last report of each device, a few numbers.
 * Room: controller/journal.
 * Must never: hold anything that an order depends on. */
#include "controller/journal/db.h"

#define SAVE_REPORT                                                                                                    \
	"INSERT INTO report VALUES (?1, ?2, ?3, ?4) ON CONFLICT (device) DO UPDATE SET counter = excluded.counter, "   \
	"heard = excluded.heard, body = excluded.body"

static enum hf_rc save_report(struct hf_journal *journal, const struct hf_report_row *row, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, SAVE_REPORT, &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, row->device, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, row->counter);
	sqlite3_bind_int64(stmt, 3, row->heard.s);
	sqlite3_bind_text(stmt, 4, row->body, (int)row->body_len, SQLITE_STATIC);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping a report", err);
}

enum hf_rc hf_journal_save_reports(struct hf_journal *journal, const struct hf_report_row *rows, size_t n_rows,
				   struct hf_err *err)
{
	enum hf_rc rc = hf_db_exec(journal, "BEGIN IMMEDIATE", err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < n_rows && rc == HF_OK; i++)
		rc = save_report(journal, &rows[i], err);
	return hf_db_commit(journal, rc, err);
}

enum hf_rc hf_journal_each_report(struct hf_journal *journal, hf_report_row_fn fn, void *arg, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc =
		hf_db_prepare(journal, "SELECT device, counter, heard, body FROM report ORDER BY device", &stmt, err);
	int step = SQLITE_DONE;
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct hf_report_row row = {
			.device = (const char *)sqlite3_column_text(stmt, 0),
			.counter = sqlite3_column_int64(stmt, 1),
			.heard = {sqlite3_column_int64(stmt, 2)},
			.body = (const char *)sqlite3_column_text(stmt, 3),
			.body_len = (size_t)sqlite3_column_bytes(stmt, 3),
		};
		if (row.device && row.body)
			rc = fn(arg, &row, err);
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading the reports", err);
	return rc;
}

enum hf_rc hf_journal_number(struct hf_journal *journal, const char *name, int64_t *ret_value, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc =
		hf_db_prepare(journal, "SELECT coalesce(max(value), 0) FROM number WHERE name = ?1", &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return hf_db_failed(journal, "reading a number", err);
	*ret_value = sqlite3_column_int64(stmt, 0);
	return HF_OK;
}

enum hf_rc hf_journal_set_number(struct hf_journal *journal, const char *name, int64_t value, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(
		journal, "INSERT INTO number VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		&stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, value);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping a number", err);
}
