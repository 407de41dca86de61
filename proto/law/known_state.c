/* SPDX-License-Identifier: MIT */
/*
 * Owns hearing a state, and an order by itself: joining what they carry.
 * Must never let a controller's word stand for an officer's, or one bad order hide a good one.
 *
 * The law
 *  1. A state is signed by one controller of the trust (`controller` otherwise). It says what exists at what time: it
 *     raises, amends, releases nothing by itself (policy D9.1: the officer does).
 *  2. Every order inside is judged alone: one that is refused is counted with its reason and hides no other.
 *  3. A `seq` below the highest heard of that controller is `rollback`, the same `seq` and page with another digest is
 *     `fork`; the orders of both are judged and joined all the same: each stands on its own approvals.
 *  4. `other-lockdown` is a release that names no lockdown known here: it releases nothing here, is kept for its own
 *     lockdown, and is counted the first time, unless it came in a state: there it is what is left of a lockdown that
 *     is long done.
 *  5. What a controller said of numbers and times (`seq`, `issued`, `valid_until`, claims) is remembered by its key, and
 *     leaves with it when the newest trust does not name that key any more.
 *  6. A state whose `log` contradicts an earlier one of its key is `log-fork` (log_fork.c); its orders are joined. A new
 *     trust ends what is said of that.
 *  7. A state that says of a report that it was heard says nothing else: its number, time and log are those of a state
 *     that was said before, and nothing is learned from them.
 *
 * How we read it
 *  1: the signature is verified before the payload is read, and the controller that the payload names must be the one
 *  that signed it.
 *  2, 4: whether an order counts is asked after all of its page have been joined, since a page carries a raise together
 *  with its amendments and release in any order. What is kept and does not count is counted when it is new: as
 *  pending, mismatch, or for want of approvals to loosen.
 *  3: of one key `issued` and `valid_until` only ever grow, whatever state they come from: so they do not depend on the
 *  order of hearing either. What counts is the highest over the keys of the newest trust.
 *  5: in one trust an id has one key, so a row bears the id; when the trust changes, rows follow their keys to the ids
 *  that they have there. A new key under an old id begins at nothing, and an old key under a new id goes on.
 *  All orders are weighed, and room is made for them, before the first is joined: a message is heard whole or, without
 *  memory, not at all.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/law/law.h"

static void weigh_order(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_weighed *weighed)
{
	weighed->rc = hf_orders_weigh(&known->orders, known->trust, envelope, &weighed->fresh, &weighed->err);
}

/* Room is there. A page may carry one order twice: the second finds the first. */
static void join_weighed(struct hf_known *known, struct hf_weighed *weighed)
{
	if (weighed->rc == HF_OK)
		weighed->rc =
			hf_orders_join(&known->orders, known->trust, &weighed->fresh, &weighed->grew, &weighed->err);
	hf_heard_done(&weighed->fresh);
}

/* Law 2, 4: after the joining, what of this order is there to be said. */
static void note_result(const struct hf_known *known, struct hf_weighed *weighed, const struct hf_digest *digest,
			bool of_state, struct hf_hearing *hearing)
{
	if (weighed->grew) {
		const struct hf_heard *heard = hf_orders_find(&known->orders, digest);

		hearing->grew = true;
		/* Another order of this page may have taken its room. */
		if (heard)
			weighed->rc = hf_orders_judge_one(&known->orders, known->trust, heard, NULL, &weighed->err);
	}
	if (weighed->rc != HF_OK && !(of_state && weighed->grew && weighed->rc == HF_E_OTHER))
		hf_hearing_refuse(hearing, weighed->rc, digest, &weighed->err);
}

enum hf_rc hf_known_hear_order(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err)
{
	struct hf_weighed weighed = {0};

	weigh_order(known, envelope, &weighed);
	if (weighed.rc == HF_OK && hf_orders_reserve(&known->orders, 1) != HF_OK)
		weighed.rc = hf_err_set(&weighed.err, HF_E_MEMORY, "There is no memory for one more order.");
	join_weighed(known, &weighed);
	if (weighed.rc != HF_OK)
		return hf_err_set(err, weighed.rc, "%s", weighed.err.text);
	note_result(known, &weighed, &envelope->digest, false, hearing);
	return HF_OK;
}

static enum hf_rc check_controller(const struct hf_known *known, const struct hf_envelope *envelope,
				   const struct hf_controller_key **ret_key, struct hf_err *err)
{
	for (size_t i = 0; i < known->trust->n_controllers; i++) {
		const struct hf_controller_key *key = &known->trust->controllers[i];

		if (!hf_envelope_signed_by(envelope, &key->pub, NULL))
			continue;
		*ret_key = key;
		return HF_OK;
	}
	return hf_err_set(err, HF_E_CONTROLLER, "This state is signed by no controller of the trust.");
}

static enum hf_rc open_state(const struct hf_known *known, const struct hf_envelope *envelope,
			     struct hf_state **ret_state, struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	const struct hf_controller_key *key = NULL;
	enum hf_rc rc = check_controller(known, envelope, &key, err);

	if (rc == HF_OK)
		rc = hf_state_decode(envelope, &state, err);
	if (rc != HF_OK)
		return rc;
	if (strcmp(state->council, known->council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "This state was made for another council, %s.", state->council);
	if (strcmp(state->controller, key->id) != 0)
		return hf_err_set(err, HF_E_CONTROLLER, "This state names controller %s and is signed by %s.",
				  state->controller, key->id);
	*ret_state = hf_steal_ptr(&state);
	return HF_OK;
}

/* All that needs memory. On failure nothing has changed. */
static enum hf_rc weigh_page(struct hf_known *known, const struct hf_state *state, struct hf_weighed *weighed,
			     struct hf_err *err)
{
	for (size_t i = 0; i < state->n_orders; i++) {
		if (state->orders[i]) {
			weigh_order(known, state->orders[i], &weighed[i]);
		} else {
			weighed[i].rc = hf_err_set(&weighed[i].err, state->orders_rc[i],
						   "Entry %d of the orders of this state is no envelope.", (int)i + 1);
		}
		if (weighed[i].rc == HF_E_MEMORY)
			return hf_err_set(err, HF_E_MEMORY, "There is no memory to judge the orders of this state.");
	}
	if (hf_orders_reserve(&known->orders, state->n_orders) != HF_OK ||
	    hf_claims_reserve(&known->claims, state->n_claims) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the orders of this state.");
	return HF_OK;
}

static void join_page(struct hf_known *known, const struct hf_state *state, struct hf_weighed *weighed,
		      struct hf_hearing *hearing)
{
	static const struct hf_digest unread = {0};

	for (size_t i = 0; i < state->n_orders; i++)
		join_weighed(known, &weighed[i]);
	for (size_t i = 0; i < state->n_orders; i++)
		note_result(known, &weighed[i], state->orders[i] ? &state->orders[i]->digest : &unread, true, hearing);
}

/*
 * Sorted by id. The trust has at most HF_CONTROLLERS_MAX controllers, and those that left it were forgotten with it:
 * there is always room.
 */
static struct hf_controller_seen *seen_of(struct hf_known *known, const char *id)
{
	struct hf_controller_seen *seen = known->controllers, *end = seen + known->n_controllers;

	while (seen < end && strcmp(seen->id, id) < 0)
		seen++;
	if (seen < end && strcmp(seen->id, id) == 0)
		return seen;
	if (known->n_controllers == HF_CONTROLLERS_MAX)
		return NULL;
	memmove(seen + 1, seen, (size_t)(end - seen) * sizeof(*seen));
	memset(seen, 0, sizeof(*seen));
	known->n_controllers++;
	return hf_str_copy(seen->id, sizeof(seen->id), id) == HF_OK ? seen : NULL;
}

static int by_controller_id(const void *a, const void *b)
{
	return strcmp(((const struct hf_controller_seen *)a)->id, ((const struct hf_controller_seen *)b)->id);
}

void hf_known_follow(struct hf_known *known, const struct hf_trust *before)
{
	size_t kept = 0;

	for (size_t i = 0; i < known->n_controllers; i++) {
		struct hf_controller_seen *seen = &known->controllers[i];
		const char *now = hf_trust_controller_now(before, seen->id, known->trust);

		if (!now || hf_str_copy(seen->id, sizeof(seen->id), now) != HF_OK)
			continue;
		if (before != known->trust) /* not only read again */
			hf_log_settle(&seen->log);
		if (kept != i)
			known->controllers[kept] = *seen;
		kept++;
	}
	known->n_controllers = kept;
	qsort(known->controllers, kept, sizeof(known->controllers[0]), by_controller_id);
	hf_claims_follow(&known->claims, before, known->trust);
	hf_known_recount(known);
	hf_started_leave(known);
}

void hf_known_recount(struct hf_known *known)
{
	const struct hf_controller_seen *last = NULL;

	known->valid_until.s = 0;
	for (size_t i = 0; i < known->n_controllers; i++) {
		const struct hf_controller_seen *seen = &known->controllers[i];

		/* Of states of one second any fixed order will do. */
		if (!last || seen->issued.s >= last->issued.s)
			last = seen;
		if (seen->valid_until.s > known->valid_until.s)
			known->valid_until = seen->valid_until;
	}
	known->issued.s = last ? last->issued.s : 0;
	known->last_seq = last ? last->last_seq : 0;
	memset(&known->last_state, 0, sizeof(known->last_state));
	memset(known->last_controller, 0, sizeof(known->last_controller));
	if (last && last->last_seq > 0) {
		known->last_state = last->last_state;
		memcpy(known->last_controller, last->id, sizeof(known->last_controller));
	}
}

/* Law 3. Of a fork the lower digest is remembered, so that the order of hearing leaves no trace. */
static enum hf_rc note_page(struct hf_controller_seen *seen, const struct hf_state *state, struct hf_err *err)
{
	static const struct hf_digest unheard = {0};
	struct hf_digest *page = &seen->pages[state->page];
	bool fork;

	if (state->seq < seen->seq)
		return hf_err_set(err, HF_E_ROLLBACK, "State %lld of controller %s is older than state %lld.",
				  (long long)state->seq, seen->id, (long long)seen->seq);
	if (state->seq > seen->seq) {
		memset(seen->pages, 0, sizeof(seen->pages));
		seen->n_pages = 0;
		seen->seq = state->seq;
	}
	if (state->pages > seen->n_pages)
		seen->n_pages = state->pages;
	fork = hf_digest_cmp(page, &unheard) != 0 && hf_digest_cmp(page, &state->digest) != 0;
	if (!fork || hf_digest_cmp(&state->digest, page) < 0)
		*page = state->digest;
	if (fork)
		return hf_err_set(err, HF_E_FORK, "Controller %s has signed two different states of number %lld.",
				  seen->id, (long long)state->seq);
	return HF_OK;
}

/* Is this state later than the last one of this controller. */
static bool is_later(const struct hf_controller_seen *seen, const struct hf_state *state)
{
	if (state->issued.s != seen->issued.s)
		return state->issued.s > seen->issued.s;
	if (state->seq != seen->last_seq)
		return state->seq > seen->last_seq;
	return hf_digest_cmp(&state->digest, &seen->last_state) > 0;
}

/* Returns true if it is newer than all that this controller said before. */
static bool note_freshness(struct hf_controller_seen *seen, const struct hf_state *state)
{
	bool fresh = state->issued.s > seen->issued.s;

	if (is_later(seen, state)) {
		seen->last_seq = state->seq;
		seen->last_state = state->digest;
		seen->issued = state->issued;
	}
	if (state->valid_until.s > seen->valid_until.s)
		seen->valid_until = state->valid_until;
	return fresh;
}

/* Returns HF_OK; HF_E_ROLLBACK; HF_E_FORK: it was heard all the same. */
static enum hf_rc note_state(struct hf_known *known, const struct hf_state *state, bool *ret_fresh, struct hf_err *err)
{
	struct hf_controller_seen *seen = seen_of(known, state->controller);
	enum hf_rc rc;

	if (!seen)
		return HF_OK;
	rc = note_page(seen, state, err);
	*ret_fresh = note_freshness(seen, state);
	hf_known_recount(known);
	return rc;
}

void hf_known_said(struct hf_known *known, const struct hf_state *state)
{
	struct hf_controller_seen *seen = seen_of(known, state->controller);

	if (seen)
		(void)note_freshness(seen, state);
	hf_known_recount(known);
}

/* Law 6. It is written down, and hides nothing of what the state carries. */
static enum hf_rc note_log(struct hf_known *known, const struct hf_state *state, struct hf_hearing *hearing,
			   struct hf_err *err)
{
	struct hf_controller_seen *seen = seen_of(known, state->controller);
	bool asked = seen && hf_log_asked(&seen->log, state);
	enum hf_rc rc = seen ? hf_log_hear(&seen->log, state, &hearing->moved, err) : HF_OK;

	hearing->asked = asked || (seen && hf_log_asked(&seen->log, state));
	if (rc == HF_OK)
		return rc;
	hf_hearing_refuse(hearing, rc, &state->digest, err);
	hearing->grew = true;
	return rc;
}

static bool names_unknown(int64_t named, const struct hf_digest *named_digest, int64_t held,
			  const struct hf_digest *held_digest)
{
	return named > held || (named == held && hf_digest_cmp(named_digest, held_digest) != 0);
}

/* What the roots set aside is not taken where another is held: to ask for it would never end. */
static bool lacks_register(const struct hf_known *known, const struct hf_state *state)
{
	static const struct hf_digest none = {0};
	const struct hf_register *reg = known->reg;

	if (reg && hf_trust_void(known->trust, &state->register_digest))
		return false;
	return names_unknown(state->register_version, &state->register_digest, reg ? reg->version : 0,
			     reg ? &reg->digest : &none);
}

static bool is_behind(const struct hf_known *known, const struct hf_state *state)
{
	return names_unknown(state->trust_epoch, &state->trust_digest, known->trust->epoch, &known->trust->digest) ||
	       lacks_register(known, state);
}

enum hf_rc hf_known_hear_state(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	hf_auto_free struct hf_weighed *weighed = NULL;
	enum hf_rc rc = open_state(known, envelope, &state, err), log_rc;

	if (rc != HF_OK)
		return rc;
	if (state->hears) {
		hearing->hears = true;
		hearing->heard = state->heard;
		return HF_OK;
	}
	weighed = calloc(state->n_orders + 1, sizeof(*weighed));
	if (!weighed)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to judge the orders of this state.");
	rc = weigh_page(known, state, weighed, err);
	if (rc == HF_OK) {
		rc = note_state(known, state, &hearing->fresh, err);
		if (rc != HF_OK)
			hf_hearing_refuse(hearing, rc, &envelope->digest, err);
		log_rc = note_log(known, state, hearing, err);
		rc = rc == HF_OK ? log_rc : rc;
		hearing->behind = is_behind(known, state);
		join_page(known, state, weighed, hearing);
		hearing->grew = hf_claims_join(&known->claims, state) || hearing->grew;
	}
	for (size_t i = 0; i < state->n_orders; i++)
		hf_heard_done(&weighed[i].fresh);
	return rc;
}
