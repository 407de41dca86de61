/* SPDX-License-Identifier: MIT */
/*
 * Owns the draft check's widgets.
 * Must never keep a draft when the window goes, nor hand it to anybody.
 */
#include <holdfast/text.h>

#include "agent/window/draft_box.h"

#include "agent/desk/colours.h"
#include "agent/desk/draft_page.h"

#define TEXT_HEIGHT 120

struct hf_draft_box {
	GtkWidget *outer, *text, *found;
	GtkTextBuffer *buffer;
	bool exercise;
	void (*asks)(void *arg);
	void *arg;
};

static void clear_found(struct hf_draft_box *box)
{
	GtkTextIter begin, end;

	gtk_container_foreach(GTK_CONTAINER(box->found), (GtkCallback)(void (*)(void))gtk_widget_destroy, NULL);
	gtk_text_buffer_get_bounds(box->buffer, &begin, &end);
	gtk_text_buffer_remove_tag_by_name(box->buffer, "mark", &begin, &end);
}

/* What was marked is not what stands there now. */
static void on_changed(GtkTextBuffer *buffer, gpointer data)
{
	(void)buffer;
	clear_found(data);
}

static void on_check(GtkButton *button, gpointer data)
{
	struct hf_draft_box *box = data;

	(void)button;
	box->asks(box->arg);
}

static void on_destroy(GtkWidget *widget, gpointer data)
{
	(void)widget;
	g_free(data);
}

static const struct hf_desk_colour *mark_colour(void)
{
	return &hf_desk_colours[hf_desk_n_colours - 1];
}

static void add_text(struct hf_draft_box *box, GtkWidget *label, const char *name)
{
	GtkWidget *scroll = gtk_scrolled_window_new(NULL, NULL);

	box->text = gtk_text_view_new();
	box->buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(box->text));
	gtk_text_buffer_create_tag(box->buffer, "mark", "background", mark_colour()->back[0], "foreground",
				   mark_colour()->text[0], "underline", PANGO_UNDERLINE_SINGLE, NULL);
	gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(box->text), GTK_WRAP_WORD_CHAR);
	gtk_text_view_set_accepts_tab(GTK_TEXT_VIEW(box->text), FALSE);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), box->text);
	hf_named(box->text, name, ATK_ROLE_INVALID);
	gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scroll), TEXT_HEIGHT);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scroll), GTK_SHADOW_IN);
	gtk_container_add(GTK_CONTAINER(scroll), box->text);
	gtk_box_pack_start(GTK_BOX(box->outer), label, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box->outer), scroll, FALSE, FALSE, 0);
	g_signal_connect(box->buffer, "changed", G_CALLBACK(on_changed), box);
}

struct hf_draft_box *hf_draft_box_new(const struct hf_desk_item *item, void (*asks)(void *arg), void *arg)
{
	struct hf_draft_box *box = g_new0(struct hf_draft_box, 1);
	const char *mark = item->exercise ? HF_DESK_EXERCISE : "";
	g_autofree char *check = g_strdup_printf(hf_text("%sChec_k my draft"), mark);
	g_autofree char *name = g_strdup_printf(hf_text("%sYour draft"), mark);
	GtkWidget *label = hf_label_new("", false), *button = gtk_button_new_with_mnemonic(check);

	*box = (struct hf_draft_box){.exercise = item->exercise, .asks = asks, .arg = arg};
	box->outer = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	box->found = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	gtk_label_set_text_with_mnemonic(GTK_LABEL(label), item->label);
	add_text(box, label, name);
	gtk_widget_set_halign(button, GTK_ALIGN_START);
	gtk_box_pack_start(GTK_BOX(box->outer), button, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box->outer), box->found, FALSE, FALSE, 0);
	g_signal_connect(button, "clicked", G_CALLBACK(on_check), box);
	g_signal_connect(box->outer, "destroy", G_CALLBACK(on_destroy), box);
	return box;
}

GtkWidget *hf_draft_box_widget(struct hf_draft_box *box)
{
	return box->outer;
}

static void show_found(struct hf_draft_box *box, const struct hf_desk_page *page)
{
	for (size_t i = 0; i < page->n; i++) {
		const char *dot = page->v[i].kind == HF_DESK_BULLET ? "\u2022 " : "";
		g_autofree char *text = g_strdup_printf("%s%s", dot, page->v[i].text);

		gtk_box_pack_start(GTK_BOX(box->found), hf_label_new(text, i == 0), FALSE, FALSE, 0);
	}
	gtk_widget_show_all(box->found);
}

static void show_marks(struct hf_draft_box *box, const char *text, const struct hf_draft_marks *marks)
{
	for (size_t i = 0; i < marks->n; i++) {
		const char *at = text + marks->v[i].at;
		GtkTextIter begin, end;

		gtk_text_buffer_get_iter_at_offset(box->buffer, &begin, (gint)g_utf8_pointer_to_offset(text, at));
		gtk_text_buffer_get_iter_at_offset(box->buffer, &end,
						   (gint)g_utf8_pointer_to_offset(text, at + marks->v[i].len));
		gtk_text_buffer_apply_tag_by_name(box->buffer, "mark", &begin, &end);
	}
}

static char *say_alone(struct hf_draft_box *box, const char *why)
{
	gtk_box_pack_start(GTK_BOX(box->found), hf_label_new(why, true), FALSE, FALSE, 0);
	gtk_widget_show_all(box->found);
	return g_strdup(why);
}

char *hf_draft_box_words(struct hf_draft_box *box, const json_t *answer, const char *why)
{
	hf_auto_desk_draft struct hf_desk_draft found = {0};
	struct hf_err err = {""};
	GtkTextIter begin, end;
	char *text, *spoken = NULL;

	clear_found(box);
	if (!answer)
		return say_alone(box, why);
	gtk_text_buffer_get_bounds(box->buffer, &begin, &end);
	text = gtk_text_buffer_get_text(box->buffer, &begin, &end, TRUE);
	if (hf_desk_check(answer, text, box->exercise, &found, &err) == HF_OK) {
		show_marks(box, text, &found.marks);
		show_found(box, &found.page);
		spoken = g_strdup(found.page.v[0].text);
	} else {
		spoken = say_alone(box, err.text);
	}
	explicit_bzero(text, strlen(text));
	g_free(text);
	return spoken;
}
