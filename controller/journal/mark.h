/* SPDX-License-Identifier: MIT */
/*
 * mark.h - how long the journal was and what it held, kept outside of it, so that a loss is noticed
 *
 * A mark is the number of records and the tree head over them, in two slots of a folder of its own. There are two
 * marks: one beside the journal, one outside of its folder. For the files of this room alone.
 */
#ifndef HOLDFAST_CONTROLLER_MARK_H
#define HOLDFAST_CONTROLLER_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/err.h>
#include <holdfast/merkle.h>
#include <holdfast/slots.h>

struct hf_mark {
	struct hf_slots *slots; /* NULL: the folder cannot be had */
	char *folder;		/* for people */
	bool there;		/* it says something */
	int64_t size;		/* records */
	struct hf_digest root;
};

/*
 * hf_mark_open - open or make the mark of a folder, and read it
 *
 * As root its files are given to the owner of the folder.
 * @folder   made when it is not there
 * @ret_mark to hf_mark_close; untouched unless HF_OK
 * Returns   HF_OK, also when nothing was ever written, or the folder cannot be had (then hf_mark_save says so);
 *           HF_E_SHAPE it holds something that is no mark; HF_E_MEMORY
 * Source    policy D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_mark_open(const char *folder, struct hf_mark *ret_mark, struct hf_err *err);

/*
 * hf_mark_save - write down how the journal is now
 *
 * Returns   HF_OK it is on disk; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_mark_save(struct hf_mark *mark, const struct hf_merkle *tree, struct hf_err *err);

/*
 * hf_mark_close - close, zero it
 *
 * @mark     may be zeroed
 */
void hf_mark_close(struct hf_mark *mark);

#endif
