/* SPDX-License-Identifier: MIT */
/*
 * Owns the memory of which orders this machine has seen begin, and which are over.
 * Must never forget a beginning because a clock was set back, nor keep one that nothing but a thief's word bears.
 *
 * The law
 *  1. An order that holds is scheduled until max(local clock, highest verified `issued`) reaches `from`, or this device
 *     has seen it begin once. A clock set back does not undo a beginning.
 *  2. A beginning leaves with a controller's key if neither this machine's clock nor a key of the newest trust ever
 *     reached `from`. Over, once written down, stays.
 *
 * How we read it
 *  What begins is an order, the raise or an amendment: a later start that two officers approved is not begun because
 *  the earlier one was. See begun() in lockdowns.c for the amendment that starts no later.
 *  An emergency begins when it is heard: by no clock, so it leaves with no key. What began although this machine's clock
 *  had not reached `from` is marked (`ahead`) until it has. A memory of before there were marks has none: all stays.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "proto/law/law.h"

static size_t position(const struct hf_started *started, const struct hf_digest *id)
{
	size_t at = 0;

	while (at < started->n && hf_digest_cmp(&started->v[at], id) < 0)
		at++;
	return at;
}

bool hf_started_has(const struct hf_started *started, const struct hf_digest *id)
{
	size_t at = position(started, id);

	return at < started->n && hf_digest_cmp(&started->v[at], id) == 0;
}

enum hf_rc hf_started_reserve(struct hf_started *started, size_t n)
{
	return hf_rows_reserve(&started->v, &started->room, started->n + n, sizeof(*started->v));
}

enum hf_rc hf_started_add(struct hf_started *started, const struct hf_digest *id)
{
	struct hf_digest copy = *id;
	size_t at = position(started, id);

	if (at < started->n && hf_digest_cmp(&started->v[at], id) == 0)
		return HF_OK;
	if (hf_started_reserve(started, 1) != HF_OK)
		return HF_E_MEMORY;
	memmove(&started->v[at + 1], &started->v[at], (started->n - at) * sizeof(started->v[0]));
	started->v[at] = copy;
	started->n++;
	return HF_OK;
}

void hf_started_drop(struct hf_started *started, const struct hf_digest *id)
{
	size_t at = position(started, id);

	if (at == started->n || hf_digest_cmp(&started->v[at], id) != 0)
		return;
	started->n--;
	memmove(&started->v[at], &started->v[at + 1], (started->n - at) * sizeof(started->v[0]));
}

/* An order of the same lockdown that starts no earlier has begun by this machine's clock: so has this one. */
static bool begun_beside(const struct hf_known *known, const struct hf_lockdown *lockdown, const struct hf_order *order)
{
	for (size_t i = 0; i < known->started.n; i++) {
		const struct hf_heard *seen = hf_orders_find(&known->orders, &known->started.v[i]);

		if (seen && hf_order_is_of(seen->order, &lockdown->id) &&
		    order->body.from.s <= seen->order->body.from.s &&
		    !hf_started_has(&known->ahead, &seen->order->digest))
			return true;
	}
	return false;
}

static bool begun_here(const struct hf_known *known, const struct hf_lockdown *lockdown, const struct hf_order *order,
		       struct hf_wall local)
{
	return order->kind == HF_KIND_EMERGENCY || local.s >= order->body.from.s ||
	       begun_beside(known, lockdown, order);
}

/* Room is there: hf_started_reserve. Returns true if anything is new. */
static bool note_begun(struct hf_known *known, const struct hf_lockdown *lockdown, const struct hf_order *order,
		       struct hf_wall local)
{
	bool here = begun_here(known, lockdown, order, local);
	bool had = hf_started_has(&known->started, &order->digest);
	bool was_ahead = hf_started_has(&known->ahead, &order->digest);

	if (here)
		hf_started_drop(&known->ahead, &order->digest);
	if (had)
		return was_ahead && here;
	return hf_started_add(&known->started, &order->digest) == HF_OK &&
	       (here || hf_started_add(&known->ahead, &order->digest) == HF_OK);
}

static bool note_over(struct hf_known *known, const struct hf_order *order)
{
	return !hf_started_has(&known->over, &order->digest) &&
	       hf_started_add(&known->over, &order->digest) == HF_OK;
}

enum hf_rc hf_started_reserve_all(struct hf_known *known, size_t n)
{
	enum hf_rc rc = hf_started_reserve(&known->started, n);

	if (rc == HF_OK)
		rc = hf_started_reserve(&known->ahead, n);
	return rc == HF_OK ? hf_started_reserve(&known->over, n) : rc;
}

bool hf_started_note(struct hf_known *known, const struct hf_lockdown *lockdown, struct hf_wall local)
{
	bool news = false;

	for (size_t i = 0; i < lockdown->n_bodies; i++) {
		const struct hf_order *order = lockdown->bodies[i]->order;

		if (lockdown->phases[i] == HF_PHASE_IN_FORCE)
			news = note_begun(known, lockdown, order, local) || news;
		/* Which exercises go on hangs on which are known, so that is not written down. */
		if (lockdown->phases[i] == HF_PHASE_OVER && order->mode == HF_MODE_LIVE)
			news = note_over(known, order) || news;
	}
	return news;
}

static bool reached_by_a_key(const struct hf_known *known, const struct hf_digest *id)
{
	const struct hf_heard *heard = hf_orders_find(&known->orders, id);

	return heard && known->issued.s >= heard->order->body.from.s;
}

void hf_started_leave(struct hf_known *known)
{
	for (size_t i = known->ahead.n; i > 0; i--) {
		struct hf_digest id = known->ahead.v[i - 1];

		if (reached_by_a_key(known, &id))
			continue;
		hf_started_drop(&known->started, &id);
		hf_started_drop(&known->ahead, &id);
	}
}

void hf_started_prune(struct hf_started *started, const struct hf_orders *orders)
{
	size_t kept = 0;

	for (size_t i = 0; i < started->n; i++)
		if (hf_orders_find(orders, &started->v[i]))
			started->v[kept++] = started->v[i];
	started->n = kept;
}

void hf_started_done(struct hf_started *started)
{
	free(started->v);
	memset(started, 0, sizeof(*started));
}
