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
#include <holdfast/erase.h>
#include <holdfast/err.h>
#include <holdfast/merkle.h>
#include <holdfast/time.h>

struct hf_journal;
struct hf_notice_batch; /* notice_rows.h */

/* What a record is about. */
#define HF_RECORD_LIST(X)                                                                                              \
	X(HF_RECORD_TRUST, "trust")                                                                                    \
	X(HF_RECORD_REGISTER, "register")                                                                              \
	X(HF_RECORD_ASSIGNMENT, "assignment")                                                                          \
	X(HF_RECORD_ORDER, "order")                                                                                    \
	X(HF_RECORD_DRAFT, "draft")                                                                                    \
	X(HF_RECORD_APPROVAL, "approval")                                                                              \
	X(HF_RECORD_REPORT, "report")                                                                                  \
	X(HF_RECORD_RECOVER, "recover")                                                                                \
	X(HF_RECORD_REMARK, "remark")                                                                                  \
	X(HF_RECORD_BROKERS, "brokers")                                                                                \
	X(HF_RECORD_GLASS, "glass")                                                                                    \
	X(HF_RECORD_START, "start")                                                                                    \
	X(HF_RECORD_VIA, "via")                                                                                        \
	X(HF_RECORD_LAPSE, "lapse")                                                                                    \
	X(HF_RECORD_SILENCE, "silence")                                                                                \
	X(HF_RECORD_REFUSAL, "refusal")                                                                                \
	X(HF_RECORD_NOTICE, "notice")                                                                                  \
	X(HF_RECORD_OUTCOME, "outcome")                                                                                \
	X(HF_RECORD_CHECK, "check")                                                                                    \
	X(HF_RECORD_NOTE, "note")                                                                                      \
	X(HF_RECORD_ERASURE, "erasure")                                                                                \
	X(HF_RECORD_EXPORT, "export")
#define HF_RECORD_ENUM(code, name) code,
enum hf_record_kind { HF_RECORD_LIST(HF_RECORD_ENUM) HF_RECORD_KIND_COUNT };
#undef HF_RECORD_ENUM

/* What may use the disk that is kept back, when there is no other: each leaves some for those behind it. */
enum hf_urgency {
	HF_URGENT_NOT,	    /* reports, the register, assignments, brokers: refused */
	HF_URGENT_TIGHTENS, /* raises and amendments */
	HF_URGENT_DRAFT,    /* one signature of what opens */
	HF_URGENT_LOOSENS,  /* releases, recoveries, trusts */
	HF_URGENT_NUMBER,   /* of the state that says so */
	HF_URGENCY_COUNT
};

/* One thing to be recorded. */
struct hf_entry {
	struct hf_wall at;
	enum hf_record_kind kind;
	struct hf_digest digest; /* of the document; of what is no envelope SHA-256 of the body */
	const char *body;	 /* the envelope's text, or a JSON object of the controller's own; of one that was erased "" */
	size_t body_len;
	enum hf_urgency urgency;
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
	struct hf_wall heard; /* by this controller's clock; of a row that was read, when it was repeated last */
	const char *body;     /* the envelope's text */
	size_t body_len;
	int64_t repeated; /* of a row that was read: the counter of the last that repeated it; 0: none did */
};

/* When one device was heard last, although it said nothing new: beside its row above. */
struct hf_heard_row {
	const char *device;
	int64_t counter;
	struct hf_wall heard;
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
typedef enum hf_rc (*hf_heard_row_fn)(void *arg, const struct hf_heard_row *row, struct hf_err *err);
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
 * hf_record_is_document - is a record of this kind an envelope that somebody signed; else it is the controller's own word
 *
 * Source    controller/API.md "The journal"
 */
bool hf_record_is_document(enum hf_record_kind kind);

/*
 * hf_record_may_go - may two officers have the body of a record of this kind erased; what the law is followed by may not
 *
 * Source    proto/README.md "Erase"
 */
bool hf_record_may_go(enum hf_record_kind kind);

/*
 * hf_record_envelope - the envelope that a record carries: its body, or what lies in it beside the salt
 *
 * @entry    of a document, a note or an erasure
 * @ret      to hf_envelope_free; untouched unless HF_OK
 * Owner     see ret
 * Returns   as hf_envelope_decode; HF_E_SHAPE it carries none
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_record_envelope(const struct hf_entry *entry, struct hf_envelope **ret, struct hf_err *err);

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
 * hf_journal_keep_room - from now on keep disk back for what must be recorded on a full one
 *
 * Without it nothing is kept back, and a full disk refuses everything alike.
 * Returns   HF_OK, also if the disk has not so much now; HF_E_SYSTEM
 * Source    proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_journal_keep_room(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_journal_has_room - is all the disk there that is to be kept back; where it is not, what can wait is not recorded
 *
 * Returns   true or false
 */
bool hf_journal_has_room(struct hf_journal *journal);

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
 * hf_journal_on_doubt - whom to tell once, when a commit failed so that nobody can tell whether it is in the file
 *
 * From then on nothing is written any more, and closing leaves the file as it is: what it truly holds is read by
 * whoever opens it anew.
 * @fn       gets why, for people
 * Source    controller/API.md "The journal"
 */
typedef void (*hf_doubt_fn)(void *arg, const char *why);
void hf_journal_on_doubt(struct hf_journal *journal, hf_doubt_fn fn, void *arg);

/*
 * hf_journal_append - record all of these, or none
 *
 * What an erasure among them names is emptied in the same commit.
 * @entries  n_entries, at least 1; the first one's urgency is that of all
 * Owner     copied to disk
 * Returns   HF_OK they are on disk; HF_E_STALE_HEAD another writer moved the head since this one last read or wrote;
 *           HF_E_USAGE not replayed yet; HF_E_SYSTEM not one of them is; HF_E_UNSURE all of them or none
 * Source    tests/FACTS.md "Storage"
 */
HF_NODISCARD enum hf_rc hf_journal_append(struct hf_journal *journal, const struct hf_entry *entries, size_t n_entries,
					  struct hf_err *err);

/*
 * hf_journal_may_erase - could the bodies that this document names be erased now: are the records there, as it says, of such kinds
 *
 * @before   reports from then on stay
 * Returns   HF_OK; HF_E_ABSENT there is no such record; HF_E_MISMATCH it may not go, is gone already, or is not what the document
 *           says; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_journal_may_erase(struct hf_journal *journal, const struct hf_erase *erase, struct hf_wall before,
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
 * hf_journal_head_at - the tree head when the journal had so many records
 *
 * Made of the kept levels of the tree, in as many steps as the size has bits, and proved against the head of now: levels
 * that somebody changed are made again from the records.
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it never had so many; HF_E_SHAPE; HF_E_SYSTEM; HF_E_MEMORY
 * Source    RFC 6962 section 2.1
 */
HF_NODISCARD enum hf_rc hf_journal_head_at(struct hf_journal *journal, int64_t size, struct hf_digest *ret,
					   struct hf_err *err);

/*
 * hf_journal_prove - the proof that a record is in the journal as it is now
 *
 * @seq      of the record, from 1
 * @ret      untouched unless HF_OK; it fits
 * Returns   as hf_journal_head_at; HF_E_ABSENT there is no such record
 * Source    RFC 6962 section 2.1.1
 */
HF_NODISCARD enum hf_rc hf_journal_prove(struct hf_journal *journal, int64_t seq, struct hf_merkle_proof *ret,
					 struct hf_err *err);

/*
 * hf_journal_forget_tables - empty the tables beside the chain that are made from it, in one commit
 *
 * When devices were heard and the numbers of states stay: the records do not say them.
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SHAPE; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_journal_forget_tables(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_journal_prove_growth - the proof that the journal as it is now goes on from where it had so many records
 *
 * @before   from 1
 * @ret      untouched unless HF_OK; it fits
 * Returns   as hf_journal_head_at
 * Source    RFC 6962 section 2.1.2
 */
HF_NODISCARD enum hf_rc hf_journal_prove_growth(struct hf_journal *journal, int64_t before,
						struct hf_merkle_proof *ret, struct hf_err *err);

/* What is written down together: records of the chain, and rows of the tables beside it. */
struct hf_batch {
	const struct hf_entry *entries;
	size_t n_entries;
	const struct hf_report_row *reports; /* the last of each device */
	size_t n_reports;
	const struct hf_ack_row *acks;
	size_t n_acks;
	const struct hf_posting_row *postings;
	size_t n_postings;
	const struct hf_notice_batch *notices; /* who is told of it; NULL: nobody */
};

/*
 * hf_journal_save - write down all of it, or nothing, in one commit
 *
 * With acknowledgements and postings goes the number of the last record, which they were made from.
 * Owner     copied to disk
 * Returns   as hf_journal_append
 * Source    tests/FACTS.md "Storage": batch reports per 100 ms
 */
HF_NODISCARD enum hf_rc hf_journal_save(struct hf_journal *journal, const struct hf_batch *batch, struct hf_err *err);

/*
 * hf_journal_each_report - the last report of each device (a projection)
 *
 * Owner     a row lives until the function that gets it returns
 * Returns   HF_OK; HF_E_SYSTEM; what fn returned
 * Source    tests/FACTS.md "Storage": batch reports per 100 ms
 */
HF_NODISCARD enum hf_rc hf_journal_each_report(struct hf_journal *journal, hf_report_row_fn fn, void *arg,
					       struct hf_err *err);

/* Some records, one after the other. */
struct hf_stretch {
	int64_t upto; /* the number of the last one that was read; 0: begin */
	size_t most;  /* so many at once */
	size_t n;     /* that were read; fewer than that: there are no more */
};

/*
 * hf_journal_some_reports - hand the next records of reports to fn, whose chain was checked before
 *
 * @stretch  in and out
 * Owner     see hf_record; its hash is not filled in
 * Returns   HF_OK; HF_E_SYSTEM; what fn returned
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_journal_some_reports(struct hf_journal *journal, struct hf_stretch *stretch,
						hf_record_fn fn, void *arg, struct hf_err *err);

/*
 * hf_journal_some_papers - the same of registers and remarks; which of them a record is, its body says
 *
 * @stretch  in and out
 * Owner     as hf_journal_some_reports; every one has the kind of a register
 * Returns   as hf_journal_some_reports
 * Source    policy D2.3, D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_journal_some_papers(struct hf_journal *journal, struct hf_stretch *stretch, hf_record_fn fn,
					       void *arg, struct hf_err *err);

/*
 * hf_journal_some_rows - hand the next rows to fn as they stand in the file, whatever they are
 *
 * @stretch  in and out
 * Owner     a row lives until the function that gets it returns
 * Returns   as hf_journal_some_reports
 * Source    controller/API.md "The record"
 */
struct hf_chain_row;
typedef enum hf_rc (*hf_chain_row_fn)(void *arg, const struct hf_chain_row *row, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_journal_some_rows(struct hf_journal *journal, struct hf_stretch *stretch, hf_chain_row_fn fn,
					     void *arg, struct hf_err *err);

/*
 * hf_journal_has_document - is a document with this digest among the records: anything that is approved, but a trust
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_journal_has_document(struct hf_journal *journal, const struct hf_digest *digest, bool *ret,
						struct hf_err *err);

/*
 * hf_journal_save_heard, hf_journal_each_heard - when devices were heard last whose last report is kept already, in
 * one commit
 *
 * Owner     copied to disk; a row lives until the function that gets it returns
 * Returns   HF_OK; HF_E_SYSTEM; what fn returned
 * Source    tests/FACTS.md "Storage": a report that only repeats the last is not written
 */
HF_NODISCARD enum hf_rc hf_journal_save_heard(struct hf_journal *journal, const struct hf_heard_row *rows,
					      size_t n_rows, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_journal_each_heard(struct hf_journal *journal, hf_heard_row_fn fn, void *arg,
					      struct hf_err *err);

/*
 * hf_journal_each_ack, hf_journal_each_posting - who has acknowledged what, and the postings (projections)
 *
 * With the rows goes the number of the last record that they were made from; it is 0 when the table is new, or rows are
 * missing: then all of the journal is to be read again.
 * @ret_upto untouched unless HF_OK
 * Owner     a row lives until the function that gets it returns
 * Returns   HF_OK; HF_E_SYSTEM; what fn returned
 * Source    policy D10, D9.3, D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_journal_each_ack(struct hf_journal *journal, hf_ack_row_fn fn, void *arg, int64_t *ret_upto,
					    struct hf_err *err);
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
