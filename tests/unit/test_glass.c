/* SPDX-License-Identifier: MIT */
/*
 * Owns break-glass on one device, with a real keeper and clocks that the test sets: when two halves open it, and when not.
 * Must never let a slot open twice, or a reboot, a clock, a full disk or a lost memory open anything. Documents are in proto/vectors.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/help/device.h"
#include "tests/help/folder.h"

#define ME DEVICE_COMMS_2
#define MINUTES(n) ((n) * (int64_t)60000)
#define SIDE_A COMMS_1
#define SIDE_B MONITORING_1

static struct device *d;
static struct hf_envelope *raise;
static struct hf_key *keys[HF_GLASS_SIDES]; /* of the sides */
static struct hf_trust trust;

static struct hf_glass_slot slot_of(enum hf_glass_side side, int64_t set, int64_t slot)
{
	return (struct hf_glass_slot){COUNCIL_NAME, COUNCIL_DEVICE, council_pub(&d->council, DEVICE), side, set, slot};
}

/* What a test does to one side's document before it is signed. */
struct change {
	int64_t set, issued, until, minutes;
};

static void prepare(enum hf_glass_side side, struct change how)
{
	struct hf_digest verifiers[2];
	struct hf_glass doc = {.council = COUNCIL_NAME,
			       .device = COUNCIL_DEVICE,
			       .pub = council_pub(&d->council, DEVICE),
			       .side = side,
			       .set = how.set ? how.set : 1,
			       .issued = {how.issued ? how.issued : COUNCIL_T},
			       .until = {how.until ? how.until : COUNCIL_T + 300 * 86400},
			       .minutes = how.minutes ? how.minutes : 10,
			       .verifiers = verifiers,
			       .n_verifiers = HF_LEN(verifiers)};
	struct hf_envelope *envelope;

	cr_assert_eq(hf_glass_people(d->keeper->memory.known.trust, &doc.people), HF_OK);
	for (size_t i = 0; i < doc.n_verifiers; i++) {
		struct hf_glass_slot slot = slot_of(side, doc.set, (int64_t)i + 1);
		struct hf_glass_half half;

		cr_assert_eq(hf_glass_derive(keys[side], &slot, &half), HF_OK);
		cr_assert_eq(hf_glass_verifier(&half, &slot, &verifiers[i]), HF_OK);
	}
	envelope = council_sign(&d->council, HF_DOC_GLASS, hf_glass_encode(&doc), side == HF_GLASS_A ? SIDE_A : SIDE_B);
	device_hear_envelope(side == HF_GLASS_A ? "device/" COUNCIL_DEVICE "/glass/1" : "device/" COUNCIL_DEVICE "/glass/2", envelope);
	hf_envelope_free(&envelope);
}

static void prepare_both(struct change how)
{
	prepare(HF_GLASS_A, how);
	prepare(HF_GLASS_B, how);
}

static void hear_trust(int64_t epoch, size_t n_people)
{
	static const char *a[] = {"comms"}, *b[] = {"monitoring"};
	struct hf_envelope *envelope;
	char topic[32];

	trust = council_trust_doc(&d->council);
	trust.epoch = epoch;
	trust.n_people = n_people;
	trust.rules[trust.n_rules++] = (struct hf_rule){.kind = HF_RULE_GLASS, .act = HF_RULE_A, .roles = {a, 1}, .need = 1};
	trust.rules[trust.n_rules++] = (struct hf_rule){.kind = HF_RULE_GLASS, .act = HF_RULE_B, .roles = {b, 1}, .need = 1};
	envelope = council_trust(&d->council, &trust, ROOT_1 | ROOT_2);
	snprintf(topic, sizeof(topic), "trust/%lld", (long long)epoch);
	device_hear_envelope(topic, envelope);
	hf_envelope_free(&envelope);
}

static void set_up(void)
{
	const uint8_t seeds[HF_GLASS_SIDES][32] = {{'a'}, {'b'}};
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

	d = device_open(1, NULL);
	for (int side = 0; side < HF_GLASS_SIDES; side++)
		cr_assert_eq(hf_key_from_seed(seeds[side], &keys[side]), HF_OK);
	hear_trust(2, COUNCIL_PEOPLE);
	raise = council_order(&d->council, &order, COMMS_1);
	device_hear(&raise, 1, NULL, 0);
	cr_assert(device_n_shut() > 0);
}

static void tear_down(void)
{
	hf_envelope_free(&raise);
	for (int side = 0; side < HF_GLASS_SIDES; side++)
		hf_key_free(&keys[side]);
	device_close();
}

TestSuite(glass, .init = set_up, .fini = tear_down);

static void half_text(enum hf_glass_side side, int64_t set, int64_t slot, char text[HF_GLASS_HALF_SIZE])
{
	struct hf_glass_slot which = slot_of(side, set, slot);
	struct hf_glass_half half;

	cr_assert_eq(hf_glass_derive(keys[side], &which, &half), HF_OK);
	memcpy(text, half.text, HF_GLASS_HALF_SIZE);
}

static void stop_when_worked_out(void *arg, uint32_t events)
{
	struct hf_watch **timer = arg;

	(void)events;
	if (!d->keeper->glass.trial)
		hf_loop_stop(d->loop);
	else
		cr_assert_eq(hf_timer_arm(*timer, 5), HF_OK);
}

/* Returns what the agent refused at once, or what came of it: "ok" it is open. */
static const char *type_text(const char *text)
{
	struct hf_question question = {.ask = HF_ASK_GLASS};
	hf_auto_json json_t *answer = NULL;
	struct hf_watch *timer = NULL;
	enum hf_rc rc;

	cr_assert_eq(hf_str_copy(question.text, sizeof(question.text), text), HF_OK);
	answer = hf_keeper_answer(d->keeper, ME, &question);
	rc = hf_refusal_of(answer, NULL);
	if (rc != HF_OK)
		return hf_rc_name(rc);
	cr_assert_str_eq(json_string_value(json_object_get(answer, "state")), "trying");
	cr_assert_eq(hf_loop_add_timer(d->loop, stop_when_worked_out, &timer, &timer), HF_OK);
	cr_assert_eq(hf_timer_arm(timer, 5), HF_OK);
	cr_assert_eq(hf_loop_run(d->loop, NULL), HF_OK);
	hf_watch_remove(&timer);
	device_beat();
	return hf_rc_name(d->keeper->glass.last);
}

static const char *type_halves(int64_t set, int64_t slot)
{
	char a[HF_GLASS_HALF_SIZE], b[HF_GLASS_HALF_SIZE], text[2 * HF_GLASS_HALF_SIZE];

	half_text(HF_GLASS_A, set, slot, a);
	half_text(HF_GLASS_B, set, slot, b);
	snprintf(text, sizeof(text), "%s%s", a, b);
	return type_text(text);
}

/* Right ones of a set that nobody made: as good as any wrong ones. */
static void wrong_tries(int n)
{
	for (int i = 0; i < n; i++)
		cr_assert_str_eq(type_halves(9, 1), "signature", "wrong try %d", i);
}

/* "Break-glass": Opening. */
Test(glass, two_halves_open_it_after_half_an_hour_for_its_minutes_and_once)
{
	prepare_both((struct change){.minutes = 10});
	device_pass_time(MINUTES(29));
	cr_expect_str_eq(type_halves(1, 1), "pending", "not yet");
	device_pass_time(MINUTES(2));
	cr_expect_str_eq(type_halves(1, 2), "signature", "attack: another slot");
	cr_expect_str_eq(type_halves(1, 1), "ok");
	cr_expect_eq(device_n_shut(), 0);
	cr_expect(device_report()->glass.open && device_report()->glass.slot == 1 && device_report()->glass.wrong == 1);
	cr_expect_eq(device_report()->lockdowns[0].standing, HF_STANDING_RECEIVED, "nothing of it is enforced");
	cr_expect_eq(d->keeper->memory.known.orders.n, 1, "an exception to the plan, never to the set");
	device_pass_time(MINUTES(9));
	cr_expect_eq(device_n_shut(), 0);
	device_pass_time(MINUTES(2));
	cr_expect(device_n_shut() > 0, "its minutes are up");
	cr_expect(!device_report()->glass.open && device_report()->glass.slot == 1);
	cr_expect_str_eq(type_halves(1, 1), "signature", "attack: the slot again");
	cr_expect_str_eq(type_halves(1, 2), "ok", "the next");
	device_pass_time(MINUTES(11));
	cr_expect_str_eq(type_halves(1, 2), "absent", "all are used");
}

Test(glass, a_fresh_state_ends_it_at_once_and_half_an_hour_begins_anew)
{
	prepare_both((struct change){.minutes = 10});
	device_pass_time(MINUTES(31));
	cr_assert_str_eq(type_halves(1, 1), "ok");
	device_hear(&raise, 1, NULL, 0);
	cr_expect(device_n_shut() > 0);
	cr_expect_str_eq(type_halves(1, 2), "pending");
	device_pass_time(MINUTES(31));
	cr_expect_str_eq(type_halves(1, 2), "ok");
}

/* Attack: the power is cut, the agent is killed. */
Test(glass, a_reboot_shuts_it_and_a_new_life_does_not)
{
	prepare_both((struct change){.minutes = 10});
	device_pass_time(MINUTES(31));
	cr_assert_str_eq(type_halves(1, 1), "ok");
	device_restart();
	cr_expect_eq(device_n_shut(), 0, "the same boot: its minutes go on");
	device_reboot();
	cr_expect(device_n_shut() > 0);
	cr_expect_str_eq(type_halves(1, 2), "pending", "half an hour of each life");
	device_pass_time(MINUTES(31));
	cr_expect_str_eq(type_halves(1, 1), "signature", "the slot is used in every boot");
	cr_expect_str_eq(type_halves(1, 2), "ok");
}

Test(glass, five_wrong_tries_wait_through_restarts_and_reboots)
{
	prepare_both((struct change){0});
	device_pass_time(MINUTES(31));
	wrong_tries(3);
	device_restart();
	device_pass_time(MINUTES(31));
	wrong_tries(2);
	cr_expect_str_eq(type_halves(1, 1), "pending", "the right ones, too");
	device_pass_time(MINUTES(14));
	cr_expect_str_eq(type_halves(1, 1), "pending");
	device_restart();
	d->keeper->glass.fresh.ms -= MINUTES(60); /* as if this life were as old */
	cr_expect_str_eq(type_halves(1, 1), "pending", "a new life waits on");
	device_reboot();
	d->keeper->glass.fresh.ms -= MINUTES(60);
	device_pass_time(MINUTES(14));
	cr_expect_str_eq(type_halves(1, 1), "pending", "another boot waits anew");
	device_pass_time(MINUTES(2));
	cr_expect_str_eq(type_halves(1, 1), "ok");
	cr_expect_eq(device_report()->glass.wrong, 5);
}

/* Attack: killed between: the try is on disk before anybody looks. */
Test(glass, a_try_that_was_cut_off_has_counted)
{
	struct hf_question question = {.ask = HF_ASK_GLASS};
	char a[HF_GLASS_HALF_SIZE], b[HF_GLASS_HALF_SIZE];
	json_t *answer;

	prepare_both((struct change){0});
	device_pass_time(MINUTES(31));
	half_text(HF_GLASS_A, 1, 1, a);
	half_text(HF_GLASS_B, 1, 1, b);
	snprintf(question.text, sizeof(question.text), "%s%s", b, a);
	answer = hf_keeper_answer(d->keeper, ME, &question);
	cr_assert(answer && d->keeper->glass.trial);
	cr_expect_eq(hf_refusal_of(answer, NULL), HF_OK);
	json_decref(answer);
	answer = hf_keeper_answer(d->keeper, ME, &question);
	cr_expect_eq(hf_refusal_of(answer, NULL), HF_E_PENDING, "one at a time");
	json_decref(answer);
	device_restart();
	cr_expect_eq(d->keeper->memory.glass.tries, 1);
	cr_expect(device_n_shut() > 0);
}

Test(glass, a_full_disk_opens_nothing)
{
	prepare_both((struct change){0});
	device_pass_time(MINUTES(31));
	device_disk(false);
	cr_expect_str_eq(type_halves(1, 1), "system");
	cr_expect(device_n_shut() > 0);
	device_disk(true);
	cr_expect_eq(d->keeper->memory.glass.tries, 0, "nor does it count");
	cr_expect_str_eq(type_halves(1, 1), "ok");
}

/* Attack: the wall clock is set. */
Test(glass, clocks_that_are_set_open_nothing)
{
	prepare_both((struct change){.until = COUNCIL_T + 86400});
	device_pass_time(MINUTES(31));
	d->wall.s = COUNCIL_T - 86400;
	cr_expect_str_eq(type_halves(1, 1), "rollback", "behind what the council has said");
	d->wall.s = COUNCIL_T + 86401;
	cr_expect_str_eq(type_halves(1, 1), "void", "past its end");
	d->wall.s = COUNCIL_T + 86400;
	cr_expect_str_eq(type_halves(1, 1), "ok", "its last second");
	d->wall.s = COUNCIL_T;
	device_beat();
	cr_expect_eq(device_n_shut(), 0, "its minutes go by another clock");
}

Test(glass, one_side_alone_other_numbers_and_other_people_open_nothing)
{
	char a[HF_GLASS_HALF_SIZE], text[2 * HF_GLASS_HALF_SIZE];

	device_pass_time(MINUTES(31));
	cr_expect_str_eq(type_halves(1, 1), "absent", "none were made");
	prepare(HF_GLASS_A, (struct change){0});
	cr_expect_str_eq(type_halves(1, 1), "absent", "one side alone");
	half_text(HF_GLASS_A, 1, 1, a);
	snprintf(text, sizeof(text), "%s%s", a, a);
	cr_expect_str_eq(type_text(text), "shape", "twice the same side");
	prepare(HF_GLASS_B, (struct change){.set = 2});
	cr_expect_str_eq(type_halves(1, 1), "pending", "two numbers");
	prepare(HF_GLASS_A, (struct change){.set = 2});
	cr_expect_str_eq(type_halves(1, 1), "signature", "attack: halves of the set before");
	hear_trust(3, COUNCIL_PEOPLE - 1); /* without IT: those of the sides stay */
	cr_expect_str_eq(type_halves(2, 1), "ok", "others may change");
	device_pass_time(MINUTES(11));
	hear_trust(4, 2); /* monitoring-1 has left */
	cr_expect_str_eq(type_halves(2, 2), "mismatch");
	cr_expect(device_n_shut() > 0);
}

/* Attack: the memory that says which slots are used is deleted. */
Test(glass, after_a_loss_halves_of_before_open_nothing)
{
	prepare_both((struct change){0});
	device_pass_time(MINUTES(31));
	cr_assert_str_eq(type_halves(1, 1), "ok");
	device_pass_time(MINUTES(11));
	device_kill();
	test_folder_remove(d->state);
	cr_assert_eq(device_start(), HF_OK);
	hear_trust(2, COUNCIL_PEOPLE);
	device_hear(&raise, 1, NULL, 0);
	prepare_both((struct change){0});
	device_pass_time(MINUTES(31));
	cr_expect_str_eq(type_halves(1, 1), "other-lockdown", "it does not know what is in force");
	device_recover(&raise, 1, COMMS_1 | MONITORING_1);
	cr_assert(!d->keeper->memory.unknown);
	cr_expect_str_eq(type_halves(1, 1), "void", "the slot that is forgotten");
	prepare_both((struct change){.set = 2, .issued = COUNCIL_T + 1000});
	cr_expect_str_eq(type_halves(2, 1), "ok", "new ones do");
}

Test(glass, nobody_else_may_type_and_an_open_device_has_no_use_for_it)
{
	struct hf_question question = {.ask = HF_ASK_GLASS, .text = "x"};
	hf_auto_json json_t *answer = NULL;
	struct hf_digest id = raise->digest;
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	struct hf_envelope *release = council_order(&d->council, &order, COMMS_1 | MONITORING_1);

	prepare_both((struct change){0});
	answer = hf_keeper_answer(d->keeper, 4242, &question);
	cr_expect_eq(hf_refusal_of(answer, NULL), HF_E_STRANGER);
	device_hear(&release, 1, NULL, 0);
	device_pass_time(MINUTES(31));
	cr_expect_eq(device_n_shut(), 0);
	cr_expect_str_eq(type_halves(1, 1), "absent", "nothing is shut");
	hf_envelope_free(&release);
}

/* How people type. */
Test(glass, what_is_typed_is_read_as_it_was_meant)
{
	static const struct {
		const char *what;
		const char *typed;
		enum hf_rc want;
	} rows[] = {
		{"nothing", "", HF_E_SIZE},
		{"a sign that none has", "!", HF_E_SHAPE},
		{"the letter U", "U", HF_E_SHAPE},
	};
	struct hf_glass_half halves[HF_GLASS_SIDES], one;
	struct hf_glass_slot slot = slot_of(HF_GLASS_A, 1, 1);
	char a[HF_GLASS_HALF_SIZE], b[HF_GLASS_HALF_SIZE], shown[HF_GLASS_SHOWN_SIZE], text[80];

	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_glass_read(rows[i].typed, halves, NULL), rows[i].want, "%s", rows[i].what);
	half_text(HF_GLASS_A, 1, 1, a);
	half_text(HF_GLASS_B, 1, 1, b);
	cr_assert_eq(hf_glass_derive(keys[HF_GLASS_A], &slot, &one), HF_OK);
	hf_glass_shown(&one, shown);
	cr_expect_eq(strlen(shown), 16, "%s", shown);
	snprintf(text, sizeof(text), " %s  %s ", b, shown);
	for (char *c = text; *c; c++)
		*c = *c == '0' ? 'o' : *c == '1' ? 'l' : *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
	cr_expect_eq(hf_glass_read(text, halves, NULL), HF_OK, "%s", text);
	cr_expect_str_eq(halves[HF_GLASS_A].text, a);
	cr_expect_str_eq(halves[HF_GLASS_B].text, b);
}

/* The check sees every wrong character, and every two neighbours that change places. */
Test(glass, one_slip_is_always_seen)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct hf_glass_half halves[HF_GLASS_SIDES];
	char a[HF_GLASS_HALF_SIZE], b[HF_GLASS_HALF_SIZE], text[2 * HF_GLASS_HALF_SIZE];

	half_text(HF_GLASS_A, 1, 1, a);
	half_text(HF_GLASS_B, 1, 1, b);
	for (size_t i = 0; i < HF_GLASS_HALF_LEN; i++)
		for (const char *c = alphabet; *c; c++) {
			snprintf(text, sizeof(text), "%s%s", a, b);
			text[i] = *c;
			cr_expect_eq(hf_glass_read(text, halves, NULL), a[i] == *c ? HF_OK : HF_E_SHAPE, "%zu %c", i, *c);
		}
	for (size_t i = 0; i + 1 < HF_GLASS_HALF_LEN - 1; i++) {
		snprintf(text, sizeof(text), "%s%s", a, b);
		text[i] = a[i + 1];
		text[i + 1] = a[i];
		cr_expect_eq(hf_glass_read(text, halves, NULL), a[i] == a[i + 1] ? HF_OK : HF_E_SHAPE, "swapped at %zu", i);
	}
}
