/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the assignment document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/assignment.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	enum hf_rc rc = hf_assignment_decode(envelope, &assignment, err);
	FUZZ_MUST(!assignment == (rc != HF_OK));
	if (assignment)
		*ret_again = hf_assignment_encode(assignment);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_ASSIGNMENT, decode, data, size);
}
