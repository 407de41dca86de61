/* SPDX-License-Identifier: MIT */
/*
 * Owns one person alone can only shut a device, whatever they approve of it, and in whatever order it is heard.
 * Must never take the answer from the code it tests: what is in effect is worked out here from all that was said.
 * HF_SEED plays one run again.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/help/council.h"
#include "tests/help/dice.h"

#define RUNS 150
#define FLOODS 3
#define SAID_MAX (HF_VERSIONS_MAX + 40)

static const char *const GROUPS[] = {"communications", "planning", "museum", "depot"};
static const char *const PEOPLE[] = {"comms-1", "comms-2", "it-1"};
static const char *const LOGINS[] = {"sam", "pat", "lee"};

/* One assignment, by whom it was approved as it was said, and what it says. */
struct said {
	struct hf_envelope *envelope;
	int64_t version;
	bool two;
	bool groups[HF_LEN(GROUPS)];
	int64_t ranks[HF_LEN(PEOPLE)][HF_LEN(LOGINS)]; /* 0: not said */
};

static struct council council;
static struct said said[SAID_MAX];
static size_t n_said;

static void hear_version(int64_t version, bool two)
{
	struct hf_assignment doc = council_assignment_doc(&council);
	struct said *s = &said[n_said++];
	const char *groups[HF_LEN(GROUPS)];
	size_t n_groups = 0, login = below(HF_LEN(LOGINS));

	memset(s, 0, sizeof(*s));
	s->version = doc.version = version;
	s->two = two;
	doc.issued.s = COUNCIL_T + (int64_t)n_said;
	for (size_t i = 0; i < HF_LEN(GROUPS); i++)
		if ((s->groups[i] = one_in(3)))
			groups[n_groups++] = GROUPS[i];
	doc.groups = (struct hf_strs){groups, n_groups};
	doc.n_people = 0;
	for (size_t i = 0; i < HF_LEN(PEOPLE); i++) {
		struct hf_device_person *p = &doc.people[doc.n_people];

		if (one_in(2))
			continue;
		*p = (struct hf_device_person){PEOPLE[i], LOGINS[(login + i) % HF_LEN(LOGINS)], 1 + (int64_t)below(3)};
		s->ranks[i][(login + i) % HF_LEN(LOGINS)] = p->rank;
		doc.n_people++;
	}
	s->envelope = council_assignment(&council, &doc, two ? IT_1 | COMMS_1 : IT_1);
}

/* Some are said again with more approvals, or fewer. */
static void say_again(size_t i, bool two)
{
	struct said *s = &said[n_said++];

	*s = said[i];
	cr_assert_eq(hf_envelope_copy(said[i].envelope, &s->envelope), HF_OK);
	s->two = two;
	if (two)
		cr_assert_eq(hf_envelope_sign(s->envelope, council.keys[6], NULL), HF_OK); /* comms-2, of accounts */
}

static void forget(void)
{
	while (n_said > 0)
		hf_envelope_free(&said[--n_said].envelope);
}

/* The version that all are counted from, by the contract alone. */
static int64_t base_of(void)
{
	int64_t base = 0, lowest = INT64_MAX;

	for (size_t i = 0; i < n_said; i++) {
		lowest = said[i].version < lowest ? said[i].version : lowest;
		if (said[i].two && said[i].version > base)
			base = said[i].version;
	}
	return base > 0 ? base : lowest;
}

static bool two_approved(const struct said *s)
{
	for (size_t i = 0; i < n_said; i++)
		if (said[i].two && hf_digest_cmp(&said[i].envelope->digest, &s->envelope->digest) == 0)
			return true;
	return false;
}

static bool base_by_two(void)
{
	for (size_t i = 0; i < n_said; i++)
		if (said[i].two)
			return true;
	return false;
}

static bool in_effect(const struct said *s)
{
	int64_t base = base_of();

	return s->version > base || (s->version == base && (two_approved(s) || !base_by_two()));
}

static bool in_group(size_t group)
{
	for (size_t i = 0; i < n_said; i++)
		if (in_effect(&said[i]) && said[i].groups[group])
			return true;
	return false;
}

static int64_t rank_of(size_t person, size_t login, bool *ret_approved)
{
	int64_t base = base_of(), rank = 0;

	*ret_approved = false;
	for (size_t i = 0; i < n_said; i++) {
		int64_t own = in_effect(&said[i]) ? said[i].ranks[person][login] : 0;

		rank = own > rank ? own : rank;
		if (own > 0 && said[i].version == base && two_approved(&said[i]))
			*ret_approved = true;
	}
	return rank;
}

static bool counts(size_t person, size_t login)
{
	bool approved, other;

	if (rank_of(person, login, &approved) == 0 || !approved)
		return false;
	for (size_t p = 0; p < HF_LEN(PEOPLE); p++)
		if (rank_of(p, login, &other) > 0 && !other)
			return false;
	return true;
}

/* Each once at least, some more often, and now and then the memory is read again. */
static void hear_round(struct hf_known *ret_known, size_t run)
{
	bool heard[SAID_MAX] = {false};

	for (size_t left = n_said; left > 0;) {
		size_t i = below(n_said);

		(void)council_hear(ret_known, said[i].envelope, NULL);
		left -= heard[i] ? 0 : 1;
		heard[i] = true;
		if (one_in(n_said)) {
			hf_auto_json json_t *json = hf_known_encode(ret_known);
			struct hf_known back = {0};

			cr_assert_eq(hf_known_decode(json, &back, NULL), HF_OK, "run %zu: read again", run);
			hf_known_done(ret_known);
			*ret_known = back;
		}
	}
}

static void begin(struct hf_known *ret_known)
{
	council_begin(&council, ret_known);
	hf_versions_done(&ret_known->versions);
}

static void hear_all(struct hf_known *ret_known, size_t run)
{
	begin(ret_known);
	hear_round(ret_known, run);
}

static const struct hf_pair *find_pair(const struct hf_pairs *pairs, size_t person, size_t login)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->v[i].person, PEOPLE[person]) == 0 && strcmp(pairs->v[i].user, LOGINS[login]) == 0)
			return &pairs->v[i];
	return NULL;
}

static void expect_effect(const struct hf_known *known, uint64_t seed)
{
	struct hf_pairs pairs;

	hf_versions_pairs(&known->versions, &pairs);
	for (size_t g = 0; g < HF_LEN(GROUPS); g++) {
		const char *name = GROUPS[g];
		const struct hf_strs groups = {&name, 1};

		cr_expect_eq(hf_versions_in(&known->versions, &groups), in_group(g), "seed %llu: group %s",
			     (unsigned long long)seed, name);
	}
	for (size_t p = 0; p < HF_LEN(PEOPLE); p++)
		for (size_t l = 0; l < HF_LEN(LOGINS); l++) {
			const struct hf_pair *pair = find_pair(&pairs, p, l);
			bool approved;

			cr_expect_eq(pair ? pair->rank : 0, rank_of(p, l, &approved), "seed %llu: %s at %s",
				     (unsigned long long)seed, PEOPLE[p], LOGINS[l]);
			cr_expect_eq(pair && pair->counts, counts(p, l), "seed %llu: %s at %s counts",
				     (unsigned long long)seed, PEOPLE[p], LOGINS[l]);
		}
}

static void set_up(void)
{
	council_open(&council);
}

static void tear_down(void)
{
	forget();
	council_close(&council);
}

TestSuite(assignments, .init = set_up, .fini = tear_down);

Test(assignments, what_is_in_effect_does_not_depend_on_the_order_of_hearing)
{
	uint64_t first = number_from("HF_SEED", 1), runs = number_from("HF_SEED", 0) ? 1 : RUNS;

	for (uint64_t seed = first; seed < first + runs; seed++) {
		struct hf_known one = {0}, other = {0};

		dice_at = seed;
		for (size_t i = 0, n = 1 + below(7); i < n; i++)
			hear_version(1 + (int64_t)below(5), one_in(4));
		for (size_t i = 0, n = below(3); i < n; i++)
			say_again(below(n_said), one_in(2));
		hear_all(&one, seed);
		hear_all(&other, seed);
		expect_effect(&one, seed);
		expect_effect(&other, seed);
		hf_known_done(&one);
		hf_known_done(&other);
		forget();
	}
}

/* The roots set some aside; for the oracle these stand just below what may follow them. */
static struct hf_envelope *set_aside(int64_t from_version)
{
	struct hf_trust trust = council_trust_doc(&council);

	trust.epoch = 2;
	for (size_t i = 0; i < n_said; i++) {
		const struct hf_digest *digest = &said[i].envelope->digest;
		bool twice = false;

		for (size_t k = 0; k < trust.n_voids; k++)
			twice = twice || hf_digest_cmp(&trust.voids[k].digest, digest) == 0;
		if (!twice && one_in(2))
			trust.voids[trust.n_voids++] = (struct hf_void){*digest, 1 + (int64_t)below((size_t)from_version)};
	}
	for (size_t i = 0; i < n_said; i++)
		for (size_t k = 0; k < trust.n_voids; k++)
			if (hf_digest_cmp(&trust.voids[k].digest, &said[i].envelope->digest) == 0)
				said[i].version = trust.voids[k].from_version - 1;
	return council_trust(&council, &trust, ROOT_1 | ROOT_2);
}

/* Some of it before the roots spoke, in whatever order, and all of it after: a controller says it again. */
static void hear_around(struct hf_known *ret_known, const struct hf_envelope *trust, size_t run)
{
	begin(ret_known);
	for (size_t i = 0, n = below(2 * n_said); i < n; i++)
		(void)council_hear(ret_known, said[below(n_said)].envelope, NULL);
	cr_assert_eq(council_hear(ret_known, trust, NULL), HF_OK);
	hear_round(ret_known, run);
}

/* "Trust": void. What stays of one that was set aside until a successor by two is there must not outlast that. */
Test(assignments, what_the_roots_set_aside_does_not_make_the_order_of_hearing_count)
{
	uint64_t first = number_from("HF_SEED", 1), runs = number_from("HF_SEED", 0) ? 1 : RUNS;

	for (uint64_t seed = first; seed < first + runs; seed++) {
		struct hf_known one = {0}, other = {0};
		hf_auto_envelope struct hf_envelope *trust = NULL;
		hf_auto_json json_t *a = NULL, *b = NULL;

		dice_at = seed;
		for (size_t i = 0, n = 1 + below(6); i < n; i++)
			hear_version(one_in(3) ? HF_JSON_INT_MAX - (int64_t)below(2) : 1 + (int64_t)below(9), one_in(2));
		for (size_t i = 0, n = below(3); i < n; i++)
			say_again(below(n_said), one_in(2));
		trust = set_aside(6);
		hear_version(6, true);
		hear_around(&one, trust, seed);
		hear_around(&other, trust, seed);
		a = hf_known_encode(&one);
		b = hf_known_encode(&other);
		cr_expect(json_equal(json_object_get(a, "assignments"), json_object_get(b, "assignments")), "seed %llu",
			  (unsigned long long)seed);
		expect_effect(&one, seed);
		expect_effect(&other, seed);
		hf_known_done(&one);
		hf_known_done(&other);
		forget();
	}
}

/* "attack": one key of IT approves more changes than there is room for. */
Test(assignments, what_there_is_no_room_for_shuts_and_two_open_it_again)
{
	const char *nowhere = "nowhere";
	const struct hf_strs groups = {&nowhere, 1};

	for (uint64_t seed = 1; seed <= FLOODS; seed++) {
		struct hf_known one = {0}, other = {0};
		hf_auto_json json_t *a = NULL, *b = NULL;
		struct hf_pairs pairs;

		dice_at = seed;
		hear_version(1, true);
		for (int64_t version = 2; n_said < HF_VERSIONS_MAX + 20; version++)
			hear_version(version, false);
		hear_all(&one, seed);
		hear_all(&other, seed);
		a = hf_known_encode(&one);
		b = hf_known_encode(&other);
		cr_expect(json_equal(json_object_get(a, "assignments"), json_object_get(b, "assignments")), "seed %llu",
			  (unsigned long long)seed);
		cr_expect(json_equal(json_object_get(a, "assignments_over"), json_object_get(b, "assignments_over")));
		cr_expect(hf_versions_in(&one.versions, &groups), "every lockdown bears on it");
		hf_versions_pairs(&one.versions, &pairs);
		for (size_t i = 0; i < pairs.n; i++)
			cr_expect_not(pairs.v[i].counts, "nobody counts");
		hear_version(HF_VERSIONS_MAX + 40, true);
		cr_expect_eq(council_hear(&one, said[n_said - 1].envelope, NULL), HF_OK, "two look");
		cr_expect_not(hf_versions_in(&one.versions, &groups));
		cr_expect_eq(one.versions.n, 1, "and all else is let go of");
		hf_known_done(&one);
		hf_known_done(&other);
		forget();
	}
}

/* "attack": one key of IT says the highest version there is, once or without end. Two must still open. */
Test(assignments, two_follow_the_highest_version_that_one_has_said)
{
	const char *nowhere = "nowhere";
	const struct hf_strs groups = {&nowhere, 1};

	for (uint64_t seed = 1; seed <= FLOODS; seed++) {
		struct hf_known one = {0};

		dice_at = seed;
		for (size_t n = seed % 2 == 0 ? HF_VERSIONS_MAX + 5 : 1; n_said < n;)
			hear_version(HF_JSON_INT_MAX, false);
		hear_all(&one, seed);
		cr_expect_eq(hf_versions_in(&one.versions, &groups), seed % 2 == 0);
		hear_version(HF_JSON_INT_MAX, true);
		(void)council_hear(&one, said[n_said - 1].envelope, NULL);
		cr_expect_not(hf_versions_in(&one.versions, &groups), "seed %llu", (unsigned long long)seed);
		expect_effect(&one, seed);
		cr_expect_eq(council_hear(&one, said[0].envelope, NULL), HF_E_ROLLBACK, "sent again");
		expect_effect(&one, seed);
		hf_known_done(&one);
		forget();
	}
}
