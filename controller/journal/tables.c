/* SPDX-License-Identifier: MIT */
/*
 * Owns what is kept beside the chain: the last report of each device and when it was heard, a few numbers.
 * Must never hold anything that an order depends on.
 */
#include <holdfast/str.h>

#include "controller/journal/db.h"

#define SAVE_REPORT                                                                                                    \
	"INSERT INTO report VALUES (?1, ?2, ?3, ?4) ON CONFLICT (device) DO UPDATE SET counter = excluded.counter, "   \
	"heard = excluded.heard, body = excluded.body"

#define EACH_REPORT                                                                                                    \
	"SELECT r.device, r.counter, coalesce(h.heard, r.heard), r.body, coalesce(h.counter, 0) FROM report r "        \
	"LEFT JOIN heard h ON h.device = r.device ORDER BY r.device"

#define SOME_REPORTS                                                                                                   \
	"SELECT seq, at, body FROM journal WHERE seq > ?1 AND kind = 'report' ORDER BY seq LIMIT ?2"

#define SOME_PAPERS                                                                                                    \
	"SELECT seq, at, body FROM journal INDEXED BY papers WHERE kind IN ('register', 'remark') AND seq > ?1 "       \
	"ORDER BY seq LIMIT ?2"

#define SOME_ROWS HF_DB_ROWS " WHERE seq > ?1 ORDER BY seq LIMIT ?2"
#define HAS_DOCUMENT                                                                                                   \
	"SELECT count(*) FROM journal INDEXED BY documents WHERE kind IN (" HF_DB_DOCUMENTS ") AND digest = ?1"

#define SAVE_HEARD                                                                                                     \
	"INSERT INTO heard VALUES (?1, ?2, ?3) ON CONFLICT (device) DO UPDATE SET counter = excluded.counter, "        \
	"heard = excluded.heard"

#define COUNT_ACKS                                                                                                     \
	"INSERT INTO number SELECT '" HF_DB_ACKS_COUNT "', count(*) FROM acknowledgement WHERE true "                  \
	"ON CONFLICT (name) DO UPDATE SET value = excluded.value"

enum hf_rc hf_journal_forget_tables(struct hf_journal *journal, struct hf_err *err)
{
	static const char *const forgets[] = {
		"DELETE FROM report",
		"DELETE FROM acknowledgement",
		"DELETE FROM message",
		"DELETE FROM tree",
		"DELETE FROM number WHERE name IN ('" HF_DB_ACKS_UPTO "', '" HF_DB_ACKS_COUNT "', '" HF_DB_POSTINGS_UPTO
		"', '" HF_DB_POSTINGS_COUNT "')",
	};
	return hf_db_exec_all(journal, forgets, HF_LEN(forgets), err);
}

enum hf_rc hf_db_put_number(struct hf_journal *journal, const char *name, int64_t value, struct hf_err *err)
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

static enum hf_rc save_report(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_report_row *row,
			      struct hf_err *err)
{
	sqlite3_reset(stmt);
	sqlite3_bind_text(stmt, 1, row->device, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, row->counter);
	sqlite3_bind_int64(stmt, 3, row->heard.s);
	sqlite3_bind_text(stmt, 4, row->body, (int)row->body_len, SQLITE_STATIC);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping a report", err);
}

static enum hf_rc forget_heard(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_report_row *row,
			       struct hf_err *err)
{
	sqlite3_reset(stmt);
	sqlite3_bind_text(stmt, 1, row->device, -1, SQLITE_STATIC);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping a report", err);
}

enum hf_rc hf_db_put_reports(struct hf_journal *journal, const struct hf_report_row *rows, size_t n_rows,
			     struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *save = NULL, *forget = NULL;
	enum hf_rc rc = hf_db_prepare(journal, SAVE_REPORT, &save, err);
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, "DELETE FROM heard WHERE device = ?1", &forget, err);
	for (size_t i = 0; i < n_rows && rc == HF_OK; i++) {
		rc = save_report(journal, save, &rows[i], err);
		if (rc == HF_OK)
			rc = forget_heard(journal, forget, &rows[i], err);
	}
	return rc;
}

enum hf_rc hf_journal_each_report(struct hf_journal *journal, hf_report_row_fn fn, void *arg, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, EACH_REPORT, &stmt, err);
	int step = SQLITE_DONE;
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct hf_report_row row = {
			.device = (const char *)sqlite3_column_text(stmt, 0),
			.counter = sqlite3_column_int64(stmt, 1),
			.heard = {sqlite3_column_int64(stmt, 2)},
			.body = (const char *)sqlite3_column_text(stmt, 3),
			.body_len = (size_t)sqlite3_column_bytes(stmt, 3),
			.repeated = sqlite3_column_int64(stmt, 4),
		};
		if (row.device && row.body)
			rc = fn(arg, &row, err);
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading the reports", err);
	return rc;
}

/* What is read, and who is handed it: records of a kind, or rows as they stand. */
struct stretch_reader {
	const char *sql; /* its first column is the number of the record */
	enum hf_record_kind kind;
	hf_record_fn record_fn;
	hf_chain_row_fn row_fn; /* in place of record_fn */
	void *arg;
};

static enum hf_rc hand_over(const struct stretch_reader *reader, sqlite3_stmt *stmt, struct hf_err *err)
{
	const struct hf_record record = {.seq = sqlite3_column_int64(stmt, 0),
					 .entry = {.at = {sqlite3_column_int64(stmt, 1)},
						   .kind = reader->kind,
						   .body = (const char *)sqlite3_column_text(stmt, 2),
						   .body_len = (size_t)sqlite3_column_bytes(stmt, 2)}};
	return record.entry.body ? reader->record_fn(reader->arg, &record, err) : HF_OK;
}

static enum hf_rc hand_over_row(const struct stretch_reader *reader, sqlite3_stmt *stmt, struct hf_err *err)
{
	const struct hf_chain_row row = hf_db_row(stmt);
	return reader->row_fn(reader->arg, &row, err);
}

static enum hf_rc read_stretch(struct hf_journal *journal, struct hf_stretch *stretch, const struct stretch_reader *reader,
			       struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, reader->sql, &stmt, err);
	int step = SQLITE_DONE;
	stretch->n = 0;
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, stretch->upto);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)stretch->most);
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		stretch->upto = sqlite3_column_int64(stmt, 0);
		stretch->n++;
		rc = reader->row_fn ? hand_over_row(reader, stmt, err) : hand_over(reader, stmt, err);
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading some of its records", err);
	return rc;
}

enum hf_rc hf_journal_some_reports(struct hf_journal *journal, struct hf_stretch *stretch, hf_record_fn fn, void *arg,
				   struct hf_err *err)
{
	const struct stretch_reader reader = {.sql = SOME_REPORTS, .kind = HF_RECORD_REPORT, .record_fn = fn, .arg = arg};
	return read_stretch(journal, stretch, &reader, err);
}

enum hf_rc hf_journal_some_papers(struct hf_journal *journal, struct hf_stretch *stretch, hf_record_fn fn, void *arg,
				  struct hf_err *err)
{
	const struct stretch_reader reader = {.sql = SOME_PAPERS, .kind = HF_RECORD_REGISTER, .record_fn = fn, .arg = arg};
	return read_stretch(journal, stretch, &reader, err);
}

enum hf_rc hf_journal_some_rows(struct hf_journal *journal, struct hf_stretch *stretch, hf_chain_row_fn fn, void *arg,
				struct hf_err *err)
{
	const struct stretch_reader reader = {.sql = SOME_ROWS, .row_fn = fn, .arg = arg};
	return read_stretch(journal, stretch, &reader, err);
}

enum hf_rc hf_journal_has_document(struct hf_journal *journal, const struct hf_digest *digest, bool *ret,
				   struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	char hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_db_prepare(journal, HAS_DOCUMENT, &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, hf_digest_hex(digest, hex), -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return hf_db_failed(journal, "looking for a document", err);
	*ret = sqlite3_column_int64(stmt, 0) > 0;
	return HF_OK;
}

static enum hf_rc save_heard(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_heard_row *row,
			     struct hf_err *err)
{
	sqlite3_reset(stmt);
	sqlite3_bind_text(stmt, 1, row->device, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, row->counter);
	sqlite3_bind_int64(stmt, 3, row->heard.s);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping when a device was heard", err);
}

enum hf_rc hf_journal_save_heard(struct hf_journal *journal, const struct hf_heard_row *rows, size_t n_rows,
				 struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_can_wait(journal, err);
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, SAVE_HEARD, &stmt, err);
	if (rc == HF_OK)
		rc = hf_db_begin(journal, err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < n_rows && rc == HF_OK; i++)
		rc = save_heard(journal, stmt, &rows[i], err);
	sqlite3_reset(stmt);
	return hf_db_commit(journal, rc, err);
}

enum hf_rc hf_journal_each_heard(struct hf_journal *journal, hf_heard_row_fn fn, void *arg, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, "SELECT device, counter, heard FROM heard ORDER BY device", &stmt, err);
	int step = SQLITE_DONE;
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		const struct hf_heard_row row = {.device = (const char *)sqlite3_column_text(stmt, 0),
						 .counter = sqlite3_column_int64(stmt, 1),
						 .heard = {sqlite3_column_int64(stmt, 2)}};
		if (row.device)
			rc = fn(arg, &row, err);
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading when devices were heard", err);
	return rc;
}

static enum hf_rc save_ack(struct hf_journal *journal, const struct hf_ack_row *row, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	char lockdown[HF_DIGEST_HEX_SIZE], text[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_db_prepare(journal, "INSERT OR IGNORE INTO acknowledgement VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
				      &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, hf_digest_hex(&row->lockdown, lockdown), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, hf_digest_hex(&row->text, text), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, row->person, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, row->device, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, row->at.s);
	sqlite3_bind_int64(stmt, 6, row->heard.s);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping an acknowledgement", err);
}

enum hf_rc hf_db_put_acks(struct hf_journal *journal, const struct hf_ack_row *rows, size_t n_rows, int64_t upto,
			  struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < n_rows && rc == HF_OK; i++)
		rc = save_ack(journal, &rows[i], err);
	if (rc == HF_OK)
		rc = hf_db_put_number(journal, HF_DB_ACKS_UPTO, upto, err);
	if (rc == HF_OK)
		rc = hf_db_exec(journal, COUNT_ACKS, err);
	return rc;
}

static bool take_ack_row(sqlite3_stmt *stmt, struct hf_ack_row *ret_row)
{
	const char *lockdown = (const char *)sqlite3_column_text(stmt, 0);
	const char *text = (const char *)sqlite3_column_text(stmt, 1);
	ret_row->person = (const char *)sqlite3_column_text(stmt, 2);
	ret_row->device = (const char *)sqlite3_column_text(stmt, 3);
	ret_row->at.s = sqlite3_column_int64(stmt, 4);
	ret_row->heard.s = sqlite3_column_int64(stmt, 5);
	return lockdown && text && ret_row->person && ret_row->device &&
	       hf_digest_from_hex(lockdown, &ret_row->lockdown) == HF_OK &&
	       hf_digest_from_hex(text, &ret_row->text) == HF_OK;
}

enum hf_rc hf_journal_each_ack(struct hf_journal *journal, hf_ack_row_fn fn, void *arg, int64_t *ret_upto,
			       struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	int64_t upto = 0, kept = 0, n = 0;
	int step = SQLITE_DONE;
	enum hf_rc rc = hf_db_prepare(journal, "SELECT lockdown, text, person, device, at, heard FROM acknowledgement",
				      &stmt, err);
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct hf_ack_row row;
		if (!take_ack_row(stmt, &row))
			continue;
		rc = fn(arg, &row, err);
		n++;
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading the acknowledgements", err);
	if (rc == HF_OK)
		rc = hf_journal_number(journal, HF_DB_ACKS_UPTO, &upto, err);
	if (rc == HF_OK)
		rc = hf_journal_number(journal, HF_DB_ACKS_COUNT, &kept, err);
	if (rc == HF_OK)
		*ret_upto = n == kept ? upto : 0;
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
	enum hf_rc rc;
	do {
		rc = hf_db_begin(journal, err);
		if (rc == HF_OK)
			rc = hf_db_commit(journal, hf_db_put_number(journal, name, value, err), err);
	} while (rc == HF_E_SYSTEM && hf_db_more(journal, HF_URGENT_NUMBER));
	return rc;
}
