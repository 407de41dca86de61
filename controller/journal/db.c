/* SPDX-License-Identifier: MIT */
/*
 * Owns the database file: its settings, tables and guards.
 * Must never know what a record means, or change one.
 */
#include <string.h>

#include <holdfast/str.h>

#include "controller/journal/db.h"
#include "controller/journal/wal_anew.h"

#define APPLICATION_ID 1212568140 /* "HFJL": says which program's file it is */
#define BUSY_MS 2000		  /* another writer's commit takes well under a millisecond */

#define ACKS_TABLE                                                                                                     \
	"CREATE TABLE acknowledgement (lockdown TEXT NOT NULL, text TEXT NOT NULL, person TEXT NOT NULL, "             \
	"device TEXT NOT NULL, at INTEGER NOT NULL, heard INTEGER NOT NULL, "                                          \
	"PRIMARY KEY (lockdown, text, person, device)) STRICT"

#define POSTINGS_TABLE                                                                                                 \
	"CREATE TABLE message (lockdown TEXT NOT NULL, account TEXT NOT NULL, person TEXT NOT NULL, "                  \
	"text TEXT NOT NULL, device TEXT NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL, heard INTEGER NOT NULL, "                  \
	"post TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (lockdown, account, person, text)) STRICT"

#define HEARD_TABLE                                                                                                    \
	"CREATE TABLE heard (device TEXT PRIMARY KEY, counter INTEGER NOT NULL, heard INTEGER NOT NULL) STRICT, "      \
	"WITHOUT ROWID"

/* Registers and remarks are few among many reports, and are asked for by themselves. */
#define PAPERS_INDEX "CREATE INDEX papers ON journal (seq) WHERE kind IN ('register', 'remark')"

/* What became of a document is asked by its digest, also when another has taken its place since. */
#define DOCUMENTS_INDEX "CREATE INDEX documents ON journal (digest) WHERE kind IN (" HF_DB_DOCUMENTS ")"

/* The nodes over two leaves and more; those of one leaf are in the records. */
#define TREE_TABLE                                                                                                     \
	"CREATE TABLE tree (level INTEGER NOT NULL, place INTEGER NOT NULL, node BLOB NOT NULL, "                      \
	"PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID"

/* Who is told what, and how far each message is; one letter may go to many. */
#define LETTERS_TABLE "CREATE TABLE letter (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, body TEXT NOT NULL) STRICT"

#define OUTBOX_CHANNEL "channel TEXT NOT NULL DEFAULT 'mail'"

#define OUTBOX_TABLE                                                                                                   \
	"CREATE TABLE outbox (id INTEGER PRIMARY KEY, lockdown TEXT NOT NULL, what TEXT NOT NULL, person TEXT NOT NULL, " \
	"address TEXT NOT NULL, letter INTEGER NOT NULL, state INTEGER NOT NULL, made INTEGER NOT NULL, "              \
	"due INTEGER NOT NULL, first INTEGER NOT NULL, tries INTEGER NOT NULL, again INTEGER NOT NULL, "               \
	"code INTEGER NOT NULL, line TEXT NOT NULL, seen INTEGER NOT NULL, session TEXT NOT NULL, " OUTBOX_CHANNEL ") STRICT"

/* As SQLite writes it when it is added to the table of before channels. */
#define ADD_CHANNEL "ALTER TABLE outbox ADD COLUMN " OUTBOX_CHANNEL

#define OUTBOX_INDEX "CREATE INDEX outbox_state ON outbox (state, seen, due)"

/* The tables and the guards that make the journal append-only, in the words that SQLite keeps and that are compared. */
static const char *const schema[] = {
	"CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL, "
	"body TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT",
	HF_DB_NO_UPDATE,
	"CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN "
	"SELECT RAISE(ABORT, 'the journal is append-only'); END",
	"CREATE TRIGGER journal_in_order BEFORE INSERT ON journal "
	"WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM journal) BEGIN "
	"SELECT RAISE(ABORT, 'the journal grows by one record at its end'); END",
	"CREATE TABLE report (device TEXT PRIMARY KEY, counter INTEGER NOT NULL, heard INTEGER NOT NULL, "
	"body TEXT NOT NULL) STRICT",
	"CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
	ACKS_TABLE,
	POSTINGS_TABLE,
	HEARD_TABLE,
	PAPERS_INDEX,
	DOCUMENTS_INDEX,
	TREE_TABLE,
	LETTERS_TABLE,
	OUTBOX_TABLE,
	OUTBOX_INDEX,
};

void hf_db_stmt_free(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
	*stmt = NULL;
}

struct hf_chain_row hf_db_row(sqlite3_stmt *stmt)
{
	return (struct hf_chain_row){.seq = sqlite3_column_int64(stmt, 0),
				     .at = sqlite3_column_int64(stmt, 1),
				     .kind = (const char *)sqlite3_column_text(stmt, 2),
				     .digest = (const char *)sqlite3_column_text(stmt, 3),
				     .body = (const char *)sqlite3_column_text(stmt, 4),
				     .body_len = (size_t)sqlite3_column_bytes(stmt, 4),
				     .prev = (const char *)sqlite3_column_text(stmt, 5),
				     .hash = (const char *)sqlite3_column_text(stmt, 6)};
}

enum hf_rc hf_db_failed(struct hf_journal *journal, const char *doing, struct hf_err *err)
{
	int code = journal->db ? sqlite3_errcode(journal->db) & 0xff : SQLITE_NOMEM;
	journal->full = code == SQLITE_FULL;
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return hf_err_set(err, HF_E_SHAPE,
				  "the journal %s is damaged (%s: %s): put it aside and restore it from a backup",
				  journal->path, doing, sqlite3_errmsg(journal->db));
	if (code == SQLITE_NOMEM)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the journal %s", journal->path);
	return hf_err_set(err, HF_E_SYSTEM, "the journal %s: %s: %s", journal->path, doing,
			  sqlite3_errmsg(journal->db));
}

bool hf_db_more(struct hf_journal *journal, enum hf_urgency urgency)
{
	bool more = journal->full && hf_reserve_give(&journal->reserve, urgency);
	journal->full = false;
	return more;
}

bool hf_journal_has_room(struct hf_journal *journal)
{
	return hf_reserve_fill(&journal->reserve);
}

enum hf_rc hf_db_can_wait(struct hf_journal *journal, struct hf_err *err)
{
	if (hf_journal_has_room(journal))
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM,
			  "the disk of the journal %s is full: make room there; until then only orders are recorded",
			  journal->path);
}

enum hf_rc hf_db_exec(struct hf_journal *journal, const char *sql, struct hf_err *err)
{
	if (sqlite3_exec(journal->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return hf_db_failed(journal, sql, err);
	return HF_OK;
}

enum hf_rc hf_db_exec_all(struct hf_journal *journal, const char *const *sql, size_t n, struct hf_err *err)
{
	enum hf_rc rc = hf_db_begin(journal, err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < n && rc == HF_OK; i++)
		rc = hf_db_exec(journal, sql[i], err);
	return hf_db_commit(journal, rc, err);
}

enum hf_rc hf_db_prepare(struct hf_journal *journal, const char *sql, sqlite3_stmt **ret_stmt, struct hf_err *err)
{
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(journal->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return hf_db_failed(journal, sql, err);
	*ret_stmt = stmt;
	return HF_OK;
}

enum hf_rc hf_db_begin(struct hf_journal *journal, struct hf_err *err)
{
	if (!journal->doubt)
		return hf_db_exec(journal, "BEGIN IMMEDIATE", err);
	return hf_err_set(err, HF_E_SYSTEM,
			  "nothing more is written to the journal %s: what it truly holds is read at the next start",
			  journal->path);
}

/*
 * Whether the write-ahead log has it. A full disk took no last page, and a writer beside this one took the turn. After
 * all else the log may well have it: its last page is written before it is synchronised and before the index is told of
 * it, and a synchronisation that fails leaves in memory what is on no disk. Who opens the file anew may find it.
 */
static bool may_be_there(int code)
{
	return (code & 0xff) != SQLITE_FULL && (code & 0xff) != SQLITE_BUSY;
}

/* The log stays as it is: closing would write what is known here over what may be there. */
static enum hf_rc stop_in_doubt(struct hf_journal *journal, struct hf_err *err)
{
	char why[HF_TROUBLE_SIZE];
	if (hf_str_printf(why, sizeof(why), "%.200s", err && err->text[0] ? err->text : journal->path) != HF_OK)
		why[0] = '\0';
	journal->doubt = true;
	journal->full = false;
	(void)sqlite3_db_config(journal->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (journal->on_doubt)
		journal->on_doubt(journal->on_doubt_arg, why);
	return hf_err_set(err, HF_E_UNSURE, "whether it is recorded cannot be told, for the disk failed meanwhile: %s", why);
}

enum hf_rc hf_db_commit(struct hf_journal *journal, enum hf_rc rc, struct hf_err *err)
{
	bool doubt = false;
	if (rc == HF_OK) {
		rc = hf_db_exec(journal, "COMMIT", err);
		doubt = rc != HF_OK && may_be_there(sqlite3_extended_errcode(journal->db));
	}
	if (rc != HF_OK)
		sqlite3_exec(journal->db, "ROLLBACK", NULL, NULL, NULL);
	/* One that cannot even be undone would go on into the next. */
	return doubt || !sqlite3_get_autocommit(journal->db) ? stop_in_doubt(journal, err) : rc;
}

/* Reads one whole number that a statement gives. */
static enum hf_rc one_number(struct hf_journal *journal, const char *sql, const char *text, int64_t *ret_value,
			     struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, sql, &stmt, err);
	if (rc != HF_OK)
		return rc;
	if (text && sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC) != SQLITE_OK)
		return hf_db_failed(journal, sql, err);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return hf_db_failed(journal, sql, err);
	*ret_value = sqlite3_column_int64(stmt, 0);
	return HF_OK;
}

static enum hf_rc make_schema(struct hf_journal *journal, struct hf_err *err)
{
	char sql[64];
	enum hf_rc rc = hf_db_begin(journal, err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < HF_LEN(schema) && rc == HF_OK; i++)
		rc = hf_db_exec(journal, schema[i], err);
	if (rc == HF_OK)
		rc = hf_str_printf(sql, sizeof(sql), "PRAGMA application_id=%d", APPLICATION_ID);
	if (rc == HF_OK)
		rc = hf_db_exec(journal, sql, err);
	return hf_db_commit(journal, rc, err);
}

/* A guard that somebody took away, or that a flipped byte changed, guards nothing. */
static enum hf_rc check_schema(struct hf_journal *journal, struct hf_err *err)
{
	int64_t n;
	enum hf_rc rc;
	for (size_t i = 0; i < HF_LEN(schema); i++) {
		rc = one_number(journal, "SELECT count(*) FROM sqlite_schema WHERE sql = ?1", schema[i], &n, err);
		if (rc != HF_OK)
			return rc;
		if (n != 1)
			return hf_err_set(err, HF_E_SHAPE,
					  "the journal %s has not the tables and guards that it was made with: put it "
					  "aside and restore it from a backup",
					  journal->path);
	}
	return HF_OK;
}

/* The projections of the journal: each can be made again from it, but when devices were heard, which they say again. */
static const struct {
	const char *find, *make, *forget;
} projections[] = {
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'acknowledgement'", ACKS_TABLE,
	 "DELETE FROM number WHERE name = '" HF_DB_ACKS_UPTO "'"},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'message'", POSTINGS_TABLE,
	 "DELETE FROM number WHERE name = '" HF_DB_POSTINGS_UPTO "'"},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'heard'", HEARD_TABLE, NULL},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'papers'", PAPERS_INDEX, NULL},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'documents'", DOCUMENTS_INDEX, NULL},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'tree'", TREE_TABLE, NULL},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'letter'", LETTERS_TABLE, NULL},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'outbox'", OUTBOX_TABLE, NULL},
	{"SELECT count(*) FROM pragma_table_info('outbox') WHERE name = 'channel'", ADD_CHANNEL, NULL},
	{"SELECT count(*) FROM sqlite_schema WHERE name = 'outbox_state'", OUTBOX_INDEX, NULL},
};

/* A journal of an earlier version, or one whose projection was taken away: made anew, to be filled from the journal. */
static enum hf_rc add_projection(struct hf_journal *journal, size_t i, struct hf_err *err)
{
	int64_t n;
	enum hf_rc rc = one_number(journal, projections[i].find, NULL, &n, err);
	if (rc != HF_OK || n > 0)
		return rc;
	rc = hf_db_begin(journal, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_db_exec(journal, projections[i].make, err);
	if (rc == HF_OK && projections[i].forget)
		rc = hf_db_exec(journal, projections[i].forget, err);
	return hf_db_commit(journal, rc, err);
}

static enum hf_rc settle_schema(struct hf_journal *journal, struct hf_err *err)
{
	int64_t id, n;
	enum hf_rc rc = one_number(journal, "PRAGMA application_id", NULL, &id, err);
	if (rc == HF_OK)
		rc = one_number(journal, "SELECT count(*) FROM sqlite_schema", NULL, &n, err);
	if (rc != HF_OK)
		return rc;
	if (id == 0 && n == 0)
		return make_schema(journal, err);
	if (id != APPLICATION_ID)
		return hf_err_set(err, HF_E_SHAPE, "%s is not a journal of this program", journal->path);
	for (size_t i = 0; i < HF_LEN(projections) && rc == HF_OK; i++)
		rc = add_projection(journal, i, err);
	return rc == HF_OK ? check_schema(journal, err) : rc;
}

static enum hf_rc open_once(struct hf_journal *journal, struct hf_err *err)
{
	static const char *const settings[] = {
		"PRAGMA journal_mode=WAL",   "PRAGMA synchronous=FULL",	  "PRAGMA recursive_triggers=ON",
		"PRAGMA cell_size_check=ON", "PRAGMA trusted_schema=OFF", "PRAGMA secure_delete=ON",
	};
	enum hf_rc rc = hf_wal_write_anew(journal->path, err);
	if (rc != HF_OK)
		return rc;
	if (sqlite3_open_v2(journal->path, &journal->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return hf_db_failed(journal, "opening it", err);
	sqlite3_busy_timeout(journal->db, BUSY_MS);
	for (size_t i = 0; i < HF_LEN(settings); i++) {
		rc = hf_db_exec(journal, settings[i], err);
		if (rc != HF_OK)
			return rc;
	}
	return settle_schema(journal, err);
}

/* Its log and its index need a little disk, too; SQLite says in several ways that there is none. */
enum hf_rc hf_db_open(struct hf_journal *journal, struct hf_err *err)
{
	enum hf_rc rc = open_once(journal, err);
	while (rc == HF_E_SYSTEM && hf_reserve_give(&journal->reserve, HF_URGENT_NUMBER)) {
		sqlite3_close(journal->db);
		journal->db = NULL;
		rc = open_once(journal, err);
	}
	return rc;
}
