/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoders of base64 and hex.
 * Must never end but by the fuzzer: no text but the one canonical one may be accepted.
 */
#include <holdfast/bytes.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void base64(const char *text, size_t size)
{
	size_t room = size / 4 * 3, len = 0;
	hf_auto_free uint8_t *bytes = malloc(room + 1);
	hf_auto_free char *again = malloc(HF_BASE64_LEN(room) + 1);
	FUZZ_MUST(bytes && again);
	if (hf_base64_decode(text, size, bytes, room, &len) != HF_OK)
		return;
	FUZZ_MUST(hf_base64_encode(bytes, len, again, HF_BASE64_LEN(room) + 1) == HF_OK);
	FUZZ_MUST(strlen(again) == size && memcmp(again, text, size) == 0);
}

static void hex(const char *text, size_t size)
{
	hf_auto_free uint8_t *bytes = malloc(size / 2 + 1);
	hf_auto_free char *again = malloc(size + 2);
	FUZZ_MUST(bytes && again);
	if (hf_hex_decode(text, bytes, size / 2) != HF_OK)
		return;
	hf_hex_encode(bytes, size / 2, again);
	FUZZ_MUST(strcmp(again, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_free char *text = malloc(size + 1);
	FUZZ_MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	base64(text, size);
	hex(text, size);
	return 0;
}
