/* SPDX-License-Identifier: MIT */
/*
 * Owns what a person at a device is to tell IT, beside what is in force.
 * Must never change what is blocked: it is said, and holds no order back.
 */
#include "agent/rules/view_attention.h"

#include <holdfast/report.h>

static bool add_sentence(json_t *list, json_t *sentence)
{
	return json_array_append_new(list, sentence) == 0;
}

static bool say_forks(const struct hf_known *known, json_t *list)
{
	for (size_t i = 0; i < known->n_controllers; i++) {
		const struct hf_controller_seen *seen = &known->controllers[i];

		if (seen->log.fork_seq == 0)
			continue;
		if (!add_sentence(
			    list,
			    json_sprintf("the record of the council's server '%s' was cut or made anew (it had %lld "
					 "entries, and then %lld): tell IT. Nothing is opened by that",
					 seen->id, (long long)seen->log.was_size, (long long)seen->log.size)))
			return false;
	}
	return true;
}

static bool say_restored(const struct hf_memory *memory, struct hf_wall now, json_t *list)
{
	if (!hf_report_restored(memory->restored, now))
		return true;
	return add_sentence(list, json_string("where this device keeps what it knows was damaged or taken away; nothing "
					      "was forgotten, and nothing is opened by that: tell IT"));
}

/* It is the officers' to know, and everybody's at the device, so that nobody was opened unseen. */
static bool say_glass(const struct hf_glass_slots *slots, struct hf_wall now, json_t *list)
{
	if (slots->until_ms != 0)
		return add_sentence(list, json_string("this device IS OPEN by the halves of two officers (break-glass): the lockdown goes on, "
						      "and it shuts again by itself, and as soon as it hears the council"));
	if (slots->slot > 0 && hf_report_restored(slots->at, now))
		return add_sentence(list, json_sprintf("this device was opened by the halves of two officers (break-glass, slot %lld): the "
						       "council is told",
						       (long long)slots->slot));
	if (slots->wrong > 0 && hf_report_restored(slots->tried, now))
		return add_sentence(list, json_string("somebody typed wrong halves to open this device (break-glass): the council is told"));
	return true;
}

json_t *hf_view_attention(const struct hf_case *matter, const struct hf_memory *memory)
{
	hf_auto_json json_t *list = json_array();

	if (!list || !say_forks(matter->known, list) ||
	    !say_restored(memory, matter->now.local, list) || !say_glass(&memory->glass, matter->now.local, list))
		return NULL;
	if (memory->moved &&
	    !add_sentence(list,
			  json_string("what this device knows was made on another machine, as of a copied disk: tell "
				      "IT to enrol this device anew")))
		return NULL;
	return json_incref(list);
}
