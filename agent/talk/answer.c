/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the agent's answers by the programs of a person.
 * Must never take a member that is not there for one that is.
 */
#include "agent/talk/answer.h"

#include <string.h>

const char *hf_said_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

bool hf_said_is(const json_t *object, const char *name, const char *word)
{
	return strcmp(hf_said_text(object, name), word) == 0;
}

bool hf_said_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

struct hf_wall hf_said_time(const json_t *object, const char *name)
{
	return (struct hf_wall){json_integer_value(json_object_get(object, name))};
}

bool hf_said_exercise(const json_t *lockdown)
{
	return hf_said_is(lockdown, "mode", "exercise");
}

const char *hf_said_kind(const json_t *lockdown)
{
	return hf_said_is(lockdown, "kind", "emergency") ? "emergency lockdown" : "pre-election period (purdah)";
}

const char *hf_said_article(const json_t *lockdown, bool first)
{
	bool emergency = hf_said_is(lockdown, "kind", "emergency");

	return first ? (emergency ? "An" : "A") : emergency ? "an" : "a";
}

json_int_t hf_said_in_force(const json_t *view, const char *kind)
{
	return json_integer_value(json_object_get(json_object_get(view, "in_force"), kind));
}

bool hf_said_live(const json_t *view)
{
	return hf_said_in_force(view, "emergency") + hf_said_in_force(view, "purdah") > 0;
}

bool hf_said_shared(const json_t *view)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "tools"), i, row)
	{
		if (hf_said_true(row, "shared"))
			return true;
	}
	return false;
}
