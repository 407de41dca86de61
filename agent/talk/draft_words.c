/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the words that a draft is looked through for.
 * Must never take a row of a kind that it does not know.
 */
#include "agent/talk/draft_words.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/text.h>

const char *hf_draft_why(enum hf_word_kind kind)
{
	/* clang-format off */
	static const char *const words[HF_WORD_KIND_COUNT] = {
		[HF_WORD_MEMBER] = HF_TEXT("a Councillor's name"),
		[HF_WORD_WARD] = HF_TEXT("the name of a ward"),
		[HF_WORD_CANDIDATE] = HF_TEXT("a candidate's name"),
		[HF_WORD_PARTY] = HF_TEXT("a political party"),
		[HF_WORD_HASHTAG] = HF_TEXT("a campaign's hashtag"),
	};
	/* clang-format on */
	return hf_text(words[kind]);
}

static bool kind_named(const char *name, enum hf_word_kind *ret_kind)
{
	for (int kind = 0; name && kind < HF_WORD_KIND_COUNT; kind++) {
		if (strcmp(hf_word_kind_name((enum hf_word_kind)kind), name) == 0) {
			*ret_kind = (enum hf_word_kind)kind;
			return true;
		}
	}
	return false;
}

enum hf_rc hf_draft_words_read(const json_t *answer, struct hf_draft_words **ret_words, struct hf_err *err)
{
	const json_t *list = json_object_get(answer, "words");
	hf_auto_free struct hf_word *words = calloc(json_array_size(list) + 1, sizeof(*words));
	size_t i, n = 0;
	json_t *row;

	if (!words)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the list of words");
	json_array_foreach(list, i, row)
	{
		struct hf_word *word = &words[n];

		word->text = json_string_value(json_object_get(row, "text"));
		if (word->text && kind_named(json_string_value(json_object_get(row, "kind")), &word->kind))
			n++;
	}
	return hf_draft_words_new(NULL, words, n, ret_words, err);
}
