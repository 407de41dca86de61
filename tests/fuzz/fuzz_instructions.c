/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the reader of the election officer's text.
 * Must never end but by the fuzzer: what is shown is text that a document may have, and no longer than it was.
 */
#include <string.h>

#include <holdfast/instructions.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_free char *text = malloc(size + 1), *plain = NULL, *again = NULL;
	struct hf_err err = {0};
	FUZZ_MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	enum hf_rc rc = hf_instructions_check(text, size, &err);
	FUZZ_MUST((rc == HF_OK) == (err.text[0] == '\0'));
	if (strlen(text) != size) {
		FUZZ_MUST(rc != HF_OK);
		return 0;
	}
	FUZZ_MUST(hf_instructions_plain(text, &plain, NULL) == rc);
	if (rc != HF_OK)
		return 0;
	size_t len = strlen(plain);
	FUZZ_MUST(len <= size + 1 && plain[len - 1] == '\n');
	/* The longest may have become one byte longer: its last newline. */
	rc = hf_instructions_plain(plain, &again, NULL);
	FUZZ_MUST(rc == HF_OK || (rc == HF_E_SIZE && len == size + 1) || rc == HF_E_SHAPE);
	return 0;
}
