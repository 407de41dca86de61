/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the draft check: the first line is words to look for, the rest is the draft.
 * Must never end but by the fuzzer: no draft may take more steps than its length allows, or have a mark outside
 * itself.
 */
#include <string.h>

#include <holdfast/draft.h>

#include "tests/fuzz/fuzz.h"

#define WORDS_MAX 64

/* The words of the first line, with commas between, in text; a zero byte ends one. */
static size_t split(char *text, struct hf_word words[WORDS_MAX])
{
	size_t n = 0;
	for (char *rest = text, *word; n < WORDS_MAX && (word = strsep(&rest, ",")); n++) {
		if (strlen(word) > HF_WORD_MAX)
			word[HF_WORD_MAX] = '\0';
		words[n] = (struct hf_word){word, (enum hf_word_kind)(n % HF_WORD_KIND_COUNT)};
	}
	return n;
}

static void check(const struct hf_draft_words *words, const char *draft, size_t len, size_t n_words)
{
	hf_auto_draft_marks struct hf_draft_marks marks = {0};
	FUZZ_MUST(hf_draft_check(words, draft, len, &marks, NULL) == HF_OK);
	FUZZ_MUST(marks.steps <= (uint64_t)len * HF_DRAFT_STEPS_PER_BYTE + HF_DRAFT_STEPS_PER_BYTE);
	for (size_t i = 0, end = 0; i < marks.n; i++) {
		struct hf_draft_mark mark = marks.v[i];
		FUZZ_MUST(mark.len > 0 && mark.at < len && mark.len <= len - mark.at);
		FUZZ_MUST(mark.at + mark.len > end && mark.word < n_words && hf_draft_word(words, mark.word));
		FUZZ_MUST(i == 0 || mark.at > marks.v[i - 1].at);
		end = mark.at + mark.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hf_word list[WORDS_MAX];
	hf_auto_draft_words struct hf_draft_words *words = NULL;
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - data) : size;
	hf_auto_free char *first = malloc(len + 1);
	size_t left = newline ? size - len - 1 : 0;
	FUZZ_MUST(first);
	if (len)
		memcpy(first, data, len);
	first[len] = '\0';
	size_t n = split(first, list);
	FUZZ_MUST(hf_draft_words_new(NULL, list, n, &words, NULL) == HF_OK);
	if (left <= HF_DRAFT_MAX)
		check(words, left ? (const char *)newline + 1 : "", left, n);
	return 0;
}
