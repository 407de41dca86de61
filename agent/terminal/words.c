/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences that a person at a device reads.
 * Must never let an exercise be read as the real thing, nor a block go without whom to ring.
 */
#include "agent/terminal/words.h"

#include <stdbool.h>
#include <string.h>

#include <holdfast/instructions.h>
#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/time.h>

#include "agent/terminal/words_inside.h"
#include "agent/terminal/words_posting.h"

/* The first characters of an id: enough to name one of a council's lockdowns. */
static void put_id(const json_t *row, const char *member, FILE *out)
{
	fprintf(out, "%.8s", hf_said_text(row, member));
}

/* "comms-1 and monitoring-1" */
static void put_people(const json_t *list, FILE *out)
{
	size_t n = json_array_size(list);

	if (n == 0)
		fputs(hf_text("the council's root officers"), out);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : i + 1 == n ? hf_text(" and ") : ", ", out);
		fputs(json_string_value(json_array_get(list, i)), out);
	}
}

static void put_list(const json_t *list, FILE *out)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		fprintf(out, "%s%s", i == 0 ? "" : ", ", json_string_value(json_array_get(list, i)));
}

/* One that another lockdown's message stands before is told by its text alone. */
static void put_holding(const json_t *lockdown, const json_t *view, FILE *out)
{
	const char *m = hf_words_mark(lockdown);
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(lockdown, "holding"), i, row)
	{
		char who[HF_SAID_PERSON_SIZE];
		const char *account = hf_said_text(row, "account");
		const json_t *posting = hf_words_posting_of(view, account, hf_said_text(lockdown, "id"));

		fprintf(out, hf_text("%s  The holding message of %s:\n"), m, account);
		hf_words_lines(lockdown, IN, hf_said_text(row, "text"), out);
		if (posting)
			hf_words_posting(posting, account, hf_said_true(lockdown, "exempt"),
					 hf_said_text(lockdown, "contact"), out);
		else if (!hf_said_true(row, "you"))
			fprintf(out, hf_text("%s      Its named poster is %s; nobody else posts it.\n"), m,
				hf_said_person(row, "poster", who));
		else if (hf_said_exercise(lockdown))
			fprintf(out, hf_text("%s      You are its named poster. Post nothing: this is an exercise.\n"),
				m);
		else
			fprintf(out, hf_text("      You are its named poster: ring %s before you post it.\n"),
				hf_said_text(lockdown, "contact"));
	}
}

static void put_scope(const json_t *lockdown, FILE *out)
{
	const json_t *accounts = json_object_get(lockdown, "accounts");
	const char *first = json_string_value(json_array_get(accounts, 0));

	fprintf(out, hf_text("%s  Accounts: "), hf_words_mark(lockdown));
	if (first && strcmp(first, "*") == 0)
		fputs(hf_text("every account of the council"), out);
	else
		put_list(accounts, out);
	fputs("\n", out);
}

/* The election officer's text is opened by a command of its own, which knows who has; an emergency's stands here. */
static void put_instructions(const json_t *lockdown, FILE *out)
{
	const char *m = hf_words_mark(lockdown);
	hf_auto_free char *plain = NULL;

	if (!hf_said_text(lockdown, "instructions")[0])
		return;
	if (hf_said_is(lockdown, "kind", "emergency")) {
		fprintf(out, hf_text("%s  Instructions:\n"), m);
		if (hf_instructions_plain(hf_said_text(lockdown, "instructions"), &plain, NULL) == HF_OK)
			hf_words_lines(lockdown, IN, plain, out);
		return;
	}
	fprintf(out, hf_text("%s  Instructions: `holdfast-agent instructions "), m);
	put_id(lockdown, "id", out);
	fputs("`", out);
	if (hf_said_time(lockdown, "acknowledged").s > 0) {
		fputs(hf_text("; you acknowledged them at "), out);
		hf_words_time(hf_said_time(lockdown, "acknowledged"), out);
	} else if (hf_said_true(lockdown, "asked")) {
		fputs(hf_text("; you have not acknowledged them yet: `holdfast-agent acknowledge "), out);
		put_id(lockdown, "id", out);
		fputs("`", out);
	}
	fputs("\n", out);
}

static void put_details(const json_t *lockdown, const json_t *view, FILE *out)
{
	const char *m = hf_words_mark(lockdown);
	struct hf_wall until = hf_said_time(lockdown, "until");

	fprintf(out, hf_text("%s  Why: %s\n"), m, hf_said_text(lockdown, "reason"));
	put_scope(lockdown, out);
	fprintf(out, "%s  %s: ", m, hf_said_is(lockdown, "phase", "scheduled") ? hf_text("From") : hf_text("Since"));
	hf_words_time(hf_said_begin(lockdown), out);
	fprintf(out, hf_text("\n%s  By: "), m);
	put_people(hf_said_people(lockdown, "raised_by"), out);
	if (json_object_get(lockdown, "changed_by")) {
		fputs(hf_text("; changed by "), out);
		put_people(hf_said_people(lockdown, "changed_by"), out);
	}
	fprintf(out, hf_text("\n%s  Until: "), m);
	if (until.s == 0)
		fputs(hf_text("the council's all-clear"), out);
	else
		hf_words_time(until, out);
	fprintf(out, hf_text("\n%s  Whom to ring: %s\n"), m, hf_said_text(lockdown, "contact"));
	put_instructions(lockdown, out);
	put_holding(lockdown, view, out);
}

/* How far this device has come, for the person and for whoever helps them. */
static void put_standing(const json_t *lockdown, FILE *out)
{
	/* clang-format off */
	static const struct { const char *standing, *words; bool blocks; } rows[] = {
		{ "received",            HF_TEXT("heard; not in force on this device yet, or nothing could be blocked here"), false },
		{ "enforced-unverified", HF_TEXT("blocking; not all of it has been seen to hold yet"), true },
		{ "enforced-verified",   HF_TEXT("blocked, and seen to hold"), true },
		{ "message-seen",        HF_TEXT("blocked, seen to hold, and shown to a person here"), true },
		{ "exempt",              HF_TEXT("open: everybody who uses this device is exempt"), false },
		{ "tampered",            HF_TEXT("somebody or something undid the block, and it was put right"), true },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (!hf_said_is(lockdown, "standing", rows[i].standing))
			continue;
		if (hf_said_exercise(lockdown))
			fprintf(out, hf_text("EXERCISE:   This device: shown, and nothing is blocked\n"));
		else
			fprintf(out, hf_text("  This device: %s%s\n"), hf_text(rows[i].words),
				rows[i].blocks && hf_said_is(lockdown, "level", "guard")
					? hf_text(" (for everybody who has not acknowledged)")
					: "");
	}
}

/* One pre-election period with instructions that open, by what they mean for this person (policy D10). */
static void put_guarded(const json_t *lockdown, bool person, FILE *out)
{
	const char *kind = hf_said_kind(lockdown);

	if (!hf_said_true(lockdown, "yours"))
		fprintf(out,
			hf_text("A %s is in force. It bears on accounts that you do not hold: it shuts nothing of "
				"yours.\n"),
			kind);
	else if (hf_said_true(lockdown, "to_read") && person)
		fprintf(out,
			hf_text("A %s is in force. Posting tools are shut for you until you have read and acknowledged "
				"its instructions.\n"),
			kind);
	else if (hf_said_true(lockdown, "to_read"))
		fprintf(out,
			hf_text("A %s is in force. Posting tools are shut for each person of this device until that "
				"person has read and acknowledged its instructions.\n"),
			kind);
	else
		fprintf(out,
			hf_text("A %s is in force. You have acknowledged its instructions: it shuts nothing of "
				"yours.\n"),
			kind);
}

static void put_in_force(const json_t *lockdown, const json_t *view, FILE *out)
{
	if (hf_said_exercise(lockdown))
		fprintf(out, hf_text("EXERCISE: this is an EXERCISE of %s %s. Nothing is blocked.\n"),
			hf_said_article(lockdown, false), hf_said_kind(lockdown));
	else if (hf_said_true(lockdown, "glass"))
		fprintf(out, hf_text("%s %s is in force. This device is open for a while all the same, by the halves of two officers.\n"),
			hf_said_article(lockdown, true), hf_said_kind(lockdown));
	else if (hf_said_true(lockdown, "exempt"))
		fprintf(out, hf_text("%s %s is in force. You are exempt from it: your posting tools are open.\n"),
			hf_said_article(lockdown, true), hf_said_kind(lockdown));
	else if (hf_said_is(lockdown, "level", "guard"))
		put_guarded(lockdown, hf_said_text(view, "person")[0], out);
	else
		fprintf(out,
			hf_text("%s %s is in force. Posting to the council's accounts is blocked on this device.\n"),
			hf_said_article(lockdown, true), hf_said_kind(lockdown));
	put_details(lockdown, view, out);
	put_standing(lockdown, out);
}

static void put_scheduled(const json_t *lockdown, const json_t *view, FILE *out)
{
	const char *m = hf_words_mark(lockdown);

	fprintf(out, hf_text("%s%s %s is planned; it begins by itself at "), m,
		hf_said_exercise(lockdown) ? hf_text("an EXERCISE of a") : hf_said_article(lockdown, true),
		hf_said_kind(lockdown));
	hf_words_time(hf_said_time(lockdown, "from"), out);
	if (hf_said_exercise(lockdown))
		fputs(hf_text(". Nothing will be blocked.\n"), out);
	else if (hf_said_is(lockdown, "level", "guard"))
		fputs(hf_text(". From then on posting tools open for those who have acknowledged its instructions.\n"),
		      out);
	else
		fputs(hf_text(". From then on posting is blocked.\n"), out);
	put_details(lockdown, view, out);
}

static void put_released(const json_t *lockdown, const json_t *view, FILE *out)
{
	const char *m = hf_words_mark(lockdown);
	bool cancelled = hf_said_true(lockdown, "cancelled");

	fprintf(out, hf_text("%s%s: the "), m, cancelled ? hf_text("CANCELLED") : hf_text("ALL CLEAR"));
	if (hf_said_exercise(lockdown))
		fprintf(out, hf_text("EXERCISE of %s "), hf_said_article(lockdown, false));
	fprintf(out, hf_text("%s that %s at "), hf_said_kind(lockdown),
		cancelled ? hf_text("was to begin") : hf_text("began"));
	hf_words_time(hf_said_begin(lockdown), out);
	fprintf(out, " %s.\n", cancelled ? hf_text("will not begin") : hf_text("is over"));
	hf_words_lines(lockdown, IN, hf_said_text(lockdown, "message"), out);
	fprintf(out, hf_text("%s  %s by "), m, cancelled ? hf_text("Cancelled") : hf_text("Released"));
	put_people(hf_said_people(lockdown, "released_by"), out);
	fputs(hf_text(", in an order written at "), out);
	hf_words_time(hf_said_time(lockdown, "released_at"), out);
	fprintf(out, ": %s\n", hf_said_text(lockdown, "release_reason"));
	if (!hf_said_exercise(lockdown) && hf_said_is(lockdown, "standing", "released-unverified") && !cancelled &&
	    hf_said_all_open(view))
		fprintf(out, hf_text("  This device is opening; it has not been seen to be open yet.\n"));
}

/* In the order of the view, which is that of importance; of what is over the newest alone. */
static void put_lockdowns(const json_t *view, FILE *out)
{
	const json_t *clear = hf_said_clear(view, NULL, NULL);
	size_t i;
	json_t *lockdown;

	json_array_foreach(json_object_get(view, "lockdowns"), i, lockdown)
	{
		bool over = hf_said_is(lockdown, "phase", "released");

		if (over && lockdown != clear)
			continue;
		fputs("\n", out);
		if (over)
			put_released(lockdown, view, out);
		else if (hf_said_is(lockdown, "phase", "in force"))
			put_in_force(lockdown, view, out);
		else
			put_scheduled(lockdown, view, out);
	}
}

static void put_count(json_int_t n, const char *one, const char *many, FILE *out)
{
	if (n == 1)
		fputs(one, out);
	else
		fprintf(out, "%lld %s", (long long)n, many);
}

/* Holds stack: the end of one is not the end of the others. */
static void put_together(const json_t *view, FILE *out)
{
	json_int_t emergencies = hf_said_in_force(view, "emergency"), purdahs = hf_said_in_force(view, "purdah");

	if (emergencies + purdahs < 2)
		return;
	fputs(hf_text("In force together: "), out);
	if (emergencies > 0)
		put_count(emergencies, hf_text("an emergency lockdown"), hf_text("emergency lockdowns"), out);
	if (emergencies > 0 && purdahs > 0)
		fputs(hf_text(" and "), out);
	if (purdahs > 0)
		put_count(purdahs, hf_text("a pre-election period (purdah)"), hf_text("pre-election periods (purdah)"),
			  out);
	fputs(hf_text("; the end of one does not end the others.\n"), out);
}

/* An approaching pre-election period is announced, so that nobody finds their tools shut one morning. */
static void put_coming(const json_t *view, FILE *out)
{
	size_t i;
	json_t *lockdown;

	json_array_foreach(json_object_get(view, "lockdowns"), i, lockdown)
	{
		if (!hf_said_is(lockdown, "phase", "scheduled") || hf_said_exercise(lockdown))
			continue;
		fprintf(out, hf_text("COMING: %s %s begins at "), hf_said_article(lockdown, false),
			hf_said_kind(lockdown));
		hf_words_time(hf_said_begin(lockdown), out);
		fputs(hf_said_true(lockdown, "to_read")
			      ? hf_text("; acknowledge its instructions before, and your tools stay open.\n")
			      : ".\n",
		      out);
	}
}

/* The first of those whose orders are more than their share. */
static const char *over_person(const json_t *view, char who[HF_SAID_PERSON_SIZE])
{
	return hf_said_person(json_array_get(json_object_get(view, "over"), 0), "person", who);
}

/* The first line: what this person can do now. */
static void put_headline(const json_t *view, FILE *out)
{
	char shut[HF_SAID_SHUT_SIZE], who[HF_SAID_PERSON_SIZE];

	if (hf_said_true(view, "moved"))
		fputs(hf_text("BLOCKED: what this device knows was made on another machine, so all posting tools are "
			      "blocked until IT enrols this device anew. Nothing of yours is lost.\n"),
		      out);
	else if (hf_said_true(view, "unknown") && hf_said_is(view, "level", "open"))
		fputs(hf_text("Open for you, a designated officer: this device has lost what it knew, so all posting "
			      "tools are blocked for everybody else until two of the council's officers say what is in "
			      "force. Ring IT.\n"),
		      out);
	else if (hf_said_true(view, "unknown"))
		fputs(hf_text("BLOCKED: this device has lost what it knew, so all posting tools are blocked until two "
			      "of the council's officers say what is in force. Ring IT. Nothing of yours is lost.\n"),
		      out);
	else if (json_array_size(json_object_get(view, "over")) > 0)
		fprintf(out,
			hf_text("BLOCKED: %s is over: there are more orders of %s than one person's share, so all "
				"posting tools are blocked until two officers release them.\n"),
			over_person(view, who), over_person(view, who));
	else if (hf_said_true(view, "waiting"))
		fprintf(out,
			hf_text("BLOCKED: an all-clear has come, but this device cannot write it down (%s), so it "
				"stays blocked. It tries again by itself; ring IT.\n"),
			hf_said_text(view, "trouble"));
	else if (hf_said_is(view, "level", "guard") && hf_said_text(view, "person")[0])
		fputs(hf_text("BLOCKED until you have read and acknowledged the instructions of the pre-election "
			      "period (purdah): holdfast-agent acknowledge\n"),
		      out);
	else if (hf_said_is(view, "level", "guard"))
		fputs(hf_text("BLOCKED for each person of this device until that person has read and acknowledged the "
			      "instructions of the pre-election period (purdah).\n"),
		      out);
	else if (!hf_said_is(view, "level", "open") && hf_words_posting_open(view))
		fputs(hf_text("BLOCKED, but for your posting window, which is open now.\n"), out);
	else if (!hf_said_is(view, "level", "open") && hf_said_shut(view, shut))
		fprintf(out,
			hf_text("BLOCKED for %s: you cannot post there from this device now. Your other accounts are "
				"open.\n"),
			shut);
	else if (!hf_said_is(view, "level", "open"))
		fputs(hf_text("BLOCKED: you cannot post to the council's accounts from this device now.\n"), out);
	else if (hf_said_live(view) && hf_said_shared(view))
		fputs(hf_text("OPEN for you, but not on the web: you share this device with somebody who is blocked, "
			      "and a browser cannot tell you apart. Use another device to post on the web.\n"),
		      out);
	else if (hf_said_live(view))
		fputs(hf_text("OPEN for you: what is in force here leaves your posting tools open.\n"), out);
	else
		fputs(hf_text("OPEN: no lockdown is in force here.\n"), out);
}

/* Ids of accounts or names of tools that fit, on one line; nothing when none does. */
static void put_names(const json_t *view, const char *list, const char *name, const char *head, FILE *out)
{
	bool tools = strcmp(list, "tools") == 0;
	size_t n = 0, i;
	json_t *row;

	json_array_foreach(json_object_get(view, list), i, row)
	{
		if (tools ? hf_said_is(row, "level", "open") : !hf_said_true(row, "holder"))
			continue;
		fprintf(out, "%s%s", n++ == 0 ? head : ", ", hf_said_text(row, name));
	}
	fputs(n > 0 ? "\n" : "", out);
}

static void put_shared(const json_t *view, FILE *out)
{
	if (hf_said_shared(view) && !(hf_said_is(view, "level", "open") && hf_said_live(view)))
		fputs(hf_text("You share this device with somebody who is blocked, and a browser cannot tell you "
			      "apart: use another device to post on the web.\n"),
		      out);
}

static void put_freshness(const json_t *view, FILE *out)
{
	bool stale = hf_said_true(view, "stale");

	if (hf_said_time(view, "issued").s == 0) {
		fputs(hf_text("The council's server has not been heard on this device yet.\n"), out);
	} else {
		fprintf(out, hf_text("%she council's server was last heard at "), stale ? hf_text("STALE: t") : "T");
		hf_words_time(hf_said_time(view, "issued"), out);
		fputs(stale ? hf_text("; there may be news that has not come here.\n") : ".\n", out);
	}
	if (hf_said_text(view, "trouble")[0] && !hf_said_true(view, "waiting"))
		fprintf(out, hf_text("This device cannot write down what it knows (%s): ring IT.\n"),
			hf_said_text(view, "trouble"));
	if (!hf_said_true(view, "can_report"))
		fputs(hf_text("This device has lost its key and cannot report to the council: ring IT.\n"), out);
}

static void put_layers(const json_t *view, FILE *out)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "layers"), i, row)
	{
		fprintf(out, "  %s: %s%s%s\n", hf_said_text(row, "name"), hf_said_text(row, "state"),
			hf_said_text(row, "saw")[0] ? ", " : "", hf_said_text(row, "saw"));
	}
}

static void put_attention(const json_t *view, FILE *out)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "attention"), i, row)
	{
		if (json_is_string(row))
			fprintf(out, hf_text("ATTENTION: %s.\n"), json_string_value(row));
	}
}

void hf_words_headline(const json_t *view, FILE *out)
{
	put_headline(view, out);
	put_attention(view, out);
	put_shared(view, out);
	put_together(view, out);
	if (hf_said_text(view, "reminder")[0])
		fprintf(out, hf_text("REMINDER: %s\n"), hf_said_text(view, "reminder"));
	put_coming(view, out);
}

/* What this person has done about it, and what is to do. */
static void put_progress(const json_t *reading, const char *person, FILE *out)
{
	const char *m = hf_words_mark(reading);

	if (!person) {
		fprintf(out,
			hf_text("%sYou are none of the people of this device, so you cannot acknowledge them here.\n"),
			m);
	} else if (hf_said_time(reading, "acknowledged").s > 0) {
		fprintf(out, hf_text("%sYou acknowledged them at "), m);
		hf_words_time(hf_said_time(reading, "acknowledged"), out);
		fputs(".\n", out);
	} else if (hf_said_true(reading, "asked")) {
		fprintf(out, hf_text("%sYou have not acknowledged them yet: holdfast-agent acknowledge "), m);
		put_id(reading, "lockdown", out);
		fputs("\n", out);
	}
}

enum hf_rc hf_words_reading(const json_t *reading, const char *person, FILE *out, struct hf_err *err)
{
	const char *m = hf_words_mark(reading);
	hf_auto_free char *plain = NULL;
	enum hf_rc rc = hf_instructions_plain(hf_said_text(reading, "instructions"), &plain, err);

	if (rc != HF_OK)
		return rc;
	fprintf(out, hf_text("%sInstructions of the %s "), m, hf_said_kind(reading));
	put_id(reading, "lockdown", out);
	fprintf(out, hf_text(", %s\n%sFrom "), hf_said_text(reading, "phase"), m);
	hf_words_time(hf_said_begin(reading), out);
	if (hf_said_time(reading, "until").s > 0) {
		fputs(hf_text(" until "), out);
		hf_words_time(hf_said_time(reading, "until"), out);
	}
	fprintf(out, hf_text("\n%sWhy: %s\n%sWhom to ring: %s\n%s\n"), m, hf_said_text(reading, "reason"), m,
		hf_said_text(reading, "contact"), m);
	hf_words_lines(reading, "", plain, out);
	fprintf(out, "%s\n", m);
	put_progress(reading, person, out);
	return HF_OK;
}

void hf_words_view(const json_t *view, FILE *out)
{
	char who[HF_SAID_PERSON_SIZE];

	hf_words_headline(view, out);
	put_lockdowns(view, out);
	fputs("\n", out);
	put_names(view, "tools", "name", hf_text("Blocked here: "), out);
	put_names(view, "accounts", "id", hf_text("Accounts that you hold: "), out);
	put_freshness(view, out);
	fprintf(out, hf_text("Device %s of council %s"), hf_said_text(view, "device"), hf_said_text(view, "council"));
	if (hf_said_text(view, "person")[0])
		fprintf(out, hf_text(", used by you as %s"), hf_said_person(view, "person", who));
	fputs(":\n", out);
	put_layers(view, out);
}
