/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the list of brokers.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/brokers.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_brokers struct hf_brokers *brokers = NULL;
	enum hf_rc rc = hf_brokers_decode(envelope, &brokers, err);
	FUZZ_MUST(!brokers == (rc != HF_OK));
	if (brokers)
		*ret_again = hf_brokers_encode(brokers);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_BROKERS, decode, data, size);
}
