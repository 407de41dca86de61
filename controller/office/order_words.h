/* SPDX-License-Identifier: MIT */
/*
 * order_words.h - what an order says, in plain words
 */
#ifndef HOLDFAST_OFFICE_ORDER_WORDS_H
#define HOLDFAST_OFFICE_ORDER_WORDS_H

#include "controller/office/sentence.h"

/*
 * hf_words_order - what an order says; hf_words_body - what one body says
 *
 * Source    policy D9.1-9.3, D10
 */
void hf_words_order(struct hf_words *words, const struct hf_order *order);
void hf_words_body(const struct hf_words *words, const struct hf_order *order, const struct hf_body *body);

/*
 * hf_words_stays - does another lockdown of this view shut posting tools on, after this release?
 */
bool hf_words_stays(const struct hf_view *view, const struct hf_order *release);

#endif
