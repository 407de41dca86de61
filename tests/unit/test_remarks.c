/* SPDX-License-Identifier: MIT */
/*
 * Drafts that are taken back or refused. Attack: one stolen key must not hold up a true all-clear or raise (D9.1, D9.3).
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/web/show.h"
#include "tests/unit/help_server.h"

static struct server server;
static struct hf_err err;
static struct hf_digest lockdown;

static void setup(void)
{
	lockdown = server_open_shut(&server);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(remarks, .init = setup, .fini = teardown);

static struct hf_envelope *release_by(unsigned who)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &lockdown, 1);
	return council_order(&server.council, &order, who);
}

static struct hf_digest release_digest(void)
{
	hf_auto_envelope struct hf_envelope *release = release_by(COMMS_1);
	return release->digest;
}

static enum hf_rc remark_by(enum hf_remark_act act, struct hf_digest of, unsigned who, struct hf_taken *ret_taken)
{
	const struct hf_remark doc = {.council = COUNCIL_NAME,
				      .act = act,
				      .of = &of,
				      .n_of = 1,
				      .at = {COUNCIL_T + 200},
				      .reason = act == HF_REMARK_REFUSE ? "It names the wrong street." : NULL};
	struct hf_taken taken;
	return server_post(&server, council_sign(&server.council, HF_DOC_REMARK, hf_remark_encode(&doc), who),
			   ret_taken ? ret_taken : &taken, &err);
}

static enum hf_outcome release(unsigned who)
{
	struct hf_taken taken = {.outcome = HF_OUTCOME_COUNT};
	return server_post(&server, release_by(who), &taken, &err) == HF_OK ? taken.outcome : HF_OUTCOME_COUNT;
}

static size_t refusals(void)
{
	hf_auto_json json_t *shown = hf_show_drafts(&server.c);
	json_t *draft = json_array_get(json_object_get(shown, "drafts"), 0);
	return json_array_size(json_object_get(draft, "refused"));
}

static enum hf_rc confirm_by(unsigned who, const char *person, struct hf_digest of, struct hf_taken *ret_taken)
{
	const struct hf_remark doc = {.council = COUNCIL_NAME,
				      .act = HF_REMARK_CONFIRM,
				      .of = &of,
				      .n_of = 1,
				      .at = {COUNCIL_T + 200},
				      .account = "instagram:visitcannockchase",
				      .person = person};
	return server_post(&server, council_sign(&server.council, HF_DOC_REMARK, hf_remark_encode(&doc), who), ret_taken, &err);
}

/* D2.9: one officer's word that an access is gone goes on the record once, and releases and approves nothing. */
Test(remarks, access_that_is_gone_is_confirmed_once)
{
	struct hf_digest reg = server.c.known.reg->digest, other = {{1}};
	struct hf_taken taken;
	cr_expect_eq(confirm_by(COMMS_1, "visitor-1", reg, &taken), HF_E_MISMATCH, "who still holds it");
	cr_expect_eq(confirm_by(COMMS_1, "comms-2", other, &taken), HF_E_ABSENT, "of another register");
	cr_expect_eq(confirm_by(IT_1, "comms-2", reg, &taken), HF_E_ROLE, "who may not approve it");
	cr_expect_eq(confirm_by(COMMS_1 | COMMS_2, "comms-2", reg, &taken), HF_E_MISMATCH, "two at once");
	cr_assert_eq(confirm_by(COMMS_1, "comms-2", reg, &taken), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED);
	cr_assert_eq(confirm_by(COMMS_2, "comms-2", reg, &taken), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN, "said by somebody already");
	cr_expect_eq(release(COMMS_1), HF_OUTCOME_DRAFT, "it approves nothing");
}

/* Attack: one key floods the record with confirmations of invented people. */
Test(remarks, a_flood_of_confirmations_ends)
{
	struct hf_digest reg = server.c.known.reg->digest;
	struct hf_taken taken;
	char person[HF_ID_SIZE];
	for (int i = 0; i < HF_CONFIRMED_OF_ONE_MAX; i++) {
		cr_assert_eq(hf_str_printf(person, sizeof(person), "nobody-%d", i), HF_OK);
		cr_assert_eq(confirm_by(COMMS_1, person, reg, &taken), HF_OK, "%d: %s", i, err.text);
	}
	cr_expect_eq(confirm_by(COMMS_1, "one-more", reg, &taken), HF_E_SIZE);
	cr_expect_eq(confirm_by(COMMS_2, "one-more", reg, &taken), HF_OK, "others go on: %s", err.text);
}

Test(remarks, who_wrote_a_draft_takes_it_back_for_good)
{
	struct hf_digest of = release_digest();
	hf_auto_json json_t *shown = NULL;
	struct hf_taken taken;
	cr_assert_eq(release(COMMS_1), HF_OUTCOME_DRAFT);
	cr_assert_eq(remark_by(HF_REMARK_WITHDRAW, of, COMMS_1, &taken), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED);
	cr_expect_eq(server.c.drafts.n, 0, "it leaves the list");
	cr_expect_eq(release(COMMS_1), HF_OUTCOME_COUNT, "nor comes back with that approval");
	cr_expect(strstr(err.text, "comms-1 has taken back"), "%s", err.text);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.drafts.n, 0, "also after a restart");
	cr_expect_eq(release(COMMS_1 | MONITORING_1), HF_OUTCOME_DRAFT,
		     "attack: an old copy with the approval that was taken back ends nothing");
	shown = hf_show_drafts(&server.c);
	cr_expect_str_eq(json_string_value(json_object_get(
				 json_array_get(json_object_get(shown, "withdrawn"), 0), "person")),
			 "comms-1");
	cr_expect_eq(remark_by(HF_REMARK_WITHDRAW, of, COMMS_1, &taken), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN, "said twice it is recorded once");
}

Test(remarks, one_stolen_key_holds_up_no_all_clear)
{
	struct hf_digest of = release_digest();
	cr_assert_eq(release(MONITORING_1), HF_OUTCOME_DRAFT);
	cr_expect_eq(remark_by(HF_REMARK_WITHDRAW, of, COMMS_1, NULL), HF_E_ROLE, "what others wrote is not the thief's to take back");
	cr_assert_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_1, NULL), HF_OK, "%s", err.text);
	cr_expect_eq(refusals(), 1, "a refusal is shown");
	cr_expect_eq(release(COMMS_2), HF_OUTCOME_RECORDED, "and is in nobody's way");
}

Test(remarks, two_others_complete_what_one_has_taken_back)
{
	struct hf_digest of = release_digest();
	cr_assert_eq(release(COMMS_1), HF_OUTCOME_DRAFT);
	cr_assert_eq(remark_by(HF_REMARK_WITHDRAW, of, COMMS_1, NULL), HF_OK, "%s", err.text);
	cr_expect_eq(release(COMMS_2), HF_OUTCOME_DRAFT);
	cr_expect_eq(release(MONITORING_1), HF_OUTCOME_RECORDED, "their approvals are their own");
	cr_expect_eq(release(COMMS_1), HF_OUTCOME_KNOWN, "it is not to be written anew: %s", err.text);
	cr_expect_eq(hf_orders_find(&server.c.known.orders, &of)->signers.n_people, 2, "nor does the one count that was taken back");
}

Test(remarks, a_refusal_has_a_person_and_a_reason_and_ends_when_they_approve)
{
	struct hf_digest of = release_digest();
	hf_auto_json json_t *shown = NULL;
	json_t *refused;
	cr_assert_eq(release(COMMS_1), HF_OUTCOME_DRAFT);
	cr_assert_eq(remark_by(HF_REMARK_REFUSE, of, MONITORING_1, NULL), HF_OK, "%s", err.text);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	shown = hf_show_drafts(&server.c);
	refused = json_object_get(json_array_get(json_object_get(shown, "drafts"), 0), "refused");
	cr_assert_eq(json_array_size(refused), 1, "on the record");
	cr_expect_str_eq(json_string_value(json_object_get(json_array_get(refused, 0), "person")), "monitoring-1");
	cr_expect_str_eq(json_string_value(json_object_get(json_array_get(refused, 0), "reason")),
			 "It names the wrong street.");
	cr_expect_eq(release(MONITORING_1), HF_OUTCOME_RECORDED, "who thinks better of it approves");
	cr_expect_eq(server.c.remarks.n_refused, 0, "what waits no more is not remembered as refused");
}

Test(remarks, a_remark_that_makes_no_sense_is_refused)
{
	struct hf_digest of = release_digest(), other = {{1}};
	int records;
	cr_assert_eq(release(COMMS_1), HF_OUTCOME_DRAFT);
	records = server_records_of(&server, NULL);
	cr_expect_eq(remark_by(HF_REMARK_WITHDRAW, other, COMMS_1, NULL), HF_E_ABSENT, "no such draft");
	cr_expect_eq(remark_by(HF_REMARK_WITHDRAW, lockdown, COMMS_1, NULL), HF_E_ABSENT, "D9.2: what is in force is not taken back");
	cr_expect_eq(remark_by(HF_REMARK_WITHDRAW, of, MONITORING_1, NULL), HF_E_ROLE, "who has not approved it");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_1, NULL), HF_E_MISMATCH, "who has");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, IT_1, NULL), HF_E_ROLE, "who could not approve it");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_2 | MONITORING_1, NULL), HF_E_MISMATCH, "two at once");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, 0, NULL), HF_E_UNSIGNED, "nobody");
	cr_expect_eq(server_records_of(&server, NULL), records, "and is no remark on the record");
	cr_expect_eq(server_records_of(&server, "refusal"), 6, "D5.6: that it was refused is; nobody's is counted alone");
}

static struct hf_digest amended(struct hf_order *order)
{
	hf_auto_envelope struct hf_envelope *draft = council_order(&server.council, order, COMMS_1);
	struct hf_digest of = draft->digest;
	struct hf_taken taken = {.outcome = HF_OUTCOME_COUNT};
	cr_assert_eq(server_post(&server, council_order(&server.council, order, COMMS_1), &taken, &err), HF_OK, "%s", err.text);
	cr_assert_eq(taken.outcome, HF_OUTCOME_DRAFT);
	return of;
}

/* D9.1, D9.3: an amendment needs the rules of what it loosens, and who is in none of them has no word on it. */
Test(remarks, an_amendment_is_refused_by_who_could_approve_that_one)
{
	const struct hf_envelope raise = {.digest = lockdown};
	struct hf_order exempts = council_amend_doc(HF_KIND_EMERGENCY, &raise, 1);
	struct hf_order narrows = council_amend_doc(HF_KIND_EMERGENCY, &raise, 1);
	struct hf_order both = council_amend_doc(HF_KIND_EMERGENCY, &raise, 1);
	struct hf_digest of;
	exempts.body.exempt = COUNCIL_LIST("comms-2");
	of = amended(&exempts);
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, MONITORING_1, NULL), HF_E_ROLE, "who may release has no say in who is exempt");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_2, NULL), HF_OK, "%s", err.text);
	narrows.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	of = amended(&narrows);
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, MONITORING_1, NULL), HF_OK, "%s", err.text);
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, IT_1, NULL), HF_E_ROLE, "who may release nothing");
	both.body.exempt = COUNCIL_LIST("comms-2");
	both.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	of = amended(&both);
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, MONITORING_1, NULL), HF_OK, "of two rules one is enough: %s", err.text);
}

/* Each is remembered for ever: what one key can make the controller remember has an end. */
Test(remarks, one_key_takes_back_so_much_and_no_more)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &lockdown, 1);
	enum hf_rc rc = HF_OK;
	size_t n = 0;
	for (; rc == HF_OK && n <= HF_WITHDRAWN_OF_ONE_MAX; n++) {
		hf_auto_envelope struct hf_envelope *draft = NULL;
		order.at.s++;
		draft = council_order(&server.council, &order, COMMS_1);
		struct hf_digest of = draft->digest;
		cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK, "%s",
			     err.text);
		rc = remark_by(HF_REMARK_WITHDRAW, of, COMMS_1, NULL);
	}
	cr_expect_eq(rc, HF_E_SIZE, "%s", err.text);
	cr_expect_eq(n, HF_WITHDRAWN_OF_ONE_MAX + 1);
	cr_expect_eq(release(MONITORING_1), HF_OUTCOME_DRAFT);
	cr_expect_eq(release(COMMS_2), HF_OUTCOME_RECORDED, "others are not harmed");
}

static struct hf_assignment second_device(void)
{
	struct hf_assignment doc = council_assignment_doc(&server.council);
	doc.device = "d2";
	doc.pub = council_pub(&server.council, STRANGER);
	return doc;
}

static struct hf_digest assigned_by_one(int64_t version)
{
	struct hf_assignment doc = second_device();
	struct hf_taken taken;
	doc.version = version;
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1), &taken, &err), HF_OK, "%s", err.text);
	cr_assert_eq(taken.outcome, HF_OUTCOME_RECORDED);
	return taken.digest;
}

/* Assignment: one gives a login to a holder of accounts, and two must have done so. Whoever sees it listed may say no. */
Test(remarks, an_assignment_that_waits_for_its_second_is_refused_too)
{
	struct hf_assignment doc = second_device();
	struct hf_digest of = assigned_by_one(1);
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, IT_1, NULL), HF_E_MISMATCH, "who approved it");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, MONITORING_1, NULL), HF_E_ROLE, "who could not approve it");
	cr_expect_eq(remark_by(HF_REMARK_WITHDRAW, of, IT_1, NULL), HF_E_ABSENT, "what is recorded is taken back by nobody");
	cr_expect_eq(refusals(), 0);
	cr_assert_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_1, NULL), HF_OK, "%s", err.text);
	cr_expect_eq(refusals(), 1, "shown");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(refusals(), 1, "on the record");
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, COMMS_2), NULL, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.remarks.n_refused, 0, "another approved it: nothing waits");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_1, NULL), HF_E_ABSENT, "%s", err.text);
}

Test(remarks, a_refused_assignment_ends_with_the_next)
{
	struct hf_digest of = assigned_by_one(1);
	cr_assert_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_1, NULL), HF_OK, "%s", err.text);
	of = assigned_by_one(2);
	cr_expect_eq(server.c.remarks.n_refused, 0, "nobody is asked for the old one");
	cr_expect_eq(remark_by(HF_REMARK_REFUSE, of, COMMS_1, NULL), HF_OK, "%s", err.text);
	cr_expect_eq(refusals(), 1);
}
