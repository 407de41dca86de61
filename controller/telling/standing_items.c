/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the council's standing items.
 * Must never let one bad line hide another.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/csv.h>
#include <holdfast/str.h>

#include "controller/telling/standing_items.h"

#define CELLS 4

static const char *const when_names[HF_AT_COUNT] = {
	[HF_AT_RAISE] = "raise",
	[HF_AT_EMERGENCY] = "emergency",
	[HF_AT_PURDAH] = "purdah",
	[HF_AT_CLEAR] = "all-clear",
};

static enum hf_rc fill_line(const struct hf_standing_list *list, const struct hf_csv_row *row,
			    struct hf_standing_line *ret, struct hf_err *err)
{
	int when = 0;
	*ret = (struct hf_standing_line){row->cells[0], HF_AT_RAISE, row->cells[2], row->cells[3]};
	if (!hf_id_ok(ret->id))
		return hf_err_set(err, HF_E_SHAPE, "line %zu: '%.60s' is no name of an item: a-z, 0-9 and -", row->line, ret->id);
	while (when < HF_AT_COUNT && strcmp(when_names[when], row->cells[1]) != 0)
		when++;
	if (when == HF_AT_COUNT)
		return hf_err_set(err, HF_E_SHAPE, "line %zu: '%.60s' is none of raise, emergency, purdah and all-clear", row->line,
				  row->cells[1]);
	ret->when = (enum hf_standing_when)when;
	if (row->n != CELLS || !ret->text[0] || strlen(ret->text) > HF_STANDING_TEXT_MAX || strlen(ret->who) > HF_STANDING_TEXT_MAX)
		return hf_err_set(err, HF_E_SHAPE, "line %zu: item, when, who and what is to be done, in at most %d bytes", row->line,
				  HF_STANDING_TEXT_MAX);
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].id, ret->id) == 0)
			return hf_err_set(err, HF_E_SHAPE, "line %zu: %s stands there twice", row->line, ret->id);
	return list->n < HF_STANDING_MAX ? HF_OK
					 : hf_err_set(err, HF_E_SIZE, "line %zu: more than %d items", row->line, HF_STANDING_MAX);
}

static void take_standing(struct hf_standing_list *list, const struct hf_csv_row *row)
{
	struct hf_standing_line line;
	struct hf_err why = {""};
	if (row->cells[0][0] == '#' || (row->line == 1 && strcmp(row->cells[0], "item") == 0))
		return;
	if (fill_line(list, row, &line, &why) == HF_OK)
		list->v[list->n++] = line;
	else if (list->n_bad++ == 0)
		list->bad = why;
}

void hf_standing_read(char *text, struct hf_standing_list *ret)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct hf_csv csv = hf_csv_begin(strncmp(text, mark, strlen(mark)) == 0 ? text + strlen(mark) : text);
	struct hf_csv_row row;
	bool more = true;
	ret->text = text;
	while (more) {
		/* Behind an unended quote nothing can be told apart. */
		if (hf_csv_next(&csv, &row, &more, &ret->bad) != HF_OK) {
			ret->n_bad++;
			return;
		}
		if (more)
			take_standing(ret, &row);
	}
}

bool hf_standing_is_of(const struct hf_standing_line *line, enum hf_kind kind, bool clear)
{
	switch (line->when) {
	case HF_AT_RAISE:
		return !clear;
	case HF_AT_EMERGENCY:
		return !clear && kind == HF_KIND_EMERGENCY;
	case HF_AT_PURDAH:
		return !clear && kind == HF_KIND_PURDAH;
	case HF_AT_CLEAR:
		return clear;
	case HF_AT_COUNT:
		break;
	}
	return false;
}

void hf_standing_done(struct hf_standing_list *list)
{
	free(list->text);
	*list = (struct hf_standing_list){0};
}
