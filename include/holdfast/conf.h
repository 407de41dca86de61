/* SPDX-License-Identifier: MIT */
/*
 * conf.h - configuration: a table of settings, a file of `name = value` lines
 */
#ifndef HOLDFAST_CONF_H
#define HOLDFAST_CONF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <holdfast/err.h>

#define HF_CONF_FILE_MAX 65536
#define HF_CONF_TEXT_SIZE 256
#define HF_CONF_LONG_SIZE 1024 /* of an address with a signature in it, several times over */

enum hf_conf_kind { HF_CONF_INT, HF_CONF_TEXT, HF_CONF_PATH, HF_CONF_BOOL, HF_CONF_LONG };

/* One setting. PATH is absolute, BOOL is yes or no. A setting without a default must be in the file. */
struct hf_conf_row {
	const char *name; /* "bus.port" */
	enum hf_conf_kind kind;
	int64_t least, most;	/* INT: values; TEXT, LONG and PATH: length */
	const char *by_default; /* as it would stand in the file; NULL: must be given */
	void *ret;		/* INT: int64_t *; BOOL: bool *; TEXT, PATH: char[HF_CONF_TEXT_SIZE]; LONG: char[HF_CONF_LONG_SIZE] */
};

/*
 * hf_conf_read - fill all settings from the text of a file
 *
 * `#` begins a comment line. A name that is not in the table, a name twice, a value outside its bounds are refused
 * with the line number.
 * @text     with end mark
 * Returns   HF_OK; HF_E_SHAPE; HF_E_USAGE a default of the table is not allowed by the table; HF_E_MEMORY. Nothing is
 *           filled unless HF_OK
 */
HF_NODISCARD enum hf_rc hf_conf_read(const char *text, const struct hf_conf_row *rows, size_t n_rows,
				     struct hf_err *err);

/*
 * hf_conf_print - print all settings as they are in force, in the form of the file
 */
void hf_conf_print(FILE *out, const struct hf_conf_row *rows, size_t n_rows);

#endif
