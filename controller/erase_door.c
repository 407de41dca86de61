/* SPDX-License-Identifier: MIT */
/*
 * Owns whether what records say may be let go.
 * Must never let go what a lockdown that holds follows from.
 */
#include "controller/erase_door.h"

#include <holdfast/clock.h>
#include <holdfast/rows.h>

/* When the first of the lockdowns began, or was raised, that hold or are to come. */
static enum hf_rc oldest_of_now(const struct hf_controller *c, struct hf_wall *ret, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	enum hf_rc rc = hf_controller_lockdowns(c, &lockdowns, err);
	struct hf_wall oldest = hf_clock_wall();
	for (size_t i = 0; rc == HF_OK && i < lockdowns.n; i++) {
		const struct hf_lockdown *l = &lockdowns.v[i];
		bool holds = l->phase == HF_PHASE_IN_FORCE || l->phase == HF_PHASE_SCHEDULED;
		if (holds && l->raise->order->at.s < oldest.s)
			oldest = l->raise->order->at;
	}
	*ret = oldest;
	return rc;
}

enum hf_rc hf_erase_try(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	struct hf_wall before;
	enum hf_rc rc = hf_erase_decode(envelope, &erase, err);
	if (rc == HF_OK)
		rc = oldest_of_now(c, &before, err);
	return rc == HF_OK ? hf_journal_may_erase(c->journal, erase, before, err) : rc;
}

enum hf_rc hf_erase_apply(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	enum hf_rc rc = hf_erase_open(&c->known, envelope, &erase, err);
	if (rc != HF_OK)
		return rc;
	if (hf_rows_reserve(&c->erasures, &c->erasures_room, c->n_erasures + 1, sizeof(*c->erasures)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for an erasure");
	c->erasures[c->n_erasures++] = envelope->digest;
	return HF_OK;
}

bool hf_erase_known(const struct hf_controller *c, const struct hf_digest *digest)
{
	for (size_t i = 0; i < c->n_erasures; i++)
		if (hf_digest_cmp(&c->erasures[i], digest) == 0)
			return true;
	return false;
}
