/* SPDX-License-Identifier: MIT */
/*
 * draft_words.h - the words that need a second look, out of the agent's answer
 */
#ifndef HOLDFAST_AGENT_TALK_DRAFT_WORDS_H
#define HOLDFAST_AGENT_TALK_DRAFT_WORDS_H

#include <jansson.h>

#include <holdfast/draft.h>
#include <holdfast/err.h>

/*
 * hf_draft_words_read - the words of the agent's answer, made ready; hf_draft_why - why one of a kind needs a second
 * look
 *
 * @answer   of the question `words`; rows of no known kind are left out
 * @ret_words  to hf_draft_words_free; untouched unless HF_OK
 * Owner     copied; static text
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY; "a Councillor's name"
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_draft_words_read(const json_t *answer, struct hf_draft_words **ret_words,
					    struct hf_err *err);
const char *hf_draft_why(enum hf_word_kind kind);

#endif
