/* SPDX-License-Identifier: MIT */
/*
 * record_words.h - an entry of the record, in plain words
 */
#ifndef HOLDFAST_OFFICE_RECORD_WORDS_H
#define HOLDFAST_OFFICE_RECORD_WORDS_H

#include "controller/office/record_read.h"
#include "controller/office/sentence.h"

/*
 * hf_words_entry - its number, when it was recorded, and what it says
 */
void hf_words_entry(const struct hf_words *words, const struct hf_record_entry *entry);

#endif
