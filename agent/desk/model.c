/* SPDX-License-Identifier: MIT */
/*
 * Owns the choice of what a person's window says, from its first line to its last.
 * Must never make silence look like an open device, nor an exercise like the real thing.
 */
#include "agent/desk/model.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "agent/desk/model_inside.h"
#include "agent/talk/answer.h"

static const json_t *clear_of(const struct hf_desk_facts *facts)
{
	return hf_desk_clear_of(facts->attention, facts->view);
}

static bool has_live_clear(const struct hf_desk_facts *facts)
{
	const json_t *clear = clear_of(facts);

	return clear && !hf_said_exercise(clear);
}

/* Nothing but exercises: then the whole page is about one. */
static bool drill_alone(const struct hf_desk_facts *facts)
{
	const json_t *view = facts->view;

	return hf_said_is(view, "level", "open") && !hf_said_live(view) && !has_live_clear(facts) &&
	       (hf_said_in_force(view, "exercise") > 0 || clear_of(facts));
}

static bool has_purdah(const json_t *view, const char *phase)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "kind", "purdah") && hf_said_is(row, "phase", phase))
			return true;
	}
	return false;
}

static void put_shut(struct hf_desk_writer *w, const json_t *view)
{
	bool guard = hf_said_is(view, "level", "guard");
	char shut[HF_SAID_SHUT_SIZE], who[HF_SAID_PERSON_SIZE];

	w->page.tone = guard ? HF_DESK_ASKED : HF_DESK_SHUT;
	if (hf_said_true(view, "moved"))
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_text("Blocked: what this device knows was made on another machine, so all posting "
				     "tools are blocked until IT enrols this device anew."));
	else if (hf_said_true(view, "unknown"))
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_text("Blocked: this device has lost what it knew, so all posting tools are blocked "
				     "until two of the council's officers say what is in force. Ring IT."));
	else if (json_array_size(json_object_get(view, "over")) > 0)
		hf_desk_say(w, HF_DESK_HEADLINE,
			    "Blocked: %s is over: there are more orders of that person than one person's share, so all "
			    "posting tools are blocked until two officers release them.",
			    hf_said_person(json_array_get(json_object_get(view, "over"), 0), "person", who));
	else if (hf_said_true(view, "waiting"))
		hf_desk_say(w, HF_DESK_HEADLINE,
			    "Blocked: an all-clear has come, but this device cannot write it down (%s). It tries again "
			    "by itself; ring IT.",
			    hf_said_text(view, "trouble"));
	else if (guard && hf_said_text(view, "person")[0])
		hf_desk_text(
			w, HF_DESK_HEADLINE,
			hf_text("Read and acknowledge the instructions of the pre-election period (purdah): until then "
				"your posting tools are shut."));
	else if (guard)
		hf_desk_text(
			w, HF_DESK_HEADLINE,
			hf_text("Posting tools are shut for each person of this device who has not acknowledged the "
				"instructions of the pre-election period (purdah)."));
	else if (hf_desk_is_asked(view))
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_text("Stop posting, but for the message below that you are asked to post."));
	else if (hf_said_shut(view, shut))
		hf_desk_say(w, HF_DESK_HEADLINE,
			    "Stop posting to %s: you cannot do it from this device now. Your other accounts are open.",
			    shut);
	else
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_text("Stop posting: you cannot post to the council's accounts from this device now."));
}

/* Something live is in force, and leaves this person's tools open. */
static void put_open_beside(struct hf_desk_writer *w, const json_t *view)
{
	w->page.tone = HF_DESK_OPEN;
	if (hf_said_shared(view))
		hf_desk_text(
			w, HF_DESK_HEADLINE,
			hf_text("Open for you, but not on the web: you share this device with somebody who is blocked, "
				"and a browser cannot tell you apart. Use another device to post on the web."));
	else if (hf_said_in_force(view, "emergency") == 0 && hf_said_text(view, "reminder")[0])
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_text("Open for you: keep to the instructions of the pre-election period (purdah) in "
				     "every post."));
	else
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_text("Open for you: what is in force here leaves your posting tools open."));
}

/* The first live one that is planned; NULL: none is. */
static const json_t *coming_of(const json_t *view)
{
	const json_t *first = NULL;
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "phase", "scheduled") && !hf_said_exercise(row) &&
		    (!first || hf_said_begin(row).s < hf_said_begin(first).s))
			first = row;
	}
	return first;
}

/* Nothing live is in force: what is over, and what comes. */
static void put_nothing_in_force(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	const json_t *clear = clear_of(facts), *coming = coming_of(facts->view);
	bool cancelled = hf_said_true(clear, "cancelled");
	hf_auto_free char *next = NULL;
	char time[HF_DESK_TIME_SIZE];

	if (coming && asprintf(&next, hf_text(" %s %s begins on %s."), hf_said_article(coming, true),
			       hf_said_kind(coming), hf_desk_time(hf_said_begin(coming), time)) < 0)
		w->failed = true;
	w->page.tone = clear ? HF_DESK_CLEAR : HF_DESK_QUIET;
	hf_desk_say(w, HF_DESK_HEADLINE, "%s: no lockdown is in force here%s.%s%s",
		    clear && !cancelled ? hf_text("All clear") : hf_text("Open"),
		    cancelled ? hf_text(", and the planned one will not begin") : "",
		    clear && !cancelled ? hf_text(" Nothing of yours was lost.") : "", next ? next : "");
}

static void put_open(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	if (hf_said_true(facts->view, "unknown")) {
		w->page.tone = HF_DESK_OPEN;
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_text("Open for you, a designated officer: this device has lost what it knew, so all "
				     "posting tools are blocked for everybody else until two of the council's officers "
				     "say what is in force. Ring IT."));
	} else if (hf_said_live(facts->view)) {
		put_open_beside(w, facts->view);
	} else if (!w->page.exercise) {
		put_nothing_in_force(w, facts);
	} else {
		w->page.tone = HF_DESK_DRILL;
		hf_desk_text(w, HF_DESK_HEADLINE,
			     hf_said_in_force(facts->view, "exercise") > 0
				     ? hf_text("This is an exercise: nothing is blocked.")
			     : hf_said_true(clear_of(facts), "cancelled")
				     ? hf_text("The exercise that was planned will not begin.")
				     : hf_text("The exercise is over."));
	}
}

/* An error's sentence, as the first of its line; an error has no full stop, and what was written for people has one. */
static void put_sentence(struct hf_desk_writer *w, const char *before, const char *sentence)
{
	char first =
		sentence[0] >= 'a' && sentence[0] <= 'z' && !before[0] ? (char)(sentence[0] - 'a' + 'A') : sentence[0];

	size_t len = strlen(sentence);

	hf_desk_say(w, HF_DESK_ALERT, "%s%c%s%s", before, first, sentence + 1, len > 0 && sentence[len - 1] == '.' ? "" : ".");
}

static void put_away(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	hf_desk_section(w, "away", "", false);
	if (!facts->view)
		hf_desk_text(
			w, HF_DESK_HEADLINE,
			facts->away[0]
				? hf_text("Holdfast does not answer on this device: whatever is blocked stays blocked.")
				: hf_text("Asking this device what is in force."));
	if (facts->away[0])
		put_sentence(w, facts->view ? hf_text("What stands below may be out of date: ") : "", facts->away);
}

/* A tool that will be closed: a screen reader says it once, and again near the end. */
static void put_ending(struct hf_desk_writer *w, const struct hf_desk_ending *ending)
{
	static const int64_t marks[] = {10, 30, 60, 120, 300, 600};
	hf_auto_free char *text = NULL, *spoken = NULL;
	char span[HF_DESK_TIME_SIZE];
	int64_t mark = ending->left_s;

	for (size_t i = HF_LEN(marks); i-- > 0;)
		mark = ending->left_s <= marks[i] ? marks[i] : mark;
	w->page.ticks = true;
	if (asprintf(&text, hf_text("Save your work in %s now: it will be closed in %s."), ending->tool,
		     hf_desk_span(ending->left_s, span)) < 0 ||
	    asprintf(&spoken, hf_text("Save your work in %s now: it will be closed in less than %s."), ending->tool,
		     hf_desk_span(mark, span)) < 0)
		w->failed = true;
	else
		hf_desk_put(w, &(const struct hf_desk_put){.kind = HF_DESK_ALERT, .text = text, .spoken = spoken});
}

/* What this person is to tell IT. */
static void put_attention(struct hf_desk_writer *w, const json_t *view)
{
	size_t i;
	json_t *row;

	hf_desk_section(w, "attention", "", false);
	json_array_foreach(json_object_get(view, "attention"), i, row)
	{
		if (json_is_string(row))
			put_sentence(w, "", json_string_value(row));
	}
}

/* What wants their eyes now. */
static void put_alerts(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	put_away(w, facts);
	hf_desk_section(w, "ending", "", false);
	for (size_t i = 0; i < facts->n_endings; i++)
		put_ending(w, &facts->endings[i]);
	put_attention(w, facts->view);
	hf_desk_section(w, "tried", "", false);
	if (facts->tried[0])
		hf_desk_say(w, HF_DESK_ALERT, "You tried to use %s just now: it is blocked.", facts->tried);
	hf_desk_section(w, "did", "", facts->did_drill);
	if (facts->did[0])
		put_sentence(w, "", facts->did);
}

/* A browser that cannot tell two people apart stays shut for both; the headline of who is open says it. */
static void put_shared(struct hf_desk_writer *w, const json_t *view)
{
	if (hf_said_shared(view) && !(hf_said_is(view, "level", "open") && hf_said_live(view)))
		hf_desk_text(
			w, HF_DESK_TEXT,
			hf_text("You share this device with somebody who is blocked, and a browser cannot tell you "
				"apart: use another device to post on the web."));
}

/* Holds stack: the end of one is not the end of the others. */
static void put_together(struct hf_desk_writer *w, const json_t *view)
{
	if (hf_said_in_force(view, "emergency") + hf_said_in_force(view, "purdah") > 1)
		hf_desk_text(w, HF_DESK_TEXT,
			     hf_text("More than one lockdown is in force: the end of one does not end the others."));
}

static void put_lockdowns(struct hf_desk_writer *w, const struct hf_desk_facts *facts, const char *phase,
			  enum hf_desk_group group)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(facts->view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "phase", phase) && hf_desk_group_of(row) == group)
			hf_desk_lockdown(w, facts, row);
	}
}

/* The emergency that holds is first, with what it asks of this person; then the periods that hold, then exercises. */
static void put_what_holds(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	for (enum hf_desk_group g = 0; g < HF_DESK_GROUP_COUNT; g++) {
		hf_desk_asked(w, facts, g);
		put_lockdowns(w, facts, "in force", g);
	}
}

static void put_clear(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	const json_t *clear = clear_of(facts);

	if (clear)
		hf_desk_all_clear(w, facts->view, clear);
}

static void put_draft(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	if (!has_purdah(facts->view, "in force") && !has_purdah(facts->view, "scheduled"))
		return;
	hf_desk_section(w, "draft", "", false);
	hf_desk_text(w, HF_DESK_HEADING, hf_text("Check a draft"));
	hf_desk_text(w, HF_DESK_TEXT, hf_text("Words that need a second look in a pre-election period are marked."));
	hf_desk_text(w, HF_DESK_TEXT,
		     hf_text("Your draft is looked at by this window alone: it is not sent anywhere and is not kept."));
	hf_desk_put(w, &(const struct hf_desk_put){.kind = HF_DESK_DRAFT, .label = hf_text("Your _draft")});
}

static void put_foot(struct hf_desk_writer *w, const json_t *view)
{
	bool stale = hf_said_true(view, "stale");
	char time[HF_DESK_TIME_SIZE], who[HF_SAID_PERSON_SIZE];

	hf_desk_section(w, "foot", "", false);
	hf_desk_text(w, HF_DESK_HEADING, hf_text("This device"));
	if (hf_said_time(view, "issued").s == 0)
		hf_desk_text(w, HF_DESK_TEXT, hf_text("The council's server has not been heard on this device yet."));
	else
		hf_desk_say(w, HF_DESK_TEXT, "The council's server was last heard on %s%s.",
			    hf_desk_time(hf_said_time(view, "issued"), time),
			    stale ? hf_text(": there may be news that has not come here") : "");
	if (hf_said_text(view, "trouble")[0] && !hf_said_true(view, "waiting"))
		hf_desk_say(w, HF_DESK_TEXT, "This device cannot write down what it knows (%s): ring IT.",
			    hf_said_text(view, "trouble"));
	if (!hf_said_true(view, "can_report"))
		hf_desk_text(w, HF_DESK_TEXT,
			     hf_text("This device has lost its key and cannot report to the council: ring IT."));
	hf_desk_say(w, HF_DESK_TEXT, "Device %s of council %s%s%s.", hf_said_text(view, "device"),
		    hf_said_text(view, "council"), hf_said_text(view, "person")[0] ? hf_text(", used by you as ") : "",
		    hf_said_person(view, "person", who));
}

static void put_view(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	const json_t *view = facts->view;

	hf_desk_section(w, "head", "", false);
	if (hf_said_is(view, "level", "open"))
		put_open(w, facts);
	else
		put_shut(w, view);
	put_alerts(w, facts);
	hf_desk_section(w, "now", "", false);
	put_shared(w, view);
	put_together(w, view);
	put_what_holds(w, facts);
	put_clear(w, facts);
	hf_desk_accounts(w, facts);
	for (enum hf_desk_group g = 0; g < HF_DESK_GROUP_COUNT; g++)
		put_lockdowns(w, facts, "scheduled", g);
	put_draft(w, facts);
	put_foot(w, view);
}

static const char *title_of(const struct hf_desk_page *page)
{
	/* clang-format off */
	static const char *const titles[HF_DESK_TONE_COUNT] = {
		[HF_DESK_QUIET] = HF_TEXT("Holdfast"),
		[HF_DESK_OPEN] = HF_TEXT("Holdfast: open for you"),
		[HF_DESK_ASKED] = HF_TEXT("Holdfast: instructions to acknowledge"),
		[HF_DESK_SHUT] = HF_TEXT("Holdfast: posting is blocked"),
		[HF_DESK_DRILL] = HF_TEXT("EXERCISE: Holdfast"),
		[HF_DESK_CLEAR] = HF_TEXT("Holdfast: all clear"),
	};
	/* clang-format on */
	return hf_text(titles[page->tone]);
}

static bool speaks(const struct hf_desk_facts *facts)
{
	return facts->view && (hf_desk_view_speaks(facts->attention, facts->view) || facts->n_endings > 0 || facts->tried[0]);
}

enum hf_rc hf_desk_model(const struct hf_desk_facts *facts, struct hf_desk_page *ret_page, struct hf_err *err)
{
	struct hf_desk_writer w = {.page = {.exercise = facts->view && drill_alone(facts)}};

	w.page.speaks = speaks(facts);
	w.page.clears = facts->view && clear_of(facts);
	if (facts->view)
		put_view(&w, facts);
	else
		put_away(&w, facts);
	hf_desk_section(&w, "end", "", false);
	hf_desk_button(&w, HF_DESK_CLOSE, hf_text("C_lose"), "", "");
	w.page.title = strdup(title_of(&w.page));
	w.failed = w.failed || !w.page.title;
	return hf_desk_writer_end(&w, ret_page, err);
}
