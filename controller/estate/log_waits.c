/* SPDX-License-Identifier: MIT */
/*
 * Owns the queue of devices that wait for a proof of the log.
 * Must never let one device take more than one turn, or a size that was answered stand before one that was not.
 */
#include "controller/estate/log_waits.h"

void hf_log_wait_note(struct hf_log_wait *wait, int64_t size, bool ask, int64_t at)
{
	if (wait->size != size)
		wait->since = at;
	wait->size = size;
	wait->ask = ask;
}

static bool has_size(const struct hf_log_turn *turn, int64_t size)
{
	for (size_t i = 0; i < turn->n; i++)
		if (turn->v[i].size == size)
			return true;
	return false;
}

static const struct hf_log_wait *longest(struct hf_log_wait *const *waits, size_t n, const struct hf_log_turn *turn)
{
	const struct hf_log_wait *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (waits[i]->size > 0 && (!first || waits[i]->since < first->since) && !has_size(turn, waits[i]->size))
			first = waits[i];
	return first;
}

struct hf_log_turn hf_log_waits_turn(struct hf_log_wait *const *waits, size_t n, int64_t at)
{
	struct hf_log_turn turn = {.n = 0};
	const struct hf_log_wait *next;

	while (turn.n < HF_LOG_FROM_MAX && (next = longest(waits, n, &turn)))
		turn.v[turn.n++] = *next;
	turn.more = turn.n == HF_LOG_FROM_MAX && longest(waits, n, &turn);
	for (size_t i = 0; i < n; i++)
		if (waits[i]->size > 0 && has_size(&turn, waits[i]->size))
			waits[i]->since = at;
	return turn;
}
