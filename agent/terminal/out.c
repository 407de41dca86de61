/* SPDX-License-Identifier: MIT */
/*
 * Owns the end of every command: what was said has come out.
 * Must never call an answer given that was cut off.
 */
#include "agent/terminal/out.h"

#include <stdio.h>

enum hf_rc hf_out_flushed(struct hf_err *err)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return hf_err_set(err, HF_E_SYSTEM, "the answer cannot be written to standard output");
	return HF_OK;
}

enum hf_rc hf_out_json(const json_t *answer, struct hf_err *err)
{
	if (json_dumpf(answer, stdout, JSON_INDENT(2)) == 0)
		putchar('\n');
	return hf_out_flushed(err);
}
