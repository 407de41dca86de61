/* SPDX-License-Identifier: MIT */
/*
 * Owns what a page says of one lockdown.
 * Must never show a block without why and whom to ring.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "agent/desk/blocks.h"
#include "agent/desk/model_inside.h"
#include "agent/talk/answer.h"

#define PEOPLE_SIZE (16 * (HF_SAID_PERSON_SIZE + 8)) /* sixteen names with their ids, and what stands between them */

/* "comms-1 and monitoring-1" */
static const char *people_of(const json_t *list, char text[PEOPLE_SIZE])
{
	size_t n = json_array_size(list), len = 0;

	if (n == 0)
		return hf_text("the council's root officers");
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (hf_str_printf(text + len, PEOPLE_SIZE - len, "%s%s",
				  i == 0       ? ""
				  : i + 1 == n ? hf_text(" and ")
					       : ", ",
				  id ? id : "") != HF_OK)
			break;
		len += strlen(text + len);
	}
	return text;
}

static void put_scope(struct hf_desk_writer *w, const json_t *lockdown)
{
	const json_t *accounts = json_object_get(lockdown, "accounts");
	const char *first = json_string_value(json_array_get(accounts, 0));
	size_t n = json_array_size(accounts);

	if (first && strcmp(first, "*") == 0)
		hf_desk_fact(w, hf_text("Accounts"), "every account of the council");
	for (size_t i = 0; i < n && first && strcmp(first, "*") != 0; i++)
		hf_desk_fact(w, hf_text("Account"), "%s", json_string_value(json_array_get(accounts, i)));
}

static void put_facts(struct hf_desk_writer *w, const json_t *lockdown)
{
	char time[HF_DESK_TIME_SIZE], people[PEOPLE_SIZE];
	struct hf_wall until = hf_said_time(lockdown, "until");
	bool planned = hf_said_is(lockdown, "phase", "scheduled");

	hf_desk_fact(w, hf_text("Whom to ring"), "%s", hf_said_text(lockdown, "contact"));
	hf_desk_fact(w, hf_text("Why"), "%s", hf_said_text(lockdown, "reason"));
	hf_desk_fact(w, planned ? hf_text("From") : hf_text("Since"), "%s",
		     hf_desk_time(hf_said_begin(lockdown), time));
	if (until.s == 0)
		hf_desk_fact(w, hf_text("Until"), "the council's all-clear");
	else
		hf_desk_fact(w, hf_text("Until"), "%s", hf_desk_time(until, time));
	hf_desk_fact(w, hf_text("Ordered by"), "%s", people_of(hf_said_people(lockdown, "raised_by"), people));
	if (json_object_get(lockdown, "changed_by"))
		hf_desk_fact(w, hf_text("Changed by"), "%s",
			     people_of(hf_said_people(lockdown, "changed_by"), people));
	put_scope(w, lockdown);
}

/* Of several periods each has such a button: a screen reader hears which one it is. */
static void put_acknowledge(struct hf_desk_writer *w, const json_t *lockdown, const json_t *reading)
{
	char time[HF_DESK_TIME_SIZE], about[2 * HF_DESK_TIME_SIZE];

	if (hf_str_printf(about, sizeof(about), hf_text("%s from %s"), hf_said_kind(lockdown),
			  hf_desk_time(hf_said_begin(lockdown), time)) != HF_OK)
		w->failed = true;
	hf_desk_put(w, &(const struct hf_desk_put){
			       .kind = HF_DESK_BUTTON,
			       .act = HF_DESK_ACKNOWLEDGE,
			       .label = hf_text("I have _read these instructions and will keep to them"),
			       .text = hf_said_text(reading, "text"),
			       .target = hf_said_text(reading, "lockdown"),
			       .about = about});
}

/* One text that this person is to acknowledge, or has. */
static void put_reading(struct hf_desk_writer *w, const json_t *view, const json_t *lockdown, const json_t *reading)
{
	struct hf_wall at = hf_said_time(reading, "acknowledged");
	char time[HF_DESK_TIME_SIZE];

	hf_desk_text(w, HF_DESK_HEADING, hf_text("Instructions"));
	hf_desk_blocks(w, hf_said_text(reading, "instructions"));
	if (!hf_said_text(view, "person")[0])
		hf_desk_text(
			w, HF_DESK_TEXT,
			hf_text("You are none of the people of this device, so you cannot acknowledge them here."));
	else if (at.s > 0)
		hf_desk_say(w, HF_DESK_TEXT, "You acknowledged these instructions on %s.", hf_desk_time(at, time));
	else if (hf_said_true(reading, "asked"))
		put_acknowledge(w, lockdown, reading);
}

/* An emergency's stand in its order; those of a pre-election period in the readings, with who has read them. */
static void put_instructions(struct hf_desk_writer *w, const struct hf_desk_facts *facts, const json_t *lockdown)
{
	const char *id = hf_said_text(lockdown, "id");
	bool found = false;
	size_t i;
	json_t *reading;

	json_array_foreach(json_object_get(facts->readings, "readings"), i, reading)
	{
		if (!hf_said_is(reading, "lockdown", id) || hf_said_is(lockdown, "kind", "emergency"))
			continue;
		put_reading(w, facts->view, lockdown, reading);
		found = true;
	}
	if (found || !hf_said_text(lockdown, "instructions")[0])
		return;
	hf_desk_text(w, HF_DESK_HEADING, hf_text("Instructions"));
	hf_desk_blocks(w, hf_said_text(lockdown, "instructions"));
}

/* What it means for this person, in one sentence. */
static const char *bearing(const json_t *lockdown)
{
	bool guard = hf_said_is(lockdown, "level", "guard");

	if (hf_said_exercise(lockdown))
		return hf_text("This is an exercise: nothing is blocked by it, and nothing is to be posted for it.");
	if (hf_said_is(lockdown, "phase", "scheduled"))
		return guard ? hf_text("From then on posting tools open for those who have acknowledged its "
				       "instructions.")
			     : hf_text("From then on posting is blocked.");
	if (hf_said_true(lockdown, "glass"))
		return hf_text("This device is open for a while all the same, by the halves of two officers.");
	if (hf_said_true(lockdown, "exempt"))
		return hf_text("You are exempt from it: your posting tools are open.");
	if (!guard)
		return hf_text("Posting to the accounts named below is blocked on this device.");
	if (!hf_said_true(lockdown, "yours"))
		return hf_text("It bears on accounts that you do not hold: it shuts nothing of yours.");
	if (hf_said_true(lockdown, "to_read"))
		return hf_text("Posting tools are shut for you until you have read and acknowledged its instructions.");
	return hf_text("You have acknowledged its instructions: it shuts nothing of yours.");
}

void hf_desk_lockdown(struct hf_desk_writer *w, const struct hf_desk_facts *facts, const json_t *lockdown)
{
	bool planned = hf_said_is(lockdown, "phase", "scheduled");

	hf_desk_section(w, "lockdown", hf_said_text(lockdown, "id"), hf_said_exercise(lockdown));
	hf_desk_say(w, HF_DESK_HEADING, "%s %s %s", hf_said_article(lockdown, true), hf_said_kind(lockdown),
		    planned ? hf_text("is planned") : hf_text("is in force"));
	hf_desk_text(w, HF_DESK_TEXT, bearing(lockdown));
	put_facts(w, lockdown);
	put_instructions(w, facts, lockdown);
}

static void put_clear_heading(struct hf_desk_writer *w, const json_t *lockdown)
{
	const char *kind = hf_said_kind(lockdown);
	bool exercise = hf_said_exercise(lockdown);

	if (hf_said_true(lockdown, "cancelled"))
		hf_desk_say(w, HF_DESK_HEADING, "Cancelled: the %s%s that was planned will not begin",
			    exercise ? hf_text("exercise of the ") : "", kind);
	else if (exercise)
		hf_desk_say(w, HF_DESK_HEADING, "All clear: the exercise of %s %s is over",
			    hf_said_article(lockdown, false), kind);
	else
		hf_desk_say(w, HF_DESK_HEADING, "All clear: the %s is over", kind);
}

void hf_desk_all_clear(struct hf_desk_writer *w, const json_t *view, const json_t *lockdown)
{
	char time[HF_DESK_TIME_SIZE], people[PEOPLE_SIZE];
	const char *message = hf_said_text(lockdown, "message"), *reason = hf_said_text(lockdown, "release_reason");
	bool cancelled = hf_said_true(lockdown, "cancelled");

	hf_desk_section(w, "clear", hf_said_text(lockdown, "id"), hf_said_exercise(lockdown));
	put_clear_heading(w, lockdown);
	if (message[0])
		hf_desk_text(w, HF_DESK_QUOTE, message);
	hf_desk_fact(w, cancelled ? hf_text("It was to begin on") : hf_text("It began on"), "%s",
		     hf_desk_time(hf_said_begin(lockdown), time));
	/* When the second officer approved it no device can know. */
	hf_desk_fact(w,
		     cancelled ? hf_text("Cancelled, in an order written on")
			       : hf_text("Released, in an order written on"),
		     "%s", hf_desk_time(hf_said_time(lockdown, "released_at"), time));
	hf_desk_fact(w, cancelled ? hf_text("Cancelled by") : hf_text("Released by"), "%s",
		     people_of(hf_said_people(lockdown, "released_by"), people));
	if (reason[0])
		hf_desk_fact(w, hf_text("Why"), "%s", reason);
	if (!hf_said_exercise(lockdown) && hf_said_is(lockdown, "standing", "released-unverified") && !cancelled &&
	    hf_said_all_open(view))
		hf_desk_text(w, HF_DESK_TEXT, hf_text("This device is opening; it has not been seen to be open yet."));
}
