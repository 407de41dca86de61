/* SPDX-License-Identifier: MIT */
/*
 * Owns how much of what one key approved is kept, and whose share is full.
 * Must never let the orders of one crowd out those of another, or drop one that tightens without shutting everything.
 *
 * The law
 *  1. Each key of the trust has shares: live raises and live amendments of each kind, exercises, amendments and
 *     releases of exercises. Live releases, which two people approve, share one room.
 *  2. A share keeps the newest by `at`, then digest, as many as fit, and one beyond: so what is kept is a pure function
 *     of what was heard. An order is kept while it is within the share of one of those who approved it.
 *  3. A live share with one beyond it is full, and its person "over", unless a release names that person with a
 *     `before` that leaves no more than fit: then everything is shut.
 *
 * How we read it
 *  2: an order is within a share if those before it fit. More orders only push it further down, so that keeping part by
 *  part and then together keeps the same. An approval that is beyond its share is taken off, if the order lacks nothing
 *  without it: the set is then the same in whatever order it was heard. If it does, all approvals stay as long as one is
 *  within. A key that the trust has not takes no room; what the trust affirms takes none either.
 *  3: what is finished counts too: whether a release was heard before or after its raise must make no difference. The
 *  newest come first, so what a release of a person frees is what would have gone first.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "proto/law/law.h"

/* Most of one share. */
struct cap {
	size_t n, bytes;
};

/* Which share: what the order does, and of which key (NULL: of all). */
struct share {
	enum hf_order_act act;
	enum hf_kind kind;
	enum hf_mode mode;
	const struct hf_pub *key;
};

struct sum {
	size_t n, bytes;
};

/* Where an order stands in its share: newer is before older. */
struct rank {
	int64_t at;
	struct hf_digest digest;
};

static struct cap cap_of(const struct share *share)
{
	if (share->mode == HF_MODE_EXERCISE)
		return (struct cap){HF_SHARE_EXERCISES_MAX, HF_SHARE_EXERCISE_BYTES_MAX};
	switch (share->act) {
	case HF_ACT_RAISE:
		return (struct cap){HF_SHARE_RAISES_MAX, HF_SHARE_BYTES_MAX};
	case HF_ACT_AMEND:
		return (struct cap){HF_SHARE_AMENDMENTS_MAX, HF_SHARE_BYTES_MAX};
	case HF_ACT_RELEASE:
	case HF_ACT_COUNT:
		break;
	}
	return (struct cap){HF_KEPT_RELEASES_MAX, HF_KEPT_RELEASES_BYTES_MAX};
}

static bool fits(const struct sum *sum, const struct cap *cap)
{
	return sum->n <= cap->n && sum->bytes <= cap->bytes;
}

/* Live releases are of two people, and of one room. */
static bool is_common(const struct hf_order *order)
{
	return order->act == HF_ACT_RELEASE && order->mode == HF_MODE_LIVE;
}

static struct share share_of(const struct hf_order *order, const struct hf_pub *key)
{
	return (struct share){order->act, order->kind, order->mode, is_common(order) ? NULL : key};
}

/* Exercises of both kinds share; what is live is kept apart by kind, since its release is. */
static bool of_share(const struct hf_order *order, const struct share *share)
{
	if (order->act != share->act || order->mode != share->mode)
		return false;
	return order->kind == share->kind || share->mode == HF_MODE_EXERCISE || is_common(order);
}

static bool same_key(const struct hf_pub *a, const struct hf_pub *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool signed_with(const struct hf_heard *heard, const struct hf_pub *key)
{
	for (size_t i = 0; i < heard->envelope->n_signatures; i++)
		if (same_key(&heard->keys[i], key))
			return true;
	return false;
}

static struct rank rank_of(const struct hf_heard *heard)
{
	return (struct rank){heard->order->at.s, heard->order->digest};
}

static bool is_before(const struct rank *a, const struct rank *b)
{
	return a->at != b->at ? a->at > b->at : hf_digest_cmp(&a->digest, &b->digest) < 0;
}

static bool in_share(const struct hf_heard *heard, const struct hf_trust *trust, const struct share *share)
{
	return of_share(heard->order, share) && (!share->key || signed_with(heard, share->key)) &&
	       !hf_trust_affirms(trust, &heard->order->digest);
}

/* What of a share stands before a rank, all of it if that is NULL, and is not older than `since`. */
static struct sum sum_before(const struct hf_orders *orders, const struct hf_trust *trust, const struct share *share,
			     const struct rank *limit, int64_t since)
{
	struct sum sum = {0};

	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_heard *heard = &orders->v[i];
		struct rank rank;

		if (!in_share(heard, trust, share) || heard->order->at.s < since)
			continue;
		rank = rank_of(heard);
		if (limit && !is_before(&rank, limit))
			continue;
		sum.n++;
		sum.bytes += heard->envelope->payload_len;
	}
	return sum;
}

static const struct hf_heard *last_before(const struct hf_orders *orders, const struct hf_trust *trust,
					  const struct share *share, const struct rank *limit)
{
	const struct hf_heard *last = NULL;

	for (size_t i = 0; i < orders->n; i++) {
		struct rank rank, lowest;

		if (!in_share(&orders->v[i], trust, share))
			continue;
		rank = rank_of(&orders->v[i]);
		if (limit && !is_before(&rank, limit))
			continue;
		lowest = last ? rank_of(last) : rank;
		if (!last || is_before(&lowest, &rank))
			last = &orders->v[i];
	}
	return last;
}

/* Has this person a say in what is counted in this share. */
static bool may_approve(const struct hf_trust *trust, const struct hf_person *person, const struct share *share)
{
	enum hf_rule_kind own = share->kind == HF_KIND_PURDAH ? HF_RULE_PURDAH : HF_RULE_EMERGENCY;
	const struct hf_need drill[] = {{HF_RULE_EXERCISE, HF_RULE_APPROVE}};
	const struct hf_need live[] = {
		{own, HF_RULE_RAISE}, {own, HF_RULE_RELEASE}, {HF_RULE_EXEMPT, HF_RULE_APPROVE}};
	const struct hf_need *needs = share->mode == HF_MODE_EXERCISE ? drill : live;
	size_t n = share->mode == HF_MODE_LIVE && share->act == HF_ACT_AMEND ? HF_LEN(live) : 1;
	struct hf_signers signers = {.people = {person}, .n_people = 1, .n_signatures = 1};

	for (size_t i = 0; i < n; i++) {
		struct hf_verdict verdict;

		(void)hf_approval_meets(trust, &signers, needs[i], &verdict, NULL);
		if (verdict.have > 0)
			return true;
	}
	return false;
}

static bool has_share(const struct hf_trust *trust, const struct share *share)
{
	const struct hf_person *person = hf_trust_person_of_key(trust, share->key);

	return person && may_approve(trust, person, share);
}

/* Within the share of this key, or the first beyond it. */
static bool is_kept_by(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *heard,
		       const struct hf_pub *key)
{
	struct share share = share_of(heard->order, key);
	struct cap cap = cap_of(&share);
	struct rank rank = rank_of(heard);
	struct sum sum = sum_before(orders, trust, &share, &rank, INT64_MIN);

	return has_share(trust, &share) && fits(&sum, &cap);
}

/* The approvals of an order without those of one key. */
static void signers_without(const struct hf_trust *trust, const struct hf_heard *heard, const struct hf_pub *key,
			    struct hf_signers *ret)
{
	struct hf_pub keys[HF_SIGNATURES_MAX] = {0};
	size_t n = 0;

	for (size_t i = 0; i < heard->envelope->n_signatures; i++)
		if (!same_key(&heard->keys[i], key))
			keys[n++] = heard->keys[i];
	hf_signers_of_keys(trust, keys, n, ret);
}

static bool meets(const struct hf_trust *trust, const struct hf_signers *signers, enum hf_rule_kind kind,
		  enum hf_rule_act act)
{
	struct hf_verdict verdict;

	return hf_approval_meets(trust, signers, (struct hf_need){kind, act}, &verdict, NULL) == HF_OK;
}

/* Would this order lose a rule that it meets now. */
static bool needs_approval(const struct hf_trust *trust, const struct hf_heard *heard, const struct hf_signers *without)
{
	static const struct hf_need rules[] = {{HF_RULE_EMERGENCY, HF_RULE_RAISE},  {HF_RULE_EMERGENCY, HF_RULE_RELEASE},
					       {HF_RULE_PURDAH, HF_RULE_RAISE},	    {HF_RULE_PURDAH, HF_RULE_RELEASE},
					       {HF_RULE_EXEMPT, HF_RULE_APPROVE}};

	if (hf_order_keepable(trust, heard->order, without, NULL) != HF_OK)
		return true;
	for (size_t i = 0; i < HF_LEN(rules) && heard->order->act == HF_ACT_AMEND; i++)
		if (meets(trust, &heard->signers, rules[i].kind, rules[i].act) &&
		    !meets(trust, without, rules[i].kind, rules[i].act))
			return true;
	return false;
}

static void take_off(struct hf_heard *heard, const struct hf_pub *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < heard->envelope->n_signatures; i++) {
		if (same_key(&heard->keys[i], key))
			continue;
		heard->envelope->signatures[kept] = heard->envelope->signatures[i];
		heard->keys[kept++] = heard->keys[i];
	}
	heard->envelope->n_signatures = kept;
}

static bool kept_by_another(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *heard,
			    const struct hf_pub *key)
{
	for (size_t i = 0; i < heard->envelope->n_signatures; i++)
		if (!same_key(&heard->keys[i], key) && is_kept_by(orders, trust, heard, &heard->keys[i]))
			return true;
	return false;
}

/* How we read it, 2. */
static void drop_approval(struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *old,
			  const struct hf_pub *key)
{
	struct hf_heard *heard = &orders->v[old - orders->v];
	struct hf_signers without;

	if (!key) {
		hf_orders_remove(orders, (size_t)(old - orders->v));
		return;
	}
	signers_without(trust, heard, key, &without);
	if (!needs_approval(trust, heard, &without)) {
		take_off(heard, key);
		heard->signers = without;
	} else if (!kept_by_another(orders, trust, heard, key)) {
		hf_orders_remove(orders, (size_t)(old - orders->v));
	}
}

static void settle_share(struct hf_orders *orders, const struct hf_trust *trust, const struct share *share)
{
	struct cap cap = cap_of(share);
	struct rank limit, *below = NULL;
	struct sum sum = sum_before(orders, trust, share, NULL, INT64_MIN);

	while (!fits(&sum, &cap)) {
		const struct hf_heard *last = last_before(orders, trust, share, below);

		limit = rank_of(last);
		below = &limit;
		sum.n--;
		sum.bytes -= last->envelope->payload_len;
		if (!fits(&sum, &cap))
			drop_approval(orders, trust, last, share->key);
	}
}

bool hf_orders_have_room(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *fresh)
{
	struct share share = share_of(fresh->order, NULL);
	struct cap cap = cap_of(&share);
	struct rank rank = rank_of(fresh);
	struct sum sum;

	if (hf_trust_affirms(trust, &fresh->order->digest))
		return true;
	if (is_common(fresh->order)) {
		sum = sum_before(orders, trust, &share, &rank, INT64_MIN);
		return fits(&sum, &cap);
	}
	for (size_t i = 0; i < fresh->envelope->n_signatures; i++)
		if (is_kept_by(orders, trust, fresh, &fresh->keys[i]))
			return true;
	return false;
}

enum hf_rc hf_shares_refuse(struct hf_err *err)
{
	return hf_err_set(err, HF_E_SIZE,
			  "Whoever approved this has no more room here for what is as old: see `holdfast release "
			  "--person`.");
}

void hf_orders_settle(struct hf_orders *orders, const struct hf_trust *trust, const struct hf_digest *digest)
{
	const struct hf_heard *heard = hf_orders_find(orders, digest);
	struct hf_pub keys[HF_SIGNATURES_MAX];
	struct share share;
	size_t n = heard->envelope->n_signatures;

	if (hf_trust_affirms(trust, digest))
		return;
	memcpy(keys, heard->keys, sizeof(keys));
	share = share_of(heard->order, NULL);
	if (is_common(heard->order)) {
		settle_share(orders, trust, &share);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		share.key = &keys[i];
		if (has_share(trust, &share))
			settle_share(orders, trust, &share);
	}
}

/* Who is over */

static enum hf_rc is_approved(const struct hf_trust *trust, const struct hf_heard *heard)
{
	return hf_order_keepable(trust, heard->order, &heard->signers, NULL);
}

/* The highest `before` that a release gives this person. Which one: ret_release, may be NULL. */
static int64_t before_of(const struct hf_orders *orders, const struct hf_trust *trust, const char *person,
			 const struct hf_order *like, const struct hf_heard **ret_release)
{
	int64_t before = INT64_MIN;

	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_order *order = orders->v[i].order;

		if (order->act != HF_ACT_RELEASE || order->n_persons == 0 || order->kind != like->kind ||
		    order->mode != like->mode || is_approved(trust, &orders->v[i]) != HF_OK)
			continue;
		for (size_t p = 0; p < order->n_persons; p++) {
			int64_t s = order->persons[p].before.s;

			s = s == HF_WALL_MAX ? s + 1 : s;
			if (strcmp(order->persons[p].person, person) != 0 || s <= before)
				continue;
			before = s;
			if (ret_release)
				*ret_release = &orders->v[i];
		}
	}
	return before;
}

static bool names_person(const struct hf_order *release, const char *person, struct hf_wall at)
{
	for (size_t i = 0; i < release->n_persons; i++)
		if (strcmp(release->persons[i].person, person) == 0)
			return release->persons[i].before.s > at.s || release->persons[i].before.s == HF_WALL_MAX;
	return false;
}

bool hf_order_ends(const struct hf_order *release, const struct hf_heard *raise)
{
	for (size_t i = 0; i < release->n_releases; i++)
		if (hf_digest_cmp(&release->releases[i], &raise->order->digest) == 0)
			return true;
	for (size_t i = 0; i < raise->signers.n_people; i++)
		if (!names_person(release, raise->signers.people[i]->id, raise->order->at))
			return false;
	return raise->signers.n_people > 0;
}

const struct hf_heard *hf_release_by_person(const struct hf_orders *orders, const struct hf_trust *trust,
					    const struct hf_heard *raise)
{
	const struct hf_heard *release = NULL;

	if (raise->signers.n_people == 0 || hf_trust_affirms(trust, &raise->order->digest))
		return NULL;
	for (size_t i = 0; i < raise->signers.n_people; i++)
		if (before_of(orders, trust, raise->signers.people[i]->id, raise->order, &release) <=
		    raise->order->at.s)
			return NULL;
	return release;
}

static size_t thousandths(size_t n, size_t of)
{
	return n > of ? HF_SHARE_FULL + 1 : n * HF_SHARE_FULL / of;
}

/* How full one person's fullest share of one kind is. */
static size_t used(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_person *person,
		   enum hf_kind kind)
{
	struct hf_order like = {.kind = kind, .mode = HF_MODE_LIVE};
	int64_t since = before_of(orders, trust, person->id, &like, NULL);
	size_t most = 0;

	for (size_t k = 0; k < person->n_keys; k++) {
		for (int act = HF_ACT_RAISE; act <= HF_ACT_AMEND; act++) {
			struct share share = {(enum hf_order_act)act, kind, HF_MODE_LIVE, &person->keys[k]};
			struct cap cap = cap_of(&share);
			struct sum sum = {0};
			size_t n, bytes;

			if (may_approve(trust, person, &share))
				sum = sum_before(orders, trust, &share, NULL, since);
			n = thousandths(sum.n, cap.n);
			bytes = thousandths(sum.bytes, cap.bytes);

			most = n > most ? n : most;
			most = bytes > most ? bytes : most;
		}
	}
	return most;
}

/* No share is full where all that is kept fits into one. */
static bool nobody_can_be(const struct hf_orders *orders)
{
	struct sum sum = {0};

	for (size_t i = 0; i < orders->n; i++) {
		sum.n += orders->v[i].order->act != HF_ACT_RELEASE;
		sum.bytes += orders->v[i].envelope->payload_len;
	}
	return sum.n <= HF_SHARE_RAISES_MAX && sum.bytes <= HF_SHARE_BYTES_MAX;
}

/* Is this person's share of such amendments full, of those that are not older than `since`. */
static bool is_full(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_person *person,
		    const struct hf_order *amend, int64_t since)
{
	for (size_t k = 0; k < person->n_keys; k++) {
		struct share share = share_of(amend, &person->keys[k]);
		struct cap cap = cap_of(&share);
		struct sum sum = sum_before(orders, trust, &share, NULL, since);

		if (!fits(&sum, &cap))
			return true;
	}
	return false;
}

bool hf_amendment_bridges(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *amend)
{
	bool room = false, full = false;

	if (nobody_can_be(orders))
		return false;
	for (size_t i = 0; i < amend->signers.n_people; i++)
		room = room || !is_full(orders, trust, amend->signers.people[i], amend->order, INT64_MIN);
	for (size_t p = 0; room && p < trust->n_people && !full; p++)
		full = is_full(orders, trust, &trust->people[p], amend->order, INT64_MIN);
	return full;
}

static bool nobody_is_released(const struct hf_orders *orders)
{
	for (size_t i = 0; i < orders->n; i++)
		if (orders->v[i].order->n_persons > 0)
			return false;
	return true;
}

bool hf_amendment_ended(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *amend)
{
	const struct hf_signers *signers = &amend->signers;

	if (amend->order->mode != HF_MODE_LIVE || signers->n_people == 0 ||
	    (nobody_can_be(orders) && nobody_is_released(orders)) || hf_trust_affirms(trust, &amend->order->digest))
		return false;
	for (size_t i = 0; i < signers->n_people; i++) {
		int64_t before = before_of(orders, trust, signers->people[i]->id, amend->order, NULL);

		if (before <= amend->order->at.s &&
		    !is_full(orders, trust, signers->people[i], amend->order, before))
			return false;
	}
	return true;
}

size_t hf_orders_share(const struct hf_orders *orders, const struct hf_trust *trust, const char *person)
{
	const struct hf_person *who = hf_trust_person(trust, person);
	size_t most = 0;

	for (int kind = 0; who && kind < HF_KIND_COUNT; kind++) {
		size_t n = used(orders, trust, who, (enum hf_kind)kind);

		most = n > most ? n : most;
	}
	return most;
}

static struct hf_wall latest_alone(const struct hf_orders *orders, const struct hf_person *person, enum hf_kind kind)
{
	struct hf_wall latest = {0};

	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_heard *heard = &orders->v[i];

		if (heard->order->act != HF_ACT_RELEASE && heard->order->mode == HF_MODE_LIVE &&
		    heard->order->kind == kind && heard->signers.n_people == 1 && heard->signers.people[0] == person &&
		    heard->order->at.s > latest.s)
			latest = heard->order->at;
	}
	return latest;
}

static int by_person(const void *a, const void *b)
{
	const struct hf_over *x = a, *y = b;
	int order = strcmp(x->person, y->person);

	return order != 0 ? order : (int)x->kind - (int)y->kind;
}

enum hf_rc hf_orders_over(const struct hf_orders *orders, const struct hf_trust *trust, struct hf_over **ret,
			  size_t *ret_n)
{
	hf_auto_free struct hf_over *v = NULL;
	size_t n = 0;

	if (!nobody_can_be(orders)) {
		v = calloc(trust->n_people * HF_KIND_COUNT + 1, sizeof(*v));
		if (!v)
			return HF_E_MEMORY;
		for (size_t p = 0; p < trust->n_people; p++) {
			const struct hf_person *person = &trust->people[p];

			for (int kind = 0; kind < HF_KIND_COUNT; kind++)
				if (used(orders, trust, person, (enum hf_kind)kind) > HF_SHARE_FULL)
					v[n++] = (struct hf_over){person->id, (enum hf_kind)kind,
								  latest_alone(orders, person, (enum hf_kind)kind)};
		}
		qsort(v, n, sizeof(*v), by_person);
	}
	*ret = n > 0 ? hf_steal_ptr(&v) : NULL;
	*ret_n = n;
	return HF_OK;
}
