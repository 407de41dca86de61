/* SPDX-License-Identifier: MIT */
/*
 * Owns what a device makes of the claims that controllers repeat (policy D9.3).
 * Must never depend on the order in which states are heard.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/claims.h>

#include "tests/help/council.h"
#include "tests/help/dice.h"

#define A "x:CannockChaseDC"
#define WORDS 6

static struct council council;

static void set_up(void)
{
	council_open(&council);
}

static void tear_down(void)
{
	council_close(&council);
}

TestSuite(claims, .init = set_up, .fini = tear_down);

static struct hf_posting claim_of(const char *person, const char *device, enum hf_posting_state state)
{
	return (struct hf_posting){{{7}}, A, person, device, state, {COUNCIL_T}, "", NULL, {{0}}};
}

static void hear(struct hf_known *known, const char *controller, int64_t seq, struct hf_posting claim)
{
	struct hf_state doc = council_state_doc(&council, seq, NULL, 0);
	struct hf_envelope *envelope;

	doc.controller = controller;
	doc.issued.s = COUNCIL_T + 100; /* all of one second: the seq decides */
	doc.valid_until.s = COUNCIL_T + 400;
	doc.claims = &claim;
	doc.n_claims = 1;
	envelope = council_state(&council, &doc, strcmp(controller, "main") == 0 ? CONTROLLER : SPARE);
	(void)council_hear(known, envelope, NULL);
	hf_envelope_free(&envelope);
}

static char *text_of(const struct hf_known *known)
{
	hf_auto_json json_t *json = hf_claims_encode(&known->claims);

	return json_dumps(json, JSON_COMPACT);
}

Test(claims, newest_word_counts_in_whatever_order_it_is_heard)
{
	static const struct {
		const char *controller;
		int64_t seq;
		const char *person, *device;
		enum hf_posting_state state;
	} words[WORDS] = {
		{"main", 5, "comms-2", "d1", HF_POSTING_CLAIMED}, {"main", 6, "comms-2", "d1", HF_POSTING_OPEN},
		{"spare", 5, "comms-2", "d9", HF_POSTING_POSTED}, {"main", 7, "comms-2", "d1", HF_POSTING_POSTED},
		{"main", 6, "comms-1", "d3", HF_POSTING_CANNOT},  {"spare", 7, "comms-1", "d4", HF_POSTING_OPEN},
	};
	hf_auto_free char *first = NULL;

	dice_at = 7;
	for (int run = 0; run < 30; run++) {
		hf_auto_known struct hf_known known = {0};
		hf_auto_free char *text = NULL;
		size_t order[WORDS] = {0, 1, 2, 3, 4, 5};

		council_begin(&council, &known);
		for (size_t i = WORDS; run > 0 && i > 1; i--) {
			size_t k = below(i), other = order[i - 1];

			order[i - 1] = order[k];
			order[k] = other;
		}
		for (size_t i = 0; i < WORDS; i++)
			hear(&known, words[order[i]].controller, words[order[i]].seq,
			     claim_of(words[order[i]].person, words[order[i]].device, words[order[i]].state));
		text = text_of(&known);
		if (!first)
			first = strdup(text);
		cr_assert_str_eq(text, first, "The join, run %d", run);
		cr_assert_eq(known.claims.n, 4, "two windows, by two controllers");
	}
}

/* A controller that says two things under one number: each device keeps the same of them. */
Test(claims, of_words_of_one_age_all_keep_the_same)
{
	static const struct {
		const char *what, *post, *other_post;
		int64_t at, other_at;
	} rows[] = {
		{"another address", "https://x.com/a/1", "https://x.com/a/2", COUNCIL_T, COUNCIL_T},
		{"another time", "https://x.com/a/1", "https://x.com/a/1", COUNCIL_T, COUNCIL_T + 1},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_posting one = claim_of("comms-2", "d1", HF_POSTING_POSTED), other = one;
		hf_auto_known struct hf_known there = {0}, back = {0};
		hf_auto_free char *first = NULL, *second = NULL;

		one.post = rows[i].post;
		one.at.s = rows[i].at;
		other.post = rows[i].other_post;
		other.at.s = rows[i].other_at;
		council_begin(&council, &there);
		council_begin(&council, &back);
		hear(&there, "main", 5, one);
		hear(&there, "main", 5, other);
		hear(&back, "main", 5, other);
		hear(&back, "main", 5, one);
		first = text_of(&there);
		second = text_of(&back);
		cr_expect_str_eq(first, second, "%s", rows[i].what);
	}
}

Test(claims, word_of_each_device)
{
	hf_auto_known struct hf_known known = {0};
	const struct hf_posting window = claim_of("comms-2", "", HF_POSTING_CLAIMED);

	council_begin(&council, &known);
	cr_expect_eq(hf_claims_word(&known.claims, &window, "d1"), HF_CLAIMED_NOT);
	hear(&known, "main", 1, claim_of("comms-2", "d1", HF_POSTING_CLAIMED));
	cr_expect_eq(hf_claims_word(&known.claims, &window, "d1"), HF_CLAIMED_HERE);
	cr_expect_eq(hf_claims_word(&known.claims, &window, "d2"), HF_CLAIMED_ELSEWHERE);
}

Test(claims, there_and_back_from_disk)
{
	hf_auto_known struct hf_known known = {0}, back = {0};
	hf_auto_json json_t *json = NULL;
	hf_auto_free char *a = NULL, *b = NULL;

	council_begin(&council, &known);
	hear(&known, "main", 1, claim_of("comms-2", "d1", HF_POSTING_OPEN));
	json = hf_known_encode(&known);
	cr_assert_eq(hf_known_decode(json, &back, NULL), HF_OK);
	a = text_of(&known);
	b = text_of(&back);
	cr_expect_str_eq(a, b);
}

Test(claims, only_the_newest_are_kept)
{
	hf_auto_known struct hf_known known = {0};
	const struct hf_posting oldest = claim_of("p-0", "", HF_POSTING_CLAIMED);

	council_begin(&council, &known);
	for (int i = 0; i <= HF_CLAIMS_MAX; i++) {
		char person[HF_ID_SIZE];

		cr_assert_eq(hf_str_printf(person, sizeof(person), "p-%d", i), HF_OK);
		hear(&known, "main", i + 1, claim_of(person, "d1", HF_POSTING_OPEN));
	}
	cr_expect_eq(known.claims.n, HF_CLAIMS_MAX, "attack: a stolen controller key fills no device");
	cr_expect_null(hf_claims_find(&known.claims, &oldest));
}

/* The council's trust, epoch 2, in which the id `main` has a key of its own. */
static struct hf_envelope *trust_with_new_main(void)
{
	struct hf_trust doc = council_trust_doc(&council);

	doc.epoch = 2;
	doc.controllers[0].pub = council_pub(&council, STRANGER);
	return council_trust(&council, &doc, ROOT_1 | ROOT_2);
}

Test(claims, a_thiefs_words_leave_with_their_key_and_crowd_out_nobody)
{
	hf_auto_known struct hf_known known = {0};
	hf_auto_envelope struct hf_envelope *next = trust_with_new_main();
	const struct hf_posting window = claim_of("comms-2", "", HF_POSTING_CLAIMED);

	council_begin(&council, &known);
	hear(&known, "spare", 1, claim_of("comms-2", "d1", HF_POSTING_CLAIMED));
	for (int i = 0; i <= HF_CLAIMS_MAX; i++) {
		char person[HF_ID_SIZE];

		cr_assert_eq(hf_str_printf(person, sizeof(person), "p-%d", i), HF_OK);
		hear(&known, "main", 900000 + i, claim_of(person, "d9", HF_POSTING_OPEN));
	}
	cr_expect_eq(hf_claims_word(&known.claims, &window, "d1"), HF_CLAIMED_HERE, "attack: 257 windows of one key");
	hear(&known, "main", 990000, claim_of("comms-2", "d9", HF_POSTING_POSTED));
	cr_expect_eq(hf_claims_word(&known.claims, &window, "d1"), HF_CLAIMED_ELSEWHERE);
	cr_assert_eq(council_hear(&known, next, NULL), HF_OK);
	cr_expect_eq(hf_claims_word(&known.claims, &window, "d1"), HF_CLAIMED_HERE, "what it hid is there again");
	cr_expect_eq(known.claims.n, 1);
}
