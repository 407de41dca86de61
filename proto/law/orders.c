/* SPDX-License-Identifier: MIT */
/*
 * Owns the one way into the set of approved orders.
 * Must never keep what nobody approved, forget what somebody did, or depend on the order of hearing.
 *
 * The law
 *  1. Each party keeps a set of approved orders and adds what it hears; union is the merge, of orders and of the
 *     approvals of one order. There is no latest message.
 *  2. Every order is judged alone, by the newest trust.
 *  3. Orders written before `void_before` and not affirmed are void and dropped.
 *
 * How we read it
 *  1: whether an order is kept must not hang on what else is known, or replaying in another order would end
 *  elsewhere. So an amendment, whose need depends on what it amends, is kept if it meets any rule that it could come
 *  to need; whether it counts is judged anew each time (lockdowns.c). Approvals that do not verify are left out, and
 *  a keyid is written anew from the key that did verify, so that equal sets are equal byte for byte.
 *  2: an envelope is judged by the approvals on it, whether its order is known or not: an old order with its signatures
 *  taken off is refused like a new one, and approvals that come apart, none of them enough, do not add up in one order
 *  of hearing and fail to in another.
 *  Signatures are verified once, on the way in. Which key made one is remembered, so that a change of trust is a
 *  look-up: it needs no memory and cannot fail half way.
 */
#include <string.h>

#include "proto/law/law.h"

static bool has_signature(const struct hf_envelope *envelope, const uint8_t sig[HF_SIG_LEN])
{
	for (size_t i = 0; i < envelope->n_signatures; i++)
		if (memcmp(envelope->signatures[i].sig, sig, HF_SIG_LEN) == 0)
			return true;
	return false;
}

static bool all_known(const struct hf_envelope *mine, const struct hf_envelope *heard)
{
	if (mine->n_signatures != heard->n_signatures)
		return false;
	for (size_t i = 0; i < mine->n_signatures; i++)
		if (!has_signature(heard, mine->signatures[i].sig))
			return false;
	return true;
}

/* Leaves out of a copy what did not verify, and notes which key made what stays. False: no memory. */
static bool keep_verified(struct hf_heard *heard, const struct hf_sifted *sifted)
{
	struct hf_envelope *envelope = heard->envelope;
	size_t kept = 0;

	for (size_t i = 0; i < envelope->n_signatures; i++) {
		if (!sifted->keys[i])
			continue;
		envelope->signatures[kept] = envelope->signatures[i];
		memset(envelope->signatures[kept].keyid, 0, sizeof(envelope->signatures[kept].keyid));
		if (*hf_pub_keyid(sifted->keys[i], envelope->signatures[kept].keyid) == '\0')
			return false;
		heard->keys[kept] = *sifted->keys[i];
		kept++;
	}
	envelope->n_signatures = kept;
	return true;
}

static bool brings_new(const struct hf_heard *mine, const struct hf_envelope *heard, const struct hf_sifted *sifted)
{
	for (size_t i = 0; i < heard->n_signatures; i++)
		if (sifted->keys[i] && !has_signature(mine->envelope, heard->signatures[i].sig))
			return true;
	return false;
}

/* The copy is made before the judgement: where there is no memory, no signature verifies, and that is no refusal. */
static enum hf_rc weigh_new(const struct hf_heard *mine, const struct hf_trust *trust,
			    const struct hf_envelope *envelope, struct hf_heard *ret_fresh, struct hf_err *err)
{
	hf_auto_order struct hf_order *order = NULL;
	hf_auto_envelope struct hf_envelope *copy = NULL;
	struct hf_heard fresh = {0};
	struct hf_sifted sifted;
	enum hf_rc rc = hf_order_decode(envelope, &order, err);

	if (rc != HF_OK)
		return rc;
	hf_signers_sift(trust, envelope, &sifted);
	if (hf_envelope_copy(envelope, &copy) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for one more order.");
	rc = hf_order_keepable(trust, order, &sifted.signers, err);
	if (rc != HF_OK || (mine && !brings_new(mine, envelope, &sifted)))
		return rc;
	fresh.envelope = copy;
	if (!keep_verified(&fresh, &sifted))
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for one more order.");
	fresh.envelope = hf_steal_ptr(&copy);
	fresh.order = hf_steal_ptr(&order);
	*ret_fresh = fresh;
	return HF_OK;
}

enum hf_rc hf_orders_weigh(const struct hf_orders *orders, const struct hf_trust *trust,
			   const struct hf_envelope *envelope, struct hf_heard *ret_fresh, struct hf_err *err)
{
	const struct hf_heard *mine = hf_orders_mine(orders, &envelope->digest);
	enum hf_rc rc;

	if (!mine || !all_known(mine->envelope, envelope))
		return weigh_new(mine, trust, envelope, ret_fresh, err);
	rc = hf_order_keepable(trust, mine->order, &mine->signers, err);
	if (rc == HF_OK)
		memset(ret_fresh, 0, sizeof(*ret_fresh));
	return rc;
}

static const struct hf_pub *signing_key(const struct hf_heard *heard, const struct hf_envelope *envelope,
					const uint8_t sig[HF_SIG_LEN])
{
	for (size_t i = 0; i < envelope->n_signatures; i++)
		if (memcmp(envelope->signatures[i].sig, sig, HF_SIG_LEN) == 0)
			return &heard->keys[i];
	return NULL;
}

/* Copies of the old signatures tell which key is whose after the merge has put them into its fixed order. */
static enum hf_rc join_approvals(struct hf_heard *mine, const struct hf_heard *fresh, bool *ret_new, struct hf_err *err)
{
	struct hf_envelope before = *mine->envelope;
	struct hf_pub keys[HF_SIGNATURES_MAX] = {0};
	enum hf_rc rc = hf_envelope_merge(mine->envelope, fresh->envelope, ret_new);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "This order carries more approvals than there is room for (%d).",
				  HF_SIGNATURES_MAX);
	for (size_t i = 0; i < mine->envelope->n_signatures; i++) {
		const uint8_t *sig = mine->envelope->signatures[i].sig;
		const struct hf_pub *key = signing_key(mine, &before, sig);

		keys[i] = key ? *key : *signing_key(fresh, fresh->envelope, sig);
	}
	memcpy(mine->keys, keys, sizeof(keys));
	return HF_OK;
}

/* Merging a copy without signatures with itself puts them into the fixed order that every later merge keeps. */
static enum hf_rc put_in_order(struct hf_heard *heard)
{
	struct hf_envelope signed_one = *heard->envelope;
	struct hf_heard as_heard = *heard;
	bool grew;

	as_heard.envelope = &signed_one;
	heard->envelope->n_signatures = 0;
	return join_approvals(heard, &as_heard, &grew, NULL);
}

static enum hf_rc insert_heard(struct hf_orders *orders, const struct hf_trust *trust, struct hf_heard *fresh,
			       struct hf_err *err)
{
	size_t at = hf_orders_place(orders, &fresh->envelope->digest);
	enum hf_rc rc;

	if (orders->n == orders->room)
		return hf_err_set(err, HF_E_SIZE, "No room was made for one more order.");
	rc = put_in_order(fresh);
	if (rc != HF_OK)
		return rc;
	hf_signers_of_keys(trust, fresh->keys, fresh->envelope->n_signatures, &fresh->signers);
	memmove(&orders->v[at + 1], &orders->v[at], (orders->n - at) * sizeof(orders->v[0]));
	orders->v[at] = *fresh;
	orders->n++;
	memset(fresh, 0, sizeof(*fresh));
	return HF_OK;
}

static enum hf_rc settle_new(struct hf_orders *orders, const struct hf_trust *trust, const struct hf_digest *digest,
			     bool *ret_new, struct hf_err *err)
{
	hf_orders_settle(orders, trust, digest);
	if (!hf_orders_mine(orders, digest))
		return hf_shares_refuse(err);
	*ret_new = true;
	return HF_OK;
}

enum hf_rc hf_orders_join(struct hf_orders *orders, const struct hf_trust *trust, struct hf_heard *fresh, bool *ret_new,
			  struct hf_err *err)
{
	struct hf_envelope before;
	struct hf_digest digest;
	struct hf_heard *mine;
	enum hf_rc rc;

	if (!fresh->envelope) {
		*ret_new = false;
		return HF_OK;
	}
	digest = fresh->envelope->digest;
	mine = hf_orders_mine(orders, &digest);
	if (!mine) {
		rc = insert_heard(orders, trust, fresh, err);
		return rc == HF_OK ? settle_new(orders, trust, &digest, ret_new, err) : rc;
	}
	before = *mine->envelope;
	rc = join_approvals(mine, fresh, ret_new, err);
	if (rc != HF_OK)
		return rc;
	hf_signers_of_keys(trust, mine->keys, mine->envelope->n_signatures, &mine->signers);
	hf_heard_done(fresh);
	hf_orders_settle(orders, trust, &digest);
	mine = hf_orders_mine(orders, &digest);
	*ret_new = mine && !all_known(mine->envelope, &before);
	return HF_OK;
}

enum hf_rc hf_orders_add(struct hf_orders *orders, const struct hf_trust *trust, const struct hf_envelope *envelope,
			 bool *ret_new, struct hf_err *err)
{
	struct hf_heard fresh = {0};
	enum hf_rc rc = hf_orders_weigh(orders, trust, envelope, &fresh, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_orders_reserve(orders, 1);
	if (rc == HF_OK)
		rc = hf_orders_join(orders, trust, &fresh, ret_new, err);
	else
		(void)hf_err_set(err, rc, "There is no memory for one more order.");
	hf_heard_done(&fresh);
	return rc;
}

static bool is_void(const struct hf_heard *heard, const struct hf_trust *trust)
{
	return heard->order->at.s < trust->void_before.s && !hf_trust_affirms(trust, &heard->order->digest);
}

/* Settling may take orders away, this one too. */
static void settle_all(struct hf_orders *orders, const struct hf_trust *trust)
{
	for (size_t i = 0; i < orders->n;) {
		struct hf_digest digest = orders->v[i].envelope->digest;

		hf_orders_settle(orders, trust, &digest);
		i = hf_orders_place(orders, &digest);
		if (i < orders->n && hf_digest_cmp(&orders->v[i].envelope->digest, &digest) == 0)
			i++;
	}
}

void hf_orders_rejudge(struct hf_orders *orders, const struct hf_trust *trust)
{
	size_t kept = 0;

	for (size_t i = 0; i < orders->n; i++) {
		struct hf_heard *heard = &orders->v[i];

		if (is_void(heard, trust)) {
			hf_heard_done(heard);
			continue;
		}
		hf_signers_of_keys(trust, heard->keys, heard->envelope->n_signatures, &heard->signers);
		if (kept != i)
			orders->v[kept] = *heard;
		kept++;
	}
	orders->n = kept;
	settle_all(orders, trust);
}

bool hf_order_is_of(const struct hf_order *order, const struct hf_digest *lockdown)
{
	if (order->act == HF_ACT_RAISE)
		return hf_digest_cmp(&order->digest, lockdown) == 0;
	return order->act == HF_ACT_AMEND && hf_digest_cmp(&order->of, lockdown) == 0;
}
