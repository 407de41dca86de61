/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the erase document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/erase.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	enum hf_rc rc = hf_erase_decode(envelope, &erase, err);
	FUZZ_MUST(!erase == (rc != HF_OK));
	if (erase)
		*ret_again = hf_erase_encode(erase);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_ERASE, decode, data, size);
}
