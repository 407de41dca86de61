/* SPDX-License-Identifier: MIT */
/*
 * Owns that devices see every rewriting of a controller's journal (D5.6-5.7), and never one that was none.
 * Must never let a device learn of the journal but by states, or the controller of a device but by reports.
 *
 * A controller's journal, its queue of who waits for a proof, and devices that hold heads, as the programs have them; around
 * them states that are lost, come late and come again, reports that are lost, kills, and power cuts that take a device back
 * to one of its last saves.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/known.h>

#include "controller/estate/log_waits.h"
#include "tests/help/dice.h"
#include "tests/help/log_tree.h"

#define DEVICES 32
#define SAVES 3
#define KEPT 16 /* states that may come late */

struct witness {
	struct hf_log_seen log, saved[SAVES];
	bool owes; /* it reports with the next state, whatever the time */
	size_t forks;
};

/* A state as a device hears it: the page that everything stands on, and that of the proofs. */
struct said {
	struct hf_state page[2];
	struct hf_log_from from[HF_LOG_FROM_MAX];
};

struct world {
	struct log_tree tree;
	int64_t seq, now;
	struct hf_log_wait waits[DEVICES];
	int64_t n_turns;
	struct witness devices[DEVICES];
	struct said said[KEPT];
	size_t n_said;
	bool mute; /* somebody has taken the controller, and answers nothing */
};

static void world_done(struct world *world)
{
	log_tree_done(&world->tree);
	free(world);
}

static struct said *say_next_state(struct world *w)
{
	struct said *said = &w->said[w->n_said++ % KEPT];
	struct hf_log_wait *waits[DEVICES];
	struct hf_log_turn turn;
	size_t n = 0;

	for (size_t i = 0; i < DEVICES; i++)
		if (w->waits[i].size > 0 && w->waits[i].size < log_tree_size(&w->tree))
			waits[n++] = &w->waits[i];
	turn = hf_log_waits_turn(waits, w->mute ? 0 : n, ++w->n_turns);
	memset(said, 0, sizeof(*said));
	said->page[0] = (struct hf_state){
		.controller = "main", .seq = ++w->seq, .issued = {w->now}, .pages = turn.n > 0 ? 2 : 1};
	log_tree_say(&w->tree, &said->page[0]);
	said->page[1] = said->page[0];
	said->page[1].page = 1;
	said->page[1].from = said->from;
	said->page[1].n_from = turn.n;
	for (size_t i = 0; i < turn.n; i++)
		said->from[i] = log_tree_prove(&w->tree, turn.v[i].size);
	return said;
}

static void report(struct world *w, size_t i, bool arrives)
{
	struct hf_log_seen *log = &w->devices[i].log;

	if (log->seq == 0)
		return;
	hf_log_told(log);
	if (arrives)
		hf_log_wait_note(&w->waits[i], log->seq < log->newest.seq ? log->size : 0, false, ++w->n_turns);
}

static void hear_page(struct witness *device, const struct hf_state *page)
{
	bool moved;

	device->forks += hf_log_hear(&device->log, page, &moved, NULL) == HF_E_LOG_FORK;
}

/* A device that hears that numbers were left out reports at once, as agents do. */
static void hear(struct world *w, size_t i, const struct said *said, unsigned lost)
{
	struct witness *device = &w->devices[i];
	int64_t before = device->log.newest.seq;

	for (int page = 0; page < said->page[0].pages; page++)
		if (!(lost & (1u << page)))
			hear_page(device, &said->page[page]);
	if (device->owes || (before > 0 && device->log.newest.seq > before + HF_SEQ_LEFT_OUT))
		report(w, i, true);
	device->owes = false;
}

/* The controller is killed, and comes back: it has forgotten who waits, and the reports of meanwhile are lost. */
static void controller_comes_back(struct world *w)
{
	memset(w->waits, 0, sizeof(w->waits));
	w->seq += HF_SEQ_LEFT_OUT;
	for (size_t i = 0; i < DEVICES; i++)
		if (one_in(2))
			report(w, i, false);
}

/* A device is cut off, and has one of its last saves. */
static void device_comes_back(struct world *w, size_t i)
{
	struct witness *device = &w->devices[i];
	struct hf_log_seen saved = device->saved[below(SAVES)];

	device->log = (struct hf_log_seen){.seq = saved.seq,
					   .size = saved.size,
					   .root = saved.root,
					   .was_seq = saved.was_seq,
					   .was_size = saved.was_size,
					   .was_root = saved.was_root,
					   .fork_seq = saved.fork_seq,
					   .fork_at = saved.fork_at,
					   .since = saved.since,
					   .newest = saved.newest,
					   .proves = saved.proves};
	device->owes = true;
	report(w, i, one_in(2));
	hf_log_untold(&device->log);
}

static void device_saves(struct witness *device)
{
	memmove(device->saved + 1, device->saved, (SAVES - 1) * sizeof(device->saved[0]));
	device->saved[0] = device->log;
}

static void honest_step(struct world *w)
{
	const struct said *said;

	w->now += 30;
	if (one_in(2))
		log_tree_grow(&w->tree, below(one_in(20) ? 200 : 4));
	if (one_in(40))
		controller_comes_back(w);
	said = say_next_state(w);
	for (size_t i = 0; i < DEVICES; i++) {
		if (one_in(60))
			device_comes_back(w, i);
		if (!one_in(10))
			hear(w, i, said, one_in(8) ? (unsigned)below(4) : 0);
		if (one_in(12)) /* one that was held back, or is sent again */
			hear(w, i, &w->said[below(w->n_said < KEPT ? w->n_said : KEPT)], 0);
		if (one_in(2))
			report(w, i, !one_in(30));
		if (one_in(5))
			device_saves(&w->devices[i]);
	}
}

static struct world *world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof(*w));

	cr_assert(w);
	dice_at = seed;
	w->now = 1767225600;
	log_tree_grow(&w->tree, 40);
	return w;
}

static size_t forks(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < DEVICES; i++)
		n += w->devices[i].forks;
	return n;
}

Test(log_witness, honest_journal_raises_no_alarm)
{
	size_t steps = (size_t)number_from("HF_STEPS", 10000), proved = 0, waiting = 0;
	struct world *w = world_new((uint64_t)number_from("HF_SEED", 20261201));

	for (size_t step = 0; step < steps; step++) {
		honest_step(w);
		cr_assert_eq(forks(w), 0, "a false alarm in step %zu", step);
	}
	for (size_t i = 0; i < DEVICES; i++) {
		const struct hf_log_seen *log = &w->devices[i].log;

		proved += log->proves;
		waiting += log_tree_size(&w->tree) - log->size > 1000;
	}
	cr_expect_eq(proved, DEVICES, "each was proved something");
	cr_expect_eq(waiting, 0, "and holds a head of lately");
	fprintf(stderr, "log witness: %zu honest steps of %d devices, a journal of %lld records, 0 forks\n", steps, DEVICES,
		(long long)log_tree_size(&w->tree));
	world_done(w);
}

/* What somebody who has the controller does to what was recorded: at which place counted from the end, or from the start. */
struct rewriting {
	const char *what;
	int64_t from_end; /* below 0: that many records from the start, less one */
	size_t drop_put[2];
	bool chained, all_behind;
};

static const struct rewriting rewritings[] = {
	{"edited", 10, {1, 1}, false, false},
	{"edited, and the chain made anew", 10, {1, 1}, true, false},
	{"the first one edited", -1, {1, 1}, false, false},
	{"removed", 10, {1, 0}, true, false},
	{"removed, the others as they are", 10, {1, 0}, false, false},
	{"two swapped", 10, {2, 2}, false, false},
	{"cut", 5, {0, 0}, false, true},
	{"inserted", 10, {0, 1}, true, false},
	{"inserted, the others as they are", 10, {0, 1}, false, false},
	{"the whole chain made anew", -1, {1, 1}, true, false},
	{"an old backup", 30, {0, 0}, false, true},
	{"emptied", -1, {0, 0}, false, true},
};

static struct log_tree rewritten(const struct log_tree *tree, const struct rewriting *r)
{
	size_t size = (size_t)log_tree_size(tree), at = r->from_end < 0 ? 0 : size - (size_t)r->from_end;

	return log_tree_rewrite(tree, at, r->all_behind ? (const size_t[2]){size - at, r->drop_put[1]} : r->drop_put,
				r->chained);
}

/* Until a device has seen it; every device reports now and then, and hears most states. */
static size_t states_until_seen(struct world *w, size_t most)
{
	size_t n = 0;

	while (forks(w) == 0 && n < most) {
		const struct said *said = say_next_state(w);

		n++;
		w->now += 30;
		for (size_t i = 0; i < DEVICES; i++) {
			hear(w, i, said, 0);
			report(w, i, true);
		}
	}
	return n;
}

/* A journal that honest states have told of, with devices that all hold a head of lately. */
static struct world *told_world(uint64_t seed)
{
	struct world *w = world_new(seed);

	for (int i = 0; i < 60; i++)
		honest_step(w);
	for (int i = 0; i < 12; i++) {
		const struct said *said = say_next_state(w);

		for (size_t k = 0; k < DEVICES; k++) {
			hear(w, k, said, 0);
			report(w, k, true);
		}
	}
	cr_assert_eq(forks(w), 0);
	return w;
}

static void is_seen(const struct rewriting *r, size_t later, bool mute, uint64_t seed)
{
	struct world *w = told_world(seed);
	struct log_tree other = rewritten(&w->tree, r);
	size_t n, all = 0;

	log_tree_done(&w->tree);
	w->tree = other;
	log_tree_grow(&w->tree, later);
	w->mute = mute;
	n = states_until_seen(w, 16);
	cr_expect_gt(forks(w), 0, "%s, and %zu records later, %s: nobody has seen it", r->what, later,
		     mute ? "without a word of proof" : "with proofs");
	cr_expect_leq(n, mute ? 10 : 4, "%s, and %zu records later: seen with state %zu", r->what, later, n);
	for (size_t i = 0; i < DEVICES; i++)
		all += w->devices[i].log.fork_seq > 0;
	cr_expect_gt(all, 0, "and it stays said");
	world_done(w);
}

Test(log_witness, every_rewriting_is_seen)
{
	uint64_t seed = (uint64_t)number_from("HF_SEED", 20261201);
	static const size_t later[] = {0, 1, 1000};

	for (size_t i = 0; i < HF_LEN(rewritings); i++)
		for (size_t k = 0; k < HF_LEN(later); k++)
			for (int mute = 0; mute <= 1; mute++)
				is_seen(&rewritings[i], later[k], mute, seed + i);
	fprintf(stderr, "log witness: %zu rewritings, at once and after 1 and 1,000 records more, with proofs and without\n",
		HF_LEN(rewritings));
}

/* All laptops of a council come back in one morning, and have seen sixty different sizes. */
#define LAPTOPS 214
#define SIZES 60
#define BEAT_S 30
#define HURRY_S 5
#define REPORT_S 60

Test(log_witness, laptops_that_come_back_are_all_proved_something_soon)
{
	static struct hf_log_wait waits[LAPTOPS], *all[LAPTOPS];
	static int64_t proved[LAPTOPS], reports[LAPTOPS];
	int64_t next = BEAT_S, turns = 0, worst = 0;
	size_t left = LAPTOPS;

	dice_at = (uint64_t)number_from("HF_SEED", 20261201);
	for (size_t i = 0; i < LAPTOPS; i++) {
		all[i] = &waits[i];
		proved[i] = -1;
		reports[i] = (int64_t)below(3); /* with the first state that they hear, and then once a minute */
	}
	for (int64_t s = 0; s < 600 && left > 0; s++) {
		for (size_t i = 0; i < LAPTOPS; i++)
			if (s >= reports[i] && (s - reports[i]) % REPORT_S == 0)
				hf_log_wait_note(&waits[i], proved[i] < 0 ? 1000 + (int64_t)(i % SIZES) : 0, false, ++turns);
		if (s < next)
			continue;
		struct hf_log_turn turn = hf_log_waits_turn(all, LAPTOPS, ++turns);

		next = s + (turn.more ? HURRY_S : BEAT_S);
		for (size_t i = 0; i < LAPTOPS; i++)
			for (size_t k = 0; k < turn.n; k++)
				if (proved[i] < 0 && turn.v[k].size == 1000 + (int64_t)(i % SIZES)) {
					proved[i] = worst = s;
					left--;
				}
	}
	cr_expect_eq(left, 0);
	cr_expect_leq(worst, 93, "the last of them after %lld s", (long long)worst);
	fprintf(stderr, "log witness: %d laptops with %d sizes, %d a state: the last has its proof after %lld s\n", LAPTOPS,
		SIZES, HF_LOG_FROM_MAX, (long long)worst);
}
