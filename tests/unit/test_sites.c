/* SPDX-License-Identifier: MIT */
/*
 * Owns what a browser of one person is told to refuse, and the words in its place.
 * Must never start a browser.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/rules/sites.h"
#include "tests/help/judged.h"

#define NOW ((struct hf_wall){COUNCIL_T + 3600})
#define EXEMPT 5001
#define OTHER 5002

static struct council council;

static void set_up(void)
{
	council_open(&council);
}

static void tear_down(void)
{
	council_close(&council);
}

TestSuite(sites, .init = set_up, .fini = tear_down);

/* A device with one order in force, and a plan of one tool that is open for the exempt user alone. */
static const char *addresses_v[] = {"x.com", "twitter.com"};
static const struct hf_strs addresses = {addresses_v, 2}, none = {NULL, 0};

static struct hf_block block_of(void)
{
	return (struct hf_block){.tool = "x-web",
				 .name = "X in a browser",
				 .addresses = &addresses,
				 .dedicated = &none,
				 .programs = &none,
				 .open_for = {EXEMPT},
				 .n_open_for = 1};
}

static void begin(struct judged *j, const struct hf_order *order)
{
	judged_begin(j, &council);
	if (order)
		judged_order(&j->known, &council, order, COMMS_1 | COMMS_2 | ELECTIONS_1);
	judged_now(j, NOW);
}

static const char *text(const json_t *sites, const char *name)
{
	return json_string_value(json_object_get(sites, name));
}

Test(sites, each_person_hears_what_is_shut_for_that_person_D9_1)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_block block = block_of();
	const struct hf_plan plan = {&block, 1};
	hf_auto_json json_t *exempt = NULL;
	hf_auto_json json_t *other = NULL;
	struct judged w;

	begin(&w, &order);
	exempt = hf_sites_make(&w.matter, NULL, &plan, EXEMPT, COUNCIL_PAIR("comms-1"));
	other = hf_sites_make(&w.matter, NULL, &plan, OTHER, COUNCIL_PAIR("comms-2"));
	cr_expect(json_is_false(json_object_get(exempt, "locked")), "D9.1: nothing is shut for the exempt");
	cr_expect_eq(json_array_size(json_object_get(exempt, "blocks")), 0);
	cr_expect_str_eq(text(exempt, "why"), "", "and there is nothing to say");
	cr_expect(json_is_true(json_object_get(other, "locked")), "D9.2");
	const json_t *row = json_array_get(json_object_get(other, "blocks"), 0);
	cr_expect_str_eq(text(row, "name"), "X in a browser");
	cr_expect_eq(json_array_size(json_object_get(row, "hosts")), 2);
	cr_expect_str_eq(text(other, "title"), "Emergency: posting is stopped");
	cr_expect_str_eq(text(other, "why"), order.body.reason);
	cr_expect_str_eq(text(other, "contact"), order.body.contact);
	cr_expect_str_neq(text(other, "since"), "no end", "mission: since when");
	judged_end(&w);
}

/* clang-format off */
static const struct title_row {
	const char *what;
	enum hf_kind kind;
	enum hf_mode mode;
	enum hf_level level;
	const char *title;
} title_rows[] = {
	{ "D9.1", HF_KIND_EMERGENCY, HF_MODE_LIVE, HF_LEVEL_BLOCK, "Emergency: posting is stopped" },
	{ "D10: until they are read", HF_KIND_PURDAH, HF_MODE_LIVE, HF_LEVEL_GUARD,
	  "Pre-election period (purdah): read and acknowledge the instructions, then this opens" },
	{ "D10: for all", HF_KIND_PURDAH, HF_MODE_LIVE, HF_LEVEL_BLOCK, "Pre-election period (purdah): posting is stopped" },
	{ "mission: an exercise is never the reason", HF_KIND_EMERGENCY, HF_MODE_EXERCISE, HF_LEVEL_BLOCK, "Posting is stopped" },
};
/* clang-format on */

Test(sites, words_are_those_of_what_is_in_force)
{
	struct hf_block block = block_of();
	const struct hf_plan plan = {&block, 1};

	for (size_t i = 0; i < HF_LEN(title_rows); i++) {
		const struct title_row *r = &title_rows[i];
		struct hf_order order = council_raise_doc(r->kind);
		hf_auto_json json_t *sites = NULL;
		struct judged w;

		order.mode = r->mode;
		order.body.level = r->level;
		begin(&w, &order);
		sites = hf_sites_make(&w.matter, NULL, &plan, OTHER, NULL);
		cr_expect_str_eq(text(sites, "title"), r->title, "%s", r->what);
		cr_expect(json_is_false(json_object_get(sites, "exercise")), "%s", r->what);
		judged_end(&w);
	}
}

Test(sites, shut_with_no_lockdown_says_who_ends_it_D9_2)
{
	struct hf_block block = block_of();
	const struct hf_plan plan = {&block, 1};
	struct hf_over over = {.person = "comms-1"};
	hf_auto_json json_t *lost = NULL, *beyond = NULL;
	struct judged w;

	begin(&w, NULL);
	lost = hf_sites_make(&w.matter, NULL, &plan, OTHER, NULL);
	cr_expect(strstr(text(lost, "why"), "until two officers have said what is"), "a server alone ends no loss");
	w.lockdowns.over = &over;
	w.lockdowns.n_over = 1;
	beyond = hf_sites_make(&w.matter, NULL, &plan, OTHER, NULL);
	cr_expect(strstr(text(beyond, "why"), "until two officers have released them"), "%s", text(beyond, "why"));
	w.lockdowns.over = NULL;
	w.lockdowns.n_over = 0;
	judged_end(&w);
}

/* clang-format off */
static const struct message_row {
	const char *what, *person;
	enum hf_mode mode;
	size_t n;
	bool you;
	enum hf_posting_state state;
	const char *wanted;
} message_rows[] = {
	{ "D9.3: the named poster",           "comms-2", HF_MODE_LIVE,     1, true,  HF_POSTING_STATE_COUNT, "asked" },
	{ "D9.3: they have posted it",        "comms-2", HF_MODE_LIVE,     1, true,  HF_POSTING_POSTED,      "posted" },
	{ "D9.3: a holder who is not named",  "comms-1", HF_MODE_LIVE,     1, false, HF_POSTING_STATE_COUNT, "asked" },
	{ "D9.3: who holds nothing",          "it-1",    HF_MODE_LIVE,     0, false, HF_POSTING_STATE_COUNT, "" },
	{ "an exercise is not on the page",   "comms-2", HF_MODE_EXERCISE, 0, false, HF_POSTING_STATE_COUNT, "" },
};
/* clang-format on */

static void has_begun(struct hf_memory *memory, const struct message_row *r, const struct hf_lockdowns *lockdowns)
{
	struct hf_claims *claims = &memory->known.claims;

	if (r->state == HF_POSTING_STATE_COUNT)
		return;
	cr_assert_eq(hf_claims_reserve(claims, 1), HF_OK);
	claims->v[claims->n++] = (struct hf_claim){.lockdown = lockdowns->v[0].id,
						   .account = "x:CannockChaseDC",
						   .person = "comms-2",
						   .device = "d9",
						   .state = r->state,
						   .at = NOW};
}

Test(sites, the_message_of_an_account_is_said_with_who_posts_it_and_how_far_it_is_D9_3)
{
	struct hf_block block = block_of();
	const struct hf_plan plan = {&block, 1};

	for (size_t i = 0; i < HF_LEN(message_rows); i++) {
		const struct message_row *r = &message_rows[i];
		struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
		struct hf_memory memory = {.unknown = false};
		hf_auto_json json_t *sites = NULL, *silent = NULL;
		const json_t *messages, *row;
		struct judged w;

		order.mode = r->mode;
		begin(&w, &order);
		has_begun(&memory, r, &w.lockdowns);
		sites = hf_sites_make(&w.matter, &memory, &plan, OTHER, COUNCIL_PAIR(r->person));
		silent = hf_sites_make(&w.matter, NULL, &plan, OTHER, COUNCIL_PAIR(r->person));
		messages = json_object_get(sites, "messages");
		row = json_array_get(messages, 0);
		cr_expect_eq(json_array_size(messages), r->n, "%s", r->what);
		cr_expect_eq(json_is_true(json_object_get(row, "you")), r->you, "%s", r->what);
		cr_expect(r->n == 0 || strcmp(text(row, "state"), r->wanted) == 0, "%s", r->what);
		cr_expect(r->n == 0 || strcmp(text(row, "account"), "x:CannockChaseDC") == 0, "%s", r->what);
		cr_expect_eq(hf_sites_version(sites), hf_sites_version(silent), "%s: nothing is shut by it", r->what);
		hf_memory_done(&memory);
		judged_end(&w);
	}
}

Test(sites, version_is_that_of_the_content)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_block block = block_of();
	const struct hf_plan plan = {&block, 1}, open = {NULL, 0};
	struct judged w;
	int64_t versions[4];

	begin(&w, &order);
	for (int i = 0; i < 4; i++) {
		hf_auto_json json_t *sites =
			hf_sites_make(&w.matter, NULL, i < 3 ? &plan : &open, i == 2 ? EXEMPT : OTHER, NULL);
		versions[i] = hf_sites_version(sites);
		cr_expect(versions[i] > 0 && versions[i] < HF_JSON_INT_MAX);
	}
	cr_expect_eq(versions[0], versions[1], "the same content");
	cr_expect_neq(versions[0], versions[2], "of another person");
	cr_expect_neq(versions[0], versions[3], "after the release");
	cr_expect_eq(versions[2], versions[3], "open is open");
	judged_end(&w);
}

Test(sites, hosts_belong_to_their_tool)
{
	struct hf_block block = block_of();
	const struct hf_plan plan = {&block, 1};

	cr_expect_eq(hf_sites_tool(&plan, "x.com"), &block);
	cr_expect_eq(hf_sites_tool(&plan, "mobile.x.com"), &block);
	cr_expect_null(hf_sites_tool(&plan, "netflix.com"), "only what is below it");
	cr_expect_null(hf_sites_tool(&plan, "com"));
	cr_expect_null(hf_sites_tool(&plan, ""));
}
