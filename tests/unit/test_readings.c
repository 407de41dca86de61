/* SPDX-License-Identifier: MIT */
/*
 * Owns who has read and acknowledged which instructions, as a set and as a list of what is still to be read.
 * Must never take one person's acknowledgement, or one text, for another.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>


#include "agent/rules/readings.h"
#include "agent/talk/question.h"
#include "tests/help/judged.h"

#define NOW ((struct hf_wall){COUNCIL_T + 3600})

static struct council council;

static void set_up(void)
{
	council_open(&council);
}

static void tear_down(void)
{
	council_close(&council);
}

TestSuite(readings, .init = set_up, .fini = tear_down);

static struct hf_ack row(unsigned char lockdown, unsigned char text, const char *person, int64_t at)
{
	struct hf_ack ack = {.at = {at}};

	ack.lockdown.b[0] = lockdown;
	ack.text.b[0] = text;
	cr_assert_eq(hf_str_copy(ack.person, sizeof(ack.person), person), HF_OK);
	return ack;
}

/* clang-format off */
static const struct { const char *what; unsigned char lockdown, text; const char *person; bool want; } looks[] = {
	{ "the same",                            1, 2, "comms-2", true },
	{ "D10: another lockdown",               2, 2, "comms-2", false },
	{ "D10: another text",                   1, 3, "comms-2", false },
	{ "attack: another person",              1, 2, "comms-1", false },
	{ "attack: the beginning of a name",     1, 2, "comms", false },
	{ "nobody",                              1, 2, "", false },
};
/* clang-format on */

Test(readings, set_tells_people_texts_and_lockdowns_apart)
{
	hf_auto_acks struct hf_acks acks = {NULL, 0}, copy = {NULL, 0};
	struct hf_ack ack = row(1, 2, "comms-2", 7), again = row(1, 2, "comms-2", 9);
	bool is_new = false;

	cr_assert_eq(hf_acks_add(&acks, &ack, &is_new), HF_OK);
	cr_expect(is_new);
	cr_assert_eq(hf_acks_add(&acks, &again, &is_new), HF_OK);
	cr_expect(!is_new && acks.n == 1 && acks.v[0].at.s == 7, "the first time counts");
	for (size_t i = 0; i < HF_LEN(looks); i++) {
		struct hf_ack what = row(looks[i].lockdown, looks[i].text, looks[i].person, 0);

		cr_expect_eq(hf_acks_find(&acks, &what) != NULL, looks[i].want, "%s", looks[i].what);
	}
	cr_assert_eq(hf_acks_copy(&acks, &copy), HF_OK);
	cr_expect(copy.n == 1 && copy.v != acks.v, "a copy is its own");
}

Test(readings, full_set_lets_the_oldest_go)
{
	hf_auto_acks struct hf_acks acks = {NULL, 0};
	struct hf_ack first = row(0, 0, "p-0", 0), ack = first;
	bool is_new;

	for (int i = 0; i <= HF_ACKS_MAX; i++) {
		ack.text.b[1] = (uint8_t)(i >> 8);
		ack.text.b[2] = (uint8_t)i;
		cr_assert_eq(hf_acks_add(&acks, &ack, &is_new), HF_OK);
	}
	cr_expect_eq(acks.n, HF_ACKS_MAX);
	cr_expect_null(hf_acks_find(&acks, &first), "who was first is asked again, and stays shut until then");
	cr_expect_not_null(hf_acks_find(&acks, &ack));
}

Test(readings, set_comes_back_as_it_was)
{
	hf_auto_acks struct hf_acks acks = {NULL, 0}, back = {NULL, 0};
	struct hf_ack ack = row(1, 2, "comms-2", 7), other = row(3, 4, "comms-1", 8);
	hf_auto_json json_t *json = NULL;
	bool is_new;

	cr_assert_eq(hf_acks_add(&acks, &ack, &is_new), HF_OK);
	cr_assert_eq(hf_acks_add(&acks, &other, &is_new), HF_OK);
	json = hf_acks_encode(&acks);
	cr_assert_eq(hf_acks_decode(json, &back, NULL), HF_OK);
	cr_assert_eq(back.n, 2);
	cr_expect(hf_acks_find(&back, &ack)->at.s == 7 && hf_acks_find(&back, &other)->at.s == 8);
	json_object_set_new(json_array_get(json, 0), "at", json_string("soon"));
	cr_expect_eq(hf_acks_decode(json, &back, NULL), HF_E_SHAPE, "a damaged row is not taken for none");
}

/* One purdah, or none of its orders, known at some time. */
struct world {
	struct judged j;
	struct hf_acks shown, acked;
};

static struct hf_digest hear(struct world *w, const struct hf_order *order, unsigned who)
{
	return judged_order(&w->j.known, &council, order, who);
}

static void begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	judged_begin(&w->j, &council);
}

static void judge(struct world *w, int64_t local, int64_t issued)
{
	w->j.known.issued.s = issued;
	judged_now(&w->j, (struct hf_wall){local});
}

static void end(struct world *w)
{
	judged_end(&w->j);
	hf_acks_done(&w->shown);
	hf_acks_done(&w->acked);
}

static enum hf_rc list(struct world *w, const char *person, const char *prefix, struct hf_readings *ret)
{
	const struct hf_readings_ask ask = {&w->shown, &w->acked, person, prefix};
	enum hf_rc rc = hf_readings_of(&w->j.matter, &ask, ret, NULL);

	if (rc != HF_OK)
		ret->n = 0;
	return rc;
}

/* clang-format off */
static const struct prune_row { const char *what; bool released, known; int64_t local, issued; bool kept; } prunes[] = {
	{ "in force",                                      false, true, COUNCIL_T + 3600, 0, true },
	{ "D10: released yesterday",                       true, true, COUNCIL_T + 2 * COUNCIL_DAY, COUNCIL_T + 2 * COUNCIL_DAY, true },
	{ "D10: released 40 days ago",                     true, true, COUNCIL_T + 40 * COUNCIL_DAY, COUNCIL_T + 40 * COUNCIL_DAY, false },
	{ "released 40 days ago by a clock that is ahead", true, true, COUNCIL_T + 40 * COUNCIL_DAY, COUNCIL_T + COUNCIL_DAY, true },
	{ "over for 10 days",                              false, true, COUNCIL_T + 40 * COUNCIL_DAY, COUNCIL_T + 40 * COUNCIL_DAY, true },
	{ "over for 40 days",                              false, true, COUNCIL_T + 70 * COUNCIL_DAY, COUNCIL_T + 70 * COUNCIL_DAY, false },
	{ "not in the set any more",                       false, false, COUNCIL_T + 3600, 0, false },
};
/* clang-format on */

Test(readings, acknowledgement_goes_when_its_lockdown_has_gone)
{
	for (size_t i = 0; i < HF_LEN(prunes); i++) {
		struct hf_order raise = council_raise_doc(HF_KIND_PURDAH), release;
		struct hf_ack ack = {.person = "comms-2"};
		struct world w;
		bool is_new;

		begin(&w);
		if (prunes[i].known)
			ack.lockdown = hear(&w, &raise, ELECTIONS_1);
		release = council_release_doc(HF_KIND_PURDAH, &ack.lockdown, 1);
		if (prunes[i].released)
			hear(&w, &release, ELECTIONS_1 | MONITORING_1);
		judge(&w, prunes[i].local, prunes[i].issued);
		cr_assert_eq(hf_acks_add(&w.acked, &ack, &is_new), HF_OK);
		cr_expect_eq(hf_acks_prune(&w.acked, &w.j.lockdowns, w.j.matter.now), !prunes[i].kept, "%s",
			     prunes[i].what);
		cr_expect_eq(w.acked.n, prunes[i].kept ? 1 : 0, "%s", prunes[i].what);
		end(&w);
	}
}

/* clang-format off */
static const struct ask_row { const char *what; enum hf_kind kind; enum hf_mode mode; const char *person, *account; size_t n; bool asked; } asks[] = {
	{ "D10: a purdah of all accounts",           HF_KIND_PURDAH, HF_MODE_LIVE, "comms-2", "*", 1, true },
	{ "D10: of an account that they hold",       HF_KIND_PURDAH, HF_MODE_LIVE, "comms-2", "x:CannockChaseDC", 1, true },
	{ "D10: of an account that they do not",     HF_KIND_PURDAH, HF_MODE_LIVE, "it-1", "x:CannockChaseDC", 1, false },
	{ "of an account that is not known here",    HF_KIND_PURDAH, HF_MODE_LIVE, "it-1", "x:somewhere", 1, true },
	{ "an exercise of it",                       HF_KIND_PURDAH, HF_MODE_EXERCISE, "comms-2", "*", 1, true },
	{ "somebody who is not of this device",      HF_KIND_PURDAH, HF_MODE_LIVE, NULL, "*", 1, false },
	{ "an emergency without instructions",       HF_KIND_EMERGENCY, HF_MODE_LIVE, "comms-2", "*", 0, false },
};
/* clang-format on */

Test(readings, who_is_asked_to_acknowledge_D10)
{
	for (size_t i = 0; i < HF_LEN(asks); i++) {
		const struct ask_row *r = &asks[i];
		struct hf_order raise = council_raise_doc(r->kind);
		struct hf_readings found = {.n = 0};
		struct world w;

		raise.mode = r->mode;
		raise.body.accounts = COUNCIL_LIST(r->account);
		if (r->kind == HF_KIND_EMERGENCY)
			raise.body.instructions = "";
		begin(&w);
		hear(&w, &raise, r->kind == HF_KIND_PURDAH ? ELECTIONS_1 : COMMS_1);
		judge(&w, NOW.s, 0);
		cr_assert_eq(list(&w, r->person, "", &found), HF_OK);
		cr_assert_eq(found.n, r->n, "%s", r->what);
		if (r->n > 0)
			cr_expect_eq(found.v[0].asked, r->asked, "%s", r->what);
		end(&w);
	}
}

Test(readings, amendment_asks_again_only_when_the_text_is_another_D10)
{
	struct hf_order raise = council_raise_doc(HF_KIND_PURDAH), amend;
	struct hf_envelope *of = council_order(&council, &raise, ELECTIONS_1);
	struct hf_readings found = {.n = 0};
	struct world w;
	bool is_new;

	begin(&w);
	hear(&w, &raise, ELECTIONS_1);
	judge(&w, NOW.s, 0);
	cr_assert_eq(list(&w, "comms-2", "", &found), HF_OK);
	cr_assert_eq(hf_acks_add(&w.acked, &found.v[0].what, &is_new), HF_OK);
	amend = council_amend_doc(HF_KIND_PURDAH, of, 1);
	amend.body.contact = "Elections office, extension 9";
	hear(&w, &amend, ELECTIONS_1);
	judge(&w, NOW.s, 0);
	cr_assert_eq(list(&w, "comms-2", "", &found), HF_OK);
	cr_expect(found.n == 1 && found.v[0].ack && !found.v[0].asked, "D10: the same text does not ask again");
	amend = council_amend_doc(HF_KIND_PURDAH, of, 2);
	amend.body.instructions = "Other rules.";
	hear(&w, &amend, ELECTIONS_1);
	judge(&w, NOW.s, 0);
	cr_assert_eq(list(&w, "comms-2", "", &found), HF_OK);
	cr_expect(found.n == 1 && !found.v[0].ack && found.v[0].asked, "D10: another text asks again");
	end(&w);
	hf_envelope_free(&of);
}

Test(readings, lockdown_is_named_by_the_beginning_of_its_id)
{
	struct hf_order raise = council_raise_doc(HF_KIND_PURDAH), other = council_raise_doc(HF_KIND_PURDAH);
	struct hf_readings found = {.n = 0};
	char id[HF_DIGEST_HEX_SIZE];
	struct hf_digest digest;
	struct world w;

	other.body.reason = "A by-election.";
	other.body.from.s = COUNCIL_T + COUNCIL_DAY;
	begin(&w);
	digest = hear(&w, &raise, ELECTIONS_1);
	hear(&w, &other, ELECTIONS_1);
	judge(&w, NOW.s, 0);
	cr_assert_eq(list(&w, "comms-2", "", &found), HF_OK);
	cr_expect(found.n == 2 && found.v[1].lockdown->phase == HF_PHASE_SCHEDULED, "in force before planned");
	hf_digest_hex(&digest, id);
	cr_assert_eq(list(&w, "comms-2", id, &found), HF_OK);
	cr_expect(found.n == 1 && hf_digest_cmp(&found.v[0].lockdown->id, &digest) == 0);
	id[16] = '\0';
	cr_expect_eq(list(&w, "comms-2", id, &found), HF_OK, "sixteen characters of it do");
	cr_expect_eq(list(&w, "comms-2", "zz", &found), HF_E_OTHER, "one that is none");
	end(&w);
}

/* clang-format off */
static const struct { const char *what, *bytes; bool ok; } questions[] = {
	{ "the form of before",        "{\"ask\":\"status\",\"reads\":1}", true },
	{ "all of it",                 "{\"ask\":\"acknowledge\",\"lockdown\":\"ab\",\"text\":\"cd\"}", true },
	{ "attack: a person in it",    "{\"ask\":\"acknowledge\",\"person\":\"comms-2\"}", false },
	{ "attack: too long an id",    "{\"ask\":\"instructions\",\"lockdown\":\"00000000000000000000000000000000000000000000000000000000000000000\"}", false },
	{ "not JSON",                  "acknowledge", false },
	{ "nothing asked",             "{}", false },
};
/* clang-format on */

Test(readings, question_is_understood_wholly_or_not_at_all)
{
	for (size_t i = 0; i < HF_LEN(questions); i++) {
		struct hf_question q;

		cr_expect_eq(hf_question_decode(questions[i].bytes, strlen(questions[i].bytes), &q) == HF_OK,
			     questions[i].ok, "%s", questions[i].what);
	}
}
