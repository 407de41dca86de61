/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the agent's answers by the programs of a person.
 * Must never take a member that is not there for one that is.
 */
#include "agent/talk/answer.h"

#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

const char *hf_said_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

const char *hf_said_person(const json_t *object, const char *name, char text[HF_SAID_PERSON_SIZE])
{
	const char *id = hf_said_text(object, name), *called = "";
	char member[HF_ID_SIZE];

	if (hf_str_printf(member, sizeof(member), "%s_name", name) == HF_OK)
		called = hf_said_text(object, member);
	if (!called[0] || hf_str_printf(text, HF_SAID_PERSON_SIZE, "%s (%s)", called, id) != HF_OK)
		return id;
	return text;
}

const json_t *hf_said_people(const json_t *object, const char *name)
{
	const json_t *called = NULL;
	char member[HF_ID_SIZE];

	if (hf_str_printf(member, sizeof(member), "%s_names", name) == HF_OK)
		called = json_object_get(object, member);
	return called ? called : json_object_get(object, name);
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
	return hf_said_is(lockdown, "kind", "emergency") ? hf_text("emergency lockdown")
							 : hf_text("pre-election period (purdah)");
}

const char *hf_said_article(const json_t *lockdown, bool first)
{
	bool emergency = hf_said_is(lockdown, "kind", "emergency");

	return first ? (emergency ? hf_text("An") : hf_text("A")) : emergency ? hf_text("an") : hf_text("a");
}

struct hf_wall hf_said_begin(const json_t *lockdown)
{
	struct hf_wall from = hf_said_time(lockdown, "from");

	return from.s > 0 ? from : hf_said_time(lockdown, "at");
}

static bool comes_before(const json_t *a, const json_t *b)
{
	if (hf_said_exercise(a) != hf_said_exercise(b))
		return hf_said_exercise(b);
	return hf_said_time(a, "released_at").s > hf_said_time(b, "released_at").s;
}

const json_t *hf_said_clear(const json_t *view, bool (*wanted)(const void *arg, const json_t *lockdown),
			    const void *arg)
{
	const json_t *best = NULL;
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "phase", "released") && (!wanted || wanted(arg, row)) &&
		    (!best || comes_before(row, best)))
			best = row;
	}
	return best;
}

#define NAMED_MAX 3 /* of more the number is said */

static bool is_reached(const json_t *account)
{
	return hf_said_is(account, "level", "open") && !hf_said_is(account, "reach", "guard") &&
	       !hf_said_is(account, "reach", "block");
}

const char *hf_said_shut(const json_t *view, char text[HF_SAID_SHUT_SIZE])
{
	const char *shut[NAMED_MAX] = {"", "", ""};
	size_t n_shut = 0, n_open = 0, i;
	enum hf_rc rc;
	json_t *row;

	json_array_foreach(json_object_get(view, "accounts"), i, row)
	{
		if (!hf_said_true(row, "holder"))
			continue;
		if (is_reached(row))
			n_open++;
		else if (n_shut++ < NAMED_MAX)
			shut[n_shut - 1] = hf_said_text(row, "id");
	}
	if (n_open == 0 || n_shut == 0)
		return NULL;
	if (n_shut > NAMED_MAX)
		rc = hf_str_printf(text, HF_SAID_SHUT_SIZE, hf_text("%zu of your accounts"), n_shut);
	else
		rc = hf_str_printf(text, HF_SAID_SHUT_SIZE, "%s%s%s%s%s", shut[0],
				   n_shut == 3	 ? ", "
				   : n_shut == 2 ? hf_text(" and ")
						 : "",
				   shut[1], n_shut == 3 ? hf_text(" and ") : "", shut[2]);
	return rc == HF_OK ? text : NULL;
}

json_int_t hf_said_in_force(const json_t *view, const char *kind)
{
	return json_integer_value(json_object_get(json_object_get(view, "in_force"), kind));
}

bool hf_said_live(const json_t *view)
{
	return hf_said_in_force(view, "emergency") + hf_said_in_force(view, "purdah") > 0;
}

bool hf_said_all_open(const json_t *view)
{
	return hf_said_is(view, "level", "open") && !hf_said_live(view) && !hf_said_true(view, "unknown") &&
	       !hf_said_true(view, "moved") && !hf_said_true(view, "waiting") &&
	       json_array_size(json_object_get(view, "over")) == 0;
}

enum hf_rc hf_said_removable(const json_t *view, struct hf_err *err)
{
	if (hf_said_true(view, "unknown"))
		return hf_err_set(err, HF_E_PENDING,
				  "this device has lost what it knew and is shut until two officers recover it: until then the "
				  "agent stays");
	if (hf_said_live(view) || !hf_said_all_open(view))
		return hf_err_set(err, HF_E_PENDING,
				  "a live lockdown holds on this device: until its all-clear the agent stays (see "
				  "`holdfast-agent status`)");
	return HF_OK;
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
