/* SPDX-License-Identifier: MIT */
/*
 * Owns what is in force: from the set of orders, the newest trust and time.
 * Must never end a lockdown by time alone, verify a signature, or depend on the order in which orders were heard.
 *
 * The law
 *  1. A raise that is approved makes a lockdown; its digest is the lockdown's identity.
 *  2. Revision r of it (r from 1) counts if kind and mode are the raise's, some order of revision r - 1 counts (the
 *     raise is 0), and it meets all that it needs against every one of revision r - 1 that counts. All orders of the
 *     highest revision that counts hold side by side.
 *  3. It is released if an approved release names it with its own kind and mode; for ever (policy D9.3: a second
 *     message says when it is over). It is, too, if such releases name everybody who approved it, each with a `before`
 *     above its `at`.
 *  4. Otherwise an emergency is in force from the moment it is heard (policy D9.2: nothing but a proven all-clear ends
 *     it), and a purdah is scheduled, then in force, then over (policy D10). Time alone never unlocks. Over, once written
 *     down, stays.
 *
 * How we read it
 *  2: two officers who amend at the same moment do not undo each other: the stronger wins until somebody amends both.
 *  However many there are, all hold: or whoever writes many with low digests would push out the one that tightens.
 *  Where somebody's share of amendments is full, a revision may be missing that another's was written upon. That one
 *  then follows the highest that is there, or a flood would undo it; who is full jumps over nothing, or one order of
 *  the highest number would leave no room for any other. What somebody alone amends counts for nothing while their share
 *  is full, or an amendment that is true would stand below a flood for ever: all is shut meanwhile, and two release that
 *  person, and with them what they amended. Its number stays used, so that what others wrote upon it stands.
 *  4: an emergency has begun when it is heard: it has no planned start, and a clock that is slow here or was fast where
 *  it was raised must not hold it back. A purdah begins when either clock has reached `from`; it has begun, too, if it
 *  starts no later than an order of the same lockdown that this machine has seen begin: or an amendment that tightens
 *  would open a device whose clock was set back. It ends when both clocks are past `until`: the first second after it.
 *  An exercise blocks nothing, and so a clock may end it: a week after it was written or was to begin; and of those of
 *  one person only the first few go on.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/law/law.h"

const char *hf_phase_name(enum hf_phase phase)
{
	switch (phase) {
	case HF_PHASE_SCHEDULED:
		return "scheduled";
	case HF_PHASE_IN_FORCE:
		return "in force";
	case HF_PHASE_OVER:
		return "over";
	case HF_PHASE_RELEASED:
		return "released";
	case HF_PHASE_COUNT:
		break;
	}
	return "?";
}

/*
 * What a lockdown has come to. The room is for the raise and each amendment of it that is kept: first all that are to
 * be looked at, by revision; then, from the front, those that count. `now` is the highest revision of them.
 */
struct lineage {
	const struct hf_heard **v;
	const struct hf_body **bodies;
	size_t n;	     /* that count, the raise among them */
	size_t now, n_now;   /* where the highest revision begins, and how many it has */
	int64_t rev;
	int64_t reached; /* the highest revision that is there to be followed: it may be of one who was flooding */
};

static enum hf_rc approved(const struct hf_trust *trust, const struct hf_heard *heard, struct hf_verdict *verdict,
			   struct hf_err *err)
{
	struct hf_needs needs;

	hf_approval_needs(heard->order, NULL, 0, &needs);
	return hf_approval_order(trust, &(struct hf_signed_order){heard->order, &heard->signers}, &needs, verdict, err);
}

static bool same_kind(const struct hf_order *a, const struct hf_order *b)
{
	return a->kind == b->kind && a->mode == b->mode;
}

static bool is_raise(const struct hf_heard *heard, const struct hf_trust *trust)
{
	struct hf_verdict verdict;

	return heard->order->act == HF_ACT_RAISE && approved(trust, heard, &verdict, NULL) == HF_OK;
}

static enum hf_rc amendment_counts(const struct hf_trust *trust, const struct lineage *before,
				   const struct hf_heard *amend, struct hf_verdict *verdict, struct hf_err *err)
{
	struct hf_needs needs;

	hf_approval_needs(amend->order, &before->bodies[before->now], before->n_now, &needs);
	return hf_approval_order(trust, &(struct hf_signed_order){amend->order, &amend->signers}, &needs, verdict, err);
}

static bool amends(const struct hf_order *order, const struct hf_order *raise)
{
	return order->act == HF_ACT_AMEND && same_kind(order, raise) && hf_digest_cmp(&order->of, &raise->digest) == 0;
}

static int by_revision(const void *a, const void *b)
{
	const struct hf_order *x = (*(const struct hf_heard *const *)a)->order;
	const struct hf_order *y = (*(const struct hf_heard *const *)b)->order;

	if (x->rev != y->rev)
		return x->rev < y->rev ? -1 : 1;
	return hf_digest_cmp(&x->digest, &y->digest);
}

/* All amendments that name this raise, by revision, from `to` on. Returns how many. */
static size_t gather_amendments(const struct hf_orders *orders, const struct hf_heard *raise, const struct hf_heard **to)
{
	size_t n = 0;

	for (size_t i = 0; i < orders->n; i++)
		if (amends(orders->v[i].order, raise->order))
			to[n++] = &orders->v[i];
	qsort(to, n, sizeof(to[0]), by_revision);
	return n;
}

static void count_in(struct lineage *lineage, const struct hf_heard *heard)
{
	lineage->v[lineage->n] = heard;
	lineage->bodies[lineage->n++] = &heard->order->body;
}

/* The next revision; or a later one, over what shares have pushed out. */
static bool follows(const struct hf_orders *orders, const struct hf_trust *trust, const struct lineage *lineage,
		    const struct hf_heard *amend)
{
	return amend->order->rev == lineage->reached + 1 ||
	       (amend->order->rev > lineage->reached && hf_amendment_bridges(orders, trust, amend));
}

/*
 * Climbs from the raise to the highest revision that counts, but not above `most`. What counts is moved to the front,
 * where what does not is looked at no more.
 */
static void climb(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *raise,
		  int64_t most, struct lineage *lineage)
{
	const struct hf_heard **waiting = lineage->v + 1;
	size_t n = gather_amendments(orders, raise, waiting), i = 0;
	struct hf_verdict verdict;

	lineage->n = 0;
	count_in(lineage, raise);
	lineage->now = lineage->rev = lineage->reached = 0;
	lineage->n_now = 1;
	while (i < n && waiting[i]->order->rev <= most) {
		size_t before = lineage->n;
		int64_t rev = waiting[i]->order->rev;
		bool passed = false;

		for (; i < n && waiting[i]->order->rev == rev; i++) {
			if (!follows(orders, trust, lineage, waiting[i]))
				continue;
			if (hf_amendment_ended(orders, trust, waiting[i]))
				passed = true;
			else if (amendment_counts(trust, lineage, waiting[i], &verdict, NULL) == HF_OK)
				count_in(lineage, waiting[i]);
		}
		if (passed || lineage->n > before)
			lineage->reached = rev;
		if (lineage->n == before)
			continue;
		lineage->now = before;
		lineage->n_now = lineage->n - before;
		lineage->rev = rev;
	}
}

static bool names(const struct hf_order *release, const struct hf_digest *id)
{
	for (size_t i = 0; i < release->n_releases; i++)
		if (hf_digest_cmp(&release->releases[i], id) == 0)
			return true;
	return false;
}

static const struct hf_heard *release_of(const struct hf_orders *orders, const struct hf_trust *trust,
					 const struct hf_heard *raise)
{
	struct hf_verdict verdict;

	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_order *order = orders->v[i].order;

		if (order->act != HF_ACT_RELEASE || !same_kind(order, raise->order))
			continue;
		if (names(order, &raise->order->digest) && approved(trust, &orders->v[i], &verdict, NULL) == HF_OK)
			return &orders->v[i];
	}
	return hf_release_by_person(orders, trust, raise);
}

static int64_t latest(struct hf_now now)
{
	return now.local.s > now.issued.s ? now.local.s : now.issued.s;
}

static bool begun(const struct hf_lockdown *lockdown, const struct hf_order *order, const struct hf_orders *orders,
		  const struct hf_started *started)
{
	for (size_t i = 0; i < started->n; i++) {
		const struct hf_heard *seen = hf_orders_find(orders, &started->v[i]);

		if (seen && hf_order_is_of(seen->order, &lockdown->id) && order->body.from.s <= seen->order->body.from.s)
			return true;
	}
	return false;
}

/* An exercise ends by itself: a week after it was written or was to begin. */
static int64_t until_of(const struct hf_order *order)
{
	int64_t until = order->body.until.s, begins = order->at.s > order->body.from.s ? order->at.s : order->body.from.s;

	if (order->mode != HF_MODE_EXERCISE || (until != 0 && until < begins + HF_EXERCISE_S))
		return until;
	return begins + HF_EXERCISE_S;
}

static enum hf_phase phase_of(const struct hf_order *order, bool has_begun, struct hf_now now)
{
	int64_t until = until_of(order);

	if (order->kind != HF_KIND_EMERGENCY && !has_begun && latest(now) < order->body.from.s)
		return HF_PHASE_SCHEDULED;
	if (until != 0 && now.local.s > until && now.issued.s > until)
		return HF_PHASE_OVER;
	return HF_PHASE_IN_FORCE;
}

/* The phase of the whole: the one of its bodies that binds most. */
static enum hf_phase strongest(const struct hf_lockdown *lockdown)
{
	enum hf_phase phase = HF_PHASE_OVER;

	for (size_t i = 0; i < lockdown->n_bodies; i++) {
		if (lockdown->phases[i] == HF_PHASE_IN_FORCE)
			return HF_PHASE_IN_FORCE;
		if (lockdown->phases[i] == HF_PHASE_SCHEDULED)
			phase = HF_PHASE_SCHEDULED;
	}
	return phase;
}

/* One part of the pool of a judgement, as far as it is used. */
struct judging {
	const struct hf_lockdowns_ask *ask;
	struct hf_lockdowns *lockdowns;
	const struct hf_body **bodies; /* as the pool: for comparing alone */
	size_t used;
};

static enum hf_phase phase_in(const struct hf_lockdowns_ask *ask, const struct hf_lockdown *lockdown,
			      const struct hf_order *order)
{
	if (lockdown->release)
		return HF_PHASE_RELEASED;
	if (ask->over && hf_started_has(ask->over, &order->digest))
		return HF_PHASE_OVER;
	return phase_of(order, begun(lockdown, order, ask->orders, ask->started), ask->now);
}

static void judge_raise(struct judging *j, struct hf_lockdown *lockdown)
{
	const struct hf_lockdowns_ask *ask = j->ask;
	struct lineage lineage = {.v = j->lockdowns->pool + j->used, .bodies = j->bodies + j->used};
	enum hf_phase *phases = j->lockdowns->phases + j->used;

	lockdown->id = lockdown->raise->order->digest;
	climb(ask->orders, ask->trust, lockdown->raise, INT64_MAX, &lineage);
	lockdown->rev = lineage.rev;
	lockdown->bodies = lineage.v + lineage.now;
	lockdown->n_bodies = lineage.n_now;
	lockdown->amends = lineage.v + 1;
	lockdown->n_amends = lineage.n - 1;
	lockdown->phases = phases;
	j->used += lineage.n;
	lockdown->release = release_of(ask->orders, ask->trust, lockdown->raise);
	for (size_t i = 0; i < lockdown->n_bodies; i++)
		phases[i] = phase_in(ask, lockdown, lockdown->bodies[i]->order);
	lockdown->phase = lockdown->release ? HF_PHASE_RELEASED : strongest(lockdown);
}

static bool is_live_now(const struct hf_lockdown *lockdown)
{
	return lockdown->phase == HF_PHASE_IN_FORCE || lockdown->phase == HF_PHASE_SCHEDULED;
}

static bool is_newer(const struct hf_heard *a, const struct hf_heard *b)
{
	if (a->order->at.s != b->order->at.s)
		return a->order->at.s > b->order->at.s;
	return hf_digest_cmp(&a->order->digest, &b->order->digest) < 0;
}

static bool approved_by(const struct hf_heard *heard, const struct hf_person *person)
{
	for (size_t i = 0; i < heard->signers.n_people; i++)
		if (heard->signers.people[i] == person)
			return true;
	return false;
}

static size_t turn_of(const struct hf_lockdowns *lockdowns, const struct hf_lockdown *lockdown,
		      const struct hf_person *person)
{
	size_t turn = 0;

	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_heard *other = lockdowns->v[i].raise;

		turn += is_live_now(&lockdowns->v[i]) == is_live_now(lockdown) &&
			other->order->mode == lockdown->raise->order->mode && is_newer(other, lockdown->raise) &&
			approved_by(other, person);
	}
	return turn;
}

static void take_turns(struct hf_lockdowns *lockdowns)
{
	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_heard *raise = lockdowns->v[i].raise;
		size_t least = SIZE_MAX;

		for (size_t p = 0; p < raise->signers.n_people; p++) {
			size_t turn = turn_of(lockdowns, &lockdowns->v[i], raise->signers.people[p]);

			least = turn < least ? turn : least;
		}
		lockdowns->v[i].turn = least == SIZE_MAX ? 0 : least;
	}
}

static bool share_signer(const struct hf_heard *a, const struct hf_heard *b)
{
	for (size_t i = 0; i < a->signers.n_people; i++)
		if (approved_by(b, a->signers.people[i]))
			return true;
	return false;
}

static bool is_going_on(const struct hf_lockdown *lockdown)
{
	return lockdown->raise->order->mode == HF_MODE_EXERCISE && is_live_now(lockdown);
}

/* Of the exercises of one person those with the lowest digests go on; lockdowns are sorted by them. */
static void end_exercises(struct hf_lockdowns *lockdowns)
{
	for (size_t i = lockdowns->n; i-- > 0;) {
		struct hf_lockdown *lockdown = &lockdowns->v[i];
		enum hf_phase *phases = &lockdowns->phases[lockdown->phases - lockdowns->phases];
		size_t before = 0;

		if (!is_going_on(lockdown))
			continue;
		for (size_t k = 0; k < i; k++)
			before += is_going_on(&lockdowns->v[k]) && share_signer(lockdowns->v[k].raise, lockdown->raise);
		if (before < HF_EXERCISES_IN_FORCE_MAX)
			continue;
		lockdown->phase = HF_PHASE_OVER;
		for (size_t b = 0; b < lockdown->n_bodies; b++)
			phases[b] = HF_PHASE_OVER;
	}
}

/* Each order is a raise or amends one at most, so there is a place for each. */
static enum hf_rc make_room(size_t n, struct judging *j)
{
	struct hf_lockdowns *lockdowns = j->lockdowns;

	lockdowns->v = calloc(n, sizeof(lockdowns->v[0]));
	lockdowns->pool = calloc(n, sizeof(lockdowns->pool[0]));
	lockdowns->phases = calloc(n, sizeof(lockdowns->phases[0]));
	j->bodies = calloc(n, sizeof(j->bodies[0]));
	return lockdowns->v && lockdowns->pool && lockdowns->phases && j->bodies ? HF_OK : HF_E_MEMORY;
}

static enum hf_rc judge_all(struct judging *j)
{
	const struct hf_orders *orders = j->ask->orders;
	struct hf_lockdowns *lockdowns = j->lockdowns;
	enum hf_rc rc = orders->n > 0 ? make_room(orders->n, j) : HF_OK;

	for (size_t i = 0; i < orders->n && rc == HF_OK; i++) {
		struct hf_lockdown *lockdown = &lockdowns->v[lockdowns->n];

		if (!is_raise(&orders->v[i], j->ask->trust))
			continue;
		lockdown->raise = &orders->v[i];
		judge_raise(j, lockdown);
		lockdowns->n++;
	}
	if (rc != HF_OK)
		return rc;
	end_exercises(lockdowns);
	take_turns(lockdowns);
	return hf_orders_over(orders, j->ask->trust, &lockdowns->over, &lockdowns->n_over);
}

enum hf_rc hf_lockdowns_judge(const struct hf_lockdowns_ask *ask, struct hf_lockdowns *ret_lockdowns,
			      struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct judging j = {.ask = ask, .lockdowns = &lockdowns};
	enum hf_rc rc = judge_all(&j);

	free(j.bodies);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is no memory to judge the orders.");
	*ret_lockdowns = lockdowns;
	memset(&lockdowns, 0, sizeof(lockdowns));
	return HF_OK;
}

/* What is asked about one amendment. */
struct asked {
	const struct hf_orders *orders;
	const struct hf_trust *trust;
	const struct hf_heard *amend;
};

static enum hf_rc climb_below(const struct asked *asked, const struct hf_heard *raise, struct hf_verdict *verdict,
			      struct hf_err *err)
{
	int64_t rev = asked->amend->order->rev;
	hf_auto_free const struct hf_heard **v = calloc(asked->orders->n + 1, sizeof(v[0]));
	hf_auto_free const struct hf_body **bodies = calloc(asked->orders->n + 1, sizeof(bodies[0]));
	struct lineage lineage = {.v = v, .bodies = bodies};

	if (!v || !bodies)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to judge the orders.");
	climb(asked->orders, asked->trust, raise, rev - 1, &lineage);
	if (!follows(asked->orders, asked->trust, &lineage, asked->amend))
		return hf_err_set(err, HF_E_PENDING, "This is revision %lld, and no revision %lld of it counts here.",
				  (long long)rev, (long long)rev - 1);
	return amendment_counts(asked->trust, &lineage, asked->amend, verdict, err);
}

static enum hf_rc judge_amendment(const struct hf_orders *orders, const struct hf_trust *trust,
				  const struct hf_heard *amend, struct hf_verdict *verdict, struct hf_err *err)
{
	const struct hf_heard *raise = hf_orders_find(orders, &amend->order->of);

	if (!raise || !is_raise(raise, trust))
		return hf_err_set(err, HF_E_PENDING, "This amends a lockdown that is not known here yet.");
	if (!same_kind(amend->order, raise->order))
		return hf_err_set(err, HF_E_MISMATCH,
				  "This amendment says %s (%s), the lockdown that it names is %s (%s).",
				  hf_kind_name(amend->order->kind), hf_mode_name(amend->order->mode),
				  hf_kind_name(raise->order->kind), hf_mode_name(raise->order->mode));
	if (hf_amendment_ended(orders, trust, amend))
		return hf_err_set(err, HF_E_VOID,
				  "Whoever approved this amendment has more amendments here than one person's share, or "
				  "was released: it does not count.");
	return climb_below(&(struct asked){orders, trust, amend}, raise, verdict, err);
}

static enum hf_rc judge_release(const struct hf_orders *orders, const struct hf_trust *trust,
				const struct hf_heard *release, struct hf_verdict *verdict, struct hf_err *err)
{
	enum hf_rc rc = approved(trust, release, verdict, err);
	bool other_kind = false;

	if (rc != HF_OK || release->order->n_persons > 0)
		return rc;
	for (size_t i = 0; i < release->order->n_releases; i++) {
		const struct hf_heard *raise = hf_orders_find(orders, &release->order->releases[i]);

		if (!raise || raise->order->act != HF_ACT_RAISE)
			continue;
		if (same_kind(release->order, raise->order))
			return HF_OK;
		other_kind = true;
	}
	if (other_kind)
		return hf_err_set(err, HF_E_MISMATCH,
				  "This release says %s (%s), which the lockdown that it names is not.",
				  hf_kind_name(release->order->kind), hf_mode_name(release->order->mode));
	return hf_err_set(err, HF_E_OTHER, "This release names no lockdown that is known here; it releases nothing.");
}

enum hf_rc hf_orders_judge_one(const struct hf_orders *orders, const struct hf_trust *trust,
			       const struct hf_heard *heard, struct hf_verdict *verdict, struct hf_err *err)
{
	struct hf_verdict own = {.rc = HF_E_SHAPE};
	enum hf_rc rc = HF_E_SHAPE;

	switch (heard->order->act) {
	case HF_ACT_RAISE:
		rc = approved(trust, heard, &own, err);
		break;
	case HF_ACT_AMEND:
		rc = judge_amendment(orders, trust, heard, &own, err);
		break;
	case HF_ACT_RELEASE:
		rc = judge_release(orders, trust, heard, &own, err);
		break;
	case HF_ACT_COUNT:
		break;
	}
	own.rc = rc;
	if (verdict)
		*verdict = own;
	return rc;
}

const struct hf_lockdown *hf_lockdowns_find(const struct hf_lockdowns *lockdowns, const struct hf_digest *id)
{
	for (size_t i = 0; i < lockdowns->n; i++)
		if (hf_digest_cmp(&lockdowns->v[i].id, id) == 0)
			return &lockdowns->v[i];
	return NULL;
}

/* Lower is said first. */
static size_t said_rank(const struct hf_lockdown *lockdown)
{
	static const size_t phases[HF_PHASE_COUNT] = {
		[HF_PHASE_IN_FORCE] = 0, [HF_PHASE_SCHEDULED] = 1, [HF_PHASE_RELEASED] = 4, [HF_PHASE_OVER] = 4};
	size_t beyond = lockdown->turn < HF_SAID_FIRST_MAX ? 0 : is_live_now(lockdown) ? 2 : 1;
	size_t exercise = lockdown->raise->order->mode == HF_MODE_EXERCISE ? 6 : 0;

	return exercise + beyond + phases[lockdown->phase];
}

int64_t hf_lockdown_done_at(const struct hf_lockdown *lockdown)
{
	int64_t until = 0;

	if (lockdown->release)
		return lockdown->release->order->at.s;
	for (size_t i = 0; i < lockdown->n_bodies; i++) {
		int64_t end = until_of(lockdown->bodies[i]->order);

		until = end > until ? end : until;
	}
	return until;
}

/* When it was raised; of what is done, when that was. */
static int64_t time_of(const struct hf_lockdown *lockdown)
{
	return is_live_now(lockdown) ? lockdown->raise->order->at.s : hf_lockdown_done_at(lockdown);
}

int hf_lockdown_said(const struct hf_lockdown *a, const struct hf_lockdown *b)
{
	int64_t x = time_of(a), y = time_of(b);

	if (said_rank(a) != said_rank(b))
		return said_rank(a) < said_rank(b) ? -1 : 1;
	if (is_live_now(a) && a->turn != b->turn)
		return a->turn < b->turn ? -1 : 1;
	if (x != y)
		return x > y ? -1 : 1;
	return hf_digest_cmp(&a->id, &b->id);
}

static int by_said(const void *a, const void *b)
{
	return hf_lockdown_said(*(const struct hf_lockdown *const *)a, *(const struct hf_lockdown *const *)b);
}

enum hf_rc hf_lockdowns_said(const struct hf_lockdowns *lockdowns, const struct hf_lockdown ***ret)
{
	const struct hf_lockdown **v = calloc(lockdowns->n + 1, sizeof(v[0]));

	if (!v)
		return HF_E_MEMORY;
	for (size_t i = 0; i < lockdowns->n; i++)
		v[i] = &lockdowns->v[i];
	qsort(v, lockdowns->n, sizeof(v[0]), by_said);
	*ret = v;
	return HF_OK;
}

/* 0: time alone changes nothing here. */
static int64_t change_of(const struct hf_order *order, enum hf_phase phase, struct hf_now now)
{
	int64_t until = until_of(order);

	if (phase == HF_PHASE_SCHEDULED)
		return order->body.from.s;
	if (phase == HF_PHASE_IN_FORCE && until != 0 && now.issued.s > until && now.local.s <= until)
		return until + 1;
	return 0;
}

bool hf_lockdowns_next_change(const struct hf_lockdowns *lockdowns, struct hf_now now, struct hf_wall *ret_at)
{
	int64_t next = 0;

	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_lockdown *lockdown = &lockdowns->v[i];

		for (size_t k = 0; k < lockdown->n_bodies; k++) {
			int64_t at = change_of(lockdown->bodies[k]->order, lockdown->phases[k], now);

			if (at > now.local.s && (next == 0 || at < next))
				next = at;
		}
	}
	if (next != 0)
		ret_at->s = next;
	return next != 0;
}

void hf_lockdowns_done(struct hf_lockdowns *lockdowns)
{
	free(lockdowns->v);
	free(lockdowns->over);
	free(lockdowns->pool);
	free(lockdowns->phases);
	memset(lockdowns, 0, sizeof(*lockdowns));
}
