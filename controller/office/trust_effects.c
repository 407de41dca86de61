/* SPDX-License-Identifier: MIT */
/*
 * Owns the comparison of what holds by one trust with what holds by the next.
 * Must never have anything affirmed that the old trust did not approve.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/office/trust_effects.h"

/* All that is known here, as another trust judges it. */
struct judged {
	struct hf_orders orders;
	struct hf_lockdowns lockdowns;
};

#define auto_judged __attribute__((cleanup(judged_done)))

static void judged_done(struct judged *j)
{
	hf_lockdowns_done(&j->lockdowns);
	hf_orders_done(&j->orders);
}

static enum hf_rc judge_by(const struct hf_view *view, const struct hf_trust *next, struct judged *ret,
			   struct hf_err *err)
{
	const struct hf_known *known = &view->known;
	const struct hf_now now = {.local = view->now, .issued = view->now};
	bool is_new;

	for (size_t i = 0; i < known->orders.n; i++) {
		enum hf_rc rc =
			hf_orders_add(&ret->orders, known->trust, known->orders.v[i].envelope, &is_new, NULL);

		if (rc == HF_E_MEMORY)
			return hf_err_set(err, rc, "There is not enough memory.");
	}
	hf_orders_rejudge(&ret->orders, next);
	return hf_lockdowns_judge(&(struct hf_lockdowns_ask){&ret->orders, next, &known->started, now, NULL},
				  &ret->lockdowns, err);
}

static bool is_live(const struct hf_lockdown *l)
{
	return l->raise->order->mode == HF_MODE_LIVE;
}

static bool holds_or_comes(const struct hf_lockdown *l)
{
	return l && (l->phase == HF_PHASE_IN_FORCE || l->phase == HF_PHASE_SCHEDULED);
}

static bool has_amend(const struct hf_lockdown *l, const struct hf_digest *amend)
{
	for (size_t i = 0; l && i < l->n_amends; i++)
		if (hf_digest_cmp(&l->amends[i]->order->digest, amend) == 0)
			return true;
	return false;
}

static bool is_left_out(const struct hf_list *leave_out, const struct hf_digest *id)
{
	for (size_t i = 0; leave_out && i < leave_out->n; i++)
		if (hf_digest_has_prefix(id, leave_out->v[i]))
			return true;
	return false;
}

static bool is_affirmed(const struct hf_affirming *a, const struct hf_digest *digest)
{
	for (size_t i = 0; i < a->n; i++)
		if (hf_digest_cmp(&a->v[i], digest) == 0)
			return true;
	return false;
}

/* true: it is affirmed now, and was not before. */
static bool affirm_order(struct hf_affirming *a, const struct hf_digest *digest)
{
	if (is_affirmed(a, digest) || a->n == HF_AFFIRMED_MAX)
		return false;
	a->v[a->n++] = *digest;
	return true;
}

/* The first of its orders that counts no more: what follows it may count again by that. */
static bool affirm_holding(struct hf_affirming *a, const struct hf_lockdown *was, const struct hf_lockdown *is)
{
	if (!is)
		return affirm_order(a, &was->id);
	for (size_t i = 0; i < was->n_amends; i++)
		if (!has_amend(is, &was->amends[i]->order->digest))
			return affirm_order(a, &was->amends[i]->order->digest);
	return false;
}

static bool affirm_more(const struct hf_affirm_ask *ask, const struct judged *j, struct hf_affirming *a)
{
	const struct hf_lockdowns *all = &ask->view->lockdowns;
	bool grew = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct hf_lockdown *was = &all->v[i], *is = hf_lockdowns_find(&j->lockdowns, &was->id);

		if (!is_live(was) || is_left_out(ask->leave_out, &was->id))
			continue;
		if (holds_or_comes(was))
			grew = affirm_holding(a, was, is) || grew;
		else if (was->phase == HF_PHASE_RELEASED && is && is->phase != HF_PHASE_RELEASED)
			grew = affirm_order(a, &was->release->order->digest) || grew;
	}
	return grew;
}

/* Each pass affirms one order of a lockdown, and looks again what then counts. */
static enum hf_rc affirm_orders(const struct hf_affirm_ask *ask, struct hf_affirming *a, struct hf_err *err)
{
	struct hf_trust trial = *ask->next;

	for (;;) {
		auto_judged struct judged j = {0};
		enum hf_rc rc;

		trial.affirmed = a->v;
		trial.n_affirmed = a->n;
		rc = judge_by(ask->view, &trial, &j, err);
		if (rc != HF_OK)
			return rc;
		if (!affirm_more(ask, &j, a))
			break;
	}
	if (a->n == HF_AFFIRMED_MAX)
		return hf_err_set(err, HF_E_SIZE,
				  "More than %d orders would have to be affirmed: have officers who stay approve anew what "
				  "is in force, and then propose.",
				  HF_AFFIRMED_MAX - 1);
	return HF_OK;
}

static bool enclose(struct hf_affirming *a, const struct hf_envelope *envelope)
{
	return json_array_append_new(a->documents, hf_envelope_to_json(envelope)) == 0;
}

static bool is_order_of(const struct hf_order *order, const struct hf_digest *lockdown)
{
	return hf_digest_cmp(order->act == HF_ACT_AMEND ? &order->of : &order->digest, lockdown) == 0;
}

/* Whoever signs must see what the affirmed orders belong to, and which lockdowns would stand. */
static bool belongs(const struct hf_affirm_ask *ask, const struct hf_affirming *a, const struct hf_order *order)
{
	const struct hf_lockdowns *all = &ask->view->lockdowns;

	if (is_affirmed(a, &order->digest))
		return true;
	for (size_t i = 0; i < all->n; i++) {
		const struct hf_lockdown *l = &all->v[i];
		bool left_out = is_left_out(ask->leave_out, &l->id);
		bool affirmed = l->release && is_affirmed(a, &l->release->order->digest);

		if (is_live(l) && (holds_or_comes(l) || affirmed || left_out) && is_order_of(order, &l->id))
			return true;
		if (left_out && l->release && hf_digest_cmp(&l->release->order->digest, &order->digest) == 0)
			return true;
	}
	return false;
}

static bool enclose_orders(const struct hf_affirm_ask *ask, struct hf_affirming *a)
{
	const struct hf_orders *orders = &ask->view->known.orders;

	for (size_t i = 0; i < orders->n; i++)
		if (belongs(ask, a, orders->v[i].order) && !enclose(a, orders->v[i].envelope))
			return false;
	return true;
}

static bool stays(const struct hf_trust *next, const struct hf_envelope *envelope)
{
	struct hf_verdict verdict;

	return hf_approval_document(next, envelope, &verdict, NULL) == HF_OK;
}

/* All its parts, or none: of which one counted no more it would not be whole. */
static bool affirm_register(const struct hf_affirm_ask *ask, struct hf_affirming *a)
{
	const struct hf_parts *parts = &ask->view->known.parts;
	bool all_stay = true;

	for (size_t i = 0; i < parts->n_in_force; i++)
		all_stay = all_stay && stays(ask->next, hf_parts_in_force(parts, i));
	for (size_t i = 0; i < parts->n_in_force; i++) {
		const struct hf_envelope *part = hf_parts_in_force(parts, i);

		if (!all_stay && stays(ask->view->known.trust, part))
			(void)affirm_order(a, &part->digest);
		if (!enclose(a, part))
			return false;
	}
	return true;
}

/* What the next trust would approve by fewer than this one does: by its root it stays approved by as many. */
static enum hf_rc affirm_assignment(const struct hf_affirm_ask *ask, const struct hf_envelope *envelope,
				    struct hf_affirming *a, struct hf_err *err)
{
	struct hf_followed by;

	hf_approval_follow(ask->view->known.trust, ask->next, envelope, &by);
	a->n_uncounted += by.before == HF_BY_NOBODY;
	a->n_proven += hf_approval_proven(ask->view->known.trust, envelope);
	if (by.after >= by.before)
		return HF_OK;
	if (!enclose(a, envelope))
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_estate_root_add(&a->estate, envelope, by.before, err);
}

static enum hf_rc affirm_assignments(const struct hf_affirm_ask *ask, struct hf_affirming *a, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	json_t *one;
	size_t index;

	json_array_foreach(ask->assignments, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;

		if (rc == HF_OK && hf_envelope_from_json(one, &envelope, NULL) == HF_OK &&
		    envelope->type == HF_DOC_ASSIGNMENT)
			rc = affirm_assignment(ask, envelope, a, err);
	}
	return rc == HF_OK ? hf_estate_root_finish(&a->estate, err) : rc;
}

/* A slip here would leave a lockdown in force that somebody wanted to end, without a word. */
static enum hf_rc check_left_out(const struct hf_affirm_ask *ask, struct hf_err *err)
{
	for (size_t i = 0; ask->leave_out && i < ask->leave_out->n; i++) {
		const struct hf_list one = {.v = {ask->leave_out->v[i]}, .n = 1};
		bool found = false;

		for (size_t k = 0; k < ask->view->lockdowns.n; k++)
			found = found || (is_live(&ask->view->lockdowns.v[k]) &&
					  is_left_out(&one, &ask->view->lockdowns.v[k].id));
		if (!found)
			return hf_err_set(err, HF_E_ABSENT, "No live lockdown's id begins with %.64s.", one.v[0]);
	}
	return HF_OK;
}

enum hf_rc hf_trust_affirm(const struct hf_affirm_ask *ask, struct hf_affirming *ret, struct hf_err *err)
{
	enum hf_rc rc = check_left_out(ask, err);

	ret->documents = json_array();
	if (rc == HF_OK)
		rc = affirm_orders(ask, ret, err);
	if (rc != HF_OK)
		return rc;
	if (!ret->documents || !affirm_register(ask, ret) || !enclose_orders(ask, ret))
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return affirm_assignments(ask, ret, err);
}

void hf_affirming_done(struct hf_affirming *affirming)
{
	json_decref(affirming->documents);
	hf_estate_root_done(&affirming->estate);
	*affirming = (struct hf_affirming){.n = 0};
}

/* NULL: it stands as it does. */
static const char *change_in(const struct hf_lockdown *was, const struct hf_lockdown *is)
{
	if (holds_or_comes(was) && !holds_or_comes(is))
		return "void";
	if (was->phase == HF_PHASE_RELEASED && holds_or_comes(is))
		return "returns";
	if (!holds_or_comes(was))
		return NULL;
	for (size_t i = 0; i < was->n_amends; i++)
		if (!has_amend(is, &was->amends[i]->order->digest))
			return "changes";
	return was->n_amends == is->n_amends && was->phase == is->phase ? NULL : "changes";
}

static bool add_change(json_t *list, const struct hf_lockdown *l, const char *change)
{
	return !change || json_array_append_new(list, json_pack("{s:o, s:s, s:s}", "lockdown", hf_json_from_digest(&l->id),
								"kind", hf_kind_name(l->raise->order->kind), "change",
								change)) == 0;
}

static bool compare_over(const struct hf_lockdowns *before, const struct hf_lockdowns *after, json_t *list)
{
	for (size_t i = 0; i < before->n_over; i++) {
		bool goes_on = false;

		for (size_t k = 0; k < after->n_over; k++)
			goes_on = goes_on || (strcmp(before->over[i].person, after->over[k].person) == 0 &&
					      before->over[i].kind == after->over[k].kind);
		if (!goes_on &&
		    json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "person", before->over[i].person, "kind",
							  hf_kind_name(before->over[i].kind), "change", "opens")) != 0)
			return false;
	}
	return true;
}

enum hf_rc hf_trust_effects(const struct hf_view *view, const struct hf_trust *next, json_t **ret, struct hf_err *err)
{
	auto_judged struct judged j = {0};
	hf_auto_json json_t *list = json_array();
	enum hf_rc rc = judge_by(view, next, &j, err);
	bool whole = list;

	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; whole && i < view->lockdowns.n; i++) {
		const struct hf_lockdown *was = &view->lockdowns.v[i];

		if (is_live(was))
			whole = add_change(list, was, change_in(was, hf_lockdowns_find(&j.lockdowns, &was->id)));
	}
	for (size_t i = 0; whole && i < j.lockdowns.n; i++) {
		const struct hf_lockdown *is = &j.lockdowns.v[i];

		if (is_live(is) && holds_or_comes(is) && !hf_lockdowns_find(&view->lockdowns, &is->id))
			whole = add_change(list, is, "changes");
	}
	if (!whole || !compare_over(&view->lockdowns, &j.lockdowns, list))
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	*ret = json_incref(list);
	return HF_OK;
}
