/* SPDX-License-Identifier: MIT */
/*
 * Owns whether a controller's states contradict each other about its journal.
 * Must never hold an order back, or be raised by a broker that replays.
 *
 * The law
 *  1. A controller's journal is only ever added to. Of two states of one key, the one of the higher seq has at least as
 *     many records, and over as many the same tree head: else it is `log-fork`.
 *
 * How we read it
 *  1: a state is compared with the newest of its key. One that is not newer says nothing here: it may have been held
 * back or replayed by anybody, and of the same seq it is for `fork` to judge. Whether a longer log continues a shorter
 * one needs a proof, and is not asked here. What contradicted is the newest from then on, so that each cut is counted
 * once.
 */
#include "proto/law/law.h"

static bool contradicts(const struct hf_log_seen *log, const struct hf_state *state)
{
	if (state->log_size == log->size)
		return hf_digest_cmp(&state->log_root, &log->root) != 0;
	return state->log_size < log->size;
}

/* Of two of one seq the lesser is kept, so that the order of hearing leaves no trace. */
static bool is_less(const struct hf_log_seen *log, const struct hf_state *state)
{
	if (state->log_size != log->size)
		return state->log_size < log->size;
	return hf_digest_cmp(&state->log_root, &log->root) < 0;
}

enum hf_rc hf_log_hear(struct hf_log_seen *log, const struct hf_state *state, struct hf_err *err)
{
	bool fork = log->seq > 0 && state->seq > log->seq && contradicts(log, state);

	if (state->seq < log->seq || (state->seq == log->seq && !is_less(log, state)))
		return HF_OK;
	if (fork) {
		log->was_seq = log->seq;
		log->was_size = log->size;
		log->was_root = log->root;
		log->fork_seq = state->seq;
		log->fork_at = state->issued;
	}
	log->seq = state->seq;
	log->size = state->log_size;
	log->root = state->log_root;
	if (!fork)
		return HF_OK;
	return hf_err_set(
		err, HF_E_LOG_FORK,
		"The journal of controller %s had %lld records in state %lld, and is another one of %lld records in "
		"state %lld.",
		state->controller, (long long)log->was_size, (long long)log->was_seq, (long long)log->size,
		(long long)log->seq);
}
