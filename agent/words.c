/* SPDX-License-Identifier: MIT */
/* Owns the sentences that a person at a device reads. */
/* Room agent; pure. */
/* Must never let an exercise be read as the real thing, nor a block go without whom to ring. */
#include "agent/words.h"

#include <stdbool.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/time.h>

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static bool is(const json_t *object, const char *name, const char *word)
{
	return strcmp(text_of(object, name), word) == 0;
}

static bool says(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static struct hf_wall time_of(const json_t *object, const char *name)
{
	return (struct hf_wall){json_integer_value(json_object_get(object, name))};
}

static bool is_exercise(const json_t *lockdown)
{
	return is(lockdown, "mode", "exercise");
}

static const char *mark(const json_t *lockdown)
{
	return is_exercise(lockdown) ? "EXERCISE: " : "";
}

static const char *kind_words(const json_t *lockdown)
{
	return is(lockdown, "kind", "emergency") ? "emergency lockdown" : "pre-election period (purdah)";
}

/* "comms-1 and monitoring-1" */
static void put_people(const json_t *list, FILE *out)
{
	size_t n = json_array_size(list);

	if (n == 0)
		fputs("the council's root officers", out);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : i + 1 == n ? " and " : ", ", out);
		fputs(json_string_value(json_array_get(list, i)), out);
	}
}

static void put_list(const json_t *list, FILE *out)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		fprintf(out, "%s%s", i == 0 ? "" : ", ", json_string_value(json_array_get(list, i)));
}

/* A text of several lines: each is set in, and marked when it belongs to an exercise. */
static void put_text(const json_t *lockdown, const char *text, FILE *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "%s      %.*s\n", mark(lockdown), (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void put_holding(const json_t *lockdown, FILE *out)
{
	const char *m = mark(lockdown);
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(lockdown, "holding"), i, row)
	{
		fprintf(out, "%s  The holding message of %s:\n", m, text_of(row, "account"));
		put_text(lockdown, text_of(row, "text"), out);
		if (!says(row, "you"))
			fprintf(out, "%s      Its named poster is %s; nobody else posts it.\n", m,
				text_of(row, "poster"));
		else if (is_exercise(lockdown))
			fprintf(out, "%s      You are its named poster. Post nothing: this is an exercise.\n", m);
		else if (says(lockdown, "exempt"))
			fprintf(out, "      You are its named poster: post it now, once, and nothing else.\n");
		else
			fprintf(out,
				"      You are its named poster. Your posting tools are shut: ring %s before you post "
				"it.\n",
				text_of(lockdown, "contact"));
	}
}

static void put_scope(const json_t *lockdown, FILE *out)
{
	const json_t *accounts = json_object_get(lockdown, "accounts");
	const char *first = json_string_value(json_array_get(accounts, 0));

	fprintf(out, "%s  Accounts: ", mark(lockdown));
	if (first && strcmp(first, "*") == 0)
		fputs("every account of the council", out);
	else
		put_list(accounts, out);
	fputs("\n", out);
}

static void put_details(const json_t *lockdown, FILE *out)
{
	const char *m = mark(lockdown);
	char text[HF_WALL_TEXT_SIZE];
	struct hf_wall until = time_of(lockdown, "until");

	fprintf(out, "%s  Why: %s\n", m, text_of(lockdown, "reason"));
	put_scope(lockdown, out);
	fprintf(out, "%s  Since: %s\n", m, hf_wall_text(time_of(lockdown, "from"), text));
	fprintf(out, "%s  By: ", m);
	put_people(json_object_get(lockdown, "raised_by"), out);
	if (json_object_get(lockdown, "changed_by")) {
		fputs("; changed by ", out);
		put_people(json_object_get(lockdown, "changed_by"), out);
	}
	fprintf(out, "\n%s  Until: %s\n", m, until.s == 0 ? "the council's all-clear" : hf_wall_text(until, text));
	fprintf(out, "%s  Whom to ring: %s\n", m, text_of(lockdown, "contact"));
	if (text_of(lockdown, "instructions")[0]) {
		fprintf(out, "%s  Instructions:\n", m);
		put_text(lockdown, text_of(lockdown, "instructions"), out);
	}
	put_holding(lockdown, out);
}

/* How far this device has come, for the person and for whoever helps them. */
static void put_standing(const json_t *lockdown, FILE *out)
{
	/* clang-format off */
	static const struct { const char *standing, *words; } rows[] = {
		{ "received",            "heard; not in force on this device yet, or nothing could be blocked here" },
		{ "enforced-unverified", "blocking; not all of it has been seen to hold yet" },
		{ "enforced-verified",   "blocked, and seen to hold" },
		{ "message-seen",        "blocked, seen to hold, and shown to a person here" },
		{ "exempt",              "open: everybody who uses this device is exempt" },
		{ "tampered",            "somebody or something undid the block, and it was put right" },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (!is(lockdown, "standing", rows[i].standing))
			continue;
		if (is_exercise(lockdown))
			fprintf(out, "EXERCISE:   This device: shown, and nothing is blocked\n");
		else
			fprintf(out, "  This device: %s\n", rows[i].words);
	}
}

static void put_in_force(const json_t *lockdown, FILE *out)
{
	bool guard = is(lockdown, "level", "guard");

	if (is_exercise(lockdown))
		fprintf(out, "EXERCISE: this is an EXERCISE of an %s. Nothing is blocked.\n", kind_words(lockdown));
	else if (says(lockdown, "exempt"))
		fprintf(out, "An %s is in force. You are exempt from it: your posting tools are open.\n",
			kind_words(lockdown));
	else if (guard)
		fprintf(out, "A %s is in force. Posting tools are shut until you have read its instructions.\n",
			kind_words(lockdown));
	else
		fprintf(out, "%s %s is in force. Posting to the council's accounts is blocked on this device.\n",
			is(lockdown, "kind", "emergency") ? "An" : "A", kind_words(lockdown));
	put_details(lockdown, out);
	put_standing(lockdown, out);
}

static void put_scheduled(const json_t *lockdown, FILE *out)
{
	char text[HF_WALL_TEXT_SIZE];

	fprintf(out, "%s%s %s is planned; it begins by itself at %s.\n", mark(lockdown),
		is(lockdown, "kind", "emergency") ? "An" : "A", kind_words(lockdown),
		hf_wall_text(time_of(lockdown, "from"), text));
	put_details(lockdown, out);
}

static void put_released(const json_t *lockdown, const json_t *view, FILE *out)
{
	const char *m = mark(lockdown);
	char text[HF_WALL_TEXT_SIZE];

	fprintf(out, "%sALL CLEAR: the %s%s that began at %s is over.\n", m,
		is_exercise(lockdown) ? "EXERCISE of an " : "", kind_words(lockdown),
		hf_wall_text(time_of(lockdown, "from"), text));
	put_text(lockdown, text_of(lockdown, "message"), out);
	fprintf(out, "%s  Released by ", m);
	put_people(json_object_get(lockdown, "released_by"), out);
	fprintf(out, " at %s: %s\n", hf_wall_text(time_of(lockdown, "released_at"), text),
		text_of(lockdown, "release_reason"));
	if (!is_exercise(lockdown) && is(lockdown, "standing", "released-unverified") && !says(view, "waiting"))
		fprintf(out, "  This device is opening; it has not been seen to be open yet.\n");
}

static void put_lockdowns(const json_t *view, FILE *out)
{
	size_t i;
	json_t *lockdown;

	json_array_foreach(json_object_get(view, "lockdowns"), i, lockdown)
	{
		fputs("\n", out);
		if (is(lockdown, "phase", "in force"))
			put_in_force(lockdown, out);
		else if (is(lockdown, "phase", "scheduled"))
			put_scheduled(lockdown, out);
		else
			put_released(lockdown, view, out);
	}
}

static bool live_in_force(const json_t *view)
{
	size_t i;
	json_t *lockdown;

	json_array_foreach(json_object_get(view, "lockdowns"), i, lockdown)
	{
		if (is(lockdown, "phase", "in force") && !is_exercise(lockdown))
			return true;
	}
	return false;
}

/* The first line: what this person can do now. */
static void put_headline(const json_t *view, FILE *out)
{
	if (says(view, "unknown"))
		fputs("BLOCKED: this device has lost what it knew, so all posting tools are blocked until the "
		      "council's "
		      "server is heard. Nothing of yours is lost.\n",
		      out);
	else if (says(view, "waiting"))
		fprintf(out,
			"BLOCKED: an all-clear has come, but this device cannot write it down (%s), so it stays "
			"blocked. It tries "
			"again by itself; ring IT.\n",
			text_of(view, "trouble"));
	else if (!is(view, "level", "open"))
		fputs("BLOCKED: you cannot post to the council's accounts from this device now.\n", out);
	else if (live_in_force(view))
		fputs("OPEN for you: a lockdown is in force, and it does not bear on you.\n", out);
	else
		fputs("OPEN: no lockdown is in force here.\n", out);
}

/* Ids of accounts or names of tools that fit, on one line; nothing when none does. */
static void put_names(const json_t *view, const char *list, const char *name, const char *head, FILE *out)
{
	bool tools = strcmp(list, "tools") == 0;
	size_t n = 0, i;
	json_t *row;

	json_array_foreach(json_object_get(view, list), i, row)
	{
		if (tools ? is(row, "level", "open") : !says(row, "holder"))
			continue;
		fprintf(out, "%s%s", n++ == 0 ? head : ", ", text_of(row, name));
	}
	fputs(n > 0 ? "\n" : "", out);
}

static void put_shared(const json_t *view, FILE *out)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "tools"), i, row)
	{
		if (!says(row, "shared"))
			continue;
		fputs("You share this device with somebody who is blocked, and a browser cannot tell you apart: use "
		      "another "
		      "device to post on the web.\n",
		      out);
		return;
	}
}

static void put_freshness(const json_t *view, FILE *out)
{
	char text[HF_WALL_TEXT_SIZE];

	if (time_of(view, "issued").s == 0)
		fputs("The council's server has not been heard on this device yet.\n", out);
	else if (says(view, "stale"))
		fprintf(out,
			"STALE: the council's server was last heard at %s; there may be news that has not come here.\n",
			hf_wall_text(time_of(view, "issued"), text));
	else
		fprintf(out, "The council's server was last heard at %s.\n",
			hf_wall_text(time_of(view, "issued"), text));
	if (text_of(view, "trouble")[0] && !says(view, "waiting"))
		fprintf(out, "This device cannot write down what it knows (%s): ring IT.\n", text_of(view, "trouble"));
	if (!says(view, "can_report"))
		fputs("This device has lost its key and cannot report to the council: ring IT.\n", out);
}

static void put_layers(const json_t *view, FILE *out)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "layers"), i, row)
	{
		fprintf(out, "  %s: %s%s%s\n", text_of(row, "name"), text_of(row, "state"),
			text_of(row, "saw")[0] ? ", " : "", text_of(row, "saw"));
	}
}

void hf_words_view(const json_t *view, FILE *out)
{
	put_headline(view, out);
	put_shared(view, out);
	put_lockdowns(view, out);
	fputs("\n", out);
	put_names(view, "tools", "name", "Blocked here: ", out);
	put_names(view, "accounts", "id", "Accounts that you hold: ", out);
	put_freshness(view, out);
	fprintf(out, "Device %s of council %s", text_of(view, "device"), text_of(view, "council"));
	if (text_of(view, "person")[0])
		fprintf(out, ", used by you as %s", text_of(view, "person"));
	fputs(":\n", out);
	put_layers(view, out);
}
