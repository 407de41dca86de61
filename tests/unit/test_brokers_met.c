/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of brokers_met.c and broker_choice.c: which brokers a device may join, which one it tries, and what proves one.
 * Must never join one; whole programs do that in tests/system/test_brokers.py. The join of lists is in proto/vectors.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/link/broker_choice.h"
#include "agent/rules/brokers_met.h"

#define CA "-----BEGIN CERTIFICATE-----\n"

static const struct hf_broker A = {"a", "a.example", 8883, NULL}, B = {"b", "b.example", 8883, NULL},
			      C = {"c", "c.example", 8883, NULL}, A_OTHER = {"a", "a.example", 8883, CA};
static const struct hf_broker HOME = {"enrolment", "home.example", 8883, NULL};

static struct hf_brokers_now list_of(const struct hf_broker *v, size_t n)
{
	struct hf_brokers_now now = {.n = n, .version = 1, .by_two = true};

	memcpy(now.v, v, n * sizeof(*v));
	return now;
}

/* The names, with a `+` behind what is proven. */
static const char *met_text(const struct hf_brokers_met *met)
{
	static char text[256];

	text[0] = '\0';
	for (size_t i = 0; i < met->n; i++) {
		strcat(text, met->v[i].broker.id);
		strcat(text, met->v[i].proven ? "+ " : " ");
	}
	return text;
}

/* "Brokers": a device keeps the one before until each new one gave it a fresh whole state. */
Test(brokers_met, what_worked_stays_until_all_that_is_listed_does)
{
	struct hf_brokers_met met = {.n = 0};
	struct hf_brokers_now now = list_of((struct hf_broker[]){A}, 1);

	cr_expect(hf_brokers_met_settle(&met, &now));
	cr_expect_not(hf_brokers_met_settle(&met, &now), "the same list is no news");
	cr_expect(hf_brokers_met_prove(&met, &A));
	cr_expect_not(hf_brokers_met_prove(&met, &A), "it was proven before");
	cr_expect_not(hf_brokers_met_prove(&met, &B), "one that nobody named proves nothing");
	now = list_of((struct hf_broker[]){B, C}, 2);
	cr_expect(hf_brokers_met_settle(&met, &now));
	cr_expect_str_eq(met_text(&met), "b c a+ ", "%s", met_text(&met));
	cr_expect(hf_brokers_met_prove(&met, &B));
	cr_expect_not(hf_brokers_met_settle(&met, &now));
	cr_expect_str_eq(met_text(&met), "b+ c a+ ", "one of two: %s", met_text(&met));
	cr_expect(hf_brokers_met_prove(&met, &C));
	cr_expect(hf_brokers_met_settle(&met, &now));
	cr_expect_str_eq(met_text(&met), "b+ c+ ", "%s", met_text(&met));
	hf_brokers_met_done(&met);
}

/* Attack: one stolen key adds a broker, and two take it away: it never worked, so nothing keeps it. */
Test(brokers_met, what_never_worked_goes_at_once)
{
	struct hf_brokers_met met = {.n = 0};
	struct hf_brokers_now now = list_of((struct hf_broker[]){A, C}, 2);

	cr_expect(hf_brokers_met_settle(&met, &now));
	cr_expect(hf_brokers_met_prove(&met, &A));
	now = list_of((struct hf_broker[]){B}, 1);
	cr_expect(hf_brokers_met_settle(&met, &now));
	cr_expect_str_eq(met_text(&met), "b a+ ", "%s", met_text(&met));
	cr_expect_not(hf_brokers_met_find(&met, &A_OTHER), "another authority is another broker");
	hf_brokers_met_done(&met);
}

Test(brokers_met, it_comes_back_from_disk_as_it_was)
{
	struct hf_brokers_met met = {.n = 0}, back = {.n = 0};
	struct hf_brokers_now now = list_of((struct hf_broker[]){A_OTHER, B}, 2);
	struct hf_err err = {""};

	cr_assert(hf_brokers_met_settle(&met, &now) && hf_brokers_met_prove(&met, &B) && hf_brokers_met_last(&met, &B));
	cr_expect_not(hf_brokers_met_last(&met, &B), "it was stayed with before");
	hf_auto_json json_t *json = hf_brokers_met_encode(&met);
	cr_assert_eq(hf_brokers_met_decode(json, &back, &err), HF_OK, "%s", err.text);
	hf_auto_json json_t *again = hf_brokers_met_encode(&back);
	cr_expect(json_equal(json, again));
	cr_expect_str_eq(back.last.broker.host, "b.example");
	cr_expect(hf_brokers_met_last(&back, NULL) && !back.last.row, "back at that of the enrolment");
	(void)json_object_set_new(json, "met", json_pack("[{s:s}]", "broker", "x"));
	hf_brokers_met_done(&back);
	cr_expect_eq(hf_brokers_met_decode(json, &back, &err), HF_E_SHAPE, "damaged is an error, and never half of it");
	hf_brokers_met_done(&back);
	hf_brokers_met_done(&met);
}

/* What proves a broker ----------------------------------------------------------------------------------------------- */

#define NOW 1000

struct said {
	const char *name;
	int64_t seq, issued, valid_until, page, pages, epoch, reg;
	bool taken; /* what is known has it as the newest */
	bool whole;
};

static const struct said SAID[] = {
	{"a fresh one, of one page", 7, 901, NOW + 60, 0, 1, 1, 1, true, true},
	{"issued when it was joined, or before: a replay", 7, 900, NOW + 60, 0, 1, 1, 1, true, false},
	{"not the newest of its controller, or never verified", 7, 901, NOW + 60, 0, 1, 1, 1, false, false},
	{"no longer valid by this machine's clock: a replay to a laptop that slept", 7, 901, NOW - 1, 0, 1, 1, 1, true, false},
	{"the first of two pages", 7, 901, NOW + 60, 0, 2, 1, 1, true, false},
	{"it names a trust that is not known here", 7, 901, NOW + 60, 0, 1, 2, 1, true, false},
	{"it names a register that is not known here", 7, 901, NOW + 60, 0, 1, 1, 2, true, false},
};

/* What a device knows that holds trust 1 and register 1. */
static void known_with(struct hf_known *known, struct hf_trust *trust, struct hf_register *reg)
{
	memset(known, 0, sizeof(*known));
	trust->epoch = 1;
	reg->version = 1;
	known->trust = trust;
	known->reg = reg;
	known->issued.s = 900;
	known->n_controllers = 1;
	strcpy(known->controllers[0].id, "c1");
}

static struct hf_state state_of(const struct said *said, struct hf_known *known)
{
	struct hf_state state = {.controller = "c1", .seq = said->seq, .issued = {said->issued}, .valid_until = {said->valid_until},
				 .page = said->page, .pages = said->pages, .trust_epoch = said->epoch, .register_version = said->reg};
	struct hf_controller_seen *seen = &known->controllers[0];

	memset(&state.digest, (int)(said->page + 1), sizeof(state.digest));
	seen->seq = said->taken ? said->seq : said->seq + 1;
	seen->n_pages = said->pages;
	seen->pages[said->page] = state.digest;
	return state;
}

/* Attack: a broker that is deaf, or says again what it heard, must never be stayed with. */
Test(brokers_met, a_fresh_whole_state_proves_a_broker_and_nothing_else_does)
{
	static struct hf_known known;
	static struct hf_trust trust;
	static struct hf_register reg;

	for (size_t i = 0; i < HF_LEN(SAID); i++) {
		struct hf_broker_proof proof;
		struct hf_state state;

		known_with(&known, &trust, &reg);
		hf_broker_proof_begin(&proof, &known);
		state = state_of(&SAID[i], &known);
		cr_expect_eq(hf_broker_proof_hear(&proof, &known, &state, (struct hf_wall){NOW}), SAID[i].whole, "%s", SAID[i].name);
	}
}

Test(brokers_met, pages_of_two_states_are_no_whole)
{
	static struct hf_known known;
	static struct hf_trust trust;
	static struct hf_register reg;
	const struct said pages[] = {
		{"", 7, 901, NOW + 60, 0, 2, 1, 1, true, false}, {"of the next", 8, 902, NOW + 60, 1, 2, 1, 1, true, false},
		{"again", 8, 902, NOW + 60, 1, 2, 1, 1, true, false}, {"now both", 8, 902, NOW + 60, 0, 2, 1, 1, true, true},
	};
	struct hf_broker_proof proof;

	known_with(&known, &trust, &reg);
	hf_broker_proof_begin(&proof, &known);
	for (size_t i = 0; i < HF_LEN(pages); i++) {
		struct hf_state state = state_of(&pages[i], &known);

		cr_expect_eq(hf_broker_proof_hear(&proof, &known, &state, (struct hf_wall){NOW}), pages[i].whole, "%zu: %s", i, pages[i].name);
	}
}

/* Which one is tried ------------------------------------------------------------------------------------------------- */

static void told(struct hf_choice *choice, const char *text)
{
	struct hf_err err = {""};

	cr_assert_eq(hf_choice_take(choice, text, strlen(text), &err), HF_OK, "%s", err.text);
}

static const char *next_of(const struct hf_choice *choice, const struct hf_broker *present, size_t turn)
{
	const struct hf_broker *next = hf_choice_next(choice, present, turn);

	return next ? next->id : "none";
}

#define ROW(id, proven, listed) \
	"{\"id\":\"" id "\",\"host\":\"" id ".example\",\"port\":8883,\"proven\":" proven ",\"listed\":" listed "}"

Test(broker_choice, those_that_nobody_knows_hold_up_none_that_worked)
{
	static const char *const wanted[] = {"a", "c", "enrolment", "b", "a", "c"};
	struct hf_choice choice;

	hf_choice_begin(&choice, &HOME);
	cr_expect_str_eq(next_of(&choice, &HOME, 0), "none", "there is no other");
	cr_expect_not(hf_choice_left(&choice, &HOME), "and nothing to leave it for");
	told(&choice, "{\"brokers\":[" ROW("a", "true", "true") "," ROW("c", "false", "true") "," ROW("b", "false", "true") "],\"leave\":false}");
	for (size_t i = 0; i < HF_LEN(wanted); i++)
		cr_expect_str_eq(next_of(&choice, &(struct hf_broker){"x", "x.example", 1, NULL}, i), wanted[i], "turn %zu: %s", i,
				 next_of(&choice, &(struct hf_broker){"x", "x.example", 1, NULL}, i));
	cr_expect_str_eq(next_of(&choice, &A, 0), "enrolment", "the present one is none to be tried");
	cr_expect_not(hf_choice_left(&choice, &HOME), "one person's list takes nobody away from the enrolment's");
	hf_choice_done(&choice);
}

Test(broker_choice, two_say_which_one_is_left)
{
	struct hf_choice choice;
	struct hf_err err = {""};

	hf_choice_begin(&choice, &HOME);
	told(&choice, "{\"brokers\":[" ROW("a", "false", "true") "," ROW("b", "true", "false") "],\"leave\":true,\"last\":{\"id\":\"b\",\"host\":\"b.example\",\"port\":8883}}");
	cr_expect(hf_choice_left(&choice, &HOME), "it is not on the list of two");
	cr_expect(hf_choice_left(&choice, &B), "nor is one that is only kept");
	cr_expect(hf_choice_left(&choice, &C), "nor one that may not be joined");
	cr_expect_not(hf_choice_left(&choice, &A));
	cr_expect_str_eq(choice.last.id, "b");
	cr_expect_eq(hf_choice_take(&choice, "{\"brokers\":[{}],\"leave\":true}", 29, &err), HF_E_SHAPE);
	cr_expect_str_eq(choice.last.id, "b", "what was told before stays");
	told(&choice, "{\"brokers\":[{\"id\":\"h\",\"host\":\"home.example\",\"port\":8883,\"proven\":false,\"listed\":true}],\"leave\":true}");
	cr_expect_not(hf_choice_left(&choice, &HOME), "the list names it");
	cr_expect_str_eq(next_of(&choice, &HOME, 0), "none", "and it stands there once");
	hf_choice_done(&choice);
}
