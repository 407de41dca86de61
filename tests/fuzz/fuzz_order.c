/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the order document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/order.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_order struct hf_order *order = NULL;
	enum hf_rc rc = hf_order_decode(envelope, &order, err);
	FUZZ_MUST(!order == (rc != HF_OK));
	if (order)
		*ret_again = hf_order_encode(order);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_document(HF_DOC_ORDER, decode, data, size);
}
