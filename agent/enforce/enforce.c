/* SPDX-License-Identifier: MIT */
/*
 * Owns how every layer begins and ends, and what several of them answer alike.
 * Must never leave a layer half open.
 */
#include "agent/enforce/enforce.h"

#include <stdlib.h>

enum hf_rc hf_layer_open(const struct hf_layer_ops *ops, const struct hf_layer_home *home, struct hf_layer **ret_layer,
			 struct hf_err *err)
{
	struct hf_layer *layer = calloc(1, ops->size);
	if (!layer)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the layer %s", ops->name);
	enum hf_rc rc = ops->open ? ops->open(layer, home, err) : HF_OK;
	if (rc == HF_OK)
		*ret_layer = layer;
	else
		hf_layer_close(ops, &layer);
	return rc;
}

void hf_layer_close(const struct hf_layer_ops *ops, struct hf_layer **layer)
{
	if (*layer && ops->close)
		ops->close(*layer);
	free(*layer);
	*layer = NULL;
}

enum hf_rc hf_layer_any_machine(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	(void)conf, (void)err;
	return HF_OK;
}

bool hf_layer_any_address(const struct hf_block *block)
{
	return block->addresses->n > 0;
}

bool hf_layer_any_program(const struct hf_block *block)
{
	return block->programs->n > 0;
}
