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
#define POOL_MAX 1400

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

/* The newest bear the highest revisions, so that the lowest are pushed out; or the other way round. */
static void amendments(size_t n, const struct hf_envelope *of, unsigned who, bool upwards)
{
	struct hf_order doc = council_amend_doc(E, of, 1);

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
	amendments(140, raised, COMMS_1, one_in(2));
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

static const json_t *row_of(const json_t *list, const struct hf_envelope *raise)
{
	char hex[HF_DIGEST_HEX_SIZE];
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row) if (strcmp(json_string_value(json_object_get(row, "id")),
						    hf_digest_hex(&raise->digest, hex)) == 0) return row;
	return NULL;
}

/* What it says to the council. */
static struct hf_report *heard_report(const struct hf_report *report)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_free char *bytes = NULL;
	struct hf_report *heard = NULL;
	size_t len = 0;

	cr_assert_eq(hf_report_sign(report, council.keys[3], &bytes, &len, NULL), HF_OK, "a report fits");
	cr_assert_eq(hf_envelope_decode(bytes, len, &envelope, NULL), HF_OK);
	cr_assert_eq(hf_report_decode(envelope, &heard, NULL), HF_OK);
	return heard;
}

/* It is reported and shown; returns the report, to be freed. */
static struct hf_report *expect_said(const struct seen *seen, const struct hf_envelope *raise, const char *when)
{
	static const struct hf_facts facts = {.unknown = false};
	static const struct hf_plan plan;
	const struct hf_known *known = &seen->memory.known;
	const struct hf_case matter = {known, &seen->lockdowns, &facts, hf_known_now(known, (struct hf_wall){NOW})};
	const struct hf_report_facts facts_of = {.memory = &seen->memory, .plan = &plan, .decided = true};
	const struct hf_view_facts view_facts = {.who = COUNCIL_PAIR("comms-2"), .trouble = ""};
	hf_auto_json json_t *view = hf_view_make(&matter, &facts_of, &view_facts, NULL), *said = NULL;
	const json_t *row;
	struct hf_report_rows rows;
	struct hf_report report;

	cr_assert_eq(hf_report_make(&matter, &facts_of, &rows, &report), HF_OK);
	report.counter = 1;
	said = hf_report_encode(&report);
	row = row_of(json_object_get(said, "lockdowns"), raise);
	cr_expect(row, "%s: it is reported", when);
	cr_expect_eq(json_integer_value(json_object_get(row, "rev")), found(seen, raise)->rev, "%s: with its revision",
		     when);
	cr_expect(row_of(json_object_get(view, "lockdowns"), raise), "%s: it is shown", when);
	cr_expect_eq(json_array_size(json_object_get(said, "over")), seen->lockdowns.n_over, "%s: so is who is over",
		     when);
	cr_expect_eq(json_array_size(json_object_get(view, "over")), seen->lockdowns.n_over, "%s", when);
	return heard_report(&report);
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
static void hear_pages(struct hf_known *controller, const struct hf_estate *estate, struct hf_known *device)
{
	static int64_t seq = 1;
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_carried struct hf_carried carried = {0};
	struct hf_estate_view view = {&lockdowns, {NOW}, 180};
	struct hf_envelope *page[HF_PAGE_ORDERS_MAX];
	size_t *sizes, *page_of, fit = 0, pages, i = 0;

	cr_assert_eq(hf_known_lockdowns(controller, view.now, &lockdowns, NULL), HF_OK);
	cr_assert_eq(hf_carry(controller, &view, estate, &carried), HF_OK);
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

/*
 * The devices of a test: one that hears the flood itself, one that hears what the controller carries, one that is new each
 * time, and one that lay in a drawer since the raise.
 */
enum place { FLOODED, TOLD, LATE, DRAWER, PLACES };
static const char *const names[PLACES] = {"flooded", "told", "late", "drawer"};

struct estate {
	struct hf_known controller;
	struct hf_estate rows; /* what the controller has heard of them */
	struct seen seen[PLACES];
	int64_t now;
};

static void add_row(struct estate *e, const char *name)
{
	struct hf_assignment doc = council_assignment_doc(&council);
	hf_auto_edition struct hf_edition version = {0};

	doc.device = name;
	cr_assert_eq(hf_edition_weigh(e->controller.trust, keep(council_assignment(&council, &doc, IT_1 | COMMS_1)), &version,
				      NULL),
		     HF_OK);
	cr_assert_eq(hf_estate_assign(&e->rows, e->controller.trust, &version, NULL), HF_OK);
}

static void open_estate(struct estate *e)
{
	memset(e, 0, sizeof(*e));
	e->now = NOW;
	council_begin(&council, &e->controller);
	for (size_t i = 0; i < PLACES; i++) {
		council_begin(&council, &e->seen[i].memory.known);
		add_row(e, names[i]);
	}
}

static void close_seen(struct seen *seen)
{
	hf_posture_done(&seen->posture);
	hf_lockdowns_done(&seen->lockdowns);
	hf_memory_done(&seen->memory);
}

static void close_estate(struct estate *e)
{
	for (size_t i = 0; i < PLACES; i++)
		close_seen(&e->seen[i]);
	hf_estate_done(&e->rows);
	hf_known_done(&e->controller);
}

static void hear_at(struct estate *e, enum place place)
{
	hear_pages(&e->controller, &e->rows, &e->seen[place].memory.known);
	look(&e->seen[place]);
}

/* Everybody but the one in the drawer hears it: the controller, who listens to it, and who is flooded behind its back. */
static void hear_everywhere(struct estate *e, const struct hf_envelope *envelope)
{
	cr_expect_eq(council_hear(&e->controller, envelope, NULL), HF_OK, "what is true is never refused");
	hear_at(e, TOLD);
	hear_at(e, FLOODED);
	close_seen(&e->seen[LATE]);
	memset(&e->seen[LATE], 0, sizeof(e->seen[LATE]));
	council_begin(&council, &e->seen[LATE].memory.known);
	hear_at(e, LATE);
}

/* They say it to the council, which hears them: what it carries next follows from that. */
static void expect_at(struct estate *e, enum place place, const struct hf_envelope *raise, enum hf_phase phase,
		      const char *when)
{
	struct seen *seen = &e->seen[place];
	const struct hf_lockdown *lockdown = found(seen, raise);
	struct hf_report *report;

	cr_assert_not_null(lockdown, "%s: %s: it is known", when, names[place]);
	cr_expect_eq(lockdown->phase, phase, "%s: %s: it is %s", when, names[place], hf_phase_name(lockdown->phase));
	report = expect_said(seen, raise, when);
	hf_device_heard(hf_estate_find(&e->rows, names[place]), &report, (struct hf_wall){e->now});
	expect_saved(seen, when);
}

static void expect_everywhere(struct estate *e, const struct hf_envelope *raise, enum hf_phase phase, const char *when)
{
	for (enum place place = FLOODED; place <= LATE; place++)
		expect_at(e, place, raise, phase, when);
}

/* An amendment has taken effect: it alone is what holds, and so it is reported. */
static void expect_amended(struct estate *e, const struct hf_envelope *raise, const struct hf_envelope *amend,
			   const char *when)
{
	for (enum place place = FLOODED; place <= LATE; place++) {
		const struct hf_lockdown *lockdown = found(&e->seen[place], raise);

		cr_expect_eq(lockdown->n_bodies, 1, "%s: %s: %zu hold", when, names[place], lockdown->n_bodies);
		cr_expect_eq(hf_digest_cmp(&lockdown->bodies[0]->order->digest, &amend->digest), 0,
			     "%s: %s: the true amendment holds, at revision %d", when, names[place],
			     (int)lockdown->rev);
	}
}

static void expect_level(struct estate *e, enum hf_level level, const char *when)
{
	for (enum place place = FLOODED; place <= LATE; place++)
		cr_expect_eq(e->seen[place].posture.level, level, "%s: %s", when, names[place]);
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
	amendments(70, raise, thief->key, true);
	amendments(140, raise, thief->key, false);
	exercises(40, thief->key);
	end = n_pool;
	for (size_t i = first; i < end; i++) {
		(void)council_hear(&e->seen[FLOODED].memory.known, pool[i], NULL);
		if (thief->controller)
			(void)council_hear(&e->controller, pool[i], NULL);
	}
}

/* Officers write it upon what their controller knows. */
static struct hf_envelope *true_amendment(struct estate *e, const struct hf_envelope *raise)
{
	hf_auto_lockdowns struct hf_lockdowns known = {0};
	struct hf_order doc;

	cr_assert_eq(hf_known_lockdowns(&e->controller, (struct hf_wall){NOW}, &known, NULL), HF_OK);
	doc = council_amend_doc(E, raise, hf_lockdowns_find(&known, &raise->digest)->rev + 1);
	doc.at.s = T + 60;
	doc.body.reason = "What is true.";
	return order(&doc, COMMS_2);
}

/* It held the lockdown all the time; what it hears then is the release alone, without raise and amendments. */
static void from_the_drawer(struct estate *e, const struct hf_envelope *raise, const char *when)
{
	struct hf_known fresh = {0};

	e->now++;
	expect_at(e, DRAWER, raise, HF_PHASE_IN_FORCE, when);
	hear_at(e, DRAWER);
	expect_at(e, DRAWER, raise, HF_PHASE_RELEASED, when);
	council_begin(&council, &fresh);
	hear_pages(&e->controller, &e->rows, &fresh);
	cr_expect_null(hf_orders_find(&fresh.orders, &raise->digest), "%s: said in short", when);
	hf_known_done(&fresh);
}

static void play(const struct thief *thief)
{
	struct estate e;
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *raise, *amend;

	open_estate(&e);
	doc.at.s = T + 60;
	raise = order(&doc, COMMS_2);
	cr_assert_eq(council_hear(&e.seen[DRAWER].memory.known, raise, NULL), HF_OK);
	look(&e.seen[DRAWER]);
	flood(&e, thief, raise);
	hear_everywhere(&e, raise);
	expect_everywhere(&e, raise, HF_PHASE_IN_FORCE, thief->what);
	expect_level(&e, HF_LEVEL_BLOCK, thief->what);
	amend = true_amendment(&e, raise);
	hear_everywhere(&e, amend);
	expect_everywhere(&e, raise, HF_PHASE_IN_FORCE, thief->what);
	expect_amended(&e, raise, amend, thief->what);
	doc = council_release_doc(E, &raise->digest, 1);
	doc.at.s = T + 900;
	hear_everywhere(&e, order(&doc, COMMS_2 | MONITORING_1));
	expect_everywhere(&e, raise, HF_PHASE_RELEASED, thief->what);
	from_the_drawer(&e, raise, thief->what);
	hear_everywhere(&e, release_person(thief->person, thief->kind, T + 1000,
					   thief->kind == E ? COMMS_2 | MONITORING_1 : ELECTIONS_1 | MONITORING_1));
	for (enum place place = FLOODED; place <= LATE; place++)
		cr_expect_eq(e.seen[place].lockdowns.n_over, 0, "%s: nobody is over any more", thief->what);
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

/* One key's exercises, each with its release, as they filled the set, the state, its pages, the memory and the report. */
static void drill(struct estate *e, size_t n, bool large)
{
	struct hf_order doc = council_raise_doc(E), end;

	doc.mode = HF_MODE_EXERCISE;
	doc.body.instructions = large ? long_text : "";
	for (size_t i = 0; i < n; i++) {
		size_t first = n_pool;

		doc.at.s = T + 200 + (int64_t)i;
		(void)order(&doc, ELECTIONS_1);
		end = council_release_doc(E, &pool[first]->digest, 1);
		end.mode = HF_MODE_EXERCISE;
		end.at.s = T + 1200 + (int64_t)i;
		(void)order(&end, ELECTIONS_1);
		for (size_t k = first; k < n_pool; k++) {
			(void)council_hear(&e->controller, pool[k], NULL);
			(void)council_hear(&e->seen[FLOODED].memory.known, pool[k], NULL);
		}
	}
}

Test(room, the_exercises_of_one_key_crowd_out_nothing_live)
{
	static const struct {
		const char *what;
		size_t n;
		bool large;
	} rows[] = {
		{"511 fill the set of orders", 511, false},
		{"64 small ones push an all-clear out of the state", 64, false},
		{"66 large ones fill the pages before it", 66, true},
		{"70 newer ones push the emergency out of the report", 70, false},
		{"126 large ones leave no room on the disk for the release", 126, true},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_order doc = council_raise_doc(E);
		struct hf_envelope *raise, *over;
		struct estate e;

		open_estate(&e);
		doc.at.s = T + 60;
		raise = order(&doc, COMMS_2);
		hear_everywhere(&e, raise);
		drill(&e, rows[i].n, rows[i].large);
		hear_everywhere(&e, raise);
		expect_everywhere(&e, raise, HF_PHASE_IN_FORCE, rows[i].what);
		expect_level(&e, HF_LEVEL_BLOCK, rows[i].what);
		doc = council_release_doc(E, &raise->digest, 1);
		over = order(&doc, COMMS_2 | MONITORING_1);
		hear_everywhere(&e, over);
		drill(&e, 9, rows[i].large);
		hear_everywhere(&e, over);
		expect_everywhere(&e, raise, HF_PHASE_RELEASED, rows[i].what);
		expect_level(&e, HF_LEVEL_OPEN, rows[i].what);
		doc = council_raise_doc(E);
		doc.at.s = T + 1300;
		raise = order(&doc, COMMS_2);
		hear_everywhere(&e, raise);
		expect_everywhere(&e, raise, HF_PHASE_IN_FORCE, "a raise after all that");
		close_estate(&e);
		while (n_pool > 0)
			hf_envelope_free(&pool[--n_pool]);
	}
}

/* Fewer than a share, and behind the controller's back: two who release the person end these too. */
Test(room, what_one_amended_alone_ends_with_that_person)
{
	hf_auto_known struct hf_known known = {0};
	hf_auto_lockdowns struct hf_lockdowns before = {0}, after = {0}, later = {0};
	struct hf_order doc = council_raise_doc(E);
	struct hf_envelope *raise = order(&doc, COMMS_2), *mine, *upon;

	council_begin(&council, &known);
	amendments(20, raise, COMMS_1, true);
	doc = council_amend_doc(E, raise, 1);
	doc.body.reason = "What is true.";
	mine = order(&doc, COMMS_2);
	for (size_t i = 0; i < n_pool; i++)
		(void)council_hear(&known, pool[i], NULL);
	cr_assert_eq(hf_known_lockdowns(&known, (struct hf_wall){NOW}, &before, NULL), HF_OK);
	cr_expect_gt(hf_lockdowns_find(&before, &raise->digest)->rev, 1, "attack: below what the thief wrote");
	cr_assert_eq(council_hear(&known, release_person("comms-1", E, T + 1000, COMMS_2 | MONITORING_1), NULL), HF_OK);
	cr_assert_eq(hf_known_lockdowns(&known, (struct hf_wall){NOW}, &after, NULL), HF_OK);
	cr_expect_eq(hf_digest_cmp(&hf_lockdowns_find(&after, &raise->digest)->bodies[0]->order->digest, &mine->digest), 0);
	doc = council_amend_doc(E, raise, hf_lockdowns_find(&before, &raise->digest)->rev + 1);
	doc.body.reason = "Written upon the thief's.";
	upon = order(&doc, COMMS_2);
	cr_assert_eq(council_hear(&known, upon, NULL), HF_OK);
	cr_assert_eq(hf_known_lockdowns(&known, (struct hf_wall){NOW}, &later, NULL), HF_OK);
	cr_expect_eq(hf_digest_cmp(&hf_lockdowns_find(&later, &raise->digest)->bodies[0]->order->digest, &upon->digest), 0,
		     "and what another wrote upon it stands");
}
