/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences about a person's own draft.
 * Must never keep a draft, nor let it leave this process.
 */
#include "agent/desk/draft_page.h"

#include <string.h>

#include <holdfast/text.h>

#include "agent/talk/answer.h"
#include "agent/talk/draft_words.h"

static void put_marks(struct hf_desk_writer *w, const struct hf_draft_words *words, const char *text,
		      const struct hf_draft_marks *marks)
{
	for (size_t i = 0; i < marks->n && i < HF_DESK_MARKS_SHOWN; i++) {
		const struct hf_draft_mark *mark = &marks->v[i];
		const struct hf_word *word = hf_draft_word(words, mark->word);

		hf_desk_say(w, HF_DESK_BULLET, "\u201c%.*s\u201d: %s (%s)", (int)mark->len, text + mark->at,
			    hf_draft_why(word->kind), word->text);
	}
	if (marks->n > HF_DESK_MARKS_SHOWN)
		hf_desk_say(w, HF_DESK_TEXT, "And %zu more, marked in your draft.", marks->n - HF_DESK_MARKS_SHOWN);
}

static void put_result(struct hf_desk_writer *w, const json_t *answer, size_t n_marks)
{
	if (json_array_size(json_object_get(answer, "words")) == 0)
		hf_desk_text(w, HF_DESK_ALERT,
			     hf_text("The council's register names no words that need a second look, so nothing can be "
				     "marked."));
	else if (n_marks == 0)
		hf_desk_text(w, HF_DESK_ALERT,
			     hf_text("Nothing in your draft needs a second look by the council's list of words."));
	else
		hf_desk_say(w, HF_DESK_ALERT,
			    hf_text_n("%zu place is marked: look whether it belongs in a post now; you decide, not "
				      "this list.",
				      "%zu places are marked: look whether each belongs in a post now; you decide, not "
				      "this list.", n_marks),
			    n_marks);
}

enum hf_rc hf_desk_check(const json_t *answer, const char *text, bool exercise, struct hf_desk_draft *ret,
			 struct hf_err *err)
{
	hf_auto_draft_words struct hf_draft_words *words = NULL;
	hf_auto_draft_marks struct hf_draft_marks marks = {0};
	struct hf_desk_writer w = {.page = {.exercise = exercise}};
	enum hf_rc rc = hf_draft_words_read(answer, &words, err);

	if (rc == HF_OK)
		rc = hf_draft_check(words, text, strlen(text), &marks, err);
	if (rc != HF_OK)
		return rc;
	hf_desk_section(&w, "marks", "", exercise);
	put_result(&w, answer, marks.n);
	put_marks(&w, words, text, &marks);
	w.page.title = strdup("");
	w.failed = w.failed || !w.page.title;
	rc = hf_desk_writer_end(&w, &ret->page, err);
	if (rc != HF_OK)
		return rc;
	ret->marks = marks;
	memset(&marks, 0, sizeof(marks));
	return HF_OK;
}

void hf_desk_draft_done(struct hf_desk_draft *draft)
{
	hf_draft_marks_done(&draft->marks);
	hf_desk_page_done(&draft->page);
}
