/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of the one door through which a party learns, and of its form on disk.
 * Must never reach into what is known but to look.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/known.h>

#include "tests/help/council.h"

#define E HF_KIND_EMERGENCY
#define P HF_KIND_PURDAH
#define T COUNCIL_T
#define FROM (COUNCIL_T + 60)
#define RELEASERS (COMMS_1 | MONITORING_1)
#define MADE_MAX 24

static struct council council;
static struct hf_known known;
static struct hf_hearing hearing;
static struct hf_envelope *made[MADE_MAX]; /* every envelope of a test, freed after it */
static size_t n_made;

static void open_all(void)
{
	council_open(&council);
	council_begin(&council, &known);
}

static void close_all(void)
{
	hf_known_done(&known);
	while (n_made > 0)
		hf_envelope_free(&made[--n_made]);
	council_close(&council);
}

TestSuite(known, .init = open_all, .fini = close_all);

static struct hf_envelope *keep(struct hf_envelope *envelope)
{
	cr_assert_lt(n_made, MADE_MAX);
	return made[n_made++] = envelope;
}

static struct hf_envelope *raise_of(enum hf_kind kind)
{
	struct hf_order doc = council_raise_doc(kind);

	return keep(council_order(&council, &doc, kind == E ? COMMS_1 : ELECTIONS_1));
}

static struct hf_envelope *release_of(const struct hf_envelope *raise, unsigned who)
{
	struct hf_digest id = raise->digest;
	struct hf_order doc = council_release_doc(E, &id, 1);

	return keep(council_order(&council, &doc, who));
}

static struct hf_envelope *state_of(int64_t seq, struct hf_envelope **orders, size_t n)
{
	struct hf_state doc = council_state_doc(&council, seq, orders, n);

	return keep(council_state(&council, &doc, CONTROLLER));
}

static enum hf_rc hear(const struct hf_envelope *envelope)
{
	return council_hear(&known, envelope, &hearing);
}

static enum hf_phase phase_of(const struct hf_envelope *raise, int64_t local)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	const struct hf_lockdown *lockdown;

	cr_assert_eq(hf_known_lockdowns(&known, (struct hf_wall){local}, &lockdowns, NULL), HF_OK);
	lockdown = hf_lockdowns_find(&lockdowns, &raise->digest);
	return lockdown ? lockdown->phase : HF_PHASE_COUNT;
}

/* Does the party write something down at this time. */
static bool ticks(int64_t at)
{
	bool news = false;

	cr_assert_eq(hf_known_tick(&known, (struct hf_wall){at}, &news, NULL), HF_OK);
	return news;
}

/* What is known, as text: the caller's to free. */
static char *text_of(const struct hf_known *of)
{
	json_t *json = hf_known_encode(of);
	char *text = NULL;
	size_t len;

	cr_assert_not_null(json);
	cr_assert_eq(hf_json_bytes(json, &text, &len), HF_OK);
	json_decref(json);
	return text;
}

static enum hf_rc decode(const char *text, struct hf_known *ret_known)
{
	json_t *json = NULL;
	enum hf_rc rc;

	cr_assert_eq(hf_json_read(text, strlen(text), HF_KNOWN_MAX, &json, NULL), HF_OK);
	rc = hf_known_decode(json, ret_known, NULL);
	json_decref(json);
	return rc;
}

Test(known, begins_with_a_first_trust_that_its_own_roots_have_signed)
{
	struct hf_trust doc = council_trust_doc(&council);
	struct hf_envelope *by_one = keep(council_trust(&council, &doc, ROOT_1));
	struct hf_known none = {0};

	cr_expect_eq(hf_known_begin(by_one, COUNCIL_DEVICE, &none, NULL), HF_E_SIGNATURE, "attack: one root of two");
	cr_expect_eq(hf_known_begin(council.reg, COUNCIL_DEVICE, &none, NULL), HF_E_TYPE);
	cr_expect_null(none.trust, "untouched");
	cr_expect_str_eq(known.council, COUNCIL_NAME);
	cr_expect_str_eq(known.device, COUNCIL_DEVICE);
	cr_expect_not_null(known.reg);
	cr_expect_not_null(known.assignment);
}

struct version_row {
	const char *what;
	int64_t version;
	bool other; /* other content than the one that is held */
	unsigned who;
	enum hf_rc want;
	bool grows;
};

/* clang-format off */
static const struct version_row registers[] = { /* version 2 is held */
	{ "D2.1 the same again", 2, false, COMMS_1 | COMMS_2, HF_OK, false },
	{ "attack: the same version with other content, of a higher digest", 2, true, COMMS_1 | COMMS_2, HF_E_FORK, false },
	{ "attack: an older one", 1, true, COMMS_1 | COMMS_2, HF_E_ROLLBACK, false },
	{ "D2.1 by one person", 3, true, COMMS_1, HF_E_TOO_FEW, false },
	{ "D2.1 by nobody", 3, true, NOBODY, HF_E_UNSIGNED, false },
	{ "D2.1 the next one", 3, true, COMMS_1 | COMMS_2, HF_OK, true },
	{ "D2.1 one after a gap", 9, true, COMMS_1 | COMMS_2, HF_OK, true },
};
/* clang-format on */

Test(known, the_register_grows_by_version_and_approval)
{
	for (size_t i = 0; i < HF_LEN(registers); i++) {
		struct hf_register doc = council_register_doc();
		const struct version_row *row = &registers[i];
		hf_auto_envelope struct hf_envelope *second = NULL, *next = NULL;
		enum hf_rc rc;

		hf_known_done(&known);
		council_begin(&council, &known);
		doc.version = 2;
		second = council_register(&council, &doc, COMMS_1 | COMMS_2);
		cr_assert_eq(hear(second), HF_OK);
		doc.version = row->version;
		doc.n_tools -= row->other ? 1 : 0;
		next = council_register(&council, &doc, row->who);
		rc = hear(next);
		cr_expect_eq(rc, row->want, "%s: %s", row->what, hf_rc_name(rc));
		cr_expect_eq(hearing.grew, row->grows, "%s", row->what);
		cr_expect_eq(known.reg->version, row->grows ? row->version : 2, "%s", row->what);
		cr_expect_eq(hearing.n_refused, rc == HF_OK ? 0 : 1, "%s: it is counted", row->what);
	}
}

Test(known, what_nothing_could_follow_is_set_aside_by_the_roots)
{
	struct hf_register doc = council_register_doc();
	struct hf_trust trust = council_trust_doc(&council);
	struct hf_state state = council_state_doc(&council, 2, NULL, 0);
	struct hf_envelope *last, *six;

	doc.version = 9007199254740991;
	last = keep(council_register(&council, &doc, COMMS_1 | COMMS_2));
	doc.version = 6;
	six = keep(council_register(&council, &doc, COMMS_1 | COMMS_2));
	cr_assert_eq(hear(last), HF_OK);
	cr_expect_eq(hear(six), HF_E_ROLLBACK, "attack: the highest version there is");
	trust.epoch = 2;
	trust.voids[trust.n_voids++] = (struct hf_void){last->digest, 6};
	cr_assert_eq(hear(keep(council_trust(&council, &trust, ROOT_1 | ROOT_2))), HF_OK);
	cr_expect_eq(known.reg->version, 9007199254740991, "it stays in force until a successor is heard");
	cr_expect_eq(hear(six), HF_OK);
	cr_expect_eq(known.reg->version, 6);
	cr_expect_eq(hear(last), HF_E_VOID, "attack: again");
	cr_expect_eq(known.reg->version, 6);
	state.register_version = 9007199254740991;
	state.register_digest = last->digest;
	state.trust_epoch = 2;
	state.trust_digest = known.trust->digest;
	cr_assert_eq(hear(keep(council_state(&council, &state, CONTROLLER))), HF_OK);
	cr_expect_not(hearing.behind, "who would not take it does not ask for it with each state");
	state.seq++;
	state.register_version = 7;
	state.register_digest = six->digest;
	cr_assert_eq(hear(keep(council_state(&council, &state, CONTROLLER))), HF_OK);
	cr_expect(hearing.behind, "but for any other");
}

Test(known, an_assignment_is_for_this_device_alone)
{
	struct hf_assignment doc = council_assignment_doc(&council);

	doc.version = 2;
	doc.device = "d2";
	cr_expect_eq(hear(keep(council_assignment(&council, &doc, IT_1))), HF_E_DEVICE, "attack: another device's");
	doc.device = COUNCIL_DEVICE;
	cr_expect_eq(hear(keep(council_assignment(&council, &doc, COMMS_1))), HF_E_ROLE);
	cr_expect_eq(hear(keep(council_assignment(&council, &doc, IT_1 | COMMS_1))), HF_OK);
	cr_expect(hearing.grew);
	doc.version = 1;
	doc.n_people = 0;
	cr_expect_eq(hear(keep(council_assignment(&council, &doc, IT_1))), HF_E_ROLLBACK);
	cr_expect_not(hearing.grew);
	doc.version = 2;
	cr_expect_eq(hear(keep(council_assignment(&council, &doc, IT_1))), HF_E_ROLLBACK, "two have approved another");
	cr_expect_not(hearing.grew);
	cr_expect_eq(hear(keep(council_assignment(&council, &doc, IT_1 | COMMS_1))), HF_E_FORK);
	cr_expect(hearing.grew, "of two of one version both count");
	doc.council = "stafford";
	doc.version = 3;
	cr_expect_eq(hear(keep(council_assignment(&council, &doc, IT_1))), HF_E_COUNCIL);
}

Test(known, what_is_no_message_is_refused_and_counted)
{
	const char *report = "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.holdfast.report.v1+json\","
			     "\"signatures\":[]}";
	struct hf_err err;

	cr_expect_eq(hf_known_hear(&known, &(struct hf_message){"", 0, HF_DOC_COUNT}, &hearing, &err), HF_E_JSON);
	cr_expect_eq(hearing.n_refused, 1);
	cr_expect_eq(hearing.refused[0].rc, HF_E_JSON);
	cr_expect_str_neq(hearing.refused[0].text, "", "and says why");
	cr_expect_eq(hf_known_hear(&known, &(struct hf_message){report, strlen(report), HF_DOC_COUNT}, &hearing, NULL),
		     HF_E_TYPE, "a report is not heard here");
	cr_expect_eq(council_hear(&known, council.trust, &hearing), HF_OK, "the same trust again");
	cr_expect_not(hearing.grew);
}

Test(known, a_topic_promises_a_type)
{
	struct hf_envelope *raise = raise_of(E);
	char *text = NULL;
	size_t len;

	cr_assert_eq(hf_envelope_encode(raise, &text, &len, NULL), HF_OK);
	cr_expect_eq(hf_known_hear(&known, &(struct hf_message){text, len, HF_DOC_STATE}, &hearing, NULL), HF_E_TYPE,
		     "attack: an order on the topic of states");
	cr_expect_eq(known.orders.n, 0);
	cr_expect_eq(hf_known_hear(&known, &(struct hf_message){text, len, HF_DOC_ORDER}, &hearing, NULL), HF_OK);
	cr_expect_eq(known.orders.n, 1);
	free(text);
}

Test(known, each_order_of_a_state_is_judged_alone)
{
	struct hf_envelope *raise = raise_of(E);
	struct hf_envelope *good = release_of(raise, RELEASERS);
	struct hf_digest other = {.b = {7}};
	struct hf_order words = council_release_doc(E, &raise->digest, 1),
			elsewhere = council_release_doc(E, &other, 1);
	struct hf_envelope *orders[5] = {release_of(raise, NOBODY), release_of(raise, COMMS_1),
					 release_of(raise, COMMS_1 | IT_1)};

	words.message = "All clear, says nobody.";
	orders[3] = keep(council_order(&council, &words, NOBODY));
	memcpy(orders[3]->signatures, good->signatures, sizeof(good->signatures));
	orders[3]->n_signatures = good->n_signatures;
	orders[4] = keep(council_order(&council, &elsewhere, RELEASERS));
	cr_assert_eq(hear(raise), HF_OK);
	cr_expect_eq(hear(state_of(1, orders, HF_LEN(orders))), HF_OK, "the state itself is good");
	cr_assert_eq(hearing.n_refused, 4, "attack: the controller's own key forges all-clears: %zu refused",
		     hearing.n_refused);
	cr_expect_eq(hearing.refused[0].rc, HF_E_UNSIGNED);
	cr_expect_eq(hearing.refused[1].rc, HF_E_TOO_FEW);
	cr_expect_eq(hearing.refused[2].rc, HF_E_ROLE);
	cr_expect_eq(hearing.refused[3].rc, HF_E_SIGNATURE, "altered after two had approved");
	cr_expect_eq(phase_of(raise, FROM), HF_PHASE_IN_FORCE, "D9.2: nothing of it lifts anything");
	cr_expect_eq(hear(state_of(2, orders, HF_LEN(orders))), HF_OK);
	cr_expect_eq(hearing.n_refused, 4, "another lockdown's release is counted the first time");
}

Test(known, a_page_may_carry_a_lockdown_in_any_order)
{
	struct hf_envelope *raise = raise_of(E), *release = release_of(raise, RELEASERS);
	struct hf_order doc = council_amend_doc(E, raise, 1);
	struct hf_envelope *orders[] = {release, keep(council_order(&council, &doc, COMMS_2)), raise};

	cr_expect_eq(hear(state_of(1, orders, 3)), HF_OK);
	cr_expect_eq(hearing.n_refused, 0, "nothing of it was an attack: %s", hf_rc_name(hearing.refused[0].rc));
	cr_expect_eq(phase_of(raise, FROM), HF_PHASE_RELEASED);
}

Test(known, older_states_move_no_freshness_and_open_nothing)
{
	struct hf_envelope *raise = raise_of(E), *first = state_of(1, NULL, 0), *second = state_of(2, &raise, 1),
			   *forked;
	struct hf_state doc = council_state_doc(&council, 2, NULL, 0);
	char *before, *after;

	cr_assert_eq(hear(second), HF_OK);
	cr_expect(hearing.fresh && hearing.grew && !hearing.behind);
	before = text_of(&known);
	cr_expect_eq(hear(first), HF_E_ROLLBACK, "attack: an older state replayed");
	cr_expect_not(hearing.fresh || hearing.grew);
	cr_expect_eq(hearing.refused[0].rc, HF_E_ROLLBACK, "and counted");
	after = text_of(&known);
	cr_expect_str_eq(before, after, "it changes nothing");
	cr_expect_eq(hear(second), HF_OK, "the same again is no attack");
	cr_expect_eq(hearing.n_refused, 0);
	doc.issued.s += 1;
	forked = keep(council_state(&council, &doc, CONTROLLER));
	cr_expect_eq(hear(forked), HF_E_FORK, "attack: two states of one number");
	cr_expect_eq(phase_of(raise, FROM), HF_PHASE_IN_FORCE);
	free(before);
	free(after);
}

Test(known, a_rolled_back_state_still_brings_its_orders)
{
	struct hf_envelope *raise = raise_of(E), *first = state_of(1, &raise, 1), *second = state_of(2, NULL, 0);

	cr_assert_eq(hear(second), HF_OK);
	cr_expect_eq(hear(first), HF_E_ROLLBACK);
	cr_expect(hearing.grew, "each order stands on its own approvals");
	cr_expect_eq(phase_of(raise, FROM), HF_PHASE_IN_FORCE, "D9.1");
}

Test(known, freshness_grows_alike_in_any_order)
{
	struct hf_state one = council_state_doc(&council, 5, NULL, 0), two = one;
	struct hf_envelope *a, *b;
	struct hf_known other = {0};
	char *left, *right;

	two.controller = "spare";
	two.seq = 900;
	two.valid_until.s += 7;
	a = keep(council_state(&council, &one, CONTROLLER));
	b = keep(council_state(&council, &two, SPARE));
	council_begin(&council, &other);
	cr_assert(hear(a) == HF_OK && hear(b) == HF_OK);
	cr_assert(council_hear(&other, b, NULL) == HF_OK && council_hear(&other, a, NULL) == HF_OK);
	cr_expect_eq(known.issued.s, one.issued.s);
	cr_expect_eq(known.valid_until.s, two.valid_until.s);
	cr_expect_eq(known.n_controllers, 2, "each controller counts for itself");
	cr_expect_str_eq(known.last_controller, other.last_controller, "one second, two controllers: a fixed choice");
	left = text_of(&known);
	right = text_of(&other);
	cr_expect_str_eq(left, right);
	free(left);
	free(right);
	hf_known_done(&other);
}

Test(known, whose_states_are_heard)
{
	struct hf_state doc = council_state_doc(&council, 3, NULL, 0);

	cr_expect_eq(hear(keep(council_state(&council, &doc, COMMS_1))), HF_E_CONTROLLER,
		     "an officer is no controller");
	cr_expect_eq(hear(keep(council_state(&council, &doc, NOBODY))), HF_E_CONTROLLER);
	cr_expect_eq(hear(keep(council_state(&council, &doc, SPARE))), HF_E_CONTROLLER, "attack: in another's name");
	doc.council = "stafford";
	cr_expect_eq(hear(keep(council_state(&council, &doc, CONTROLLER))), HF_E_COUNCIL);
	cr_expect_eq(known.issued.s, 0, "nothing of it moved freshness");
	cr_expect_eq(known.n_controllers, 0);
}

Test(known, what_a_state_names_and_is_not_known_is_asked_for)
{
	struct hf_state doc = council_state_doc(&council, 3, NULL, 0);

	doc.register_version = 2;
	cr_expect_eq(hear(keep(council_state(&council, &doc, CONTROLLER))), HF_OK);
	cr_expect(hearing.behind, "a newer register");
	doc = council_state_doc(&council, 4, NULL, 0);
	doc.trust_epoch = 2;
	cr_expect_eq(hear(keep(council_state(&council, &doc, CONTROLLER))), HF_OK);
	cr_expect(hearing.behind, "a newer trust");
	doc = council_state_doc(&council, 5, NULL, 0);
	doc.trust_digest.b[0] ^= 1;
	cr_expect_eq(hear(keep(council_state(&council, &doc, CONTROLLER))), HF_OK);
	cr_expect(hearing.behind, "another trust of that number");
	cr_expect_eq(hear(state_of(6, NULL, 0)), HF_OK);
	cr_expect_not(hearing.behind);
}

Test(known, pages_of_one_state)
{
	struct hf_envelope *raise = raise_of(E), *purdah = raise_of(P), *pages[2], *other;
	struct hf_state doc = council_state_doc(&council, 3, &raise, 1);

	doc.pages = 2;
	pages[0] = keep(council_state(&council, &doc, CONTROLLER));
	doc.page = 1;
	doc.orders = &purdah;
	pages[1] = keep(council_state(&council, &doc, CONTROLLER));
	doc.log_size++;
	other = keep(council_state(&council, &doc, CONTROLLER));
	cr_expect_eq(hear(pages[1]), HF_OK);
	cr_expect_eq(hear(pages[0]), HF_OK, "in any order");
	cr_expect_eq(known.orders.n, 2);
	cr_expect_eq(known.controllers[0].n_pages, 2);
	cr_expect_eq(hear(other), HF_E_FORK, "attack: one page twice");
	cr_expect_eq(known.controllers[0].n_pages, 2);
}

Test(known, a_fork_leaves_no_trace_of_which_came_first)
{
	struct hf_state doc = council_state_doc(&council, 3, NULL, 0);
	struct hf_envelope *a = keep(council_state(&council, &doc, CONTROLLER)), *b;
	struct hf_known other = {0};
	char *left, *right;

	doc.valid_until.s++;
	b = keep(council_state(&council, &doc, CONTROLLER));
	council_begin(&council, &other);
	cr_assert(hear(a) == HF_OK && hear(b) == HF_E_FORK);
	cr_assert(council_hear(&other, b, NULL) == HF_OK && council_hear(&other, a, NULL) == HF_E_FORK);
	left = text_of(&known);
	right = text_of(&other);
	cr_expect_str_eq(left, right);
	free(left);
	free(right);
	hf_known_done(&other);
}

static struct hf_envelope *second_trust(struct hf_trust *doc)
{
	doc->epoch = 2;
	return keep(council_trust(&council, doc, ROOT_1 | ROOT_2));
}

Test(known, a_new_trust_judges_all_anew)
{
	struct hf_envelope *raise = raise_of(E), *purdah = raise_of(P), *orders[] = {raise, purdah};
	struct hf_trust doc = council_trust_doc(&council);
	struct hf_state later = council_state_doc(&council, 9, NULL, 0);
	struct hf_known back = {0};
	char *before, *after;

	cr_assert_eq(hear(state_of(1, orders, 2)), HF_OK);
	later.controller = "spare";
	cr_assert_eq(hear(keep(council_state(&council, &later, SPARE))), HF_OK);
	cr_assert_eq(known.n_controllers, 2);
	doc.people = council.people + 1; /* comms-1 has left */
	doc.n_people = COUNCIL_PEOPLE - 1;
	doc.n_controllers = 1; /* and the spare controller has gone */
	cr_expect_eq(hear(second_trust(&doc)), HF_OK);
	cr_expect(hearing.grew);
	cr_expect_eq(known.trust->epoch, 2);
	cr_expect_eq(phase_of(raise, FROM), HF_PHASE_COUNT, "a leaver's raise counts no longer");
	cr_expect_eq(phase_of(purdah, FROM), HF_PHASE_IN_FORCE, "who stays still approves");
	cr_expect_not_null(known.reg, "the register stays although comms-1 approved it");
	cr_expect_eq(hear(council.trust), HF_E_ROLLBACK, "attack: the leaver's trust again");
	cr_expect_eq(hear(keep(council_state(&council, &later, SPARE))), HF_E_CONTROLLER);
	cr_expect_eq(known.n_controllers, 1, "who has left is forgotten: there is room for who comes");
	before = text_of(&known);
	cr_assert_eq(decode(before, &back), HF_OK);
	after = text_of(&back);
	cr_expect_str_eq(before, after, "what counts no longer is not written");
	hf_known_done(&back);
	free(before);
	free(after);
}

Test(known, a_beginning_is_remembered_once)
{
	struct hf_envelope *purdah = raise_of(P);

	cr_assert_eq(hear(purdah), HF_OK);
	cr_expect_not(ticks(FROM - 1));
	cr_expect(ticks(FROM), "D10: persist");
	cr_expect_not(ticks(FROM + 1));
	cr_expect_eq(phase_of(purdah, 0), HF_PHASE_IN_FORCE, "attack: the clock set back to 1970");
}

/* Attack: a state of a stolen key, of the year 9999. */
static struct hf_envelope *state_of_year_9999(const char *controller, enum council_who who)
{
	struct hf_state doc = council_state_doc(&council, 9007199254740991, NULL, 0);

	doc.controller = controller;
	doc.issued.s = HF_WALL_MAX - 3600;
	doc.valid_until.s = HF_WALL_MAX;
	return keep(council_state(&council, &doc, who));
}

/* A period that begins by that state alone. */
static struct hf_envelope *begun_by_a_thief(void)
{
	struct hf_envelope *raise = raise_of(P);

	cr_assert(hear(raise) == HF_OK && hear(state_of_year_9999("main", CONTROLLER)) == HF_OK);
	return raise;
}

/* Epoch 2: the id `main` has a new key, and `spare` has gone. */
static struct hf_envelope *trust_with_new_main(void)
{
	struct hf_trust doc = council_trust_doc(&council);

	doc.n_controllers = 1;
	doc.controllers[0].pub = council_pub(&council, STRANGER);
	return second_trust(&doc);
}

Test(known, what_a_thief_said_of_times_leaves_with_their_key)
{
	struct hf_envelope *raise = begun_by_a_thief();
	struct hf_state doc = council_state_doc(&council, 1, NULL, 0);

	cr_expect(ticks(T) && known.ahead.n == 1, "begun by that key's word alone");
	cr_expect_eq(phase_of(raise, T), HF_PHASE_IN_FORCE, "as long as the roots name the key");
	cr_assert_eq(hear(trust_with_new_main()), HF_OK);
	cr_expect_eq(phase_of(raise, T), HF_PHASE_SCHEDULED);
	cr_expect_eq(known.started.n, 0);
	cr_expect(known.issued.s == 0 && known.valid_until.s == 0, "what is stale is called stale again");
	doc.issued.s = T + 5;
	cr_expect_eq(hear(keep(council_state(&council, &doc, STRANGER))), HF_OK, "the same id with a new key");
	cr_expect(hearing.fresh);
	cr_expect_eq(known.issued.s, T + 5);
}

Test(known, a_beginning_stays_that_this_clock_or_another_key_has_reached)
{
	struct hf_envelope *raise = begun_by_a_thief();
	struct hf_state doc = council_state_doc(&council, 5, NULL, 0);
	struct hf_trust next = council_trust_doc(&council);

	ticks(T);
	cr_expect(ticks(FROM) && known.ahead.n == 0, "this clock has come after it: persist");
	cr_assert_eq(hear(trust_with_new_main()), HF_OK);
	cr_expect_eq(phase_of(raise, T), HF_PHASE_IN_FORCE, "attack: the clock set back after the keys were changed");
	hf_known_done(&known);
	council_begin(&council, &known);
	doc.controller = "spare";
	doc.issued.s = FROM;
	doc.valid_until.s = FROM + 60;
	raise = begun_by_a_thief();
	cr_assert_eq(hear(keep(council_state(&council, &doc, SPARE))), HF_OK);
	ticks(T);
	next.controllers[0] = next.controllers[1];
	next.n_controllers = 1;
	cr_assert_eq(hear(second_trust(&next)), HF_OK);
	cr_expect_eq(phase_of(raise, T), HF_PHASE_IN_FORCE, "the key that stays has reached it, too");
	cr_expect_eq(known.ahead.n, 1, "and it would leave with that one");
}

Test(known, over_stays_once_it_is_written_down)
{
	struct hf_order doc = council_raise_doc(P);
	struct hf_known back = {0};
	struct hf_envelope *raise = begun_by_a_thief();
	char *text;

	cr_expect(ticks(doc.body.until.s + 1) && known.over.n == 1, "both clocks are past it: persist");
	cr_assert_eq(hear(trust_with_new_main()), HF_OK);
	cr_expect_eq(phase_of(raise, FROM), HF_PHASE_OVER, "no lockdown comes back because a server was replaced");
	text = text_of(&known);
	cr_assert_eq(decode(text, &back), HF_OK);
	cr_expect_eq(back.over.n, 1);
	hf_known_done(&back);
	free(text);
}

Test(known, a_key_goes_on_under_its_new_id)
{
	struct hf_trust doc = council_trust_doc(&council);

	cr_assert_eq(hear(state_of(7, NULL, 0)), HF_OK);
	doc.n_controllers = 1;
	doc.controllers[0].id = "west";
	cr_assert_eq(hear(second_trust(&doc)), HF_OK);
	cr_assert_eq(known.n_controllers, 1);
	cr_expect_str_eq(known.controllers[0].id, "west");
	cr_expect_str_eq(known.last_controller, "west");
	cr_expect_eq(known.last_seq, 7);
	cr_expect_eq(known.issued.s, T + 67);
}

/* As it was written before each controller's times were kept by themselves. */
static char *as_before(const struct hf_known *of)
{
	hf_auto_json json_t *json = hf_known_encode(of);
	char *text = NULL;
	size_t i, len = 0;
	json_t *row;

	json_object_set_new(json, "issued", json_integer(of->issued.s));
	json_object_set_new(json, "valid_until", json_integer(of->valid_until.s));
	json_object_set_new(json, "last_controller", json_string(of->last_controller));
	json_object_set_new(json, "last_seq", json_integer(of->last_seq));
	json_object_set_new(json, "last_state", hf_json_from_digest(&of->last_state));
	json_array_foreach(json_object_get(json, "controllers"), i, row)
	{
		json_object_del(row, "issued");
		json_object_del(row, "valid_until");
		json_object_del(row, "last_seq");
		json_object_del(row, "last_state");
	}
	cr_assert_eq(hf_json_bytes(json, &text, &len), HF_OK);
	return text;
}

Test(known, a_memory_of_the_version_before_is_read)
{
	struct hf_envelope *purdah = raise_of(P);
	struct hf_known back = {0};
	char *text;

	cr_assert_eq(hear(state_of(4, &purdah, 1)), HF_OK);
	ticks(FROM);
	text = as_before(&known);
	cr_assert_eq(decode(text, &back), HF_OK);
	cr_expect_eq(back.issued.s, known.issued.s);
	cr_expect_eq(back.valid_until.s, known.valid_until.s);
	cr_expect_str_eq(back.last_controller, "main");
	cr_expect_eq(back.last_seq, 4);
	cr_expect_eq(hf_digest_cmp(&back.last_state, &known.last_state), 0);
	cr_expect(hf_started_has(&back.started, &purdah->digest) && back.ahead.n == 0, "what has begun stays begun");
	hf_known_done(&back);
	free(text);
}

Test(known, comes_back_from_disk_as_it_was)
{
	struct hf_envelope *raise = raise_of(E), *purdah = raise_of(P), *orders[] = {raise, purdah};
	struct hf_known back = {0};
	char *before, *after;

	cr_assert_eq(hear(state_of(4, orders, 2)), HF_OK);
	ticks(FROM);
	before = text_of(&known);
	cr_assert_eq(decode(before, &back), HF_OK);
	after = text_of(&back);
	cr_expect_str_eq(before, after);
	cr_expect_eq(back.orders.n, 2, "D9.2: across restarts");
	cr_expect_eq(back.started.n, 2);
	cr_expect_eq(back.issued.s, known.issued.s);
	cr_expect_eq(back.n_controllers, 1);
	cr_expect_eq(council_hear(&back, state_of(3, NULL, 0), NULL), HF_E_ROLLBACK, "across restarts, too");
	hf_known_done(&back);
	free(before);
	free(after);
}

Test(known, comes_back_after_an_approver_has_left)
{
	struct hf_trust doc = council_trust_doc(&council);
	struct hf_known back = {0};
	char *text;

	doc.people = council.people + 2; /* all who approved the register have left */
	doc.n_people = COUNCIL_PEOPLE - 2;
	cr_assert_eq(hear(second_trust(&doc)), HF_OK);
	text = text_of(&known);
	cr_expect_eq(decode(text, &back), HF_OK, "a lock must not open because a person leaves and a laptop restarts");
	cr_expect_not_null(back.reg);
	hf_known_done(&back);
	free(text);
}

struct disk_row {
	const char *what;
	const char *of, *member; /* where in the JSON */
	json_t *(*make)(void);
	enum hf_rc want;
};

static json_t *nothing(void)
{
	return NULL;
}

static json_t *number(void)
{
	return json_integer(-1);
}

static json_t *word(void)
{
	return json_string("stafford");
}

static json_t *list_of_words(void)
{
	return json_pack("[s]", "no digest");
}

static json_t *unsigned_trust(void)
{
	json_t *json = hf_envelope_to_json(council.trust);

	json_object_set_new(json, "signatures", json_array());
	return json;
}

static json_t *unsigned_register(void)
{
	json_t *json = hf_envelope_to_json(council.reg);

	json_object_set_new(json, "signatures", json_array());
	return json;
}

static json_t *altered_register(void)
{
	struct hf_register doc = council_register_doc();
	hf_auto_envelope struct hf_envelope *envelope = NULL;

	doc.n_tools = 0;
	envelope = council_register(&council, &doc, NOBODY);
	memcpy(envelope->signatures, council.reg->signatures, sizeof(envelope->signatures));
	envelope->n_signatures = council.reg->n_signatures;
	return hf_envelope_to_json(envelope);
}

static json_t *assignment_of_d2(void)
{
	struct hf_assignment doc = council_assignment_doc(&council);
	hf_auto_envelope struct hf_envelope *envelope = NULL;

	doc.device = "d2";
	envelope = council_assignment(&council, &doc, IT_1);
	return hf_envelope_to_json(envelope);
}

/* A memory of the version before: one assignment, in effect whole, whoever approved it. */
Test(known, an_assignment_stored_before_stays_whole)
{
	struct hf_assignment doc = council_assignment_doc(&council);
	hf_auto_envelope struct hf_envelope *by_one = NULL;
	hf_auto_json json_t *json = hf_known_encode(&known);
	hf_auto_known struct hf_known back = {0};
	struct hf_pairs pairs;

	doc.version = 5;
	by_one = council_assignment(&council, &doc, IT_1);
	json_object_del(json, "assignments");
	json_object_del(json, "loosened");
	json_object_del(json, "assignments_over");
	json_object_set_new(json, "assignment", hf_envelope_to_json(by_one));
	cr_assert_eq(hf_known_decode(json, &back, NULL), HF_OK);
	hf_versions_pairs(&back.versions, &pairs);
	cr_assert_eq(pairs.n, 1);
	cr_expect(pairs.v[0].counts);
	cr_expect_eq(back.assignment->version, 5);
}

/* clang-format off */
static const struct disk_row disk[] = {
	{ "without trust", "", "trust", nothing, HF_E_SHAPE },
	{ "trust without signatures", "", "trust", unsigned_trust, HF_E_SIGNATURE },
	{ "without orders", "", "orders", nothing, HF_E_SHAPE },
	{ "orders that are none", "", "orders", list_of_words, HF_E_SHAPE },
	{ "register without approval", "", "register", unsigned_register, HF_E_UNSIGNED },
	{ "register without its tools", "", "register", altered_register, HF_E_SIGNATURE },
	{ "another device's assignment", "", "assignment", assignment_of_d2, HF_E_DEVICE },
	{ "issued before 1970", "", "issued", number, HF_E_SHAPE },
	{ "beginnings that are no digests", "", "started", list_of_words, HF_E_SHAPE },
	{ "another council", "", "council", word, HF_E_COUNCIL },
	{ "another device", "", "device", word, HF_E_DEVICE },
	{ "controllers that are none", "", "controllers", list_of_words, HF_E_SHAPE },
	{ "a member too many", "", "extra", word, HF_E_SHAPE },
};
/* clang-format on */

Test(known, what_is_not_whole_on_disk_is_no_answer)
{
	for (size_t i = 0; i < HF_LEN(disk); i++) {
		json_t *json = hf_known_encode(&known), *value = disk[i].make();
		struct hf_known back = {0};
		enum hf_rc rc;

		if (!value)
			json_object_del(json, disk[i].member);
		else
			json_object_set_new(json, disk[i].member, value);
		rc = hf_known_decode(json, &back, NULL);
		cr_expect_eq(rc, disk[i].want, "%s: %s", disk[i].what, hf_rc_name(rc));
		cr_expect_null(back.trust, "%s: untouched", disk[i].what);
		json_decref(json);
	}
}

Test(known, an_order_on_disk_that_nobody_approved_is_kept_out)
{
	struct hf_envelope *raise = raise_of(E), *forged = release_of(raise, COMMS_1);
	struct hf_known back = {0};
	json_t *json;

	cr_assert_eq(hear(raise), HF_OK);
	json = hf_known_encode(&known);
	json_array_append_new(json_object_get(json, "orders"), hf_envelope_to_json(forged));
	cr_assert_eq(hf_known_decode(json, &back, NULL), HF_OK);
	cr_expect_eq(back.orders.n, 1, "attack: an all-clear written onto the disk");
	cr_expect_not_null(hf_orders_find(&back.orders, &raise->digest));
	hf_known_done(&back);
	json_decref(json);
}

/* Storage ---------------------------------------------------------------------------------------------------------- */

#define LONG_TEXT 12000

/* A purdah of long instructions, and amendments that say them all again. */
static void hear_long_texts(int n)
{
	struct hf_order doc = council_raise_doc(P), amend;
	static const char words[] = "Say \"nothing\"; ask\\the\nelection officer. ";
	static char text[LONG_TEXT + 1];
	struct hf_envelope *raise;

	for (int i = 0; i < LONG_TEXT; i++)
		text[i] = words[(size_t)i % (sizeof(words) - 1)];
	doc.body.instructions = text;
	raise = keep(council_order(&council, &doc, ELECTIONS_1));
	cr_assert_eq(council_hear(&known, raise, NULL), HF_OK);
	amend = council_amend_doc(P, raise, 1);
	amend.body.instructions = text;
	for (amend.rev = 1; amend.rev <= n; amend.rev++)
		cr_assert_eq(council_hear(&known, keep(council_order(&council, &amend, ELECTIONS_1)), NULL), HF_OK);
}

static size_t stored_size(void)
{
	hf_auto_json json_t *json = hf_known_encode(&known);
	hf_auto_free char *text = NULL;
	size_t len = 0;

	cr_assert_eq(hf_json_bytes(json, &text, &len), HF_OK);
	return len;
}

/* Attack: amendments of one text fill what a device has to write down before it may open. */
Test(known, a_text_that_many_orders_say_is_stored_once)
{
	hf_auto_json json_t *json = NULL;
	hf_auto_known struct hf_known back = {0};
	size_t one, many;

	hear_long_texts(1);
	one = stored_size();
	hf_known_done(&known);
	council_begin(&council, &known);
	hear_long_texts(9);
	many = stored_size();
	cr_expect_lt(many - one, LONG_TEXT, "eight more took %zu bytes", many - one);
	json = hf_known_encode(&known);
	cr_expect_eq(json_object_size(json_object_get(json, "texts")), 1);
	cr_assert_eq(hf_known_decode(json, &back, NULL), HF_OK);
	cr_assert_eq(back.orders.n, known.orders.n);
	for (size_t i = 0; i < back.orders.n; i++) {
		const struct hf_envelope *mine = known.orders.v[i].envelope, *same = back.orders.v[i].envelope;

		cr_expect_eq(hf_digest_cmp(&mine->digest, &same->digest), 0);
		cr_expect_eq(mine->n_signatures, same->n_signatures);
	}
}

/* clang-format off */
static const struct { const char *what, *texts, *cut; } bad_texts[] = {
	{ "its text is gone",               "{}", NULL },
	{ "there are no texts",             NULL, NULL },
	{ "its text is another",            "other", NULL },
	{ "a place behind the end",         "as it was", "{\"at\": 32000, \"text\": \"same\"}" },
	{ "a cut without a text",           "as it was", "{\"at\": 3}" },
	{ "a cut that is no object",        "as it was", "7" },
};
/* clang-format on */

static void spoil_texts(json_t *json, const char *how)
{
	json_t *texts = json_object_get(json, "texts");
	const char *name = json_object_iter_key(json_object_iter(texts));

	if (!how)
		json_object_del(json, "texts");
	else if (strcmp(how, "{}") == 0)
		json_object_clear(texts);
	else if (strcmp(how, "other") == 0)
		json_object_set_new(texts, name, json_string("Post what you like."));
}

static void spoil_cut(json_t *json, const char *with)
{
	json_t *row = json_array_get(json_object_get(json, "orders"), 0);
	json_t *cuts = json_object_get(row, "texts"), *name;
	hf_auto_json json_t *cut = with ? json_loads(with, JSON_DECODE_ANY, NULL) : NULL;

	if (!cut)
		return;
	name = json_object_get(json_array_get(cuts, 0), "text");
	if (json_object_get(cut, "text"))
		json_object_set(cut, "text", name);
	json_array_set(cuts, 0, cut);
}

Test(known, stored_texts_that_do_not_fit_make_the_memory_unreadable)
{
	for (size_t i = 0; i < HF_LEN(bad_texts); i++) {
		hf_auto_known struct hf_known back = {0};
		hf_auto_json json_t *json = NULL;
		struct hf_err err = {""};

		hf_known_done(&known);
		council_begin(&council, &known);
		hear_long_texts(0);
		json = hf_known_encode(&known);
		spoil_texts(json, bad_texts[i].texts);
		spoil_cut(json, bad_texts[i].cut);
		cr_expect_neq(hf_known_decode(json, &back, &err), HF_OK, "D9.2: no lockdown is dropped for it: %s",
			      bad_texts[i].what);
		cr_expect_neq(err.text[0], '\0', "%s", bad_texts[i].what);
	}
}
