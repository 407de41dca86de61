/* SPDX-License-Identifier: MIT */
/*
 * draft_fold.h - a draft, or a word to be looked for in drafts, in the one form in which they are compared
 */
#ifndef PROTO_TEXT_DRAFT_FOLD_H
#define PROTO_TEXT_DRAFT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>

/*
 * Folded bytes, and for each where it came from. Words are lower-case, without accents, with one space before and
 * behind each: " norton canes ". What parts words for good, such as a comma, is a word of its own: " . ". An apostrophe
 * inside a word stays: " smith's ".
 */
struct hf_folded {
	char *b;
	uint32_t *from, *to; /* bytes of the source: the first, and the one behind the last */
	size_t n, room;
	bool failed; /* no memory: what is here is not whole */
};

/* Both forms of one text. */
struct hf_draft_text {
	struct hf_folded words; /* all of it; hashtags and mentions are split at capitals and digits: " vote smith " */
	struct hf_folded
		tags; /* hashtags and mentions alone, whole, and without campaign words: "#votesmith #smith " */
};

#define hf_auto_draft_text __attribute__((cleanup(hf_draft_text_done)))

/*
 * hf_draft_fold - fold a text
 *
 * Linear in len; what is not UTF-8 parts words.
 * @text, @len  len at most UINT32_MAX
 * @ret_folded  to hf_draft_text_done; untouched unless HF_OK
 * Owner     see ret_folded
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_draft_fold(const char *text, size_t len, struct hf_draft_text *ret_folded);

/*
 * hf_draft_text_done - free the arrays, zero the struct
 *
 * Owner     ends
 */
void hf_draft_text_done(struct hf_draft_text *folded);

#endif
