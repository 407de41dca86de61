/* SPDX-License-Identifier: MIT */
/*
 * Owns what is left to be done when the agent has left a device.
 * Must never let go of a block that was not released.
 */
#include <unistd.h>

#include <holdfast/clock.h>

#include "agent/keeper/keeper_inside.h"

static void on_nothing(void *arg)
{
	(void)arg;
}

static enum hf_rc let_go(struct hf_loop *loop, const struct hf_layers_conf *conf, struct hf_err *err)
{
	const struct hf_plan nothing = {NULL, 0};
	hf_auto_layers struct hf_layers *layers = NULL;
	enum hf_rc rc = hf_layers_new(loop, conf, &layers, err);

	if (rc != HF_OK)
		return rc;
	hf_layers_probe(layers, hf_clock_boot(), 0);
	if (hf_layers_holding(layers))
		return hf_err_set(err, HF_E_PENDING,
				  "something is still shut here, and nobody released it: enrol this device again, and retire "
				  "it after the all-clear");
	if (!hf_layers_apply(layers, &nothing, true))
		return hf_err_set(err, HF_E_SYSTEM, "not all that was prepared here could be taken away: the lines above say what");
	return HF_OK;
}

enum hf_rc hf_keeper_forget(struct hf_loop *loop, const struct hf_keeper_conf *conf, struct hf_err *err)
{
	struct hf_layers_conf layers = {
		.n = conf->n_layers, .left_over = true, .enforce = conf->enforce, .calls = {.changed = on_nothing}};
	enum hf_rc rc;

	for (size_t i = 0; i < conf->n_layers; i++) {
		layers.ops[i] = conf->layers[i];
		layers.on[i] = conf->on[i];
	}
	rc = let_go(loop, &layers, err);
	if (rc == HF_OK)
		rc = hf_layers_forget(&layers, err);
	if (rc == HF_OK)
		rc = hf_store_forget(conf->state, conf->copy, conf->seal, err);
	if (rc == HF_OK)
		(void)!rmdir(conf->state);
	return rc;
}
