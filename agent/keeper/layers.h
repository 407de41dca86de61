/* SPDX-License-Identifier: MIT */
/*
 * layers.h - all ways of blocking of this device, told the same plan and looked at together
 */
#ifndef HOLDFAST_AGENT_KEEPER_LAYERS_H
#define HOLDFAST_AGENT_KEEPER_LAYERS_H

#include <holdfast/loop.h>

#include "agent/enforce/enforce.h"

struct hf_layers;

#define hf_auto_layers __attribute__((cleanup(hf_layers_free)))

/* Which layers there are, and what they need. Borrowed for as long as the layers live. */
struct hf_layers_conf {
	const struct hf_layer_ops *ops[HF_LAYERS_MAX];
	bool on[HF_LAYERS_MAX];
	size_t n;
	bool left_over; /* an earlier life held something: those that are off now let go of it */
	struct hf_enforce_conf enforce;
	struct hf_layer_calls calls;
};

/*
 * hf_layers_new - open every layer that is on; what an earlier life left in force stays in force
 *
 * A layer for which the agent lacks a right is said to; it does what it can, and is never said to have been verified.
 *
 * A layer that cannot be opened is said to have failed, and is opened again with each apply. One that was switched off
 * while it held something lets go of that, and is closed once a probe sees that it has.
 * @conf        borrowed
 * @ret_layers  to hf_layers_free; untouched unless HF_OK
 * Owner        the caller's
 * Returns      HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_layers_new(struct hf_loop *loop, const struct hf_layers_conf *conf,
				      struct hf_layers **ret_layers, struct hf_err *err);

/*
 * hf_layers_apply - make it so in every layer; one that fails stops no other
 *
 * In their order, or in the reverse of it when something is let go.
 * @plan     copied by the layers as they need it
 * Returns   true if every layer did it
 */
bool hf_layers_apply(struct hf_layers *layers, const struct hf_plan *plan, bool lets_go);

/*
 * hf_layers_probe - look at every layer
 *
 * @boot     time since boot: tampering that was found is shown for hold_ms from then on, so that a report has it
 */
void hf_layers_probe(struct hf_layers *layers, struct hf_boot_ms boot, int64_t hold_ms);

/*
 * hf_layers_seen - what the last probe saw; hf_layers_unsettled - did one not hold, or not let go, as it was told
 *
 * @ret_n    how many layers there are
 * Owner     belongs to the layers; good until the next probe
 * Returns   the array; true or false
 * Source    proto/README.md "Report"
 */
const struct hf_layer_seen *hf_layers_seen(const struct hf_layers *layers, size_t *ret_n);
bool hf_layers_unsettled(const struct hf_layers *layers);

/*
 * hf_layers_holding - did the last probe see any layer block something
 *
 * Asked before the first apply it says whether an earlier life of this agent left something in force.
 * Returns   true or false
 * Source    proto/README.md "Failing"
 */
bool hf_layers_holding(const struct hf_layers *layers);

/*
 * hf_layers_ready, hf_layers_learn - hand on to every layer that wants it: what may be blocked one day, and what a link
 * says about addresses; hf_layers_names - add what they want to be looked up besides the hosts of plans;
 * hf_layers_learns - is there any that wants to know addresses
 *
 * @answer   not to be believed
 * Returns   nothing; true or false
 */
void hf_layers_ready(struct hf_layers *layers, const struct hf_plan *all);
void hf_layers_learn(struct hf_layers *layers, const json_t *answer);
void hf_layers_names(struct hf_layers *layers, json_t *names);
bool hf_layers_learns(const struct hf_layers *layers);

/*
 * hf_layers_forget - remove every trace of all layers, also of those that are off; nothing is blocked, and none is open
 *
 * Returns   HF_OK; what the first of those said that could not, after all were tried
 */
HF_NODISCARD enum hf_rc hf_layers_forget(const struct hf_layers_conf *conf, struct hf_err *err);

/*
 * hf_layers_free - let go; what is blocked stays blocked; sets to NULL, accepts NULL
 *
 * @layers   address of the pointer
 * Source    proto/README.md "Who is trusted with what"
 */
void hf_layers_free(struct hf_layers **layers);

#endif
