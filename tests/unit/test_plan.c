/* SPDX-License-Identifier: MIT */
/*
 * Owns what is blocked for whom on one device, from lockdowns and people.
 * Must never take a tool for open that is closed to anybody.
 */
#include <criterion/criterion.h>
#include <string.h>


#include "agent/enforce/enforce.h"
#include "agent/machine/presence.h"
#include "agent/rules/plan.h"
#include "tests/help/judged.h"

#define NOW ((struct hf_wall){COUNCIL_T + 3600})
#define UID_1 5001
#define UID_2 5002

static struct council council;

static void set_up(void)
{
	council_open(&council);
}

static void tear_down(void)
{
	council_close(&council);
}

TestSuite(plan, .init = set_up, .fini = tear_down);

/* A device of these people, user names as ids, with one order in force. */
struct world {
	struct judged j;
	struct hf_logins logins;
	struct hf_own_plan plan;
};

static void add_people(struct hf_assignment *doc, const char *const *people, struct hf_logins *logins)
{
	doc->version = 2;
	for (doc->n_people = 0; people[doc->n_people]; doc->n_people++) {
		const char *who = people[doc->n_people];

		doc->people[doc->n_people] = (struct hf_device_person){who, who, 1};
		logins->v[doc->n_people].there = logins->v[doc->n_people].in = true;
		logins->v[doc->n_people].uid = strcmp(who, "comms-1") == 0 ? UID_1 : UID_2;
	}
	logins->n = doc->n_people;
}

static void begin(struct world *w, const char *const *people, const struct hf_order *order)
{
	struct hf_assignment doc = council_assignment_doc(&council);
	hf_auto_envelope struct hf_envelope *assignment = NULL;

	memset(w, 0, sizeof(*w));
	judged_begin(&w->j, &council);
	add_people(&doc, people, &w->logins);
	assignment = council_assignment(&council, &doc, IT_1 | COMMS_1);
	cr_assert_eq(council_hear(&w->j.known, assignment, NULL), HF_OK);
	if (order)
		judged_order(&w->j.known, &council, order, COMMS_1 | COMMS_2 | ELECTIONS_1);
	judged_now(&w->j, NOW);
}

static void make(struct world *w)
{
	cr_assert_eq(hf_plan_make(&w->j.matter, &w->logins, &w->plan, NULL), HF_OK);
}

static void end(struct world *w)
{
	hf_plan_done(&w->plan);
	judged_end(&w->j);
}

static const struct hf_block *find(const struct hf_own_plan *plan, const char *tool)
{
	for (size_t i = 0; i < plan->plan.n_blocks; i++) {
		if (strcmp(plan->plan.blocks[i].tool, tool) == 0)
			return &plan->plan.blocks[i];
	}
	return NULL;
}

#define PEOPLE(...) ((const char *const[]){__VA_ARGS__, NULL})

static void forget(struct world *w)
{
	w->j.facts.unknown = true;
}

static void share_a_login(struct world *w)
{
	w->logins.v[0].uid = w->logins.v[1].uid = UID_2;
}

static void lose_a_login(struct world *w)
{
	w->logins.v[0].there = false;
	w->logins.v[0].uid = 0;
}

/* clang-format off */
static const struct who_row {
	const char *what;
	const char *people[3];
	bool exempt;                   /* comms-1 is */
	void (*but)(struct world *w);
	size_t n_open_for;             /* how many users each tool is open for: comms-1, or none */
	bool machine_wide;
} who_rows[] = {
	{ "D9.2: nobody is exempt",                               { "comms-1", "comms-2" }, false, NULL, 0, true },
	{ "D9.1: the designated officer is never blocked, others who log in are", { "comms-1" }, true, NULL, 1, false },
	{ "D9.1: the exempt one, D9.2: and nobody else",          { "comms-1", "comms-2" }, true, NULL, 1, true },
	{ "attack: sharing the exempt officer's login",           { "comms-1", "comms-2" }, true, share_a_login, 0, true },
	{ "nobody is taken for root whose login is not there",    { "comms-1" }, true, lose_a_login, 0, true },
	{ "what was known is lost: all is blocked for everybody", { "comms-1" }, true, forget, 0, true },
	{ "D9.2: a meeting-room machine, for whoever logs in",    { NULL }, false, NULL, 0, true },
};
/* clang-format on */

Test(plan, emergency_blocks_every_tool_but_for_the_exempt_D9_1_D9_2)
{
	for (size_t i = 0; i < HF_LEN(who_rows); i++) {
		const struct who_row *r = &who_rows[i];
		struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
		struct world w;

		order.body.exempt = r->exempt ? COUNCIL_LIST("comms-1") : (struct hf_strs){NULL, 0};
		begin(&w, r->people, &order);
		if (r->but)
			r->but(&w);
		make(&w);
		cr_assert_eq(w.plan.plan.n_blocks, w.j.known.reg->n_tools, "%s: each tool of the register", r->what);
		for (size_t b = 0; b < w.plan.plan.n_blocks; b++) {
			const struct hf_block *block = &w.plan.plan.blocks[b];

			cr_expect_eq(block->n_open_for, r->n_open_for, "%s: %s", r->what, block->tool);
			cr_expect_eq(hf_block_open_for(block, UID_1), r->n_open_for > 0, "%s: %s", r->what,
				     block->tool);
			cr_expect_not(hf_block_open_for(block, UID_2), "%s: %s", r->what, block->tool);
			cr_expect_eq(block->machine_wide, r->machine_wide, "%s: %s", r->what, block->tool);
		}
		end(&w);
	}
}

Test(plan, nothing_that_binds_blocks_nothing)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	const struct {
		const char *what;
		const struct hf_order *order;
	} rows[] = {
		{"without a lockdown nothing is blocked", NULL},
		{"an exercise never blocks", &order},
	};

	order.mode = HF_MODE_EXERCISE;
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct world w;

		begin(&w, PEOPLE("comms-2"), rows[i].order);
		make(&w);
		cr_expect_eq(w.plan.plan.n_blocks, 0, "%s", rows[i].what);
		end(&w);
	}
}

Test(plan, named_account_blocks_its_holders_tools_alone_D2_3)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct world w;

	order.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	begin(&w, PEOPLE("comms-2"), &order);
	make(&w);
	cr_expect_not_null(find(&w.plan, "x-web"), "D2.3: the holder's tool for that platform");
	cr_expect_not_null(find(&w.plan, "hootsuite"), "a tool of several platforms is shut as a whole");
	cr_expect_null(find(&w.plan, "facebook-web"), "another platform stays open");
	end(&w);
}

/* What comms-2 acknowledges of the one order of a world. */
static struct hf_ack ack_of(const struct world *w, const char *text)
{
	struct hf_ack ack = {.lockdown = w->j.lockdowns.v[0].id, .person = "comms-2", .at = NOW};

	cr_assert_eq(hf_instructions_digest(text, &ack.text), HF_OK);
	return ack;
}

Test(plan, guard_blocks_until_the_instructions_are_acknowledged_D10)
{
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
	struct hf_ack ack;
	struct world w;

	begin(&w, PEOPLE("comms-2"), &order);
	make(&w);
	cr_expect_eq(w.plan.plan.n_blocks, w.j.known.reg->n_tools, "D10: shut until read");
	hf_plan_done(&w.plan);
	ack = ack_of(&w, order.body.instructions);
	w.j.facts.acks = &ack;
	w.j.facts.n_acks = 1;
	make(&w);
	cr_expect(hf_block_open_for(&w.plan.plan.blocks[0], UID_2), "D10: open for who has read them");
	cr_expect_not(w.plan.plan.blocks[0].machine_wide, "D10: everybody of this device has read them");
	end(&w);
}

/* clang-format off */
static const struct ack_row {
	const char *what;
	const char *person, *text;
	bool other_lockdown, open;
	bool blocks; /* the order does, instead of guarding */
} ack_rows[] = {
	{ "D10: the text of this very order",            "comms-2", NULL, false, true, false },
	{ "D10: an amendment with another text",         "comms-2", "Another text.", false, false, false },
	{ "attack: somebody else's acknowledgement",     "comms-1", NULL, false, false, false },
	{ "D10: the same text of another order",         "comms-2", NULL, true, false, false },
	{ "attack: an acknowledgement of nobody",        "", NULL, false, false, false },
	{ "D10: block is for all but exempt persons",    "comms-2", NULL, false, false, true },
};
/* clang-format on */

Test(plan, acknowledgement_opens_for_its_person_its_order_and_its_text_alone_D10)
{
	for (size_t i = 0; i < HF_LEN(ack_rows); i++) {
		struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
		const struct ack_row *r = &ack_rows[i];
		struct hf_ack ack;
		struct world w;

		if (r->blocks)
			order.body.level = HF_LEVEL_BLOCK;
		begin(&w, PEOPLE("comms-2", "comms-1"), &order);
		ack = ack_of(&w, r->text ? r->text : order.body.instructions);
		cr_assert_eq(hf_str_copy(ack.person, sizeof(ack.person), r->person), HF_OK);
		ack.lockdown.b[0] ^= r->other_lockdown;
		w.j.facts.acks = &ack;
		w.j.facts.n_acks = 1;
		make(&w);
		cr_expect_eq(hf_block_open_for(&w.plan.plan.blocks[0], UID_2), r->open, "%s", r->what);
		cr_expect(w.plan.plan.blocks[0].machine_wide, "%s: the other one of this device has not", r->what);
		end(&w);
	}
}

Test(plan, is_the_same_however_often_it_is_made_and_outlives_the_register)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_own_plan again = {0};
	struct world w;

	begin(&w, PEOPLE("comms-1", "comms-2"), &order);
	make(&w);
	cr_assert_eq(hf_plan_make(&w.j.matter, &w.logins, &again, NULL), HF_OK);
	hf_lockdowns_done(&w.j.lockdowns);
	hf_known_done(&w.j.known);
	cr_assert(hf_plan_same(&w.plan.plan, &again.plan), "a plan owns its texts");
	cr_assert_not_null(find(&again, "toot"));
	cr_assert_str_eq(find(&again, "toot")->programs->v[0], "/usr/bin/toot");
	hf_plan_done(&again);
	end(&w);
}

Test(plan, join_blocks_all_that_either_blocks)
{
	struct hf_order all = council_raise_doc(HF_KIND_EMERGENCY), one = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_own_plan both = {0}, reverse = {0}, nothing = {0};
	struct world a, b;

	all.body.exempt = COUNCIL_LIST("comms-1");
	one.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	begin(&a, PEOPLE("comms-1", "comms-2"), &all);
	begin(&b, PEOPLE("comms-1", "comms-2"), &one);
	make(&a);
	make(&b);
	cr_assert_eq(hf_plan_join(&a.plan.plan, &b.plan.plan, &both, NULL), HF_OK);
	cr_assert_eq(hf_plan_join(&b.plan.plan, &a.plan.plan, &reverse, NULL), HF_OK);
	cr_expect(hf_plan_same(&both.plan, &reverse.plan), "whichever comes first");
	cr_expect_eq(both.plan.n_blocks, a.plan.plan.n_blocks, "every tool of the wider one");
	cr_expect_not(hf_block_open_for(find(&both, "x-web"), UID_1), "open only for whom both are open");
	cr_expect(hf_block_open_for(find(&both, "facebook-web"), UID_1), "what one plan says alone stays as it says");
	hf_plan_done(&reverse);
	cr_assert_eq(hf_plan_join(&both.plan, &nothing.plan, &reverse, NULL), HF_OK);
	cr_expect(hf_plan_same(&both.plan, &reverse.plan), "joined with nothing it is what it was");
	hf_plan_done(&both);
	hf_plan_done(&reverse);
	end(&a);
	end(&b);
}

Test(plan, join_keeps_an_address_that_a_new_register_leaves_out)
{
	const char *old_v[] = {"x.com", "twitter.com"}, *new_v[] = {"x.com"};
	struct hf_strs none = {NULL, 0}, old_list = {old_v, 2}, new_list = {new_v, 1};
	struct hf_block old_block = {
		.tool = "x-web", .name = "X", .addresses = &old_list, .dedicated = &none, .programs = &none};
	struct hf_block new_block = {
		.tool = "x-web", .name = "X", .addresses = &new_list, .dedicated = &none, .programs = &none};
	struct hf_plan before = {&old_block, 1}, after = {&new_block, 1};
	struct hf_own_plan both = {0};

	cr_assert_eq(hf_plan_join(&before, &after, &both, NULL), HF_OK);
	cr_expect(hf_plan_same(&both.plan, &before), "a register that lets an address go is a loosening");
	cr_expect_not(hf_plan_same(&both.plan, &after), "and so is written down first");
	hf_plan_done(&both);
}

/* One device, two people and perhaps somebody else: who is let through, and what the browsers' policy does. */
enum how {
	SHUT,
	EXEMPT, /* from it */
	READ,	/* has acknowledged, in a pre-election period */
	PASS	/* has a posting window open, for X */
};

/* clang-format off */
static const struct here_row {
	const char *what;
	enum how one, two;
	bool one_in, two_in, stranger;
	bool for_all; /* the policy of the whole machine blocks; else it gives way, and the extension blocks */
} here_rows[] = {
	{ "D9.2: nobody is exempt, nobody is here",              SHUT,   SHUT,   false, false, false, true },
	{ "D9.2: nobody is exempt, one is here",                 SHUT,   SHUT,   true,  false, false, true },
	{ "D9.2: nobody is exempt, both are here",               SHUT,   SHUT,   true,  true,  false, true },
	{ "D9.1: the exempt one is not here",                    EXEMPT, SHUT,   false, false, false, true },
	{ "D9.1: the exempt one is here alone",                  EXEMPT, SHUT,   true,  false, false, false },
	{ "D9.2: the other one is here alone",                   EXEMPT, SHUT,   false, true,  false, true },
	{ "D9.2: the exempt one and the other one",              EXEMPT, SHUT,   true,  true,  false, true },
	{ "attack: the exempt one and a stranger",               EXEMPT, SHUT,   true,  false, true,  true },
	{ "attack: a stranger alone",                            EXEMPT, SHUT,   false, false, true,  true },
	{ "D9.1: both are exempt, both are here",                EXEMPT, EXEMPT, true,  true,  false, false },
	{ "D9.1: both are exempt, one is here",                  EXEMPT, EXEMPT, true,  false, false, false },
	{ "D9.2: both are exempt, nobody is here",               EXEMPT, EXEMPT, false, false, false, true },
	{ "attack: both are exempt, and a stranger",             EXEMPT, EXEMPT, true,  true,  true,  true },
	{ "D10: one has acknowledged and is here alone",         READ,   SHUT,   true,  false, false, false },
	{ "D10: one has acknowledged, the other one is here",    READ,   SHUT,   true,  true,  false, true },
	{ "D10: both have acknowledged",                         READ,   READ,   true,  true,  false, false },
	{ "D10: an acknowledgement of who is not here",          READ,   SHUT,   false, true,  false, true },
	{ "D10: one is exempt, the other one has acknowledged",  EXEMPT, READ,   true,  true,  false, false },
	{ "D9.3: a posting window, its person here alone",       PASS,   SHUT,   true,  false, false, false },
	{ "D9.3: a posting window, the other one is here too",   PASS,   SHUT,   true,  true,  false, true },
	{ "D9.3: a posting window, the other one is here alone", PASS,   SHUT,   false, true,  false, true },
	{ "attack: a posting window, and a stranger",            PASS,   SHUT,   true,  false, true,  true },
	{ "D9.3: a posting window beside one who is exempt",     PASS,   EXEMPT, true,  true,  false, false },
	{ "D9.3: two posting windows",                           PASS,   PASS,   true,  true,  false, false },
};
/* clang-format on */

/* A posting window opens the tool of X alone. */
static bool opens(enum how how, const struct hf_block *block)
{
	return how == PASS ? strcmp(block->tool, "x-web") == 0 : how != SHUT;
}

static void check_here(const struct here_row *r, const struct world *w)
{
	cr_expect_eq(w->plan.plan.n_blocks, 6, "%s: each tool of the register", r->what);
	for (size_t i = 0; i < w->plan.plan.n_blocks; i++) {
		const struct hf_block *block = &w->plan.plan.blocks[i];
		bool sites = block->addresses->n > 0, one = opens(r->one, block), two = opens(r->two, block);
		bool for_all = r->for_all || (r->one_in && !one) || (r->two_in && !two);

		cr_expect_eq(block->machine_wide, for_all, "%s: %s", r->what, block->tool);
		cr_expect_eq(hf_block_open_for(block, UID_1), one, "%s: layers that know users: the first", r->what);
		cr_expect_eq(hf_block_open_for(block, UID_2), two, "%s: layers that know users: the second", r->what);
		cr_expect_eq(hf_layer_browser.has_work(block), sites && for_all, "%s: browser", r->what);
		cr_expect_eq(hf_layer_network.has_work(block), sites, "%s: network", r->what);
		cr_expect_eq(hf_layer_extension.has_work(block), sites, "%s: extension", r->what);
		cr_expect_eq(hf_layer_programs.has_work(block), block->programs->n > 0, "%s: programs", r->what);
	}
}

Test(plan, one_machine_several_people_D9_1_D9_2)
{
	for (size_t i = 0; i < HF_LEN(here_rows); i++) {
		const struct here_row *r = &here_rows[i];
		struct hf_order order =
			council_raise_doc(r->one == READ || r->two == READ ? HF_KIND_PURDAH : HF_KIND_EMERGENCY);
		struct hf_present here = {.n = 0};
		static const struct hf_pass windows[] = {{"x:CannockChaseDC", "comms-1"},
							 {"x:CannockChaseDC", "comms-2"}};
		struct hf_ack acks[2];
		struct world w;
		const char *exempt[] = {"comms-1", "comms-2"};
		size_t first = r->one != EXEMPT;

		order.body.exempt = (struct hf_strs){exempt + first, (r->one == EXEMPT) + (r->two == EXEMPT)};
		begin(&w, PEOPLE("comms-1", "comms-2"), &order);
		for (int p = 0; p < 2; p++) {
			if ((p == 0 ? r->one : r->two) != READ)
				continue;
			acks[w.j.facts.n_acks] = ack_of(&w, order.body.instructions);
			cr_assert_eq(hf_str_copy(acks[w.j.facts.n_acks].person, sizeof(acks[0].person),
						 p == 0 ? "comms-1" : "comms-2"),
				     HF_OK);
			w.j.facts.n_acks++;
		}
		w.j.facts.acks = acks;
		w.j.facts.passes = windows;
		w.j.facts.n_passes = (r->one == PASS) + (r->two == PASS);
		if (r->one_in)
			hf_present_add(&here, UID_1);
		if (r->two_in)
			hf_present_add(&here, UID_2);
		if (r->stranger)
			hf_present_add(&here, 5003);
		hf_logins_mark(&here, &w.logins);
		make(&w);
		check_here(r, &w);
		end(&w);
	}
}

/* clang-format off */
static const struct { const char *what, *text; bool open; } session_rows[] = {
	{ "at the screen",               "# This is private data.\nNAME=sam\nSTATE=active\nSTOPPING=no\n", true },
	{ "behind another screen",       "NAME=sam\nSTATE=online\n", true },
	{ "services alone: who lingers", "NAME=sam\nSTATE=lingering\n", false },
	{ "on the way out",              "NAME=sam\nSTATE=closing\n", false },
	{ "a name that looks like it",   "NAME=xSTATE=active\nSTATE=lingering\n", false },
	{ "nothing",                     "", false },
};
/* clang-format on */

Test(plan, a_session_is_what_counts_as_logged_in)
{
	for (size_t i = 0; i < HF_LEN(session_rows); i++)
		cr_expect_eq(hf_session_open(session_rows[i].text), session_rows[i].open, "%s", session_rows[i].what);
}

/* clang-format off */
static const struct unknown_row {
	const char *what;
	enum how one, two; /* of them the second's login is not known to this machine */
	bool one_in, stranger;
	bool for_all;
} unknown_rows[] = {
	{ "D9.2: who cannot be told to be the one who is shut",       EXEMPT, SHUT,   true,  true,  true },
	{ "D9.1: nobody else is here",                                EXEMPT, SHUT,   true,  false, false },
	{ "D9.2: the exempt one's login is not known: not open",      SHUT,   EXEMPT, false, true,  true },
	{ "D9.2: both are exempt, and somebody nobody knows is here", EXEMPT, EXEMPT, true,  true,  true },
};
/* clang-format on */

/* D9.2: a login that the directory does not know yet opens nothing; whoever is here may be that person. */
Test(plan, a_login_that_is_not_known_is_shut)
{
	for (size_t i = 0; i < HF_LEN(unknown_rows); i++) {
		const struct unknown_row *r = &unknown_rows[i];
		struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
		const char *exempt[] = {"comms-1", "comms-2"};
		size_t first = r->one != EXEMPT;
		struct hf_present here = {.n = 0};
		struct world w;

		order.body.exempt = (struct hf_strs){exempt + first, (r->one == EXEMPT) + (r->two == EXEMPT)};
		begin(&w, PEOPLE("comms-1", "comms-2"), &order);
		w.logins.v[1].there = false;
		if (r->one_in)
			hf_present_add(&here, UID_1);
		if (r->stranger)
			hf_present_add(&here, UID_2);
		hf_logins_mark(&here, &w.logins);
		make(&w);
		cr_expect_eq(hf_logins_unknown(&w.logins), 1);
		for (size_t b = 0; b < w.plan.plan.n_blocks; b++) {
			const struct hf_block *block = &w.plan.plan.blocks[b];

			cr_expect_eq(block->machine_wide, r->for_all, "%s: %s", r->what, block->tool);
			cr_expect_not(hf_block_open_for(block, UID_2), "%s: %s", r->what, block->tool);
		}
		end(&w);
	}
}

Test(plan, machine_users_are_nobodys_company)
{
	struct hf_logins logins = {.n = 1, .v = {{.uid = UID_1, .there = true}}};
	struct hf_present here = {.v = {UID_1, 33, HF_UID_NOBODY}, .n = 3};

	hf_logins_mark(&here, &logins);
	cr_expect(logins.v[0].in);
	cr_expect_not(logins.strangers, "services are not logged in");
	for (uid_t uid = 2000; uid < 2000 + HF_PRESENT_MAX; uid++)
		hf_present_add(&here, uid);
	logins.v[0].uid = 1999;
	hf_logins_mark(&here, &logins);
	cr_expect(here.more && logins.strangers, "more than can be counted: somebody may be a stranger");
	cr_expect_not(logins.v[0].in, "who is not here is not");
}

/* clang-format off */
static const struct same_row { const char *what; struct hf_block b; bool want; } same_rows[] = {
	{ "equal",               { .tool = "a", .open_for = { 1, 2 }, .n_open_for = 2, .machine_wide = true }, true },
	{ "users in any order",  { .tool = "a", .open_for = { 2, 1 }, .n_open_for = 2, .machine_wide = true }, true },
	{ "another user",        { .tool = "a", .open_for = { 1, 3 }, .n_open_for = 2, .machine_wide = true }, false },
	{ "one user fewer",      { .tool = "a", .open_for = { 1 },    .n_open_for = 1, .machine_wide = true }, false },
	{ "another tool",        { .tool = "b", .open_for = { 1, 2 }, .n_open_for = 2, .machine_wide = true }, false },
	{ "not machine-wide",    { .tool = "a", .open_for = { 1, 2 }, .n_open_for = 2, .machine_wide = false }, false },
};
/* clang-format on */

Test(plan, same_means_the_same_for_the_same_users)
{
	struct hf_strs none = {NULL, 0};
	struct hf_block base = same_rows[0].b;
	struct hf_plan a = {&base, 1};

	base.addresses = base.dedicated = base.programs = &none;
	for (size_t i = 0; i < HF_LEN(same_rows); i++) {
		struct hf_block other = same_rows[i].b;
		struct hf_plan b = {&other, 1};

		other.addresses = other.dedicated = other.programs = &none;
		cr_expect_eq(hf_plan_same(&a, &b), same_rows[i].want, "%s", same_rows[i].what);
	}
}
