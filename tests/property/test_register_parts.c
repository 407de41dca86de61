/* SPDX-License-Identifier: MIT */
/*
 * Owns which register is in force does not depend on the order in which its parts are heard (proto/README.md "Register"), and
 * parts that were not approved as one never count together.
 * Must never take the answer from the code it tests: what is in force is worked out here from all that was said.
 * HF_SEED plays one run again.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/help/council.h"
#include "tests/help/dice.h"

#define RUNS 80
#define EDITIONS 6
#define SAID_MAX (EDITIONS * HF_REGISTER_PARTS_MAX)

/* One document as it is said; whether two approved it. */
struct said {
	struct hf_envelope *envelope;
	int64_t version;
	bool two;
	bool heard;
};

/* One register, by the places of its parts in `said`; `whole` is false where they do not belong together. */
struct edition {
	int64_t version;
	size_t parts[HF_REGISTER_PARTS_MAX];
	size_t n;
	bool whole;
};

static struct council council;
static struct said said[SAID_MAX];
static size_t n_said;
static struct edition editions[EDITIONS];

static size_t say_part(const struct edition *e, size_t place, const struct hf_register_place *own, int64_t version)
{
	struct hf_register doc = council_register_doc();
	struct hf_holder holder = {"comms-1", {COUNCIL_T + (int64_t)n_said}}; /* no two documents are alike */
	struct hf_account account = {.id = doc.accounts[place].id, .holders = &holder, .n_holders = 1};
	bool two = !one_in(8);

	doc.version = version;
	doc.issued.s = COUNCIL_T + e->version;
	doc.place = e->n > 1 ? *own : (struct hf_register_place){1, 1, {{{0}}}};
	doc.accounts = &account;
	doc.n_accounts = 1;
	doc.tools += place;
	doc.n_tools = 1;
	said[n_said] = (struct said){council_register(&council, &doc, two ? COMMS_1 | COMMS_2 : COMMS_1), version,
				       two, false};
	return n_said++;
}

/* The last parts first, for part 1 names them; now and then one is of another version, or one that another edition has. */
static void write_edition(struct edition *e)
{
	const struct edition *other = &editions[below(EDITIONS)];
	struct hf_register_place place = {.parts = 1 + (int64_t)below(4)};

	*e = (struct edition){.version = 2 + (int64_t)below(3), .n = (size_t)place.parts, .whole = true};
	for (size_t i = e->n; i > 0; i--) {
		bool wrong = i > 1 && one_in(12);
		bool shared = i > 1 && other != e && other->n == e->n && other->version == e->version && one_in(2);

		place.part = (int64_t)i;
		e->parts[i - 1] = shared ? other->parts[i - 1] : say_part(e, i - 1, &place, e->version + wrong);
		e->whole = e->whole && said[e->parts[i - 1]].version == e->version;
		if (i > 1)
			place.rest[i - 2] = said[e->parts[i - 1]].envelope->digest;
	}
}

static bool counts(const struct edition *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (!said[e->parts[i]].heard || !said[e->parts[i]].two)
			return false;
	return e->whole;
}

static const struct hf_digest *digest_of(const struct edition *e)
{
	return &said[e->parts[0]].envelope->digest;
}

/* The highest version that is whole, and of two the one with the lower digest. */
static struct hf_digest wanted(void)
{
	const struct edition *best = NULL;

	for (size_t i = 0; i < EDITIONS; i++) {
		const struct edition *e = &editions[i];

		if (counts(e) && (!best || e->version > best->version ||
				  (e->version == best->version && hf_digest_cmp(digest_of(e), digest_of(best)) < 0)))
			best = e;
	}
	return best ? *digest_of(best) : council.reg->digest;
}

/* One order of hearing; each is heard once, and some again. */
static void hear_all(uint64_t run, size_t turn)
{
	hf_auto_known struct hf_known known = {0};

	council_begin(&council, &known);
	for (size_t i = 0; i < n_said; i++)
		said[i].heard = false;
	for (size_t left = n_said * 2; left > 0; left--) {
		struct said *s = &said[below(n_said)];
		struct hf_digest want;

		(void)council_hear(&known, s->envelope, NULL);
		s->heard = true;
		want = wanted();
		cr_assert_eq(hf_digest_cmp(&known.reg->digest, &want), 0, "run %llu.%zu: another register is in force",
			     (unsigned long long)run, turn);
		cr_assert_eq(known.parts.n_in_force, (size_t)known.reg->place.parts);
	}
}

static void begin(void)
{
	council_open(&council);
}

static void end(void)
{
	council_close(&council);
}

TestSuite(register_parts, .init = begin, .fini = end);

Test(register_parts, the_order_of_hearing_does_not_matter)
{
	uint64_t seed = number_from("HF_SEED", 20260101);

	for (uint64_t run = 0; run < RUNS; run++) {
		dice_at = seed + run;
		n_said = 0;
		memset(editions, 0, sizeof(editions));
		for (size_t i = 0; i < EDITIONS; i++)
			write_edition(&editions[i]);
		for (size_t turn = 0; turn < 4; turn++)
			hear_all(run, turn);
		for (size_t i = 0; i < n_said; i++)
			hf_envelope_free(&said[i].envelope);
	}
}
