/* SPDX-License-Identifier: MIT */
/*
 * journal.h - the append-only record of everything that the controller took in, and the few tables made from it
 *
 * Knows strings and digests, no document. SQLite (WAL, synchronous FULL).
 * A record's hash is SHA-256 of the text `SEQ AT KIND DIGEST PREV` newline BODY, PREV being the hash of the record
 * before it (zeros for the first), so that anybody can check the chain with a few lines of shell.
 */
#ifndef HOLDFAST_CONTROLLER_JOURNAL_H
#define HOLDFAST_CONTROLLER_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/bytes.h>
#include <holdfast/err.h>
#include <holdfast/time.h>

#include "controller/journal/merkle.h"

struct hf_journal;

/* What a record is about. */
#define HF_RECORD_LIST(X)                                                                                              \
	X(HF_RECORD_TRUST, "trust")                                                                                    \
	X(HF_RECORD_REGISTER, "register")                                                                              \
	X(HF_RECORD_ASSIGNMENT, "assignment")                                                                          \
	X(HF_RECORD_ORDER, "order")                                                                                    \
	X(HF_RECORD_DRAFT, "draft")                                                                                    \
	X(HF_RECORD_APPROVAL, "approval")                                                                              \
	X(HF_RECORD_REPORT, "report")                                                                                  \
	X(HF_RECORD_RECOVER, "recover")
#define HF_RECORD_ENUM(code, name) code,
enum hf_record_kind { HF_RECORD_LIST(HF_RECORD_ENUM) HF_RECORD_KIND_COUNT };
#undef HF_RECORD_ENUM

/* One thing to be recorded. */
struct hf_entry {
	struct hf_wall at;
	enum hf_record_kind kind;
	struct hf_digest digest; /* of the document */
	const char *body;	 /* the envelope's text */
	size_t body_len;
};

/* One thing that was recorded. Its body lives until the function that gets it returns. */
struct hf_record {
	int64_t seq; /* 1 for the first */
	struct hf_entry entry;
	struct hf_digest hash;
};

/* The last report of one device, as text. */
struct hf_report_row {
	const char *device;
	int64_t counter;
	struct hf_wall heard; /* by this controller's clock */
	const char *body;     /* the envelope's text */
	size_t body_len;
};

/* One acknowledgement, as texts: a projection of the reports in the journal. */
struct hf_ack_row {
	struct hf_digest lockdown, text;
	const char *person, *device;
	struct hf_wall at, heard;
};

/* How far the posting of one holding message has come, as texts: a projection of the reports in the journal. */
struct hf_posting_row {
	struct hf_digest lockdown;
	const char *account, *person, *device;
	struct hf_digest text; /* zeros: none was said */
	int64_t state;
	struct hf_wall at, heard;
	const char *post, *why;
};

/* A failure ends the reading and is handed to the caller. */
typedef enum hf_rc (*hf_record_fn)(void *arg, const struct hf_record *record, struct hf_err *err);
typedef enum hf_rc (*hf_report_row_fn)(void *arg, const struct hf_report_row *row, struct hf_err *err);
typedef enum hf_rc (*hf_ack_row_fn)(void *arg, const struct hf_ack_row *row, struct hf_err *err);
typedef enum hf_rc (*hf_posting_row_fn)(void *arg, const struct hf_posting_row *row, struct hf_err *err);

#define hf_auto_journal __attribute__((cleanup(hf_journal_close)))

/*
 * hf_record_kind_name - "trust", "register", ...
 *
 * Source    controller/API.md
 */
const char *hf_record_kind_name(enum hf_record_kind kind);

/*
 * hf_journal_open - open the journal of a folder, `journal.db`; make it when it is not there
 *
 * Reads no record: nothing may be appended before hf_journal_replay has read it to its end.
 * @folder   exists, writable
 * @ret_journal  to hf_journal_close; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SHAPE it is not a journal, or its guards are not as they were made; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_journal_open(const char *folder, struct hf_journal **ret_journal, struct hf_err *err);

/*
 * hf_journal_guard - keep its marks from now on, and refuse a journal that is not what they say
 *
 * To be called before hf_journal_replay, which compares: a journal that is gone, shorter than it was, or other than it
 * was, is refused (HF_E_ABSENT, HF_E_SHAPE) with what to do. A mark that was never written is no loss: it is written
 * when the journal has been read.
 * @folders  of the marks: one beside the journal, one outside of its folder
 * Owner     the journal
 * Returns   HF_OK; HF_E_SHAPE; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D5.6-5.7; controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_journal_guard(struct hf_journal *journal, const char *const folders[2], struct hf_err *err);

/*
 * hf_journal_accept - take the journal as it is now, whatever its marks say: somebody decided so
 *
 * To be called between hf_journal_guard and hf_journal_replay, which then writes the marks anew.
 */
void hf_journal_accept(struct hf_journal *journal);

/*
 * hf_journal_unmarked - why the marks could not be written the last time
 *
 * Owner     belongs to the journal
 * Returns   a sentence; "" when they were written
 */
const char *hf_journal_unmarked(const struct hf_journal *journal);

/*
 * hf_journal_replay - read every record in order, checking the chain, and hand each to fn
 *
 * @fn       called only with records whose hash and predecessor fit; may be NULL
 * Owner     see hf_record
 * Returns   HF_OK; HF_E_SHAPE damaged, with the number of the first record that does not fit, or not what its marks
 *           say; HF_E_ABSENT it is gone; what fn returned; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D5.6-5.7: posts are council records
 */
HF_NODISCARD enum hf_rc hf_journal_replay(struct hf_journal *journal, hf_record_fn fn, void *arg, struct hf_err *err);

/*
 * hf_journal_append - record all of these, or none
 *
 * @entries  n_entries, at least 1
 * Owner     copied to disk
 * Returns   HF_OK they are on disk; HF_E_STALE_HEAD another writer moved the head since this one last read or wrote;
 *           HF_E_USAGE not replayed yet; HF_E_SYSTEM
 * Source    tests/FACTS.md "Storage"
 */
HF_NODISCARD enum hf_rc hf_journal_append(struct hf_journal *journal, const struct hf_entry *entries, size_t n_entries,
					  struct hf_err *err);

/*
 * hf_journal_tree - the tree over all records that were read or written
 *
 * Owner     belongs to the journal
 * Returns   the tree: its size is the number of records
 * Source    RFC 6962 section 2.1
 */
const struct hf_merkle *hf_journal_tree(const struct hf_journal *journal);

/*
 * hf_journal_save_reports, hf_journal_each_report - the last report of each device (a projection), in one commit
 *
 * Owner     copied to disk; a row lives until the function that gets it returns
 * Returns   HF_OK; HF_E_SYSTEM; what fn returned
 * Source    tests/FACTS.md "Storage": batch reports per 100 ms
 */
HF_NODISCARD enum hf_rc hf_journal_save_reports(struct hf_journal *journal, const struct hf_report_row *rows,
						size_t n_rows, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_journal_each_report(struct hf_journal *journal, hf_report_row_fn fn, void *arg,
					       struct hf_err *err);

/*
 * hf_journal_save_acks, hf_journal_each_ack - who has acknowledged what (a projection), in one commit
 *
 * With the rows goes the number of the last record that they were made from; it is 0 when the table is new, or rows are
 * missing: then all of the journal is to be read again.
 * @upto     that number
 * @ret_upto untouched unless HF_OK
 * Owner     copied to disk; a row lives until the function that gets it returns
 * Returns   HF_OK; HF_E_SYSTEM; what fn returned
 * Source    policy D10, D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_journal_save_acks(struct hf_journal *journal, const struct hf_ack_row *rows, size_t n_rows,
					     int64_t upto, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_journal_each_ack(struct hf_journal *journal, hf_ack_row_fn fn, void *arg, int64_t *ret_upto,
					    struct hf_err *err);

/*
 * hf_journal_save_postings, hf_journal_each_posting - the postings (a projection), as hf_journal_save_acks
 *
 * Owner     as there
 * Returns   as there
 * Source    policy D9.3, D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_journal_save_postings(struct hf_journal *journal, const struct hf_posting_row *rows,
						 size_t n_rows, int64_t upto, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_journal_each_posting(struct hf_journal *journal, hf_posting_row_fn fn, void *arg,
						int64_t *ret_upto, struct hf_err *err);

/*
 * hf_journal_number, hf_journal_set_number - a number kept beside the journal, such as the seq of the last state
 *
 * @name      a short word
 * @ret_value  0 when it was never set; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    proto/README.md "State": seq only grows
 */
HF_NODISCARD enum hf_rc hf_journal_number(struct hf_journal *journal, const char *name, int64_t *ret_value,
					  struct hf_err *err);
HF_NODISCARD enum hf_rc hf_journal_set_number(struct hf_journal *journal, const char *name, int64_t value,
					      struct hf_err *err);

/*
 * hf_journal_close - close and set to NULL; accepts NULL
 */
void hf_journal_close(struct hf_journal **journal);

#endif
