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

#include "controller/journal/journal.h"
#include "controller/journal/mark.h"
#include "controller/journal/reserve.h"

#define HF_MARKS 2 /* one beside the journal, one outside of its folder: whoever takes one leaves the other */

#define HF_TROUBLE_SIZE 256 /* a sentence, and the path of a folder */

struct hf_journal {
	sqlite3 *db;
	char *path;	       /* for people */
	struct hf_merkle tree; /* over the records that this one has read or written */
	struct hf_digest head; /* hash of the last of them; zeros when none */
	bool replayed;
	bool full; /* the last thing that failed did so for want of disk */
	struct hf_reserve reserve;
	struct hf_mark marks[HF_MARKS];
	size_t n_marks;			/* 0: nobody guards it */
	char unmarked[HF_TROUBLE_SIZE]; /* why a mark could not be written the last time; "": it was */
	char missing[HF_TROUBLE_SIZE];	/* which mark was not there at the start although the other was */
};

#define HF_DB_ACKS_COUNT "acks-count" /* how many acknowledgements were kept: fewer, and the table was damaged */
#define HF_DB_POSTINGS_COUNT "messages-count" /* the same of postings */
#define HF_DB_POSTINGS_UPTO "messages-upto"
#define HF_DB_ACKS_UPTO "acks-upto" /* number of the last record that the acknowledgements were made from */

#define hf_auto_stmt __attribute__((cleanup(hf_db_stmt_free)))
void hf_db_stmt_free(sqlite3_stmt **stmt);

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
 * hf_db_commit - end a transaction: commit it if rc is HF_OK, else undo it
 *
 * Returns   rc; or why the commit failed (then it is undone)
 */
HF_NODISCARD enum hf_rc hf_db_commit(struct hf_journal *journal, enum hf_rc rc, struct hf_err *err);

#endif
