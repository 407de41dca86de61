/* SPDX-License-Identifier: MIT */
/*
 * Gives any text to the reader of configuration files.
 * Must never end but by the fuzzer: what is printed must be read again as the same.
 */
#include <holdfast/conf.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

struct settings {
	int64_t number;
	bool flag;
	char text[HF_CONF_TEXT_SIZE], path[HF_CONF_TEXT_SIZE];
};

#define ROWS(s)                                                                                                        \
	{                                                                                                              \
		{"bus.port", HF_CONF_INT, 1, 65535, "8883", &(s)->number},                                             \
			{"bus.tls", HF_CONF_BOOL, 0, 0, "true", &(s)->flag},                                           \
			{"bus.host", HF_CONF_TEXT, 1, 200, NULL, (s)->text},                                           \
			{"bus.ca", HF_CONF_PATH, 1, 255, "/etc/holdfast/ca.pem", (s)->path},                           \
	}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_free char *text = malloc(size + 1);
	hf_auto_free char *printed = NULL;
	struct settings settings = {0}, again = {0};
	const struct hf_conf_row rows[] = ROWS(&settings), rows_again[] = ROWS(&again);
	struct hf_err err = {0};
	size_t len = 0;
	FUZZ_MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (hf_conf_read(text, rows, HF_LEN(rows), &err) != HF_OK) {
		FUZZ_MUST(err.text[0] != '\0');
		return 0;
	}
	FILE *out = open_memstream(&printed, &len);
	FUZZ_MUST(out);
	hf_conf_print(out, rows, HF_LEN(rows));
	fclose(out);
	FUZZ_MUST(hf_conf_read(printed, rows_again, HF_LEN(rows_again), &err) == HF_OK);
	FUZZ_MUST(settings.number == again.number && settings.flag == again.flag);
	FUZZ_MUST(strcmp(settings.text, again.text) == 0 && strcmp(settings.path, again.path) == 0);
	return 0;
}
