/* SPDX-License-Identifier: MIT */
/*
 * Owns the words in which a device says how far it has come.
 * Must never say verified of anything that was not seen.
 */
#include "agent/rules/standing.h"

#include <holdfast/posture.h>

#include <string.h>

static bool plan_has_work(const struct hf_plan *plan, const struct hf_layer_seen *layer)
{
	for (size_t i = 0; i < plan->n_blocks; i++) {
		if (layer->has_work(&plan->blocks[i]))
			return true;
	}
	return false;
}

/* It names what it sees, and blocks nothing. */
static bool only_finds(const struct hf_layer_seen *layer)
{
	return strcmp(layer->name, HF_LAYER_OTHERS) == 0;
}

static enum hf_grip grip_of_nothing(const struct hf_layer_seen *layers, size_t n_layers)
{
	for (size_t i = 0; i < n_layers; i++) {
		if (layers[i].saw.state != HF_LAYER_IDLE && layers[i].saw.state != HF_LAYER_OFF)
			return HF_GRIP_LETTING;
	}
	return HF_GRIP_FREE;
}

/* Does the network hold whatever this plan blocks by address. */
static bool network_covers(const struct hf_plan *plan, const struct hf_layer_seen *layers, size_t n_layers)
{
	const struct hf_layer_seen *network = NULL;

	for (size_t i = 0; i < n_layers; i++) {
		if (strcmp(layers[i].name, HF_LAYER_NETWORK) == 0)
			network = &layers[i];
	}
	if (!network || network->saw.state != HF_LAYER_VERIFIED)
		return false;
	for (size_t i = 0; i < plan->n_blocks; i++) {
		if (plan->blocks[i].addresses->n > 0 && !network->has_work(&plan->blocks[i]))
			return false;
	}
	return true;
}

/* Browsers that no layer but the network reaches, and the network does not. A device that does not look has none. */
static bool some_out_of_reach(const struct hf_plan *plan, const struct hf_layer_seen *layers, size_t n_layers)
{
	for (size_t i = 0; i < n_layers; i++) {
		enum hf_layer_state state = layers[i].saw.state;

		if (only_finds(&layers[i]) && plan_has_work(plan, &layers[i]) && state != HF_LAYER_OFF &&
		    state != HF_LAYER_VERIFIED)
			return !network_covers(plan, layers, n_layers);
	}
	return false;
}

enum hf_grip hf_grip_of(const struct hf_plan *plan, const struct hf_layer_seen *layers, size_t n_layers)
{
	size_t n_work = 0, n_held = 0, n_begun = 0;

	for (size_t i = 0; i < n_layers; i++) {
		enum hf_layer_state state = layers[i].saw.state;

		if (layers[i].saw.tampered)
			return HF_GRIP_TAMPERED;
		if (!plan_has_work(plan, &layers[i]) || only_finds(&layers[i]))
			continue;
		n_work++;
		n_held += state == HF_LAYER_VERIFIED;
		n_begun += state == HF_LAYER_VERIFIED || state == HF_LAYER_ARMED;
	}
	if (n_work == 0 && plan->n_blocks == 0)
		return grip_of_nothing(layers, n_layers);
	if (n_held == n_work)
		return some_out_of_reach(plan, layers, n_layers) ? HF_GRIP_PART : HF_GRIP_HELD;
	return n_begun > 0 ? HF_GRIP_PART : HF_GRIP_NONE;
}

enum hf_mode hf_lockdown_mode(const struct hf_lockdown *lockdown)
{
	return lockdown->raise->order->mode;
}

/* Of a lockdown in force only those bodies count that are. */
static bool body_counts(const struct hf_lockdown *lockdown, size_t b)
{
	return lockdown->phase != HF_PHASE_IN_FORCE || lockdown->phases[b] == HF_PHASE_IN_FORCE;
}

bool hf_lockdown_bears(const struct hf_lockdown *lockdown, const struct hf_versions *versions)
{
	for (size_t b = 0; b < lockdown->n_bodies; b++)
		if (body_counts(lockdown, b) && hf_versions_in(versions, &lockdown->bodies[b]->order->body.groups))
			return true;
	return false;
}

bool hf_lockdown_spares(const struct hf_lockdown *lockdown, const struct hf_versions *versions)
{
	struct hf_pairs pairs;

	hf_versions_pairs(versions, &pairs);
	for (size_t b = 0; b < lockdown->n_bodies; b++)
		for (size_t p = 0; body_counts(lockdown, b) && p < pairs.n; p++)
			if (!hf_pair_exempt(&pairs.v[p], &lockdown->bodies[b]->order->body))
				return false;
	return pairs.n > 0;
}

static enum hf_standing standing_in_force(enum hf_mode mode, const struct hf_standing_facts *facts)
{
	if (!facts->bears)
		return HF_STANDING_RECEIVED;
	if (facts->exempt)
		return HF_STANDING_EXEMPT;
	if (mode == HF_MODE_EXERCISE)
		return facts->seen ? HF_STANDING_MESSAGE_SEEN : HF_STANDING_ENFORCED_VERIFIED;
	switch (facts->grip) {
	case HF_GRIP_TAMPERED:
		return HF_STANDING_TAMPERED;
	case HF_GRIP_HELD:
	case HF_GRIP_FREE: /* nothing here can post to the accounts that are locked */
		if (!facts->decided)
			return facts->grip == HF_GRIP_HELD ? HF_STANDING_ENFORCED_UNVERIFIED : HF_STANDING_RECEIVED;
		return facts->seen ? HF_STANDING_MESSAGE_SEEN : HF_STANDING_ENFORCED_VERIFIED;
	case HF_GRIP_PART:
	case HF_GRIP_LETTING:
		return HF_STANDING_ENFORCED_UNVERIFIED;
	case HF_GRIP_NONE:
	case HF_GRIP_COUNT:
		break;
	}
	return HF_STANDING_RECEIVED;
}

static enum hf_standing standing_released(enum hf_mode mode, const struct hf_standing_facts *facts)
{
	bool seen_open = facts->opened ||
			 (facts->settled && (facts->grip == HF_GRIP_FREE || facts->grip == HF_GRIP_HELD));

	return mode == HF_MODE_EXERCISE || seen_open ? HF_STANDING_RELEASED_VERIFIED : HF_STANDING_RELEASED_UNVERIFIED;
}

enum hf_standing hf_standing_of(const struct hf_lockdown *lockdown, const struct hf_standing_facts *facts)
{
	enum hf_mode mode = hf_lockdown_mode(lockdown);

	switch (lockdown->phase) {
	case HF_PHASE_IN_FORCE:
		return standing_in_force(mode, facts);
	case HF_PHASE_OVER:
	case HF_PHASE_RELEASED:
		return standing_released(mode, facts);
	case HF_PHASE_SCHEDULED:
	case HF_PHASE_COUNT:
		break;
	}
	return HF_STANDING_RECEIVED;
}
