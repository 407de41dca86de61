/* SPDX-License-Identifier: MIT */
/*
 * words_posting.h - the posting of a holding message, in sentences
 */
#ifndef HOLDFAST_AGENT_TERMINAL_WORDS_POSTING_H
#define HOLDFAST_AGENT_TERMINAL_WORDS_POSTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * hf_words_posting - who was asked to post, whether it is done, and for the poster what to do now
 *
 * @posting  of hf_view_posting
 * @account  its id
 * @open     nothing is shut for this person: no window is needed
 * @contact  whom to ring
 * Source    policy D9.3
 */
void hf_words_posting(const json_t *posting, const char *account, bool open, const char *contact, FILE *out);

/*
 * hf_words_posting_of - the posting of an account in a view, of this lockdown
 *
 * @lockdown  its id, or NULL: of any
 * Owner     belongs to the view
 * Returns   NULL when there is none
 */
const json_t *hf_words_posting_of(const json_t *view, const char *account, const char *lockdown);

/*
 * hf_words_posting_open - has this person a live posting window open now
 *
 * Returns   true or false
 * Source    policy D9.3
 */
bool hf_words_posting_open(const json_t *view);

#endif
