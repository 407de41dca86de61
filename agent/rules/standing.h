/* SPDX-License-Identifier: MIT */
/*
 * standing.h - how a lockdown stands on this device, from what the layers did and then saw; pure
 */
#ifndef HOLDFAST_AGENT_RULES_STANDING_H
#define HOLDFAST_AGENT_RULES_STANDING_H

#include <holdfast/lockdowns.h>
#include <holdfast/report.h>

#include "agent/rules/layer.h"

/* What all layers together hold of the plan. */
/* clang-format off */
enum hf_grip {
	HF_GRIP_FREE,     /* there is nothing to block, and nothing is blocked */
	HF_GRIP_LETTING,  /* there is nothing to block, and it is not yet seen that nothing is blocked */
	HF_GRIP_NONE,     /* there is something to block and no layer blocks it */
	HF_GRIP_PART,     /* some of it is blocked, or not yet seen to be */
	HF_GRIP_HELD,     /* all of it is seen to be blocked */
	HF_GRIP_TAMPERED, /* it had stopped being blocked, and was put right */
	HF_GRIP_COUNT
};
/* clang-format on */

/* What the standing of one lockdown is made from. */
struct hf_standing_facts {
	bool bears;   /* its groups cover this device */
	bool decided; /* a plan has been made of all that was learned */
	bool exempt;  /* every person of this device is exempt from it */
	bool settled; /* what the layers were told is what was decided: no release waits to be written down, and what
			 is in force is known */
	bool seen;    /* a person of this device has been shown it */
	enum hf_grip grip;
	bool opened; /* after its release it was seen to be open before: what is raised later does not undo that */
};

/*
 * hf_grip_of - what do the layers together hold of this plan
 *
 * Pure. A layer that is off and has work in the plan leaves it unblocked: that is said, not passed over.
 * @plan     what the layers were told
 * @layers   n_layers, at most HF_LAYERS_MAX
 * Returns   the grip
 * Source    proto/README.md "Report"
 */
enum hf_grip hf_grip_of(const struct hf_plan *plan, const struct hf_layer_seen *layers, size_t n_layers);

/*
 * hf_standing_of - how one lockdown stands on this device
 *
 * Pure. An exercise blocks nothing: verified means that this device shows it.
 * @lockdown  valid, in whatever phase
 * Returns    the standing
 * Source     proto/README.md "Report"
 */
enum hf_standing hf_standing_of(const struct hf_lockdown *lockdown, const struct hf_standing_facts *facts);

/*
 * hf_lockdown_bears - do its groups cover this device
 *
 * Pure.
 * Returns   true or false
 * Source    proto/README.md "Posture"
 */
bool hf_lockdown_bears(const struct hf_lockdown *lockdown, const struct hf_versions *versions);

/*
 * hf_lockdown_spares - is every person of this device exempt from it
 *
 * Pure. A device of nobody is not exempt.
 * Returns   true or false
 * Source    policy D9.1
 */
bool hf_lockdown_spares(const struct hf_lockdown *lockdown, const struct hf_versions *versions);

/*
 * hf_lockdown_mode - live or an exercise: that of its raise
 *
 * Returns   the mode
 */
enum hf_mode hf_lockdown_mode(const struct hf_lockdown *lockdown);

#endif
