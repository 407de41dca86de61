/* SPDX-License-Identifier: MIT */
/*
 * Owns the parting of an officer's text into headings, list rows and paragraphs.
 * Must never hide a word of it, nor make anything of it that acts.
 */
#include "agent/desk/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/instructions.h>
#include <holdfast/str.h>

/* Lines of a paragraph that is not finished. */
struct paragraph {
	char *text;
	size_t len;
	FILE *out;
};

static void finish(struct hf_desk_writer *w, struct paragraph *p)
{
	if (!p->out)
		return;
	if (fclose(p->out) != 0)
		w->failed = true;
	p->out = NULL;
	if (p->text)
		hf_desk_text(w, HF_DESK_TEXT, p->text);
	free(p->text);
	p->text = NULL;
}

static void go_on(struct hf_desk_writer *w, struct paragraph *p, const char *line)
{
	bool begun = p->out;

	if (!begun)
		p->out = open_memstream(&p->text, &p->len);
	if (!p->out || fprintf(p->out, "%s%s", begun ? "\n" : "", line) < 0)
		w->failed = true;
}

/* What the beginning of a line makes of it, as hf_instructions_plain reads it. */
static enum hf_desk_kind kind_of(const char *line)
{
	size_t marks;

	line += strspn(line, " \t");
	marks = strspn(line, "#");
	if (marks >= 1 && marks <= 6 && (line[marks] == ' ' || line[marks] == '\t'))
		return HF_DESK_SUBHEADING;
	if (line[0] && strchr("*+-", line[0]) && (line[1] == ' ' || line[1] == '\t'))
		return HF_DESK_BULLET;
	return HF_DESK_TEXT;
}

static void put_line(struct hf_desk_writer *w, struct paragraph *p, const char *line)
{
	hf_auto_free char *plain = NULL;
	enum hf_desk_kind kind = kind_of(line);
	const char *words;

	if (hf_instructions_plain(line, &plain, NULL) != HF_OK) {
		if (line[strspn(line, " \t")])
			go_on(w, p, line);
		else
			finish(w, p);
		return;
	}
	plain[strcspn(plain, "\n")] = '\0';
	words = plain + strspn(plain, " \t");
	if (kind == HF_DESK_BULLET && strncmp(words, "- ", 2) == 0)
		words += 2;
	if (kind == HF_DESK_TEXT && words[0]) {
		go_on(w, p, words);
		return;
	}
	finish(w, p);
	if (words[0])
		hf_desk_text(w, kind, words);
}

void hf_desk_blocks(struct hf_desk_writer *w, const char *text)
{
	hf_auto_free char *copy = strdup(text);
	struct paragraph p = {NULL, 0, NULL};

	w->failed = w->failed || !copy;
	for (char *line = copy; line && *line;) {
		size_t len = strcspn(line, "\n");
		char *next = line + len + (line[len] == '\n');

		line[len] = '\0';
		put_line(w, &p, line);
		line = next;
	}
	finish(w, &p);
}
