/* SPDX-License-Identifier: MIT */
/*
 * Owns the writing of tables as spreadsheets read them.
 * Must never write a cell that a spreadsheet would take for a formula.
 */
#include <string.h>

#include "controller/office/csv.h"

#define FORMULA "=+-@\t\r"

void hf_csv_cell(FILE *out, const char *text, const char *end)
{
	fputc('"', out);
	if (text[0] && strchr(FORMULA, text[0]))
		fputc('\'', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fprintf(out, "\"%s", end);
}
