/* SPDX-License-Identifier: MIT */
/*
 * Owns the look at a journal that leaves it as it is.
 * Must never write to it, nor make one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "controller/journal/db.h"
#include "controller/journal/journal_look.h"

#define BUSY_MS 10000

/* A path as a part of a URI: SQLite takes those that have no other marks as they are. */
static enum hf_rc open_to_read(struct hf_journal *journal, bool at_rest, struct hf_err *err)
{
	hf_auto_free char *uri = NULL;

	if (strpbrk(journal->path, "?#%"))
		return hf_err_set(err, HF_E_USAGE, "%s: a path without the marks ? # and %% is wanted", journal->path);
	if (asprintf(&uri, "file:%s?mode=ro%s", journal->path, at_rest ? "&immutable=1" : "") < 0) {
		uri = NULL;
		return hf_err_set(err, HF_E_MEMORY, "no memory for the journal %s", journal->path);
	}
	if (sqlite3_open_v2(uri, &journal->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(journal->db, BUSY_MS) != SQLITE_OK)
		return hf_db_failed(journal, "opening it", err);
	return HF_OK;
}

static enum hf_rc note_record(void *arg, const struct hf_record *record, struct hf_err *err)
{
	struct hf_journal_look *look = arg;

	(void)err;
	look->records = record->seq;
	look->last = record->entry.at;
	look->head = record->hash;
	if (record->seq == look->at)
		look->head_at = record->hash;
	return HF_OK;
}

/* The pages of the file, beside what the chain says of its records. */
static enum hf_rc check_file(struct hf_journal *journal, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, "PRAGMA integrity_check(1)", &stmt, err);
	const char *said;

	if (rc != HF_OK)
		return rc;
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return hf_db_failed(journal, "checking its file", err);
	said = (const char *)sqlite3_column_text(stmt, 0);
	if (said && strcmp(said, "ok") == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SHAPE, "the journal %s is damaged (%.120s): put it aside and restore it from a backup",
			  journal->path, said ? said : "?");
}

static enum hf_rc make_looker(const char *path, struct hf_journal **ret, struct hf_err *err)
{
	hf_auto_journal struct hf_journal *journal = calloc(1, sizeof(*journal));

	if (!journal || !(journal->path = strdup(path)))
		return hf_err_set(err, HF_E_MEMORY, "no memory for the journal %s", path);
	journal->reserve.fd = -1;
	journal->only_looks = true;
	if (access(path, F_OK) != 0)
		return hf_err_set(err, HF_E_ABSENT, "there is no journal %s", path);
	*ret = hf_steal_ptr(&journal);
	return HF_OK;
}

enum hf_rc hf_journal_look(const char *path, bool at_rest, struct hf_journal_look *look, struct hf_err *err)
{
	hf_auto_journal struct hf_journal *journal = NULL;
	enum hf_rc rc = make_looker(path, &journal, err);

	*look = (struct hf_journal_look){.at = look->at};
	if (rc == HF_OK)
		rc = open_to_read(journal, at_rest, err);
	if (rc == HF_OK)
		rc = hf_journal_replay(journal, note_record, look, err);
	return rc == HF_OK ? check_file(journal, err) : rc;
}

enum hf_rc hf_journal_look_open(const char *path, struct hf_journal **ret, struct hf_err *err)
{
	hf_auto_journal struct hf_journal *journal = NULL;
	enum hf_rc rc = make_looker(path, &journal, err);

	if (rc == HF_OK)
		rc = open_to_read(journal, false, err);
	if (rc != HF_OK)
		return rc;
	*ret = hf_steal_ptr(&journal);
	return HF_OK;
}

/* In one step: no writer comes between, and the copy is of one moment. It needs no log beside it. */
static bool copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	int step = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;

	return sqlite3_backup_finish(backup) == SQLITE_OK && step == SQLITE_DONE &&
	       sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK;
}

enum hf_rc hf_journal_look_copy(const char *path, const char *to, struct hf_err *err)
{
	hf_auto_journal struct hf_journal *journal = NULL;
	sqlite3 *copy = NULL;
	enum hf_rc rc;

	if (unlink(to) != 0 && errno != ENOENT)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m", to);
	rc = hf_journal_look_open(path, &journal, err);
	if (rc != HF_OK)
		return rc;
	if (sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK ||
	    !copy_pages(journal->db, copy))
		rc = hf_err_set(err, HF_E_SYSTEM, "the journal %s could not be copied to %s: %s", path, to,
				copy ? sqlite3_errmsg(copy) : "no memory");
	sqlite3_close(copy);
	return rc;
}

void hf_journal_look_upto(struct hf_journal *journal, int64_t upto)
{
	journal->upto = upto;
}

enum hf_rc hf_journal_look_row(struct hf_journal *journal, int64_t seq,
			       enum hf_rc (*fn)(void *arg, const struct hf_chain_row *row, struct hf_err *err), void *arg,
			       struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	struct hf_chain_row row;
	enum hf_rc rc = hf_db_prepare(journal, HF_DB_ONE_ROW, &stmt, err);

	if (rc != HF_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, seq);
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		row = hf_db_row(stmt);
		return fn(arg, &row, err);
	case SQLITE_DONE:
		return hf_err_set(err, HF_E_ABSENT, "the journal has no record %lld", (long long)seq);
	default:
		return hf_db_failed(journal, "reading a record", err);
	}
}

enum hf_rc hf_journal_look_order(struct hf_journal *journal, const char *begin, struct hf_digest *ret,
				 struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	char first[HF_DIGEST_HEX_SIZE] = "";
	enum hf_rc rc = hf_db_prepare(journal,
				      "SELECT DISTINCT digest FROM journal WHERE kind = 'order' AND "
				      "substr(digest, 1, length(?1)) = ?1 LIMIT 2",
				      &stmt, err);

	if (rc != HF_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, begin, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW ||
	    hf_str_copy(first, sizeof(first), (const char *)sqlite3_column_text(stmt, 0)) != HF_OK)
		return hf_err_set(err, HF_E_ABSENT, "The record has no order whose id begins with %s.", begin);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		return hf_err_set(err, HF_E_USAGE, "Several orders have an id that begins with %s: give more of it.", begin);
	return hf_digest_from_hex(first, ret) == HF_OK
		       ? HF_OK
		       : hf_err_set(err, HF_E_SHAPE, "the journal %s has an order whose digest is none", journal->path);
}
