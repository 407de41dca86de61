/* SPDX-License-Identifier: MIT */
/*
 * review.h - what of the accounts and their people somebody must look at
 *
 * Pure: a function of the register, of what is kept beside it, and of the day.
 */
#ifndef HOLDFAST_TELLING_REVIEW_H
#define HOLDFAST_TELLING_REVIEW_H

#include <holdfast/day.h>
#include <holdfast/register.h>

#include "controller/telling/beside.h"

#define HF_REVIEW_ADMINS 10 /* more than these are too many to know */

/* Why. */
#define HF_REVIEW_LIST(X)                                                                                              \
	X(HF_REVIEW_OLD, "no-review")	    /* of an account, for 12 months or ever */                                 \
	X(HF_REVIEW_CROWDED, "many-admins") /* holders and administrators outside of the council, more than 10 */      \
	X(HF_REVIEW_OUTSIDE, "not-enforceable") /* administrators outside of the council: no device of ours is theirs */ \
	X(HF_REVIEW_STRAY, "not-registered") /* kept beside, and in no register */                                     \
	X(HF_REVIEW_STATEMENT, "no-statement") /* a holder who has signed none */                                      \
	X(HF_REVIEW_TRAINING, "no-training")
#define HF_REVIEW_ENUM(code, name) code,
enum hf_review { HF_REVIEW_LIST(HF_REVIEW_ENUM) HF_REVIEW_COUNT };
#undef HF_REVIEW_ENUM

/* One thing. Belongs to the register and the beside. */
struct hf_review_row {
	enum hf_review why;
	const char *of;	 /* an account, or a person */
	const char *day; /* when an account was reviewed last; "": never, or not an account */
	size_t n;	 /* administrators */
};

/* All of them. Start it zeroed. */
struct hf_reviews {
	struct hf_review_row *v;
	size_t n, room;
};

#define hf_auto_reviews __attribute__((cleanup(hf_reviews_done)))

/*
 * hf_review_name - "no-review" ...
 *
 * Owner     static text
 */
const char *hf_review_name(enum hf_review why);

/*
 * hf_review_find - everything that is to be looked at, in the order of the reasons
 *
 * Whose access has ended holds nothing, and is not asked for a statement.
 * @ret      zeroed before; to hf_reviews_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D2.9
 */
HF_NODISCARD enum hf_rc hf_review_find(const struct hf_register *reg, const struct hf_beside *beside, struct hf_wall now,
				       struct hf_reviews *ret);

/*
 * hf_reviews_done - free, zero
 */
void hf_reviews_done(struct hf_reviews *reviews);

#endif
