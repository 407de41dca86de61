/* SPDX-License-Identifier: MIT */
/*
 * Owns what the keeper says of this device to whoever asks what holds here.
 * Must never say that a person was shown what no screen of theirs has.
 */
#include <string.h>

#include <holdfast/clock.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/rules/view.h"

/* Whoever must post from a device that nobody hears is told how. */
static void add_way_out(struct hf_keeper *k, json_t *view)
{
	hf_auto_json json_t *glass = hf_keeper_glass_view(k);
	json_t *list = json_object_get(view, "attention");
	const char *state = json_string_value(json_object_get(glass, "state"));

	if (!state || strcmp(state, "ready") != 0 || !json_is_array(list))
		return;
	(void)json_array_append_new(
		list, json_sprintf("this device has not heard the council for half an hour: if it must be opened, two officers can, one of "
				   "each side (slot %lld: `holdfast-agent glass`)",
				   (long long)json_integer_value(json_object_get(glass, "slot"))));
}

json_t *hf_keeper_status(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	hf_auto_moment struct hf_moment moment = {0};
	const struct hf_posting_time time = hf_keeper_posting_time(k);
	struct hf_pairs pairs;
	struct hf_view_facts facts = {
		.who = hf_keeper_pair_of(k, uid, &pairs),
		.trouble = k->trouble,
		.waiting = k->waiting,
		.can_report = k->key,
		.time = &time,
		.heard_s = k->heard_at.ms == 0 ? -1 : (hf_clock_boot().ms - k->heard_at.ms) / 1000,
	};
	struct hf_err err = {""};
	json_t *view;

	if (hf_moment_of(k, &moment, &err) != HF_OK)
		return NULL;
	view = hf_view_make(&moment.matter, &moment.report, &facts, &err);
	if (view)
		add_way_out(k, view);
	/* Root alone looks for what is wrong with it. */
	if (view && uid == 0 && k->source[false].row)
		(void)json_object_set(view, "broker", k->source[false].row);
	if (view && question->reads && facts.who && hf_view_shown(&moment.matter, &k->memory.seen)) {
		/* Once a lockdown: so that it is not asked again after a power cut whether anybody was told. */
		k->minor = !hf_keeper_save(k);
		hf_keeper_report(k, false);
	}
	return view;
}
