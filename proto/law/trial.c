/* SPDX-License-Identifier: MIT */
/*
 * Owns what would come of hearing an order, without hearing it.
 * Must never change anything, or promise what hearing would then refuse.
 */
#include "proto/law/law.h"

/* Its approvals and those that are there must fit together. */
static enum hf_rc try_merge(const struct hf_heard *mine, const struct hf_envelope *more, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *both = NULL;
	enum hf_rc rc = hf_envelope_copy(mine->envelope, &both);

	if (rc == HF_OK)
		rc = hf_envelope_merge(both, more, NULL);
	if (rc == HF_E_SIZE)
		return hf_err_set(err, rc, "This order carries more approvals than there is room for (%d).",
				  HF_SIGNATURES_MAX);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is no memory for more approvals.");
}

enum hf_rc hf_known_try_order(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_err *err)
{
	const struct hf_heard *mine = hf_orders_find(&known->orders, &envelope->digest);
	struct hf_heard fresh = {0};
	enum hf_rc rc = hf_orders_weigh(&known->orders, known->trust, envelope, &fresh, err);

	if (rc == HF_OK && fresh.envelope && mine)
		rc = try_merge(mine, fresh.envelope, err);
	if (rc == HF_OK && fresh.envelope && !mine && !hf_orders_have_room(&known->orders, known->trust, &fresh))
		rc = hf_shares_refuse(err);
	hf_heard_done(&fresh);
	return rc;
}
