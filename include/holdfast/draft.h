/* SPDX-License-Identifier: MIT */
/*
 * draft.h - marks the words in a person's own draft that need a second look in a pre-election period (policy D10)
 *
 * Nothing of a draft is kept or sent: these are pure functions.
 */
#ifndef HOLDFAST_DRAFT_H
#define HOLDFAST_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>
#include <holdfast/register.h>

#define HF_DRAFT_MAX (256 * 1024) /* bytes: a long page of the web site, many times over */
#define HF_DRAFT_WORDS_MAX 10000

/* A set of words made ready to be looked for all at once. */
struct hf_draft_words;

struct hf_draft_mark {
	size_t at;   /* bytes from the beginning of the draft */
	size_t len;  /* bytes */
	size_t word; /* for hf_draft_word */
};

struct hf_draft_marks {
	struct hf_draft_mark *v; /* in order; none stands inside another */
	size_t n;
	uint64_t steps; /* how many the search took: at most HF_DRAFT_STEPS_PER_BYTE for each byte of the draft */
};

#define HF_DRAFT_STEPS_PER_BYTE 24 /* whatever the words are and however many: see proto/text/draft.c */

#define hf_auto_draft_words __attribute__((cleanup(hf_draft_words_free)))
#define hf_auto_draft_marks __attribute__((cleanup(hf_draft_marks_done)))

/*
 * hf_draft_words_new - make the words of a register, and others, ready to be looked for
 *
 * A word without a letter or a digit is never found.
 * @reg       may be NULL: then the extra words alone
 * @extra, @n_extra  words beside the register's, such as of a file of the person's own; may be none
 * @ret_words to hf_draft_words_free; untouched unless HF_OK
 * Owner     texts are copied
 * Returns   HF_OK; HF_E_SIZE more than HF_DRAFT_WORDS_MAX words, or one longer than HF_WORD_MAX; HF_E_MEMORY
 * Source    policy D10; proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_draft_words_new(const struct hf_register *reg, const struct hf_word *extra, size_t n_extra,
					   struct hf_draft_words **ret_words, struct hf_err *err);

/*
 * hf_draft_word - one of the words, by the number in a mark: first the register's in their order, then the extra ones
 *
 * Owner     belongs to the words
 * Returns   NULL when there is no such number
 */
const struct hf_word *hf_draft_word(const struct hf_draft_words *words, size_t i);

/*
 * hf_draft_check - mark the words in a draft
 *
 * Found whatever their case, accents, kind of apostrophe, hyphen or white space; with a possessive or a simple plural;
 * as a hashtag or mention; but as whole words alone. Of words that stand inside one another the longest is marked.
 * @text, @len  at most HF_DRAFT_MAX bytes; what is not UTF-8 is passed over
 * @ret_marks   to hf_draft_marks_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_draft_check(const struct hf_draft_words *words, const char *text, size_t len,
				       struct hf_draft_marks *ret_marks, struct hf_err *err);

/*
 * hf_draft_marks_done, hf_draft_words_free - free what they own; zero the struct; set the pointer to NULL, accept NULL
 *
 * Owner     ends
 */
void hf_draft_marks_done(struct hf_draft_marks *marks);
void hf_draft_words_free(struct hf_draft_words **words);

#endif
