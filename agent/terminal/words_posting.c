/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences about the posting of a holding message.
 * Must never tell anybody but the named poster to post, nor let an exercise be read as the real thing.
 */
#include <holdfast/text.h>

#include "agent/terminal/words_posting.h"

#include "agent/terminal/words_inside.h"

const json_t *hf_words_posting_of(const json_t *view, const char *account, const char *lockdown)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "accounts"), i, row)
	{
		const json_t *posting = json_object_get(row, "posting");

		if (hf_said_is(row, "id", account) && json_is_object(posting) &&
		    (!lockdown || hf_said_is(posting, "lockdown", lockdown)))
			return posting;
	}
	return NULL;
}

bool hf_words_posting_open(const json_t *view)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "accounts"), i, row)
	{
		const json_t *posting = json_object_get(row, "posting");

		if (hf_said_true(posting, "you") && hf_said_is(posting, "state", "open") &&
		    hf_said_is(posting, "mode", "live"))
			return true;
	}
	return false;
}

/* What has been done, in words that fit both "you" and a name. */
static const char *done_words(const json_t *posting)
{
	/* clang-format off */
	static const struct { const char *state, *you, *other; } rows[] = {
		{ "claimed",   HF_TEXT("You have asked for the posting window; it is not open yet."), HF_TEXT("has asked for the posting window; it is not open yet.") },
		{ "open",      HF_TEXT("Your posting window is open."), HF_TEXT("has the posting window open now.") },
		{ "ended",     HF_TEXT("Your posting window is over."), HF_TEXT("had the posting window; it is over, and nobody has said yet whether it is posted.") },
		{ "cannot",    HF_TEXT("You have said that you cannot post it."), HF_TEXT("has said that they cannot post it.") },
		{ "posted",    HF_TEXT("You have said that it is posted."), HF_TEXT("has posted it.") },
		{ "elsewhere", HF_TEXT("You have the posting window on your other device."), HF_TEXT("has the posting window.") },
	};
	/* clang-format on */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (hf_said_is(posting, "state", rows[i].state))
			return hf_said_true(posting, "you") ? hf_text(rows[i].you) : hf_text(rows[i].other);
	}
	return hf_said_true(posting, "you") ? hf_text("You have not opened the posting window yet.")
					    : hf_text("has not begun yet.");
}

static void put_when(const json_t *posting, FILE *out)
{
	if (hf_said_time(posting, "at").s == 0)
		return;
	fprintf(out, hf_text("%s      Since "), hf_words_mark(posting));
	hf_words_time(hf_said_time(posting, "at"), out);
	if (hf_said_text(posting, "device")[0])
		fprintf(out, hf_text(", on the device %s"), hf_said_text(posting, "device"));
	fputs(".\n", out);
	if (hf_said_text(posting, "post")[0])
		fprintf(out, hf_text("%s      The post: %s\n"), hf_words_mark(posting), hf_said_text(posting, "post"));
}

static void put_left(const json_t *posting, FILE *out)
{
	long long left = (long long)hf_said_time(posting, "left_s").s;

	fprintf(out, hf_text("%s      %lld:%02lld minutes are left; it shuts by itself.\n"), hf_words_mark(posting),
		left / 60, left % 60);
}

/* What the named poster can do now. */
static void put_todo(const json_t *posting, const char *account, bool open, const char *contact, FILE *out)
{
	const char *m = hf_words_mark(posting);
	bool drill = hf_said_exercise(posting);

	if (hf_said_is(posting, "state", "asked") && open && !drill)
		fprintf(out,
			hf_text("      Post it now, once, and nothing else; then: holdfast-agent posted %s (or: cannot "
				"%s)\n"),
			account, account);
	else if (hf_said_is(posting, "state", "asked") || hf_said_is(posting, "state", "claimed"))
		fprintf(out, hf_text("%s      Open it for %lld minutes: holdfast-agent pass %s (or: cannot %s)\n"), m,
			(long long)hf_said_time(posting, "minutes").s, account, account);
	else if (hf_said_is(posting, "state", "open") || hf_said_is(posting, "state", "ended"))
		fprintf(out, hf_text("%s      %s holdfast-agent posted %s (or: cannot %s)\n"), m,
			drill				       ? hf_text("Post nothing, this is an exercise; then:")
			: hf_said_is(posting, "state", "open") ? hf_text("Post it now, once, and nothing else; then:")
							       : hf_text("It opens only once. If you have posted it:"),
			account, account);
	if (contact[0] && (hf_said_is(posting, "state", "ended") || hf_said_is(posting, "state", "cannot") ||
			   hf_said_is(posting, "state", "elsewhere")))
		fprintf(out, hf_text("%s      Whom to ring: %s\n"), m, contact);
}

void hf_words_posting(const json_t *posting, const char *account, bool open, const char *contact, FILE *out)
{
	const char *m = hf_words_mark(posting);
	char who[HF_SAID_PERSON_SIZE];

	if (!hf_said_true(posting, "you")) {
		fprintf(out, hf_text("%s      Its named poster is %s; nobody else posts it.\n"), m,
			hf_said_person(posting, "poster", who));
		fprintf(out, "%s" IN "%s %s\n", m, hf_said_person(posting, "poster", who), done_words(posting));
		put_when(posting, out);
		return;
	}
	fprintf(out, hf_text("%s      You are its named poster.%s %s\n"), m,
		hf_said_exercise(posting) ? hf_text(" Post nothing: this is an exercise.") : "",
		hf_said_is(posting, "state", "asked") && open ? hf_text("Your posting tools are open.")
							      : done_words(posting));
	put_when(posting, out);
	if (hf_said_is(posting, "state", "open"))
		put_left(posting, out);
	put_todo(posting, account, open, contact, out);
}
