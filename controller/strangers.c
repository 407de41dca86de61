/* SPDX-License-Identifier: MIT */
/*
 * Owns which devices speak here that this controller does not know: one that was begun anew has forgotten them all.
 * Must never take their word, or be filled by somebody who invents names.
 */
#include <string.h>

#include <holdfast/str.h>

#include "controller/strangers.h"

void hf_strangers_note(struct hf_strangers *strangers, const char *id)
{
	for (size_t i = 0; i < strangers->n; i++)
		if (strcmp(strangers->id[i], id) == 0)
			return;
	if (strangers->n < HF_STRANGERS_MAX && hf_str_copy(strangers->id[strangers->n], HF_ID_SIZE, id) == HF_OK)
		strangers->n++;
}

const char *hf_strangers_next(const struct hf_strangers *strangers, const struct hf_estate *estate, size_t *at)
{
	while (*at < strangers->n) {
		const char *id = strangers->id[(*at)++];
		if (!hf_estate_find(estate, id))
			return id;
	}
	return NULL;
}
