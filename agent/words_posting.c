/* SPDX-License-Identifier: MIT */
/* Owns the sentences about the posting of a holding message. */
/* Room agent; pure. */
/* Must never tell anybody but the named poster to post, nor let an exercise be read as the real thing. */
#include "agent/words_posting.h"

#include "agent/words_inside.h"

#define IN "      "

const json_t *hf_words_posting_of(const json_t *view, const char *account, const char *lockdown)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "accounts"), i, row)
	{
		const json_t *posting = json_object_get(row, "posting");

		if (is(row, "id", account) && json_is_object(posting) &&
		    (!lockdown || is(posting, "lockdown", lockdown)))
			return posting;
	}
	return NULL;
}

/* What has been done, in words that fit both "you" and a name. */
static const char *done_words(const json_t *posting)
{
	/* clang-format off */
	static const struct { const char *state, *you, *other; } rows[] = {
		{ "claimed",   "You have asked for the posting window; it is not open yet.", "has asked for the posting window; it is not open yet." },
		{ "open",      "Your posting window is open.", "has the posting window open now." },
		{ "ended",     "Your posting window is over.", "had the posting window; it is over, and nobody has said yet whether it is posted." },
		{ "cannot",    "You have said that you cannot post it.", "has said that they cannot post it." },
		{ "posted",    "You have said that it is posted.", "has posted it." },
		{ "elsewhere", "You have the posting window on your other device.", "has the posting window." },
	};
	/* clang-format on */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (is(posting, "state", rows[i].state))
			return says(posting, "you") ? rows[i].you : rows[i].other;
	}
	return says(posting, "you") ? "You have not opened the posting window yet." : "has not begun yet.";
}

static void put_when(const json_t *posting, FILE *out)
{
	if (time_of(posting, "at").s == 0)
		return;
	fprintf(out, "%s" IN "Since ", mark(posting));
	hf_words_time(time_of(posting, "at"), out);
	if (text_of(posting, "device")[0])
		fprintf(out, ", on the device %s", text_of(posting, "device"));
	fputs(".\n", out);
	if (text_of(posting, "post")[0])
		fprintf(out, "%s" IN "The post: %s\n", mark(posting), text_of(posting, "post"));
}

static void put_left(const json_t *posting, FILE *out)
{
	long long left = (long long)time_of(posting, "left_s").s;

	fprintf(out, "%s" IN "%lld:%02lld minutes are left; it shuts by itself.\n", mark(posting), left / 60,
		left % 60);
}

/* What the named poster can do now. */
static void put_todo(const json_t *posting, const char *account, bool open, const char *contact, FILE *out)
{
	const char *m = mark(posting);
	bool drill = is_exercise(posting);

	if (is(posting, "state", "asked") && open && !drill)
		fprintf(out, IN "Post it now, once, and nothing else; then: holdfast-agent posted %s (or: cannot %s)\n",
			account, account);
	else if (is(posting, "state", "asked") || is(posting, "state", "claimed"))
		fprintf(out, "%s" IN "Open it for %lld minutes: holdfast-agent pass %s (or: cannot %s)\n", m,
			(long long)time_of(posting, "minutes").s, account, account);
	else if (is(posting, "state", "open") || is(posting, "state", "ended"))
		fprintf(out, "%s" IN "%s holdfast-agent posted %s (or: cannot %s)\n", m,
			drill			       ? "Post nothing, this is an exercise; then:"
			: is(posting, "state", "open") ? "Post it now, once, and nothing else; then:"
						       : "It opens only once. If you have posted it:",
			account, account);
	if (is(posting, "state", "ended") || is(posting, "state", "cannot") || is(posting, "state", "elsewhere"))
		fprintf(out, "%s" IN "Whom to ring: %s\n", m, contact);
}

void hf_words_posting(const json_t *posting, const char *account, bool open, const char *contact, FILE *out)
{
	const char *m = mark(posting);

	if (!says(posting, "you")) {
		fprintf(out, "%s" IN "Its named poster is %s; nobody else posts it.\n", m, text_of(posting, "poster"));
		fprintf(out, "%s" IN "%s %s\n", m, text_of(posting, "poster"), done_words(posting));
		put_when(posting, out);
		return;
	}
	fprintf(out, "%s" IN "You are its named poster.%s %s\n", m,
		is_exercise(posting) ? " Post nothing: this is an exercise." : "",
		is(posting, "state", "asked") && open ? "Your posting tools are open." : done_words(posting));
	put_when(posting, out);
	if (is(posting, "state", "open"))
		put_left(posting, out);
	put_todo(posting, account, open, contact, out);
}
