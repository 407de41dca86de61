/* SPDX-License-Identifier: MIT */
/*
 * standing_items.h - the council's own standing items of a checklist: what is to be done at every raise or all-clear, and by whom
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_STANDING_ITEMS_H
#define HOLDFAST_TELLING_STANDING_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/err.h>
#include <holdfast/order.h>

#define HF_STANDING_MAX 64		 /* lines: a list that people work through in an emergency */
#define HF_STANDING_FILE_MAX (64 * 1024) /* bytes: each line at the longest that people write */
#define HF_STANDING_TEXT_MAX 300	 /* bytes of what is to be done, and of who does it */

/* When it is to be done. */
enum hf_standing_when { HF_AT_RAISE, HF_AT_EMERGENCY, HF_AT_PURDAH, HF_AT_CLEAR, HF_AT_COUNT };

/* One line. Texts lie in the file's. */
struct hf_standing_line {
	const char *id;
	enum hf_standing_when when;
	const char *who, *text;
};

/* What was read. Start it zeroed. */
struct hf_standing_list {
	char *text; /* owned */
	struct hf_standing_line v[HF_STANDING_MAX];
	size_t n;
	size_t n_bad;	   /* lines that count for nothing */
	struct hf_err bad; /* the first of them, as a sentence */
};

#define hf_auto_standing __attribute__((cleanup(hf_standing_done)))

/*
 * hf_standing_read - a table item,when,who,text; the first line may say so, # begins a comment
 *
 * A line that cannot be read counts for nothing, and hides no other.
 * @text     malloc'ed, with an end mark; taken over always
 * @ret      zeroed before; to hf_standing_done
 * Owner     see ret
 * Source    controller/API.md "Checklists"
 */
void hf_standing_read(char *text, struct hf_standing_list *ret);

/*
 * hf_standing_is_of - is this line of a lockdown of this kind, at its raise or at its all-clear
 */
bool hf_standing_is_of(const struct hf_standing_line *line, enum hf_kind kind, bool clear);

/*
 * hf_standing_done - free all, zero
 */
void hf_standing_done(struct hf_standing_list *list);

#endif
