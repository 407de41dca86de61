/* SPDX-License-Identifier: MIT */
/*
 * Owns how each device stood in a lockdown, entry by entry of the record.
 * Must never count a device twice, or as verified on the word of another revision.
 */
#include "controller/office/story_devices.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#define HF_STORY_STATE_NAME(code, name) [code] = (name),
static const char *const state_names[HF_STORY_STATE_COUNT] = {HF_STORY_STATE_LIST(HF_STORY_STATE_NAME)};

static const enum hf_story_state state_said[HF_STANDING_COUNT] = {
	[HF_STANDING_RECEIVED] = HF_STORY_RECEIVED,
	[HF_STANDING_ENFORCED_UNVERIFIED] = HF_STORY_ENFORCED_UNVERIFIED,
	[HF_STANDING_ENFORCED_VERIFIED] = HF_STORY_ENFORCED_VERIFIED,
	[HF_STANDING_MESSAGE_SEEN] = HF_STORY_MESSAGE_SEEN,
	[HF_STANDING_EXEMPT] = HF_STORY_EXEMPT,
	[HF_STANDING_RELEASED_UNVERIFIED] = HF_STORY_RELEASED_UNVERIFIED,
	[HF_STANDING_RELEASED_VERIFIED] = HF_STORY_RELEASED_VERIFIED,
	[HF_STANDING_TAMPERED] = HF_STORY_TAMPERED,
};

const char *hf_story_state_name(enum hf_story_state state)
{
	return state < HF_STORY_STATE_COUNT ? state_names[state] : "?";
}

bool hf_story_holds(enum hf_story_state state)
{
	return state == HF_STORY_ENFORCED_VERIFIED || state == HF_STORY_MESSAGE_SEEN || state == HF_STORY_EXEMPT;
}

bool hf_story_devices_find(const struct hf_story_devices *devices, const char *id, size_t *ret)
{
	const json_t *place = json_object_get(devices->places, id);

	if (place)
		*ret = (size_t)json_integer_value(place);
	return place;
}

static enum hf_rc add_place(struct hf_story_devices *devices, const char *id, size_t *ret)
{
	struct hf_story_device device = {.state = HF_STORY_OUT};

	if (hf_story_devices_find(devices, id, ret))
		return HF_OK;
	if (!devices->places && !(devices->places = json_object()))
		return HF_E_MEMORY;
	if (hf_rows_reserve(&devices->v, &devices->room, devices->n + 1, sizeof(*devices->v)) != HF_OK ||
	    !(device.id = strdup(id)))
		return HF_E_MEMORY;
	*ret = devices->n;
	devices->v[devices->n++] = device;
	return json_object_set_new(devices->places, id, json_integer((json_int_t)*ret)) == 0 ? HF_OK : HF_E_MEMORY;
}

/* With another key it has said nothing yet. */
static void take_key(struct hf_story_device *device)
{
	const struct hf_edition *newest = hf_versions_newest(&device->versions);

	if (!newest || memcmp(&device->key, &newest->doc->pub, sizeof(device->key)) == 0)
		return;
	device->key = newest->doc->pub;
	device->said = false;
}

enum hf_rc hf_story_devices_assign(struct hf_story_devices *devices, const struct hf_trust *trust,
				   const struct hf_envelope *envelope, size_t *ret, struct hf_err *err)
{
	hf_auto_edition struct hf_edition fresh = {0};
	size_t place = 0;
	bool is_new;
	enum hf_rc rc = hf_edition_weigh(trust, envelope, &fresh, err);

	if (rc == HF_OK)
		rc = add_place(devices, fresh.doc->device, &place);
	if (rc == HF_OK)
		rc = hf_versions_reserve(&devices->v[place].versions);
	if (rc == HF_E_MEMORY)
		return hf_err_set(err, rc, "There is no memory for the devices of a lockdown.");
	if (rc != HF_OK)
		return rc;
	(void)hf_versions_join(&devices->v[place].versions, trust, &fresh, &is_new, err);
	take_key(&devices->v[place]);
	*ret = place;
	return HF_OK;
}

static enum hf_story_state state_of(const struct hf_story_device *device, const struct hf_story_scope *scope)
{
	bool in = false;

	for (size_t i = 0; i < scope->n; i++)
		in = in || hf_versions_in(&device->versions, scope->groups[i]);
	if (!in)
		return HF_STORY_OUT;
	if (!device->said || device->standing >= HF_STANDING_COUNT || (!scope->released && device->rev < scope->rev))
		return HF_STORY_UNREACHED;
	return state_said[device->standing];
}

static void note_first(struct hf_wall *first, bool is_so, struct hf_wall at)
{
	if (is_so && first->s == 0)
		*first = at;
}

enum hf_rc hf_story_devices_settle(struct hf_story_devices *devices, size_t place, const struct hf_story_scope *scope,
				   const struct hf_story_moment *moment)
{
	struct hf_story_device *device = &devices->v[place];
	enum hf_story_state state = state_of(device, scope);

	if (state == device->state)
		return HF_OK;
	if (hf_rows_reserve(&devices->changes, &devices->changes_room, devices->n_changes + 1,
			    sizeof(*devices->changes)) != HF_OK)
		return HF_E_MEMORY;
	devices->changes[devices->n_changes++] = (struct hf_story_change){moment->record, place, state};
	device->state = state;
	if (hf_story_holds(state) && device->verified.s == 0)
		device->verified_record = moment->record;
	note_first(&device->received, state > HF_STORY_STALE || state == HF_STORY_TAMPERED, moment->at);
	note_first(&device->verified, hf_story_holds(state), moment->at);
	note_first(&device->released, state == HF_STORY_RELEASED_VERIFIED, moment->at);
	device->tampered += state == HF_STORY_TAMPERED;
	return HF_OK;
}

enum hf_rc hf_story_devices_silent(struct hf_story_devices *devices, const struct hf_story_silence *silence)
{
	if (hf_rows_reserve(&devices->silences, &devices->silences_room, devices->n_silences + 1,
			    sizeof(*devices->silences)) != HF_OK)
		return HF_E_MEMORY;
	devices->silences[devices->n_silences++] = *silence;
	return HF_OK;
}

/* Whoever was silent at a moment: what it had said before says nothing of then, but that it was tampered with, or let go. */
static void count_silent(const struct hf_story_counter *counter, const struct hf_story_moment *moment,
			 size_t ret[HF_STORY_STATE_COUNT])
{
	for (size_t i = 0; i < counter->devices->n_silences; i++) {
		const struct hf_story_silence *silence = &counter->devices->silences[i];
		enum hf_story_state state = counter->now[silence->device];

		if (moment->record >= silence->record || moment->at.s <= silence->since.s + HF_STORY_STALE_S ||
		    state == HF_STORY_OUT || state == HF_STORY_UNREACHED || state == HF_STORY_TAMPERED ||
		    state == HF_STORY_RELEASED_VERIFIED)
			continue;
		ret[state]--;
		ret[HF_STORY_STALE]++;
	}
}

enum hf_rc hf_story_count(struct hf_story_counter *counter, const struct hf_story_moment *moment,
			  size_t ret[HF_STORY_STATE_COUNT])
{
	const struct hf_story_devices *devices = counter->devices;

	if (!counter->now) {
		counter->now = calloc(devices->n + 1, sizeof(*counter->now));
		if (!counter->now)
			return HF_E_MEMORY;
		counter->n[HF_STORY_OUT] = devices->n;
	}
	for (; counter->next < devices->n_changes && devices->changes[counter->next].record <= moment->record;
	     counter->next++) {
		const struct hf_story_change *change = &devices->changes[counter->next];

		counter->n[counter->now[change->device]]--;
		counter->now[change->device] = change->state;
		counter->n[change->state]++;
	}
	memcpy(ret, counter->n, sizeof(counter->n));
	count_silent(counter, moment, ret);
	return HF_OK;
}

void hf_story_counter_done(struct hf_story_counter *counter)
{
	free(counter->now);
	*counter = (struct hf_story_counter){0};
}

void hf_story_devices_done(struct hf_story_devices *devices)
{
	for (size_t i = 0; i < devices->n; i++) {
		free(devices->v[i].id);
		hf_versions_done(&devices->v[i].versions);
	}
	free(devices->v);
	free(devices->changes);
	free(devices->silences);
	json_decref(devices->places);
	*devices = (struct hf_story_devices){0};
}
