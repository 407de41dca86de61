/* SPDX-License-Identifier: MIT */
/*
 * journal_look.h - a journal, or a copy of one, read to its end and left as it is
 */
#ifndef HOLDFAST_CONTROLLER_JOURNAL_LOOK_H
#define HOLDFAST_CONTROLLER_JOURNAL_LOOK_H

#include "controller/journal/chain.h"

/* What a whole journal has. */
struct hf_journal_look {
	int64_t at; /* in: remember the hash of this record */
	int64_t records;
	struct hf_wall last;	  /* when the last of them was recorded; 0: there is none */
	struct hf_digest head;	  /* its hash */
	struct hf_digest head_at; /* the hash of record `at`; zeros: there is none */
};

/*
 * hf_journal_look - read every record, check the chain and the file, write nothing
 *
 * A controller may go on writing to it meanwhile.
 * @at_rest  nobody writes to it: a copy. Not even a file beside it is made then
 * @look     `at` is taken; the rest is of no use unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT there is none; HF_E_SHAPE damaged, or no journal; HF_E_SYSTEM; HF_E_MEMORY
 * Source    controller/API.md "The journal"; sqlite3 PRAGMA integrity_check
 */
HF_NODISCARD enum hf_rc hf_journal_look(const char *path, bool at_rest, struct hf_journal_look *look,
					struct hf_err *err);

/*
 * hf_journal_look_open - open a journal to read it, while a controller may go on writing to it
 *
 * It is read by hf_journal_replay, and answers whatever writes nothing.
 * @ret      to hf_journal_close; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_ABSENT there is none; HF_E_USAGE; HF_E_SYSTEM; HF_E_SHAPE; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_journal_look_open(const char *path, struct hf_journal **ret, struct hf_err *err);

/*
 * hf_journal_look_copy - copy a journal as it is at one moment, while a controller may go on writing to it
 *
 * @to       made anew; what was there is gone
 * Returns   as hf_journal_look_open
 * Source    controller/API.md "Backup"
 */
HF_NODISCARD enum hf_rc hf_journal_look_copy(const char *path, const char *to, struct hf_err *err);

/*
 * hf_journal_look_upto - so many records of it and no more are read
 *
 * @upto     0: all
 */
void hf_journal_look_upto(struct hf_journal *journal, int64_t upto);

/*
 * hf_journal_look_row - one record of it as it stands in the file
 *
 * @journal  of hf_journal_look_open, replayed
 * @fn       called once; its row lives until it returns
 * Owner     the journal
 * Returns   HF_OK; HF_E_ABSENT there is none; what fn returned; HF_E_SYSTEM; HF_E_SHAPE; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_journal_look_row(struct hf_journal *journal, int64_t seq,
					    enum hf_rc (*fn)(void *arg, const struct hf_chain_row *row, struct hf_err *err),
					    void *arg, struct hf_err *err);

/*
 * hf_journal_look_order - the one order whose digest begins so
 *
 * @begin    lower-case hex characters
 * @ret      untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_ABSENT there is none; HF_E_USAGE there are several; HF_E_SYSTEM; HF_E_SHAPE; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_journal_look_order(struct hf_journal *journal, const char *begin, struct hf_digest *ret,
					      struct hf_err *err);

#endif
