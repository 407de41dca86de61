/* SPDX-License-Identifier: MIT */
/*
 * csv.h - tables as spreadsheets write them, read
 */
#ifndef HOLDFAST_CSV_H
#define HOLDFAST_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/err.h>

#define HF_CSV_CELLS_MAX 16 /* columns of a list of accounts are six; the others are those of whoever keeps it */

/* One row. Its cells lie in the text that is read. */
struct hf_csv_row {
	const char *cells[HF_CSV_CELLS_MAX]; /* "" beyond those that it has */
	size_t n;
	size_t line; /* at which it begins, from 1 */
};

/* A text that is read, row by row; it is changed in place. */
struct hf_csv {
	char *text;  /* with an end mark */
	size_t line; /* of what comes next; 1 at the beginning */
	char comma;  /* what stands between cells: a comma or a semicolon */
};

/*
 * hf_csv_begin - a text that is to be read; a semicolon stands between cells if the first line has more of them
 *
 * @text     with an end mark; changed in place
 */
struct hf_csv hf_csv_begin(char *text);

/*
 * hf_csv_next - the next row that is not empty; lines end with LF or CR LF, cells may be quoted
 *
 * What hf_csv_cell made text is read as it was.
 * @ret_more false: there is none
 * Owner     the cells lie in the text
 * Returns   HF_OK; HF_E_SHAPE a quote that does not end, or more after it; HF_E_SIZE too many cells. The line is in the text
 * Source    RFC 4180
 */
HF_NODISCARD enum hf_rc hf_csv_next(struct hf_csv *csv, struct hf_csv_row *ret_row, bool *ret_more,
				    struct hf_err *err);

#endif
