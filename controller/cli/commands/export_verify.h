/* SPDX-License-Identifier: MIT */
/*
 * export_verify.h - what goes with an export for whoever checks it without any program of ours
 */
#ifndef HOLDFAST_CLI_EXPORT_VERIFY_H
#define HOLDFAST_CLI_EXPORT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What an export has. */
struct hf_export_count {
	size_t entries, withheld, with_texts, with_names, unknown; /* an entry may have both */
	size_t witnesses, silent_witnesses; /* of these such whose report was withheld */
	bool whole;	 /* all of the record; else those of one lockdown, each with its proof */
	const char *key; /* that verifies the checkpoint */
};

/*
 * hf_export_verify_write - VERIFY.txt: what the files are, what is withheld, and how each claim is checked
 *
 * @lines    are records.jsonl and witness.jsonl there
 * Source    C2SP signed-note; RFC 6962 section 2.1.1; DSSE 1.0.2
 */
void hf_export_verify_write(FILE *out, const struct hf_export_count *count, bool lines);

#endif
