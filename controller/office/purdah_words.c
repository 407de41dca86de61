/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences about a pre-election period.
 * Must never call a start lawful without having counted, or show the instructions otherwise than staff see them.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/instructions.h>
#include <holdfast/text.h>

#include "controller/office/period.h"
#include "controller/office/purdah_words.h"
#include "controller/office/times.h"

void hf_words_level(const struct hf_words *words, const struct hf_body *body)
{
	if (words->exercise)
		hf_words_line(words, "Were it live, its level would be %s.", hf_level_name(body->level));
	else if (body->level == HF_LEVEL_BLOCK)
		hf_words_line(words, "Level block: reading the instructions opens nothing; only the exempt can post.");
	else
		hf_words_line(words, "Level guard: on each device a tool opens to a person once that person has "
				     "acknowledged the instructions there.");
}

/* The latest lawful start by this calendar; 0 with a reason when it cannot be computed. */
static struct hf_wall latest_start(const struct hf_body *body, struct hf_period *period, struct hf_err *err)
{
	for (size_t i = 0; i < body->n_polls; i++) {
		enum hf_poll_kind kind;
		struct hf_day day;

		if (hf_day_parse(body->polls[i].day, &day) != HF_OK ||
		    hf_poll_kind_of(body->polls[i].kind, &kind) != HF_OK) {
			(void)hf_err_set(err, HF_E_ABSENT, "the kind of poll `%s` is not known here.",
					 body->polls[i].kind);
			return (struct hf_wall){0};
		}
		if (hf_period_add(period, kind, day, false, err) != HF_OK)
			return (struct hf_wall){0};
	}
	return period->from;
}

/* The calendar that the officer has at hand, or that of the package; its own polls are not taken over. */
static enum hf_rc at_hand(const struct hf_words *words, struct hf_period *ret_period, struct hf_err *err)
{
	static const struct hf_polls_wish none;
	const struct hf_period *theirs = words->view->at_hand;
	const struct hf_calendar empty = {0};

	if (!theirs)
		return hf_period_begin(words->view->office, &none, ret_period, err);
	memcpy(ret_period->also, theirs->also, sizeof(theirs->also));
	ret_period->n_also = theirs->n_also;
	ret_period->vacancy = theirs->vacancy;
	return hf_calendar_merge(&theirs->calendar, &empty, &ret_period->calendar, err);
}

static void look_at_polls(const struct hf_words *words, const struct hf_period *period)
{
	char slips[HF_PERIOD_SLIPS][HF_PERIOD_SLIP_SIZE];

	for (size_t i = 0; i < period->n_polls; i++) {
		size_t n = hf_period_slips(period, &period->polls[i], slips);

		for (size_t k = 0; k < n; k++)
			hf_words_line(words, "ATTENTION: %s: is the date right?", slips[k]);
	}
}

static void judge_start(const struct hf_words *words, const struct hf_body *body)
{
	hf_auto_period struct hf_period period = {0};
	struct hf_err why = {0};
	struct hf_wall latest = {0};
	char from[HF_TIMES_TEXT_SIZE], due[HF_TIMES_TEXT_SIZE];

	if (at_hand(words, &period, &why) == HF_OK)
		latest = latest_start(body, &period, &why);
	look_at_polls(words, &period);
	if (latest.s == 0)
		hf_words_line(words, "ATTENTION: whether it starts in time cannot be said here: %s", why.text);
	else if (body->from.s > latest.s)
		hf_words_line(
			words,
			"ATTENTION: it starts on %s, LATER THAN THE LAW ALLOWS: by the calendar here it starts by "
			"%s at the latest.",
			hf_times_text(body->from, from), hf_times_text(latest, due));
	else
		hf_words_line(words, "By the calendar here the latest lawful start is %s.", hf_times_text(latest, due));
	if (latest.s != 0 && body->until.s < period.until.s)
		hf_words_line(words, "ATTENTION: it ends before the polls close on %s.",
			      hf_times_text(period.until, due));
	if (latest.s != 0 && hf_digest_cmp(&period.calendar.version, &body->calendar) != 0)
		hf_words_line(words, "The calendar here is another version than the one that it was computed by.");
}

void hf_words_timetable(const struct hf_words *words, const struct hf_body *body)
{
	const struct hf_digest none = {0};
	char version[HF_SHORT_ID + 1];

	if (body->n_polls == 0) {
		hf_words_line(words, "It names no poll: whether it starts in time cannot be said.");
		return;
	}
	hf_words_begin(words);
	fputs(hf_text("Computed from: "), words->out);
	for (size_t i = 0; i < body->n_polls; i++)
		fprintf(words->out, hf_text("%s%s on %s"), i ? ", " : "", body->polls[i].kind, body->polls[i].day);
	if (hf_digest_cmp(&body->calendar, &none) == 0)
		fputs(hf_text(", by no calendar.\n"), words->out);
	else
		fprintf(words->out, hf_text(", by the calendar %s.\n"), hf_words_short(&body->calendar, version));
	judge_start(words, body);
}

void hf_words_instructions(const struct hf_words *words, const struct hf_body *body)
{
	hf_auto_free char *plain = NULL;
	hf_auto_free char *text = NULL;
	size_t len;

	if (!body->instructions[0])
		return;
	if (hf_instructions_plain(body->instructions, &plain, NULL) != HF_OK) {
		hf_words_text(words, hf_text("Instructions that staff must read: "), body->instructions);
		return;
	}
	len = strlen(plain);
	if (len > 0 && plain[len - 1] == '\n')
		plain[len - 1] = '\0';
	/* On lines of its own, set in like every text of somebody else. */
	if (asprintf(&text, "\n%s", plain) >= 0)
		hf_words_text(words, hf_text("Instructions that staff must read:"), text);
	else
		text = NULL;
}

static void moved(const struct hf_words *words, const char *what, struct hf_wall before, struct hf_wall after)
{
	char from[HF_TIMES_TEXT_SIZE], to[HF_TIMES_TEXT_SIZE];

	if (before.s != after.s)
		hf_words_line(words, "%s moves from %s to %s.", what, hf_times_text(before, from),
			      hf_times_text(after, to));
}

static bool same_polls(const struct hf_body *a, const struct hf_body *b)
{
	if (a->n_polls != b->n_polls || hf_digest_cmp(&a->calendar, &b->calendar) != 0)
		return false;
	for (size_t i = 0; i < a->n_polls; i++)
		if (strcmp(a->polls[i].kind, b->polls[i].kind) != 0 || strcmp(a->polls[i].day, b->polls[i].day) != 0)
			return false;
	return true;
}

void hf_words_moved(const struct hf_words *words, const struct hf_body *before, const struct hf_body *after)
{
	moved(words, hf_text("The start"), before->from, after->from);
	moved(words, hf_text("The end"), before->until, after->until);
	if (strcmp(before->instructions, after->instructions) != 0)
		hf_words_line(words, "The instructions change: everybody is asked to read them again.");
	if (!same_polls(before, after))
		hf_words_line(words, "The timetable is restated.");
}
