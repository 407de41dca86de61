/* SPDX-License-Identifier: MIT */
/*
 * Owns whose word counts about which lockdown.
 * Must never decide what the word is worth; each book does.
 */
#include <string.h>

#include "controller/testimony.h"

bool hf_testimony_uses(const struct hf_assignment *assignment, const char *person)
{
	for (size_t i = 0; i < assignment->n_people; i++)
		if (strcmp(assignment->people[i].person, person) == 0)
			return true;
	return false;
}

bool hf_testimony_shapes(const struct hf_order *order, const struct hf_digest *lockdown)
{
	if (order->act == HF_ACT_RAISE)
		return hf_digest_cmp(&order->digest, lockdown) == 0;
	return order->act == HF_ACT_AMEND && hf_digest_cmp(&order->of, lockdown) == 0;
}
