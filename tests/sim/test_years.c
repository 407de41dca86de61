/* SPDX-License-Identifier: MIT */
/*
 * Owns the walk through 2026 to 2028, hour by hour: every published election, lossy links, shut lids, wrong clocks.
 * Must never leave out a comparison that could have come out otherwise: what it skips, it samples.
 *
 * HF_SIM_AGENTS says how many devices there are, HF_SEED where the dice begin, HF_SIM_SAMPLE that one in so many of the
 * comparisons that nothing has changed for is made all the same (1: all of them).
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/help/dice.h"
#include "tests/sim/help_agent.h"

#define AGENTS_MAX 2000
#define BEAT (36 * STORY_HOUR)	 /* the controller speaks at noon, then at midnight, and at once when there is news */
#define CARRY_S (30 * 24 * 3600) /* what is done with is said for so long, as the controller does */
#define PAGE_ORDERS 16		 /* about 40 KiB */
#define BOUNDARIES_MAX (2 * DEEDS_MAX + 64)

static struct story story;
static struct agent *agents;
static size_t n_agents;
static struct post post;

/* Every second at which time alone can change something. Sorted. */
static int64_t boundaries[BOUNDARIES_MAX];
static size_t n_boundaries;

/* The one party whose clock is right and whose link never fails. */
static struct {
	struct hf_known known;
	bool issued[DEEDS_MAX];
	bool refused[DEEDS_MAX];
	int64_t done_at[LOCKS_MAX]; /* since when it is over or released; 0: it is not */
	bool carried[LOCKS_MAX];    /* in the newest state */
	struct lock_view locks[LOCKS_MAX];
	int64_t seq;
} controller;

static struct {
	size_t hours, compared, sampled, skipped, wrong, skipped_wrongly, early, agreed, stricter, disagreed;
	size_t open, guarded, blocked, alone;
} counts;

/* The controller */

static void add_order(size_t i)
{
	static struct hf_hearing hearing;
	char *text = NULL;
	size_t len = 0;

	cr_assert_eq(hf_envelope_encode(story.deeds[i].envelope, &text, &len, NULL), HF_OK);
	controller.refused[i] = hf_known_hear(&controller.known, &(struct hf_message){text, len, HF_DOC_ORDER},
					      &hearing, NULL) != HF_OK;
	free(text);
	controller.issued[i] = true;
}

static void look_around(int64_t now)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_wall local = {now};
	bool is_new;

	memset(controller.locks, 0, sizeof(controller.locks));
	cr_assert_eq(hf_known_tick(&controller.known, local, &is_new, NULL), HF_OK);
	cr_assert_eq(hf_known_lockdowns(&controller.known, local, &lockdowns, NULL), HF_OK);
	for (size_t i = 0; i < lockdowns.n; i++) {
		const struct hf_lockdown *lockdown = &lockdowns.v[i];
		size_t lock = story_lock_of(&story, &lockdown->id);
		struct lock_view *mine = &controller.locks[lock];
		bool done = lockdown->phase == HF_PHASE_OVER || lockdown->phase == HF_PHASE_RELEASED;

		*mine = (struct lock_view){1, (uint8_t)lockdown->rev, (uint8_t)lockdown->n_bodies, 0, 0, 0};
		mine->phase = (uint8_t)lockdown->phase;
		for (size_t k = 0; k < lockdown->n_bodies; k++)
			mine->in_force += lockdown->phases[k] == HF_PHASE_IN_FORCE;
		if (!done)
			controller.done_at[lock] = 0;
		else if (controller.done_at[lock] == 0)
			controller.done_at[lock] = now;
	}
}

/* What is live; what was lately; and what some device last said that it still holds. */
static bool to_carry(size_t lock, int64_t now)
{
	if (!controller.issued[story.raises[lock]])
		return false;
	if (controller.done_at[lock] == 0 || now - controller.done_at[lock] < CARRY_S)
		return true;
	for (size_t i = 0; i < n_agents; i++)
		if (agents[i].said[lock])
			return true;
	return false;
}

/* What was refused would not be carried at all, had not somebody the controller's key for two days. */
static bool is_stale_forgery(size_t deed, int64_t now)
{
	return controller.refused[deed] && now - story.deeds[deed].at > 2 * COUNCIL_DAY;
}

static size_t choose_orders(int64_t now, size_t v[DEEDS_MAX])
{
	size_t n = 0;

	for (size_t lock = 0; lock < story.n_locks; lock++) {
		controller.carried[lock] = to_carry(lock, now);
		for (size_t i = 0; i < story.n_deeds && controller.carried[lock]; i++)
			if (story.deeds[i].lock == lock && controller.issued[i] && !is_stale_forgery(i, now))
				v[n++] = i;
	}
	return n;
}

static void say_page(const size_t *v, size_t n, int page, int pages, int64_t now)
{
	struct message *message = &post.v[post.n++];
	struct hf_envelope *orders[PAGE_ORDERS];
	struct hf_state doc = council_state_doc(&story.council, controller.seq, orders, n);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err err = {""};

	cr_assert_leq(post.n, MESSAGES_MAX);
	for (size_t i = 0; i < n; i++) {
		orders[i] = story.deeds[v[i]].envelope;
		message->carries[v[i]] = true;
	}
	doc.issued.s = now;
	doc.valid_until.s = now + HF_STATE_VALID_S;
	doc.page = page;
	doc.pages = pages;
	envelope = council_state(&story.council, &doc, CONTROLLER);
	cr_assert_eq(hf_envelope_encode(envelope, &message->text, &message->len, &err), HF_OK, "%s", err.text);
	message->seq = controller.seq;
	message->issued = now;
	message->page = page;
	message->pages = pages;
	cr_assert_eq(council_hear(&controller.known, envelope, NULL), HF_OK);
}

static void say_state(int64_t now)
{
	size_t v[DEEDS_MAX], n = choose_orders(now, v);
	int pages = n == 0 ? 1 : (int)((n + PAGE_ORDERS - 1) / PAGE_ORDERS);

	controller.seq++;
	post.newest = post.n;
	for (int page = 0; page < pages; page++) {
		size_t first = (size_t)page * PAGE_ORDERS, rest = n - first;

		say_page(v + first, rest < PAGE_ORDERS ? rest : PAGE_ORDERS, page, pages, now);
	}
}

static void controller_hour(int64_t now)
{
	bool news = false;

	for (size_t i = 0; i < story.n_deeds; i++) {
		if (controller.issued[i] || story.deeds[i].at > now)
			continue;
		add_order(i);
		news = true;
	}
	if (news || (now - STORY_BEGINS) % BEAT == BEAT / 3)
		say_state(now);
	look_around(now);
}

/* Comparing */

static size_t boundary_at(int64_t t)
{
	size_t low = 0, high = n_boundaries;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (boundaries[middle] <= t)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void find_boundaries(void)
{
	for (size_t i = 0; i < story.n_deeds; i++) {
		boundaries[n_boundaries++] = story.deeds[i].from;
		boundaries[n_boundaries++] = oracle_until(&story.deeds[i]) + 1;
	}
	for (size_t i = 0; i < story.reg.n_accounts; i++)
		for (size_t k = 0; k < story.reg.accounts[i].n_holders; k++)
			boundaries[n_boundaries++] = story.reg.accounts[i].holders[k].until.s + 1;
	cr_assert_leq(n_boundaries, BOUNDARIES_MAX);
	qsort(boundaries, n_boundaries, sizeof(boundaries[0]), by_time);
}

static void tell_wrong(const struct agent *agent, const struct view *is, const struct view *must, int64_t now)
{
	char at[HF_WALL_TEXT_SIZE], local[HF_WALL_TEXT_SIZE], issued[HF_WALL_TEXT_SIZE];

	if (counts.wrong > 5)
		return;
	fprintf(stderr, "years: agent %zu (%s) at %s, its clock %s, issued %s: level %d, must be %d\n", agent->number,
		agent->whose.person, hf_wall_text((struct hf_wall){now}, at),
		hf_wall_text((struct hf_wall){agent_local(agent, now)}, local),
		hf_wall_text((struct hf_wall){agent->memory.issued}, issued), is->level, must->level);
	for (size_t i = 0; i < story.n_locks; i++) {
		const struct lock_view *a = &is->locks[i], *b = &must->locks[i];

		if (memcmp(a, b, sizeof(*a)) != 0)
			fprintf(stderr,
				"    %s: known %d, rev %d, bodies %d, in force %d, %s, to read %d; must be %d, %d, %d, "
				"%d, %s, %d\n",
				story.deeds[story.raises[i]].reason, a->known, a->rev, a->bodies, a->in_force,
				hf_phase_name((enum hf_phase)a->phase), a->to_read, b->known, b->rev, b->bodies,
				b->in_force, hf_phase_name((enum hf_phase)b->phase), b->to_read);
	}
}

/* The oracle first: looking, a person may read and acknowledge. */
static void compare_with_oracle(struct agent *agent, int64_t now, bool nothing_changed)
{
	int64_t local = agent_local(agent, now);
	struct view is, must;

	agent->dirty = false;
	if (agent->awake)
		oracle_look(&story, local, &agent->memory);
	oracle_view(&story, &agent->memory, &agent->whose, local, &must);
	counts.early += agent_look(agent, &story, now, &is);
	counts.compared++;
	counts.open += is.level == HF_LEVEL_OPEN;
	counts.guarded += is.level == HF_LEVEL_GUARD;
	counts.blocked += is.level == HF_LEVEL_BLOCK;
	if (memcmp(&is, &must, sizeof(is)) != 0) {
		counts.wrong++;
		tell_wrong(agent, &is, &must, now);
	}
	if (nothing_changed)
		counts.skipped_wrongly += memcmp(&is, &agent->view, sizeof(is)) != 0;
	agent->view = is;
}

/* By itself: it heard nothing for a day, and a period began. */
static bool began_alone(const struct agent *agent, const struct view *before, int64_t now)
{
	for (size_t i = 0; i < story.n_locks; i++)
		if (before->locks[i].phase == HF_PHASE_SCHEDULED && before->locks[i].known &&
		    agent->view.locks[i].phase == HF_PHASE_IN_FORCE && now - agent->memory.issued > BEAT)
			return true;
	return false;
}

static void look_at(struct agent *agent, int64_t now, size_t sample)
{
	size_t local_at = boundary_at(agent_local(agent, now)), issued_at = boundary_at(agent->memory.issued);
	bool moved = local_at != agent->local_at || issued_at != agent->issued_at;
	struct view before;

	if (moved || agent->dirty || (agent->awake && !agent->looked)) {
		before = agent->view;
		agent->looked = agent->awake;
		agent->local_at = local_at;
		agent->issued_at = issued_at;
		compare_with_oracle(agent, now, false);
		counts.alone += agent->awake && began_alone(agent, &before, now);
	} else if ((dice_at = agent->dice, one_in(sample))) {
		agent->dice = dice_at;
		counts.sampled++;
		compare_with_oracle(agent, now, true);
	} else {
		agent->dice = dice_at;
		counts.skipped++;
	}
}

/* Agreeing */

/* A device whose clock is wrong may shut earlier and open later than others, and begin with the next state. */
static bool stricter(const struct lock_view *is, const struct lock_view *must, size_t lock)
{
	if (is->phase == HF_PHASE_IN_FORCE)
		return is->in_force >= must->in_force;
	if (is->phase == HF_PHASE_SCHEDULED && must->phase == HF_PHASE_IN_FORCE)
		for (size_t i = 0; i < story.n_deeds; i++)
			if (story.deeds[i].lock == lock && controller.issued[i] &&
			    story.deeds[i].from > post.v[post.newest].issued)
				return true;
	return false;
}

static bool agrees(const struct agent *agent, size_t lock)
{
	const struct lock_view *is = &agent->view.locks[lock], *must = &controller.locks[lock];

	if (is->known != must->known || is->rev != must->rev || is->bodies != must->bodies)
		return false;
	if (is->phase == must->phase && is->in_force == must->in_force)
		return true;
	if (agent_tidy(agent) || !stricter(is, must, lock))
		return false;
	counts.stricter++;
	return true;
}

static void expect_agreement(const struct agent *agent, int64_t now)
{
	char at[HF_WALL_TEXT_SIZE];

	for (size_t lock = 0; lock < story.n_locks; lock++) {
		/* Which exercises of one person go on hangs on which of them are known. */
		if (!controller.carried[lock] || story.deeds[story.raises[lock]].mode == HF_MODE_EXERCISE)
			continue;
		counts.agreed++;
		if (agrees(agent, lock))
			continue;
		counts.disagreed++;
		if (counts.disagreed < 5)
			fprintf(stderr, "years: agent %zu at %s heard the newest state: %s is %s here, %s there\n",
				agent->number, hf_wall_text((struct hf_wall){now}, at),
				story.deeds[story.raises[lock]].reason,
				hf_phase_name((enum hf_phase)agent->view.locks[lock].phase),
				hf_phase_name((enum hf_phase)controller.locks[lock].phase));
	}
}

/* What a device reports of itself gets through as well or badly as everything else. */
static void report(struct agent *agent)
{
	if (!agent->online || agent->heard_seq != controller.seq)
		return;
	for (size_t lock = 0; lock < story.n_locks; lock++) {
		const struct lock_view *mine = &agent->view.locks[lock];

		agent->said[lock] =
			mine->known && (mine->phase == HF_PHASE_IN_FORCE || mine->phase == HF_PHASE_SCHEDULED);
	}
}

/* The walk */

static void open_all(void)
{
	uint64_t seed = number_from("HF_SEED", 20260507);

	story_open(&story);
	find_boundaries();
	cr_assert_eq(hf_known_begin(story.council.trust, "", &controller.known, NULL), HF_OK);
	cr_assert_eq(council_hear(&controller.known, story.council.reg, NULL), HF_OK);
	n_agents = number_from("HF_SIM_AGENTS", 200);
	cr_assert_leq(n_agents, AGENTS_MAX);
	agents = calloc(n_agents, sizeof(*agents));
	cr_assert_not_null(agents);
	for (size_t i = 0; i < n_agents; i++)
		agent_begin(&agents[i], &story, i, seed);
}

static void close_all(void)
{
	for (size_t i = 0; i < n_agents; i++)
		agent_done(&agents[i]);
	for (size_t i = 0; i < post.n; i++)
		free(post.v[i].text);
	free(agents);
	hf_known_done(&controller.known);
	story_close(&story);
}

TestSuite(years, .init = open_all, .fini = close_all, .timeout = 1200);

static void walk(void)
{
	size_t sample = number_from("HF_SIM_SAMPLE", 256);

	for (int64_t now = STORY_BEGINS; counts.hours < STORY_HOURS; now += STORY_HOUR, counts.hours++) {
		controller_hour(now);
		for (size_t i = 0; i < n_agents; i++) {
			agent_hour(&agents[i], &story, &post, now);
			look_at(&agents[i], now, sample);
			if (agent_heard_newest(&agents[i], &post))
				expect_agreement(&agents[i], now);
			report(&agents[i]);
		}
	}
}

static void print_story(void)
{
	fprintf(stderr, "years: %zu elections, %zu lockdowns, %zu orders, %zu pages of %lld states\n", story.n_cases,
		story.n_locks, story.n_deeds, post.n, (long long)controller.seq);
	fprintf(stderr,
		"years: %zu hours, %zu agents: heard %zu pages (%zu lost, %zu late, %zu twice, %zu replayed, %zu "
		"spoilt, "
		"%zu orders refused); %zu lids shut for weeks, %zu weeks away, %zu restarts, %zu disks lost, %zu jumps "
		"of a clock, %zu instructions read\n",
		counts.hours, n_agents, fates.heard, fates.lost, fates.late, fates.twice, fates.replayed, fates.spoilt,
		fates.refused, fates.closed, fates.away, fates.restarts, fates.losses, fates.jumps, fates.read);
	fprintf(stderr,
		"years: %zu comparisons (%zu open, %zu guarded, %zu blocked; %zu of them samples where nothing had "
		"changed, "
		"for %zu skipped: %zu differed), %zu began alone; wrong %zu\n",
		counts.compared, counts.open, counts.guarded, counts.blocked, counts.sampled, counts.skipped,
		counts.skipped_wrongly, counts.alone, counts.wrong);
	fprintf(stderr, "years: opened early %zu; %zu agreements (%zu stricter by a wrong clock), disagreements %zu\n",
		counts.early, counts.agreed, counts.stricter, counts.disagreed);
}

/* Policy D9.2, D10: what each device shows is what the law gives for what it could have known; no lock opens early. */
Test(years, d10_every_hour_of_three_years)
{
	walk();
	print_story();
	cr_assert_geq(story.n_cases, 22, "every published case was walked through");
	cr_assert_eq(counts.compared + counts.skipped, n_agents * STORY_HOURS, "every agent at every hour");
	cr_expect_eq(counts.wrong, 0, "D9.2, D10: a posture that is not the law's");
	cr_expect_eq(counts.early, 0, "D9.2, D10: a lockdown that opened early");
	cr_expect_eq(counts.disagreed, 0, "all that heard the newest state agree within one beat");
	cr_expect_eq(counts.skipped_wrongly, 0, "a comparison was skipped that came out otherwise");
	if (n_agents < 20)
		return;
	cr_expect_gt(counts.open, counts.compared / 20, "the walk never opened");
	cr_expect_gt(counts.guarded, counts.compared / 100, "the walk never guarded");
	cr_expect_gt(counts.blocked, counts.compared / 20, "the walk never blocked");
	cr_expect_gt(counts.alone, 0, "no period began by itself");
	cr_expect_gt(fates.restarts, n_agents, "nobody restarted");
	cr_expect_gt(fates.refused, n_agents, "nothing was ever refused");
}
