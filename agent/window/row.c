/* SPDX-License-Identifier: MIT */
/*
 * Owns the widgets of one item of a page.
 * Must never make a link or a picture of a text, nor leave a control without a name.
 */
#include "agent/window/row.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH_CHARS 72 /* a line that is easy to read; narrower windows wrap earlier */

void hf_named(GtkWidget *widget, const char *name, AtkRole role)
{
	AtkObject *accessible = gtk_widget_get_accessible(widget);

	if (name)
		atk_object_set_name(accessible, name);
	if (role != ATK_ROLE_INVALID)
		atk_object_set_role(accessible, role);
}

GtkWidget *hf_label_new(const char *text, bool takes_focus)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_max_width_chars(GTK_LABEL(label), WIDTH_CHARS);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_selectable(GTK_LABEL(label), takes_focus);
	gtk_widget_set_can_focus(label, takes_focus);
	return label;
}

static void add_class(GtkWidget *widget, const char *name)
{
	gtk_style_context_add_class(gtk_widget_get_style_context(widget), name);
}

/* What each kind looks like and is to a screen reader. */
/* clang-format off */
static const struct look { const char *shape, *colour; AtkRole role; bool takes_focus; } looks[HF_DESK_KIND_COUNT] = {
	[HF_DESK_HEADLINE]   = { "hf-headline",   NULL,          ATK_ROLE_HEADING,      true },
	[HF_DESK_ALERT]      = { "hf-alert",      "hf-on-alert", ATK_ROLE_NOTIFICATION, true },
	[HF_DESK_HEADING]    = { "hf-heading",    NULL,          ATK_ROLE_HEADING,      false },
	[HF_DESK_SUBHEADING] = { "hf-subheading", NULL,          ATK_ROLE_HEADING,      false },
	[HF_DESK_TEXT]       = { "hf-text",       NULL,          ATK_ROLE_INVALID,      false },
	[HF_DESK_FACT]       = { "hf-fact",       NULL,          ATK_ROLE_INVALID,      false },
	[HF_DESK_BULLET]     = { "hf-text",       NULL,          ATK_ROLE_LIST_ITEM,    false },
	[HF_DESK_QUOTE]      = { "hf-quote",      "hf-on-quote", ATK_ROLE_INVALID,      true },
	[HF_DESK_FIELD]      = { "hf-text",       NULL,          ATK_ROLE_INVALID,      false },
	[HF_DESK_BUTTON]     = { "hf-button",     NULL,          ATK_ROLE_INVALID,      false },
	[HF_DESK_DRAFT]      = { "hf-text",       NULL,          ATK_ROLE_INVALID,      false },
};
/* clang-format on */

/* "Why: a chemical fire", its label in bold. */
static void set_fact(GtkWidget *label, const struct hf_desk_item *item)
{
	g_autofree char *text = g_strdup_printf("%s: %s", item->label, item->text);
	PangoAttrList *bold = pango_attr_list_new();
	PangoAttribute *weight = pango_attr_weight_new(PANGO_WEIGHT_BOLD);

	weight->end_index = (guint)strlen(item->label) + 1;
	pango_attr_list_insert(bold, weight);
	gtk_label_set_text(GTK_LABEL(label), text);
	gtk_label_set_attributes(GTK_LABEL(label), bold);
	pango_attr_list_unref(bold);
}

static void set_text(GtkWidget *label, const struct hf_desk_item *item)
{
	g_autofree char *bullet = item->kind == HF_DESK_BULLET ? g_strdup_printf("\u2022 %s", item->text) : NULL;

	if (item->kind == HF_DESK_FACT)
		set_fact(label, item);
	else
		gtk_label_set_text(GTK_LABEL(label), bullet ? bullet : item->text);
}

static char *plain_of(const char *label)
{
	GString *plain = g_string_new(label);

	g_string_replace(plain, "_", "", 0);
	return g_string_free(plain, FALSE);
}

/* The label as it is read, and of which account or period, where several have the same button. */
static void name_control(GtkWidget *widget, const struct hf_desk_item *item)
{
	g_autofree char *plain = plain_of(item->label);
	g_autofree char *name = item->about[0] ? g_strdup_printf("%s, %s", plain, item->about) : g_strdup(plain);

	hf_named(widget, name, ATK_ROLE_INVALID);
}

static void make_button(struct hf_row *row, const struct hf_desk_item *item)
{
	GtkWidget *label;

	row->inner = row->outer = gtk_button_new_with_mnemonic(item->label);
	label = gtk_bin_get_child(GTK_BIN(row->inner));
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_max_width_chars(GTK_LABEL(label), WIDTH_CHARS);
	gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
	gtk_widget_set_halign(row->outer, GTK_ALIGN_START);
	name_control(row->inner, item);
	if (item->act == HF_DESK_PASS || item->act == HF_DESK_ACKNOWLEDGE)
		add_class(row->inner, "hf-on-open");
}

/* It takes all that is pasted, and says afterwards what is too long: an address that was cut leads elsewhere. */
static void make_field(struct hf_row *row, const struct hf_desk_item *item)
{
	GtkWidget *label = hf_label_new("", false);

	row->outer = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	row->inner = gtk_entry_new();
	gtk_label_set_text_with_mnemonic(GTK_LABEL(label), item->label);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), row->inner);
	gtk_entry_set_width_chars(GTK_ENTRY(row->inner), 10);
	gtk_box_pack_start(GTK_BOX(row->outer), label, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(row->outer), row->inner, FALSE, FALSE, 0);
	name_control(row->inner, item);
}

static void make_label(struct hf_row *row, const struct hf_desk_item *item)
{
	const struct look *look = &looks[item->kind];

	row->inner = row->outer = hf_label_new("", look->takes_focus);
	set_text(row->inner, item);
	hf_named(row->inner, NULL, look->role);
	if (look->colour)
		add_class(row->outer, look->colour);
}

static void replace(char **text, const char *with)
{
	if (*text == with)
		return;
	g_free(*text);
	*text = g_strdup(with);
}

struct hf_row *hf_row_new(const struct hf_desk_item *item, GtkWidget *made)
{
	struct hf_row *row = g_new0(struct hf_row, 1);

	row->kind = item->kind;
	row->act = item->act;
	row->exercise = item->exercise;
	replace(&row->key, item->key);
	replace(&row->text, item->text);
	replace(&row->label, item->label);
	replace(&row->target, item->target);
	if (made)
		row->inner = row->outer = made;
	else if (item->kind == HF_DESK_BUTTON)
		make_button(row, item);
	else if (item->kind == HF_DESK_FIELD)
		make_field(row, item);
	else
		make_label(row, item);
	add_class(row->outer, "hf-item");
	add_class(row->outer, looks[item->kind].shape);
	if (item->exercise && item->kind != HF_DESK_HEADLINE && item->kind != HF_DESK_BUTTON)
		add_class(row->outer, "hf-on-exercise");
	gtk_widget_show_all(row->outer);
	return row;
}

bool hf_row_is(const struct hf_row *row, const struct hf_desk_item *item)
{
	return row->kind == item->kind && row->act == item->act && row->exercise == item->exercise &&
	       strcmp(row->key, item->key) == 0;
}

/* An amendment changes how many minutes a button offers, or from when a period is. */
static void rename_button(struct hf_row *row, const struct hf_desk_item *item)
{
	if (strcmp(row->label, item->label) != 0)
		gtk_label_set_text_with_mnemonic(GTK_LABEL(gtk_bin_get_child(GTK_BIN(row->inner))), item->label);
	name_control(row->inner, item);
}

bool hf_row_update(struct hf_row *row, const struct hf_desk_item *item)
{
	bool says = item->spoken && g_strcmp0(row->spoken, item->spoken) != 0;

	bool changed = strcmp(row->text, item->text) != 0 || strcmp(row->label, item->label) != 0;

	if (item->kind == HF_DESK_BUTTON)
		rename_button(row, item);
	else if (changed && item->kind != HF_DESK_FIELD && item->kind != HF_DESK_DRAFT)
		set_text(row->inner, item);
	replace(&row->label, item->label);
	replace(&row->text, item->text);
	replace(&row->target, item->target);
	replace(&row->spoken, item->spoken);
	return says;
}

void hf_row_free(struct hf_row *row)
{
	if (!row)
		return;
	gtk_widget_destroy(row->outer);
	g_free(row->key);
	g_free(row->text);
	g_free(row->label);
	g_free(row->spoken);
	g_free(row->target);
	g_free(row);
}
