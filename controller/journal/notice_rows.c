/* SPDX-License-Identifier: MIT */
/*
 * Owns the tables of the outbox beside the chain.
 * Must never hand out twice what may be gone, or keep anything that an order depends on.
 */
#include <string.h>

#include "controller/journal/db.h"
#include "controller/journal/notice_rows.h"

#define NOTICE_NAME(code, name) name,
static const char *const state_names[] = {HF_NOTICE_LIST(NOTICE_NAME)};

#define INSERT_LETTER "INSERT INTO letter (subject, body) VALUES (?1, ?2)"

#define INSERT_NOTICE                                                                                                  \
	"INSERT INTO outbox (lockdown, what, person, address, letter, state, made, due, first, tries, again, code, line, "  \
	"seen, session, channel) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, 0, 0, 0, 0, '', 0, '', ?8)"

/* States: 0 waiting, 1 sending, 3 unknown, 4 failed, 5 cancelled. */
#define CANCEL_WAITING "UPDATE outbox SET state = 5, session = '' WHERE lockdown = ?1 AND state = 0"
#define CANCEL_AGAIN "UPDATE outbox SET again = again | 2 WHERE lockdown = ?1 AND state IN (1, 3, 4)"
#define ABANDON "UPDATE outbox SET state = 3, due = ?2, session = '' WHERE state = 1 AND session <> ?1 AND channel = ?3"
#define COUNT "SELECT state, seen, count(*) FROM outbox WHERE ?1 IS NULL OR channel = ?1 GROUP BY state, seen"
#define SEE "UPDATE outbox SET seen = 1 WHERE state IN (3, 4) AND seen = 0"

#define COLUMNS                                                                                                        \
	"SELECT o.id, o.lockdown, o.what, o.person, o.address, l.subject, l.body, o.state, o.made, o.due, o.first, "   \
	"o.tries, o.again, o.code, o.line, o.seen, o.session, o.channel FROM outbox o JOIN letter l ON l.id = o.letter "

#define EACH                                                                                                           \
	COLUMNS "WHERE (?1 = 0 OR o.id = ?1) AND (?2 = '' OR o.lockdown = ?2) AND o.id > ?3 ORDER BY o.id LIMIT ?4"

/* Reminders last: nobody waits for them. */
#define DUE                                                                                                            \
	COLUMNS "WHERE (o.state = 0 OR (o.state = 3 AND o.again = 0)) AND o.due <= ?5 AND o.channel = ?6 "                               \
		"ORDER BY o.what = 'reminder', o.id LIMIT ?4"

#define SET                                                                                                            \
	"UPDATE outbox SET state = ?2, due = ?3, first = ?4, tries = ?5, again = ?6, code = ?7, line = ?8, seen = ?9, "  \
	"session = ?10 WHERE id = ?1"

const char *hf_notice_state_name(int64_t state)
{
	return state >= 0 && state < HF_NOTICE_STATE_COUNT ? state_names[state] : "?";
}

static enum hf_rc finish_step(struct hf_journal *journal, sqlite3_stmt *stmt, struct hf_err *err)
{
	enum hf_rc rc = sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "writing messages", err);
	sqlite3_reset(stmt);
	return rc;
}

static enum hf_rc cancel_one(struct hf_journal *journal, const char *sql, const struct hf_digest *lockdown,
			     struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	char hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_db_prepare(journal, sql, &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, hf_digest_hex(lockdown, hex), -1, SQLITE_STATIC);
	return finish_step(journal, stmt, err);
}

static enum hf_rc put_letter(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_letter_row *letter,
			     int64_t *ret_id, struct hf_err *err)
{
	enum hf_rc rc;
	sqlite3_bind_text(stmt, 1, letter->subject, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, letter->body, -1, SQLITE_STATIC);
	rc = finish_step(journal, stmt, err);
	*ret_id = sqlite3_last_insert_rowid(journal->db);
	return rc;
}

static enum hf_rc put_notice(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_notice_row *row,
			     int64_t letter, struct hf_err *err)
{
	char hex[HF_DIGEST_HEX_SIZE];
	sqlite3_bind_text(stmt, 1, hf_digest_hex(&row->lockdown, hex), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, row->what, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, row->person, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, row->address, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, letter);
	sqlite3_bind_int64(stmt, 6, row->made.s);
	sqlite3_bind_int64(stmt, 7, row->due.s);
	sqlite3_bind_text(stmt, 8, row->channel, -1, SQLITE_STATIC);
	return finish_step(journal, stmt, err);
}

/* Rows stand beside each other by their letters. */
static enum hf_rc put_letters(struct hf_journal *journal, const struct hf_notice_batch *batch, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *letter = NULL, *notice = NULL;
	int64_t id = 0;
	enum hf_rc rc = hf_db_prepare(journal, INSERT_LETTER, &letter, err);
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, INSERT_NOTICE, &notice, err);
	for (size_t i = 0; i < batch->n_letters && rc == HF_OK; i++) {
		rc = put_letter(journal, letter, &batch->letters[i], &id, err);
		for (size_t r = 0; r < batch->n_rows && rc == HF_OK; r++)
			if (batch->rows[r].letter == i)
				rc = put_notice(journal, notice, &batch->rows[r], id, err);
	}
	return rc;
}

static enum hf_rc settle_notice(struct hf_journal *journal, const struct hf_notice_row *row, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, SET, &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, row->id);
	sqlite3_bind_int64(stmt, 2, row->state);
	sqlite3_bind_int64(stmt, 3, row->due.s);
	sqlite3_bind_int64(stmt, 4, row->first.s);
	sqlite3_bind_int64(stmt, 5, row->tries);
	sqlite3_bind_int64(stmt, 6, row->again);
	sqlite3_bind_int64(stmt, 7, row->code);
	sqlite3_bind_text(stmt, 8, row->line, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 9, row->seen);
	sqlite3_bind_text(stmt, 10, row->session, -1, SQLITE_STATIC);
	return finish_step(journal, stmt, err);
}

enum hf_rc hf_db_put_notices(struct hf_journal *journal, const struct hf_notice_batch *batch, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < batch->n_cancels && rc == HF_OK; i++) {
		rc = cancel_one(journal, CANCEL_WAITING, &batch->cancels[i], err);
		if (rc == HF_OK)
			rc = cancel_one(journal, CANCEL_AGAIN, &batch->cancels[i], err);
	}
	if (rc == HF_OK && batch->settled)
		rc = settle_notice(journal, batch->settled, err);
	return rc == HF_OK ? put_letters(journal, batch, err) : rc;
}

static bool read_notice(sqlite3_stmt *stmt, struct hf_notice_row *ret)
{
	const char *lockdown = (const char *)sqlite3_column_text(stmt, 1);
	*ret = (struct hf_notice_row){
		.id = sqlite3_column_int64(stmt, 0),
		.what = (const char *)sqlite3_column_text(stmt, 2),
		.person = (const char *)sqlite3_column_text(stmt, 3),
		.address = (const char *)sqlite3_column_text(stmt, 4),
		.subject = (const char *)sqlite3_column_text(stmt, 5),
		.body = (const char *)sqlite3_column_text(stmt, 6),
		.state = sqlite3_column_int64(stmt, 7),
		.made = {sqlite3_column_int64(stmt, 8)},
		.due = {sqlite3_column_int64(stmt, 9)},
		.first = {sqlite3_column_int64(stmt, 10)},
		.tries = sqlite3_column_int64(stmt, 11),
		.again = sqlite3_column_int64(stmt, 12),
		.code = sqlite3_column_int64(stmt, 13),
		.line = (const char *)sqlite3_column_text(stmt, 14),
		.seen = sqlite3_column_int64(stmt, 15),
		.session = (const char *)sqlite3_column_text(stmt, 16),
		.channel = (const char *)sqlite3_column_text(stmt, 17),
	};
	return lockdown && ret->what && ret->person && ret->address && ret->subject && ret->body && ret->line &&
	       ret->session && ret->channel && hf_digest_from_hex(lockdown, &ret->lockdown) == HF_OK;
}

enum hf_rc hf_journal_each_notice(struct hf_journal *journal, const struct hf_notice_ask *ask, hf_notice_row_fn fn,
				  void *arg, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	char hex[HF_DIGEST_HEX_SIZE] = "";
	struct hf_notice_row row;
	int step = SQLITE_DONE;
	enum hf_rc rc = hf_db_prepare(journal, ask->due ? DUE : EACH, &stmt, err);
	if (rc != HF_OK)
		return rc;
	/* What a statement does not ask for is not bound: SQLite says so, and nothing is lost. */
	(void)sqlite3_bind_int64(stmt, 1, ask->id);
	(void)sqlite3_bind_text(stmt, 2, ask->lockdown ? hf_digest_hex(ask->lockdown, hex) : hex, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 3, ask->after);
	(void)sqlite3_bind_int64(stmt, 4, ask->most);
	(void)sqlite3_bind_int64(stmt, 5, ask->now.s);
	(void)sqlite3_bind_text(stmt, 6, ask->due, -1, SQLITE_STATIC);
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		if (read_notice(stmt, &row))
			rc = fn(arg, &row, err);
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading messages", err);
	return rc;
}

enum hf_rc hf_journal_set_notice(struct hf_journal *journal, const struct hf_notice_row *row, struct hf_err *err)
{
	enum hf_rc rc = hf_db_begin(journal, err);
	return rc == HF_OK ? hf_db_commit(journal, settle_notice(journal, row, err), err) : rc;
}

static enum hf_rc abandon(struct hf_journal *journal, const char *channel, const char *session, struct hf_wall due,
			  struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, ABANDON, &stmt, err);
	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, session, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, due.s);
	sqlite3_bind_text(stmt, 3, channel, -1, SQLITE_STATIC);
	return finish_step(journal, stmt, err);
}

enum hf_rc hf_journal_abandon_notices(struct hf_journal *journal, const char *channel, const char *session,
				      struct hf_wall due, struct hf_err *err)
{
	enum hf_rc rc = hf_db_begin(journal, err);
	return rc == HF_OK ? hf_db_commit(journal, abandon(journal, channel, session, due, err), err) : rc;
}

enum hf_rc hf_journal_see_notices(struct hf_journal *journal, struct hf_err *err)
{
	enum hf_rc rc = hf_db_begin(journal, err);
	return rc == HF_OK ? hf_db_commit(journal, hf_db_exec(journal, SEE, err), err) : rc;
}

enum hf_rc hf_journal_count_notices(struct hf_journal *journal, const char *channel, struct hf_notice_counts *ret,
				    struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	struct hf_notice_counts counts = {{0}, 0, 0};
	int step = SQLITE_DONE;
	enum hf_rc rc = hf_db_prepare(journal, COUNT, &stmt, err);
	if (rc == HF_OK)
		sqlite3_bind_text(stmt, 1, channel, -1, SQLITE_STATIC);
	while (rc == HF_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t state = sqlite3_column_int64(stmt, 0), n = sqlite3_column_int64(stmt, 2);
		bool seen = sqlite3_column_int64(stmt, 1);
		if (state < 0 || state >= HF_NOTICE_STATE_COUNT)
			continue;
		counts.n[state] += n;
		counts.unseen_failed += !seen && state == HF_NOTICE_FAILED ? n : 0;
		counts.unseen_unknown += !seen && state == HF_NOTICE_UNKNOWN ? n : 0;
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "counting messages", err);
	if (rc == HF_OK)
		*ret = counts;
	return rc;
}
