/* SPDX-License-Identifier: MIT */
/*
 * Owns which holding messages may have a posting window.
 * Must never give one key an open platform without end.
 *
 * The law
 *  1. Policy D9.3: holders may be asked to post one holding message per account; a second message says when it is over.
 *  2. An amendment that changes an account's text, or its poster, makes a new message, and its poster has one window.
 *  3. One approval gives at most two windows of one lockdown and account, whatever the text and the poster; each further
 *     one needs the approvals of a release.
 *
 * How we read it
 *  3: counted over all orders of the lockdown that are held, in order of revision and digest: a message that stands
 *  there twice is one. What one approval gives depends on no clock and on nothing that a device remembers.
 */
#include <string.h>

#include <holdfast/windows.h>

#include "proto/law/law.h"

static bool is_of(const struct hf_order *order, const struct hf_digest *lockdown)
{
	if (order->act == HF_ACT_RAISE)
		return hf_digest_cmp(&order->digest, lockdown) == 0;
	return order->act == HF_ACT_AMEND && hf_digest_cmp(&order->of, lockdown) == 0;
}

static bool same_message(const struct hf_holding *a, const struct hf_holding *b)
{
	return strcmp(a->text, b->text) == 0 && strcmp(a->poster, b->poster) == 0;
}

static bool meets_release(const struct hf_trust *trust, const struct hf_heard *heard)
{
	const struct hf_order as_release = {
		.mode = heard->order->mode, .kind = heard->order->kind, .act = HF_ACT_RELEASE};
	struct hf_needs needs;
	struct hf_verdict verdict;

	hf_approval_needs(&as_release, NULL, 0, &needs);
	return hf_approval_order(trust, &(struct hf_signed_order){heard->order, &heard->signers}, &needs, &verdict,
				 NULL) == HF_OK;
}

static bool stands_before(const struct hf_order *a, const struct hf_order *b)
{
	if (a->rev != b->rev)
		return a->rev < b->rev;
	return hf_digest_cmp(&a->digest, &b->digest) < 0;
}

/* Where to look: the orders of one lockdown, for one account. */
struct search {
	const struct hf_orders *orders;
	const struct hf_trust *trust;
	const struct hf_order *raise;
	const char *account;
};

/* The first message of this account by one approval that is none of those found before; NULL: no more. */
static const struct hf_holding *next_message(const struct search *s, const struct hf_holding *const *found, size_t n)
{
	const struct hf_holding *first = NULL;
	const struct hf_order *its = NULL;

	for (size_t i = 0; i < s->orders->n; i++) {
		const struct hf_order *order = s->orders->v[i].order;
		const struct hf_holding *h =
			is_of(order, &s->raise->digest) ? hf_order_holding(order, s->account) : NULL;
		bool again = false;

		for (size_t k = 0; h && k < n; k++)
			again = again || same_message(found[k], h);
		if (!h || again || (its && !stands_before(order, its)) || meets_release(s->trust, &s->orders->v[i]))
			continue;
		first = h;
		its = order;
	}
	return first;
}

static bool is_released_by_two(const struct search *s, const struct hf_holding *holding)
{
	for (size_t i = 0; i < s->orders->n; i++) {
		const struct hf_order *order = s->orders->v[i].order;
		const struct hf_holding *h =
			is_of(order, &s->raise->digest) ? hf_order_holding(order, s->account) : NULL;

		if (h && same_message(h, holding) && meets_release(s->trust, &s->orders->v[i]))
			return true;
	}
	return false;
}

bool hf_window_granted(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_order *raise,
		       const struct hf_holding *holding)
{
	const struct search s = {orders, trust, raise, holding->account};
	const struct hf_holding *found[HF_WINDOWS_ALONE] = {NULL};

	if (raise->mode == HF_MODE_EXERCISE)
		return true;
	for (size_t n = 0; n < HF_WINDOWS_ALONE; n++) {
		found[n] = next_message(&s, found, n);
		if (!found[n])
			break;
		if (same_message(found[n], holding))
			return true;
	}
	return is_released_by_two(&s, holding);
}

bool hf_holding_says(const struct hf_holding *holding, const struct hf_digest *text)
{
	static const struct hf_digest any = {0};
	struct hf_digest own;

	if (hf_digest_cmp(text, &any) == 0)
		return true;
	return hf_instructions_digest(holding->text, &own) == HF_OK && hf_digest_cmp(&own, text) == 0;
}

struct hf_posting hf_posting_of(const struct hf_digest *lockdown, const struct hf_holding *holding)
{
	struct hf_posting which = {.lockdown = *lockdown, .account = holding->account, .person = holding->poster};
	struct hf_digest text;

	if (hf_instructions_digest(holding->text, &text) == HF_OK)
		which.text = text;
	return which;
}
