/* SPDX-License-Identifier: MIT */
/*
 * Owns what a state says, and how it is cut into pages.
 * Must never leave out a live lockdown while a finished one is said.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/pages.h"

static bool is_done(const struct hf_lockdown *lockdown)
{
	return lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER;
}

static bool is_exercise(const struct hf_lockdown *lockdown)
{
	return lockdown->raise->order->mode == HF_MODE_EXERCISE;
}

static bool says_released(enum hf_standing standing)
{
	return standing == HF_STANDING_RELEASED_VERIFIED || standing == HF_STANDING_RELEASED_UNVERIFIED;
}

/* A device of nobody and of no group is out of use: nothing bears on it by name, and nobody waits for its word. */
static bool is_retired(const struct hf_device *device)
{
	return device->assignment->n_people == 0 && device->assignment->groups.n == 0;
}

/* What is being chosen, and by what. */
struct choosing {
	const struct hf_known *known;
	const struct hf_estate_view *view;
	struct hf_carried *carried;
	bool *taken;		 /* of the orders of known, by their place */
	bool *held;		 /* of the lockdowns: some device last said that it holds it */
	struct hf_wall all_heard; /* every device has reported since; 0: one never did */
	size_t whole;		 /* bytes of lockdowns that are done and said with all that they were */
	size_t group;
	bool shown; /* to officers, who are shown whatever the status lists, and its proof */
};

/* One look at each row of each report. */
static void read_estate(const struct hf_estate *estate, struct choosing *ch)
{
	const struct hf_lockdowns *lockdowns = ch->view->lockdowns;
	ch->all_heard = ch->view->now;
	for (size_t i = 0; i < estate->n; i++) {
		const struct hf_report *report = estate->v[i].report;
		struct hf_wall heard = report ? estate->v[i].heard : (struct hf_wall){0};
		if (is_retired(&estate->v[i]))
			continue;
		if (heard.s < ch->all_heard.s)
			ch->all_heard = heard;
		for (size_t k = 0; report && k < report->n_lockdowns; k++) {
			const struct hf_lockdown *said = hf_lockdowns_find(lockdowns, &report->lockdowns[k].id);
			if (said && !says_released(report->lockdowns[k].standing))
				ch->held[said - lockdowns->v] = true;
		}
	}
}

/* There is room for each order once. */
static void carry_order(struct choosing *ch, const struct hf_heard *heard)
{
	struct hf_carried *carried = ch->carried;
	bool *taken = &ch->taken[heard - ch->known->orders.v];
	if (*taken)
		return;
	*taken = true;
	carried->group[carried->n] = ch->group;
	carried->v[carried->n++] = heard;
}

static size_t bytes_of(const struct hf_lockdown *lockdown)
{
	size_t bytes = lockdown->raise->envelope->payload_len;
	for (size_t i = 0; i < lockdown->n_amends; i++)
		bytes += lockdown->amends[i]->envelope->payload_len;
	return bytes;
}

/*
 * Whoever holds it has its raise, and whoever has reported since knows what was; who comes later is told the whole for a
 * while, as long as that leaves the most of a state to others.
 */
static bool is_said_whole(struct choosing *ch, const struct hf_lockdown *lockdown)
{
	int64_t done = hf_lockdown_done_at(lockdown);
	if (ch->shown || !lockdown->release)
		return true;
	if (done < ch->all_heard.s || ch->view->now.s - done > HF_CARRY_WHOLE_S)
		return false;
	ch->whole += bytes_of(lockdown);
	return ch->whole <= HF_CARRY_WHOLE_MAX;
}

static void carry_lockdown(struct choosing *ch, const struct hf_lockdown *lockdown)
{
	if (is_said_whole(ch, lockdown)) {
		carry_order(ch, lockdown->raise);
		for (size_t i = 0; i < lockdown->n_amends; i++)
			carry_order(ch, lockdown->amends[i]);
	}
	if (lockdown->release)
		carry_order(ch, lockdown->release);
	ch->group++;
}

static bool is_wanted(const struct choosing *ch, const struct hf_lockdown *lockdown)
{
	int64_t done = hf_lockdown_done_at(lockdown);
	if (ch->shown || !is_done(lockdown) || ch->held[lockdown - ch->view->lockdowns->v])
		return true;
	if (is_exercise(lockdown))
		return ch->view->now.s - done <= HF_EXERCISE_S;
	if (ch->view->now.s - done <= HF_CARRY_S)
		return true;
	return lockdown->release && done >= ch->all_heard.s && ch->view->now.s - done <= HF_CARRY_LAST_S;
}

static void carry_lockdowns(struct choosing *ch, const struct hf_lockdown *const *sorted, enum hf_mode mode)
{
	size_t most = mode == HF_MODE_LIVE ? HF_CARRY_DONE_MAX : HF_CARRY_EXERCISES_MAX, done = 0;
	for (size_t i = 0; i < ch->view->lockdowns->n; i++) {
		if (sorted[i]->raise->order->mode != mode || !is_wanted(ch, sorted[i]))
			continue;
		if (!ch->shown && is_done(sorted[i]) && ++done > most)
			continue;
		carry_lockdown(ch, sorted[i]);
	}
}

static bool is_over(const struct hf_lockdowns *lockdowns, const struct hf_signers *signers)
{
	for (size_t i = 0; i < lockdowns->n_over; i++)
		for (size_t p = 0; p < signers->n_people; p++)
			if (strcmp(lockdowns->over[i].person, signers->people[p]->id) == 0)
				return true;
	return false;
}

/* What somebody amended who was released since: it counts no more, and others may have written theirs upon it. */
static bool is_ended(const struct choosing *ch, const struct hf_heard *amend)
{
	const struct hf_lockdown *of = hf_lockdowns_find(ch->view->lockdowns, &amend->order->of);
	return of && !is_done(of) && !ch->taken[amend - ch->known->orders.v] &&
	       hf_orders_judge_one(&ch->known->orders, ch->known->trust, amend, NULL, NULL) == HF_E_VOID;
}

/*
 * What stands beside the lockdowns: releases of what is not known here, for a while; those of people, always; and what
 * shows that somebody's share is full, or was.
 */
static bool is_stray(const struct choosing *ch, const struct hf_heard *heard)
{
	const struct hf_order *order = heard->order;
	if (order->act == HF_ACT_AMEND)
		return is_over(ch->view->lockdowns, &heard->signers) || is_ended(ch, heard);
	if (order->act != HF_ACT_RELEASE)
		return false;
	if (order->n_persons > 0)
		return hf_orders_judge_one(&ch->known->orders, ch->known->trust, heard, NULL, NULL) == HF_OK;
	return ch->view->now.s - order->at.s <= HF_CARRY_S &&
	       hf_orders_judge_one(&ch->known->orders, ch->known->trust, heard, NULL, NULL) == HF_E_OTHER;
}

static void carry_strays(struct choosing *ch, enum hf_mode mode)
{
	for (size_t i = 0; i < ch->known->orders.n; i++) {
		const struct hf_heard *heard = &ch->known->orders.v[i];
		if (heard->order->mode != mode || !is_stray(ch, heard))
			continue;
		carry_order(ch, heard);
		ch->group++;
	}
}

static enum hf_rc make_room(struct choosing *ch)
{
	size_t n = ch->known->orders.n + 1;
	ch->carried->v = calloc(n, sizeof(ch->carried->v[0]));
	ch->carried->group = calloc(n, sizeof(ch->carried->group[0]));
	ch->taken = calloc(n, sizeof(ch->taken[0]));
	ch->held = calloc(ch->view->lockdowns->n + 1, sizeof(ch->held[0]));
	return ch->carried->v && ch->carried->group && ch->taken && ch->held ? HF_OK : HF_E_MEMORY;
}

enum hf_rc hf_carry(const struct hf_known *known, const struct hf_estate_view *view, const struct hf_estate *estate,
		    struct hf_carried *ret_carried)
{
	hf_auto_carried struct hf_carried carried = {0};
	hf_auto_free const struct hf_lockdown **sorted = NULL;
	struct choosing ch = {.known = known, .view = view, .carried = &carried, .shown = !estate};
	enum hf_rc rc = make_room(&ch);
	if (rc == HF_OK)
		rc = hf_lockdowns_said(view->lockdowns, &sorted);
	if (rc == HF_OK) {
		if (estate)
			read_estate(estate, &ch);
		carry_lockdowns(&ch, sorted, HF_MODE_LIVE);
		carry_strays(&ch, HF_MODE_LIVE);
		carry_lockdowns(&ch, sorted, HF_MODE_EXERCISE);
		carry_strays(&ch, HF_MODE_EXERCISE);
		*ret_carried = carried;
		memset(&carried, 0, sizeof(carried));
	}
	free(ch.taken);
	free(ch.held);
	return rc;
}

void hf_carried_done(struct hf_carried *carried)
{
	free(carried->v);
	free(carried->group);
	memset(carried, 0, sizeof(*carried));
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
