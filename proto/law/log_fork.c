/* SPDX-License-Identifier: MIT */
/*
 * Owns whether a controller's states contradict each other about its journal.
 * Must never hold an order back, or be raised by a broker that replays.
 *
 * The law
 *  1. A controller's journal is only ever added to. Of two states of one key, the one of the higher seq has at least as
 *     many records, and over as many the same tree head; and all pages of one seq name one head: else it is `log-fork`.
 *  2. A device holds one head of each key: the first that it heard, and from then on the largest that was proved to go on
 *     where the held one ended. A proof that does not fit is `log-fork`; without one the held head stays.
 *  3. Three states in which a proof was due, and was not there, are `log-fork`, too.
 *  4. A fork stays said, the first of them with what it contradicted, until the roots have acted: with the next trust.
 *
 * How we read it
 *  1: a state is compared with the newest of its key, and with the one that bore the held head, if its seq is not below
 *  theirs. An older one says nothing here: it may have been held back or replayed by anybody. What contradicted is the
 *  newest, and held, from then on, so that each cut is counted once.
 *  2: the proof stands on the last page of a state; the other pages wait for it.
 *  3: due is a proof for a size that two reports have told while it waited, and one more for each that was missing before,
 *  from the second state after on (the next may have been made before they came), where there was room for it: fewer than HF_LOG_FROM_MAX sizes were answered, and
 *  pages were left. Who leaves out numbers may have lost what was reported, and is told anew. Neither helps one who
 *  never answers: after HF_LOG_WITHOUT_MAX states without it a proof is due whatever else there was. A controller of
 *  which no state ever proved anything is older than proofs: none is missed.
 */
#include <string.h>

#include "proto/law/law.h"

#define TOLD_TWICE 2	/* one report may be lost */
#define MISSING_MAX 3	/* three are no mishap */

static bool contradicts(const struct hf_log_head *before, const struct hf_state *state)
{
	if (state->seq < before->seq)
		return false;
	if (state->log_size == before->size)
		return hf_digest_cmp(&state->log_root, &before->root) != 0;
	return state->log_size < before->size || state->seq == before->seq;
}

static struct hf_log_head head_of(const struct hf_state *state)
{
	return (struct hf_log_head){state->seq, state->log_size, state->log_root};
}

static struct hf_log_head held_of(const struct hf_log_seen *log)
{
	return (struct hf_log_head){log->seq, log->size, log->root};
}

static void wait_anew(struct hf_log_seen *log)
{
	log->n_told = log->told_seq = log->n_without = log->without_seq = log->n_missing = 0;
}

static void hold(struct hf_log_seen *log, const struct hf_state *state)
{
	log->seq = state->seq;
	log->size = state->log_size;
	log->root = state->log_root;
	log->since = state->issued;
	wait_anew(log);
}

static const struct hf_log_from *answer_to(const struct hf_log_seen *log, const struct hf_state *state)
{
	for (size_t i = 0; i < state->n_from; i++)
		if (state->from[i].size == log->size && state->from[i].proof.n > 0)
			return &state->from[i];
	return NULL;
}

static bool proves_any(const struct hf_state *state)
{
	for (size_t i = 0; i < state->n_from; i++)
		if (state->from[i].proof.n > 0)
			return true;
	return false;
}

static bool fits(const struct hf_log_seen *log, const struct hf_state *state, const struct hf_merkle_proof *proof)
{
	const struct hf_merkle_head before = {(uint64_t)log->size, log->root};
	const struct hf_merkle_head after = {(uint64_t)state->log_size, state->log_root};

	return hf_merkle_growth_fits(&before, &after, proof);
}

static bool is_due(const struct hf_log_seen *log, const struct hf_state *state)
{
	bool room = state->n_from < HF_LOG_FROM_MAX && state->pages < HF_PAGES_MAX;

	if (log->n_without >= HF_LOG_WITHOUT_MAX)
		return true;
	return log->n_told >= TOLD_TWICE && state->seq > log->told_seq + 1 && room;
}

/* Law 3. Of the last page; is it the one too many? */
static bool is_missed(struct hf_log_seen *log, const struct hf_state *state)
{
	if (!log->proves || state->page + 1 != state->pages || state->seq <= log->without_seq)
		return false;
	log->without_seq = state->seq;
	log->n_without++;
	if (is_due(log, state)) {
		log->n_missing++;
		log->n_told = TOLD_TWICE - 1; /* one report more is to come before the next is due */
	}
	return log->n_missing >= MISSING_MAX;
}

/* Law 2, 3, of a state that contradicts nothing: true if it is a fork all the same. */
static bool weigh_growth(struct hf_log_seen *log, const struct hf_state *state, bool *ret_moved)
{
	static const struct hf_merkle_proof none = {.n = 0};
	const struct hf_log_from *from = answer_to(log, state);

	if (state->seq <= log->seq)
		return false;
	if (state->log_size == log->size) {
		log->seq = state->seq;
		return false;
	}
	if (!from && log->size > 0)
		return is_missed(log, state);
	if (!fits(log, state, from ? &from->proof : &none))
		return true;
	hold(log, state);
	*ret_moved = true;
	return false;
}

static enum hf_rc note_contradiction(struct hf_log_seen *log, const struct hf_log_head *was, const struct hf_state *state,
				     struct hf_err *err)
{
	if (log->fork_seq == 0) {
		log->was_seq = was->seq;
		log->was_size = was->size;
		log->was_root = was->root;
		log->fork_seq = state->seq;
		log->fork_at = state->issued;
	}
	hold(log, state);
	return hf_err_set(
		err, HF_E_LOG_FORK,
		"The journal of controller %s had %lld records in state %lld, and is another one of %lld records in "
		"state %lld.",
		state->controller, (long long)was->size, (long long)was->seq, (long long)state->log_size,
		(long long)state->seq);
}

enum hf_rc hf_log_hear(struct hf_log_seen *log, const struct hf_state *state, bool *ret_moved, struct hf_err *err)
{
	struct hf_log_head newest = log->newest, held = held_of(log);
	bool first = log->seq == 0, forked;

	*ret_moved = first;
	log->proves = log->proves || proves_any(state);
	if (state->seq >= newest.seq)
		log->newest = head_of(state);
	if (newest.seq > 0 && state->seq > newest.seq + HF_SEQ_LEFT_OUT)
		log->n_told = 0;
	if (first) {
		hold(log, state);
		return HF_OK;
	}
	if (contradicts(&newest, state))
		return note_contradiction(log, &newest, state, err);
	forked = contradicts(&held, state) || weigh_growth(log, state, ret_moved);
	return forked ? note_contradiction(log, &held, state, err) : HF_OK;
}

void hf_log_told(struct hf_log_seen *log)
{
	if (log->newest.size <= log->size)
		return;
	log->n_told++;
	if (log->n_told <= TOLD_TWICE)
		log->told_seq = log->newest.seq;
}

void hf_log_untold(struct hf_log_seen *log)
{
	log->n_told = 0;
}

bool hf_log_asked(const struct hf_log_seen *log, const struct hf_state *state)
{
	if (state->seq < log->newest.seq)
		return false;
	for (size_t i = 0; i < state->n_from; i++) {
		const struct hf_log_from *from = &state->from[i];

		if (from->proof.n == 0 && (from->size == log->size || (log->fork_seq > 0 && from->size == log->was_size)))
			return true;
	}
	return false;
}

void hf_log_settle(struct hf_log_seen *log)
{
	log->was_seq = log->was_size = log->fork_seq = log->fork_at.s = 0;
	memset(&log->was_root, 0, sizeof(log->was_root));
}
