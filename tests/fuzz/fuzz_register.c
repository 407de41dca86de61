/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the register document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/register.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_register struct hf_register *reg = NULL;
	enum hf_rc rc = hf_register_decode(envelope, &reg, err);
	FUZZ_MUST(!reg == (rc != HF_OK));
	if (reg)
		*ret_again = hf_register_encode(reg);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_REGISTER, decode, data, size);
}
