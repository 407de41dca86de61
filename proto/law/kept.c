/* SPDX-License-Identifier: MIT */
/*
 * Owns the set of approved orders as it lies in memory, and the question whether an order may lie in it.
 * Must never ask how much there is already, or what else is known.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/sorted.h>

#include "proto/law/law.h"

static int by_digest(const void *digest, const void *heard)
{
	return hf_digest_cmp(digest, &((const struct hf_heard *)heard)->envelope->digest);
}

/* Where this digest stands, or would. */
size_t hf_orders_place(const struct hf_orders *orders, const struct hf_digest *digest)
{
	return hf_sorted_place(digest, orders->v, orders->n, sizeof(*orders->v), by_digest);
}

struct hf_heard *hf_orders_mine(const struct hf_orders *orders, const struct hf_digest *digest)
{
	size_t at = hf_orders_place(orders, digest);

	if (at == orders->n || hf_digest_cmp(&orders->v[at].envelope->digest, digest) != 0)
		return NULL;
	return &orders->v[at];
}

const struct hf_heard *hf_orders_find(const struct hf_orders *orders, const struct hf_digest *digest)
{
	return hf_orders_mine(orders, digest);
}

/* An amendment may come to need any of these, as what it amends becomes known. */
static enum hf_rc amendment_keepable(const struct hf_trust *trust, const struct hf_order *order,
				     const struct hf_signers *signers, struct hf_err *err)
{
	struct hf_order as_release = {.mode = order->mode, .kind = order->kind, .act = HF_ACT_RELEASE};
	struct hf_needs other;
	struct hf_needs needs;
	struct hf_verdict verdict;
	enum hf_rc rc;

	hf_approval_needs(order, NULL, 0, &needs);
	rc = hf_approval_order(trust, &(struct hf_signed_order){order, signers}, &needs, &verdict, err);
	if (rc == HF_OK || rc == HF_E_COUNCIL || rc == HF_E_VOID || order->mode == HF_MODE_EXERCISE)
		return rc;
	hf_approval_needs(&as_release, NULL, 0, &other);
	if (hf_approval_order(trust, &(struct hf_signed_order){order, signers}, &other, &verdict, NULL) == HF_OK)
		return HF_OK;
	if (hf_approval_meets(trust, signers, (struct hf_need){HF_RULE_EXEMPT, HF_RULE_APPROVE}, &verdict, NULL) ==
	    HF_OK)
		return HF_OK;
	return rc;
}

enum hf_rc hf_order_keepable(const struct hf_trust *trust, const struct hf_order *order,
			     const struct hf_signers *signers, struct hf_err *err)
{
	struct hf_needs needs;
	struct hf_verdict verdict;

	if (order->act == HF_ACT_AMEND)
		return amendment_keepable(trust, order, signers, err);
	hf_approval_needs(order, NULL, 0, &needs);
	return hf_approval_order(trust, &(struct hf_signed_order){order, signers}, &needs, &verdict, err);
}

bool hf_heard_stands(const struct hf_heard *heard, const struct hf_trust *trust)
{
	return hf_order_keepable(trust, heard->order, &heard->signers, NULL) == HF_OK;
}

enum hf_rc hf_orders_reserve(struct hf_orders *orders, size_t n)
{
	return hf_rows_reserve(&orders->v, &orders->room, orders->n + n, sizeof(*orders->v));
}

void hf_orders_remove(struct hf_orders *orders, size_t at)
{
	hf_heard_done(&orders->v[at]);
	memmove(&orders->v[at], &orders->v[at + 1], (orders->n - at - 1) * sizeof(orders->v[0]));
	orders->n--;
}

void hf_heard_done(struct hf_heard *heard)
{
	hf_envelope_free(&heard->envelope);
	hf_order_free(&heard->order);
	memset(heard, 0, sizeof(*heard));
}

void hf_orders_done(struct hf_orders *orders)
{
	for (size_t i = 0; i < orders->n; i++)
		hf_heard_done(&orders->v[i]);
	free(orders->v);
	memset(orders, 0, sizeof(*orders));
}
