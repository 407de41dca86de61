/* SPDX-License-Identifier: MIT */
/*
 * Owns the command that marks words in a person's own draft.
 * Must never let the draft leave this process.
 */
#include "agent/terminal/check_draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/draft.h>
#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/text.h>

#include "agent/talk/draft_words.h"
#include "agent/talk/people.h"
#include "agent/terminal/out.h"
#include "agent/terminal/words_inside.h"

struct draft {
	char *text;
	size_t len;
	struct hf_draft_words *words;
	struct hf_draft_marks marks;
};

static void draft_done(struct draft *draft)
{
	if (draft->text)
		explicit_bzero(draft->text, draft->len);
	free(draft->text);
	hf_draft_words_free(&draft->words);
	hf_draft_marks_done(&draft->marks);
}

static enum hf_rc read_text(const char *path, struct draft *draft, struct hf_err *err)
{
	if (path)
		return hf_fs_read(path, HF_DRAFT_MAX, &draft->text, &draft->len, err);
	if (isatty(STDIN_FILENO))
		fputs(hf_text("Write or paste your draft, then press Ctrl-D on a line of its own.\n"), stderr);
	return hf_fs_read_fd(STDIN_FILENO, HF_DRAFT_MAX, &draft->text, &draft->len, err);
}

/* The line of a mark, found from that of the mark before: a long draft with many marks is walked through once. */
struct place {
	size_t at, line;
};

static size_t line_of(const struct draft *draft, size_t at, struct place *place)
{
	for (; place->at < at; place->at++)
		place->line += draft->text[place->at] == '\n';
	return place->line;
}

/* Shown on a terminal it must not act as anything but text. */
static void put_clean(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		putchar((unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i]);
}

static void put_line(const struct draft *draft, size_t at, size_t line)
{
	size_t begin = at, end = at;

	while (begin > 0 && draft->text[begin - 1] != '\n')
		begin--;
	while (end < draft->len && draft->text[end] != '\n')
		end++;
	printf(hf_text("Line %zu: "), line);
	put_clean(draft->text + begin, end - begin);
	putchar('\n');
}

static void put_marks(const struct draft *draft)
{
	struct place place = {0, 1};
	size_t last = 0;

	for (size_t i = 0; i < draft->marks.n; i++) {
		const struct hf_draft_mark *mark = &draft->marks.v[i];
		const struct hf_word *word = hf_draft_word(draft->words, mark->word);
		size_t line = line_of(draft, mark->at, &place);

		if (line != last)
			put_line(draft, mark->at, line);
		last = line;
		fputs("    \"", stdout);
		put_clean(draft->text + mark->at, mark->len);
		printf("\": %s (%s)\n", hf_draft_why(word->kind), word->text);
	}
}

static void put_period(const json_t *answer)
{
	if (hf_said_is(answer, "period", "in force")) {
		fputs(hf_text("A pre-election period (purdah) is in force until "), stdout);
		hf_words_time(hf_said_time(answer, "until"), stdout);
	} else if (hf_said_is(answer, "period", "scheduled")) {
		fputs(hf_text("A pre-election period (purdah) is planned; it begins at "), stdout);
		hf_words_time(hf_said_time(answer, "from"), stdout);
	} else {
		fputs(hf_text("No pre-election period (purdah) is in force or planned on this device"), stdout);
	}
	puts(".");
}

static void put_words(const struct draft *draft, const json_t *answer)
{
	put_period(answer);
	put_marks(draft);
	if (json_array_size(json_object_get(answer, "words")) == 0)
		puts(hf_text(
			"The council's register names no words that need a second look, so nothing can be marked."));
	else if (draft->marks.n == 0)
		puts(hf_text("Nothing in your draft needs a second look by the council's list of words."));
	else
		printf(hf_text_n("%zu place: look whether it belongs in a post now. You decide, not this list.\n",
				 "%zu places: look whether each belongs in a post now. You decide, not this list.\n",
				 draft->marks.n),
		       draft->marks.n);
	puts(hf_text("Your draft was looked at by this program alone: it was not sent anywhere and is not kept."));
}

static json_t *mark_row(const struct draft *draft, const struct hf_draft_mark *mark, size_t line)
{
	const struct hf_word *word = hf_draft_word(draft->words, mark->word);

	return json_pack("{s:I, s:I, s:I, s:s%, s:s, s:s, s:s}", "at", (json_int_t)mark->at, "len",
			 (json_int_t)mark->len, "line", (json_int_t)line, "text", draft->text + mark->at, mark->len,
			 "word", word->text, "kind", hf_word_kind_name(word->kind), "why", hf_draft_why(word->kind));
}

static enum hf_rc put_json(const struct draft *draft, const json_t *answer, struct hf_err *err)
{
	hf_auto_json json_t *marks = json_array(), *said = NULL;
	struct place place = {0, 1};

	for (size_t i = 0; marks && i < draft->marks.n; i++) {
		const struct hf_draft_mark *mark = &draft->marks.v[i];

		if (json_array_append_new(marks, mark_row(draft, mark, line_of(draft, mark->at, &place))) != 0)
			return hf_err_set(err, HF_E_MEMORY, "no memory for the marks");
	}
	said = json_pack("{s:O, s:O, s:O, s:O, s:O, s:i}", "period", json_object_get(answer, "period"), "from",
			 json_object_get(answer, "from"), "until", json_object_get(answer, "until"), "register_version",
			 json_object_get(answer, "register_version"), "marks", marks, "words",
			 (int)json_array_size(json_object_get(answer, "words")));
	if (!said)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the marks");
	return hf_out_json(said, err);
}

enum hf_rc hf_check_draft(const char *socket, const char *path, bool json, struct hf_err *err)
{
	__attribute__((cleanup(draft_done))) struct draft draft = {.text = NULL};
	const struct hf_question question = {.ask = HF_ASK_WORDS};
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = hf_people_ask(socket, &question, &answer, err);

	if (rc == HF_OK)
		rc = hf_draft_words_read(answer, &draft.words, err);
	if (rc == HF_OK)
		rc = read_text(path, &draft, err);
	if (rc == HF_OK)
		rc = hf_draft_check(draft.words, draft.text, draft.len, &draft.marks, err);
	if (rc == HF_OK && json)
		rc = put_json(&draft, answer, err);
	if (rc != HF_OK || json)
		return rc;
	put_words(&draft, answer);
	return hf_out_flushed(err);
}
