/* SPDX-License-Identifier: MIT */
/*
 * Whoever has one officer's key, alone or with the controller's, crowds nobody out: what is true takes effect, is
 * carried, reported, shown and written down; and what is kept is a pure function of what was heard.
 * Must never count on an order of hearing, or on the controller's good will.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/rules/reporting.h"
#include "agent/rules/view.h"
#include "controller/pages.h"
#include "tests/help/council.h"
#include "tests/help/dice.h"

#define E HF_KIND_EMERGENCY
#define P HF_KIND_PURDAH
#define T COUNCIL_T
#define NOW (T + 3600)
#define POOL_MAX 512

static struct council council;
static struct hf_envelope *pool[POOL_MAX]; /* every envelope of a test, freed after it */
static size_t n_pool;
static char long_text[12000];

static void open_all(void)
{
	council_open(&council);
	memset(long_text, 'x', sizeof(long_text) - 1);
	dice_at = number_from("HF_SEED", 20261129);
}

static void close_all(void)
{
	while (n_pool > 0)
		hf_envelope_free(&pool[--n_pool]);
	council_close(&council);
}

TestSuite(room, .init = open_all, .fini = close_all, .timeout = 300);

static struct hf_envelope *keep(struct hf_envelope *envelope)
{
	cr_assert_lt(n_pool, POOL_MAX);
	return pool[n_pool++] = envelope;
}

static struct hf_envelope *order(const struct hf_order *doc, unsigned who)
{
	return keep(council_order(&council, doc, who));
}

/* What is known, as the bytes of its orders. */
static char *text_of(const struct hf_known *known)
{
	hf_auto_json json_t *json = hf_known_encode(known);
	char *text = NULL;
	size_t len = 0;

	cr_assert_eq(hf_json_bytes(json_object_get(json, "orders") ? json : NULL, &text, &len), HF_OK);
	return text;
}

/* The floods. Each returns nothing: all of it lies in the pool. */

static void raises(size_t n, enum hf_kind kind, unsigned who, bool bears)
{
	struct hf_order doc = council_raise_doc(kind);

	if (!bears)
		doc.body.groups = COUNCIL_LIST("depot");
	for (size_t i = 0; i < n; i++) {
		doc.at.s = T + 100 + (int64_t)below(400);
		doc.body.reason = i % 2 == 0 ? "A flood." : "Another flood.";
		doc.body.contact = i % 3 == 0 ? "Nobody" : "Somebody";
		doc.body.instructions = kind == P || i % 16 == 0 ? long_text + below(11000) : "";
		order(&doc, who);
	}
}

static void amendments(size_t n, const struct hf_envelope *of, enum hf_kind kind, unsigned who)
{
	struct hf_order doc = council_amend_doc(kind, of, 1);
	bool upwards = one_in(2);

	for (size_t i = 0; i < n; i++) {
		doc.rev = (int64_t)i + 1;
		doc.at.s = upwards ? T + 700 + (int64_t)i : T + 700 + (int64_t)(n - i);
		if (one_in(8))
			doc.of.b[below(32)] ^= 1;
		else
			doc.of = of->digest;
		order(&doc, who);
	}
}

static void exercises(size_t n, unsigned who)
{
	struct hf_order doc = council_raise_doc(E), end = council_release_doc(E, NULL, 0);
	struct hf_digest invented[HF_RELEASES_MAX];

	doc.mode = end.mode = HF_MODE_EXERCISE;
	doc.body.instructions = long_text;
	for (size_t i = 0; i < n; i++) {
		doc.at.s = T + 200 + (int64_t)i;
		order(&doc, who);
		for (size_t d = 0; d < HF_LEN(invented) * sizeof(invented[0]); d++)
			((uint8_t *)invented)[d] = (uint8_t)dice();
		end.at.s = T + 200 + (int64_t)i;
		end.releases = invented;
		end.n_releases = HF_LEN(invented);
		order(&end, who);
	}
}

static struct hf_envelope *release_person(const char *person, enum hf_kind kind, int64_t before, unsigned who)
{
	struct hf_release_person one = {person, {before}};
	struct hf_order doc = council_release_doc(kind, NULL, 0);

	doc.persons = &one;
	doc.n_persons = 1;
	doc.at.s = before;
	return order(&doc, who);
}

/* The join */

static void hear_some(struct hf_known *known, const size_t *turns, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++)
		(void)council_hear(known, pool[turns[i]], NULL);
}

static void shuffle(size_t *turns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		turns[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t k = below(i), was = turns[i - 1];

		turns[i - 1] = turns[k];
		turns[k] = was;
	}
}

/* Takes from the other what it has kept, order by order. */
static void take_over(struct hf_known *into, const struct hf_known *from)
{
	for (size_t i = 0; i < from->orders.n; i++)
		(void)council_hear(into, from->orders.v[i].envelope, NULL);
}

static void a_pool_of_everything(void)
{
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *raised;

	raises(80, E, COMMS_1, false);
	raises(12, E, COMMS_2, false);
	raises(70, P, ELECTIONS_1, false);
	raises(20, E, COMMS_1 | COMMS_2, false);
	exercises(12, COMMS_1);
	doc.at.s = T + 111;
	raised = order(&doc, COMMS_2);
	amendments(140, raised, E, COMMS_1);
	/* The same raise by one, by the other, and by both. */
	for (int i = 0; i < 10; i++) {
		doc.at.s = T + 90 + 40 * i;
		order(&doc, COMMS_1);
		order(&doc, COMMS_2);
	}
	release_person("comms-1", E, T + 250, COMMS_2 | MONITORING_1);
	release_person("elections-1", P, T + 300, ELECTIONS_1 | MONITORING_1);
	for (size_t i = 0; i < 30; i += 3) {
		doc = council_release_doc(E, &pool[i]->digest, 1);
		order(&doc, COMMS_2 | MONITORING_1);
	}
}

Test(room, what_is_kept_is_a_pure_function_of_what_was_heard)
{
	hf_auto_free char *first = NULL;
	size_t turns[POOL_MAX];

	a_pool_of_everything();
	for (int round = 0; round < 6; round++) {
		hf_auto_known struct hf_known one = {0}, other = {0};
		hf_auto_free char *text = NULL, *again = NULL;
		size_t half = below(n_pool);

		council_begin(&council, &one);
		council_begin(&council, &other);
		shuffle(turns, n_pool);
		hear_some(&one, turns, 0, half);
		hear_some(&other, turns, half / 2, n_pool - half / 2);
		take_over(&one, &other);
		text = text_of(&one);
		if (!first)
			first = strdup(text);
		cr_expect_str_eq(text, first, "The join: commutative, associative, whatever is heard first (%d)",
				 round);
		hear_some(&one, turns, 0, n_pool);
		again = text_of(&one);
		cr_expect_str_eq(again, text, "The join: idempotent");
	}
}

/* What a device does, says, shows and writes down */

struct seen {
	struct hf_memory memory;
	struct hf_lockdowns lockdowns;
	struct hf_posture posture;
};

static void look(struct seen *seen)
{
	const struct hf_known *known = &seen->memory.known;
	const struct hf_facts facts = {.unknown = false};
	const struct hf_wall now = {NOW};

	hf_posture_done(&seen->posture);
	hf_lockdowns_done(&seen->lockdowns);
	cr_assert_eq(hf_known_lockdowns(known, now, &seen->lockdowns, NULL), HF_OK);
	cr_assert_eq(hf_posture_of(&(struct hf_posture_ask){&seen->lockdowns, known->reg, &known->versions, &facts,
							    COUNCIL_PAIR("comms-2"), hf_known_now(known, now)},
				   &seen->posture, NULL),
		     HF_OK);
}

static const struct hf_lockdown *found(const struct seen *seen, const struct hf_envelope *raise)
{
	return hf_lockdowns_find(&seen->lockdowns, &raise->digest);
}

static bool list_has(const json_t *list, const struct hf_envelope *raise)
{
	char hex[HF_DIGEST_HEX_SIZE];
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row) if (strcmp(json_string_value(json_object_get(row, "id")),
						    hf_digest_hex(&raise->digest, hex)) == 0) return true;
	return false;
}

static void expect_said(const struct seen *seen, const struct hf_envelope *raise, const char *when)
{
	static const struct hf_facts facts = {.unknown = false};
	static const struct hf_plan plan;
	const struct hf_known *known = &seen->memory.known;
	const struct hf_case matter = {known, &seen->lockdowns, &facts, hf_known_now(known, (struct hf_wall){NOW})};
	const struct hf_report_facts facts_of = {.memory = &seen->memory, .plan = &plan, .decided = true};
	const struct hf_view_facts view_facts = {.who = COUNCIL_PAIR("comms-2"), .trouble = ""};
	hf_auto_json json_t *view = hf_view_make(&matter, &facts_of, &view_facts, NULL), *said = NULL;
	hf_auto_free char *bytes = NULL;
	struct hf_report_rows rows;
	struct hf_report report;
	size_t len = 0;

	cr_assert_eq(hf_report_make(&matter, &facts_of, &rows, &report), HF_OK);
	report.counter = 1;
	said = hf_report_encode(&report);
	cr_expect(list_has(json_object_get(said, "lockdowns"), raise), "%s: it is reported", when);
	cr_expect(list_has(json_object_get(view, "lockdowns"), raise), "%s: it is shown", when);
	cr_expect_eq(json_array_size(json_object_get(said, "over")), seen->lockdowns.n_over, "%s: so is who is over",
		     when);
	cr_expect_eq(json_array_size(json_object_get(view, "over")), seen->lockdowns.n_over, "%s", when);
	cr_expect_eq(hf_report_sign(&report, council.keys[3], &bytes, &len, NULL), HF_OK, "%s: a report fits", when);
}

/* It is written down, and comes back as it was. */
static void expect_saved(const struct seen *seen, const char *when)
{
	hf_auto_json json_t *json = hf_memory_encode(&seen->memory, 1);
	hf_auto_free char *text = NULL, *back_text = NULL, *was = text_of(&seen->memory.known);
	hf_auto_memory struct hf_memory back = {0};
	size_t len = 0;
	int copy = 0;

	cr_assert_eq(hf_json_bytes(json, &text, &len), HF_OK);
	cr_expect_lt(len, (size_t)HF_MEMORY_MAX / 2, "%s: %zu bytes on disk, and room for others", when, len);
	cr_assert_eq(hf_memory_decode(json, &back, &copy, NULL), HF_OK, "%s: the memory is read again", when);
	back_text = text_of(&back.known);
	cr_expect_str_eq(back_text, was, "%s", when);
}

/* The controller */

/* All that it carries, cut into pages as it cuts them, heard by another device. */
static void hear_pages(struct hf_known *controller, struct hf_known *device)
{
	static int64_t seq = 1;
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_carried struct hf_carried carried = {0};
	struct hf_estate estate = {0};
	struct hf_estate_view view = {&lockdowns, {NOW}, 180};
	struct hf_envelope *page[HF_PAGE_ORDERS_MAX];
	size_t *sizes, *page_of, fit = 0, pages, i = 0;

	cr_assert_eq(hf_known_lockdowns(controller, view.now, &lockdowns, NULL), HF_OK);
	cr_assert_eq(hf_carry(controller, &view, &estate, &carried), HF_OK);
	sizes = calloc(carried.n + 1, sizeof(*sizes));
	page_of = calloc(carried.n + 1, sizeof(*page_of));
	for (size_t k = 0; k < carried.n; k++) {
		hf_auto_free char *text = NULL;

		cr_assert_eq(hf_envelope_encode(carried.v[k]->envelope, &text, &sizes[k], NULL), HF_OK);
		sizes[k]++;
	}
	pages = hf_pages_split(&(struct hf_pieces){sizes, carried.group, carried.n, HF_PAYLOAD_MAX - 1200,
						   HF_PAGE_ORDERS_MAX, HF_PAGES_MAX},
			       page_of, &fit);
	cr_expect_eq(fit, carried.n, "State: %zu of %zu orders have a page", fit, carried.n);
	seq++;
	for (size_t p = 0; p < pages; p++) {
		struct hf_state doc = council_state_doc(&council, seq, page, 0);

		for (; i < fit && page_of[i] == p; i++)
			page[doc.n_orders++] = carried.v[i]->envelope;
		doc.page = (int64_t)p;
		doc.pages = (int64_t)pages;
		cr_assert_eq(council_hear(device, keep(council_state(&council, &doc, CONTROLLER)), NULL), HF_OK);
	}
	free(sizes);
	free(page_of);
}

/* The devices of a test: one that hears the flood itself, one that hears what the controller carries. */
struct estate {
	struct hf_known controller;
	struct seen flooded, told, late;
};

static void open_estate(struct estate *e)
{
	memset(e, 0, sizeof(*e));
	council_begin(&council, &e->controller);
	council_begin(&council, &e->flooded.memory.known);
	council_begin(&council, &e->told.memory.known);
}

static void close_seen(struct seen *seen)
{
	hf_posture_done(&seen->posture);
	hf_lockdowns_done(&seen->lockdowns);
	hf_memory_done(&seen->memory);
}

static void close_estate(struct estate *e)
{
	close_seen(&e->flooded);
	close_seen(&e->told);
	close_seen(&e->late);
	hf_known_done(&e->controller);
}

/* Everybody hears it: the controller, whoever listens to it, and whoever is flooded behind its back. */
static void hear_everywhere(struct estate *e, const struct hf_envelope *envelope)
{
	cr_expect_eq(council_hear(&e->controller, envelope, NULL), HF_OK, "what is true is never refused");
	hear_pages(&e->controller, &e->told.memory.known);
	hear_pages(&e->controller, &e->flooded.memory.known);
	close_seen(&e->late);
	memset(&e->late, 0, sizeof(e->late));
	council_begin(&council, &e->late.memory.known);
	hear_pages(&e->controller, &e->late.memory.known);
	look(&e->told);
	look(&e->flooded);
	look(&e->late);
}

static void expect_everywhere(struct estate *e, const struct hf_envelope *raise, enum hf_phase phase, int64_t rev,
			      const char *when)
{
	struct seen *all[] = {&e->flooded, &e->told, &e->late};

	for (size_t i = 0; i < HF_LEN(all); i++) {
		const struct hf_lockdown *lockdown = found(all[i], raise);

		cr_assert_not_null(lockdown, "%s: device %zu knows it", when, i);
		cr_expect_eq(lockdown->phase, phase, "%s: device %zu: %s", when, i, hf_phase_name(lockdown->phase));
		cr_expect_geq(lockdown->rev, rev, "%s: device %zu: revision %d", when, i, (int)lockdown->rev);
		expect_said(all[i], raise, when);
		expect_saved(all[i], when);
	}
}

static void expect_level(struct estate *e, enum hf_level level, const char *when)
{
	cr_expect_eq(e->flooded.posture.level, level, "%s: flooded", when);
	cr_expect_eq(e->told.posture.level, level, "%s: told", when);
	cr_expect_eq(e->late.posture.level, level, "%s: late", when);
}

/* What was written upon an amendment that a flood pushes out still holds. */
Test(room, an_amendment_upon_one_that_is_pushed_out_stays)
{
	hf_auto_known struct hf_known known = {0};
	hf_auto_lockdowns struct hf_lockdowns before = {0}, after = {0};
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *raise, *upon;
	const struct hf_lockdown *one;

	council_begin(&council, &known);
	raise = order(&doc, COMMS_2);
	doc = council_amend_doc(E, raise, 1);
	order(&doc, COMMS_1);
	doc.rev = 2;
	doc.body.reason = "What is true.";
	upon = order(&doc, COMMS_2);
	for (size_t i = 0; i < n_pool; i++)
		cr_assert_eq(council_hear(&known, pool[i], NULL), HF_OK);
	cr_assert_eq(hf_known_lockdowns(&known, (struct hf_wall){NOW}, &before, NULL), HF_OK);
	cr_expect_eq(hf_lockdowns_find(&before, &raise->digest)->rev, 2);
	memset(&doc.of, 7, sizeof(doc.of));
	for (int i = 0; i <= HF_SHARE_AMENDMENTS_MAX; i++) {
		doc.at.s = T + 500 + i;
		(void)council_hear(&known, order(&doc, COMMS_1), NULL);
	}
	doc = council_amend_doc(E, raise, HF_JSON_INT_MAX);
	doc.at.s = T + 900;
	(void)council_hear(&known, order(&doc, COMMS_1), NULL);
	cr_assert_eq(hf_known_lockdowns(&known, (struct hf_wall){NOW}, &after, NULL), HF_OK);
	one = hf_lockdowns_find(&after, &raise->digest);
	cr_expect_eq(one->n_amends, 1, "attack: a flood pushes out what another's amendment was written upon");
	cr_expect_eq(one->rev, 2, "and who is full cannot use up the numbers");
	cr_expect_eq(hf_digest_cmp(&one->bodies[0]->order->digest, &upon->digest), 0);
}

/* The thieves: whose key, and whether the controller's is with it. */
/* clang-format off */
static const struct thief {
	const char *what, *person;
	enum hf_kind kind; /* whose release ends what this person can raise */
	unsigned key;
	bool controller;
} thieves[] = {
	{ "comms-1",                        "comms-1",      E, COMMS_1, false },
	{ "comms-1 and the controller",     "comms-1",      E, COMMS_1, true },
	{ "elections-1",                    "elections-1",  P, ELECTIONS_1, false },
	{ "elections-1 and the controller", "elections-1",  P, ELECTIONS_1, true },
	{ "monitoring-1",                   "monitoring-1", E, MONITORING_1, false },
	{ "monitoring-1 and the controller","monitoring-1", E, MONITORING_1, true },
	{ "it-1",                           "it-1",         E, IT_1, false },
	{ "it-1 and the controller",        "it-1",         E, IT_1, true },
	{ "the controller alone",           "it-1",         E, NOBODY, true },
};
/* clang-format on */

static void flood(struct estate *e, const struct thief *thief, const struct hf_envelope *raise)
{
	size_t first = n_pool, end;

	raises(70, thief->kind, thief->key, true);
	amendments(140, raise, E, thief->key);
	exercises(40, thief->key);
	end = n_pool;
	for (size_t i = first; i < end; i++) {
		(void)council_hear(&e->flooded.memory.known, pool[i], NULL);
		if (thief->controller)
			(void)council_hear(&e->controller, pool[i], NULL);
	}
}

static void play(const struct thief *thief)
{
	struct estate e;
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *raise, *amend, *over, *opens;
	const struct hf_lockdown *now;

	open_estate(&e);
	doc.at.s = T + 60;
	raise = order(&doc, COMMS_2);
	flood(&e, thief, raise);
	hear_everywhere(&e, raise);
	expect_everywhere(&e, raise, HF_PHASE_IN_FORCE, 0, thief->what);
	expect_level(&e, HF_LEVEL_BLOCK, thief->what);
	now = found(&e.flooded, raise);
	doc = council_amend_doc(E, raise, now->rev + 1);
	doc.at.s = T + 60;
	doc.body.reason = "What is true.";
	amend = order(&doc, COMMS_2);
	if (!thief->controller)
		(void)council_hear(&e.controller, amend, NULL);
	(void)council_hear(&e.flooded.memory.known, amend, NULL);
	look(&e.flooded);
	now = found(&e.flooded, raise);
	cr_expect_eq(hf_orders_judge_one(&e.flooded.memory.known.orders, e.flooded.memory.known.trust,
					 hf_orders_find(&e.flooded.memory.known.orders, &amend->digest), NULL, NULL),
		     HF_OK, "%s: the amendment counts", thief->what);
	doc = council_release_doc(E, &raise->digest, 1);
	over = order(&doc, COMMS_2 | MONITORING_1);
	hear_everywhere(&e, over);
	expect_everywhere(&e, raise, HF_PHASE_RELEASED, 0, thief->what);
	opens = release_person(thief->person, thief->kind, T + 1000,
			       thief->kind == E ? COMMS_2 | MONITORING_1 : ELECTIONS_1 | MONITORING_1);
	hear_everywhere(&e, opens);
	expect_everywhere(&e, raise, HF_PHASE_RELEASED, 0, thief->what);
	cr_expect_eq(e.flooded.lockdowns.n_over, 0, "%s: nobody is over any more", thief->what);
	expect_level(&e, HF_LEVEL_OPEN, thief->what);
	close_estate(&e);
}

Test(room, no_key_crowds_out_what_is_true)
{
	for (size_t i = 0; i < HF_LEN(thieves); i++) {
		play(&thieves[i]);
		while (n_pool > 0)
			hf_envelope_free(&pool[--n_pool]);
	}
}
