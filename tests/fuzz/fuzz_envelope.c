/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of envelopes.
 * Must never end but by the fuzzer: no input may crash it, and what is accepted means the same when it is sent on.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void expect_same(const struct hf_envelope *a, const struct hf_envelope *b)
{
	FUZZ_MUST(a->type == b->type && a->payload_len == b->payload_len);
	FUZZ_MUST(memcmp(a->payload, b->payload, a->payload_len) == 0);
	FUZZ_MUST(hf_digest_cmp(&a->digest, &b->digest) == 0);
	FUZZ_MUST(a->n_signatures == b->n_signatures);
	for (size_t i = 0; i < a->n_signatures; i++) {
		FUZZ_MUST(strcmp(a->signatures[i].keyid, b->signatures[i].keyid) == 0);
		FUZZ_MUST(memcmp(a->signatures[i].sig, b->signatures[i].sig, HF_SIG_LEN) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL, *again = NULL, *copy = NULL;
	hf_auto_free char *text = NULL;
	struct hf_err err = {0};
	size_t len = 0;
	bool grew = true;
	if (hf_envelope_decode(data, size, &envelope, &err) != HF_OK) {
		FUZZ_MUST(!envelope && err.text[0] != '\0');
		return 0;
	}
	FUZZ_MUST(hf_envelope_copy(envelope, &copy) == HF_OK);
	FUZZ_MUST(hf_envelope_merge(copy, envelope, &grew) == HF_OK && !grew);
	expect_same(envelope, copy);
	/* Sent on it can be longer than it came: each of up to 16 signatures has names that the sender may have
	 * shortened. */
	if (hf_envelope_encode(envelope, &text, &len, NULL) != HF_OK)
		return 0;
	FUZZ_MUST(hf_envelope_decode(text, len, &again, &err) == HF_OK);
	expect_same(envelope, again);
	return 0;
}
