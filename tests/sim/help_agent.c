/* SPDX-License-Identifier: MIT */
/*
 * Owns what can happen to a device in three years, and the two memories of what it heard.
 * Must never let one memory see what the other did not.
 */
#include "tests/sim/help_agent.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/help/dice.h"

#define DAY ((int64_t)COUNCIL_DAY)
#define YEAR_2040 2208988800

struct fates fates;

/* Enrolment */

/* What is left when all else is lost: the first trust, the register, the assignment. */
static void forget(struct agent *agent, const struct story *story)
{
	char id[HF_ID_SIZE];

	cr_assert_eq(hf_str_printf(id, sizeof(id), "d%zu", agent->number), HF_OK);
	hf_known_done(&agent->known);
	cr_assert_eq(hf_known_begin(story->council.trust, id, &agent->known, NULL), HF_OK);
	cr_assert_eq(council_hear(&agent->known, story->council.reg, NULL), HF_OK);
	cr_assert_eq(council_hear(&agent->known, agent->assignment, NULL), HF_OK);
	oracle_begin(&agent->memory);
	for (size_t i = 0; i < LOCKS_MAX; i++)
		agent->shut_from[i] = -1;
	agent->heard_seq = 0;
	agent->heard_pages = 0;
	agent->dirty = true;
}

static void choose_person(struct agent *agent)
{
	static const char *const people[] = {"comms-1", "comms-2", "staff-1", "visitor-1"};
	static const char *const groups[][2] = {
		{"communications", "civic-centre"}, {"civic-centre", NULL}, {"depot", NULL}};

	agent->whose.person = people[below(HF_LEN(people))];
	memcpy(agent->whose.groups, groups[below(HF_LEN(groups))], sizeof(agent->whose.groups));
	agent->lazy = one_in(5);
}

static struct hf_envelope *assign(const struct agent *agent, const struct story *story)
{
	struct hf_assignment doc = council_assignment_doc(&story->council);
	char id[HF_ID_SIZE];

	cr_assert_eq(hf_str_printf(id, sizeof(id), "d%zu", agent->number), HF_OK);
	doc.device = id;
	doc.people[0].person = agent->whose.person;
	doc.groups =
		(struct hf_strs){(const char **)agent->whose.groups, agent->whose.groups[1] ? (size_t)2 : 1};
	return council_assignment(&story->council, &doc, IT_1 | COMMS_1);
}

void agent_begin(struct agent *agent, const struct story *story, size_t number, uint64_t seed)
{
	static const enum clock_kind clocks[] = {CLOCK_RIGHT, CLOCK_RIGHT, CLOCK_JUMPS,	 CLOCK_RIGHT,
						 CLOCK_1970,  CLOCK_RIGHT, CLOCK_NEARLY, CLOCK_RIGHT,
						 CLOCK_FAST,  CLOCK_2038,  CLOCK_RIGHT,	 CLOCK_SLOW,
						 CLOCK_RIGHT, CLOCK_JUMPS, CLOCK_RIGHT,	 CLOCK_DRIFTS};
	static const unsigned losses[] = {50, 200, 500, 800};

	memset(agent, 0, sizeof(*agent));
	dice_at = seed ^ ((uint64_t)number * 0xd1342543de82ef95u);
	agent->number = number;
	agent->clock = clocks[number % HF_LEN(clocks)];
	agent->booted = STORY_BEGINS;
	if (agent->clock == CLOCK_NEARLY)
		agent->error = (int64_t)below(181) - 90;
	if (agent->clock == CLOCK_FAST || agent->clock == CLOCK_SLOW)
		agent->error = (int64_t)(below(2) ? below(86400) : below(60 * 86400));
	if (agent->clock == CLOCK_SLOW)
		agent->error = -agent->error;
	agent->loss = losses[below(HF_LEN(losses))];
	agent->late = 100;
	agent->twice = 50;
	agent->always_on = number % 9 == 0;
	choose_person(agent);
	agent->assignment = assign(agent, story);
	forget(agent, story);
	agent->dice = dice_at;
}

void agent_done(struct agent *agent)
{
	hf_known_done(&agent->known);
	hf_envelope_free(&agent->assignment);
}

/* Clock and lid */

int64_t agent_local(const struct agent *agent, int64_t now)
{
	switch (agent->clock) {
	case CLOCK_1970:
		return now - agent->booted;
	case CLOCK_2038:
		return now - STORY_BEGINS + YEAR_2040;
	case CLOCK_DRIFTS:
		return now + (now - agent->booted) / (agent->number % 2 ? 200 : -200);
	case CLOCK_RIGHT:
	case CLOCK_NEARLY:
	case CLOCK_FAST:
	case CLOCK_SLOW:
	case CLOCK_JUMPS:
		break;
	}
	return now + agent->error;
}

bool agent_tidy(const struct agent *agent)
{
	return agent->clock == CLOCK_RIGHT;
}

static void jump(struct agent *agent, int64_t now)
{
	const int64_t errors[] = {0,	   0,	       90,	  -3600, 3600,		 -3 * DAY,
				  3 * DAY, -400 * DAY, 400 * DAY, -now,	 YEAR_2040 - now};

	agent->error = errors[below(HF_LEN(errors))];
	fates.jumps++;
}

static void restart(struct agent *agent, int64_t now)
{
	json_t *json = hf_known_encode(&agent->known);
	struct hf_known back = {0};
	struct hf_err err = {""};

	cr_assert_eq(hf_known_decode(json, &back, &err), HF_OK, "agent %zu: %s", agent->number, err.text);
	json_decref(json);
	hf_known_done(&agent->known);
	agent->known = back;
	agent->booted = now;
	agent->dirty = true;
	fates.restarts++;
}

static bool in_office(int64_t now)
{
	int64_t hour = now % DAY / STORY_HOUR;

	return hf_day_weekday((struct hf_day){(int32_t)(now / DAY)}) < HF_SATURDAY && hour >= 8 && hour < 18;
}

/* On a Monday somebody goes away for weeks, with the lid shut or working where there is no network. */
static void plan_week(struct agent *agent, int64_t now)
{
	int64_t weeks = 1 + (int64_t)below(one_in(4) ? 16 : 4);

	if (hf_day_weekday((struct hf_day){(int32_t)(now / DAY)}) != HF_MONDAY || now % DAY != 0)
		return;
	if (now < agent->closed_until || now < agent->away_until || !one_in(8))
		return;
	if (one_in(2)) {
		agent->closed_until = now + weeks * 7 * DAY;
		fates.closed++;
	} else {
		agent->away_until = now + weeks * 7 * DAY;
		fates.away++;
	}
}

static void live(struct agent *agent, const struct story *story, int64_t now)
{
	bool was_online = agent->online;

	plan_week(agent, now);
	agent->awake = now >= agent->closed_until && (agent->always_on || in_office(now));
	agent->online = agent->awake && now >= agent->away_until;
	agent->woke = agent->online && !was_online;
	if (!agent->awake)
		return;
	if (agent->clock == CLOCK_JUMPS && one_in(100))
		jump(agent, now);
	if (one_in(2000))
		restart(agent, now);
	if (one_in(10000)) {
		forget(agent, story);
		agent->memory.lost = true;
		fates.losses++;
	}
}

/* Hearing */

static void learn(struct agent *agent, const struct message *message, const struct hf_hearing *hearing)
{
	agent->dirty = agent->dirty || hearing->grew || agent->memory.lost;
	for (size_t i = 0; i < DEEDS_MAX; i++) {
		agent->dirty = agent->dirty || (message->carries[i] && !agent->memory.given[i]);
		agent->memory.given[i] = agent->memory.given[i] || message->carries[i];
	}
	if (message->issued > agent->memory.issued)
		agent->memory.issued = message->issued;
	if (message->seq > agent->heard_seq) {
		agent->heard_seq = message->seq;
		agent->heard_pages = 0;
	}
	if (message->seq == agent->heard_seq)
		agent->heard_pages |= (uint64_t)1 << message->page;
	if (agent->heard_pages == ((uint64_t)1 << message->pages) - 1 && message->seq == agent->heard_seq)
		agent->memory.lost = false;
}

static void hear(struct agent *agent, const struct message *message)
{
	static struct hf_hearing hearing;
	struct hf_err err = {""};
	enum hf_rc rc = hf_known_hear(&agent->known, &(struct hf_message){message->text, message->len, HF_DOC_STATE},
				      &hearing, &err);

	cr_assert(rc == HF_OK || (rc == HF_E_ROLLBACK && message->seq < agent->heard_seq), "agent %zu, state %lld: %s",
		  agent->number, (long long)message->seq, err.text);
	fates.heard++;
	fates.refused += hearing.n_refused;
	learn(agent, message, &hearing);
}

/* One byte of the payload is another: nobody signed that. */
static void hear_spoilt(struct agent *agent, const struct message *message)
{
	static struct hf_hearing hearing;
	static char text[HF_MESSAGE_MAX];
	char *payload;
	enum hf_rc rc;

	memcpy(text, message->text, message->len);
	payload = strstr(text, "\"payload\":\"");
	cr_assert_not_null(payload);
	payload += 100 + below(200);
	*payload = *payload == 'A' ? 'B' : 'A';
	rc = hf_known_hear(&agent->known, &(struct hf_message){text, message->len, HF_DOC_STATE}, &hearing, NULL);
	cr_assert_neq(rc, HF_OK, "policy D9.2: a spoilt state was believed");
	cr_assert_not(hearing.grew);
	fates.spoilt++;
}

static bool of_thousand(unsigned n)
{
	return below(1000) < n;
}

static void put_off(struct agent *agent, size_t message, int64_t now)
{
	if (agent->n_pending == PENDING_MAX)
		return;
	agent->pending[agent->n_pending].at = now + (1 + (int64_t)below(48)) * STORY_HOUR;
	agent->pending[agent->n_pending].message = message;
	agent->n_pending++;
}

static void carry(struct agent *agent, const struct post *post, size_t message, int64_t now)
{
	if (of_thousand(agent->loss)) {
		fates.lost++;
		return;
	}
	if (of_thousand(agent->twice)) {
		put_off(agent, message, now);
		fates.twice++;
	}
	if (of_thousand(agent->late)) {
		put_off(agent, message, now);
		fates.late++;
		return;
	}
	if (one_in(200))
		hear_spoilt(agent, &post->v[message]);
	hear(agent, &post->v[message]);
}

/* What comes late to a closed laptop does not come. */
static void carry_late(struct agent *agent, const struct post *post, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < agent->n_pending; i++) {
		if (agent->pending[i].at > now)
			agent->pending[kept++] = agent->pending[i];
		else if (agent->online)
			hear(agent, &post->v[agent->pending[i].message]);
	}
	agent->n_pending = kept;
}

static bool heard(const struct agent *agent, const struct message *message)
{
	return agent->heard_seq == message->seq && (agent->heard_pages >> message->page & 1) != 0;
}

bool agent_heard_newest(const struct agent *agent, const struct post *post)
{
	const struct message *newest = &post->v[post->newest];

	return post->n > 0 && agent->heard_seq == newest->seq &&
	       agent->heard_pages == ((uint64_t)1 << newest->pages) - 1;
}

/* A retained state is there for whoever connects; a new one for whoever is connected. */
static void carry_new(struct agent *agent, const struct post *post, int64_t now)
{
	bool fresh = post->n > 0 && post->v[post->newest].issued == now;

	if (!agent->online || agent_heard_newest(agent, post))
		return;
	for (size_t i = post->newest; i < post->n && (fresh || agent->woke); i++)
		if (!heard(agent, &post->v[i]))
			carry(agent, post, i, now);
	if (post->n > 0 && one_in(2000)) {
		hear(agent, &post->v[below(post->n)]);
		fates.replayed++;
	}
}

/* Looking */

static const struct deed *deed_of(const struct story *story, size_t lock, const struct hf_order *order)
{
	for (size_t i = 0; i < story->n_deeds; i++)
		if (story->deeds[i].lock == lock &&
		    hf_digest_cmp(&story->deeds[i].envelope->digest, &order->digest) == 0)
			return &story->deeds[i];
	cr_assert_fail("an order that nobody wrote is in force");
	return NULL;
}

/*
 * True time, and what it was seen to be shut by: neither the oracle's memory of beginnings nor the law's. An honest
 * controller never claims a later time, so nothing may end before its true end.
 */
static bool opened_early(const struct agent *agent, const struct deed *deed, enum hf_phase phase, int64_t now)
{
	/* An exercise blocks nothing, and ends by itself. */
	return deed->mode == HF_MODE_LIVE && phase != HF_PHASE_IN_FORCE && deed->from <= agent->shut_from[deed->lock] &&
	       (deed->until == 0 || now <= deed->until);
}

static size_t view_lock(struct agent *agent, const struct story *story, const struct hf_lockdown *lockdown, int64_t now,
			struct view *view)
{
	size_t lock = story_lock_of(story, &lockdown->id), early = 0;
	struct lock_view *mine = &view->locks[lock];
	bool released = oracle_released(story, &agent->memory, lock);

	cr_assert_lt(lock, LOCKS_MAX, "a lockdown that nobody raised");
	mine->known = 1;
	mine->rev = (uint8_t)lockdown->rev;
	mine->bodies = (uint8_t)lockdown->n_bodies;
	mine->phase = (uint8_t)lockdown->phase;
	for (size_t i = 0; i < lockdown->n_bodies; i++) {
		const struct deed *deed = deed_of(story, lock, lockdown->bodies[i]->order);

		early += !released && opened_early(agent, deed, lockdown->phases[i], now);
		mine->in_force += lockdown->phases[i] == HF_PHASE_IN_FORCE;
		if (agent->awake && lockdown->phases[i] == HF_PHASE_IN_FORCE && deed->from > agent->shut_from[lock])
			agent->shut_from[lock] = deed->from;
	}
	return early;
}

/* Somebody who is asked to read does so, sooner or later. */
static void read_instructions(struct agent *agent, const struct story *story, const struct hf_hold *hold)
{
	struct memory *memory = &agent->memory;
	struct hf_ack *ack = &agent->acks[memory->n_acks];

	if (memory->n_acks == ACKS_MAX || agent->lazy || !agent->awake || !one_in(2))
		return;
	*ack = (struct hf_ack){.lockdown = hold->lockdown->id, .text = hold->text};
	cr_assert_eq(hf_str_copy(ack->person, sizeof(ack->person), agent->whose.person), HF_OK);
	memory->acks[memory->n_acks].lock = story_lock_of(story, &hold->lockdown->id);
	memory->acks[memory->n_acks].text = story_text_of(story, &hold->text);
	memory->n_acks++;
	agent->dirty = true;
	fates.read++;
}

static void view_posture(struct agent *agent, const struct story *story, const struct hf_posture *posture,
			 struct view *view)
{
	view->level = (uint8_t)posture->level;
	for (size_t i = 0; i < posture->n_tools; i++)
		view->tools[i] = (uint8_t)posture->tools[i].level;
	for (size_t i = 0; i < posture->n_accounts; i++)
		view->accounts[i] = (uint8_t)posture->accounts[i].level;
	for (size_t i = 0; i < posture->n_holds; i++)
		if (posture->holds[i].to_read)
			view->locks[story_lock_of(story, &posture->holds[i].lockdown->id)].to_read = 1;
	for (size_t i = 0; i < posture->n_holds; i++)
		if (posture->holds[i].to_read)
			read_instructions(agent, story, &posture->holds[i]);
}

size_t agent_look(struct agent *agent, const struct story *story, int64_t now, struct view *ret_view)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_posture struct hf_posture posture = {0};
	struct hf_facts facts = {agent->acks, agent->memory.n_acks, NULL, 0, agent->memory.lost, false, NULL};
	struct hf_wall local = {agent_local(agent, now)};
	size_t early = 0;
	bool is_new;

	memset(ret_view, 0, sizeof(*ret_view));
	if (agent->awake)
		cr_assert_eq(hf_known_tick(&agent->known, local, &is_new, NULL), HF_OK);
	cr_assert_eq(hf_known_lockdowns(&agent->known, local, &lockdowns, NULL), HF_OK);
	cr_assert_eq(
		hf_posture_of(&(struct hf_posture_ask){&lockdowns, agent->known.reg, &agent->known.versions, &facts,
						       COUNCIL_PAIR(agent->whose.person), hf_known_now(&agent->known, local)},
			      &posture, NULL),
		HF_OK);
	for (size_t i = 0; i < lockdowns.n; i++)
		early += view_lock(agent, story, &lockdowns.v[i], now, ret_view);
	dice_at = agent->dice;
	view_posture(agent, story, &posture, ret_view);
	agent->dice = dice_at;
	return early;
}

void agent_hour(struct agent *agent, const struct story *story, const struct post *post, int64_t now)
{
	dice_at = agent->dice;
	live(agent, story, now);
	if (agent->n_pending > 0)
		carry_late(agent, post, now);
	carry_new(agent, post, now);
	agent->dice = dice_at;
}
