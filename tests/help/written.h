/* SPDX-License-Identifier: MIT */
/*
 * written.h - the orders in the files that stand for those of an earlier version: see tests/fixtures
 */
#ifndef HOLDFAST_TESTS_WRITTEN_H
#define HOLDFAST_TESTS_WRITTEN_H

#include "tests/help/council.h"

#define WRITTEN_ORDERS 5
#define WRITTEN_COUNTER 41 /* of the device's last report */

struct written {
	struct council council;
	struct hf_envelope *orders[WRITTEN_ORDERS]; /* all that are approved; owned */
	struct hf_envelope *half_released;	    /* approved by one of two; owned */
	const struct hf_envelope *amended;	    /* an emergency that holds, of revision 1 */
	const struct hf_envelope *released;	    /* an emergency that is over */
	const struct hf_envelope *purdah;
};

/*
 * written_open, written_close - make the orders, the same bytes each time; free them
 *
 * Owner     the caller's
 */
void written_open(struct written *w);
void written_close(struct written *w);

#endif
