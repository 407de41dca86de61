/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the readers of what a laptop asks the door, and of a token.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <stdlib.h>

#include <holdfast/join.h>

#include "tests/fuzz/fuzz.h"

/* What was read is written and read again as it was. */
static void ask_again(const struct hf_join_ask *ask)
{
	hf_auto_join_ask struct hf_join_ask again = {0};
	hf_auto_json json_t *put = hf_join_ask_put(ask);
	struct hf_digest one, other;
	char *text = NULL;
	size_t len = 0;

	FUZZ_MUST(put && hf_json_bytes(put, &text, &len) == HF_OK);
	FUZZ_MUST(hf_join_ask_read(text, len, &again, NULL) == HF_OK);
	FUZZ_MUST(hf_join_id(&ask->pub, ask->csr, &one) == HF_OK && hf_join_id(&again.pub, again.csr, &other) == HF_OK);
	FUZZ_MUST(hf_digest_cmp(&one, &other) == 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_join_ask struct hf_join_ask ask = {0};
	hf_auto_join_token struct hf_join_token token = {0};

	if (hf_join_ask_read((const char *)data, size, &ask, NULL) == HF_OK)
		ask_again(&ask);
	(void)!hf_join_token_read((const char *)data, size, &token, NULL);
	return 0;
}
