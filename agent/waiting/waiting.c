/* SPDX-License-Identifier: MIT */
/*
 * Owns when the window's program runs: from something to say until all of it was seen.
 * Must never keep a word of the agent's back from a person, nor cost anything while there is none.
 */
#include "agent/waiting/waiting.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/host.h>
#include <holdfast/json.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/desk/attention.h"
#include "agent/talk/answer.h"
#include "agent/talk/people.h"
#include "agent/waiting/agent_line.h"
#include "agent/waiting/session.h"
#include "agent/waiting/window_process.h"

#define SAID_FILE_MAX 65536
#define RETRY_MS 30000 /* a question that the agent did not answer, though it is there */
#define SHORT_MS 2000  /* a window that ends so soon is not started anew before there is news */

struct waiting {
	const struct hf_waiting_options *options;
	struct hf_loop *loop;
	struct hf_agent_line *line;
	struct hf_session *session;
	struct hf_window_process *window;
	struct hf_watch *retry;
	struct hf_desk_attention attention; /* what a window of this session has said */
	struct hf_boot_ms started;
	json_t *last; /* of what this window was told; what the agent cannot be asked for stands before all else */
};

/* What an earlier session of this person has said is on disk, where the window keeps it. */
static void load_said(const struct hf_session_place *place, struct hf_desk_attention *attention)
{
	char path[PATH_MAX];
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = place->state[0] ? hf_str_printf(path, sizeof(path), "%s/holdfast-desk/said", place->state)
					: hf_str_printf(path, sizeof(path), "%s/.local/state/holdfast-desk/said", place->home);

	if (rc == HF_OK && hf_fs_read(path, SAID_FILE_MAX, &text, &len, NULL) == HF_OK)
		hf_desk_said_read(attention, text);
}

static void on_window_said(void *arg, const char *text)
{
	struct waiting *w = arg;

	hf_desk_said_read(&w->attention, text);
}

/* A tool was blocked, or will be closed, or a person asks for the window: no answer of the agent holds that. */
static bool is_at_once(const json_t *event)
{
	return hf_said_is(event, "event", "blocked") || hf_said_is(event, "event", "ending") ||
	       hf_said_is(event, "event", "show");
}

static void bring(struct waiting *w, const json_t *event);

/* What it did not take before it ended or was killed is said to the next. */
static void on_window_ended(void *arg, bool by_itself, bool untaken)
{
	struct waiting *w = arg;
	bool lasted = hf_clock_boot().ms - w->started.ms >= SHORT_MS;
	hf_auto_json json_t *last = w->last;
	struct hf_err err = {""};

	w->last = NULL;
	hf_window_end(&w->window);
	if (!by_itself && hf_window_has_screen(w->options->environment, &err) == HF_E_ABSENT)
		hf_loop_stop(w->loop);
	else if (untaken && (by_itself || lasted))
		bring(w, last);
}

static bool have_window(struct waiting *w)
{
	const struct hf_window_calls calls = {w->options->environment, w->options->socket, w->options->linger_s,
					      on_window_said, on_window_ended, w};
	struct hf_err err = {""};
	enum hf_rc rc;

	if (w->window)
		return true;
	w->started = hf_clock_boot();
	rc = hf_window_start(w->loop, &calls, &w->window, &err);
	if (rc == HF_OK)
		return true;
	hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "%s", err.text);
	return false;
}

static void hand_on(struct waiting *w, const json_t *event)
{
	if (!have_window(w))
		return;
	if (!w->last || !is_at_once(w->last) || is_at_once(event)) {
		json_decref(w->last);
		w->last = json_incref((json_t *)event);
	}
	hf_window_tell(w->window, event);
}

static void tell(struct waiting *w, const char *what)
{
	hf_auto_json json_t *event = json_pack("{s:s}", "event", what);

	if (event)
		hand_on(w, event);
}

/* Is there anything to say? Nobody reads the answer here. */
static enum hf_rc ask(struct waiting *w, bool *ret_speaks, struct hf_err *err)
{
	hf_auto_json json_t *view = NULL;
	hf_auto_attention struct hf_desk_attention said = {0};
	enum hf_rc rc = hf_people_ask(w->options->socket, &(const struct hf_question){.ask = HF_ASK_STATUS}, &view, err);

	if (rc != HF_OK)
		return rc;
	load_said(&w->options->place, &said);
	*ret_speaks = hf_desk_view_speaks(&said, view) && hf_desk_view_speaks(&w->attention, view);
	return HF_OK;
}

static void look(struct waiting *w)
{
	struct hf_err err = {""};
	bool speaks = false;
	enum hf_rc rc = ask(w, &speaks, &err);

	if (rc != HF_OK && hf_timer_arm(w->retry, RETRY_MS) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "cannot ask again: %s",
			     err.text);
	if (speaks)
		tell(w, "changed");
	hf_host_trim();
}

static void on_retry(void *arg, uint32_t events)
{
	struct waiting *w = arg;

	(void)events;
	if (!w->window)
		look(w);
}

static void bring(struct waiting *w, const json_t *event)
{
	if (!w->window && !is_at_once(event))
		look(w);
	else
		hand_on(w, event);
}

static void on_agent_event(void *arg, const json_t *event)
{
	bring(arg, event);
}

static void on_agent_away(void *arg, const char *why)
{
	struct waiting *w = arg;
	hf_auto_json json_t *event = json_pack("{s:s, s:s}", "event", "away", "why", why);

	if (w->window && event)
		hand_on(w, event);
}

static void on_show(void *arg)
{
	tell(arg, "show");
}

static void on_over(void *arg)
{
	struct waiting *w = arg;

	hf_loop_stop(w->loop);
}

static void on_signal(void *arg, uint32_t number)
{
	(void)number;
	on_over(arg);
}

static enum hf_rc start(struct waiting *w, struct hf_err *err)
{
	const struct hf_session_calls session = {on_show, on_over, w};
	const struct hf_agent_line_calls line = {on_agent_event, on_agent_away, w};
	enum hf_rc rc = hf_loop_new(&w->loop, err);

	if (rc == HF_OK && (hf_loop_add_signals(w->loop, on_signal, w) != HF_OK ||
			    hf_loop_add_timer(w->loop, on_retry, w, &w->retry) != HF_OK))
		rc = hf_err_set(err, HF_E_SYSTEM, "this program cannot wait");
	if (rc == HF_OK)
		rc = hf_session_new(w->loop, &w->options->place, &session, &w->session, err);
	if (rc == HF_OK)
		rc = hf_agent_line_new(w->loop, w->options->socket, &line, &w->line, err);
	if (rc == HF_OK && w->options->show)
		on_show(w);
	return rc;
}

enum hf_rc hf_waiting_run(const struct hf_waiting_options *options, struct hf_err *err)
{
	struct waiting w = {.options = options};
	enum hf_rc rc = hf_session_tell(&options->place, options->show, err);

	if (rc != HF_E_ABSENT)
		return rc;
	rc = hf_window_has_screen(options->environment, err);
	if (rc == HF_OK)
		rc = start(&w, err);
	if (rc == HF_OK)
		rc = hf_loop_run(w.loop, err);
	hf_agent_line_free(&w.line);
	hf_session_free(&w.session);
	hf_window_end(&w.window);
	json_decref(w.last);
	hf_watch_remove(&w.retry);
	hf_loop_free(&w.loop);
	hf_desk_attention_done(&w.attention);
	return rc;
}
