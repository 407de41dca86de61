/* SPDX-License-Identifier: MIT */
/*
 * Owns whose word counts about which lockdown.
 * Must never decide what the word is worth; each book does.
 */
#include <string.h>

#include "controller/testimony.h"

static const struct hf_pair *find_pair(const struct hf_pairs *pairs, const char *person, bool must_count)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->v[i].person, person) == 0 && (pairs->v[i].counts || !must_count))
			return &pairs->v[i];
	return NULL;
}

bool hf_testimony_uses(const struct hf_versions *versions, const char *person)
{
	struct hf_pairs pairs;
	hf_versions_pairs(versions, &pairs);
	return find_pair(&pairs, person, false);
}

bool hf_testimony_posts(const struct hf_versions *versions, const char *person)
{
	struct hf_pairs pairs;
	hf_versions_pairs(versions, &pairs);
	return find_pair(&pairs, person, true);
}

bool hf_testimony_shapes(const struct hf_order *order, const struct hf_digest *lockdown)
{
	if (order->act == HF_ACT_RAISE)
		return hf_digest_cmp(&order->digest, lockdown) == 0;
	return order->act == HF_ACT_AMEND && hf_digest_cmp(&order->of, lockdown) == 0;
}
