/* SPDX-License-Identifier: MIT */
/*
 * Owns what the law gives for what a device could have known, sentence by sentence from proto/README.md.
 * Must never call the code that it is the measure of, or be quick at the price of being plain.
 */
#include "tests/sim/help_oracle.h"

#include <string.h>

/* Revisions that stand side by side. */
struct bodies {
	size_t v[8]; /* the story has no more of one revision */
	size_t n;
};

void oracle_begin(struct memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	for (size_t i = 0; i < LOCKS_MAX; i++)
		memory->begun_from[i] = -1;
}

/* "Approval": people, not keys */

enum { COMMS = 1, MONITORING = 2, ELECTIONS = 4, ACCOUNTS = 8 };

static int people(const struct deed *deed, unsigned roles)
{
	static const struct {
		unsigned keys, roles;
	} all[] = {
		{COMMS_1 | COMMS_1_SECOND, COMMS | ACCOUNTS},
		{COMMS_2, COMMS | ACCOUNTS},
		{MONITORING_1, MONITORING},
		{ELECTIONS_1, ELECTIONS},
	};
	int n = 0;

	for (size_t i = 0; i < HF_LEN(all); i++)
		n += (deed->who & all[i].keys) != 0 && (all[i].roles & roles) != 0;
	return n;
}

static bool may_raise(const struct deed *deed)
{
	if (deed->mode == HF_MODE_EXERCISE)
		return people(deed, COMMS | ELECTIONS) >= 1;
	return people(deed, deed->kind == HF_KIND_EMERGENCY ? COMMS : ELECTIONS) >= 1;
}

static bool may_release(const struct deed *deed)
{
	if (deed->mode == HF_MODE_EXERCISE)
		return people(deed, COMMS | ELECTIONS) >= 1;
	return people(deed, MONITORING | (deed->kind == HF_KIND_EMERGENCY ? COMMS : ELECTIONS)) >= 2;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* A list of one name, or (NULL) of all: does the later one leave anything out? */
static bool leaves_out(const char *before, const char *after)
{
	return after && !same_text(before, after);
}

static bool loosens(const struct deed *before, const struct deed *after)
{
	if (after->level < before->level || after->from > before->from)
		return true;
	if (after->until != 0 && (before->until == 0 || after->until < before->until))
		return true;
	return leaves_out(before->account, after->account) || leaves_out(before->group, after->group);
}

static bool may_amend(const struct story *story, const struct bodies *before, const struct deed *amend)
{
	bool looser = false, exempts = false;

	if (amend->mode == HF_MODE_EXERCISE)
		return may_raise(amend);
	for (size_t i = 0; i < before->n; i++) {
		const struct deed *old = &story->deeds[before->v[i]];

		looser = looser || loosens(old, amend);
		exempts = exempts || (amend->exempt && !same_text(old->exempt, amend->exempt));
	}
	if (exempts && people(amend, ACCOUNTS) < 2)
		return false;
	if (looser)
		return may_release(amend);
	return exempts || may_raise(amend);
}

/* "What is in force" 1 and 2 */

static bool is_raised(const struct story *story, const struct memory *memory, size_t lock)
{
	size_t raise = story->raises[lock];

	return memory->given[raise] && may_raise(&story->deeds[raise]);
}

static int64_t highest_revision(const struct story *story, const struct memory *memory, size_t lock,
				struct bodies *ret_bodies)
{
	struct bodies now = {{story->raises[lock]}, 1}, next;
	int64_t rev = 0;

	for (;;) {
		next.n = 0;
		for (size_t i = 0; i < story->n_deeds; i++) {
			const struct deed *deed = &story->deeds[i];

			if (memory->given[i] && deed->act == HF_ACT_AMEND && deed->lock == lock &&
			    deed->rev == rev + 1 && may_amend(story, &now, deed))
				next.v[next.n++] = i;
		}
		if (next.n == 0)
			break;
		now = next;
		rev++;
	}
	*ret_bodies = now;
	return rev;
}

/* 3 */
bool oracle_released(const struct story *story, const struct memory *memory, size_t lock)
{
	for (size_t i = 0; i < story->n_deeds; i++) {
		const struct deed *deed = &story->deeds[i];

		if (memory->given[i] && deed->act == HF_ACT_RELEASE && deed->lock == lock && may_release(deed))
			return true;
	}
	return false;
}

int64_t oracle_until(const struct deed *deed)
{
	int64_t week = (deed->at > deed->from ? deed->at : deed->from) + 7 * COUNCIL_DAY;

	if (deed->mode != HF_MODE_EXERCISE || (deed->until != 0 && deed->until < week))
		return deed->until;
	return week;
}

/* 4 */
static enum hf_phase phase_of(const struct story *story, const struct deed *deed, const struct memory *memory,
			      int64_t local)
{
	bool begun = deed->kind == HF_KIND_EMERGENCY || local >= deed->from || memory->issued >= deed->from ||
		     deed->from <= memory->begun_from[deed->lock];

	if (memory->over[deed - story->deeds])
		return HF_PHASE_OVER;
	if (!begun)
		return HF_PHASE_SCHEDULED;
	if (oracle_until(deed) != 0 && local > oracle_until(deed) && memory->issued > oracle_until(deed))
		return HF_PHASE_OVER;
	return HF_PHASE_IN_FORCE;
}

void oracle_look(const struct story *story, int64_t local, struct memory *memory)
{
	for (size_t lock = 0; lock < story->n_locks; lock++) {
		struct bodies bodies;
		int64_t latest = memory->begun_from[lock];

		if (!is_raised(story, memory, lock) || oracle_released(story, memory, lock))
			continue;
		(void)highest_revision(story, memory, lock, &bodies);
		for (size_t i = 0; i < bodies.n; i++) {
			const struct deed *deed = &story->deeds[bodies.v[i]];

			enum hf_phase phase = phase_of(story, deed, memory, local);

			if (phase == HF_PHASE_IN_FORCE && deed->from > latest)
				latest = deed->from;
			memory->over[bodies.v[i]] = phase == HF_PHASE_OVER && deed->mode == HF_MODE_LIVE;
		}
		memory->begun_from[lock] = latest;
	}
}

/* What is open because of it */

static bool bears_on_device(const struct deed *deed, const struct whose *whose)
{
	return !deed->group || same_text(deed->group, whose->groups[0]) || same_text(deed->group, whose->groups[1]);
}

static bool has_read(const struct deed *deed, const struct memory *memory)
{
	for (size_t i = 0; i < memory->n_acks; i++)
		if (memory->acks[i].lock == deed->lock && memory->acks[i].text == deed->text)
			return true;
	return false;
}

/* An account is held until both times are past its end. */
static bool holds(const struct story *story, const struct memory *memory, const struct whose *whose, const char *id,
		  int64_t local)
{
	for (size_t i = 0; i < story->reg.n_accounts; i++) {
		const struct hf_account *account = &story->reg.accounts[i];

		for (size_t k = 0; same_text(account->id, id) && k < account->n_holders; k++) {
			int64_t until = account->holders[k].until.s;

			if (same_text(account->holders[k].person, whose->person) &&
			    (until == 0 || local <= until || memory->issued <= until))
				return true;
		}
	}
	return false;
}

static bool serves(const struct hf_tool *tool, const char *account)
{
	size_t len = strcspn(account, ":");

	for (size_t i = 0; i < tool->platforms.n; i++)
		if (strlen(tool->platforms.v[i]) == len && strncmp(tool->platforms.v[i], account, len) == 0)
			return true;
	return false;
}

static void strengthen(uint8_t *level, enum hf_level by)
{
	if (by > *level)
		*level = (uint8_t)by;
}

struct looked {
	const struct story *story;
	const struct memory *memory;
	const struct whose *whose;
	int64_t local;
};

static void shut(const struct looked *looked, const struct deed *deed, struct view *view)
{
	const struct hf_register *reg = &looked->story->reg;
	bool holder =
		!deed->account || holds(looked->story, looked->memory, looked->whose, deed->account, looked->local);

	for (size_t i = 0; i < reg->n_tools; i++) {
		if (!holder || (deed->account && !serves(&reg->tools[i], deed->account)))
			continue;
		strengthen(&view->tools[i], deed->level);
		strengthen(&view->level, deed->level);
	}
	for (size_t i = 0; i < reg->n_accounts; i++)
		if (!deed->account || same_text(deed->account, reg->accounts[i].id))
			strengthen(&view->accounts[i], deed->level);
}

/* One order that is in force. */
static void hold(const struct looked *looked, const struct deed *deed, struct view *view)
{
	bool exempt = same_text(deed->exempt, looked->whose->person), guarded;

	if (!bears_on_device(deed, looked->whose))
		return;
	guarded = deed->level == HF_LEVEL_GUARD && !exempt && !has_read(deed, looked->memory);
	if (guarded)
		view->locks[deed->lock].to_read = 1;
	if (deed->mode == HF_MODE_LIVE && !exempt && (guarded || deed->level == HF_LEVEL_BLOCK))
		shut(looked, deed, view);
}

/* An exercise that would go on, if it were the only one. */
static bool goes_on(const struct looked *looked, size_t lock)
{
	struct bodies bodies;
	bool on = false;

	if (looked->story->deeds[looked->story->raises[lock]].mode != HF_MODE_EXERCISE ||
	    !is_raised(looked->story, looked->memory, lock) || oracle_released(looked->story, looked->memory, lock))
		return false;
	(void)highest_revision(looked->story, looked->memory, lock, &bodies);
	for (size_t i = 0; i < bodies.n; i++)
		on = on || phase_of(looked->story, &looked->story->deeds[bodies.v[i]], looked->memory,
				    looked->local) != HF_PHASE_OVER;
	return on;
}

/* Of the exercises of one person two go on: those with the lowest digests. */
static bool is_one_too_many(const struct looked *looked, size_t lock)
{
	const struct deed *mine = &looked->story->deeds[looked->story->raises[lock]];
	size_t before = 0;

	if (!goes_on(looked, lock))
		return false;
	for (size_t i = 0; i < looked->story->n_locks; i++) {
		const struct deed *other = &looked->story->deeds[looked->story->raises[i]];

		before += (other->who & mine->who) != 0 &&
			  hf_digest_cmp(&other->envelope->digest, &mine->envelope->digest) < 0 && goes_on(looked, i);
	}
	return before >= 2;
}

static void judge_lock(const struct looked *looked, size_t lock, struct view *view)
{
	struct lock_view *mine = &view->locks[lock];
	bool released = oracle_released(looked->story, looked->memory, lock);
	bool ended = is_one_too_many(looked, lock);
	struct bodies bodies;
	size_t scheduled = 0;

	mine->known = 1;
	mine->rev = (uint8_t)highest_revision(looked->story, looked->memory, lock, &bodies);
	mine->bodies = (uint8_t)bodies.n;
	for (size_t i = 0; i < bodies.n && !released && !ended; i++) {
		const struct deed *deed = &looked->story->deeds[bodies.v[i]];
		enum hf_phase phase = phase_of(looked->story, deed, looked->memory, looked->local);

		scheduled += phase == HF_PHASE_SCHEDULED;
		if (phase != HF_PHASE_IN_FORCE)
			continue;
		mine->in_force++;
		hold(looked, deed, view);
	}
	mine->phase = HF_PHASE_OVER;
	if (released)
		mine->phase = HF_PHASE_RELEASED;
	else if (mine->in_force > 0)
		mine->phase = HF_PHASE_IN_FORCE;
	else if (scheduled > 0)
		mine->phase = HF_PHASE_SCHEDULED;
}

void oracle_view(const struct story *story, const struct memory *memory, const struct whose *whose, int64_t local,
		 struct view *ret_view)
{
	const struct looked looked = {story, memory, whose, local};

	memset(ret_view, 0, sizeof(*ret_view));
	for (size_t lock = 0; lock < story->n_locks; lock++)
		if (is_raised(story, memory, lock))
			judge_lock(&looked, lock, ret_view);
	if (!memory->lost)
		return;
	ret_view->level = HF_LEVEL_BLOCK;
	memset(ret_view->tools, HF_LEVEL_BLOCK, story->reg.n_tools);
	memset(ret_view->accounts, HF_LEVEL_BLOCK, story->reg.n_accounts);
}
