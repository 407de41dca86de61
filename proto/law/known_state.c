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
 *     lockdown, and is counted the first time.
 *
 * How we read it
 *  1: the signature is verified before the payload is read, and the controller that the payload names must be the one
 *  that signed it.
 *  2, 4: whether an order counts is asked after all of its page have been joined, since a page carries a raise together
 *  with its amendments and release in any order. What is kept and does not count is counted when it is new: as
 *  other-lockdown, pending, mismatch, or for want of approvals to loosen.
 *  3: `issued` and `valid_until` only ever grow, whatever state they come from: so they do not depend on the order of
 *  hearing either.
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
			struct hf_hearing *hearing)
{
	if (weighed->grew) {
		const struct hf_heard *heard = hf_orders_find(&known->orders, digest);

		hearing->grew = true;
		weighed->rc = hf_orders_judge_one(&known->orders, known->trust, heard, NULL, &weighed->err);
	}
	if (weighed->rc != HF_OK)
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
	note_result(known, &weighed, &envelope->digest, hearing);
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
		note_result(known, &weighed[i], state->orders[i] ? &state->orders[i]->digest : &unread, hearing);
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

/* Is this state later than the last one that moved freshness; of states of one second any fixed order will do. */
static bool is_later(const struct hf_known *known, const struct hf_state *state)
{
	int order;

	if (state->issued.s != known->issued.s)
		return state->issued.s > known->issued.s;
	order = strcmp(state->controller, known->last_controller);
	if (order == 0)
		order = state->seq < known->last_seq ? -1 : state->seq > known->last_seq;
	if (order == 0)
		order = hf_digest_cmp(&state->digest, &known->last_state);
	return order > 0;
}

static void note_freshness(struct hf_known *known, const struct hf_state *state, struct hf_hearing *hearing)
{
	hearing->fresh = state->issued.s > known->issued.s;
	if (is_later(known, state) &&
	    hf_str_copy(known->last_controller, sizeof(known->last_controller), state->controller) == HF_OK) {
		known->last_seq = state->seq;
		known->last_state = state->digest;
	}
	if (state->issued.s > known->issued.s)
		known->issued = state->issued;
	if (state->valid_until.s > known->valid_until.s)
		known->valid_until = state->valid_until;
}

static bool names_unknown(int64_t named, const struct hf_digest *named_digest, int64_t held,
			  const struct hf_digest *held_digest)
{
	return named > held || (named == held && hf_digest_cmp(named_digest, held_digest) != 0);
}

static bool is_behind(const struct hf_known *known, const struct hf_state *state)
{
	static const struct hf_digest none = {0};
	const struct hf_register *reg = known->reg;

	return names_unknown(state->trust_epoch, &state->trust_digest, known->trust->epoch, &known->trust->digest) ||
	       names_unknown(state->register_version, &state->register_digest, reg ? reg->version : 0,
			     reg ? &reg->digest : &none);
}

enum hf_rc hf_known_hear_state(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	hf_auto_free struct hf_weighed *weighed = NULL;
	struct hf_controller_seen *seen;
	enum hf_rc rc = open_state(known, envelope, &state, err);

	if (rc != HF_OK)
		return rc;
	weighed = calloc(state->n_orders + 1, sizeof(*weighed));
	if (!weighed)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to judge the orders of this state.");
	rc = weigh_page(known, state, weighed, err);
	if (rc == HF_OK) {
		seen = seen_of(known, state->controller);
		rc = seen ? note_page(seen, state, err) : HF_OK;
		if (rc != HF_OK)
			hf_hearing_refuse(hearing, rc, &envelope->digest, err);
		note_freshness(known, state, hearing);
		hearing->behind = is_behind(known, state);
		join_page(known, state, weighed, hearing);
		hearing->grew = hf_claims_join(&known->claims, state) || hearing->grew;
	}
	for (size_t i = 0; i < state->n_orders; i++)
		hf_heard_done(&weighed[i].fresh);
	return rc;
}
