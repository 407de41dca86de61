/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what every fuzzer of a document does
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <holdfast/envelope.h>
#include <holdfast/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stops the fuzzer: what must hold did not. */
#define FUZZ_MUST(holds)                                                                                               \
	do {                                                                                                           \
		if (!(holds)) {                                                                                        \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #holds);                         \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* Decodes the payload of an envelope; when it is right, *ret_again is its JSON made anew, the fuzzer's to free. */
typedef enum hf_rc fuzz_decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err);

/*
 * fuzz_document - bytes as the payload of a document
 *
 * What is accepted must come out as it went in, and be accepted again; what is refused must say why.
 * @data, @size  the payload; signatures play no part
 * Returns   0, as a fuzzer does; stops it when something does not hold
 */
static inline int fuzz_document(enum hf_doc_type type, fuzz_decode *decode, const uint8_t *data, size_t size)
{
	hf_auto_envelope struct hf_envelope *first = NULL, *second = NULL;
	hf_auto_json json_t *again = NULL, *third = NULL, *read = NULL;
	hf_auto_free char *text = NULL;
	struct hf_err err = {0};
	size_t len = 0;
	if (hf_envelope_new(type, data, size, &first, NULL) != HF_OK)
		return 0;
	if (decode(first, &again, &err) != HF_OK) {
		FUZZ_MUST(err.text[0] != '\0');
		return 0;
	}
	FUZZ_MUST(hf_json_read((const char *)data, size, HF_PAYLOAD_MAX, &read, NULL) == HF_OK);
	FUZZ_MUST(json_equal(read, again));
	FUZZ_MUST(hf_json_bytes(again, &text, &len) == HF_OK);
	FUZZ_MUST(hf_envelope_new(type, text, len, &second, NULL) == HF_OK);
	FUZZ_MUST(decode(second, &third, NULL) == HF_OK);
	FUZZ_MUST(json_equal(again, third));
	return 0;
}

#endif
