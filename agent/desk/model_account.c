/* SPDX-License-Identifier: MIT */
/*
 * Owns what a page says of one account: its state, who was asked to post what, and whether it is done.
 * Must never offer a button to anybody but the named poster.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "agent/desk/model_inside.h"
#include "agent/talk/answer.h"

/* One account, its posting, and what has passed since the agent said so. */
struct matter {
	const json_t *account, *posting;
	const char *id, *state;
	bool you, exercise;
	int64_t left_s;
};

static bool in(const struct matter *m, const char *state)
{
	return strcmp(m->state, state) == 0;
}

static void put_state(struct hf_desk_writer *w, const struct matter *m)
{
	if (hf_said_is(m->account, "level", "open") &&
	    (hf_said_is(m->account, "reach", "block") || hf_said_is(m->account, "reach", "guard")))
		hf_desk_text(w, HF_DESK_TEXT,
			     hf_text("It is not locked itself, but the tools that post to it are shut: you cannot post "
				     "to it from this device now."));
	else if (hf_said_is(m->account, "level", "open"))
		hf_desk_text(w, HF_DESK_TEXT, hf_text("Open: you may post to it."));
	else if (hf_said_is(m->account, "level", "guard"))
		hf_desk_text(w, HF_DESK_TEXT, hf_text("Shut for you until you have acknowledged the instructions."));
	else
		hf_desk_text(w, HF_DESK_TEXT, hf_text("Shut: you cannot post to it now."));
}

/* What a screen reader says at these marks alone, so that it does not talk over everything else. */
static void put_countdown(struct hf_desk_writer *w, const struct matter *m)
{
	static const int64_t marks[] = {10, 30, 60, 120, 300, 600};
	hf_auto_free char *text = NULL, *spoken = NULL;
	char span[HF_DESK_TIME_SIZE];
	int64_t mark = 0;

	for (size_t i = HF_LEN(marks); i-- > 0;)
		mark = m->left_s <= marks[i] ? marks[i] : mark;
	w->page.ticks = true;
	if (asprintf(&text, hf_text("Your posting window is open: %s left."), hf_desk_span(m->left_s, span)) < 0 ||
	    asprintf(&spoken,
		     mark ? hf_text("Less than %s left of your posting window.")
			  : hf_text("Your posting window is open."),
		     hf_desk_span(mark, span)) < 0) {
		w->failed = true;
		return;
	}
	hf_desk_put(w, &(const struct hf_desk_put){.kind = HF_DESK_ALERT, .text = text, .spoken = spoken});
}

/* "on Thursday 6 May 2027 at 07:00 BST", or nothing. */
static const char *when(const struct matter *m, char text[HF_DESK_TIME_SIZE + 4])
{
	struct hf_wall at = hf_said_time(m->posting, "at");
	char time[HF_DESK_TIME_SIZE];

	if (at.s == 0 || hf_str_printf(text, HF_DESK_TIME_SIZE + 4, hf_text(" on %s"), hf_desk_time(at, time)) != HF_OK)
		return "";
	return text;
}

static void put_field(struct hf_desk_writer *w, enum hf_desk_act act, const char *label, const struct matter *m)
{
	hf_desk_put(w, &(const struct hf_desk_put){.kind = HF_DESK_FIELD, .act = act, .label = label, .target = m->id});
}

static void put_open_button(struct hf_desk_writer *w, const struct matter *m)
{
	long long minutes = json_integer_value(json_object_get(m->posting, "minutes"));
	char label[80];

	if (hf_str_printf(label, sizeof(label),
			  hf_text_n("_Open posting window (%lld minute)", "_Open posting window (%lld minutes)",
				    (unsigned long)minutes),
			  minutes) != HF_OK)
		w->failed = true;
	else
		hf_desk_button(w, HF_DESK_PASS, label, m->id, "");
}

static void put_posted(struct hf_desk_writer *w, const struct matter *m)
{
	put_field(w, HF_DESK_POSTED, hf_text("_Web address of the post, if you like"), m);
	hf_desk_button(w, HF_DESK_POSTED, hf_text("I have _posted it"), m->id, "");
}

static void put_cannot(struct hf_desk_writer *w, const struct matter *m)
{
	put_field(w, HF_DESK_CANNOT, hf_text("Wh_y you cannot, if you like"), m);
	hf_desk_button(w, HF_DESK_CANNOT, hf_text("I ca_n't post it"), m->id, "");
}

/* How it stands with the named poster; of an exercise the row that is for one comes first. */
static void put_how_it_stands(struct hf_desk_writer *w, const struct matter *m)
{
	/* clang-format off */
	static const struct { const char *state; bool drill; enum hf_desk_kind kind; const char *words; } rows[] = {
		{ "asked",   true,  HF_DESK_TEXT,  HF_TEXT("You are its named poster: go through the steps, but post nothing.") },
		{ "asked",   false, HF_DESK_TEXT,  HF_TEXT("You are asked to post this message now, once. Post it word for word, and nothing else.") },
		{ "claimed", false, HF_DESK_TEXT,  HF_TEXT("Your posting window has been asked for: it opens when the council's server answers.") },
		{ "open",    true,  HF_DESK_TEXT,  HF_TEXT("Post nothing: this is an exercise.") },
		{ "open",    false, HF_DESK_TEXT,  HF_TEXT("Post this message word for word, and nothing else.") },
		{ "ended",   false, HF_DESK_ALERT, HF_TEXT("Your posting window is over and cannot be opened again: say whether you have posted.") },
	};
	/* clang-format on */
	const char *device = hf_said_text(m->posting, "device");
	char at[HF_DESK_TIME_SIZE + 4];

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (in(m, rows[i].state) && (!rows[i].drill || m->exercise)) {
			hf_desk_text(w, rows[i].kind, hf_text(rows[i].words));
			return;
		}
	}
	if (in(m, "elsewhere"))
		hf_desk_say(w, HF_DESK_TEXT, "Your posting window was opened on another device%s%s; go on there.",
			    device[0] ? ": " : "", device);
	else if (in(m, "posted"))
		hf_desk_say(w, HF_DESK_TEXT, "Done: you said%s that you have posted it.", when(m, at));
	else if (in(m, "cannot"))
		hf_desk_say(w, HF_DESK_TEXT, "You said%s that you cannot post it.", when(m, at));
}

/* What the named poster can do in each state. */
static void put_yours(struct hf_desk_writer *w, const struct matter *m)
{
	const char *post = hf_said_text(m->posting, "post");
	bool asked = in(m, "asked"), opened = in(m, "open"), tools_open = hf_said_is(m->account, "level", "open");

	put_how_it_stands(w, m);
	if (opened)
		put_countdown(w, m);
	if (in(m, "posted") && post[0])
		hf_desk_fact(w, hf_text("The post"), "%s", post);
	if (asked || opened || in(m, "claimed"))
		hf_desk_button(w, HF_DESK_COPY, hf_text("_Copy the text"), m->id, hf_said_text(m->posting, "text"));
	if ((asked && (!tools_open || m->exercise)) || in(m, "claimed"))
		put_open_button(w, m);
	if (opened || in(m, "ended") || (asked && tools_open && !m->exercise))
		put_posted(w, m);
	if (asked || opened || in(m, "claimed") || in(m, "ended"))
		put_cannot(w, m);
}

/* Everyone else with the account sees who was asked and whether it is done. */
static void put_others(struct hf_desk_writer *w, const struct matter *m)
{
	/* clang-format off */
	static const struct { const char *state, *words; } rows[] = {
		{ "asked",     HF_TEXT("was asked to post it; it is not done yet") },
		{ "claimed",   HF_TEXT("was asked to post it and is about to") },
		{ "open",      HF_TEXT("is posting it now") },
		{ "elsewhere", HF_TEXT("is posting it now") },
		{ "posted",    HF_TEXT("has posted it") },
		{ "cannot",    HF_TEXT("has said that they cannot post it") },
		{ "ended",     HF_TEXT("was asked to post it; their time is over and they have not said that it is done") },
	};
	/* clang-format on */
	const char *post = hf_said_text(m->posting, "post");
	char at[HF_DESK_TIME_SIZE + 4], who[HF_SAID_PERSON_SIZE];

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (in(m, rows[i].state))
			hf_desk_say(w, HF_DESK_TEXT, "%s %s%s.", hf_said_person(m->posting, "poster", who),
				    hf_text(rows[i].words), in(m, "posted") || in(m, "cannot") ? when(m, at) : "");
	}
	if (in(m, "posted") && post[0])
		hf_desk_fact(w, hf_text("The post"), "%s", post);
	hf_desk_text(w, HF_DESK_TEXT, hf_text("Nobody else posts it."));
}

static void put_account(struct hf_desk_writer *w, const struct matter *m)
{
	bool exempt = m->you && !m->exercise && in(m, "asked") && hf_said_is(m->account, "level", "open");

	hf_desk_section(w, "account", m->id, m->exercise);
	hf_desk_text(w, HF_DESK_SUBHEADING, m->id);
	/* Who is asked to post reads that first; that all else is shut goes without saying then. */
	if (!m->you || exempt)
		put_state(w, m);
	if (!m->state[0])
		return;
	hf_desk_text(w, HF_DESK_TEXT, hf_text("The council's message for this account:"));
	hf_desk_text(w, HF_DESK_QUOTE, hf_said_text(m->posting, "text"));
	if (m->you)
		put_yours(w, m);
	else
		put_others(w, m);
}

static struct matter matter_of(const json_t *account, int64_t age_s)
{
	const json_t *posting = json_object_get(account, "posting");
	int64_t left = json_integer_value(json_object_get(posting, "left_s")) - age_s;

	return (struct matter){.account = account,
			       .posting = posting,
			       .id = hf_said_text(account, "id"),
			       .state = hf_said_text(posting, "state"),
			       .you = hf_said_true(posting, "you"),
			       .exercise = hf_said_exercise(posting),
			       .left_s = left > 0 ? left : 0};
}

enum hf_desk_group hf_desk_group_of(const json_t *lockdown)
{
	if (hf_said_exercise(lockdown))
		return HF_DESK_EXERCISES;
	return hf_said_is(lockdown, "kind", "purdah") ? HF_DESK_PERIODS : HF_DESK_EMERGENCIES;
}

/* That of the lockdown which asks; one that the view has no room for counts as the most important of its mode. */
static enum hf_desk_group group_of_posting(const json_t *view, const json_t *posting)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "id", hf_said_text(posting, "lockdown")))
			return hf_desk_group_of(row);
	}
	return hf_desk_group_of(posting);
}

void hf_desk_asked(struct hf_desk_writer *w, const struct hf_desk_facts *facts, enum hf_desk_group group)
{
	static const char *const names[HF_DESK_GROUP_COUNT] = {"emergencies", "periods", "exercises"};
	bool begun = false;
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(facts->view, "accounts"), i, row)
	{
		struct matter m = matter_of(row, facts->age_s);

		if (!m.you || group_of_posting(facts->view, m.posting) != group)
			continue;
		hf_desk_section(w, "asked", names[group], m.exercise);
		if (!begun)
			hf_desk_text(w, HF_DESK_HEADING, hf_text("For you to post"));
		begun = true;
		put_account(w, &m);
	}
}

void hf_desk_accounts(struct hf_desk_writer *w, const struct hf_desk_facts *facts)
{
	bool begun = false;
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(facts->view, "accounts"), i, row)
	{
		struct matter m = matter_of(row, facts->age_s);

		if (m.you)
			continue;
		hf_desk_section(w, "accounts", "", false);
		if (!begun)
			hf_desk_text(w, HF_DESK_HEADING, hf_text("Your accounts"));
		begun = true;
		put_account(w, &m);
	}
}

bool hf_desk_is_asked(const json_t *view)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "accounts"), i, row)
	{
		struct matter m = matter_of(row, 0);

		if (m.you && !m.exercise && (in(&m, "asked") || in(&m, "claimed") || in(&m, "open")))
			return true;
	}
	return false;
}
