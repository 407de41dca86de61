/* SPDX-License-Identifier: MIT */
/*
 * Owns the posting window of the named poster (policy D9.3), with a real keeper and clocks that the test sets.
 * Must never let a window open twice, for longer, for somebody else or for something else.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/help/device.h"

#define A "x:CannockChaseDC" /* its poster is comms-2, for 15 minutes */
#define ME DEVICE_COMMS_2
#define OTHER DEVICE_COMMS_1
#define MINUTES(n) ((n) * (int64_t)HF_MINUTE_MS)

static struct device *d;
static struct hf_envelope *raise;

/* What a test does to the raise before it is signed. */
struct change {
	enum hf_mode mode;
	bool exempt, other_poster;
	int64_t minutes;
	const char *text; /* NULL: the raise's */
	bool by_two;
};

static struct hf_envelope *order_of(struct hf_order doc, const struct change *how)
{
	static struct hf_holding holding;

	holding = doc.body.holding[0];
	holding.poster = how->other_poster ? "comms-1" : "comms-2";
	holding.minutes = how->minutes ? how->minutes : 15;
	holding.text = how->text ? how->text : holding.text;
	doc.body.holding = &holding;
	doc.mode = how->mode;
	doc.body.exempt = how->exempt ? COUNCIL_LIST("comms-2") : (struct hf_strs){NULL, 0};
	return council_order(&d->council, &doc, COMMS_1 | (how->exempt || how->by_two ? MONITORING_1 : 0));
}

static void begin(int64_t rank, struct change how)
{
	d = device_open(rank, NULL);
	raise = order_of(council_raise_doc(HF_KIND_EMERGENCY), &how);
	device_hear(&raise, 1, NULL, 0);
}

static void set_up(void)
{
	begin(1, (struct change){.mode = HF_MODE_LIVE});
}

static void again(int64_t rank, struct change how)
{
	hf_envelope_free(&raise);
	device_close();
	begin(rank, how);
}

static void tear_down(void)
{
	hf_envelope_free(&raise);
	device_close();
}

TestSuite(posting_windows, .init = set_up, .fini = tear_down);

/* As after a long silence: the controller was heard once, and not lately. */
static void offline(void)
{
	d->keeper->heard_at.ms = 0;
}

static struct hf_posting claim_of(const char *device, enum hf_posting_state state)
{
	return (struct hf_posting){.lockdown = raise->digest,
				   .account = A,
				   .person = "comms-2",
				   .device = device,
				   .state = state,
				   .at = {COUNCIL_T + 200},
				   .post = ""};
}

static void claimed_by(const char *device, enum hf_posting_state state)
{
	struct hf_posting claim = claim_of(device, state);

	device_hear(&raise, 1, &claim, 1);
}

static const char *posting_state(uid_t uid)
{
	static char word[32];
	hf_auto_json json_t *posting = device_posting(uid, A);

	cr_assert(json_is_object(posting));
	cr_assert_eq(hf_str_copy(word, sizeof(word), json_string_value(json_object_get(posting, "state"))), HF_OK);
	return word;
}

/* Asked for while nobody is heard, on the first device: open. */
static void open_here(void)
{
	offline();
	cr_assert_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open");
}

Test(posting_windows, opens_one_platform_for_one_person_and_nothing_else_D9_3)
{
	static const char *const shut[] = {"facebook-web", "instagram-web", "youtube-studio", "hootsuite", "toot"};

	cr_expect(device_is_shut("x-web", ME));
	open_here();
	cr_expect_not(device_is_shut("x-web", ME), "D9.3: the poster posts");
	cr_expect(device_is_shut("x-web", OTHER), "D9.3: nobody else does");
	cr_expect(device_is_shut("x-web", 4242));
	for (size_t i = 0; i < HF_LEN(shut); i++)
		cr_expect(device_is_shut(shut[i], ME), "D9.3: nothing else opens: %s", shut[i]);
}

Test(posting_windows, shuts_by_itself_at_the_end_and_opens_only_once)
{
	open_here();
	for (int i = 0; i < 29; i++) {
		device_pass_time(30000);
		cr_assert_not(device_is_shut("x-web", ME), "after %d beats", i + 1);
	}
	device_pass_time(29999);
	cr_expect_not(device_is_shut("x-web", ME));
	device_pass_time(1);
	cr_expect(device_is_shut("x-web", ME), "15 minutes are over");
	cr_expect_str_eq(posting_state(ME), "ended");
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "rollback", "single use");
	cr_expect_str_eq(device_state(ME, HF_ASK_POSTED, A, NULL), "posted", "they posted and forgot to say so");
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "rollback");
}

/* clang-format off */
static const struct {
	const char *what, *ask, *more, *want;
} ends[] = {
	{ "posted closes at once",       HF_ASK_POSTED, NULL, "posted" },
	{ "posted, with its address",    HF_ASK_POSTED, "https://x.com/CannockChaseDC/status/1", "posted" },
	{ "cannot closes at once",       HF_ASK_CANNOT, NULL, "cannot" },
	{ "cannot, with the reason",     HF_ASK_CANNOT, "the site is down", "cannot" },
};
/* clang-format on */

Test(posting_windows, what_the_poster_says_closes_at_once_and_is_reported)
{
	for (size_t i = 0; i < HF_LEN(ends); i++) {
		const struct hf_report *report;

		if (i > 0)
			again(1, (struct change){.mode = HF_MODE_LIVE});
		open_here();
		cr_expect_str_eq(device_state(ME, ends[i].ask, A, ends[i].more), ends[i].want, "%s", ends[i].what);
		cr_expect(device_is_shut("x-web", ME), "%s", ends[i].what);
		cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "rollback", "%s", ends[i].what);
		report = device_report();
		cr_assert_eq(report->n_postings, 1, "%s", ends[i].what);
		cr_expect_str_eq(hf_posting_state_name(report->postings[0].state), ends[i].want);
		cr_expect_str_eq(report->postings[0].person, "comms-2");
		cr_expect_str_eq(i == 1 ? report->postings[0].post : report->postings[0].why,
				 ends[i].more ? ends[i].more : "");
		device_restart();
		cr_expect(device_is_shut("x-web", ME), "%s, then a restart", ends[i].what);
		cr_expect_str_eq(posting_state(ME), ends[i].want);
	}
}

Test(posting_windows, what_is_said_is_final)
{
	open_here();
	cr_expect_str_eq(device_state(ME, HF_ASK_POSTED, A, NULL), "posted");
	cr_expect_str_eq(device_state(ME, HF_ASK_POSTED, A, "https://x.com/p/1"), "posted", "the address can be added");
	cr_expect_str_eq(device_report()->postings[0].post, "https://x.com/p/1");
	cr_expect_str_eq(device_refusal(ME, HF_ASK_CANNOT, A, NULL), "rollback");
}

Test(posting_windows, who_said_that_they_cannot_has_not_posted_it)
{
	struct hf_question posted = {.ask = HF_ASK_POSTED, .account = A};
	hf_auto_json json_t *answer = NULL;
	struct hf_err err = {0};

	cr_expect_str_eq(device_state(ME, HF_ASK_CANNOT, A, NULL), "cannot");
	answer = hf_keeper_answer(d->keeper, ME, &posted);
	cr_expect_eq(hf_refusal_of(answer, &err), HF_E_ROLLBACK);
	cr_expect(strstr(err.text, "you have already said that you cannot post it: ring "), "%s", err.text);
	cr_expect_str_eq(posting_state(ME), "cannot", "what was said stays");
}

/* clang-format off */
static const char *const no_addresses[] = {
	"x.com/p", "javascript:alert(1)", "https://", "https:///p", "https://:80/p", "https://a@b/p", "ftp://x.com/p",
	"https://x.com/a b", "https://x.com/\"", "https://x.com/<b>", "https://x.com/\xc3\xa9",
};
/* clang-format on */

Test(posting_windows, the_address_of_a_post_is_one)
{
	open_here();
	for (size_t i = 0; i < HF_LEN(no_addresses); i++) {
		cr_expect_str_eq(device_state(ME, HF_ASK_POSTED, A, no_addresses[i]), "refused", "%s", no_addresses[i]);
		cr_expect_not(device_is_shut("x-web", ME), "a slip of the pen does not cost the window");
	}
}

/* clang-format off */
static const struct {
	const char *what;
	uid_t uid;
	const char *ask, *account, *want;
} strangers[] = {
	{ "attack: another person of the device", OTHER, HF_ASK_PASS, A, "role" },
	{ "attack: another person says posted", OTHER, HF_ASK_POSTED, A, "role" },
	{ "attack: another person says cannot", OTHER, HF_ASK_CANNOT, A, "role" },
	{ "attack: root", 0, HF_ASK_PASS, A, "stranger" },
	{ "attack: a user of nobody", 4242, HF_ASK_PASS, A, "stranger" },
	{ "an account that there is not", ME, HF_ASK_PASS, "x:nobody", "absent" },
	{ "no account", ME, HF_ASK_PASS, "", "absent" },
	{ "an account without a message", ME, HF_ASK_PASS, "facebook:cannockchasedc", "pending" },
	{ "posted, and never opened", ME, HF_ASK_POSTED, A, "pending" },
};
/* clang-format on */

Test(posting_windows, nobody_else_and_nothing_else_D9_3)
{
	offline();
	for (size_t i = 0; i < HF_LEN(strangers); i++) {
		cr_expect_str_eq(device_refusal(strangers[i].uid, strangers[i].ask, strangers[i].account, NULL),
				 strangers[i].want, "%s", strangers[i].what);
		cr_expect(device_is_shut("x-web", ME), "%s", strangers[i].what);
		cr_expect_eq(d->keeper->memory.windows.n, 0, "%s", strangers[i].what);
	}
}

Test(posting_windows, waits_for_the_record_and_opens_when_it_names_this_device)
{
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "claimed");
	cr_expect(device_is_shut("x-web", ME), "claimed is shut");
	cr_expect_eq(device_report()->postings[0].state, HF_POSTING_CLAIMED, "it is reported");
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "claimed", "asked again");
	claimed_by(COUNCIL_DEVICE, HF_POSTING_CLAIMED);
	cr_expect_not(device_is_shut("x-web", ME), "the record names this device");
	cr_expect_str_eq(posting_state(ME), "open");
	cr_expect_eq(device_report()->postings[0].state, HF_POSTING_OPEN);
}

Test(posting_windows, first_claim_wins_by_the_record)
{
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "claimed");
	claimed_by("d9", HF_POSTING_CLAIMED);
	cr_expect(device_is_shut("x-web", ME));
	cr_expect_str_eq(posting_state(ME), "elsewhere");
	cr_expect_str_eq(posting_state(OTHER), "claimed", "others see that it was asked for");
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "device");
	offline();
	device_restart();
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "device", "also offline, after a restart");
	cr_expect_eq(d->keeper->memory.windows.n, 0);
}

Test(posting_windows, record_that_names_another_closes_what_is_open)
{
	open_here();
	claimed_by("d9", HF_POSTING_OPEN);
	cr_expect(device_is_shut("x-web", ME));
	cr_expect_eq(d->keeper->memory.windows.v[0].state, HF_POSTING_ENDED);
}

Test(posting_windows, no_claim_opens_what_this_device_has_not_asked_for)
{
	claimed_by(COUNCIL_DEVICE, HF_POSTING_OPEN);
	cr_expect(device_is_shut("x-web", ME), "attack: a stolen controller key opens nothing");
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "rollback",
			 "attack: whoever deletes the agent's memory gets no second window");
}

Test(posting_windows, silent_server_first_device_opens_by_the_order_of_the_assignment)
{
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "claimed");
	device_pass_time(4000);
	cr_expect(device_is_shut("x-web", ME));
	device_pass_time(2000);
	cr_expect_not(device_is_shut("x-web", ME));
}

Test(posting_windows, silent_server_second_device_stays_shut)
{
	again(2, (struct change){.mode = HF_MODE_LIVE});
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "claimed");
	device_pass_time(6000);
	cr_expect(device_is_shut("x-web", ME));
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "pending");
	claimed_by(COUNCIL_DEVICE, HF_POSTING_CLAIMED);
	cr_expect(device_is_shut("x-web", ME), "nobody waits for it any more");
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open", "but it is theirs to open");
}

Test(posting_windows, offline_second_device_leaves_no_claim)
{
	struct hf_err err = {""};
	json_t *answer;

	again(2, (struct change){.mode = HF_MODE_LIVE});
	offline();
	answer = device_ask(ME, HF_ASK_PASS, A, NULL, &err);
	cr_expect_null(answer);
	cr_expect(strstr(err.text, "ring Communications duty officer"), "%s", err.text);
	cr_expect_eq(device_report()->n_postings, 0, "it must not stand in the way of the first device");
}

Test(posting_windows, restart_and_kill_start_nothing_anew)
{
	open_here();
	device_pass_time(MINUTES(5));
	device_restart();
	cr_expect_not(device_is_shut("x-web", ME), "it survives a restart");
	device_pass_time(MINUTES(10) - 1000);
	cr_expect_not(device_is_shut("x-web", ME));
	device_restart();
	device_pass_time(1000);
	cr_expect(device_is_shut("x-web", ME), "and ends when it would have ended");
	device_restart();
	cr_expect(device_is_shut("x-web", ME));
	cr_expect_str_eq(posting_state(ME), "ended");
}

Test(posting_windows, reboot_shortens_and_never_lengthens)
{
	open_here();
	device_pass_time(MINUTES(5));
	d->wall.s += 60;
	device_reboot();
	cr_expect_not(device_is_shut("x-web", ME), "it survives a reboot");
	device_pass_time(MINUTES(9) - 1000);
	cr_expect_not(device_is_shut("x-web", ME));
	device_pass_time(1000);
	cr_expect(device_is_shut("x-web", ME), "15 minutes in all, by whatever clock shows more");
}

Test(posting_windows, clock_set_back_before_a_reboot_gives_nothing)
{
	open_here();
	device_pass_time(MINUTES(14));
	d->wall.s = COUNCIL_T + 1;
	device_reboot();
	cr_expect(device_is_shut("x-web", ME), "the last minute was paid for before");
}

Test(posting_windows, clock_set_forward_before_a_reboot_ends_it)
{
	open_here();
	d->wall.s += 86400;
	hf_keeper_decide(d->keeper);
	cr_expect_not(device_is_shut("x-web", ME), "the running window goes by the boot-time clock");
	device_reboot();
	cr_expect(device_is_shut("x-web", ME));
}

Test(posting_windows, full_disk_opens_nothing)
{
	offline();
	device_disk(false);
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "system");
	cr_expect(device_is_shut("x-web", ME));
	cr_expect_eq(d->keeper->memory.windows.n, 0);
	device_disk(true);
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open", "the window was not used up");
}

Test(posting_windows, disk_that_fills_while_it_waits_opens_nothing)
{
	cr_assert_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "claimed");
	device_disk(false);
	claimed_by(COUNCIL_DEVICE, HF_POSTING_CLAIMED);
	cr_expect(device_is_shut("x-web", ME));
	device_disk(true);
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open");
}

Test(posting_windows, disk_that_fills_while_it_is_open_shuts_when_what_is_paid_is_used)
{
	open_here();
	device_disk(false);
	for (int i = 0; i < 3; i++) {
		device_pass_time(30000);
	}
	cr_expect(device_is_shut("x-web", ME));
	device_disk(true);
	device_beat();
	cr_expect_not(device_is_shut("x-web", ME), "it goes on, and ends in time");
	device_pass_time(MINUTES(14));
	cr_expect(device_is_shut("x-web", ME));
}

Test(posting_windows, reboot_with_a_full_disk_opens_nothing)
{
	open_here();
	device_disk(false);
	device_reboot();
	cr_expect(device_is_shut("x-web", ME));
	device_disk(true);
	device_beat();
	cr_expect_not(device_is_shut("x-web", ME));
}

Test(posting_windows, closing_does_not_wait_for_the_disk)
{
	open_here();
	device_disk(false);
	cr_expect_str_eq(device_refusal(ME, HF_ASK_POSTED, A, NULL), "system", "and it is not called done");
	cr_expect(device_is_shut("x-web", ME), "tighten: enforce, then persist");
	device_disk(true);
	cr_expect_str_eq(device_state(ME, HF_ASK_POSTED, A, NULL), "posted");
}

Test(posting_windows, memory_of_yesterday_that_is_put_back_opens_nothing)
{
	open_here();
	claimed_by(COUNCIL_DEVICE, HF_POSTING_OPEN);
	cr_expect_not(device_is_shut("x-web", ME), "the record repeats what this device said");
	claimed_by(COUNCIL_DEVICE, HF_POSTING_POSTED);
	cr_expect(device_is_shut("x-web", ME), "attack: the record knows that it is done");
	cr_expect_str_eq(posting_state(ME), "ended");
	again(1, (struct change){.mode = HF_MODE_LIVE});
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "claimed");
	claimed_by(COUNCIL_DEVICE, HF_POSTING_ENDED);
	cr_expect(device_is_shut("x-web", ME));
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "rollback");
}

Test(posting_windows, all_clear_closes_it)
{
	struct hf_digest id = raise->digest;
	struct hf_order doc = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	struct hf_envelope *orders[2] = {raise, council_order(&d->council, &doc, COMMS_1 | MONITORING_1)};

	open_here();
	device_hear(orders, 2, NULL, 0);
	cr_expect_eq(d->keeper->memory.windows.v[0].state, HF_POSTING_ENDED);
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "pending", "nothing is to be posted");
	hf_envelope_free(&orders[1]);
}

/* clang-format off */
static const struct {
	const char *what;
	struct change how;
	bool shut;
} amendments[] = {
	{ "D9.3: another poster closes it",   { .other_poster = true }, true },
	{ "fewer minutes: it goes on",        { .minutes = 1 }, false },
	{ "more minutes: it goes on",         { .minutes = 200 }, false },
	{ "D9.3: another text closes it",     { .text = "It is over." }, true },
};
/* clang-format on */

Test(posting_windows, amendment_while_it_is_open)
{
	for (size_t i = 0; i < HF_LEN(amendments); i++) {
		struct hf_envelope *orders[2];

		if (i > 0)
			again(1, (struct change){.mode = HF_MODE_LIVE});
		open_here();
		orders[0] = raise;
		orders[1] = order_of(council_amend_doc(HF_KIND_EMERGENCY, raise, 1), &amendments[i].how);
		device_hear(orders, 2, NULL, 0);
		cr_expect_eq(device_is_shut("x-web", ME), amendments[i].shut, "%s", amendments[i].what);
		device_pass_time(MINUTES(15) + 1);
		cr_expect(device_is_shut("x-web", ME), "%s: never longer than it was opened for", amendments[i].what);
		hf_envelope_free(&orders[1]);
	}
}

/* Hears the next register, in which these hold the account. */
static void holders_become(struct hf_holder *holders, size_t n)
{
	struct hf_register reg = council_register_doc();
	struct hf_account accounts[HF_ACCOUNTS_MAX];
	hf_auto_envelope struct hf_envelope *next = NULL;

	memcpy(accounts, reg.accounts, reg.n_accounts * sizeof(accounts[0]));
	accounts[0].holders = holders;
	accounts[0].n_holders = n;
	reg.accounts = accounts;
	reg.version = 2;
	next = council_register(&d->council, &reg, COMMS_1 | COMMS_2);
	device_hear_envelope("register", next);
}

/* clang-format off */
static const struct {
	const char *what;
	struct hf_holder holders[2];
	size_t n;
	bool shut;
} registers[] = {
	{ "D2.9: withdrawn, nobody is left",    { { NULL, { 0 } } }, 0, true },
	{ "D2.9: withdrawn, another one stays", { { "comms-1", { 0 } } }, 1, true },
	{ "D2.9: their time has ended",         { { "comms-2", { COUNCIL_T - 1 } } }, 1, true },
	{ "D2.9: reviewed, with a later end",   { { "comms-2", { COUNCIL_T + 90 * COUNCIL_DAY } } }, 1, false },
};
/* clang-format on */

/* Text, window and "you hold this" go at once, from whoever has lost the account (policy D2.9). */
Test(posting_windows, a_poster_who_holds_it_no_more)
{
	for (size_t i = 0; i < HF_LEN(registers); i++) {
		struct hf_holder holders[2];
		hf_auto_json json_t *posting = NULL;

		if (i > 0)
			again(1, (struct change){.mode = HF_MODE_LIVE});
		open_here();
		memcpy(holders, registers[i].holders, sizeof(holders));
		holders_become(holders, registers[i].n);
		cr_expect_eq(device_is_shut("x-web", ME), registers[i].shut, "%s", registers[i].what);
		cr_expect_eq(d->keeper->memory.windows.v[0].state,
			     registers[i].shut ? HF_POSTING_ENDED : HF_POSTING_OPEN, "%s", registers[i].what);
		posting = device_posting(ME, A);
		cr_expect_eq(json_is_object(posting), !registers[i].shut, "%s: the text", registers[i].what);
		cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), registers[i].shut ? "role" : "ok", "%s",
				 registers[i].what);
	}
}

/* Whoever is named and never held it has none: the officer who names them is told (policy D9.3: account holders are asked). */
Test(posting_windows, a_poster_who_never_held_it)
{
	struct hf_holder other = {"comms-1", {0}};

	holders_become(&other, 1);
	offline();
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "role");
	cr_expect_eq(d->keeper->memory.windows.n, 0u);
	cr_expect(device_is_shut("x-web", ME));
}

/* Hears the raise and these amendments of it, each of the next revision. */
static void amended(const struct change *hows, size_t n)
{
	struct hf_envelope *orders[8] = {raise};

	for (size_t i = 0; i < n; i++)
		orders[i + 1] = order_of(council_amend_doc(HF_KIND_EMERGENCY, raise, (int64_t)i + 1), &hows[i]);
	device_hear(orders, n + 1, NULL, 0);
	for (size_t i = 0; i < n; i++)
		hf_envelope_free(&orders[i + 1]);
	offline();
}

Test(posting_windows, new_poster_has_a_window_of_their_own)
{
	const struct change other = {.other_poster = true};

	amended(&other, 1);
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "role");
	cr_expect_str_eq(device_state(OTHER, HF_ASK_PASS, A, NULL), "open");
	cr_expect_not(device_is_shut("x-web", OTHER));
	cr_expect(device_is_shut("x-web", ME));
}

Test(posting_windows, text_that_had_its_window_has_none_again)
{
	const struct change hows[] = {{.other_poster = true}, {.text = "It is over."}, {.minutes = 20}};

	open_here();
	amended(hows, 1);
	cr_expect_str_eq(device_refusal(OTHER, HF_ASK_PASS, A, NULL), "rollback", "attack: from one poster to the next");
	amended(hows, 2);
	amended(hows, 3);
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "rollback", "attack: there and back again");
}

Test(posting_windows, a_message_that_is_new_has_a_window_and_is_confirmed_apart)
{
	const struct change how = {.text = "It is over.", .minutes = 20};
	const struct hf_report *report;

	open_here();
	cr_expect_str_eq(device_state(ME, HF_ASK_POSTED, A, NULL), "posted");
	amended(&how, 1);
	cr_expect(device_is_shut("x-web", ME), "D9.3: it does not open by itself");
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open", "D9.3: the second message");
	cr_expect_not(device_is_shut("x-web", ME));
	cr_expect_str_eq(device_state(ME, HF_ASK_CANNOT, A, NULL), "cannot");
	report = device_report();
	cr_assert_eq(report->n_postings, 2, "the old one stays on the record");
	cr_expect_eq(report->postings[0].state, HF_POSTING_CANNOT);
	cr_expect_eq(report->postings[1].state, HF_POSTING_POSTED);
	cr_expect_neq(hf_digest_cmp(&report->postings[0].text, &report->postings[1].text), 0, "each names its text");
	device_restart();
	cr_expect_str_eq(posting_state(ME), "cannot", "and is remembered apart");
}

Test(posting_windows, one_approval_gives_two_windows_and_two_give_more)
{
	struct change hows[] = {{.text = "Second."}, {.text = "Third.", .other_poster = true}, {.text = "Third."}};

	open_here();
	amended(hows, 1);
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open");
	amended(hows, 2);
	cr_expect(device_is_shut("x-web", ME));
	cr_expect_str_eq(device_refusal(OTHER, HF_ASK_PASS, A, NULL), "too-few", "attack: one text after another");
	amended(hows, 3);
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "too-few", "attack: whoever posts it");
	hows[2].by_two = true;
	amended(hows, 3);
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open", "two may");
}

/* "attack": it alone gives the poster's login to somebody else beside, or the poster a login of another. */
Test(posting_windows, what_it_alone_says_of_a_login_opens_nothing)
{
	struct hf_assignment doc = council_assignment_doc(&d->council);
	struct hf_envelope *envelope;
	struct hf_err err = {""};

	open_here();
	doc.version = 2;
	doc.people[0] = (struct hf_device_person){"comms-2", "daemon", 1};
	doc.people[1] = (struct hf_device_person){"it-1", "nobody", 1};
	doc.n_people = 2;
	envelope = council_assignment(&d->council, &doc, IT_1);
	device_hear_envelope("device/" COUNCIL_DEVICE "/assignment", envelope);
	hf_envelope_free(&envelope);
	cr_expect(device_is_shut("x-web", ME), "it is somebody else's login too");
	cr_expect(device_is_shut("x-web", OTHER));
	offline();
	cr_expect_null(device_ask(ME, HF_ASK_PASS, A, NULL, &err));
	cr_expect(strstr(err.text, "a second one approves it"), "and it is said why: %s", err.text);
}

/* A memory of the version before knows no texts: its window was that of the message, whichever it is. */
Test(posting_windows, a_window_of_before_is_of_any_text)
{
	const struct change how = {.text = "It is over."};

	open_here();
	memset(&d->keeper->memory.windows.v[0].text, 0, sizeof(struct hf_digest));
	cr_expect_not(device_is_shut("x-web", ME), "it goes on");
	amended(&how, 1);
	cr_expect_not(device_is_shut("x-web", ME), "as it did before");
}

Test(posting_windows, exercise_is_practised_and_opens_nothing)
{
	struct hf_envelope *orders[2];
	struct hf_err err = {""};

	again(1, (struct change){.mode = HF_MODE_EXERCISE});
	offline();
	cr_expect_null(device_ask(OTHER, HF_ASK_PASS, A, NULL, &err));
	cr_expect(strstr(err.text, "EXERCISE"), "every sentence of an exercise says so: %s", err.text);
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, A, NULL), "open");
	orders[0] = raise;
	orders[1] = order_of(council_raise_doc(HF_KIND_EMERGENCY), &(const struct change){.other_poster = true});
	device_hear(orders, 2, NULL, 0);
	cr_expect(device_is_shut("x-web", ME), "attack: the pass of an exercise opens nothing live");
	hf_envelope_free(&orders[1]);
}

Test(posting_windows, exempt_poster_needs_no_window)
{
	again(1, (struct change){.mode = HF_MODE_LIVE, .exempt = true});
	cr_expect_not(device_is_shut("x-web", ME));
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "usage");
	cr_expect_str_eq(device_state(ME, HF_ASK_POSTED, A, "https://x.com/p/1"), "posted");
	cr_expect_eq(device_report()->postings[0].state, HF_POSTING_POSTED);
}

Test(posting_windows, cannot_can_be_said_without_a_window)
{
	cr_expect_str_eq(device_state(ME, HF_ASK_CANNOT, A, "on leave"), "cannot");
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "rollback");
}

Test(posting_windows, everybody_who_holds_the_account_sees_who_was_asked_and_whether_it_is_done)
{
	hf_auto_json json_t *posting = NULL;

	cr_expect_str_eq(posting_state(OTHER), "asked");
	claimed_by("d9", HF_POSTING_POSTED);
	posting = device_posting(OTHER, A);
	cr_expect_str_eq(json_string_value(json_object_get(posting, "state")), "posted");
	cr_expect_str_eq(json_string_value(json_object_get(posting, "poster")), "comms-2");
	cr_expect_str_eq(json_string_value(json_object_get(posting, "device")), "d9");
	cr_expect_str_eq(posting_state(ME), "posted", "also on the poster's other device");
}

Test(posting_windows, unread_instructions_go_before_the_window_D10)
{
	struct hf_order doc = council_raise_doc(HF_KIND_PURDAH);
	struct hf_envelope *orders[2] = {raise, council_order(&d->council, &doc, ELECTIONS_1)};

	device_hear(orders, 2, NULL, 0);
	offline();
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "pending");
	hf_envelope_free(&orders[1]);
}

Test(posting_windows, lost_memory_opens_nothing)
{
	d->keeper->memory.unknown = true;
	offline();
	cr_expect_str_eq(device_refusal(ME, HF_ASK_PASS, A, NULL), "pending");
}

Test(posting_windows, boot_that_cannot_be_named_is_another_each_time)
{
	d->boot_id[0] = '\0';
	device_restart();
	open_here();
	cr_expect_not(device_is_shut("x-web", ME));
	d->boot.ms += 1;
	device_restart();
	cr_expect_eq(d->keeper->memory.windows.v[0].left_ms, MINUTES(13), "what was paid is gone");
}
