/* SPDX-License-Identifier: MIT */
/*
 * Owns the chain of records: reading it whole, adding to its end.
 * Must never change or leave out a record, or know what a document means.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/journal/db.h"
#include "controller/journal/gaps.h"

enum hf_rc hf_journal_open(const char *folder, struct hf_journal **ret_journal, struct hf_err *err)
{
	hf_auto_journal struct hf_journal *journal = calloc(1, sizeof(*journal));
	enum hf_rc rc;
	if (!journal)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the journal in %s", folder);
	journal->reserve.fd = -1;
	if (asprintf(&journal->path, "%s/journal.db", folder) < 0) {
		journal->path = NULL;
		return hf_err_set(err, HF_E_MEMORY, "no memory for the journal in %s", folder);
	}
	rc = hf_reserve_open(folder, false, &journal->reserve, err);
	if (rc == HF_OK)
		rc = hf_db_open(journal, err);
	if (rc == HF_OK)
		rc = hf_db_settle_erased(journal, err);
	if (rc != HF_OK)
		return rc;
	*ret_journal = hf_steal_ptr(&journal);
	return HF_OK;
}

static enum hf_rc damaged(const struct hf_journal *journal, int64_t seq, const char *what, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SHAPE,
			  "the journal %s is damaged at record %" PRId64 ": %s; put it aside and restore it from a "
			  "backup",
			  journal->path, seq, what);
}

/* Takes a row of HF_DB_EACH_ROW, if it is the next of the chain. */
static enum hf_rc take_row(struct hf_journal *journal, sqlite3_stmt *stmt, struct hf_record *ret_record,
			   struct hf_err *err)
{
	const struct hf_chain_row row = hf_db_row(stmt);
	int64_t next = (int64_t)journal->chain.tree.size + 1;
	struct hf_err why = {""};
	enum hf_rc rc = hf_chain_follow(&journal->chain, &row, ret_record, &why);
	if (rc == HF_E_MEMORY)
		return hf_err_set(err, rc, "%s", why.text);
	if (rc == HF_OK && ret_record->entry.kind != HF_RECORD_KIND_COUNT)
		return HF_OK;
	return damaged(journal, next, rc == HF_OK ? "its kind is of a later version" : why.text, err);
}

#define HOW_ON                                                                                                         \
	"put it back from a backup, or, to go on with what is there on purpose, run `holdfastd --accept-journal`: "    \
	"see "                                                                                                         \
	"holdfastd(8)"

/* A mark was written when the journal had its size; as long as that the journal must be, and have that head there. */
static enum hf_rc fits_marks(const struct hf_journal *journal, bool at_end, struct hf_err *err)
{
	int64_t size = (int64_t)journal->chain.tree.size;
	for (size_t i = 0; i < journal->n_marks; i++) {
		const struct hf_mark *mark = &journal->marks[i];
		struct hf_digest root;
		if (!mark->there || size > mark->size || (size < mark->size && !at_end))
			continue;
		root = hf_merkle_root(&journal->chain.tree);
		if (size == mark->size && hf_digest_cmp(&root, &mark->root) == 0)
			continue;
		if (size == mark->size)
			return hf_err_set(err, HF_E_SHAPE,
					  "the journal %s is not what was written: its first %" PRId64
					  " records were changed; " HOW_ON,
					  journal->path, size);
		return hf_err_set(err, size ? HF_E_SHAPE : HF_E_ABSENT,
				  "the journal %s has %" PRId64 " records, and had %" PRId64
				  ": what was recorded is lost; " HOW_ON,
				  journal->path, size, mark->size);
	}
	return HF_OK;
}

static void note_trouble(char trouble[HF_TROUBLE_SIZE], const char *folder, const char *what)
{
	if (hf_str_printf(trouble, HF_TROUBLE_SIZE, "the mark of the journal in %.80s: %.150s", folder, what) != HF_OK)
		trouble[0] = '?';
}

/* A record stands when it is on disk; a mark that cannot be written is said, and holds nothing back. */
static void write_marks(struct hf_journal *journal)
{
	struct hf_err err = {""};
	journal->unmarked[0] = '\0';
	for (size_t i = 0; i < journal->n_marks; i++)
		if (hf_mark_save(&journal->marks[i], &journal->chain.tree, &err) != HF_OK)
			note_trouble(journal->unmarked, journal->marks[i].folder, err.text);
}

/* Two were written, always together. */
static void note_missing(struct hf_journal *journal)
{
	for (size_t i = 0; i < HF_MARKS; i++)
		if (!journal->marks[i].there && journal->marks[!i].there)
			note_trouble(journal->missing, journal->marks[i].folder,
				     "it was gone when the controller started: somebody took it away");
}

enum hf_rc hf_journal_guard(struct hf_journal *journal, const char *const folders[2], struct hf_err *err)
{
	for (size_t i = 0; i < HF_MARKS; i++) {
		enum hf_rc rc = hf_mark_open(folders[i], &journal->marks[i], err);
		if (rc != HF_OK)
			return rc;
		journal->n_marks++;
	}
	note_missing(journal);
	return HF_OK;
}

void hf_journal_accept(struct hf_journal *journal)
{
	for (size_t i = 0; i < journal->n_marks; i++)
		journal->marks[i].there = false;
}

const char *hf_journal_unmarked(const struct hf_journal *journal)
{
	return journal->unmarked[0] ? journal->unmarked : journal->missing;
}

static bool is_read(const struct hf_journal *journal)
{
	return journal->upto > 0 && journal->chain.tree.size == (uint64_t)journal->upto;
}

static enum hf_rc bad_gap(const struct hf_journal *journal, enum hf_rc rc, const struct hf_gaps *gaps, struct hf_err *err)
{
	return rc == HF_E_SHAPE && gaps->bad ? damaged(journal, gaps->bad, gaps->why, err) : rc;
}

static enum hf_rc replay_rows(struct hf_journal *journal, sqlite3_stmt *stmt, hf_record_fn fn, void *arg,
			      struct hf_err *err)
{
	hf_auto_gaps struct hf_gaps gaps = {0};
	struct hf_record record;
	enum hf_rc rc;
	int step = SQLITE_DONE;
	while (!is_read(journal) && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		rc = take_row(journal, stmt, &record, err);
		if (rc != HF_OK)
			return rc;
		rc = fits_marks(journal, false, err);
		if (rc == HF_OK)
			rc = bad_gap(journal, hf_gaps_take(&gaps, &record, err), &gaps, err);
		if (rc == HF_OK && fn)
			rc = fn(arg, &record, err);
		if (rc != HF_OK)
			return rc;
	}
	if (step != SQLITE_DONE && !is_read(journal))
		return hf_db_failed(journal, "reading it", err);
	/* Of one that is read in part, erasures may stand behind. */
	rc = journal->upto > 0 ? HF_OK : bad_gap(journal, hf_gaps_end(&gaps, err), &gaps, err);
	return rc == HF_OK ? fits_marks(journal, true, err) : rc;
}

enum hf_rc hf_journal_replay(struct hf_journal *journal, hf_record_fn fn, void *arg, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(
		journal, HF_DB_EACH_ROW, &stmt, err);
	if (rc != HF_OK)
		return rc;
	journal->replayed = false;
	memset(&journal->chain, 0, sizeof(journal->chain));
	free(journal->heads);
	journal->heads = NULL;
	rc = replay_rows(journal, stmt, fn, arg, err);
	hf_db_stmt_free(&stmt);
	if (rc == HF_OK && !journal->only_looks)
		rc = hf_db_settle_tree(journal, err);
	journal->replayed = rc == HF_OK;
	if (rc == HF_OK)
		write_marks(journal);
	return rc;
}

/* Compare and swap: what is at the end of the file must be what this one last read or wrote. */
static enum hf_rc head_is_mine(struct hf_journal *journal, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	char mine[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_db_prepare(
		journal,
		"SELECT coalesce(max(seq), 0), coalesce((SELECT hash FROM journal ORDER BY seq DESC LIMIT 1), '') "
		"FROM journal",
		&stmt, err);
	if (rc != HF_OK)
		return rc;
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return hf_db_failed(journal, "reading its head", err);
	hf_digest_hex(&journal->chain.head, mine);
	if (sqlite3_column_int64(stmt, 0) == (int64_t)journal->chain.tree.size &&
	    (!journal->chain.tree.size || strcmp((const char *)sqlite3_column_text(stmt, 1), mine) == 0))
		return HF_OK;
	return hf_err_set(err, HF_E_STALE_HEAD,
			  "another program wrote to the journal %s: nothing was recorded; run one controller alone and "
			  "start it again",
			  journal->path);
}

static enum hf_rc insert_record(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_record *record,
				const struct hf_digest *prev, struct hf_err *err)
{
	char digest[HF_DIGEST_HEX_SIZE], before[HF_DIGEST_HEX_SIZE], hash[HF_DIGEST_HEX_SIZE];
	sqlite3_reset(stmt);
	sqlite3_bind_int64(stmt, 1, record->seq);
	sqlite3_bind_int64(stmt, 2, record->entry.at.s);
	sqlite3_bind_text(stmt, 3, hf_record_kind_name(record->entry.kind), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, hf_digest_hex(&record->entry.digest, digest), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 5, record->entry.body, (int)record->entry.body_len, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 6, hf_digest_hex(prev, before), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 7, hf_digest_hex(&record->hash, hash), -1, SQLITE_STATIC);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "writing a record", err);
}

/* Inside a transaction; ret_next grows with what is inserted. */
static enum hf_rc append_all(struct hf_journal *journal, const struct hf_batch *batch, struct hf_chain *ret_next,
			     struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL, *nodes = NULL;
	enum hf_rc rc = batch->n_entries ? head_is_mine(journal, err) : HF_OK;
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", &stmt, err);
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, HF_DB_PUT_NODE, &nodes, err);
	for (size_t i = 0; i < batch->n_entries && rc == HF_OK; i++) {
		struct hf_record record = {.seq = (int64_t)ret_next->tree.size + 1, .entry = batch->entries[i]};
		rc = hf_chain_hash(&record, hf_record_kind_name(record.entry.kind), &ret_next->head, &record.hash);
		if (rc != HF_OK)
			return hf_err_set(err, rc, "no memory to write to the journal");
		rc = insert_record(journal, stmt, &record, &ret_next->head, err);
		if (rc == HF_OK)
			rc = hf_db_put_nodes(journal, nodes, &ret_next->tree, &record.hash, err);
		if (rc == HF_OK && record.entry.kind == HF_RECORD_ERASURE)
			rc = hf_db_erase(journal, &record.entry, err);
		ret_next->head = record.hash;
		hf_merkle_add(&ret_next->tree, record.hash.b);
	}
	return rc;
}

/* Inside a transaction, too. */
static enum hf_rc put_tables(struct hf_journal *journal, const struct hf_batch *batch, int64_t upto, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	if (batch->n_reports)
		rc = hf_db_put_reports(journal, batch->reports, batch->n_reports, err);
	if (rc == HF_OK && batch->acks)
		rc = hf_db_put_acks(journal, batch->acks, batch->n_acks, upto, err);
	if (rc == HF_OK && batch->postings)
		rc = hf_db_put_postings(journal, batch->postings, batch->n_postings, upto, err);
	if (rc == HF_OK && batch->notices)
		rc = hf_db_put_notices(journal, batch->notices, err);
	return rc;
}

enum hf_rc hf_journal_keep_room(struct hf_journal *journal, struct hf_err *err)
{
	hf_auto_free char *folder = strndup(journal->path, strlen(journal->path) - strlen("/journal.db"));
	enum hf_rc rc;
	if (!folder)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the journal %s", journal->path);
	hf_reserve_close(&journal->reserve);
	rc = hf_reserve_open(folder, true, &journal->reserve, err);
	if (rc == HF_OK)
		(void)hf_journal_has_room(journal);
	return rc;
}

static enum hf_rc save_once(struct hf_journal *journal, const struct hf_batch *batch, struct hf_err *err)
{
	struct hf_chain next = journal->chain;
	enum hf_rc rc = hf_db_begin(journal, err);
	if (rc != HF_OK)
		return rc;
	rc = append_all(journal, batch, &next, err);
	if (rc == HF_OK)
		rc = put_tables(journal, batch, (int64_t)next.tree.size, err);
	rc = hf_db_commit(journal, rc, err);
	if (rc != HF_OK || !batch->n_entries)
		return rc;
	journal->chain = next;
	write_marks(journal);
	for (size_t i = 0; i < batch->n_entries; i++)
		if (batch->entries[i].kind == HF_RECORD_ERASURE)
			hf_db_wipe(journal);
	return HF_OK;
}

enum hf_rc hf_journal_save(struct hf_journal *journal, const struct hf_batch *batch, struct hf_err *err)
{
	enum hf_urgency urgency = batch->n_entries ? batch->entries[0].urgency : HF_URGENT_NOT;
	enum hf_rc rc;
	if (!journal->replayed && batch->n_entries)
		return hf_err_set(err, HF_E_USAGE, "the journal %s was not read to its end", journal->path);
	rc = urgency == HF_URGENT_NOT ? hf_db_can_wait(journal, err) : HF_OK;
	if (rc != HF_OK)
		return rc;
	do
		rc = save_once(journal, batch, err);
	while (rc == HF_E_SYSTEM && hf_db_more(journal, urgency));
	return rc;
}

enum hf_rc hf_journal_append(struct hf_journal *journal, const struct hf_entry *entries, size_t n_entries,
			     struct hf_err *err)
{
	if (!n_entries)
		return hf_err_set(err, HF_E_USAGE, "nothing is to be written to the journal %s", journal->path);
	return hf_journal_save(journal, &(struct hf_batch){.entries = entries, .n_entries = n_entries}, err);
}

void hf_journal_on_doubt(struct hf_journal *journal, hf_doubt_fn fn, void *arg)
{
	journal->on_doubt = fn;
	journal->on_doubt_arg = arg;
}

const struct hf_merkle *hf_journal_tree(const struct hf_journal *journal)
{
	return &journal->chain.tree;
}

void hf_journal_close(struct hf_journal **journal)
{
	if (!journal || !*journal)
		return;
	sqlite3_close((*journal)->db);
	hf_reserve_close(&(*journal)->reserve);
	for (size_t i = 0; i < (*journal)->n_marks; i++)
		hf_mark_close(&(*journal)->marks[i]);
	free((*journal)->heads);
	free((*journal)->path);
	free(*journal);
	*journal = NULL;
}
