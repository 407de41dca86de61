/* SPDX-License-Identifier: MIT */
/*
 * Owns what is in force: from the set of orders, the newest trust and time.
 * Must never end a lockdown by time alone, verify a signature, or depend on the order in which orders were heard.
 *
 * The law
 *  1. A raise that is approved makes a lockdown; its digest is the lockdown's identity.
 *  2. Revision r of it (r from 1) counts if kind and mode are the raise's, some order of revision r - 1 counts (the
 *     raise is 0), and it meets all that it needs against every one of revision r - 1 that counts. All orders of the
 *     highest revision that counts hold side by side.
 *  3. It is released if an approved release names it with its own kind and mode; for ever (policy D9.3: a second
 *     message says when it is over).
 *  4. Otherwise an emergency is in force from the moment it is heard (policy D9.2: nothing but a proven all-clear ends
 *     it), and a purdah is scheduled, then in force, then over (policy D10). Time alone never unlocks. Over, once written
 *     down, stays.
 *
 * How we read it
 *  2: two officers who amend at the same moment do not undo each other: the stronger wins until somebody amends both.
 *  Of more than HF_BODIES_MAX such orders those with the lowest digests hold, together with one that they amend: it is
 *  the floor below which nobody alone could have gone.
 *  4: an emergency has begun when it is heard: it has no planned start, and a clock that is slow here or was fast where
 *  it was raised must not hold it back. A purdah begins when either clock has reached `from`; it has begun, too, if it
 *  starts no later than an order of the same lockdown that this machine has seen begin: or an amendment that tightens
 *  would open a device whose clock was set back. It ends when both clocks are past `until`: the first second after it.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/law/law.h"

const char *hf_phase_name(enum hf_phase phase)
{
	switch (phase) {
	case HF_PHASE_SCHEDULED:
		return "scheduled";
	case HF_PHASE_IN_FORCE:
		return "in force";
	case HF_PHASE_OVER:
		return "over";
	case HF_PHASE_RELEASED:
		return "released";
	case HF_PHASE_COUNT:
		break;
	}
	return "?";
}

/* All orders of one revision that count, in order of their digests. */
struct revision {
	const struct hf_heard *v[HF_ORDERS_MAX];
	const struct hf_body *bodies[HF_ORDERS_MAX];
	size_t n;
};

/* What a lockdown has come to: its highest revision that counts, and the one below. */
struct lineage {
	struct revision now, below;
	int64_t rev;
};

static enum hf_rc approved(const struct hf_trust *trust, const struct hf_heard *heard, struct hf_verdict *verdict,
			   struct hf_err *err)
{
	struct hf_needs needs;

	hf_approval_needs(heard->order, NULL, 0, &needs);
	return hf_approval_order(trust, &(struct hf_signed_order){heard->order, &heard->signers}, &needs, verdict, err);
}

static bool same_kind(const struct hf_order *a, const struct hf_order *b)
{
	return a->kind == b->kind && a->mode == b->mode;
}

static bool is_raise(const struct hf_heard *heard, const struct hf_trust *trust)
{
	struct hf_verdict verdict;

	return heard->order->act == HF_ACT_RAISE && approved(trust, heard, &verdict, NULL) == HF_OK;
}

static enum hf_rc amendment_counts(const struct hf_trust *trust, const struct revision *before,
				   const struct hf_heard *amend, struct hf_verdict *verdict, struct hf_err *err)
{
	struct hf_needs needs;

	hf_approval_needs(amend->order, before->bodies, before->n, &needs);
	return hf_approval_order(trust, &(struct hf_signed_order){amend->order, &amend->signers}, &needs, verdict, err);
}

static void push(struct revision *revision, const struct hf_heard *heard)
{
	revision->v[revision->n] = heard;
	revision->bodies[revision->n] = &heard->order->body;
	revision->n++;
}

static void next_revision(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *raise,
			  const struct lineage *lineage, struct revision *ret_next)
{
	struct hf_verdict verdict;

	ret_next->n = 0;
	for (size_t i = 0; i < orders->n && ret_next->n < HF_ORDERS_MAX; i++) {
		const struct hf_order *order = orders->v[i].order;

		if (order->act != HF_ACT_AMEND || order->rev != lineage->rev + 1 || !same_kind(order, raise->order))
			continue;
		if (hf_digest_cmp(&order->of, &raise->order->digest) != 0)
			continue;
		if (amendment_counts(trust, &lineage->now, &orders->v[i], &verdict, NULL) == HF_OK)
			push(ret_next, &orders->v[i]);
	}
}

/* Climbs from the raise to the highest revision that counts, but not above `most`. */
static void climb(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *raise,
		  int64_t most, struct lineage *ret_lineage)
{
	struct revision next;

	ret_lineage->rev = 0;
	ret_lineage->below.n = 0;
	ret_lineage->now.n = 0;
	push(&ret_lineage->now, raise);
	while (ret_lineage->rev < most) {
		next_revision(orders, trust, raise, ret_lineage, &next);
		if (next.n == 0)
			return;
		ret_lineage->below = ret_lineage->now;
		ret_lineage->now = next;
		ret_lineage->rev++;
	}
}

static bool names(const struct hf_order *release, const struct hf_digest *id)
{
	for (size_t i = 0; i < release->n_releases; i++)
		if (hf_digest_cmp(&release->releases[i], id) == 0)
			return true;
	return false;
}

static const struct hf_heard *release_of(const struct hf_orders *orders, const struct hf_trust *trust,
					 const struct hf_heard *raise)
{
	struct hf_verdict verdict;

	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_order *order = orders->v[i].order;

		if (order->act != HF_ACT_RELEASE || !same_kind(order, raise->order))
			continue;
		if (names(order, &raise->order->digest) && approved(trust, &orders->v[i], &verdict, NULL) == HF_OK)
			return &orders->v[i];
	}
	return NULL;
}

static int64_t latest(struct hf_now now)
{
	return now.local.s > now.issued.s ? now.local.s : now.issued.s;
}

static bool begun(const struct hf_lockdown *lockdown, const struct hf_order *order, const struct hf_orders *orders,
		  const struct hf_started *started)
{
	for (size_t i = 0; i < started->n; i++) {
		const struct hf_heard *seen = hf_orders_find(orders, &started->v[i]);

		if (seen && hf_order_is_of(seen->order, &lockdown->id) && order->body.from.s <= seen->order->body.from.s)
			return true;
	}
	return false;
}

static enum hf_phase phase_of(const struct hf_order *order, bool has_begun, struct hf_now now)
{
	int64_t until = order->body.until.s;

	if (order->kind != HF_KIND_EMERGENCY && !has_begun && latest(now) < order->body.from.s)
		return HF_PHASE_SCHEDULED;
	if (until != 0 && now.local.s > until && now.issued.s > until)
		return HF_PHASE_OVER;
	return HF_PHASE_IN_FORCE;
}

/* The phase of the whole: the one of its bodies that binds most. */
static enum hf_phase strongest(const struct hf_lockdown *lockdown)
{
	enum hf_phase phase = HF_PHASE_OVER;

	for (size_t i = 0; i < lockdown->n_bodies; i++) {
		if (lockdown->phases[i] == HF_PHASE_IN_FORCE)
			return HF_PHASE_IN_FORCE;
		if (lockdown->phases[i] == HF_PHASE_SCHEDULED)
			phase = HF_PHASE_SCHEDULED;
	}
	return phase;
}

static void take_bodies(const struct lineage *lineage, struct hf_lockdown *lockdown)
{
	size_t most = lineage->now.n > HF_BODIES_MAX ? HF_BODIES_MAX - 1 : lineage->now.n;

	lockdown->rev = lineage->rev;
	for (size_t i = 0; i < most; i++)
		lockdown->bodies[lockdown->n_bodies++] = lineage->now.v[i];
	if (most < lineage->now.n)
		lockdown->bodies[lockdown->n_bodies++] = lineage->below.v[0];
}

static enum hf_phase phase_in(const struct hf_lockdowns_ask *ask, const struct hf_lockdown *lockdown,
			      const struct hf_order *order)
{
	if (lockdown->release)
		return HF_PHASE_RELEASED;
	if (ask->over && hf_started_has(ask->over, &order->digest))
		return HF_PHASE_OVER;
	return phase_of(order, begun(lockdown, order, ask->orders, ask->started), ask->now);
}

static void judge_raise(const struct hf_lockdowns_ask *ask, struct hf_lockdown *lockdown)
{
	struct lineage lineage;

	lockdown->id = lockdown->raise->order->digest;
	climb(ask->orders, ask->trust, lockdown->raise, INT64_MAX, &lineage);
	take_bodies(&lineage, lockdown);
	lockdown->release = release_of(ask->orders, ask->trust, lockdown->raise);
	for (size_t i = 0; i < lockdown->n_bodies; i++)
		lockdown->phases[i] = phase_in(ask, lockdown, lockdown->bodies[i]->order);
	lockdown->phase = lockdown->release ? HF_PHASE_RELEASED : strongest(lockdown);
}

enum hf_rc hf_lockdowns_judge(const struct hf_lockdowns_ask *ask, struct hf_lockdowns *ret_lockdowns,
			      struct hf_err *err)
{
	const struct hf_orders *orders = ask->orders;
	struct hf_lockdowns lockdowns = {0};

	if (orders->n > 0) {
		lockdowns.v = calloc(orders->n, sizeof(lockdowns.v[0]));
		if (!lockdowns.v)
			return hf_err_set(err, HF_E_MEMORY, "There is no memory to judge the orders.");
	}
	for (size_t i = 0; i < orders->n; i++) {
		struct hf_lockdown *lockdown = &lockdowns.v[lockdowns.n];

		if (!is_raise(&orders->v[i], ask->trust))
			continue;
		lockdown->raise = &orders->v[i];
		judge_raise(ask, lockdown);
		lockdowns.n++;
	}
	*ret_lockdowns = lockdowns;
	return HF_OK;
}

static enum hf_rc judge_amendment(const struct hf_orders *orders, const struct hf_trust *trust,
				  const struct hf_heard *amend, struct hf_verdict *verdict, struct hf_err *err)
{
	const struct hf_heard *raise = hf_orders_find(orders, &amend->order->of);
	struct lineage lineage;

	if (!raise || !is_raise(raise, trust))
		return hf_err_set(err, HF_E_PENDING, "This amends a lockdown that is not known here yet.");
	if (!same_kind(amend->order, raise->order))
		return hf_err_set(err, HF_E_MISMATCH,
				  "This amendment says %s (%s), the lockdown that it names is %s (%s).",
				  hf_kind_name(amend->order->kind), hf_mode_name(amend->order->mode),
				  hf_kind_name(raise->order->kind), hf_mode_name(raise->order->mode));
	climb(orders, trust, raise, amend->order->rev - 1, &lineage);
	if (lineage.rev != amend->order->rev - 1)
		return hf_err_set(err, HF_E_PENDING, "This is revision %lld, and no revision %lld of it counts here.",
				  (long long)amend->order->rev, (long long)amend->order->rev - 1);
	return amendment_counts(trust, &lineage.now, amend, verdict, err);
}

static enum hf_rc judge_release(const struct hf_orders *orders, const struct hf_trust *trust,
				const struct hf_heard *release, struct hf_verdict *verdict, struct hf_err *err)
{
	enum hf_rc rc = approved(trust, release, verdict, err);
	bool other_kind = false;

	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < release->order->n_releases; i++) {
		const struct hf_heard *raise = hf_orders_find(orders, &release->order->releases[i]);

		if (!raise || raise->order->act != HF_ACT_RAISE)
			continue;
		if (same_kind(release->order, raise->order))
			return HF_OK;
		other_kind = true;
	}
	if (other_kind)
		return hf_err_set(err, HF_E_MISMATCH,
				  "This release says %s (%s), which the lockdown that it names is not.",
				  hf_kind_name(release->order->kind), hf_mode_name(release->order->mode));
	return hf_err_set(err, HF_E_OTHER, "This release names no lockdown that is known here; it releases nothing.");
}

enum hf_rc hf_orders_judge_one(const struct hf_orders *orders, const struct hf_trust *trust,
			       const struct hf_heard *heard, struct hf_verdict *verdict, struct hf_err *err)
{
	struct hf_verdict own = {.rc = HF_E_SHAPE};
	enum hf_rc rc = HF_E_SHAPE;

	switch (heard->order->act) {
	case HF_ACT_RAISE:
		rc = approved(trust, heard, &own, err);
		break;
	case HF_ACT_AMEND:
		rc = judge_amendment(orders, trust, heard, &own, err);
		break;
	case HF_ACT_RELEASE:
		rc = judge_release(orders, trust, heard, &own, err);
		break;
	case HF_ACT_COUNT:
		break;
	}
	own.rc = rc;
	if (verdict)
		*verdict = own;
	return rc;
}

const struct hf_lockdown *hf_lockdowns_find(const struct hf_lockdowns *lockdowns, const struct hf_digest *id)
{
	for (size_t i = 0; i < lockdowns->n; i++)
		if (hf_digest_cmp(&lockdowns->v[i].id, id) == 0)
			return &lockdowns->v[i];
	return NULL;
}

/* 0: time alone changes nothing here. */
static int64_t change_of(const struct hf_order *order, enum hf_phase phase, struct hf_now now)
{
	int64_t until = order->body.until.s;

	if (phase == HF_PHASE_SCHEDULED)
		return order->body.from.s;
	if (phase == HF_PHASE_IN_FORCE && until != 0 && now.issued.s > until && now.local.s <= until)
		return until + 1;
	return 0;
}

bool hf_lockdowns_next_change(const struct hf_lockdowns *lockdowns, struct hf_now now, struct hf_wall *ret_at)
{
	int64_t next = 0;

	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_lockdown *lockdown = &lockdowns->v[i];

		for (size_t k = 0; k < lockdown->n_bodies; k++) {
			int64_t at = change_of(lockdown->bodies[k]->order, lockdown->phases[k], now);

			if (at > now.local.s && (next == 0 || at < next))
				next = at;
		}
	}
	if (next != 0)
		ret_at->s = next;
	return next != 0;
}

void hf_lockdowns_done(struct hf_lockdowns *lockdowns)
{
	free(lockdowns->v);
	memset(lockdowns, 0, sizeof(*lockdowns));
}
