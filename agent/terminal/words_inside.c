/* SPDX-License-Identifier: MIT */
/*
 * Owns what all sentences of the terminal are made with: times, lines, and the mark of an exercise.
 * Must never let a line of an exercise go without its mark.
 */
#include "agent/terminal/words_inside.h"

#include <string.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

const char *hf_words_mark(const json_t *row)
{
	return hf_said_exercise(row) ? hf_text("EXERCISE: ") : "";
}

void hf_words_time(struct hf_wall t, FILE *out)
{
	char utc[HF_WALL_TEXT_SIZE], local[HF_WALL_TEXT_SIZE];

	fprintf(out, "%s (%s)", hf_wall_text(t, utc), hf_london_text(t, local));
}

void hf_words_lines(const json_t *row, const char *before, const char *text, FILE *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "%s%s%.*s\n", hf_words_mark(row), before, (int)len, text);
		text += len + (text[len] == '\n');
	}
}
