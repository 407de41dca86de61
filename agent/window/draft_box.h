/* SPDX-License-Identifier: MIT */
/*
 * draft_box.h - where a person writes or pastes a draft and has it looked through
 */
#ifndef HOLDFAST_AGENT_WINDOW_DRAFT_BOX_H
#define HOLDFAST_AGENT_WINDOW_DRAFT_BOX_H

#include "agent/window/row.h"

#include <jansson.h>

struct hf_draft_box;

/*
 * hf_draft_box_new - the widgets; they and the box live as long as the widget that hf_draft_box_widget answers
 *
 * @asks     the button was pressed: the words are wanted, and hf_draft_box_words answers
 * Owner     the widget's
 * Returns   the box
 * Source    policy D10
 */
struct hf_draft_box *hf_draft_box_new(const struct hf_desk_item *item, void (*asks)(void *arg), void *arg);

/*
 * hf_draft_box_widget - what stands in the page; hf_draft_box_words - look the draft through now
 *
 * @answer   of the question `words`; NULL: none, and why
 * Owner     floating; nothing is kept
 * Returns   the widget; what a screen reader is to say, the caller's to g_free
 * Source    policy D10
 */
GtkWidget *hf_draft_box_widget(struct hf_draft_box *box);
char *hf_draft_box_words(struct hf_draft_box *box, const json_t *answer, const char *why);

#endif
