/* SPDX-License-Identifier: MIT */
/*
 * judged.h - what device d1 of the demo council knows, judged at one time, as the agent's rules are given it
 */
#ifndef HOLDFAST_TESTS_JUDGED_H
#define HOLDFAST_TESTS_JUDGED_H

#include "agent/rules/case.h"
#include "tests/help/council.h"

/* Start it with judged_begin. */
struct judged {
	struct hf_known known;
	struct hf_lockdowns lockdowns;
	struct hf_facts facts; /* for the test to fill in */
	struct hf_case matter;
};

/*
 * judged_begin, judged_end - enrolled, with no order; everything of it gone
 */
void judged_begin(struct judged *judged, const struct council *council);
void judged_end(struct judged *judged);

/*
 * judged_order - an order that these have signed is heard
 *
 * Returns   its digest
 */
struct hf_digest judged_order(struct hf_known *known, const struct council *council, const struct hf_order *order,
			      unsigned who);

/*
 * judged_now - judge all that is known at this time of the device's clock
 */
void judged_now(struct judged *judged, struct hf_wall local);

#endif
