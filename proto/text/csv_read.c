/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of tables as spreadsheets write them.
 * Must never take half a row for a whole one.
 */
#include <string.h>

#include <holdfast/csv.h>

#define FORMULA "=+-@\t\r"

static size_t count_in_line(const char *text, char wanted)
{
	size_t n = 0;

	for (; *text && *text != '\n'; text++)
		n += *text == wanted;
	return n;
}

struct hf_csv hf_csv_begin(char *text)
{
	return (struct hf_csv){text, 1, count_in_line(text, ';') > count_in_line(text, ',') ? ';' : ','};
}

/* A quoted cell, its quotes taken off in place; behind its last quote. NULL: it does not end. */
static char *unquote(struct hf_csv *csv, char *from)
{
	char *to = from;

	for (from++; *from; from++) {
		if (*from == '"' && from[1] != '"') {
			*to = '\0';
			return from + 1;
		}
		from += *from == '"';
		csv->line += *from == '\n';
		*to++ = *from;
	}
	return NULL;
}

static bool ends_here(const struct hf_csv *csv, const char *at)
{
	return *at == '\0' || *at == csv->comma || *at == '\n' || (at[0] == '\r' && (at[1] == '\n' || at[1] == '\0'));
}

/* Steps over what ends a cell, and makes it its end mark. Was it the last of its row? */
static bool step_over(struct hf_csv *csv, char *at)
{
	bool last = *at != csv->comma;
	char *next = at;

	next += *next == '\r';
	csv->line += *next == '\n';
	next += *next != '\0';
	*at = '\0';
	csv->text = next;
	return last;
}

static const char *as_it_was(const char *cell)
{
	return cell[0] == '\'' && cell[1] && strchr(FORMULA, cell[1]) ? cell + 1 : cell;
}

static enum hf_rc next_cell(struct hf_csv *csv, const char **ret_cell, bool *ret_last, struct hf_err *err)
{
	char *begin = csv->text, *at = begin;
	size_t line = csv->line;

	if (*at == '"') {
		at = unquote(csv, at);
		if (!at)
			return hf_err_set(err, HF_E_SHAPE, "line %zu: a quote that begins there does not end.", line);
		if (!ends_here(csv, at))
			return hf_err_set(err, HF_E_SHAPE, "line %zu: there is more behind a cell in quotes.", csv->line);
	} else {
		while (!ends_here(csv, at))
			at++;
	}
	*ret_last = step_over(csv, at);
	*ret_cell = as_it_was(begin);
	return HF_OK;
}

static bool is_blank(const struct hf_csv_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->cells[i][0])
			return false;
	return true;
}

static enum hf_rc read_row(struct hf_csv *csv, struct hf_csv_row *row, struct hf_err *err)
{
	bool last = false;

	*row = (struct hf_csv_row){.line = csv->line};
	for (size_t i = 0; i < HF_CSV_CELLS_MAX; i++)
		row->cells[i] = "";
	while (!last) {
		const char *cell = "";
		enum hf_rc rc = next_cell(csv, &cell, &last, err);

		if (rc != HF_OK)
			return rc;
		if (row->n == HF_CSV_CELLS_MAX)
			return hf_err_set(err, HF_E_SIZE, "line %zu: it has more than %d columns.", row->line,
					  HF_CSV_CELLS_MAX);
		row->cells[row->n++] = cell;
	}
	return HF_OK;
}

enum hf_rc hf_csv_next(struct hf_csv *csv, struct hf_csv_row *ret_row, bool *ret_more, struct hf_err *err)
{
	*ret_more = false;
	while (!*ret_more && *csv->text) {
		enum hf_rc rc = read_row(csv, ret_row, err);

		if (rc != HF_OK)
			return rc;
		*ret_more = !is_blank(ret_row);
	}
	return HF_OK;
}
