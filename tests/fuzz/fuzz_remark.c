/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the remark document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/remark.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	enum hf_rc rc = hf_remark_decode(envelope, &remark, err);
	FUZZ_MUST(!remark == (rc != HF_OK));
	if (remark)
		*ret_again = hf_remark_encode(remark);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_REMARK, decode, data, size);
}
