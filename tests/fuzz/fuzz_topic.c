/* SPDX-License-Identifier: MIT */
/*
 * Gives any text to the reader of topics.
 * Must never end but by the fuzzer: a topic has one name.
 */
#include <holdfast/topic.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_free char *text = malloc(size + 1);
	struct hf_topic topic;
	char again[HF_TOPIC_SIZE];
	FUZZ_MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (hf_topic_parse(text, &topic) != HF_OK)
		return 0;
	FUZZ_MUST(hf_topic_print(&topic, again) == HF_OK);
	FUZZ_MUST(strcmp(text, again) == 0);
	return 0;
}
