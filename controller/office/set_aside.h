/* SPDX-License-Identifier: MIT */
/*
 * set_aside.h - registers and assignments that the roots set aside: finding one, writing the trust, saying what follows
 */
#ifndef HOLDFAST_OFFICE_SET_ASIDE_H
#define HOLDFAST_OFFICE_SET_ASIDE_H

#include "controller/office/sentence.h"

/* A register or assignment that somebody has approved, or the bare digest of one that is not known here. */
struct hf_aside {
	struct hf_digest digest;
	int64_t version;	 /* 0: not known here */
	int64_t from_version;	 /* the lowest that may follow it; 0: the next */
	char device[HF_ID_SIZE]; /* "" for a register */
};

/*
 * hf_aside_find - what a word of the officer names
 *
 * @what     "register"; "device:ID", if one assignment of it is in effect; the beginning of the digest of one that is
 *           known here; a whole digest
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT; HF_E_USAGE it names more than one
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_aside_find(const struct hf_view *view, const char *what, struct hf_aside *ret,
				      struct hf_err *err);

/*
 * hf_aside_compose - the trust that follows the newest one and sets these aside, with nothing else changed
 *
 * @asides   each with what may follow it
 * @ret_envelope  not signed; to hf_envelope_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_VOID one is set aside already; HF_E_USAGE a number must be said; HF_E_SIZE no room; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_aside_compose(const struct hf_view *view, const struct hf_aside *asides, size_t n,
					 struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_aside_words - what this trust sets aside that the one in force does not, what follows, and what else it changes
 */
void hf_aside_words(const struct hf_words *words, const struct hf_trust *trust);

/*
 * hf_aside_to_json - what this trust sets aside that the one in force does not: {"digest", "type", "device", "version",
 * "from_version"} each, "device" of an assignment alone; of what is not known here only the first and the last
 *
 * Owner     the caller's
 * Returns   NULL when there is no memory
 */
json_t *hf_aside_to_json(const struct hf_view *view, const struct hf_trust *trust);

#endif
