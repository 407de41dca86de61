/* SPDX-License-Identifier: MIT */
/*
 * db.h - the database file under the journal and its tables: opened, guarded, spoken to
 *
 * For the files of this room alone.
 */
#ifndef HOLDFAST_CONTROLLER_DB_H
#define HOLDFAST_CONTROLLER_DB_H

#include <sqlite3.h>

#include <holdfast/err.h>

#include "controller/journal/chain.h"
#include "controller/journal/journal.h"
#include "controller/journal/mark.h"
#include "controller/journal/reserve.h"

#define HF_MARKS 2 /* one beside the journal, one outside of its folder: whoever takes one leaves the other */

#define HF_DB_HEADS 4096 /* heads kept in memory: devices of one estate saw fewer different sizes than that at once */
#define HF_TROUBLE_SIZE 256 /* a sentence, and the path of a folder */

struct hf_journal {
	sqlite3 *db;
	char *path;	       /* for people */
	struct hf_chain chain; /* of the records that this one has read or written */
	bool replayed;
	bool only_looks; /* nothing of it may be written */
	int64_t upto;	 /* of one that only looks: so many records are read; 0: all */
	bool full; /* the last thing that failed did so for want of disk */
	bool doubt; /* a commit failed so that nobody can tell whether it is in the file: nothing is written any more */
	hf_doubt_fn on_doubt; /* NULL: nobody asks */
	void *on_doubt_arg;
	struct hf_reserve reserve;
	struct hf_mark marks[HF_MARKS];
	size_t n_marks;			/* 0: nobody guards it */
	char unmarked[HF_TROUBLE_SIZE]; /* why a mark could not be written the last time; "": it was */
	struct hf_merkle_head *heads;	/* that were asked for, HF_DB_HEADS of them or none, at their size's place */
	char missing[HF_TROUBLE_SIZE];	/* which mark was not there at the start although the other was */
};

#define HF_DB_ACKS_COUNT "acks-count" /* how many acknowledgements were kept: fewer, and the table was damaged */
#define HF_DB_POSTINGS_COUNT "messages-count" /* the same of postings */
#define HF_DB_POSTINGS_UPTO "messages-upto"
#define HF_DB_ACKS_UPTO "acks-upto" /* number of the last record that the acknowledgements were made from */

#define HF_DB_FORGET "forget-people" /* a report was erased: acknowledgements and postings are to be made again */

/* The guard that is away for the moment in which an erasure empties bodies. */
#define HF_DB_NO_UPDATE                                                                                                \
	"CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN "                                             \
	"SELECT RAISE(ABORT, 'the journal is append-only'); END"

#define hf_auto_stmt __attribute__((cleanup(hf_db_stmt_free)))
void hf_db_stmt_free(sqlite3_stmt **stmt);

/* The kinds whose digest is that of a document, and of which newer ones take the place of older ones. */
#define HF_DB_DOCUMENTS "'register', 'assignment', 'order', 'recover', 'remark', 'brokers', 'glass'"

#define HF_DB_ROWS "SELECT seq, at, kind, digest, body, prev, hash FROM journal"
#define HF_DB_EACH_ROW HF_DB_ROWS " ORDER BY seq"
#define HF_DB_ONE_ROW HF_DB_ROWS " WHERE seq = ?1"

/*
 * hf_db_row - a record as it stands in the file
 *
 * @stmt     of a query that begins with HF_DB_ROWS, on a row
 * Owner     its texts are the statement's, until it steps on
 */
struct hf_chain_row hf_db_row(sqlite3_stmt *stmt);

/*
 * hf_db_open - open or make the database at journal->path, with its tables and guards as this program makes them
 *
 * Owner     journal->db is the journal's
 * Returns   as hf_journal_open
 */
HF_NODISCARD enum hf_rc hf_db_open(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_db_failed - say what SQLite said
 *
 * @doing    what was being done, "writing a record"
 * Owner     journal->full is set anew
 * Returns   HF_E_SHAPE the file is damaged or none of ours; HF_E_MEMORY; HF_E_SYSTEM
 */
enum hf_rc hf_db_failed(struct hf_journal *journal, const char *doing, struct hf_err *err);

/*
 * hf_db_more - after a failure: is there more disk now, so that it may be tried again
 *
 * @urgency  of what failed
 * Returns   true or false
 */
bool hf_db_more(struct hf_journal *journal, enum hf_urgency urgency);

/*
 * hf_db_put_number - hf_journal_set_number inside a transaction: it is not tried again
 *
 * Returns   HF_OK; as hf_db_failed
 */
HF_NODISCARD enum hf_rc hf_db_put_number(struct hf_journal *journal, const char *name, int64_t value,
					 struct hf_err *err);

/*
 * hf_db_can_wait - may what can wait be written now
 *
 * Returns   HF_OK; HF_E_SYSTEM what is kept back is not all there
 */
HF_NODISCARD enum hf_rc hf_db_can_wait(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_db_exec - run a statement that gives no rows; hf_db_prepare - make one that takes values
 *
 * Owner     ret_stmt is the caller's; untouched unless HF_OK
 * Returns   HF_OK; as hf_db_failed
 */
HF_NODISCARD enum hf_rc hf_db_exec(struct hf_journal *journal, const char *sql, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_db_prepare(struct hf_journal *journal, const char *sql, sqlite3_stmt **ret_stmt,
				      struct hf_err *err);

/*
 * hf_db_exec_all - run n of them in one commit
 *
 * Returns   HF_OK; as hf_db_failed
 */
HF_NODISCARD enum hf_rc hf_db_exec_all(struct hf_journal *journal, const char *const *sql, size_t n, struct hf_err *err);

/*
 * hf_db_erase - empty the bodies that an erasure names, inside its transaction
 *
 * @entry    the erasure
 * Returns   HF_OK; as hf_db_failed; reasons of the decoders
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_db_erase(struct hf_journal *journal, const struct hf_entry *entry, struct hf_err *err);

/*
 * hf_db_wipe - behind its commit: leave nothing of what was emptied in the file's log
 */
void hf_db_wipe(struct hf_journal *journal);

/*
 * hf_db_settle_erased - forget what the tables keep of reports that were erased
 *
 * Returns   HF_OK; as hf_db_failed
 */
HF_NODISCARD enum hf_rc hf_db_settle_erased(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_db_put_reports, hf_db_put_acks, hf_db_put_postings - rows of the tables beside the chain, inside a transaction
 *
 * @upto     the number of the last record that the rows were made from
 * Returns   HF_OK; as hf_db_failed
 */
enum hf_rc hf_db_put_reports(struct hf_journal *journal, const struct hf_report_row *rows, size_t n_rows,
			     struct hf_err *err);
enum hf_rc hf_db_put_acks(struct hf_journal *journal, const struct hf_ack_row *rows, size_t n_rows, int64_t upto,
			  struct hf_err *err);
enum hf_rc hf_db_put_postings(struct hf_journal *journal, const struct hf_posting_row *rows, size_t n_rows,
			      int64_t upto, struct hf_err *err);

/*
 * hf_db_put_nodes - the nodes of the tree that one more leaf completes, inside a transaction
 *
 * @stmt     of HF_DB_PUT_NODE
 * @tree     before the leaf
 * @data     the leaf's
 * Returns   HF_OK; as hf_db_failed
 * Source    RFC 6962 section 2.1
 */
#define HF_DB_PUT_NODE "INSERT OR REPLACE INTO tree VALUES (?1, ?2, ?3)"
HF_NODISCARD enum hf_rc hf_db_put_nodes(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_merkle *tree,
					const struct hf_digest *data, struct hf_err *err);

/*
 * hf_db_settle_tree - are all levels of the tree kept; if not, make them again from the records
 *
 * A disk that is full now holds nothing back: they are made when they are asked for, or at the next start.
 * Returns   HF_OK; HF_E_SHAPE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_db_settle_tree(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_db_put_notices - messages of an order, inside its transaction
 *
 * Returns   HF_OK; as hf_db_failed
 */
HF_NODISCARD enum hf_rc hf_db_put_notices(struct hf_journal *journal, const struct hf_notice_batch *batch,
					  struct hf_err *err);

/*
 * hf_db_begin - begin a transaction that writes
 *
 * Returns   HF_OK; HF_E_SYSTEM also after a commit that is in doubt: nothing of this is written; as hf_db_failed
 */
HF_NODISCARD enum hf_rc hf_db_begin(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_db_commit - end a transaction: commit it if rc is HF_OK, else undo it
 *
 * Returns   rc; why the commit failed: then nothing of it is in the file, now or later; HF_E_UNSURE nobody can tell
 * Source    https://www.sqlite.org/rescode.html; tests/FACTS.md "Storage"
 */
HF_NODISCARD enum hf_rc hf_db_commit(struct hf_journal *journal, enum hf_rc rc, struct hf_err *err);

#endif
