/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the decoder of the state document.
 * Must never end but by the fuzzer: no input may crash it.
 */
#include <holdfast/state.h>

#include "tests/fuzz/fuzz.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	enum hf_rc rc = hf_state_decode(envelope, &state, err);
	FUZZ_MUST(!state == (rc != HF_OK));
	if (!state)
		return rc;
	json_t *orders = json_object_get(state->doc, "orders");
	FUZZ_MUST(json_array_size(orders) == state->n_orders);
	for (size_t i = 0; i < state->n_orders; i++) {
		FUZZ_MUST(!state->orders[i] == (state->orders_rc[i] != HF_OK));
		/* An entry is not kept as it stood: one that is no envelope is null, and signatures are put in order.
		 */
		json_array_set_new(orders, i, state->orders[i] ? hf_envelope_to_json(state->orders[i]) : json_null());
	}
	*ret_again = hf_state_encode(state);
	FUZZ_MUST(json_equal(state->doc, *ret_again));
	return HF_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *again = NULL;
	struct hf_err err = {0};
	if (hf_envelope_new(HF_DOC_STATE, data, size, &envelope, NULL) != HF_OK)
		return 0;
	FUZZ_MUST(decode(envelope, &again, &err) == HF_OK || err.text[0] != '\0');
	return 0;
}
