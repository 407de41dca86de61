/* SPDX-License-Identifier: MIT */
/*
 * Owns what tests of the rules begin with.
 * Must never decide anything itself.
 */
#include "tests/help/judged.h"

#include <criterion/criterion.h>
#include <string.h>

void judged_begin(struct judged *judged, const struct council *council)
{
	memset(judged, 0, sizeof(*judged));
	council_begin(council, &judged->known);
}

struct hf_digest judged_order(struct hf_known *known, const struct council *council, const struct hf_order *order,
			      unsigned who)
{
	hf_auto_envelope struct hf_envelope *envelope = council_order(council, order, who);
	bool grew;

	cr_assert_eq(hf_orders_add(&known->orders, known->trust, envelope, &grew, NULL), HF_OK);
	return envelope->digest;
}

void judged_now(struct judged *judged, struct hf_wall local)
{
	struct judged *j = judged;

	hf_lockdowns_done(&j->lockdowns);
	cr_assert_eq(hf_known_lockdowns(&j->known, local, &j->lockdowns, NULL), HF_OK);
	j->matter = (struct hf_case){&j->known, &j->lockdowns, &j->facts, hf_known_now(&j->known, local)};
}

void judged_end(struct judged *judged)
{
	hf_lockdowns_done(&judged->lockdowns);
	hf_known_done(&judged->known);
}
