/* SPDX-License-Identifier: MIT */
/*
 * posting.h - how far one person has come with one holding message: what a device reports, and what a state repeats
 */
#ifndef HOLDFAST_POSTING_H
#define HOLDFAST_POSTING_H

#include <stdbool.h>

#include <holdfast/bytes.h>
#include <holdfast/json.h>
#include <holdfast/time.h>

#define HF_POST_SIZE 300 /* bytes of the address of a post, with its end mark */
#define HF_WHY_SIZE 256	 /* bytes of one line that says why, with its end mark */

/* In the order in which they can follow each other. */
/* clang-format off */
enum hf_posting_state {
	HF_POSTING_CLAIMED, /* a device has taken the one window for itself; nothing is open */
	HF_POSTING_OPEN,    /* the posting window is open there */
	HF_POSTING_ENDED,   /* it is over, and nobody said what came of it */
	HF_POSTING_CANNOT,  /* the person says that they cannot post */
	HF_POSTING_POSTED,  /* the person says that it is posted */
	HF_POSTING_STATE_COUNT
};
/* What a row is of: a device says why and speaks for itself; a state says which device spoke first. */
enum hf_posting_kind { HF_POSTING_REPORTED, HF_POSTING_REPEATED };
/* clang-format on */

/* One row. Texts are borrowed from its document. */
struct hf_posting {
	struct hf_digest lockdown;
	const char *account;
	const char *person;
	const char *device; /* of a state; NULL in a report */
	enum hf_posting_state state;
	struct hf_wall at; /* by the device's clock */
	const char *post;  /* address of the post; "" when none was given */
	const char *why;   /* of a report: one line, may be ""; NULL in a state */
	struct hf_digest text; /* of the message (hf_instructions_digest); zeros: of before texts were told apart */
};

/*
 * hf_posting_state_name - "claimed" "open" "ended" "cannot" "posted"
 *
 * Owner     static text
 * Returns   the word
 * Source    proto/README.md "Posting"
 */
const char *hf_posting_state_name(enum hf_posting_state state);

/*
 * hf_posting_follows - may a posting that stands here go there
 *
 * What was posted stays posted, what cannot be done stays so; a window that is over is never open again.
 * Returns   true or false; false for the same state
 * Source    proto/README.md "Posting"
 */
bool hf_posting_follows(enum hf_posting_state from, enum hf_posting_state to);

/*
 * hf_post_address_check - may this be the address of a post: https or http, a host, nothing that acts
 *
 * @address  text
 * Returns   HF_OK; HF_E_SIZE; HF_E_SHAPE with the reason
 * Source    proto/README.md "Posting"
 */
HF_NODISCARD enum hf_rc hf_post_address_check(const char *address, struct hf_err *err);

/*
 * hf_posting_take, hf_posting_put - one row from its JSON and back; hf_postings_take, hf_postings_put - a list of them,
 * none of the same lockdown, account, person and text twice
 *
 * @list     a JSON list that is not longer than its document allows; NULL: none
 * @ret, @ret_n  malloc'ed, NULL when empty; the caller's to free; untouched unless HF_OK
 * Owner     texts are borrowed from the JSON; what is put is a new reference, the caller's
 * Returns   HF_OK; HF_E_SHAPE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY; the JSON, NULL no memory
 * Source    proto/README.md "Posting"
 */
HF_NODISCARD enum hf_rc hf_posting_take(json_t *value, enum hf_posting_kind kind, struct hf_posting *ret,
					struct hf_err *err);
HF_NODISCARD enum hf_rc hf_postings_take(json_t *list, enum hf_posting_kind kind, struct hf_posting **ret,
					 size_t *ret_n, struct hf_err *err);
json_t *hf_posting_put(const struct hf_posting *posting, enum hf_posting_kind kind);
json_t *hf_postings_put(const struct hf_posting *postings, size_t n, enum hf_posting_kind kind);

#endif
