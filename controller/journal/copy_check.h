/* SPDX-License-Identifier: MIT */
/*
 * copy_check.h - is a copy of a journal whole, and does it fit heads that others kept; offline
 */
#ifndef HOLDFAST_CONTROLLER_COPY_CHECK_H
#define HOLDFAST_CONTROLLER_COPY_CHECK_H

#include "controller/journal/chain.h"

enum hf_copy_fit {
	HF_COPY_NOT_REACHED, /* it ends, or its chain breaks, before this head */
	HF_COPY_FITS,
	HF_COPY_DIFFERS
};

/* A head that somebody kept. */
struct hf_copy_head {
	struct hf_merkle_head head;
	enum hf_copy_fit fit;
};

/* What was found. Start it zeroed, but for heads and judge. */
struct hf_copy {
	struct hf_copy_head *heads; /* n_heads, in any order; the caller's; put in order of size and judged */
	size_t n_heads;
	hf_record_fn judge;    /* asked of each record that is whole; a failure says what is wrong with it; NULL: nothing is */
	void *arg;	       /* of judge */
	int64_t erased;	       /* so many bodies are gone, as erasures say */
	struct hf_chain chain; /* of the records that are whole */
	int64_t bad;	       /* number of the first that is not; 0: all are */
	char why[128];	       /* that one is not */
};

/*
 * hf_copy_check - read a copy from its first record to its last, or to the first that does not follow
 *
 * @path     a folder with journal.db or records.jsonl in it, or such a file; nothing is written
 * Returns   HF_OK it was read, whatever was found; HF_E_MEMORY also of judge; HF_E_ABSENT there is none; HF_E_SHAPE it is no journal;
 *           HF_E_SYSTEM; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_copy_check(const char *path, struct hf_copy *copy, struct hf_err *err);

/*
 * hf_copy_between - where the copy was made anew: behind the largest head that fits, up to the smallest that does not
 *
 * @ret      untouched unless it returns true; the first of these records is the first that may be another
 * Returns   true: some head does not fit
 */
bool hf_copy_between(const struct hf_copy *copy, int64_t ret[2]);

#endif
