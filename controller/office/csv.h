/* SPDX-License-Identifier: MIT */
/*
 * csv.h - tables as spreadsheets read them, written; <holdfast/csv.h> reads them
 */
#ifndef HOLDFAST_OFFICE_CSV_H
#define HOLDFAST_OFFICE_CSV_H

#include <stdio.h>

/*
 * hf_csv_cell - write one cell in quotes; what a spreadsheet would compute is made text
 *
 * @end      "," or "\r\n"
 * Source    RFC 4180
 */
void hf_csv_cell(FILE *out, const char *text, const char *end);

#endif
