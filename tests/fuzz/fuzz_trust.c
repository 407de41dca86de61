/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the trust document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/trust.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	enum hf_rc rc = hf_trust_decode(envelope, &trust, err);
	FUZZ_MUST(!trust == (rc != HF_OK));
	if (trust)
		*ret_again = hf_trust_encode(trust);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_TRUST, decode, data, size);
}
