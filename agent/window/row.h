/* SPDX-License-Identifier: MIT */
/*
 * row.h - one item of a page as widgets; for window.c and draft_box.c
 */
#ifndef HOLDFAST_AGENT_WINDOW_ROW_H
#define HOLDFAST_AGENT_WINDOW_ROW_H

#include <gtk/gtk.h>

#include "agent/desk/page.h"

struct hf_row {
	enum hf_desk_kind kind;
	enum hf_desk_act act;
	bool exercise;
	char *key, *label, *text, *spoken, *target;
	GtkWidget *outer, *inner; /* what stands in the page; what has the text, is typed in or pressed */
};

/*
 * hf_row_new - the widgets of an item; hf_row_update - the same item now; hf_row_free - and their end
 *
 * @item     only read
 * @made     what stands for it; NULL: make it
 * Owner     the caller's, until hf_row_free, which takes the widgets out of the page
 * Returns   the row; true: a screen reader is to say row->spoken; nothing
 */
struct hf_row *hf_row_new(const struct hf_desk_item *item, GtkWidget *made);
bool hf_row_update(struct hf_row *row, const struct hf_desk_item *item);
void hf_row_free(struct hf_row *row);

/*
 * hf_row_is - is this the row of that item
 *
 * Returns   true or false
 */
bool hf_row_is(const struct hf_row *row, const struct hf_desk_item *item);

/*
 * hf_label_new - a text that wraps at any width and can be chosen with the keyboard; hf_named - the name that a screen
 * reader says for a widget
 *
 * @takes_focus  the person can step to it and copy from it
 * Owner     the caller's, floating; copied
 * Returns   the widget; nothing
 * Source    WCAG 2.2, 1.4.10 and 4.1.2
 */
GtkWidget *hf_label_new(const char *text, bool takes_focus);
void hf_named(GtkWidget *widget, const char *name, AtkRole role);

#endif
