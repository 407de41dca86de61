/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the recover document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/recover.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	enum hf_rc rc = hf_recover_decode(envelope, &recover, err);
	FUZZ_MUST(!recover == (rc != HF_OK));
	if (recover)
		*ret_again = hf_recover_encode(recover);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_RECOVER, decode, data, size);
}
