/* SPDX-License-Identifier: MIT */
/*
 * Owns what happens in a session: events of the agent, questions to it, and when the window stands.
 * Must never do more than ask, acknowledge, and say what the person has said; nothing here opens or shuts anything.
 */
#include "agent/window/desk.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/json.h>
#include <holdfast/sock.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "agent/desk/model.h"
#include "agent/talk/answer.h"
#include "agent/talk/people.h"
#include "agent/window/asking.h"
#include "agent/window/window.h"

#define ENDINGS_MAX 32	   /* tools of one person that run at once */
#define FOCUS_FACTOR 10	   /* who is in the window has ten times as long */
#define ENDED_SHOWN_S 3	   /* a countdown stands at nought so long */
#define NOTIFICATION "now" /* one at a time */
#define TRIED_AGAIN_S 60   /* in which the same tool does not bring the window up anew */
#define RETRY_S 30	   /* a question that the agent did not answer, though it is there */

struct ending {
	char *tool;
	json_int_t pid;
	gint64 at; /* when it will be closed, microseconds */
};

struct desk {
	const struct hf_desk_options *options;
	GApplication *app;
	guint told; /* what is told by the program that waits */
	bool is_away;
	struct hf_desk_window *window;
	struct hf_desk_attention attention;
	json_t *view, *readings;
	gint64 view_at, touched, tried_at;
	char *away, *tried, *tried_last, *did, *store;
	struct ending endings[ENDINGS_MAX];
	size_t n_endings;
	guint tick, linger, retry;
	bool did_drill, clears;
	bool asking, again; /* a question is with the agent; another is to follow it */
	bool read_asked;    /* the last one said that the person reads the answer */
	bool started, by_hand, wants_eyes, notified, leaving;
};

static void refresh(struct desk *d);
static void leave_if_done(struct desk *d);
static void ask_status(struct desk *d);

static void set_text(char **text, const char *to)
{
	g_free(*text);
	*text = g_strdup(to);
}

static int64_t seconds_since(gint64 at)
{
	return (g_get_monotonic_time() - at) / G_USEC_PER_SEC;
}

/* What was said in an earlier session of this person. */
static void load_said(struct desk *d)
{
	g_autofree char *text = NULL;

	d->store = g_build_filename(g_get_user_state_dir(), "holdfast-desk", "said", NULL);
	if (g_file_get_contents(d->store, &text, NULL, NULL))
		hf_desk_said_read(&d->attention, text);
}

/* To whoever waits for the next thing to say; json: NULL without memory. */
static void hand_back(const json_t *json)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (json && hf_json_bytes(json, &text, &len) == HF_OK)
		(void)!hf_sock_send(STDIN_FILENO, text, len, NULL);
}

/* Who waits must know it also where nothing can be kept. */
static void save_said(struct desk *d)
{
	g_autofree char *folder = g_path_get_dirname(d->store);
	hf_auto_free char *text = hf_desk_said_text(&d->attention);
	hf_auto_json json_t *said = text ? json_pack("{s:s}", "said", text) : NULL;

	/* What cannot be kept is said once more in the next session. */
	if (text && g_mkdir_with_parents(folder, 0700) == 0)
		g_file_set_contents(d->store, text, -1, NULL);
	hand_back(said);
}

/* It has ended, or was saved and closed by the person; another user's of the same number is none of theirs. */
static bool is_gone(const struct ending *ending)
{
	return kill((pid_t)ending->pid, 0) != 0;
}

static void drop_ending(struct desk *d, size_t i)
{
	g_free(d->endings[i].tool);
	memmove(&d->endings[i], &d->endings[i + 1], (--d->n_endings - i) * sizeof(d->endings[0]));
}

static size_t endings_of(struct desk *d, struct hf_desk_ending out[ENDINGS_MAX])
{
	gint64 now = g_get_monotonic_time();

	for (size_t i = d->n_endings; i-- > 0;) {
		if (now - d->endings[i].at > ENDED_SHOWN_S * G_USEC_PER_SEC || is_gone(&d->endings[i]))
			drop_ending(d, i);
	}
	for (size_t i = 0; i < d->n_endings; i++) {
		gint64 left = d->endings[i].at - now;

		out[i] = (struct hf_desk_ending){d->endings[i].tool,
						 left > 0 ? (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC : 0};
	}
	return d->n_endings;
}

static enum hf_rc page_of(struct desk *d, struct hf_desk_page *page)
{
	struct hf_desk_ending endings[ENDINGS_MAX];
	struct hf_desk_facts facts = {.view = d->view,
				      .readings = d->readings,
				      .age_s = d->view ? seconds_since(d->view_at) : 0,
				      .away = d->away,
				      .tried = d->tried,
				      .did = d->did,
				      .did_drill = d->did_drill,
				      .endings = endings,
				      .n_endings = endings_of(d, endings),
				      .attention = &d->attention};

	return hf_desk_model(&facts, page, NULL);
}

/* All-clears have been read, or have stood long enough. */
static void clears_said(struct desk *d)
{
	if (d->clears && hf_desk_say_clear(&d->attention, d->view))
		save_said(d);
	d->clears = false;
}

static gboolean on_linger(gpointer data)
{
	struct desk *d = data;
	int64_t idle = seconds_since(d->touched);
	int64_t needed = d->options->linger_s * (hf_desk_window_has_focus(d->window) ? FOCUS_FACTOR : 1);

	d->linger = 0;
	if (!d->clears || !hf_desk_window_is_up(d->window))
		return G_SOURCE_REMOVE;
	if (idle < needed) {
		d->linger = g_timeout_add_seconds((guint)(needed - idle), on_linger, d);
	} else {
		clears_said(d);
		refresh(d);
	}
	return G_SOURCE_REMOVE;
}

/* A posting window that has run out is asked for once in five seconds at most. */
static bool ran_out(const struct desk *d)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(d->view, "accounts"), i, row)
	{
		const json_t *posting = json_object_get(row, "posting");

		if (hf_said_is(posting, "state", "open") && seconds_since(d->view_at) >= 5 &&
		    json_integer_value(json_object_get(posting, "left_s")) <= seconds_since(d->view_at))
			return true;
	}
	return false;
}

static gboolean on_tick(gpointer data)
{
	struct desk *d = data;

	d->tick = 0;
	if (ran_out(d))
		ask_status(d);
	refresh(d);
	return G_SOURCE_REMOVE;
}

static void stop_timers(struct desk *d)
{
	if (d->tick)
		g_source_remove(d->tick);
	if (d->linger)
		g_source_remove(d->linger);
	d->tick = d->linger = 0;
}

/* Timers run while the window stands and shows what they are for, and never else. */
static void set_timers(struct desk *d, const struct hf_desk_page *page)
{
	bool up = hf_desk_window_is_up(d->window);

	if (up && page->ticks && !d->tick)
		d->tick = g_timeout_add_seconds(1, on_tick, d);
	if (up && page->clears && !d->linger) {
		d->touched = g_get_monotonic_time();
		d->linger = g_timeout_add_seconds((guint)d->options->linger_s, on_linger, d);
	}
}

/* It points to the window as long as there is something to say. */
static void notify(struct desk *d, const struct hf_desk_page *page)
{
	g_autoptr(GNotification) notification = g_notification_new(page->title);

	g_notification_set_body(notification, page->v[0].text);
	g_notification_set_priority(notification, G_NOTIFICATION_PRIORITY_URGENT);
	g_notification_set_default_action(notification, "app.show");
	if (!g_application_get_dbus_connection(d->app))
		return;
	g_application_send_notification(d->app, NOTIFICATION, notification);
	d->notified = true;
}

static void withdraw(struct desk *d)
{
	if (d->notified)
		g_application_withdraw_notification(d->app, NOTIFICATION);
	d->notified = false;
}

static void on_press(void *arg, enum hf_desk_act act, const char *target, const char *text);

static void on_words(void *arg, const json_t *answer, const char *why)
{
	struct desk *d = arg;

	if (d->window)
		hf_desk_window_words(d->window, answer, why);
}

static void on_asks_words(void *arg)
{
	struct desk *d = arg;

	hf_desk_ask(d->options->socket, &(const struct hf_question){.ask = HF_ASK_WORDS}, on_words, d);
}

static void on_closed(void *arg)
{
	struct desk *d = arg;

	stop_timers(d);
	clears_said(d);
	d->by_hand = false;
	set_text(&d->tried, "");
	set_text(&d->did, "");
	leave_if_done(d);
}

static void on_touched(void *arg)
{
	((struct desk *)arg)->touched = g_get_monotonic_time();
}

static bool have_window(struct desk *d)
{
	const struct hf_desk_window_calls calls = {on_press, on_asks_words, on_closed, on_touched, d};
	struct hf_err err = {""};

	if (d->window || hf_desk_window_new(&calls, &d->window, &err) == HF_OK)
		return true;
	fprintf(stderr, "holdfast-desk: %s\n", err.text);
	return false;
}

/* All was seen and nothing is being asked: whoever waits starts this program anew when there is something to say. */
static void leave_if_done(struct desk *d)
{
	hf_auto_page struct hf_desk_page page = {0};
	bool knows = d->view || d->away[0];

	if (!knows || d->asking || d->again || d->by_hand || hf_desk_window_is_up(d->window) || page_of(d, &page) != HF_OK)
		return;
	if (!page.speaks) {
		withdraw(d);
		d->leaving = true;
		g_application_quit(d->app);
	}
}

/* Shows what is known; the window comes when there is something new to say, and goes when there is nothing. */
static void refresh(struct desk *d)
{
	hf_auto_page struct hf_desk_page page = {0};
	bool comes;

	if (page_of(d, &page) != HF_OK)
		return;
	d->clears = page.clears;
	comes = d->wants_eyes && (page.speaks || d->by_hand);
	if (!page.speaks)
		withdraw(d);
	if ((!comes && !hf_desk_window_is_up(d->window)) || !have_window(d))
		return;
	hf_desk_window_show(d->window, &page);
	if (comes) {
		hf_desk_window_raise(d->window, page.speaks);
		if (page.speaks)
			notify(d, &page);
	}
	d->wants_eyes = false;
	if (!page.speaks && !d->by_hand)
		hf_desk_window_hide(d->window);
	set_timers(d, &page);
}

static void on_readings(void *arg, const json_t *answer, const char *why)
{
	struct desk *d = arg;

	(void)why;
	if (answer) {
		json_decref(d->readings);
		d->readings = json_incref((json_t *)answer);
	}
	d->asking = false;
	refresh(d);
	leave_if_done(d);
	if (d->again || (hf_desk_window_is_up(d->window) && !d->read_asked)) {
		d->again = false;
		ask_status(d);
	}
}

static gboolean on_retry(gpointer data)
{
	struct desk *d = data;

	d->retry = 0;
	ask_status(d);
	return G_SOURCE_REMOVE;
}

static void on_status(void *arg, const json_t *answer, const char *why)
{
	struct desk *d = arg;
	const struct hf_question question = {.ask = HF_ASK_INSTRUCTIONS, .reads = d->read_asked};

	set_text(&d->away, answer ? "" : why);
	if (!answer) {
		if (!d->retry && !d->is_away)
			d->retry = g_timeout_add_seconds(RETRY_S, on_retry, d);
		on_readings(d, NULL, "");
		return;
	}
	json_decref(d->view);
	d->view = json_incref((json_t *)answer);
	d->view_at = g_get_monotonic_time();
	if (hf_said_is(d->view, "level", "open")) {
		set_text(&d->tried, "");
		while (d->n_endings > 0)
			drop_ending(d, 0);
	}
	d->wants_eyes = hf_desk_notice(&d->attention, d->view) || d->wants_eyes;
	refresh(d);
	if (hf_desk_window_is_up(d->window))
		hf_desk_ask(d->options->socket, &question, on_readings, d);
	else
		on_readings(d, NULL, "");
}

static void ask_status(struct desk *d)
{
	d->again = d->again || d->asking;
	if (d->asking)
		return;
	d->asking = true;
	d->read_asked = hf_desk_window_is_up(d->window);
	hf_desk_ask(d->options->socket, &(const struct hf_question){.ask = HF_ASK_STATUS, .reads = d->read_asked},
		    on_status, d);
}

/* Is this account's message, or this lockdown, of an exercise? */
static bool is_drill(const struct desk *d, const char *target)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(d->view, "accounts"), i, row)
	{
		if (hf_said_is(row, "id", target))
			return hf_said_exercise(json_object_get(row, "posting"));
	}
	json_array_foreach(json_object_get(d->view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "id", target))
			return hf_said_exercise(row);
	}
	return false;
}

static const char *thanks(const json_t *answer)
{
	if (hf_said_is(answer, "state", "posted"))
		return hf_text("Thank you: it is noted that you have posted it.");
	if (hf_said_is(answer, "state", "cannot"))
		return hf_text("It is noted that you cannot post it; the council's officers are told.");
	return json_object_get(answer, "already") ? hf_text("You have acknowledged the instructions.") : "";
}

static void on_done(void *arg, const json_t *answer, const char *why)
{
	struct desk *d = arg;

	hf_desk_window_busy(d->window, false);
	set_text(&d->did, answer ? thanks(answer) : why);
	refresh(d);
	ask_status(d);
}

static enum hf_rc question_of(enum hf_desk_act act, const char *target, const char *text, struct hf_question *q)
{
	/* clang-format off */
	static const char *const asks[HF_DESK_ACT_COUNT] = {
		[HF_DESK_PASS] = HF_ASK_PASS, [HF_DESK_POSTED] = HF_ASK_POSTED, [HF_DESK_CANNOT] = HF_ASK_CANNOT,
		[HF_DESK_ACKNOWLEDGE] = HF_ASK_ACKNOWLEDGE,
	};
	/* clang-format on */
	bool acknowledges = act == HF_DESK_ACKNOWLEDGE;
	enum hf_rc rc = hf_str_copy(q->ask, sizeof(q->ask), asks[act]);

	if (rc == HF_OK)
		rc = acknowledges ? hf_str_copy(q->lockdown, sizeof(q->lockdown), target)
				  : hf_str_copy(q->account, sizeof(q->account), target);
	if (rc == HF_OK && acknowledges)
		rc = hf_str_copy(q->text, sizeof(q->text), text);
	if (rc == HF_OK && act == HF_DESK_POSTED)
		rc = hf_str_copy(q->site, sizeof(q->site), text);
	if (rc == HF_OK && act == HF_DESK_CANNOT)
		rc = hf_str_copy(q->why, sizeof(q->why), text);
	return rc;
}

static void on_press(void *arg, enum hf_desk_act act, const char *target, const char *text)
{
	struct desk *d = arg;
	struct hf_question question = {.reads = false};

	d->did_drill = is_drill(d, target);
	switch (act) {
	case HF_DESK_COPY:
		set_text(&d->did, hf_text("The text is copied: paste it into your post."));
		refresh(d);
		return;
	case HF_DESK_CLOSE:
		hf_desk_window_hide(d->window);
		return;
	case HF_DESK_PASS:
	case HF_DESK_POSTED:
	case HF_DESK_CANNOT:
	case HF_DESK_ACKNOWLEDGE:
		break;
	case HF_DESK_NOTHING:
	case HF_DESK_ACT_COUNT:
		return;
	}
	if (question_of(act, target, text, &question) != HF_OK) {
		set_text(&d->did, hf_text("What you have typed is too long: make it shorter."));
		refresh(d);
		return;
	}
	hf_desk_window_busy(d->window, true);
	hf_desk_ask(d->options->socket, &question, on_done, d);
}

/* The agent says it again and again: each process brings the window up once. */
static void on_ending(struct desk *d, const json_t *event)
{
	json_int_t pid = json_integer_value(json_object_get(event, "pid"));
	gint64 at = g_get_monotonic_time() + json_integer_value(json_object_get(event, "left_s")) * G_USEC_PER_SEC;
	const char *tool = hf_said_text(event, "tool");

	for (size_t i = 0; i < d->n_endings; i++) {
		if (d->endings[i].pid == pid) {
			d->endings[i].at = at;
			return;
		}
	}
	if (d->n_endings == ENDINGS_MAX)
		drop_ending(d, 0);
	d->endings[d->n_endings++] = (struct ending){g_strdup(tool), pid, at};
	d->wants_eyes = true;
	refresh(d);
}

/* A program that tries again and again in the background brings the window up once a minute. */
static void on_tried(struct desk *d, const char *tool)
{
	bool again = strcmp(d->tried_last, tool) == 0 && seconds_since(d->tried_at) < TRIED_AGAIN_S;

	if (again && !hf_desk_window_is_up(d->window))
		return;
	if (!again)
		d->tried_at = g_get_monotonic_time();
	set_text(&d->tried_last, tool);
	set_text(&d->tried, tool);
	d->wants_eyes = d->wants_eyes || !again;
	ask_status(d);
}

static void show_now(struct desk *d)
{
	d->by_hand = d->wants_eyes = true;
	refresh(d);
	ask_status(d);
}

static void on_event(struct desk *d, const json_t *event)
{
	d->is_away = hf_said_is(event, "event", "away");
	if (d->is_away) {
		set_text(&d->away, hf_said_text(event, "why"));
		refresh(d);
		return;
	}
	if (hf_said_is(event, "event", "show")) {
		show_now(d);
		return;
	}
	if (hf_said_is(event, "event", "ending")) {
		on_ending(d, event);
		return;
	}
	if (hf_said_is(event, "event", "blocked"))
		on_tried(d, hf_said_text(event, "tool"));
	else
		ask_status(d);
}

/* The end of what is told is the end of this program; what comes while it ends is not taken. */
static gboolean on_told(gint fd, GIOCondition condition, gpointer data)
{
	struct desk *d = data;
	struct hf_err err = {""};

	(void)condition;
	while (!d->leaving) {
		hf_auto_json json_t *event = NULL, *taken = NULL;
		enum hf_rc rc = hf_people_event(fd, &event, &err);

		if (rc == HF_E_ABSENT)
			return G_SOURCE_CONTINUE;
		if (rc != HF_OK) {
			d->told = 0;
			g_application_quit(d->app);
			return G_SOURCE_REMOVE;
		}
		on_event(d, event);
		taken = json_pack("{s:b}", "taken", 1);
		hand_back(taken);
	}
	d->told = 0;
	return G_SOURCE_REMOVE;
}

static void on_action(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	(void)action, (void)parameter;
	show_now(data);
}

static void on_activate(GApplication *app, gpointer data)
{
	struct desk *d = data;
	bool first = !d->started;

	if (first) {
		d->started = true;
		g_application_hold(app);
		load_said(d);
		d->told = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_told, d);
	}
	else
		show_now(d);
}

static void desk_done(struct desk *d)
{
	if (d->told)
		g_source_remove(d->told);
	stop_timers(d);
	if (d->retry)
		g_source_remove(d->retry);
	hf_desk_window_free(&d->window);
	hf_desk_attention_done(&d->attention);
	json_decref(d->view);
	json_decref(d->readings);
	while (d->n_endings > 0)
		drop_ending(d, 0);
	g_free(d->away);
	g_free(d->tried);
	g_free(d->tried_last);
	g_free(d->did);
	g_free(d->store);
	g_object_unref(d->app);
}

enum hf_rc hf_desk_run(const struct hf_desk_options *options, struct hf_err *err)
{
	struct desk d = {.options = options,
			 .app = g_application_new(HF_DESK_APPLICATION, G_APPLICATION_DEFAULT_FLAGS),
			 .away = g_strdup(""),
			 .tried = g_strdup(""),
			 .tried_last = g_strdup(""),
			 .did = g_strdup("")};
	g_autoptr(GSimpleAction) show = g_simple_action_new("show", NULL);
	g_autoptr(GError) error = NULL;
	enum hf_rc rc = hf_desk_has_screen(err);

	g_signal_connect(show, "activate", G_CALLBACK(on_action), &d);
	g_signal_connect(d.app, "activate", G_CALLBACK(on_activate), &d);
	g_action_map_add_action(G_ACTION_MAP(d.app), G_ACTION(show));
	if (rc == HF_OK && !g_application_register(d.app, NULL, &error))
		rc = hf_err_set(err, HF_E_SYSTEM, "this session cannot be joined (%s)", error->message);
	else if (rc == HF_OK &&
		 g_application_run(d.app, 0, NULL) != 0)
		rc = hf_err_set(err, HF_E_SYSTEM, "the window's program could not run");
	desk_done(&d);
	return rc;
}
