/* SPDX-License-Identifier: MIT */
/*
 * Owns what a state says, and how it is cut into pages.
 * Must never leave out a live lockdown while a finished one is said.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/pages.h"

/* Lower is said first. */
static int rank(const struct hf_lockdown *lockdown)
{
	int exercise = lockdown->raise->order->mode == HF_MODE_EXERCISE ? 1 : 0;
	switch (lockdown->phase) {
	case HF_PHASE_IN_FORCE:
		return 0 + exercise;
	case HF_PHASE_SCHEDULED:
		return 2 + exercise;
	case HF_PHASE_OVER:
	case HF_PHASE_RELEASED:
	case HF_PHASE_COUNT:
		break;
	}
	return 4;
}

/* When it was done with: what its release says, or its end. */
static int64_t done_at(const struct hf_lockdown *lockdown)
{
	int64_t until = 0;
	if (lockdown->release)
		return lockdown->release->order->at.s;
	for (size_t i = 0; i < lockdown->n_bodies; i++)
		until = lockdown->bodies[i]->order->body.until.s > until ? lockdown->bodies[i]->order->body.until.s
									 : until;
	return until;
}

static int by_rank(const void *a, const void *b)
{
	const struct hf_lockdown *x = *(const struct hf_lockdown *const *)a, *y = *(const struct hf_lockdown *const *)b;
	int64_t dx = done_at(x), dy = done_at(y);
	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	if (rank(x) == 4 && dx != dy)
		return dx > dy ? -1 : 1;
	return hf_digest_cmp(&x->id, &y->id);
}

static bool says_released(enum hf_standing standing)
{
	return standing == HF_STANDING_RELEASED_VERIFIED || standing == HF_STANDING_RELEASED_UNVERIFIED;
}

static bool somebody_holds(const struct hf_estate *estate, const struct hf_digest *id)
{
	for (size_t i = 0; i < estate->n; i++) {
		const struct hf_report *report = estate->v[i].report;
		for (size_t k = 0; report && k < report->n_lockdowns; k++)
			if (hf_digest_cmp(&report->lockdowns[k].id, id) == 0 &&
			    !says_released(report->lockdowns[k].standing))
				return true;
	}
	return false;
}

static void carry_order(struct hf_carried *carried, const struct hf_heard *heard, size_t group)
{
	for (size_t i = 0; i < carried->n; i++)
		if (carried->v[i] == heard)
			return;
	if (carried->n == HF_ORDERS_MAX)
		return;
	carried->group[carried->n] = group;
	carried->v[carried->n++] = heard;
}

static bool is_about(const struct hf_order *order, const struct hf_digest *id)
{
	if (order->act == HF_ACT_AMEND)
		return hf_digest_cmp(&order->of, id) == 0;
	for (size_t i = 0; i < order->n_releases; i++)
		if (hf_digest_cmp(&order->releases[i], id) == 0)
			return true;
	return false;
}

static void add_lockdown(const struct hf_known *known, const struct hf_lockdown *lockdown, size_t group,
			 struct hf_carried *carried)
{
	carry_order(carried, lockdown->raise, group);
	for (size_t i = 0; i < known->orders.n; i++) {
		const struct hf_heard *heard = &known->orders.v[i];
		if (heard->order->act != HF_ACT_RAISE && is_about(heard->order, &lockdown->id) &&
		    hf_orders_judge_one(&known->orders, known->trust, heard, NULL, NULL) == HF_OK)
			carry_order(carried, heard, group);
	}
}

static void add_strays(const struct hf_known *known, struct hf_wall now, struct hf_carried *carried)
{
	size_t group = carried->n ? carried->group[carried->n - 1] + 1 : 0;
	for (size_t i = 0; i < known->orders.n; i++) {
		const struct hf_heard *heard = &known->orders.v[i];
		if (heard->order->act == HF_ACT_RELEASE && now.s - heard->order->at.s <= HF_CARRY_S &&
		    hf_orders_judge_one(&known->orders, known->trust, heard, NULL, NULL) == HF_E_OTHER)
			carry_order(carried, heard, group++);
	}
}

void hf_carry(const struct hf_known *known, const struct hf_estate_view *view, const struct hf_estate *estate,
	      struct hf_carried *ret_carried)
{
	const struct hf_lockdown *sorted[HF_ORDERS_MAX];
	size_t n = 0, done = 0;
	ret_carried->n = 0;
	for (; n < view->lockdowns->n && n < HF_ORDERS_MAX; n++)
		sorted[n] = &view->lockdowns->v[n];
	qsort(sorted, n, sizeof(sorted[0]), by_rank);
	for (size_t i = 0; i < n; i++) {
		bool live = rank(sorted[i]) < 4;
		if (!live && view->now.s - done_at(sorted[i]) > HF_CARRY_S && !somebody_holds(estate, &sorted[i]->id))
			continue;
		if (!live && ++done > HF_CARRY_DONE_MAX)
			continue;
		add_lockdown(known, sorted[i], i, ret_carried);
	}
	add_strays(known, view->now, ret_carried);
}

/* One page that is being filled. */
struct filling {
	size_t page, bytes, pieces;
};

static bool fits(const struct hf_pieces *p, const struct filling *f, size_t bytes, size_t pieces)
{
	return f->bytes + bytes <= p->room && f->pieces + pieces <= p->most;
}

size_t hf_pages_split(const struct hf_pieces *p, size_t *ret_page, size_t *ret_fit)
{
	struct filling f = {0};
	size_t i = 0;
	while (i < p->n) {
		size_t end = i, bytes = 0;
		while (end < p->n && p->group[end] == p->group[i])
			bytes += p->sizes[end++];
		/* A group that would fit into a page of its own begins one, rather than being torn. */
		bool whole = bytes <= p->room && end - i <= p->most;
		if (whole && !fits(p, &f, bytes, end - i))
			f = (struct filling){.page = f.page + 1};
		for (; i < end; i++) {
			if (!fits(p, &f, p->sizes[i], 1))
				f = (struct filling){.page = f.page + 1};
			if (f.page >= p->pages_max || p->sizes[i] > p->room) {
				*ret_fit = i;
				return f.page < p->pages_max ? f.page + 1 : p->pages_max;
			}
			ret_page[i] = f.page;
			f.bytes += p->sizes[i];
			f.pieces++;
		}
	}
	*ret_fit = p->n;
	return f.page + 1;
}
