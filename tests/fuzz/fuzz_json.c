/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the strict reader, and jansson's own parser as a second opinion.
 * Must never end but by the fuzzer: both must see the same value, or ours must have a reason to refuse it.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define MAX 70000

static bool is_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x00, 0x08},	  {0x0b, 0x1f},	    {0x7f, 0x9f},     {0x61c, 0x61c},
		{0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}, {0xfdd0, 0xfdef},
	};
	for (size_t i = 0; i < HF_LEN(hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return (c & 0xffff) >= 0xfffe;
}

/* The text is UTF-8: jansson has looked. */
static bool has_hidden(const char *text)
{
	for (const uint8_t *s = (const uint8_t *)text; *s;) {
		unsigned len = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
		uint32_t c = len == 1 ? *s : *s & (0x7fu >> len);
		for (unsigned i = 1; i < len; i++)
			c = c << 6 | (s[i] & 0x3fu);
		if (is_hidden(c))
			return true;
		s += len;
	}
	return false;
}

/* May the contract refuse this value although it is right JSON? */
static bool has_reason(json_t *value, int depth)
{
	size_t i;
	const char *name;
	json_t *part;
	if (json_is_real(value) || (json_is_string(value) && has_hidden(json_string_value(value))))
		return true;
	if ((json_is_object(value) || json_is_array(value)) && depth == HF_JSON_DEPTH_MAX)
		return true;
	json_array_foreach(value, i, part)
	{
		if (has_reason(part, depth + 1))
			return true;
	}
	json_object_foreach(value, name, part)
	{
		if (has_hidden(name) || has_reason(part, depth + 1))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_json json_t *ours = NULL, *theirs = NULL, *again = NULL;
	hf_auto_free char *text = NULL;
	struct hf_err err = {0};
	size_t len = 0;
	enum hf_rc rc = hf_json_read((const char *)data, size, MAX, &ours, &err);
	FUZZ_MUST(!ours == (rc != HF_OK));
	theirs = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	if (rc != HF_OK) {
		FUZZ_MUST(err.text[0] != '\0');
		/* jansson skips a zero byte behind a number. */
		FUZZ_MUST(!json_is_object(theirs) || size > MAX || memchr(data, 0, size) || has_reason(theirs, 0));
		return 0;
	}
	FUZZ_MUST(json_equal(ours, theirs));
	FUZZ_MUST(!has_reason(theirs, 0));
	FUZZ_MUST(hf_json_bytes(ours, &text, &len) == HF_OK);
	FUZZ_MUST(hf_json_read(text, len, len, &again, NULL) == HF_OK);
	FUZZ_MUST(json_equal(ours, again));
	return 0;
}
