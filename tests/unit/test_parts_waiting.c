/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of registers in parts: what waits, what is written down, what the roots and a flood do to it.
 * Must never reach into what is known but to look. The order of hearing is tests/property/test_register_parts.c.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/help/council.h"

#define TWO (COMMS_1 | COMMS_2)
#define FLOOD (HF_PARTS_WAITING_MAX + 8)

/* A register in two parts; the second has everything but the first account. */
struct pair {
	struct hf_envelope *one, *two;
};

static struct council council;
static struct hf_known known;
static struct hf_hearing hearing;

static void open_all(void)
{
	council_open(&council);
	council_begin(&council, &known);
}

static void close_all(void)
{
	hf_known_done(&known);
	council_close(&council);
}

TestSuite(parts_waiting, .init = open_all, .fini = close_all);

static struct hf_envelope *part(int64_t version, struct hf_register_place place, unsigned who)
{
	struct hf_register doc = council_register_doc();

	doc.version = version;
	doc.place = place;
	doc.accounts += place.part - 1;
	doc.n_accounts = place.part == 1 ? 1 : doc.n_accounts - 1;
	doc.n_tools = place.part == 1 ? 0 : doc.n_tools;
	return council_register(&council, &doc, who);
}

static struct pair pair_of(int64_t version, unsigned who)
{
	struct hf_register_place first = {.part = 1, .parts = 2};
	struct pair pair;

	pair.two = part(version, (struct hf_register_place){.part = 2, .parts = 2}, who);
	first.rest[0] = pair.two->digest;
	pair.one = part(version, first, who);
	return pair;
}

static void pair_done(struct pair *pair)
{
	hf_envelope_free(&pair->one);
	hf_envelope_free(&pair->two);
}

#define auto_pair __attribute__((cleanup(pair_done)))

static enum hf_rc hear(const struct hf_envelope *envelope)
{
	return council_hear(&known, envelope, &hearing);
}

/* A trust of epoch 2 that sets this aside, if it is not NULL; without comms-1 if `left`. */
static enum hf_rc hear_trust(const struct hf_digest *aside, int64_t from_version, bool left)
{
	struct hf_trust trust = council_trust_doc(&council);
	hf_auto_envelope struct hf_envelope *next = NULL;

	trust.epoch = 2;
	if (aside)
		trust.voids[trust.n_voids++] = (struct hf_void){*aside, from_version};
	if (left)
		trust.people[0].keys[0] = council_pub(&council, STRANGER), trust.people[0].n_keys = 1;
	next = council_trust(&council, &trust, ROOT_1 | ROOT_2);
	return hear(next);
}

Test(parts_waiting, nothing_is_told_or_changed_until_it_is_whole)
{
	auto_pair struct pair next = pair_of(2, TWO);

	cr_assert_eq(hear(next.two), HF_OK);
	cr_expect_not(hearing.grew);
	cr_expect_eq(known.reg->version, 1, "D2.1: the one before stays in force");
	cr_assert_eq(hear(next.one), HF_OK);
	cr_expect(hearing.grew);
	cr_expect_eq(known.reg->version, 2);
	cr_expect_eq(hf_digest_cmp(&known.reg->digest, &next.one->digest), 0, "it is named by its part 1");
	cr_expect_eq(known.reg->n_accounts, council_register_doc().n_accounts, "all parts are one");
	cr_expect_eq(hear(council.reg), HF_E_ROLLBACK);
}

Test(parts_waiting, a_part_that_one_approved_does_not_count)
{
	auto_pair struct pair next = pair_of(2, TWO), alone = pair_of(2, COMMS_1);

	cr_assert_eq(hear(next.one), HF_OK);
	cr_expect_eq(hear(alone.two), HF_E_TOO_FEW, "D2.1");
	cr_expect_eq(known.reg->version, 1);
}

Test(parts_waiting, parts_that_do_not_belong_together_are_told_and_let_go)
{
	auto_pair struct pair later = pair_of(3, TWO);
	struct hf_register_place place = {.part = 1, .parts = 2, .rest = {later.two->digest}};
	hf_auto_envelope struct hf_envelope *liar = part(2, place, TWO);

	cr_assert_eq(hear(liar), HF_OK, "its part is not here yet");
	cr_assert_eq(hear(later.two), HF_OK, "attack: a part of version 3 under a part 1 of version 2");
	cr_assert_eq(hearing.n_refused, 1);
	cr_expect_eq(hearing.refused[0].rc, HF_E_MISMATCH);
	cr_expect_eq(hf_digest_cmp(&hearing.refused[0].digest, &liar->digest), 0);
	cr_expect_eq(hear(liar), HF_E_MISMATCH, "and again");
	cr_expect_eq(known.reg->version, 1);
	cr_assert_eq(hear(later.one), HF_OK);
	cr_expect_eq(known.reg->version, 3, "the part itself is not harmed by it");
}

Test(parts_waiting, what_is_in_force_comes_back_from_disk_and_what_waits_does_not)
{
	auto_pair struct pair next = pair_of(2, TWO), later = pair_of(3, TWO);
	hf_auto_known struct hf_known back = {0};
	hf_auto_json json_t *json = NULL;
	struct hf_err err = {""};

	cr_assert_eq(hear(next.one), HF_OK);
	cr_assert_eq(hear(next.two), HF_OK);
	cr_assert_eq(hear(later.one), HF_OK);
	json = hf_known_encode(&known);
	cr_assert_eq(hf_known_decode(json, &back, &err), HF_OK, "%s", err.text);
	cr_expect_eq(hf_digest_cmp(&back.reg->digest, &next.one->digest), 0);
	cr_expect_eq(back.reg->n_accounts, known.reg->n_accounts);
	cr_expect_eq(back.parts.n, 2, "what waits is asked for again");
	cr_assert_eq(council_hear(&back, later.two, NULL), HF_OK);
	cr_expect_eq(back.reg->version, 2);
	cr_assert_eq(council_hear(&back, later.one, NULL), HF_OK);
	cr_expect_eq(back.reg->version, 3);
	json_object_del(json, "register_parts");
	hf_known_done(&back);
	cr_expect_eq(hf_known_decode(json, &back, &err), HF_E_SHAPE, "Failing: a memory that is not whole is none");
}

Test(parts_waiting, the_roots_set_the_whole_aside_by_its_part_1)
{
	auto_pair struct pair last = pair_of(HF_JSON_INT_MAX, TWO), next = pair_of(6, TWO);

	cr_assert_eq(hear(last.one), HF_OK);
	cr_assert_eq(hear(last.two), HF_OK);
	cr_expect_eq(hear(next.one), HF_E_ROLLBACK, "attack: the highest version there is");
	cr_assert_eq(hear_trust(&last.one->digest, 6, false), HF_OK);
	cr_expect_eq(known.reg->version, HF_JSON_INT_MAX, "it stays until a successor is whole");
	cr_assert_eq(hear(next.one), HF_OK);
	cr_expect_eq(known.reg->version, HF_JSON_INT_MAX);
	cr_assert_eq(hear(next.two), HF_OK);
	cr_expect_eq(known.reg->version, 6);
	cr_expect_eq(hear(last.one), HF_E_VOID);
}

Test(parts_waiting, a_register_whose_other_part_is_named_by_the_roots_is_not_set_aside)
{
	auto_pair struct pair next = pair_of(4, TWO);
	hf_auto_envelope struct hf_envelope *lower = part(3, (struct hf_register_place){1, 1, {{{0}}}}, TWO);

	cr_assert_eq(hear(next.one), HF_OK);
	cr_assert_eq(hear(next.two), HF_OK);
	cr_assert_eq(hear_trust(&next.two->digest, 1, false), HF_OK);
	cr_expect_eq(hear(lower), HF_E_ROLLBACK, "When people change: the digest of part 1 is the register's");
	cr_expect_eq(known.reg->version, 4);
}

Test(parts_waiting, what_waits_goes_with_the_keys_that_approved_it)
{
	auto_pair struct pair next = pair_of(2, TWO);

	cr_assert_eq(hear(next.one), HF_OK);
	cr_assert_eq(hear_trust(NULL, 0, true), HF_OK);
	cr_expect_eq(known.parts.n, 1, "the one in force stays, though comms-1 approved it");
	cr_expect_neq(hear(next.two), HF_OK);
	cr_expect_eq(known.reg->version, 1);
}

/* proto/README.md "Register": whoever comes new believes a register of a leaver's if the roots affirm each part of it. */
Test(parts_waiting, what_the_roots_affirm_is_whole_only_if_they_affirm_each_part)
{
	auto_pair struct pair next = pair_of(2, TWO);
	struct hf_digest both[] = {next.one->digest, next.two->digest};

	for (size_t n = 0; n <= 2; n++) {
		hf_auto_known struct hf_known fresh = {0};
		struct hf_trust trust = council_trust_doc(&council);
		hf_auto_envelope struct hf_envelope *newest = NULL;

		trust.epoch = 2;
		trust.people[0].keys[0] = council_pub(&council, STRANGER), trust.people[0].n_keys = 1;
		trust.affirmed = both;
		trust.n_affirmed = n;
		newest = council_trust(&council, &trust, ROOT_1 | ROOT_2);
		council_begin(&council, &fresh);
		cr_assert_eq(council_hear(&fresh, newest, NULL), HF_OK);
		cr_expect_eq(council_hear(&fresh, next.one, NULL) == HF_OK, n > 0, "part 1, %zu affirmed", n);
		cr_expect_eq(council_hear(&fresh, next.two, NULL) == HF_OK, n > 1, "part 2, %zu affirmed", n);
		cr_expect_eq(fresh.reg->version, n == 2 ? 2 : 1, "%zu affirmed", n);
	}
}

Test(parts_waiting, parts_that_are_never_whole_take_no_more_than_their_room)
{
	auto_pair struct pair next = pair_of(2, TWO), best = pair_of(HF_JSON_INT_MAX, TWO);

	cr_assert_eq(hear(next.one), HF_OK);
	for (int64_t i = 0; i < FLOOD; i++) {
		auto_pair struct pair other = pair_of(10 + i, TWO);

		cr_assert_eq(hear(other.one), HF_OK);
	}
	cr_expect_eq(known.parts.n, HF_PARTS_WAITING_MAX + known.parts.n_in_force);
	cr_expect_eq(known.reg->version, 1, "attack by two of accounts: the one in force stays");
	cr_expect_eq(hear(next.one), HF_E_SIZE, "it is told");
	cr_assert_eq(hear(best.two), HF_OK);
	cr_assert_eq(hear(best.one), HF_OK, "the highest version always has room");
	cr_expect_eq(known.reg->version, HF_JSON_INT_MAX);
	cr_expect_eq(known.parts.n, 2, "and what cannot follow it is let go");
}
