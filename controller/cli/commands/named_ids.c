/* SPDX-License-Identifier: MIT */
/*
 * Owns the warning of ids that say who somebody is.
 * Must never stop anybody: what an id says is the council's to decide.
 */
#include <string.h>

#include "controller/cli/commands/named_ids.h"
#include "controller/telling/id_names.h"

void hf_named_id_warn(const struct hf_office *office, const char *id, const char *name)
{
	if (hf_id_says_name(id, name) || hf_id_looks_like_name(id))
		hf_office_warn(office,
			       "the id %s looks like its person's name. Ids go into signed documents and onto devices, and nobody can take them "
			       "back: call people by what they do, such as comms-1",
			       id);
}

static bool is_of_trust(const struct hf_trust *trust, const char *person)
{
	for (size_t i = 0; trust && i < trust->n_people; i++)
		if (strcmp(trust->people[i].id, person) == 0)
			return true;
	return false;
}

void hf_named_ids_of_trust(const struct hf_office *office, const struct hf_trust *trust, const struct hf_trust *before)
{
	for (size_t i = 0; i < trust->n_people; i++)
		if (!is_of_trust(before, trust->people[i].id))
			hf_named_id_warn(office, trust->people[i].id, trust->people[i].name ? trust->people[i].name : "");
}

static bool holds_any(const struct hf_register *held, const char *person)
{
	for (size_t a = 0; held && a < held->n_accounts; a++)
		for (size_t i = 0; i < held->accounts[a].n_holders; i++)
			if (strcmp(held->accounts[a].holders[i].person, person) == 0)
				return true;
	return false;
}

void hf_named_ids_of_table(const struct hf_office *office, json_t *seen, const struct hf_register *held)
{
	hf_auto_json json_t *said = json_object();
	const char *account, *person;
	json_t *people, *line;

	json_object_foreach(seen, account, people)
		json_object_foreach(people, person, line)
		{
			if (!json_object_get(said, person) && !holds_any(held, person))
				hf_named_id_warn(office, person, "");
			(void)json_object_set_new(said, person, json_true());
		}
}
