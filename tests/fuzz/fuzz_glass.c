/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the halves of break-glass.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/glass.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	enum hf_rc rc = hf_glass_decode(envelope, &glass, err);
	FUZZ_MUST(!glass == (rc != HF_OK));
	if (glass)
		*ret_again = hf_glass_encode(glass);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_GLASS, decode, data, size);
}
