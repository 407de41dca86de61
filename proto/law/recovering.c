/* SPDX-License-Identifier: MIT */
/*
 * Owns the question whether a device that lost what it knew knows it again.
 * Must never take a controller's word for it, or one person's.
 *
 * The law
 *  1. Policy D9.2: nothing but a proven all-clear lifts it. A device that has lost what it knew does not know whether
 *     something holds: so it is shut for everybody, until people say what holds and it holds that.
 *  2. Two people of the rule `recover` say it, of the newest trust, for this device and this loss (its own number).
 *
 * How we read it
 *  1: a server that was stolen, or that was away when the raise came, says in good order that nothing is in force. So
 *  its word is no part of this. An order is held when it is in the set and still approved.
 *  2: a recovery that names nothing as live opens as much as a release does: its rule is that of a release.
 */
#include <string.h>

#include "proto/law/law.h"

static bool all_held(const struct hf_known *known, const struct hf_recover *recover)
{
	for (size_t i = 0; i < recover->n_live; i++) {
		const struct hf_heard *heard = hf_orders_find(&known->orders, &recover->live[i]);

		if (!heard || !hf_heard_stands(heard, known->trust))
			return false;
	}
	return true;
}

enum hf_rc hf_recover_open(const struct hf_known *known, const struct hf_envelope *envelope,
			   struct hf_recover **ret_recover, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	struct hf_verdict verdict;
	enum hf_rc rc = hf_approval_document(known->trust, envelope, &verdict, err);

	if (rc == HF_OK)
		rc = hf_recover_decode(envelope, &recover, err);
	if (rc != HF_OK)
		return rc;
	if (strcmp(known->council, recover->council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "This was made for another council, %s.", recover->council);
	*ret_recover = hf_steal_ptr(&recover);
	return HF_OK;
}

bool hf_recover_ends(const struct hf_known *known, const struct hf_envelope *envelope, const struct hf_digest *nonce)
{
	hf_auto_recover struct hf_recover *recover = NULL;

	return hf_recover_open(known, envelope, &recover, NULL) == HF_OK &&
	       hf_recover_names(recover, known->device, nonce) && all_held(known, recover);
}
