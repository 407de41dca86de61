/* SPDX-License-Identifier: MIT */
/*
 * Owns the window and what of a page stands in it.
 * Must never take away what a person is typing, nor move them, because something else has changed.
 */
#include "agent/window/window.h"

#include <errno.h>
#include <gtk/gtk.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/desk/colours.h"
#include "agent/window/draft_box.h"
#include "agent/window/row.h"

#define WIDTH 600
#define HEIGHT 680
#define NARROWEST 280
#define COMES_MS 1000 /* until a screen reader knows a window that has just come */
#define DRAWN_MS 100  /* until what comes is drawn, and nobody has read it sooner */
#define OTHER_CLOCK_MS 60000 /* a key of before that is of a screen with another clock than ours */
#define SAID_MS 10000 /* what was said is taken away again, so that nobody finds it later */

struct hf_desk_window {
	struct hf_desk_window_calls calls;
	GtkWidget *window, *scroll, *page, *live;
	GtkCssProvider *css;
	GString *to_say;
	guint saying;
	gint64 came_ms; /* when it was last brought before the person's eyes; by the clock that stamps keys */
	GPtrArray *rows; /* struct hf_row, in the order of the page */
	struct hf_draft_box *draft;
	enum hf_desk_tone tone;
	int scale;
	bool busy;
};

static bool is_dark(GtkWidget *widget)
{
	GdkRGBA ground = {1, 1, 1, 1};

	gtk_style_context_lookup_color(gtk_widget_get_style_context(widget), "theme_bg_color", &ground);
	return 0.3 * ground.red + 0.6 * ground.green + 0.1 * ground.blue < 0.5;
}

static void restyle(struct hf_desk_window *w)
{
	char *css = hf_desk_css(is_dark(w->window), w->scale);

	if (css)
		gtk_css_provider_load_from_data(w->css, css, -1, NULL);
	free(css);
}

static void on_theme(GObject *settings, GParamSpec *what, gpointer data)
{
	(void)settings, (void)what;
	restyle(data);
}

static void touch(struct hf_desk_window *w)
{
	w->calls.touched(w->calls.arg);
}

static gboolean on_touch(GtkWidget *widget, GdkEvent *event, gpointer data)
{
	(void)widget, (void)event;
	touch(data);
	return FALSE;
}

static void on_focus(GObject *window, GParamSpec *what, gpointer data)
{
	(void)window, (void)what;
	touch(data);
}

static gboolean zoom(struct hf_desk_window *w, int scale)
{
	w->scale = CLAMP(scale, HF_DESK_SCALE_MIN, HF_DESK_SCALE_MAX);
	restyle(w);
	return TRUE;
}

static gint64 clock_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

/* Who closes what stood there a moment ago does not mean what has come since: it stays, and one more key closes it. */
static void close_seen(struct hf_desk_window *w, guint32 pressed)
{
	gint64 now = clock_ms();
	guint32 ago = (guint32)now - pressed;

	if (pressed == GDK_CURRENT_TIME || ago > OTHER_CLOCK_MS)
		ago = 0;
	if (now - ago >= w->came_ms + DRAWN_MS)
		w->calls.pressed(w->calls.arg, HF_DESK_CLOSE, "", "");
}

static gboolean on_key(GtkWidget *widget, GdkEventKey *key, gpointer data)
{
	struct hf_desk_window *w = data;

	(void)widget;
	touch(w);
	if (key->keyval == GDK_KEY_Escape) {
		close_seen(w, key->time);
		return TRUE;
	}
	if (!(key->state & GDK_CONTROL_MASK))
		return FALSE;
	if (key->keyval == GDK_KEY_plus || key->keyval == GDK_KEY_equal || key->keyval == GDK_KEY_KP_Add)
		return zoom(w, w->scale + HF_DESK_SCALE_STEP);
	if (key->keyval == GDK_KEY_minus || key->keyval == GDK_KEY_KP_Subtract)
		return zoom(w, w->scale - HF_DESK_SCALE_STEP);
	return key->keyval == GDK_KEY_0 ? zoom(w, 100) : FALSE;
}

static gboolean on_delete(GtkWidget *widget, GdkEvent *event, gpointer data)
{
	struct hf_desk_window *w = data;

	(void)widget, (void)event;
	close_seen(w, GDK_CURRENT_TIME);
	return TRUE;
}

static void make_page(struct hf_desk_window *w)
{
	GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

	w->scroll = gtk_scrolled_window_new(NULL, NULL);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(w->scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	/* A bar that lies over a text hides its last words from those who print large. */
	gtk_scrolled_window_set_overlay_scrolling(GTK_SCROLLED_WINDOW(w->scroll), FALSE);
	w->page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	gtk_container_set_border_width(GTK_CONTAINER(w->page), 10);
	w->live = gtk_label_new("");
	gtk_label_set_line_wrap(GTK_LABEL(w->live), TRUE);
	gtk_widget_set_opacity(w->live, 0);
	gtk_style_context_add_class(gtk_widget_get_style_context(w->live), "hf-live");
	hf_named(w->live, NULL, ATK_ROLE_NOTIFICATION);
	gtk_container_add(GTK_CONTAINER(w->scroll), w->page);
	gtk_box_pack_start(GTK_BOX(column), w->scroll, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(column), w->live, FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(w->window), column);
	gtk_widget_show_all(column);
}

static void listen(struct hf_desk_window *w)
{
	GtkSettings *settings = gtk_settings_get_default();

	g_object_set(settings, "gtk-label-select-on-focus", FALSE, NULL);
	g_signal_connect(settings, "notify::gtk-theme-name", G_CALLBACK(on_theme), w);
	g_signal_connect(settings, "notify::gtk-application-prefer-dark-theme", G_CALLBACK(on_theme), w);
	gtk_widget_add_events(w->window, GDK_POINTER_MOTION_MASK | GDK_SCROLL_MASK);
	g_signal_connect(w->window, "delete-event", G_CALLBACK(on_delete), w);
	g_signal_connect(w->window, "key-press-event", G_CALLBACK(on_key), w);
	g_signal_connect(w->window, "motion-notify-event", G_CALLBACK(on_touch), w);
	g_signal_connect(w->window, "button-press-event", G_CALLBACK(on_touch), w);
	g_signal_connect(w->window, "scroll-event", G_CALLBACK(on_touch), w);
	g_signal_connect(w->window, "notify::is-active", G_CALLBACK(on_focus), w);
}

static enum hf_rc no_screen(struct hf_err *err)
{
	return hf_err_set(err, HF_E_ABSENT,
			  "there is no screen to open a window on: use holdfast-agent status in a terminal");
}

enum hf_rc hf_desk_has_screen(struct hf_err *err)
{
	pid_t pid = fork(), done;
	int status = 0;

	if (pid == 0)
		_exit(gtk_init_check(NULL, NULL) ? 0 : 1);
	do
		done = pid < 0 ? pid : waitpid(pid, &status, 0);
	while (done < 0 && pid > 0 && errno == EINTR);
	return pid > 0 && done == pid && (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ? no_screen(err) : HF_OK;
}

enum hf_rc hf_desk_window_new(const struct hf_desk_window_calls *calls, struct hf_desk_window **ret_window,
			      struct hf_err *err)
{
	struct hf_desk_window *w;

	if (!gtk_init_check(NULL, NULL))
		return no_screen(err);
	w = g_new0(struct hf_desk_window, 1);
	w->calls = *calls;
	w->scale = 100;
	w->tone = HF_DESK_TONE_COUNT;
	w->rows = g_ptr_array_new();
	w->to_say = g_string_new("");
	w->window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	w->css = gtk_css_provider_new();
	gtk_window_set_default_size(GTK_WINDOW(w->window), WIDTH, HEIGHT);
	gtk_widget_set_size_request(w->window, NARROWEST, -1);
	gtk_window_set_icon_name(GTK_WINDOW(w->window), "security-high");
	gtk_style_context_add_class(gtk_widget_get_style_context(w->window), "hf-desk");
	gtk_style_context_add_provider_for_screen(gdk_screen_get_default(), GTK_STYLE_PROVIDER(w->css),
						  GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	make_page(w);
	listen(w);
	restyle(w);
	*ret_window = w;
	return HF_OK;
}

/* What stands in the field that belongs to a button. */
static const char *typed(const struct hf_desk_window *w, enum hf_desk_act act, const char *target)
{
	for (guint i = 0; i < w->rows->len; i++) {
		const struct hf_row *row = w->rows->pdata[i];

		if (row->kind == HF_DESK_FIELD && row->act == act && strcmp(row->target, target) == 0)
			return gtk_entry_get_text(GTK_ENTRY(row->inner));
	}
	return "";
}

static void copy_to_clipboard(const char *text)
{
	GtkClipboard *clipboard = gtk_clipboard_get(GDK_SELECTION_CLIPBOARD);

	gtk_clipboard_set_text(clipboard, text, -1);
	gtk_clipboard_store(clipboard);
}

static void press(struct hf_desk_window *w, const struct hf_row *row)
{
	g_autofree char *target = g_strdup(row->target), *text = g_strdup(row->text);
	bool has_field = row->act == HF_DESK_POSTED || row->act == HF_DESK_CANNOT;

	if (w->busy && row->act != HF_DESK_COPY && row->act != HF_DESK_CLOSE)
		return;
	if (row->act == HF_DESK_CLOSE) {
		close_seen(w, gtk_get_current_event_time());
		return;
	}
	if (row->act == HF_DESK_COPY)
		copy_to_clipboard(text);
	w->calls.pressed(w->calls.arg, row->act, target, has_field ? typed(w, row->act, target) : text);
}

static void on_press(GtkWidget *widget, gpointer data)
{
	struct hf_desk_window *w = data;

	for (guint i = 0; i < w->rows->len; i++) {
		const struct hf_row *row = w->rows->pdata[i];

		if (row->inner == widget) {
			press(w, row);
			return;
		}
	}
}

static struct hf_row *take_old(struct hf_desk_window *w, const struct hf_desk_item *item)
{
	for (guint i = 0; i < w->rows->len; i++) {
		struct hf_row *row = w->rows->pdata[i];

		if (row && hf_row_is(row, item)) {
			w->rows->pdata[i] = NULL;
			return row;
		}
	}
	return NULL;
}

static struct hf_row *make_row(struct hf_desk_window *w, const struct hf_desk_item *item)
{
	struct hf_row *row;

	if (item->kind == HF_DESK_DRAFT)
		w->draft = hf_draft_box_new(item, w->calls.asks_words, w->calls.arg);
	row = hf_row_new(item, item->kind == HF_DESK_DRAFT ? hf_draft_box_widget(w->draft) : NULL);
	if (item->kind == HF_DESK_BUTTON)
		g_signal_connect(row->inner, "clicked", G_CALLBACK(on_press), w);
	else if (item->kind == HF_DESK_FIELD)
		g_signal_connect(row->inner, "activate", G_CALLBACK(on_press), w);
	gtk_box_pack_start(GTK_BOX(w->page), row->outer, FALSE, FALSE, 0);
	return row;
}

static gboolean on_said(gpointer data)
{
	struct hf_desk_window *w = data;

	w->saying = 0;
	g_string_truncate(w->to_say, 0);
	gtk_label_set_text(GTK_LABEL(w->live), "");
	return G_SOURCE_REMOVE;
}

/* Role notification and "showing": what screen readers of today speak whatever the person is at. */
static gboolean on_say(gpointer data)
{
	struct hf_desk_window *w = data;
	AtkObject *accessible = gtk_widget_get_accessible(w->live);

	gtk_label_set_text(GTK_LABEL(w->live), w->to_say->str);
	g_string_truncate(w->to_say, 0);
	atk_object_notify_state_change(accessible, ATK_STATE_SHOWING, FALSE);
	atk_object_notify_state_change(accessible, ATK_STATE_SHOWING, TRUE);
	w->saying = g_timeout_add(SAID_MS, on_said, w);
	return G_SOURCE_REMOVE;
}

/* A window that has just come is not known to the screen reader yet. */
static void announce(struct hf_desk_window *w, const char *text)
{
	g_string_append_printf(w->to_say, "%s%s", w->to_say->len ? "\n" : "", text);
	if (w->saying)
		g_source_remove(w->saying);
	w->saying = g_timeout_add(gtk_widget_get_mapped(w->window) ? 0 : COMES_MS, on_say, w);
}

static void drop_old(struct hf_desk_window *w, GPtrArray *old)
{
	for (guint i = 0; i < old->len; i++) {
		struct hf_row *row = old->pdata[i];

		if (row && row->kind == HF_DESK_DRAFT)
			w->draft = NULL;
		hf_row_free(row);
	}
	g_ptr_array_unref(old);
}

static void set_tone(struct hf_desk_window *w, const struct hf_desk_page *page)
{
	for (guint i = 0; i < w->rows->len; i++) {
		const struct hf_row *row = w->rows->pdata[i];
		GtkStyleContext *style = gtk_widget_get_style_context(row->outer);
		g_autofree char *now = g_strdup_printf("hf-on-%s", hf_desk_tone_class(page->tone));

		if (row->kind != HF_DESK_HEADLINE)
			continue;
		for (enum hf_desk_tone tone = 0; tone < HF_DESK_TONE_COUNT; tone++) {
			g_autofree char *other = g_strdup_printf("hf-on-%s", hf_desk_tone_class(tone));

			gtk_style_context_remove_class(style, other);
		}
		gtk_style_context_add_class(style, now);
	}
	w->tone = page->tone;
	gtk_window_set_title(GTK_WINDOW(w->window), page->title);
}

void hf_desk_window_show(struct hf_desk_window *w, const struct hf_desk_page *page)
{
	GPtrArray *rows = g_ptr_array_new();
	g_autoptr(GString) spoken = g_string_new("");

	for (size_t i = 0; i < page->n; i++) {
		const struct hf_desk_item *item = &page->v[i];
		struct hf_row *row = take_old(w, item);

		if (!row)
			row = make_row(w, item);
		if (hf_row_update(row, item))
			g_string_append_printf(spoken, "%s%s", spoken->len ? "\n" : "", row->spoken);
		gtk_box_reorder_child(GTK_BOX(w->page), row->outer, (int)i);
		g_ptr_array_add(rows, row);
	}
	drop_old(w, w->rows);
	w->rows = rows;
	set_tone(w, page);
	if (spoken->len)
		announce(w, spoken->str);
}

/* The keyboard begins at the first sentence. */
static void open_window(struct hf_desk_window *w)
{
	const struct hf_row *first = w->rows->len ? w->rows->pdata[0] : NULL;

	if (first)
		gtk_widget_grab_focus(first->inner);
	gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(w->scroll)), 0);
}

void hf_desk_window_raise(struct hf_desk_window *w, bool urgent)
{
	if (!gtk_widget_get_visible(w->window))
		open_window(w);
	w->came_ms = clock_ms();
	gtk_window_set_urgency_hint(GTK_WINDOW(w->window), urgent && !gtk_window_is_active(GTK_WINDOW(w->window)));
	gtk_window_present(GTK_WINDOW(w->window));
}

void hf_desk_window_hide(struct hf_desk_window *w)
{
	if (!gtk_widget_get_visible(w->window))
		return;
	gtk_widget_hide(w->window);
	if (w->saying)
		g_source_remove(w->saying);
	on_said(w);
	w->calls.closed(w->calls.arg);
}

bool hf_desk_window_is_up(const struct hf_desk_window *w)
{
	return w && gtk_widget_get_visible(w->window);
}

bool hf_desk_window_has_focus(const struct hf_desk_window *w)
{
	return hf_desk_window_is_up(w) && gtk_window_is_active(GTK_WINDOW(w->window));
}

void hf_desk_window_busy(struct hf_desk_window *w, bool busy)
{
	w->busy = busy;
}

void hf_desk_window_words(struct hf_desk_window *w, const json_t *answer, const char *why)
{
	g_autofree char *spoken = w->draft ? hf_draft_box_words(w->draft, answer, why) : NULL;

	if (spoken)
		announce(w, spoken);
}

void hf_desk_window_free(struct hf_desk_window **window)
{
	struct hf_desk_window *w = *window;

	if (!w)
		return;
	if (w->saying)
		g_source_remove(w->saying);
	drop_old(w, w->rows);
	gtk_widget_destroy(w->window);
	g_string_free(w->to_say, TRUE);
	g_object_unref(w->css);
	g_free(w);
	*window = NULL;
}
