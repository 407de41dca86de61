/* SPDX-License-Identifier: MIT */
/*
 * Owns the keeper, on a device whose layer only remembers what it was told, and whose clock the test sets.
 * Must never let a release come before it is written down, or a raise wait for that.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/topic.h>

#include "tests/help/device.h"
#include "tests/help/folder.h"

#define T COUNCIL_T
#define TOOLS 6 /* of the demo council's register */
#define STAFF DEVICE_COMMS_2
#define OTHER DEVICE_COMMS_1

static struct device *d;

static void both_here(struct hf_present *ret_here)
{
	*ret_here = (struct hf_present){.v = {STAFF, OTHER}, .n = 2};
}

static void set_up(void)
{
	d = device_open(0, both_here);
}

TestSuite(keeper, .init = set_up, .fini = device_close);

static void write_file(const char *path, const char *text)
{
	cr_assert_eq(hf_fs_replace(path, text, strlen(text), 0600, NULL), HF_OK);
}

/* What the council says ------------------------------------------------------------------------------------------- */

static struct hf_envelope *raise_of(enum hf_mode mode)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

	order.mode = mode;
	return council_order(&d->council, &order, COMMS_1);
}

static struct hf_envelope *release_of(const struct hf_envelope *raise, enum hf_mode mode, unsigned who)
{
	struct hf_digest id = raise->digest;
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);

	order.mode = mode;
	return council_order(&d->council, &order, who);
}

static void hear_state(int64_t seq, struct hf_envelope **orders, size_t n)
{
	struct hf_state doc = council_state_doc(&d->council, seq, orders, n);
	struct hf_envelope *envelope = council_state(&d->council, &doc, CONTROLLER);

	device_hear_envelope("state/main", envelope);
	hf_envelope_free(&envelope);
}

/* Reports are coalesced for a fifth of a second; tests look at what would be said next. */
static const char *standing(void)
{
	d->keeper->reported_at.ms = 0;
	hf_keeper_report(d->keeper, true);
	cr_assert_not_null(d->report);
	return d->report->n_lockdowns ? hf_standing_name(d->report->lockdowns[0].standing) : "none";
}

static int64_t refused(enum hf_rc reason)
{
	return d->keeper->memory.refused[reason];
}

/* The tests ------------------------------------------------------------------------------------------------------- */

Test(keeper, raise_blocks_at_once_and_all_clear_opens_D9_2_D9_3)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};

	cr_assert_eq(d->layer.n_blocks, 0);
	hear_state(1, orders, 1);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "D9.2: one officer's raise blocks every tool");
	cr_expect_str_eq(standing(), "enforced-verified");
	orders[1] = release_of(orders[0], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	hear_state(2, orders, 2);
	cr_expect_eq(d->layer.n_blocks, 0, "D9.3: the all-clear of two opens");
	cr_expect_str_eq(standing(), "released-verified");
	cr_expect_eq(d->report->state_seq, 2);
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

Test(keeper, done_but_not_seen_is_not_called_verified)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	d->layer.hides = true;
	hear_state(1, &raise, 1);
	cr_expect_str_eq(standing(), "enforced-unverified");
	d->layer.hides = false;
	hf_keeper_look(d->keeper);
	cr_expect_str_eq(standing(), "enforced-verified");
	hf_envelope_free(&raise);
}

/* Is a timer of this process due that soon, and not sooner? A report waits less, a beat longer. */
static bool looks_within(long least_ms, long most_ms)
{
	bool found = false;
	for (int fd = 0; fd < 64; fd++) {
		char path[64];
		long s, ns;
		hf_auto_free char *text = NULL;
		size_t len = 0;
		cr_assert_eq(hf_str_printf(path, sizeof(path), "/proc/self/fdinfo/%d", fd), HF_OK);
		const char *at = hf_fs_read(path, 4096, &text, &len, NULL) == HF_OK ? strstr(text, "it_value: (") : NULL;
		if (at && sscanf(at, "it_value: (%ld, %ld)", &s, &ns) == 2)
			found = found || (s * 1000 + ns / 1000000 >= least_ms && s * 1000 + ns / 1000000 <= most_ms);
	}
	return found;
}

/* Seen on a machine that was out of breath: it held after some seconds, and the report said so with a later beat only. */
Test(keeper, a_layer_that_does_not_hold_yet_is_looked_at_until_it_does)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	for (int fails = 0; fails < 2; fails++) {
		d->layer.fails = fails;
		d->layer.hides = !fails;
		hear_state(1 + fails, &raise, 1);
		hf_keeper_start(d->keeper);
		for (int looks = 0; looks < 20; looks++)
			hf_keeper_look(d->keeper);
		cr_expect(looks_within(5000, 10000), "fails: %d", fails);
	}
	d->layer.fails = d->layer.hides = false;
	hf_keeper_start(d->keeper);
	hf_keeper_look(d->keeper);
	cr_expect_str_eq(standing(), "enforced-verified");
	cr_expect_not(looks_within(1000, 10000), "and rests then");
	hf_envelope_free(&raise);
}

Test(keeper, layer_that_fails_is_told_again_and_not_called_enforced)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	d->layer.fails = true;
	hear_state(1, &raise, 1);
	cr_expect_str_eq(standing(), "received");
	cr_expect_str_eq(hf_layer_state_name(d->report->layers[0].state), "failed");
	cr_expect_str_eq(d->report->layers[0].saw, "it will not");
	d->layer.fails = false;
	hf_keeper_start(d->keeper);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "each beat tells it again");
	cr_expect_str_eq(standing(), "enforced-verified");
	hf_envelope_free(&raise);
}

Test(keeper, full_disk_blocks_at_once_and_opens_only_when_written_down)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};

	device_disk(false);
	hear_state(1, orders, 1);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "a raise is enforced though it cannot be written down");
	cr_expect(d->keeper->dirty, "and is still to be written down");
	device_disk(true);
	hf_keeper_decide(d->keeper);
	cr_expect_not(d->keeper->dirty);
	device_disk(false);
	orders[1] = release_of(orders[0], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	hear_state(2, orders, 2);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "a release waits for the disk");
	cr_expect(d->keeper->waiting && d->keeper->trouble[0], "and the status says so");
	cr_expect_str_eq(standing(), "released-unverified");
	device_disk(true);
	hf_keeper_decide(d->keeper);
	cr_expect_eq(d->layer.n_blocks, 0, "and opens when it is written down");
	cr_expect_not(d->keeper->waiting);
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

Test(keeper, killed_before_the_release_was_written_stays_blocked)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};

	hear_state(1, orders, 1);
	device_disk(false);
	orders[1] = release_of(orders[0], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	hear_state(2, orders, 2);
	device_restart();
	cr_expect_eq(d->layer.n_blocks, TOOLS);
	cr_expect_eq(d->layer.least, TOOLS, "at no moment was it open");
	device_disk(true);
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

Test(keeper, killed_between_writing_a_release_and_opening_opens_after_the_restart)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};

	hear_state(1, orders, 1);
	orders[1] = release_of(orders[0], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	d->layer.fails = true;
	hear_state(2, orders, 2);
	device_kill();
	d->layer.fails = false;
	cr_assert_eq(d->layer.n_blocks, TOOLS, "still blocked when it was killed");
	device_restart();
	cr_expect_eq(d->layer.n_blocks, 0, "the all-clear was written down, so it counts");
	cr_expect_not(d->keeper->memory.unknown);
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

Test(keeper, killed_between_enforcing_a_raise_and_writing_it_stays_blocked)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	device_disk(false);
	hear_state(1, &raise, 1);
	device_restart();
	device_disk(true);
	cr_expect_eq(d->layer.n_blocks, TOOLS);
	cr_expect(d->layer.least > 0, "at no moment was it open");
	cr_expect(d->keeper->memory.unknown, "it does not know why, so it waits for people");
	hear_state(2, &raise, 1);
	cr_expect(d->keeper->memory.unknown, "no controller's word is enough");
	device_recover(&raise, 1, COMMS_1 | MONITORING_1);
	cr_expect_not(d->keeper->memory.unknown);
	cr_expect_str_eq(standing(), "enforced-verified");
	hf_envelope_free(&raise);
}

Test(keeper, raise_is_appended_at_once_and_all_of_it_saved_after)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);
	int64_t saves = d->keeper->memory.saves;

	hear_state(1, &raise, 1);
	cr_expect_not(d->keeper->dirty, "it is on disk");
	cr_expect_eq(d->keeper->memory.saves, saves, "by one short write");
	cr_expect(d->keeper->minor, "and a save is to follow");
	device_restart();
	cr_expect_eq(d->layer.least, TOOLS, "killed in between: at no moment was it open");
	cr_expect_not(d->keeper->memory.unknown, "and it knows why it is shut");
	cr_expect_str_eq(standing(), "enforced-verified");
	hf_envelope_free(&raise);
}

Test(keeper, release_that_was_only_appended_counts_after_a_restart_D9_3)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};
	int64_t saves = d->keeper->memory.saves;

	hear_state(1, orders, 1);
	orders[1] = release_of(orders[0], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	hear_state(2, orders, 2);
	cr_expect_eq(d->layer.n_blocks, 0, "what is appended is written down");
	cr_expect_eq(d->keeper->memory.saves, saves);
	device_restart();
	cr_expect_eq(d->layer.n_blocks, 0);
	cr_expect_str_eq(standing(), "released-verified");
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

Test(keeper, appended_trust_does_not_hide_a_raise_that_was_not_written)
{
	struct hf_trust doc = council_trust_doc(&d->council);
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE), *trust;

	doc.epoch = 2;
	trust = council_trust(&d->council, &doc, ROOT_1 | ROOT_2);
	device_hear_envelope("trust/2", trust);
	cr_expect_eq(d->keeper->memory.known.trust->epoch, 2);
	device_disk(false);
	hear_state(1, &raise, 1);
	device_restart();
	device_disk(true);
	cr_expect(d->layer.least > 0, "D9.2: at no moment was it open");
	cr_expect(d->keeper->memory.unknown, "something is blocked that was not written down");
	hf_envelope_free(&raise);
	hf_envelope_free(&trust);
}

/* clang-format off */
static const struct { const char *what; int64_t s; } clocks[] = {
	{ "as it was", T + 200 }, { "1970", 0 }, { "2000", 946684800 }, { "2039", 2177452800 }, { "9999", HF_WALL_MAX },
};
/* clang-format on */

Test(keeper, restart_at_any_clock_without_network_stays_blocked_D9_2)
{
	struct hf_order purdah = council_raise_doc(HF_KIND_PURDAH);
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE), council_order(&d->council, &purdah, ELECTIONS_1)};

	for (size_t which = 0; which < 2; which++) {
		hear_state((int64_t)which + 1, &orders[which], 1);
		for (size_t i = 0; i < HF_LEN(clocks); i++) {
			d->wall.s = clocks[i].s;
			device_restart();
			cr_expect_eq(d->layer.n_blocks, TOOLS, "order %zu, clock %s", which, clocks[i].what);
			cr_expect_eq(d->layer.least, TOOLS, "order %zu, clock %s: at no moment open", which,
				     clocks[i].what);
		}
		d->wall.s = T + 200;
	}
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

Test(keeper, clock_that_jumps_while_running_opens_nothing)
{
	struct hf_order purdah = council_raise_doc(HF_KIND_PURDAH);
	struct hf_envelope *order = council_order(&d->council, &purdah, ELECTIONS_1);

	hear_state(1, &order, 1);
	for (size_t i = 0; i < HF_LEN(clocks); i++) {
		d->wall.s = clocks[i].s;
		hf_keeper_decide(d->keeper);
		cr_expect_eq(d->layer.n_blocks, TOOLS, "D10: time alone never unlocks; clock %s", clocks[i].what);
	}
	hf_envelope_free(&order);
}

Test(keeper, purdah_begins_by_itself_without_network_D10)
{
	struct hf_order purdah = council_raise_doc(HF_KIND_PURDAH);
	struct hf_envelope *order;

	purdah.body.from.s = T + 5000;
	order = council_order(&d->council, &purdah, ELECTIONS_1);
	hear_state(1, &order, 1);
	cr_expect_eq(d->layer.n_blocks, 0, "planned");
	d->wall.s = T + 5000;
	device_restart();
	cr_expect_eq(d->layer.n_blocks, TOOLS, "D10: it starts by itself, offline");
	d->wall.s = 0;
	device_restart();
	cr_expect_eq(d->layer.n_blocks, TOOLS, "attack: a clock set back does not undo a beginning");
	hf_envelope_free(&order);
}

static bool shut_for(uid_t uid)
{
	for (size_t i = 0; i < d->layer.first.n_open_for; i++) {
		if (d->layer.first.open_for[i] == uid)
			return false;
	}
	return d->layer.n_blocks > 0;
}

static void forget(void)
{
	char path[PATH_MAX];

	device_kill();
	unlink(test_path(path, d->state, "slot-0"));
	unlink(test_path(path, d->state, "slot-1"));
}

Test(keeper, memory_deleted_after_enrolment_locks_until_people_say_what_holds)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	hear_state(1, &raise, 1);
	forget();
	device_restart();
	cr_expect_eq(d->layer.n_blocks, TOOLS, "what was known is lost: all is blocked");
	cr_expect_eq(d->layer.least, TOOLS, "at no moment open");
	cr_expect(d->keeper->memory.unknown);
	cr_expect(d->n_asks > 0, "it asks");
	standing();
	cr_expect(d->report->unknown, "and reports it");
	device_restart();
	cr_expect(d->keeper->memory.unknown, "also after another restart");
	d->wall.s = T + 100;
	hear_state(2, NULL, 0);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "attack: a fresh and empty state of a stolen controller key");
	cr_expect(d->keeper->memory.unknown);
	device_recover(&raise, 1, COMMS_1);
	cr_expect(d->keeper->memory.unknown, "attack: one officer alone");
	device_recover(&raise, 1, IT_1 | COMMS_1);
	cr_expect(d->keeper->memory.unknown, "attack: who has hold of the device");
	device_recover(&raise, 1, COMMS_1 | MONITORING_1);
	cr_expect(d->keeper->memory.unknown, "not before every order that they name is held");
	hear_state(3, &raise, 1);
	cr_expect_not(d->keeper->memory.unknown, "their word was kept, and now all of it is held");
	cr_expect_eq(d->layer.n_blocks, TOOLS, "D9.2: the lockdown");
	hf_envelope_free(&raise);
}

Test(keeper, memory_deleted_while_nothing_is_in_force_opens_by_the_word_of_two)
{
	struct hf_digest first;

	forget();
	device_restart();
	cr_expect_eq(d->layer.n_blocks, TOOLS);
	first = d->keeper->memory.nonce;
	device_restart();
	cr_expect_neq(hf_digest_cmp(&first, &d->keeper->memory.nonce), 0, "killed, it may have lost a raise that it heard");
	device_recover(NULL, 0, COMMS_1 | COMMS_2);
	cr_expect_eq(d->layer.n_blocks, 0, "two officers say that nothing is in force; no controller was heard");
	device_restart();
	cr_expect_eq(d->layer.n_blocks, 0, "and that is written down");
}

Test(keeper, a_designated_officer_stays_open_on_a_device_that_lost_what_it_knew_D9_1)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	d->rank = 1; /* people whom this machine knows */
	device_enrol();
	forget();
	device_restart();
	cr_expect(shut_for(0), "everybody else");
	cr_expect_not(shut_for(STAFF), "D9.1: who may raise an emergency and holds an account");
	standing();
	cr_assert(d->report->unknown && d->report->has_nonce);
	cr_expect(hf_strs_has(&d->report->open_for, "comms-2"), "and it is said");
	hear_state(1, &raise, 1);
	cr_expect(shut_for(STAFF), "what is known to hold binds them as ever: this raise exempts nobody");
	hf_envelope_free(&raise);
}

Test(keeper, a_word_on_an_earlier_loss_does_not_end_a_later_one)
{
	struct hf_digest first, second;

	forget();
	device_restart();
	first = d->keeper->memory.nonce;
	forget();
	device_restart();
	second = d->keeper->memory.nonce;
	cr_assert_neq(hf_digest_cmp(&first, &second), 0);
	d->keeper->memory.nonce = first; /* device_recover writes about this one */
	d->keeper->memory.unknown = false;
	device_recover(NULL, 0, COMMS_1 | COMMS_2);
	d->keeper->memory.nonce = second;
	d->keeper->memory.unknown = true;
	device_beat();
	cr_expect(d->keeper->memory.unknown);
	cr_expect_eq(d->layer.n_blocks, TOOLS);
}

static size_t n_told(void)
{
	hf_auto_json json_t *view =
		hf_keeper_answer(d->keeper, DEVICE_COMMS_2, &(struct hf_question){.ask = HF_ASK_STATUS});

	return json_array_size(json_object_get(view, "attention"));
}

/* "attack": who takes the two that are read first away is not seen by the device's own log alone. */
Test(keeper, a_third_copy_that_stood_in_is_reported)
{
	hf_auto_envelope struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	d->third = true;
	device_restart();
	hear_state(1, &raise, 1);
	cr_expect(device_report()->restored.s == 0 && n_told() == 0, "all is as it was");
	device_pass_time(60000); /* all of it is saved */
	d->wall.s = 5;		 /* and the clock is set back, so that it were long ago */
	forget();
	device_restart();
	cr_expect_not(device_report()->unknown, "nothing was forgotten");
	cr_expect_eq(d->layer.n_blocks, TOOLS, "D9.2: it holds what held");
	cr_expect_eq(d->report->restored.s, d->keeper->memory.known.issued.s, "by the later clock");
	cr_expect_eq(n_told(), 1, "and its people can tell IT");
	device_pass_time(60000);
	d->wall.s = d->report->restored.s + HF_LOSS_SAID_S;
	device_restart();
	cr_expect_gt(device_report()->restored.s, 0, "the next life says it, too");
	cr_expect_eq(n_told(), 1);
	d->wall.s++;
	cr_expect_eq(n_told(), 0, "not for ever");
}

Test(keeper, memory_damaged_in_both_slots_locks)
{
	char path[PATH_MAX];

	device_kill();
	write_file(test_path(path, d->state, "slot-0"), "rubbish");
	write_file(test_path(path, d->state, "slot-1"), "rubbish");
	device_restart();
	cr_expect_eq(d->layer.n_blocks, TOOLS);
	cr_expect(d->keeper->memory.unknown);
}

Test(keeper, without_enrolment_and_memory_it_does_not_start_and_releases_nothing)
{
	forget();
	d->layer.n_blocks = 3;
	d->layer.least = SIZE_MAX;
	cr_assert_eq(unlink(d->enrolment), 0);
	cr_expect_eq(device_start(), HF_E_ABSENT);
	cr_expect(d->layer.n_blocks == 3 && d->layer.least == SIZE_MAX, "what is blocked stays blocked");
}

/* clang-format off */
static const struct forgery {
	const char *what;
	unsigned who;
	bool other, altered;
	enum hf_rc reason;
} forgeries[] = {
	{ "release without approval",              NOBODY, false, false, HF_E_UNSIGNED },
	{ "release by one alone",                  COMMS_1, false, false, HF_E_TOO_FEW },
	{ "release by two keys of one person",     COMMS_1 | COMMS_1_SECOND, false, false, HF_E_TOO_FEW },
	{ "release by a wrong role",               COMMS_1 | ELECTIONS_1, false, false, HF_E_ROLE },
	{ "release by a stranger",                 STRANGER, false, false, HF_E_STRANGER },
	{ "release by the controller itself",      CONTROLLER, false, false, HF_E_STRANGER },
	{ "release of another lockdown, not counted", COMMS_1 | MONITORING_1, true, false, HF_OK },
	{ "release altered after its approval",    COMMS_1 | MONITORING_1, false, true, HF_E_SIGNATURE },
};
/* clang-format on */

Test(keeper, controller_that_lies_opens_nothing_D9_2)
{
	for (size_t i = 0; i < HF_LEN(forgeries); i++) {
		const struct forgery *f = &forgeries[i];
		struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};
		int64_t before = refused(f->reason);

		orders[1] = f->other ? release_of(d->council.trust, HF_MODE_LIVE, f->who)
				     : release_of(orders[0], HF_MODE_LIVE, f->who);
		if (f->altered)
			for (size_t s = 0; s < orders[1]->n_signatures; s++)
				orders[1]->signatures[s].sig[40] ^= 1;
		hear_state((int64_t)i + 1, orders, 2);
		cr_expect_eq(d->layer.n_blocks, TOOLS, "attack: %s", f->what);
		cr_expect_eq(refused(f->reason), before + (f->reason != HF_OK), "attack: %s is counted as %s", f->what,
			     hf_rc_name(f->reason));
		standing();
		cr_expect(d->report->n_refused > 0, "and reported");
		hf_envelope_free(&orders[0]);
		hf_envelope_free(&orders[1]);
	}
}

Test(keeper, replayed_older_states_change_nothing)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};

	hear_state(1, NULL, 0);
	hear_state(2, orders, 1);
	hear_state(1, NULL, 0);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "attack: the state from before the raise");
	cr_expect_eq(refused(HF_E_ROLLBACK), 1, "is counted as rollback");
	orders[1] = release_of(orders[0], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	hear_state(3, orders, 2);
	hear_state(2, orders, 1);
	cr_expect_eq(d->layer.n_blocks, 0, "attack: the state from before the release locks nobody again");
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

/* A stolen controller key signs a very high number, so that every true state after it counts as an older one. */
Test(keeper, number_driven_up_by_an_attacker_holds_no_order_back_D9_2_D9_3)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_LIVE)};

	hear_state(1000000, NULL, 0);
	hear_state(2, orders, 1);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "the raise in a state of lower number blocks");
	orders[1] = release_of(orders[0], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	hear_state(3, orders, 2);
	cr_expect_eq(d->layer.n_blocks, 0, "the proven release in a state of lower number opens");
	cr_expect_str_eq(standing(), "released-verified");
	cr_expect_eq(refused(HF_E_ROLLBACK), 2, "and both states are counted as rollback");
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

/* clang-format off */
static const struct { const char *what, *topic, *bytes; enum hf_rc reason; } rubbish[] = {
	{ "not JSON",                       "holdfast/1/" COUNCIL_NAME "/state/main", "hello", HF_E_JSON },
	{ "nothing of ours",                "somewhere/else", "{}", HF_E_TYPE },
	{ "a report under our nose",        "holdfast/1/" COUNCIL_NAME "/device/d1/report", "{}", HF_E_TYPE },
	{ "of another council",             "holdfast/1/lichfield/state/main", "{}", HF_E_COUNCIL },
	{ "another device's assignment",    "holdfast/1/" COUNCIL_NAME "/device/d2/assignment", "{}", HF_E_DEVICE },
	{ "another device's answer",        "holdfast/1/" COUNCIL_NAME "/device/d2/answer", "{}", HF_E_DEVICE },
};
/* clang-format on */

Test(keeper, rubbish_is_counted_by_its_reason)
{
	for (size_t i = 0; i < HF_LEN(rubbish); i++) {
		int64_t before = refused(rubbish[i].reason);

		hf_keeper_hear(d->keeper, rubbish[i].topic, rubbish[i].bytes, strlen(rubbish[i].bytes));
		cr_expect_eq(refused(rubbish[i].reason), before + 1, "attack: %s", rubbish[i].what);
	}
	device_restart();
	cr_expect_eq(d->layer.n_blocks, 0);
}

Test(keeper, counts_of_what_was_refused_outlive_the_agent)
{
	hf_keeper_hear(d->keeper, "somewhere/else", "{}", 2);
	hf_keeper_free(&d->keeper);
	device_restart();
	cr_expect_eq(refused(HF_E_TYPE), 1);
}

Test(keeper, answer_is_judged_like_all_else)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);
	struct hf_state doc = council_state_doc(&d->council, 1, &raise, 1);
	struct hf_envelope *forged = council_state(&d->council, &doc, COMMS_1),
			   *real = council_state(&d->council, &doc, CONTROLLER);

	device_hear_envelope("device/" COUNCIL_DEVICE "/answer", forged);
	cr_expect_eq(d->layer.n_blocks, 0, "attack: an answer of somebody who is no controller");
	device_hear_envelope("device/" COUNCIL_DEVICE "/answer", real);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "D9.2: an answer may bring any document, a state too");
	hf_envelope_free(&raise);
	hf_envelope_free(&forged);
	hf_envelope_free(&real);
}

Test(keeper, trust_under_the_topic_of_a_state_is_refused)
{
	device_hear_envelope("state/main", d->council.trust);
	cr_expect_eq(refused(HF_E_TYPE), 1, "attack: a genuine document where another is promised");
}

Test(keeper, exercise_blocks_nothing_and_is_shown)
{
	struct hf_envelope *orders[2] = {raise_of(HF_MODE_EXERCISE)};

	d->layer.least = SIZE_MAX;
	d->layer.n_applies = 0;
	hear_state(1, orders, 1);
	cr_expect_eq(d->layer.n_applies, 0, "no layer is even told");
	cr_expect_str_eq(standing(), "enforced-verified");
	cr_expect_eq(d->report->lockdowns[0].mode, HF_MODE_EXERCISE);
	orders[1] = release_of(orders[0], HF_MODE_EXERCISE, COMMS_1);
	hear_state(2, orders, 2);
	cr_expect_str_eq(standing(), "released-verified");
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

Test(keeper, emergency_inside_purdah_falls_back_to_purdah_D10)
{
	struct hf_order purdah = council_raise_doc(HF_KIND_PURDAH);
	struct hf_envelope *orders[3] = {council_order(&d->council, &purdah, ELECTIONS_1), raise_of(HF_MODE_LIVE)};

	hear_state(1, orders, 2);
	orders[2] = release_of(orders[1], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	d->layer.least = SIZE_MAX;
	hear_state(2, orders, 3);
	cr_expect_eq(d->layer.n_blocks, TOOLS, "D10: purdah holds on");
	cr_expect(d->layer.least >= TOOLS, "at no moment between was it open");
	standing();
	cr_assert_eq(d->report->n_lockdowns, 2);
	cr_expect_eq(d->report->lockdowns[0].kind, HF_KIND_PURDAH, "what is in force comes first");
	cr_expect_eq(d->report->lockdowns[1].standing, HF_STANDING_RELEASED_VERIFIED);
	for (size_t i = 0; i < 3; i++)
		hf_envelope_free(&orders[i]);
}

/* Instructions ---------------------------------------------------------------------------------------------------- */

/* Two people with logins that every machine has. */
static void assign_two(void)
{
	struct hf_assignment doc = council_assignment_doc(&d->council);
	struct hf_envelope *envelope;

	doc.version = 2;
	doc.people[0] = (struct hf_device_person){"comms-2", "nobody", 1};
	doc.people[1] = (struct hf_device_person){"comms-1", "daemon", 1};
	doc.n_people = 2;
	envelope = council_assignment(&d->council, &doc, IT_1 | COMMS_1);
	device_hear_envelope("device/" COUNCIL_DEVICE "/assignment", envelope);
	hf_envelope_free(&envelope);
}

/* What a person's program asks; the answer, or what is refused in it. */
static json_t *ask(uid_t uid, const char *what, const struct hf_envelope *of, const char *instructions)
{
	struct hf_question q = {.reads = true};
	struct hf_digest text;

	cr_assert_eq(hf_str_copy(q.ask, sizeof(q.ask), what), HF_OK);
	if (of)
		hf_digest_hex(&of->digest, q.lockdown);
	if (instructions) {
		cr_assert_eq(hf_instructions_digest(instructions, &text), HF_OK);
		hf_digest_hex(&text, q.text);
	}
	return hf_keeper_answer(d->keeper, uid, &q);
}

static void opens(uid_t uid, const struct hf_envelope *of)
{
	json_decref(ask(uid, HF_ASK_INSTRUCTIONS, of, NULL));
}

static enum hf_rc acknowledges(uid_t uid, const struct hf_envelope *of, const char *instructions)
{
	hf_auto_json json_t *answer = ask(uid, HF_ASK_ACKNOWLEDGE, of, instructions);

	cr_assert_not_null(answer);
	return hf_refusal_of(answer, NULL);
}

static struct hf_envelope *purdah_of(struct hf_order *ret_order)
{
	*ret_order = council_raise_doc(HF_KIND_PURDAH);
	assign_two();
	return council_order(&d->council, ret_order, ELECTIONS_1);
}

/* clang-format off */
static const struct {
	const char *what;
	uid_t uid;
	bool opened, other_text;
	enum hf_rc want;
} attempts[] = {
	{ "attack: root for somebody else",       0,     true,  false, HF_E_STRANGER },
	{ "attack: a user who is nobody here",    12345, true,  false, HF_E_STRANGER },
	{ "D10: not opened",                      STAFF, false, false, HF_E_PENDING },
	{ "attack: opened by somebody else",      OTHER, true,  false, HF_E_PENDING },
	{ "D10: another text",                    STAFF, true,  true,  HF_E_PENDING },
};
/* clang-format on */

Test(keeper, acknowledgement_counts_for_who_has_opened_that_text_alone_D10)
{
	struct hf_order order;
	struct hf_envelope *raise = purdah_of(&order);

	hear_state(1, &raise, 1);
	for (size_t i = 0; i < HF_LEN(attempts); i++) {
		if (attempts[i].opened)
			opens(STAFF, raise);
		cr_expect_eq(acknowledges(attempts[i].uid, raise,
					  attempts[i].other_text ? "Other rules." : order.body.instructions),
			     attempts[i].want, "%s", attempts[i].what);
		cr_expect(d->layer.n_blocks == TOOLS && d->layer.first.n_open_for == 0, "%s: opens nothing",
			  attempts[i].what);
		hf_acks_done(&d->keeper->memory.shown);
	}
	opens(STAFF, raise);
	cr_expect_eq(acknowledges(STAFF, raise, order.body.instructions), HF_OK);
	cr_expect(!shut_for(STAFF) && shut_for(OTHER) && shut_for(0), "D10: open for that person alone");
	cr_expect(d->layer.first.machine_wide, "a browser stays shut until the other one has read them");
	cr_expect_eq(acknowledges(STAFF, raise, order.body.instructions), HF_OK, "twice changes nothing");
	cr_expect_eq(d->keeper->memory.acked.n, 1);
	opens(OTHER, raise);
	cr_expect_eq(acknowledges(OTHER, raise, order.body.instructions), HF_OK);
	cr_expect(!shut_for(OTHER) && !d->layer.first.machine_wide, "D10: everybody of this device has");
	hf_envelope_free(&raise);
}

Test(keeper, instructions_opened_by_nobody_of_this_device_count_as_opened_by_nobody)
{
	struct hf_order order;
	struct hf_envelope *raise = purdah_of(&order);

	hear_state(1, &raise, 1);
	opens(12345, raise);
	opens(0, raise);
	cr_expect_eq(d->keeper->memory.shown.n, 0, "attack: a stranger opens them");
	cr_expect_str_eq(standing(), "enforced-verified", "attack: and makes it look as if staff had been told");
	opens(STAFF, raise);
	cr_expect_eq(d->keeper->memory.shown.n, 1);
	cr_expect_str_eq(standing(), "message-seen", "who opens them has seen what is in force");
	hf_envelope_free(&raise);
}

Test(keeper, acknowledgement_is_reported_and_signed_newest_first_D10)
{
	struct hf_order order;
	struct hf_envelope *raise = purdah_of(&order);
	struct hf_digest text;

	hear_state(1, &raise, 1);
	standing();
	cr_expect_eq(d->report->n_acks, 0);
	opens(STAFF, raise);
	opens(OTHER, raise);
	d->keeper->reported_at.ms = 0;
	d->n_reports = 0;
	cr_assert_eq(acknowledges(STAFF, raise, order.body.instructions), HF_OK);
	cr_expect_eq(d->n_reports, 1, "at once");
	d->wall.s += 60;
	cr_assert_eq(acknowledges(OTHER, raise, order.body.instructions), HF_OK);
	standing();
	cr_assert_eq(hf_instructions_digest(order.body.instructions, &text), HF_OK);
	cr_assert_eq(d->report->n_acks, 2);
	cr_expect_str_eq(d->report->acks[0].person, "comms-1", "the newest first");
	cr_expect_str_eq(d->report->acks[1].person, "comms-2");
	cr_expect_eq(d->report->acks[1].at.s, T + 100);
	cr_expect_eq(hf_digest_cmp(&d->report->acks[0].lockdown, &raise->digest), 0);
	cr_expect_eq(hf_digest_cmp(&d->report->acks[0].text, &text), 0);
	hf_envelope_free(&raise);
}

Test(keeper, acknowledgement_that_cannot_be_written_down_opens_nothing)
{
	struct hf_order order;
	struct hf_envelope *raise = purdah_of(&order);
	hf_auto_json json_t *answer = NULL;

	hear_state(1, &raise, 1);
	opens(STAFF, raise);
	device_disk(false);
	answer = ask(STAFF, HF_ASK_ACKNOWLEDGE, raise, order.body.instructions);
	cr_expect_eq(hf_refusal_of(answer, NULL), HF_E_SYSTEM);
	cr_expect_not_null(strstr(json_string_value(json_object_get(answer, "why")), "cannot write down"),
			   "it says so");
	hf_keeper_decide(d->keeper);
	cr_expect(shut_for(STAFF), "a full disk: stays blocked");
	standing();
	cr_expect_eq(d->report->n_acks, 0, "and nothing is reported that a crash would take away");
	device_disk(true);
	cr_expect_eq(acknowledges(STAFF, raise, order.body.instructions), HF_OK);
	cr_expect_not(shut_for(STAFF));
	hf_envelope_free(&raise);
}

Test(keeper, acknowledgement_outlives_restarts_and_a_torn_slot)
{
	struct hf_order order;
	struct hf_envelope *raise = purdah_of(&order);
	char path[PATH_MAX];

	hear_state(1, &raise, 1);
	opens(STAFF, raise);
	cr_assert_eq(acknowledges(STAFF, raise, order.body.instructions), HF_OK);
	for (int i = 0; i < 3; i++) {
		device_kill();
		if (i > 0)
			cr_assert_eq(unlink(test_path(path, d->state, i == 1 ? "slot-0" : "slot-1")), 0);
		device_restart();
		cr_expect_eq(d->keeper->memory.acked.n, 1, "life %d", i);
		cr_expect_not(shut_for(STAFF), "life %d: D9.1: a designated officer, who has read it", i);
		cr_expect(shut_for(OTHER), "life %d", i);
		hear_state(i + 2, &raise, 1);
		device_recover(&raise, 1, COMMS_1 | MONITORING_1);
		cr_expect(!shut_for(STAFF) && shut_for(OTHER), "life %d", i);
		standing();
		cr_expect_eq(d->report->n_acks, 1, "life %d", i);
	}
	hf_envelope_free(&raise);
}

Test(keeper, amendment_of_the_text_asks_again_and_another_does_not_D10)
{
	struct hf_order order, amend;
	struct hf_envelope *orders[3] = {purdah_of(&order)};

	hear_state(1, orders, 1);
	opens(STAFF, orders[0]);
	cr_assert_eq(acknowledges(STAFF, orders[0], order.body.instructions), HF_OK);
	amend = council_amend_doc(HF_KIND_PURDAH, orders[0], 1);
	amend.body.contact = "Elections office, extension 9";
	orders[1] = council_order(&d->council, &amend, ELECTIONS_1);
	hear_state(2, orders, 2);
	cr_expect_not(shut_for(STAFF), "D10: the text is the same");
	amend = council_amend_doc(HF_KIND_PURDAH, orders[0], 2);
	amend.body.instructions = "Other rules.";
	orders[2] = council_order(&d->council, &amend, ELECTIONS_1);
	hear_state(3, orders, 3);
	cr_expect(shut_for(STAFF), "D10: an amendment of the text asks again");
	cr_expect_eq(acknowledges(STAFF, orders[0], order.body.instructions), HF_E_PENDING,
		     "the text of before is not asked for any more");
	cr_expect_eq(acknowledges(STAFF, orders[0], "Other rules."), HF_E_PENDING, "and the new one not opened");
	opens(STAFF, orders[0]);
	cr_expect_eq(acknowledges(STAFF, orders[0], "Other rules."), HF_OK);
	cr_expect_not(shut_for(STAFF));
	for (size_t i = 0; i < 3; i++)
		hf_envelope_free(&orders[i]);
}

Test(keeper, emergency_inside_an_acknowledged_purdah_shuts_and_falls_back_to_it_D9_D10)
{
	struct hf_order order;
	struct hf_envelope *orders[3] = {purdah_of(&order)};

	hear_state(1, orders, 1);
	opens(STAFF, orders[0]);
	cr_assert_eq(acknowledges(STAFF, orders[0], order.body.instructions), HF_OK);
	orders[1] = raise_of(HF_MODE_LIVE);
	hear_state(2, orders, 2);
	cr_expect(shut_for(STAFF), "D9.2: no acknowledgement opens an emergency");
	orders[2] = release_of(orders[1], HF_MODE_LIVE, COMMS_1 | MONITORING_1);
	hear_state(3, orders, 3);
	cr_expect(!shut_for(STAFF) && shut_for(OTHER), "D10: as it was before");
	for (size_t i = 0; i < 3; i++)
		hf_envelope_free(&orders[i]);
}

Test(keeper, planned_purdah_can_be_acknowledged_before_it_begins_D10)
{
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
	struct hf_envelope *raise;

	assign_two();
	order.body.from.s = T + 5000;
	raise = council_order(&d->council, &order, ELECTIONS_1);
	hear_state(1, &raise, 1);
	opens(STAFF, raise);
	cr_expect_eq(acknowledges(STAFF, raise, order.body.instructions), HF_OK);
	d->wall.s = T + 5000;
	device_restart();
	cr_expect(!shut_for(STAFF) && shut_for(OTHER), "D10: offline it begins for who has not read it");
	hf_envelope_free(&raise);
}

Test(keeper, acknowledgement_goes_with_its_lockdown)
{
	struct hf_order order, release;
	struct hf_envelope *orders[2] = {purdah_of(&order)};
	struct hf_digest id = orders[0]->digest;

	hear_state(1, orders, 1);
	opens(STAFF, orders[0]);
	cr_assert_eq(acknowledges(STAFF, orders[0], order.body.instructions), HF_OK);
	release = council_release_doc(HF_KIND_PURDAH, &id, 1);
	orders[1] = council_order(&d->council, &release, ELECTIONS_1 | MONITORING_1);
	hear_state(2, orders, 2);
	standing();
	cr_expect_eq(d->report->n_acks, 1, "the council hears of it after the end, too");
	d->wall.s = d->keeper->memory.known.issued.s = T + 60 * COUNCIL_DAY;
	hf_keeper_decide(d->keeper);
	cr_expect_eq(d->keeper->memory.acked.n, 0, "long after the end it is let go");
	cr_expect_eq(d->keeper->memory.shown.n, 0);
	hf_envelope_free(&orders[0]);
	hf_envelope_free(&orders[1]);
}

/* clang-format off */
static const struct { const char *what; enum hf_mode mode; int64_t from; const char *period; } periods[] = {
	{ "D10: in force", HF_MODE_LIVE, T + 60, "in force" },
	{ "D10: planned", HF_MODE_LIVE, T + 5000, "scheduled" },
	{ "an exercise is none", HF_MODE_EXERCISE, T + 60, "none" },
};
/* clang-format on */

Test(keeper, words_for_the_draft_check_come_with_the_period_D10)
{
	for (size_t i = 0; i < HF_LEN(periods); i++) {
		struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
		hf_auto_json json_t *answer = NULL;
		struct hf_envelope *raise;

		order.mode = periods[i].mode;
		order.body.from.s = periods[i].from;
		raise = council_order(&d->council, &order, ELECTIONS_1);
		hear_state(1, &raise, 1);
		answer = ask(STAFF, HF_ASK_WORDS, NULL, NULL);
		cr_expect_str_eq(json_string_value(json_object_get(answer, "period")), periods[i].period, "%s",
				 periods[i].what);
		cr_expect(json_is_array(json_object_get(answer, "words")), "%s", periods[i].what);
		hf_envelope_free(&raise);
		forget();
		device_enrol();
		device_restart();
	}
}

Test(keeper, question_that_is_none_gets_no_answer)
{
	cr_expect_null(ask(STAFF, "release", NULL, NULL), "attack: asking for a release");
}

Test(keeper, report_counter_goes_up_also_after_being_killed)
{
	int64_t before;

	standing();
	before = d->report->counter;
	standing();
	cr_expect_gt(d->report->counter, before);
	before = d->report->counter;
	d->wall.s = 0;
	device_restart();
	standing();
	cr_expect_gt(d->report->counter, before, "attack: a clock at 1970 so that reports look like replays");
	before = d->report->counter;
	d->wall.s = T + 400;
	forget();
	device_restart();
	standing();
	cr_expect_gt(d->report->counter, T, "a lost memory goes on from the clock");
}

Test(keeper, flood_of_bad_messages_is_answered_with_few_reports)
{
	d->n_reports = 0;
	for (int i = 0; i < 500; i++)
		hf_keeper_hear(d->keeper, "somewhere/else", "{}", 2);
	cr_expect_leq(d->n_reports, 5, "attack: making a device speak without end");
	cr_expect_eq(refused(HF_E_TYPE), 500);
}

/* A controller that comes leaves numbers out; a device that missed a beat or three hears of no coming. */
Test(keeper, state_after_a_gap_is_answered_by_a_report)
{
	hear_state(5, NULL, 0);
	d->n_reports = 0;
	d->keeper->reported_at.ms = 0;
	hear_state(9, NULL, 0);
	cr_expect_eq(d->n_reports, 1, "the controller was away, and may not have heard the last one");
	hear_state(13, NULL, 0);
	cr_expect_eq(d->n_reports, 1, "attack: making a device speak without end");
	cr_expect(d->keeper->report_due, "but it is not forgotten");
	d->keeper->report_due = false;
	d->keeper->reported_at.ms = 0;
	hear_state(13, NULL, 0);
	cr_expect_eq(d->n_reports, 1, "attack: a state that is said again makes it speak again");
}

/* Bus: a beat that was dropped for an order makes no estate report at once. */
Test(keeper, dropped_beat_is_answered_by_no_report)
{
	int64_t seq = 5;
	hear_state(seq, NULL, 0);
	d->n_reports = 0;
	for (int64_t step = 1; step <= HF_SEQ_LEFT_OUT; step++) {
		d->keeper->reported_at.ms = 0;
		hear_state(seq += step, NULL, 0);
		cr_expect_eq(d->n_reports, 0, "%d beats were dropped", (int)step - 1);
	}
	d->keeper->reported_at.ms = 0;
	hear_state(seq + 1 + HF_SEQ_LEFT_OUT, NULL, 0);
	cr_expect_eq(d->n_reports, 1, "the least that a controller which comes goes on by");
}

/* Bus: what is said to a slice is a state, and is for the devices of that slice. */
Test(keeper, beat_is_heard_under_its_own_slice)
{
	struct hf_state doc = council_state_doc(&d->council, 5, NULL, 0);
	struct hf_envelope *envelope = council_state(&d->council, &doc, CONTROLLER);
	char own[32], other[32];
	int64_t slice = 0;

	cr_assert_eq(hf_slice_of(COUNCIL_DEVICE, &slice), HF_OK);
	cr_assert_eq(hf_str_printf(own, sizeof(own), "beat/%d/main", (int)slice), HF_OK);
	cr_assert_eq(hf_str_printf(other, sizeof(other), "beat/%d/main", (int)(slice % HF_SLICES) + 1), HF_OK);
	device_hear_envelope(other, envelope);
	cr_expect_eq(refused(HF_E_DEVICE), 1, "attack: the broker says it under another slice");
	standing();
	cr_expect_neq(d->report->state_seq, 5);
	device_hear_envelope(own, envelope);
	standing();
	cr_expect_eq(d->report->state_seq, 5);
	device_hear_envelope(own, d->council.trust);
	cr_expect_eq(refused(HF_E_TYPE), 1, "attack: another document under it");
	hf_envelope_free(&envelope);
}

Test(keeper, first_state_after_the_link_has_come_is_answered_by_a_report)
{
	hear_state(5, NULL, 0);
	d->keeper->reported_at.ms = 0;
	hf_keeper_joined(d->keeper);
	d->n_reports = 0;
	d->keeper->reported_at.ms = 0;
	hear_state(6, NULL, 0);
	cr_expect_eq(d->n_reports, 1, "the report at its coming may have been lost");
	d->keeper->reported_at.ms = 0;
	hear_state(7, NULL, 0);
	cr_expect_eq(d->n_reports, 1, "once is enough");
}

/* What a broker kept was said before: it does not show that the controller is there and hears. */
Test(keeper, report_to_a_broker_that_came_before_its_controller_is_said_again)
{
	hear_state(5, NULL, 0);
	d->keeper->reported_at.ms = 0;
	hf_keeper_joined(d->keeper);
	d->n_reports = 0;
	d->keeper->reported_at.ms = 0;
	hear_state(5, NULL, 0);
	cr_expect_eq(d->n_reports, 0, "the broker alone has come back");
	hear_state(7, NULL, 0);
	cr_expect_eq(d->n_reports, 1, "now the controller has, and the report at the coming was lost");
	d->keeper->reported_at.ms = 0;
	hear_state(11, NULL, 0);
	cr_expect_eq(d->n_reports, 2, "and went away once more before its next beat");
}

Test(keeper, beat_of_the_council_is_no_news_of_this_device)
{
	d->n_reports = 0;
	for (int64_t seq = 1; seq < 20; seq++) {
		d->keeper->reported_at.ms = 0;
		hear_state(seq, NULL, 0);
	}
	cr_expect_eq(d->n_reports, 0, "an estate does not answer each beat twice");
	standing();
	cr_expect_eq(d->report->state_seq, 19, "and says with its own beat what it has heard");
}

Test(keeper, device_without_its_key_enforces_and_is_silent)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);

	device_kill();
	cr_assert_eq(unlink(d->key), 0);
	device_restart();
	d->n_reports = 0;
	hear_state(1, &raise, 1);
	cr_expect_eq(d->layer.n_blocks, TOOLS);
	cr_expect_eq(d->n_reports, 0, "nobody else signs for it");
	hf_envelope_free(&raise);
}

Test(keeper, link_that_comes_gets_a_report_and_a_question)
{
	d->n_reports = d->n_asks = 0;
	hf_keeper_joined(d->keeper);
	cr_expect_eq(d->n_reports, 1);
	cr_expect_eq(d->n_asks, 1);
	hf_keeper_ask(d->keeper);
	cr_expect_eq(d->n_asks, 1, "asked again at once would be a storm");
}

Test(keeper, state_that_names_a_register_not_known_here_makes_it_ask)
{
	struct hf_state doc = council_state_doc(&d->council, 1, NULL, 0);
	struct hf_envelope *envelope;

	doc.register_version = 2;
	doc.register_digest.b[0] ^= 1;
	envelope = council_state(&d->council, &doc, CONTROLLER);
	d->keeper->asked_at.ms = 0;
	d->n_asks = 0;
	device_hear_envelope("state/main", envelope);
	cr_expect_eq(d->n_asks, 1);
	hf_envelope_free(&envelope);
}

/* clang-format off */
static const struct {
	const char *what, *path, *name;
} TRIED[] = {
	{ "a listed program",                 "/usr/bin/toot",        "toot" },
	{ "a file below a listed folder",     "/usr/bin/toot/api.py", "toot" },
	{ "an address",                       "twitter.com",          "X in a browser" },
	{ "a tool by its id",                 "youtube-studio",       "YouTube Studio" },
	{ "a path that only begins like one", "/usr/bin/tootle",      NULL },
	{ "none of them",                     "/usr/bin/true",        NULL },
};
/* clang-format on */

/* What the plan shuts no more has no name, and is no news. */
Test(keeper, who_tries_what_is_blocked_is_told_its_name)
{
	struct hf_envelope *raise = raise_of(HF_MODE_LIVE);
	char want[256];

	hear_state(1, &raise, 1);
	for (size_t i = 0; i < HF_LEN(TRIED); i++) {
		d->event[0] = '\0';
		hf_keeper_blocked(d->keeper, 1201, TRIED[i].path);
		want[0] = '\0';
		if (TRIED[i].name)
			snprintf(want, sizeof(want), "1201 {\"event\":\"blocked\",\"tool\":\"%s\"}", TRIED[i].name);
		cr_expect_str_eq(d->event, want, "%s: %s", TRIED[i].what, d->event);
	}
	hf_keeper_ending(d->keeper, 1202, "/usr/bin/toot", 77, 60);
	cr_expect_str_eq(d->event, "1202 {\"event\":\"ending\",\"tool\":\"toot\",\"left_s\":60,\"pid\":77}", "%s",
			 d->event);
	hf_envelope_free(&raise);
}
