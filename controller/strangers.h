/* SPDX-License-Identifier: MIT */
/*
 * strangers.h - devices that speak to this controller and that it does not know
 */
#ifndef HOLDFAST_CONTROLLER_STRANGERS_H
#define HOLDFAST_CONTROLLER_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>

#include "controller/estate/estate.h"

#define HF_STRANGERS_MAX 16 /* devices that are named; one is enough to act on */

/* Start it zeroed. */
struct hf_strangers {
	char id[HF_STRANGERS_MAX][HF_ID_SIZE];
	size_t n;
};

/*
 * hf_strangers_note - a report came in the name of this device
 *
 * Nobody can tell what it is worth: it is a reason to look, and nothing else.
 * Owner     copied
 * Source    controller/API.md "Status"
 */
void hf_strangers_note(struct hf_strangers *strangers, const char *id);

/*
 * hf_strangers_next - the next of them that is still not assigned
 *
 * @at       0 to begin with; one after the place of what is returned
 * Owner     belongs to the strangers
 * Returns   NULL: no more
 */
const char *hf_strangers_next(const struct hf_strangers *strangers, const struct hf_estate *estate, size_t *at);

#endif
