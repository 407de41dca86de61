/* SPDX-License-Identifier: MIT */
/*
 * Owns what the last word of a device means for a lockdown, now.
 * Must never merge two states, or let a report stand for a lockdown that it does not name.
 */
#include <string.h>

#include "controller/estate/estate.h"

/* clang-format off */
static const enum hf_device_state state_of_standing[HF_STANDING_COUNT] = {
	[HF_STANDING_RECEIVED]            = HF_DEVICE_RECEIVED,
	[HF_STANDING_ENFORCED_UNVERIFIED] = HF_DEVICE_ENFORCED_UNVERIFIED,
	[HF_STANDING_ENFORCED_VERIFIED]   = HF_DEVICE_ENFORCED_VERIFIED,
	[HF_STANDING_MESSAGE_SEEN]        = HF_DEVICE_MESSAGE_SEEN,
	[HF_STANDING_EXEMPT]              = HF_DEVICE_EXEMPT,
	[HF_STANDING_RELEASED_UNVERIFIED] = HF_DEVICE_RELEASED_UNVERIFIED,
	[HF_STANDING_RELEASED_VERIFIED]   = HF_DEVICE_RELEASED_VERIFIED,
	[HF_STANDING_TAMPERED]            = HF_DEVICE_TAMPERED,
};

/* Is a device in this state seen to do what a live lockdown in force asks of it? */
static const bool holds[HF_DEVICE_STATE_COUNT] = {
	[HF_DEVICE_ENFORCED_VERIFIED] = true,
	[HF_DEVICE_MESSAGE_SEEN]      = true,
	[HF_DEVICE_EXEMPT]            = true,
};

/* In this order the lockdowns are asked; the first round that finds one decides. */
static const struct {
	enum hf_phase phase;
	enum hf_mode mode;
	bool spoken_of; /* only those that the device spoke of: one that came later was never asked */
} rounds[] = {
	{ HF_PHASE_IN_FORCE, HF_MODE_LIVE,     false },
	{ HF_PHASE_IN_FORCE, HF_MODE_EXERCISE, false },
	{ HF_PHASE_RELEASED, HF_MODE_LIVE,     true },
	{ HF_PHASE_RELEASED, HF_MODE_EXERCISE, true },
};
/* clang-format on */

static bool is_old(struct hf_wall heard, struct hf_wall now, int64_t stale_s)
{
	return now.s - heard.s > stale_s;
}

/* What one machine said, and when. */
struct said {
	const struct hf_report *report;
	struct hf_wall heard;
};

/* The machines that speak with this device's key and are to be looked at: of two the one that fell silent is not. */
static size_t voices_of(const struct hf_device *device, struct hf_wall now, int64_t stale_s, struct said ret[2])
{
	const struct said main = {device->report, device->heard}, other = {device->other, device->other_heard};
	ret[0] = main;
	ret[1] = other;
	if (!other.report || is_old(other.heard, now, stale_s))
		return 1;
	if (!is_old(main.heard, now, stale_s))
		return 2;
	ret[0] = other;
	return 1;
}

bool hf_device_twins(const struct hf_device *device, const struct hf_estate_view *view, bool *ret_lately)
{
	struct said voices[2];
	if (ret_lately)
		*ret_lately = voices_of(device, view->now, view->stale_s, voices) == 2;
	return device->other || device->apart;
}

bool hf_device_disowned(const struct hf_device *device, struct hf_boot_ms now, int64_t lately_s)
{
	return device->disowned.ms > 0 && now.ms - device->disowned.ms <= lately_s * 1000;
}

bool hf_device_damaged(const struct hf_device *device, struct hf_wall now)
{
	return (device->report && hf_report_restored(device->report->restored, now)) ||
	       (device->other && hf_report_restored(device->other->restored, now));
}

static enum hf_glass_seen glass_of(const struct hf_report *report, struct hf_wall now)
{
	if (!report)
		return HF_GLASS_SEEN_NOT;
	if (report->glass.open)
		return HF_GLASS_SEEN_OPEN;
	if (report->glass.slot > 0 && hf_report_restored(report->glass.at, now))
		return HF_GLASS_SEEN_OPENED;
	return report->glass.wrong > 0 && hf_report_restored(report->glass.tried, now) ? HF_GLASS_SEEN_TRIED : HF_GLASS_SEEN_NOT;
}

enum hf_glass_seen hf_device_glass(const struct hf_device *device, struct hf_wall now)
{
	enum hf_glass_seen main = glass_of(device->report, now), other = glass_of(device->other, now);
	return main > other ? main : other;
}

bool hf_device_retired(const struct hf_device *device)
{
	return device->report && device->report->retired;
}

bool hf_device_in_scope(const struct hf_device *device, const struct hf_lockdown *lockdown)
{
	for (size_t b = 0; b < lockdown->n_bodies; b++)
		if (hf_versions_in(&device->versions, &lockdown->bodies[b]->order->body.groups))
			return true;
	return false;
}

bool hf_device_bears(const struct hf_device *device, const struct hf_estate_view *view)
{
	for (size_t i = 0; i < view->lockdowns->n; i++) {
		const struct hf_lockdown *lockdown = &view->lockdowns->v[i];
		if (lockdown->phase == HF_PHASE_IN_FORCE && lockdown->raise->order->mode == HF_MODE_LIVE &&
		    hf_device_in_scope(device, lockdown))
			return true;
	}
	return false;
}

static enum hf_device_state standing_by(const struct said *voice, const struct hf_lockdown *lockdown,
					struct hf_wall now, int64_t stale_s)
{
	const struct hf_report_lockdown *said = hf_report_of_lockdown(voice->report, &lockdown->id);
	const struct hf_order *raise = lockdown->raise->order;
	bool released = lockdown->phase == HF_PHASE_RELEASED;
	enum hf_device_state state;
	if (!said || said->kind != raise->kind || said->mode != raise->mode || said->standing >= HF_STANDING_COUNT)
		return HF_DEVICE_UNREACHED;
	if (!released && said->rev < lockdown->rev)
		return HF_DEVICE_UNREACHED;
	state = state_of_standing[said->standing];
	if (state == HF_DEVICE_TAMPERED || (released && state == HF_DEVICE_RELEASED_VERIFIED))
		return state;
	return is_old(voice->heard, now, stale_s) ? HF_DEVICE_STALE : state;
}

/* Of two machines the weaker one is shown: a laptop that enforces does not stand for its twin. */
enum hf_device_state hf_device_standing(const struct hf_device *device, const struct hf_lockdown *lockdown,
					struct hf_wall now, int64_t stale_s)
{
	enum hf_device_state weakest = HF_DEVICE_STATE_COUNT;
	struct said voices[2];
	size_t n = voices_of(device, now, stale_s, voices);
	for (size_t i = 0; i < n; i++) {
		enum hf_device_state state = standing_by(&voices[i], lockdown, now, stale_s);
		weakest = state < weakest ? state : weakest;
	}
	return weakest;
}

static bool both_old(const struct hf_device *device, const struct hf_estate_view *view)
{
	return is_old(device->heard, view->now, view->stale_s) &&
	       (!device->other || is_old(device->other_heard, view->now, view->stale_s));
}

bool hf_device_silent(const struct hf_device *device, const struct hf_estate_view *view)
{
	return !device->report || both_old(device, view);
}

enum hf_device_state hf_device_state_of(const struct hf_device *device, const struct hf_estate_view *view,
					bool *ret_not_enforced)
{
	enum hf_device_state weakest = HF_DEVICE_STATE_COUNT;
	bool live = false;
	for (size_t r = 0; r < HF_LEN(rounds) && weakest == HF_DEVICE_STATE_COUNT; r++) {
		for (size_t i = 0; i < view->lockdowns->n; i++) {
			const struct hf_lockdown *lockdown = &view->lockdowns->v[i];
			enum hf_device_state state;
			if (lockdown->phase != rounds[r].phase || lockdown->raise->order->mode != rounds[r].mode ||
			    !hf_device_in_scope(device, lockdown) ||
			    (rounds[r].spoken_of && !hf_report_of_lockdown(device->report, &lockdown->id)))
				continue;
			state = hf_device_standing(device, lockdown, view->now, view->stale_s);
			weakest = state < weakest ? state : weakest;
			live = live || r == 0;
		}
	}
	if (!live && !device->report)
		weakest = HF_DEVICE_UNREACHED;
	else if (!live && weakest != HF_DEVICE_TAMPERED && both_old(device, view))
		weakest = HF_DEVICE_STALE;
	else if (weakest == HF_DEVICE_STATE_COUNT)
		weakest = HF_DEVICE_RECEIVED;
	*ret_not_enforced = live ? !holds[weakest]
				 : weakest <= HF_DEVICE_STALE || device->other || hf_device_retired(device);
	return weakest;
}

size_t hf_device_partly(const struct hf_report *report, enum hf_device_state state,
			const char *ret_names[HF_LAYERS_MAX])
{
	size_t n_held = 0, n = 0;
	for (size_t i = 0; report && i < report->n_layers; i++) {
		enum hf_layer_state layer = report->layers[i].state;
		n_held += layer == HF_LAYER_VERIFIED;
		if (layer == HF_LAYER_FAILED || layer == HF_LAYER_OFF)
			ret_names[n++] = report->layers[i].name;
	}
	return state == HF_DEVICE_ENFORCED_UNVERIFIED && n_held > 0 ? n : 0;
}

size_t hf_estate_count(const struct hf_estate *estate, const struct hf_lockdown *lockdown, struct hf_wall now,
		       int64_t stale_s, size_t ret_counts[HF_DEVICE_STATE_COUNT])
{
	size_t in_scope = 0;
	memset(ret_counts, 0, HF_DEVICE_STATE_COUNT * sizeof(*ret_counts));
	for (size_t i = 0; i < estate->n; i++) {
		if (!hf_device_in_scope(&estate->v[i], lockdown))
			continue;
		ret_counts[hf_device_standing(&estate->v[i], lockdown, now, stale_s)]++;
		in_scope++;
	}
	return in_scope;
}
