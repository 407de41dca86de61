/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of the join of orders, and of what is in force because of it.
 * Must never depend on this machine's clock.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/lockdowns.h>

#include "tests/help/council.h"

#define E HF_KIND_EMERGENCY
#define P HF_KIND_PURDAH
#define T COUNCIL_T
#define FROM (COUNCIL_T + 60)
#define UNTIL (COUNCIL_T + 30 * COUNCIL_DAY) /* of a purdah */
#define RELEASERS (COMMS_1 | MONITORING_1)
#define MADE_MAX 160

static struct council council;
static struct hf_trust *trust;
static struct hf_orders orders;
static struct hf_started started;
static struct hf_lockdowns judged;
static struct hf_envelope *made[MADE_MAX]; /* every envelope of a test, freed after it */
static size_t n_made;

static void open_all(void)
{
	council_open(&council);
	cr_assert_eq(hf_trust_open(council.trust, NULL, &trust, NULL), HF_OK);
}

static void close_all(void)
{
	hf_lockdowns_done(&judged);
	hf_started_done(&started);
	hf_orders_done(&orders);
	hf_trust_free(&trust);
	while (n_made > 0)
		hf_envelope_free(&made[--n_made]);
	council_close(&council);
}

TestSuite(lockdowns, .init = open_all, .fini = close_all);

static struct hf_envelope *order(const struct hf_order *doc, unsigned who)
{
	cr_assert_lt(n_made, MADE_MAX);
	return made[n_made++] = council_order(&council, doc, who);
}

static struct hf_envelope *raise_of(enum hf_kind kind)
{
	struct hf_order doc = council_raise_doc(kind);

	return order(&doc, kind == E ? COMMS_1 : ELECTIONS_1);
}

static enum hf_rc add(const struct hf_envelope *envelope)
{
	bool grew = false;

	return hf_orders_add(&orders, trust, envelope, &grew, NULL);
}

static bool add_grows(const struct hf_envelope *envelope)
{
	bool grew = false;

	cr_assert_eq(hf_orders_add(&orders, trust, envelope, &grew, NULL), HF_OK);
	return grew;
}

static const struct hf_lockdown *judge(int64_t local, int64_t issued, const struct hf_envelope *of)
{
	struct hf_now now = {{local}, {issued}};

	hf_lockdowns_done(&judged);
	cr_assert_eq(hf_lockdowns_judge(&(struct hf_lockdowns_ask){&orders, trust, &started, now, NULL}, &judged, NULL),
		     HF_OK);
	return hf_lockdowns_find(&judged, &of->digest);
}

static enum hf_rc why(const struct hf_envelope *envelope)
{
	const struct hf_heard *heard = hf_orders_find(&orders, &envelope->digest);

	cr_assert_not_null(heard);
	return hf_orders_judge_one(&orders, trust, heard, NULL, NULL);
}

struct phase_row {
	const char *what;
	enum hf_kind kind;
	int64_t local, issued;
	enum hf_phase want;
};

/* clang-format off */
static const struct phase_row phases[] = {
	{ "D9.1 an emergency is in force at once", E, FROM, FROM, HF_PHASE_IN_FORCE },
	{ "D9.2 an emergency in 1970", E, 0, 0, HF_PHASE_IN_FORCE },
	{ "D9.2 an emergency in 2000", E, 946684800, 0, HF_PHASE_IN_FORCE },
	{ "D9.2 an emergency never ends by time, 2038", E, 2147483648, 2147483648, HF_PHASE_IN_FORCE },
	{ "D9.2 an emergency never ends by time, 9999", E, HF_WALL_MAX, HF_WALL_MAX, HF_PHASE_IN_FORCE },
	{ "D10 the second before purdah", P, FROM - 1, FROM - 1, HF_PHASE_SCHEDULED },
	{ "D10 purdah begins by the device's own clock", P, FROM, 0, HF_PHASE_IN_FORCE },
	{ "D10 purdah begins by the controller's time, device in 1970", P, 0, FROM, HF_PHASE_IN_FORCE },
	{ "D10 the last second of purdah", P, UNTIL, UNTIL, HF_PHASE_IN_FORCE },
	{ "D10 the first second after it", P, UNTIL + 1, UNTIL + 1, HF_PHASE_OVER },
	{ "D9.2 the device's clock alone ends nothing, 2038", P, 2147483648, UNTIL, HF_PHASE_IN_FORCE },
	{ "D9.2 the controller's time alone ends nothing", P, UNTIL, HF_WALL_MAX, HF_PHASE_IN_FORCE },
	{ "D9.2 the device in 2000, the controller past it", P, 946684800, UNTIL + 1, HF_PHASE_IN_FORCE },
	{ "D10 the device far ahead, no state heard ever", P, HF_WALL_MAX, 0, HF_PHASE_IN_FORCE },
};
/* clang-format on */

Test(lockdowns, phases_by_both_clocks)
{
	struct hf_envelope *emergency = raise_of(E), *purdah = raise_of(P);

	cr_assert(add_grows(emergency) && add_grows(purdah));
	for (size_t i = 0; i < HF_LEN(phases); i++) {
		const struct phase_row *row = &phases[i];
		const struct hf_lockdown *got = judge(row->local, row->issued, row->kind == E ? emergency : purdah);

		cr_assert_not_null(got);
		cr_expect_eq(got->phase, row->want, "%s: %s", row->what, hf_phase_name(got->phase));
		cr_expect_eq(got->phases[0], row->want, "%s", row->what);
	}
}

Test(lockdowns, a_clock_set_back_does_not_undo_a_beginning)
{
	struct hf_envelope *purdah = raise_of(P), *longer, *later;
	struct hf_order doc;

	cr_assert(add_grows(purdah));
	cr_assert_eq(hf_started_add(&started, &purdah->digest), HF_OK);
	cr_expect_eq(judge(0, 0, purdah)->phase, HF_PHASE_IN_FORCE, "D10: begun once, clock back to 1970");
	doc = council_amend_doc(P, purdah, 1);
	doc.body.until.s += COUNCIL_DAY;
	longer = order(&doc, ELECTIONS_1);
	cr_assert(add_grows(longer));
	cr_expect_eq(judge(0, 0, purdah)->rev, 1);
	cr_expect_eq(judge(0, 0, purdah)->phase, HF_PHASE_IN_FORCE, "attack: an amendment opens a clock set back");
	doc = council_amend_doc(P, purdah, 2);
	doc.body.until.s += COUNCIL_DAY;
	doc.body.from.s += COUNCIL_DAY;
	later = order(&doc, ELECTIONS_1 | MONITORING_1);
	cr_assert(add_grows(later));
	cr_expect_eq(judge(T, T, purdah)->phase, HF_PHASE_SCHEDULED, "D10: a later start that two approved is one");
}

Test(lockdowns, time_alone_changes_a_phase_at)
{
	struct hf_envelope *purdah = raise_of(P), *emergency = raise_of(E);
	struct hf_wall at = {7};

	cr_assert(add_grows(emergency));
	judge(T, T, emergency);
	cr_expect_not(hf_lockdowns_next_change(&judged, (struct hf_now){{T}, {T}}, &at), "D9.2: an emergency never");
	cr_expect_eq(at.s, 7, "untouched");
	cr_assert(add_grows(purdah));
	judge(T, 0, purdah);
	cr_assert(hf_lockdowns_next_change(&judged, (struct hf_now){{T}, {0}}, &at));
	cr_expect_eq(at.s, FROM, "D10: it starts by itself");
	judge(FROM, FROM, purdah);
	cr_expect_not(hf_lockdowns_next_change(&judged, (struct hf_now){{FROM}, {FROM}}, &at),
		      "its end waits for a verified time too");
	judge(FROM, UNTIL + 5, purdah);
	cr_assert(hf_lockdowns_next_change(&judged, (struct hf_now){{FROM}, {UNTIL + 5}}, &at));
	cr_expect_eq(at.s, UNTIL + 1);
	cr_expect_eq(judge(at.s, UNTIL + 5, purdah)->phase, HF_PHASE_OVER, "and then it is so");
}

Test(lockdowns, released_for_ever_in_any_order)
{
	struct hf_envelope *raised = raise_of(E), *release, *again;
	struct hf_order doc = council_release_doc(E, &raised->digest, 1);
	const struct hf_lockdown *got;

	release = order(&doc, RELEASERS);
	doc.at.s++;
	again = order(&doc, COMMS_1 | COMMS_2);
	cr_assert(add_grows(release), "a release that comes before its raise is kept");
	cr_expect_eq(why(release), HF_E_OTHER, "and counts for nothing yet");
	cr_assert_null(judge(FROM, FROM, raised));
	cr_assert(add_grows(raised) && add_grows(again));
	got = judge(FROM, FROM, raised);
	cr_expect_eq(got->phase, HF_PHASE_RELEASED, "D9.3: the all-clear holds");
	cr_expect_eq(why(release), HF_OK);
	cr_expect_eq(hf_digest_cmp(&got->release->order->digest, hf_digest_cmp(&release->digest, &again->digest) < 0
									 ? &release->digest
									 : &again->digest),
		     0, "of two the one with the lower digest, on every device");
	cr_expect_not(add_grows(raised), "attack: a raise replayed does not lock again");
	cr_expect_eq(judge(FROM, FROM, raised)->phase, HF_PHASE_RELEASED);
}

struct release_row {
	const char *what;
	enum hf_kind kind;
	enum hf_mode mode;
	bool other;
	unsigned who;
	enum hf_rc added, counts;
};

/* clang-format off */
static const struct release_row releases[] = {
	{ "attack: unsigned", E, HF_MODE_LIVE, false, NOBODY, HF_E_UNSIGNED, HF_OK },
	{ "attack: by the controller", E, HF_MODE_LIVE, false, CONTROLLER, HF_E_STRANGER, HF_OK },
	{ "attack: by one", E, HF_MODE_LIVE, false, COMMS_1, HF_E_TOO_FEW, HF_OK },
	{ "attack: by two keys of one", E, HF_MODE_LIVE, false, COMMS_1 | COMMS_1_SECOND, HF_E_TOO_FEW, HF_OK },
	{ "attack: by a wrong role", E, HF_MODE_LIVE, false, COMMS_1 | IT_1, HF_E_ROLE, HF_OK },
	{ "attack: the end of a drill for the real thing", E, HF_MODE_EXERCISE, false, COMMS_1, HF_OK, HF_E_MISMATCH },
	{ "attack: the end of a purdah for an emergency", P, HF_MODE_LIVE, false, ELECTIONS_1 | MONITORING_1, HF_OK, HF_E_MISMATCH },
	{ "another lockdown's", E, HF_MODE_LIVE, true, RELEASERS, HF_OK, HF_E_OTHER },
};
/* clang-format on */

Test(lockdowns, what_releases_nothing)
{
	struct hf_envelope *raised = raise_of(E);
	struct hf_digest other = {.b = {9}};

	cr_assert(add_grows(raised));
	for (size_t i = 0; i < HF_LEN(releases); i++) {
		const struct release_row *row = &releases[i];
		struct hf_order doc = council_release_doc(row->kind, row->other ? &other : &raised->digest, 1);
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		enum hf_rc rc;

		doc.mode = row->mode;
		doc.at.s += (int64_t)i;
		envelope = council_order(&council, &doc, row->who);
		rc = add(envelope);
		cr_expect_eq(rc, row->added, "%s: %s", row->what, hf_rc_name(rc));
		if (rc == HF_OK)
			cr_expect_eq(why(envelope), row->counts, "%s: %s", row->what, hf_rc_name(why(envelope)));
		cr_expect_eq(judge(FROM, FROM, raised)->phase, HF_PHASE_IN_FORCE, "D9.3: %s", row->what);
	}
}

Test(lockdowns, one_release_of_several_frees_those_of_its_kind)
{
	struct hf_envelope *one = raise_of(E), *two, *purdah = raise_of(P), *release;
	struct hf_order doc = council_raise_doc(E);
	struct hf_digest ids[4];

	doc.at.s++;
	two = order(&doc, COMMS_2);
	cr_assert(add_grows(one) && add_grows(two) && add_grows(purdah));
	ids[0] = one->digest;
	ids[1] = two->digest;
	ids[2] = purdah->digest;
	ids[3] = (struct hf_digest){.b = {1}};
	doc = council_release_doc(E, ids, 4);
	release = order(&doc, RELEASERS);
	cr_assert(add_grows(release));
	cr_expect_eq(why(release), HF_OK, "it releases what it may");
	cr_expect_eq(judge(FROM, FROM, one)->phase, HF_PHASE_RELEASED);
	cr_expect_eq(judge(FROM, FROM, two)->phase, HF_PHASE_RELEASED);
	cr_expect_eq(judge(FROM, FROM, purdah)->phase, HF_PHASE_IN_FORCE, "D10: the purdah is not of that kind");
}

static struct hf_envelope *amend(const struct hf_envelope *raised, int64_t rev, const struct hf_strs *accounts,
				 unsigned who)
{
	struct hf_order doc = council_amend_doc(E, raised, rev);
	static int64_t second;

	doc.at.s += ++second;
	if (accounts)
		doc.body.accounts = *accounts;
	return order(&doc, who);
}

Test(lockdowns, one_person_may_tighten_two_must_loosen)
{
	const struct hf_strs one = COUNCIL_LIST("x:CannockChaseDC");
	struct hf_envelope *raised = raise_of(E);
	struct hf_envelope *words = amend(raised, 1, NULL, COMMS_2), *looser = amend(raised, 2, &one, COMMS_1);

	cr_assert(add_grows(words), "before the raise it amends");
	cr_expect_eq(why(words), HF_E_PENDING);
	cr_assert(add_grows(raised));
	cr_expect_eq(why(words), HF_OK);
	cr_assert(add_grows(looser), "kept: what it needs is known with what it amends");
	cr_expect_eq(why(looser), HF_E_TOO_FEW, "fewer accounts, one approval");
	cr_expect_eq(judge(FROM, FROM, raised)->rev, 1);
	council_sign_more(&council, looser, MONITORING_1);
	cr_assert(add_grows(looser), "the second approval comes later");
	cr_expect_eq(why(looser), HF_OK);
	cr_expect_eq(judge(FROM, FROM, raised)->rev, 2);
	cr_expect_eq(judge(FROM, FROM, raised)->bodies[0]->signers.n_people, 2);
}

Test(lockdowns, who_could_approve_a_loosening_is_kept_even_without_the_raise_rule)
{
	const struct hf_strs one = COUNCIL_LIST("x:CannockChaseDC");
	struct hf_envelope *purdah = raise_of(P), *looser, *exempts, *by_it;
	struct hf_order doc = council_amend_doc(P, purdah, 1);

	cr_assert(add_grows(purdah));
	doc.body.exempt = COUNCIL_LIST("comms-2");
	exempts = order(&doc, COMMS_1 | COMMS_2);
	cr_assert(add_grows(exempts), "two of accounts, neither of elections");
	cr_expect_eq(why(exempts), HF_OK, "adding an exempt person: two of accounts");
	doc.body.accounts = one;
	looser = order(&doc, COMMS_1 | COMMS_2);
	cr_assert(add_grows(looser));
	cr_expect_eq(why(looser), HF_E_ROLE, "exempting and loosening needs both rules");
	by_it = order(&doc, IT_1 | MONITORING_1);
	cr_expect_eq(add(by_it), HF_E_ROLE, "no rule of any amendment is met");
}

Test(lockdowns, amendments_of_one_revision_hold_side_by_side)
{
	const struct hf_strs two = COUNCIL_LIST("x:CannockChaseDC", "x:CCDCYourVoice");
	const struct hf_strs a = COUNCIL_LIST("x:CannockChaseDC"), b = COUNCIL_LIST("x:CCDCYourVoice");
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *raised, *left, *right, *over;
	const struct hf_lockdown *got;

	doc.body.accounts = two;
	raised = order(&doc, COMMS_1);
	left = amend(raised, 1, &a, RELEASERS);
	right = amend(raised, 1, &b, RELEASERS);
	over = amend(raised, 2, &a, COMMS_1);
	cr_assert(add_grows(raised) && add_grows(left) && add_grows(right) && add_grows(over));
	got = judge(FROM, FROM, raised);
	cr_expect_eq(got->rev, 1);
	cr_assert_eq(got->n_bodies, 2, "both hold");
	cr_expect_lt(hf_digest_cmp(&got->bodies[0]->order->digest, &got->bodies[1]->order->digest), 0);
	cr_expect_eq(why(over), HF_E_TOO_FEW, "it loosens one of the two before it");
	council_sign_more(&council, over, COMMS_2);
	cr_assert(add_grows(over));
	cr_expect_eq(judge(FROM, FROM, raised)->rev, 2);
	cr_expect_eq(judge(FROM, FROM, raised)->n_bodies, 1);
}

Test(lockdowns, of_many_rivals_all_hold)
{
	struct hf_envelope *raised = raise_of(E), *rivals[12];
	const struct hf_lockdown *got;

	cr_assert(add_grows(raised));
	for (size_t i = 0; i < HF_LEN(rivals); i++) {
		rivals[i] = amend(raised, 1, NULL, COMMS_1);
		cr_assert(add_grows(rivals[i]));
	}
	got = judge(FROM, FROM, raised);
	cr_assert_eq(got->n_bodies, HF_LEN(rivals), "attack: rivals with low digests crowd out one that tightens");
	cr_expect_eq(got->n_amends, HF_LEN(rivals));
	cr_expect_eq(got->rev, 1);
	for (size_t i = 0; i + 1 < got->n_bodies; i++)
		cr_expect_lt(hf_digest_cmp(&got->bodies[i]->order->digest, &got->bodies[i + 1]->order->digest), 0);
}

/* Amendments of what nobody raised: one more than a share has room for. */
static void fill_share_of_comms_2(int64_t at)
{
	struct hf_envelope *invented = raise_of(E);
	struct hf_order doc = council_amend_doc(E, invented, 1);

	for (int64_t i = 0; i <= HF_SHARE_AMENDMENTS_MAX; i++) {
		doc.at.s = at + i;
		doc.of.b[0] ^= 1;
		cr_assert(add_grows(order(&doc, COMMS_2)));
	}
}

static struct hf_envelope *release_comms_2(int64_t before)
{
	struct hf_release_person one = {"comms-2", {before}};
	struct hf_order doc = council_release_doc(E, NULL, 0);

	doc.persons = &one;
	doc.n_persons = 1;
	return order(&doc, RELEASERS);
}

/*
 * proto/README.md "What is in force", attack: a thief fills the share of one key, and amends over a gap with it; also later
 * than what the release of that person has ended, where the amendment itself would count.
 */
Test(lockdowns, whose_own_share_is_full_bridges_no_gap)
{
	struct hf_envelope *raised = raise_of(E), *gap;
	struct hf_order later = council_amend_doc(E, raised, 7);

	cr_assert(add_grows(raised));
	fill_share_of_comms_2(T + 1000);
	later.at.s = T + 5000;
	gap = order(&later, COMMS_2);
	cr_assert(add_grows(gap), "it is the newest of them");
	cr_expect_eq(judge(FROM, FROM, raised)->rev, 0, "it does not count");
	cr_assert(add_grows(release_comms_2(T + 4000)));
	cr_expect_eq(why(gap), HF_E_PENDING, "it is not void any more");
	cr_expect_eq(judge(FROM, FROM, raised)->rev, 0, "but of those who approved it, nobody has room");
	council_sign_more(&council, gap, COMMS_1);
	cr_assert(add_grows(gap));
	cr_expect_eq(judge(FROM, FROM, raised)->rev, 7, "one of them has");
}

/* The newest `n` that this key approves, of exercises that nobody knows. */
static size_t end_exercises(size_t n, int64_t at, unsigned who)
{
	struct hf_digest invented = {0};
	struct hf_order doc = council_release_doc(E, &invented, 1);
	size_t kept = 0;

	doc.mode = HF_MODE_EXERCISE;
	for (size_t i = 0; i < n; i++) {
		doc.at.s = at + (int64_t)i;
		(void)add(order(&doc, who));
	}
	for (size_t i = n_made - n; i < n_made; i++)
		kept += hf_orders_find(&orders, &made[i]->digest) != NULL;
	return kept;
}

/* proto/README.md "Shares", attack: one key ends exercises that nobody began until those of another are no longer kept. */
Test(lockdowns, each_key_has_its_own_room_to_end_exercises)
{
	cr_expect_eq(end_exercises(1, T + 10, ELECTIONS_1), 1);
	cr_expect_eq(end_exercises(3 * HF_SHARE_EXERCISES_MAX, T + 1000, COMMS_1), HF_SHARE_EXERCISES_MAX + 1);
	cr_expect(hf_orders_find(&orders, &made[0]->digest), "that of another stays");
	cr_expect_eq(end_exercises(1, T + 20, ELECTIONS_1), 1, "and an older one is still let in");
}

Test(lockdowns, an_amendment_of_another_kind_or_mode_is_none)
{
	struct hf_envelope *raised = raise_of(E), *drill, *purdah, *gap;
	struct hf_order doc = council_amend_doc(E, raised, 1);

	cr_assert(add_grows(raised));
	doc.mode = HF_MODE_EXERCISE;
	drill = order(&doc, COMMS_1);
	doc = council_amend_doc(P, raised, 1);
	purdah = order(&doc, ELECTIONS_1);
	gap = amend(raised, 3, NULL, COMMS_1);
	cr_assert(add_grows(drill) && add_grows(purdah) && add_grows(gap));
	cr_expect_eq(why(drill), HF_E_MISMATCH, "attack: a drill's amendment for the real thing");
	cr_expect_eq(why(purdah), HF_E_MISMATCH);
	cr_expect_eq(why(gap), HF_E_PENDING, "revision 2 is not known");
	cr_expect_eq(judge(FROM, FROM, raised)->rev, 0);
}

/* In whatever order they come: or two devices that heard the same would do different things. */
Test(lockdowns, approvals_that_come_apart_add_up_only_if_each_is_enough_to_be_kept)
{
	struct hf_envelope *raised = raise_of(E), *one, *other, *again;
	struct hf_order doc = council_amend_doc(E, raised, 1);

	doc.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	one = order(&doc, COMMS_1);
	other = order(&doc, MONITORING_1);
	cr_assert(add_grows(raised));
	cr_expect_eq(add(other), HF_E_ROLE);
	cr_assert(add_grows(one));
	cr_expect_eq(add(other), HF_E_ROLE, "first or second, it is judged alone");
	cr_expect_eq(why(one), HF_E_TOO_FEW);
	again = order(&doc, COMMS_2);
	cr_assert(add_grows(again));
	cr_expect_eq(why(one), HF_OK, "either of comms may have amended: together they loosen");
}

Test(lockdowns, more_approvals_of_a_known_order)
{
	struct hf_envelope *raised = raise_of(E), *unsigned_copy;
	struct hf_order doc = council_raise_doc(E);
	const struct hf_heard *heard;

	cr_assert(add_grows(raised));
	unsigned_copy = order(&doc, NOBODY);
	cr_expect_eq(add(unsigned_copy), HF_E_UNSIGNED, "attack: a known order with its approval taken off");
	council_sign_more(&council, unsigned_copy, COMMS_2 | STRANGER);
	cr_expect(add_grows(unsigned_copy), "a second approval is news");
	cr_expect_not(add_grows(unsigned_copy), "and then is not");
	cr_expect_not(add_grows(raised));
	heard = hf_orders_find(&orders, &raised->digest);
	cr_expect_eq(heard->envelope->n_signatures, 2, "the stranger's is left out");
	cr_expect_eq(heard->signers.n_people, 2);
	cr_expect_eq(orders.n, 1);
}

/* Which is heard first leaves no trace: not in the order of approvals, not in their hints. */
Test(lockdowns, a_set_does_not_show_how_it_was_learned)
{
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *a = order(&doc, COMMS_1), *b = order(&doc, COMMS_2), *both = order(&doc, COMMS_2);
	struct hf_orders other = {0};
	bool grew;

	strcpy(a->signatures[0].keyid, "misleading");
	council_sign_more(&council, both, COMMS_1);
	cr_assert(add_grows(a) && add_grows(b));
	cr_assert_eq(hf_orders_add(&other, trust, both, &grew, NULL), HF_OK);
	cr_assert_eq(orders.n, 1);
	cr_assert_eq(other.n, 1);
	cr_expect_eq(memcmp(orders.v[0].envelope->signatures, other.v[0].envelope->signatures,
			    sizeof(other.v[0].envelope->signatures)),
		     0);
	cr_expect_eq(memcmp(orders.v[0].keys, other.v[0].keys, sizeof(other.v[0].keys)), 0);
	hf_orders_done(&other);
}

static struct hf_trust *next_trust(struct hf_trust *doc)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_trust *next = NULL;

	doc->epoch = 2;
	envelope = council_trust(&council, doc, ROOT_1 | ROOT_2);
	cr_assert_eq(hf_trust_open(envelope, trust, &next, NULL), HF_OK);
	hf_orders_rejudge(&orders, next);
	hf_trust_free(&trust);
	return next;
}

Test(lockdowns, a_leavers_orders_end_unless_the_roots_affirm_them)
{
	struct hf_envelope *raised = raise_of(E), *affirmed, *by_two;
	struct hf_trust doc = council_trust_doc(&council);
	struct hf_order order_doc = council_raise_doc(E);

	order_doc.at.s += 1;
	affirmed = order(&order_doc, COMMS_1);
	order_doc.at.s += 1;
	by_two = order(&order_doc, COMMS_1 | COMMS_2);
	cr_assert(add_grows(raised) && add_grows(affirmed) && add_grows(by_two));
	doc.people = council.people + 1; /* comms-1 has left */
	doc.n_people = COUNCIL_PEOPLE - 1;
	doc.affirmed = &affirmed->digest;
	doc.n_affirmed = 1;
	trust = next_trust(&doc);
	cr_expect_null(judge(FROM, FROM, raised), "judged by the newest trust");
	cr_expect_not_null(judge(FROM, FROM, affirmed), "roots outrank officers");
	cr_expect_not_null(judge(FROM, FROM, by_two), "who stays still approves");
	cr_expect_eq(orders.n, 3, "nothing is forgotten");
	cr_expect_eq(add(raised), HF_E_STRANGER, "attack: a leaver backdates");
}

Test(lockdowns, a_leavers_all_clear_ends_unless_the_roots_affirm_it)
{
	struct hf_trust doc = council_trust_doc(&council);
	struct hf_envelope *release, *raised;
	struct hf_order order_doc = council_raise_doc(E);

	raised = order(&order_doc, COMMS_2);
	order_doc = council_release_doc(E, &raised->digest, 1);
	release = order(&order_doc, RELEASERS);
	cr_assert(add_grows(raised) && add_grows(release));
	cr_expect_eq(judge(FROM, FROM, raised)->phase, HF_PHASE_RELEASED);
	doc.people = council.people + 1; /* comms-1 has left */
	doc.n_people = COUNCIL_PEOPLE - 1;
	trust = next_trust(&doc);
	cr_expect_eq(judge(FROM, FROM, raised)->phase, HF_PHASE_IN_FORCE, "judged by the newest trust, both ways");
	cr_expect_eq(why(release), HF_E_TOO_FEW);
	trust->affirmed = &release->digest;
	trust->n_affirmed = 1;
	cr_expect_eq(judge(FROM, FROM, raised)->phase, HF_PHASE_RELEASED, "roots outrank officers");
	trust->affirmed = NULL;
	trust->n_affirmed = 0;
}

Test(lockdowns, void_before_prunes_what_is_not_affirmed)
{
	struct hf_envelope *old = raise_of(E), *affirmed = raise_of(P), *young;
	struct hf_trust doc = council_trust_doc(&council);
	struct hf_order order_doc = council_raise_doc(E);

	order_doc.at.s += 5;
	young = order(&order_doc, COMMS_1);
	cr_assert(add_grows(old) && add_grows(affirmed) && add_grows(young));
	doc.void_before = order_doc.at;
	doc.affirmed = &affirmed->digest;
	doc.n_affirmed = 1;
	trust = next_trust(&doc);
	cr_expect_eq(orders.n, 2);
	cr_expect_null(hf_orders_find(&orders, &old->digest), "older, not affirmed: dropped");
	cr_expect_not_null(judge(FROM, FROM, affirmed), "older, affirmed: stays");
	cr_expect_not_null(judge(FROM, FROM, young), "of that very second: stays");
	cr_expect_eq(add(old), HF_E_VOID, "and it does not come back");
}

Test(lockdowns, what_has_begun_is_a_set)
{
	struct hf_digest ids[] = {{.b = {3}}, {.b = {1}}, {.b = {2}}, {.b = {1}}};

	for (size_t i = 0; i < HF_LEN(ids); i++)
		cr_assert_eq(hf_started_add(&started, &ids[i]), HF_OK);
	cr_expect_eq(started.n, 3, "one twice is one");
	cr_expect(hf_started_has(&started, &ids[0]) && hf_started_has(&started, &ids[1]));
	ids[0].b[0] = 4;
	cr_expect_not(hf_started_has(&started, &ids[0]));
	for (size_t i = 1; i < started.n; i++)
		cr_expect_lt(hf_digest_cmp(&started.v[i - 1], &started.v[i]), 0, "sorted");
}

Test(lockdowns, names)
{
	cr_expect_str_eq(hf_phase_name(HF_PHASE_SCHEDULED), "scheduled");
	cr_expect_str_eq(hf_phase_name(HF_PHASE_IN_FORCE), "in force");
	cr_expect_str_eq(hf_phase_name(HF_PHASE_OVER), "over");
	cr_expect_str_eq(hf_phase_name(HF_PHASE_RELEASED), "released");
}

static size_t n_asked;

static void *count_and_ask(size_t size)
{
	n_asked++;
	return malloc(size);
}

/* The join, law 2: an envelope is judged by what hangs on it, and what is new on it is kept. */
Test(lockdowns, an_order_that_is_known_is_known_by_all_its_approvals)
{
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *one = order(&doc, COMMS_1), *other = order(&doc, COMMS_2), *strange = order(&doc, STRANGER);
	struct hf_envelope *both = order(&doc, COMMS_1 | COMMS_2), *more = order(&doc, COMMS_1 | COMMS_2 | COMMS_1_SECOND);

	cr_assert(add_grows(one));
	cr_expect_eq(add(strange), HF_E_STRANGER, "as many signatures as are known, and none of them");
	cr_expect(add_grows(other), "as many signatures as are known, and another");
	cr_expect_not(add_grows(both), "both are known now");
	cr_expect_not(add_grows(one), "and so is each");
	cr_expect(add_grows(more), "all that are known, and one more");
	cr_expect_eq(hf_orders_find(&orders, &one->digest)->envelope->n_signatures, 3u);
}

/* A state says every order again each beat: what is known is not read, nor verified, again. */
Test(lockdowns, an_order_that_is_known_costs_nothing)
{
	struct hf_envelope *raise = raise_of(E);
	json_malloc_t ask;
	json_free_t release;

	cr_assert(add_grows(raise));
	json_get_alloc_funcs(&ask, &release);
	json_set_alloc_funcs(count_and_ask, free);
	n_asked = 0;
	cr_expect_not(add_grows(raise));
	cr_expect_eq(n_asked, 0u, "its payload is not parsed");
	json_set_alloc_funcs(ask, release);
}
