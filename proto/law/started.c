/* SPDX-License-Identifier: MIT */
/*
 * Owns the memory of which orders this machine has seen begin.
 * Must never forget a beginning because a clock was set back.
 *
 * The law
 *  1. An order that holds is scheduled until max(local clock, highest verified `issued`) reaches `from`, or this device
 *     has seen it begin once. A clock set back does not undo a beginning.
 *
 * How we read it
 *  What begins is an order, the raise or an amendment: a later start that two officers approved is not begun because
 *  the earlier one was. See begun() in lockdowns.c for the amendment that starts no later.
 */
#include <stdlib.h>
#include <string.h>

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
	struct hf_digest *v;

	if (started->n + n <= started->room)
		return HF_OK;
	v = realloc(started->v, (started->n + n) * sizeof(*v));
	if (!v)
		return HF_E_MEMORY;
	started->v = v;
	started->room = started->n + n;
	return HF_OK;
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
