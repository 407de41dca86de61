/* SPDX-License-Identifier: MIT */
/*
 * Owns the comparison of this controller's journal with what devices have seen of it.
 * Must never hold an order back: one device's key could say anything.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/log_witness.h"

/* A device heard of records that are not here, or of others in their place, however many were added since. */
static bool not_mine(const struct hf_controller *c, const struct hf_log_seen *seen)
{
	struct hf_digest root;
	enum hf_rc rc = hf_journal_head_at(c->journal, seen->size, &root, NULL);
	return rc == HF_E_ABSENT || (rc == HF_OK && hf_digest_cmp(&seen->root, &root) != 0);
}

const struct hf_log_row *hf_log_witness(const struct hf_controller *c, const char *key, const struct hf_report *report)
{
	for (size_t i = 0; report && i < report->n_logs; i++) {
		const struct hf_log_row *row = &report->logs[i];
		bool mine = strcmp(row->controller, c->settings->controller_id) == 0 && strcmp(row->key, key) == 0;
		if (row->seen.fork_seq > 0 || (mine && not_mine(c, &row->seen)))
			return row;
	}
	return NULL;
}

bool hf_log_witness_proved(const struct hf_controller *c)
{
	return c->begun && c->log_proof.epoch == c->known.trust->epoch;
}

/* One that was said by the largest log tells the most. */
static void note_proof(struct hf_controller *c, const struct hf_state *state)
{
	if (hf_log_witness_proved(c) && c->log_proof.size >= state->log_size)
		return;
	c->log_proof = (struct hf_log_proof){state->log_size, state->issued, c->known.trust->epoch};
	hf_log(HF_LOG_ERROR, HF_EV_CHANGED,
	       "log-fork: state %lld of this controller's own key had a journal of %lld records that is not this one of %llu: "
	       "it was put back from an older copy, cut or made anew",
	       (long long)state->seq, (long long)state->log_size,
	       (unsigned long long)hf_journal_tree(c->journal)->size);
}

enum hf_rc hf_log_witness_hear(struct hf_controller *c, const void *buf, size_t len, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_state struct hf_state *state = NULL;
	struct hf_pub pub = hf_key_pub(c->key);
	struct hf_digest root;
	enum hf_rc rc = hf_envelope_decode(buf, len, &envelope, err);

	if (rc == HF_OK)
		rc = hf_state_decode(envelope, &state, err);
	if (rc != HF_OK)
		return rc;
	if (!hf_envelope_signed_by(envelope, &pub, NULL) || strcmp(state->council, c->known.council) != 0)
		return hf_err_set(err, HF_E_CONTROLLER, "a state that another key than this controller's has signed");
	rc = hf_journal_head_at(c->journal, state->log_size, &root, err);
	if (rc == HF_OK && hf_digest_cmp(&root, &state->log_root) == 0)
		return hf_err_set(err, HF_E_ABSENT, "a state that fits the journal");
	if (rc != HF_OK && rc != HF_E_ABSENT)
		return rc;
	note_proof(c, state);
	return HF_OK;
}

static const struct hf_log_row *own_row(const struct hf_controller *c, const char *key, const struct hf_report *report)
{
	for (size_t i = 0; report && i < report->n_logs; i++)
		if (strcmp(report->logs[i].controller, c->settings->controller_id) == 0 &&
		    strcmp(report->logs[i].key, key) == 0)
			return &report->logs[i];
	return NULL;
}

/*
 * A device of before proofs holds what it heard last, and so does one that waits for nothing: then the state of its head
 * is the one that the report was made of.
 */
static bool holds_the_newest(const struct hf_controller *c, const struct hf_report *report, const struct hf_log_row *row)
{
	return strcmp(report->controller, c->settings->controller_id) == 0 && row->seen.seq >= report->state_seq;
}

/* Whoever says that the journal is another one is asked for the state that proves it, until somebody has shown one. */
void hf_log_witness_wait(struct hf_controller *c, struct hf_device *device)
{
	struct hf_pub pub = hf_key_pub(c->key);
	char key[HF_KEYID_SIZE];
	const struct hf_log_row *row = own_row(c, hf_pub_keyid(&pub, key), device->report);
	bool ask = row && !hf_log_witness_proved(c) && (row->seen.fork_seq > 0 || not_mine(c, &row->seen));
	int64_t size = 0;

	if (ask)
		size = row->seen.fork_seq > 0 ? row->seen.was_size : row->seen.size;
	else if (row && !holds_the_newest(c, device->report, row))
		size = row->seen.size;
	hf_log_wait_note(&device->log_wait, size, ask, ++c->n_turns);
}

static bool has_turn(const struct hf_controller *c, const struct hf_log_wait *wait)
{
	if (wait->ask)
		return !hf_log_witness_proved(c);
	return wait->size < (int64_t)hf_journal_tree(c->journal)->size;
}

struct hf_log_turn hf_log_witness_turn(struct hf_controller *c)
{
	hf_auto_free struct hf_log_wait **waits = calloc(c->estate.n + 1, sizeof(waits[0]));
	size_t n = 0;

	for (size_t i = 0; waits && i < c->estate.n; i++)
		if (c->estate.v[i].log_wait.size > 0 && has_turn(c, &c->estate.v[i].log_wait))
			waits[n++] = &c->estate.v[i].log_wait;
	return hf_log_waits_turn(waits, n, ++c->n_turns);
}

size_t hf_log_witness_prove(struct hf_controller *c, const struct hf_log_turn *turn, struct hf_log_from *ret)
{
	struct hf_err err = {""};
	size_t n = 0;

	for (size_t i = 0; i < turn->n; i++) {
		enum hf_rc rc = HF_OK;

		ret[n].proof.n = 0;
		if (!turn->v[i].ask)
			rc = hf_journal_prove_growth(c->journal, turn->v[i].size, &ret[n].proof, &err);
		if (rc == HF_OK)
			ret[n++].size = turn->v[i].size;
		else
			hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "no proof of the journal: %s",
				     err.text);
	}
	return n;
}
