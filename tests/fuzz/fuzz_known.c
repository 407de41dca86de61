/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of what a device knows, as if its slot had been written by somebody else.
 * Must never end but by the fuzzer: no stored bytes may crash an agent at its start.
 */
#include <holdfast/known.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_json json_t *json = NULL, *text = NULL, *again_text = NULL;
	hf_auto_known struct hf_known known = {0};
	hf_auto_known struct hf_known again = {0};
	struct hf_err err = {0};
	if (hf_json_read((const char *)data, size, HF_KNOWN_MAX, &json, NULL) != HF_OK)
		return 0;
	if (hf_known_decode(json, &known, &err) != HF_OK) {
		FUZZ_MUST(err.text[0] != '\0');
		return 0;
	}
	text = hf_known_encode(&known);
	FUZZ_MUST(text && hf_known_decode(text, &again, &err) == HF_OK);
	again_text = hf_known_encode(&again);
	FUZZ_MUST(json_equal(text, again_text));
	return 0;
}
