/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the report document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/report.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_report struct hf_report *report = NULL;
	enum hf_rc rc = hf_report_decode(envelope, &report, err);
	FUZZ_MUST(!report == (rc != HF_OK));
	if (report)
		*ret_again = hf_report_encode(report);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_REPORT, decode, data, size);
}
