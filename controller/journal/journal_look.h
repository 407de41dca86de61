/* SPDX-License-Identifier: MIT */
/*
 * journal_look.h - a journal, or a copy of one, read to its end and left as it is
 */
#ifndef HOLDFAST_CONTROLLER_JOURNAL_LOOK_H
#define HOLDFAST_CONTROLLER_JOURNAL_LOOK_H

#include "controller/journal/journal.h"

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

#endif
