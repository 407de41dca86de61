/* SPDX-License-Identifier: MIT */
/*
 * Owns what becomes of a posted envelope: recorded, a draft, known, or refused; and that it is so after a restart.
 * Must never have a bus.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/web/show.h"
#include "tests/unit/help_server.h"

static struct server server;
static struct hf_err err;

static void setup(void)
{
	server_open(&server);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(door, .init = setup, .fini = teardown);

static struct hf_envelope *raise_by(enum hf_kind kind, unsigned who)
{
	struct hf_order order = council_raise_doc(kind);
	return council_order(&server.council, &order, who);
}

/* Raises an emergency by comms-1 and gives its identity. */
static struct hf_digest raised(void)
{
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, raise_by(HF_KIND_EMERGENCY, COMMS_1), &taken, &err), HF_OK, "%s", err.text);
	cr_assert_eq(taken.outcome, HF_OUTCOME_RECORDED);
	return taken.digest;
}

static struct hf_envelope *release_by(struct hf_digest *id, unsigned who)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, id, 1);
	return council_order(&server.council, &order, who);
}

static enum hf_phase phase(const struct hf_digest *id)
{
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	const struct hf_lockdown *one;
	cr_assert_eq(hf_controller_lockdowns(&server.c, &all, &err), HF_OK);
	one = hf_lockdowns_find(&all, id);
	return one ? one->phase : HF_PHASE_COUNT;
}

Test(door, one_person_raises_and_it_stands_after_a_restart)
{
	struct hf_digest id = raised();
	cr_expect_eq(phase(&id), HF_PHASE_IN_FORCE, "D9.1: one comms officer alone");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(phase(&id), HF_PHASE_IN_FORCE, "D9.2: known again from the journal");
	cr_expect_eq(server.c.estate.n, 1, "D2.3: the device is known again");
	cr_expect_eq(server.c.n_trusts, 1, "the trust is known again");
}

Test(door, a_release_waits_for_the_second_officer)
{
	struct hf_digest id = raised();
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, release_by(&id, COMMS_1), &taken, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "D9.3: one alone releases nothing");
	cr_expect_eq(taken.reason, HF_E_TOO_FEW, "D9.3: what is missing");
	cr_expect_eq(taken.have, 1);
	cr_expect_eq(taken.need, 2);
	cr_expect(hf_strs_has(taken.roles, "monitoring"), "who may be asked");
	cr_expect_eq(taken.n_signed_by, 1);
	cr_expect_str_eq(taken.signed_by[0], "comms-1");
	cr_expect_eq(phase(&id), HF_PHASE_IN_FORCE, "D9.3: it stays in force meanwhile");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.drafts.n, 1, "D5.6: the draft waits after a restart");
	cr_assert_eq(server_post(&server, release_by(&id, MONITORING_1), &taken, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "D9.3: two officers, posted one after the other");
	cr_expect_eq(taken.n_signed_by, 2);
	cr_expect_eq(server.c.drafts.n, 0, "nothing waits any more");
	cr_expect_eq(phase(&id), HF_PHASE_RELEASED, "D9.3: released");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(phase(&id), HF_PHASE_RELEASED, "D9.3: for ever");
	cr_expect_eq(server.c.drafts.n, 0, "D5.6: and nothing waits after a restart");
}

Test(door, two_keys_of_one_person_are_one)
{
	struct hf_digest id = raised();
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, release_by(&id, COMMS_1 | COMMS_1_SECOND), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "attack: one person with two keys");
	cr_expect_eq(taken.have, 1);
	cr_expect_eq(taken.n_signed_by, 1);
}

Test(door, what_nobody_with_a_say_has_signed_is_refused_and_leaves_no_trace)
{
	static const struct {
		const char *what;
		unsigned who;
		enum hf_rc want;
	} rows[] = {
		{"no approval", NOBODY, HF_E_UNSIGNED},
		{"a stranger's", STRANGER, HF_E_STRANGER},
		{"the controller's own", CONTROLLER, HF_E_STRANGER},
		{"a device's", DEVICE, HF_E_STRANGER},
		{"a root's", ROOT_1 | ROOT_2, HF_E_STRANGER},
		{"a wrong role's", IT_1, HF_E_ROLE},
		{"two wrong roles'", IT_1 | ELECTIONS_1, HF_E_ROLE},
	};
	struct hf_digest id = raised();
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		int before = server_records_of(&server, NULL);
		cr_expect_eq(server_post(&server, release_by(&id, rows[i].who), NULL, &err), rows[i].want,
			     "attack: release with %s: %s", rows[i].what, err.text);
		cr_expect_eq(server_records_of(&server, NULL), before, "nobody fills the disk: %s", rows[i].what);
		cr_expect_eq(server.c.drafts.n, 0, "nor the list of drafts: %s", rows[i].what);
	}
	cr_expect_eq(phase(&id), HF_PHASE_IN_FORCE, "D9.2: nothing was released");
}

Test(door, a_wrong_role_beside_a_right_one_is_left_out)
{
	struct hf_digest id = raised();
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, release_by(&id, COMMS_1 | IT_1), &taken, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "D9.3: it counts for nothing");
	cr_expect_eq(taken.reason, HF_E_ROLE, "Reasons: whoever posted it is told, as by every device");
	cr_expect_eq(server.c.drafts.v[0].envelope->n_signatures, 1, "only who has a say is kept");
}

Test(door, the_same_again_changes_nothing)
{
	struct hf_digest id = raised();
	struct hf_taken taken;
	int before = server_records_of(&server, NULL);
	cr_assert_eq(server_post(&server, raise_by(HF_KIND_EMERGENCY, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN, "attack: replayed raise");
	cr_expect_eq(server_records_of(&server, NULL), before, "replay writes nothing");
	cr_assert_eq(server_post(&server, release_by(&id, COMMS_1), NULL, &err), HF_OK);
	before = server_records_of(&server, NULL);
	cr_assert_eq(server_post(&server, release_by(&id, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "the draft still waits");
	cr_expect_eq(server_records_of(&server, NULL), before, "replay writes nothing");
}

Test(door, more_approvals_of_a_recorded_order_are_kept)
{
	struct hf_digest id = raised();
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, raise_by(HF_KIND_EMERGENCY, COMMS_2), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN);
	cr_expect_eq(taken.n_signed_by, 2, "The join: approvals are joined, too");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(hf_orders_find(&server.c.known.orders, &id)->signers.n_people, 2, "and known after a restart");
}

Test(door, a_release_must_name_what_is_known)
{
	struct hf_digest other = {{9}}, id = raised();
	struct hf_order purdah = council_release_doc(HF_KIND_PURDAH, &id, 1);
	cr_expect_eq(server_post(&server, release_by(&other, COMMS_1), NULL, &err), HF_E_OTHER,
		     "attack: release of another lockdown");
	cr_expect(strstr(err.text, "no lockdown that is known here"), "%s", err.text);
	cr_expect_eq(server_post(&server, council_order(&server.council, &purdah, ELECTIONS_1), NULL, &err),
		     HF_E_MISMATCH, "D10: a purdah's release for an emergency");
	cr_expect_eq(server.c.drafts.n, 0);
	cr_expect_eq(server_post(&server, release_by(&other, COMMS_1 | MONITORING_1), NULL, &err), HF_OK,
		     "The join: approved is approved, for those who know that lockdown");
}

Test(door, an_amendment_is_judged_by_what_it_loosens)
{
	struct hf_digest id = raised();
	struct hf_envelope *raise = raise_by(HF_KIND_EMERGENCY, COMMS_1);
	struct hf_order words = council_amend_doc(HF_KIND_EMERGENCY, raise, 1);
	struct hf_order loosens = council_amend_doc(HF_KIND_EMERGENCY, raise, 2);
	struct hf_order far = council_amend_doc(HF_KIND_EMERGENCY, raise, 9);
	struct hf_order exempts = council_amend_doc(HF_KIND_EMERGENCY, raise, 2);
	struct hf_taken taken;
	words.body.reason = "More is known now.";
	loosens.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	exempts.body.exempt = COUNCIL_LIST("comms-2");
	cr_assert_eq(server_post(&server, council_order(&server.council, &words, COMMS_2), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "D9.3: words loosen nothing");
	cr_assert_eq(server_post(&server, council_order(&server.council, &loosens, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "D9.2: one person may tighten, two must loosen");
	cr_assert_eq(server_post(&server, council_order(&server.council, &exempts, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "D9.1: an exempt person takes two of accounts");
	cr_expect(hf_strs_has(taken.roles, "accounts"), "which role is missing");
	cr_expect_eq(server_post(&server, council_order(&server.council, &far, COMMS_1 | MONITORING_1), NULL, &err),
		     HF_E_PENDING, "a revision that follows on nothing");
	cr_expect_eq(phase(&id), HF_PHASE_IN_FORCE);
	hf_envelope_free(&raise);
}

Test(door, drafts_of_what_was_released_are_forgotten)
{
	struct hf_digest id = raised();
	struct hf_order second = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	second.message = "It is over.";
	cr_assert_eq(server_post(&server, council_order(&server.council, &second, COMMS_2), NULL, &err), HF_OK);
	cr_assert_eq(server.c.drafts.n, 1);
	cr_assert_eq(server_post(&server, release_by(&id, COMMS_1 | MONITORING_1), NULL, &err), HF_OK);
	cr_expect_eq(server.c.drafts.n, 0, "D9.3: an all-clear is given once");
}

Test(door, an_exercise_needs_one)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_taken taken;
	order.mode = HF_MODE_EXERCISE;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, ELECTIONS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "exercise, any act: one of comms or elections");
}

Test(door, a_register_takes_two_of_accounts)
{
	struct hf_register reg = council_register_doc();
	struct hf_taken taken;
	cr_expect_eq(server_post(&server, council_register(&server.council, &reg, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN, "the one that is held");
	reg.issued.s++;
	cr_expect_eq(server_post(&server, council_register(&server.council, &reg, COMMS_1 | COMMS_2), NULL, &err),
		     HF_E_FORK, "attack: same version, other content");
	reg.version = 2;
	cr_assert_eq(server_post(&server, council_register(&server.council, &reg, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "D2.1: one alone changes nothing");
	cr_assert_eq(server_post(&server, council_register(&server.council, &reg, COMMS_2), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "D2.1: two do");
	cr_expect_eq(server.c.known.reg->version, 2);
}

static struct hf_envelope *part_by(struct hf_register_place place, unsigned who)
{
	struct hf_register doc = council_register_doc();
	doc.version = 2;
	doc.place = place;
	doc.accounts += place.part - 1;
	doc.n_accounts = 1;
	doc.n_tools = place.part == 1 ? doc.n_tools : 0;
	return council_register(&server.council, &doc, who);
}

/* Takes the envelope over; what becomes of it. */
static enum hf_outcome outcome_of(struct hf_envelope *envelope)
{
	struct hf_taken taken = {.outcome = HF_OUTCOME_COUNT};
	cr_assert_eq(server_post(&server, envelope, &taken, &err), HF_OK, "%s", err.text);
	return taken.outcome;
}

Test(door, a_register_in_parts_is_in_force_when_the_last_part_is_recorded)
{
	struct hf_register_place first = {.part = 1, .parts = 2}, second = {.part = 2, .parts = 2};
	struct hf_envelope *two = part_by(second, COMMS_1);
	first.rest[0] = two->digest;
	cr_expect_eq(outcome_of(two), HF_OUTCOME_DRAFT);
	cr_expect_eq(outcome_of(part_by(first, COMMS_1)), HF_OUTCOME_DRAFT);
	cr_expect_eq(hf_drafts_count(&server.c.drafts), 1, "a register in parts is one thing that waits");
	cr_expect_eq(outcome_of(part_by(first, COMMS_2)), HF_OUTCOME_RECORDED);
	cr_expect_eq(hf_drafts_count(&server.c.drafts), 1, "and so is what is left of it");
	cr_expect_eq(server.c.known.reg->version, 1, "until all parts are there the one before stays in force");
	cr_expect_eq(outcome_of(part_by(first, COMMS_2)), HF_OUTCOME_KNOWN, "what waits for others is known");
	cr_expect_eq(outcome_of(part_by(second, COMMS_2)), HF_OUTCOME_RECORDED);
	cr_expect_eq(server.c.known.reg->version, 2);
	cr_expect_eq(outcome_of(part_by(second, COMMS_1)), HF_OUTCOME_KNOWN);
}

Test(door, two_registers_that_share_a_part_are_two_that_wait)
{
	struct hf_register_place first = {.part = 1, .parts = 2}, second = {.part = 2, .parts = 2};
	struct hf_envelope *two = part_by(second, COMMS_1);
	struct hf_register other = council_register_doc();
	first.rest[0] = two->digest;
	other.version = 3;
	other.place = first;
	cr_expect_eq(outcome_of(two), HF_OUTCOME_DRAFT);
	cr_expect_eq(outcome_of(part_by(first, COMMS_1)), HF_OUTCOME_DRAFT);
	cr_expect_eq(outcome_of(council_register(&server.council, &other, COMMS_1)), HF_OUTCOME_DRAFT);
	cr_expect_eq(hf_drafts_count(&server.c.drafts), 2);
}

Test(door, parts_that_do_not_belong_together_are_not_recorded)
{
	struct hf_register_place first = {.part = 1, .parts = 2}, second = {.part = 2, .parts = 2};
	struct hf_envelope *two = part_by(second, COMMS_1 | COMMS_2);
	first.rest[0] = two->digest;
	cr_expect_eq(outcome_of(two), HF_OUTCOME_RECORDED);
	struct hf_register doc = council_register_doc();
	doc.version = 2;
	doc.place = first;
	doc.issued.s++;
	cr_expect_eq(server_post(&server, council_register(&server.council, &doc, COMMS_1 | COMMS_2), NULL, &err),
		     HF_E_MISMATCH, "attack: the record must not hold what cannot be applied: %s", err.text);
	cr_expect_eq(server.c.fatal, HF_OK, "it goes on");
	cr_expect_eq(server.c.known.reg->version, 1);
}

Test(door, one_account_in_two_parts_is_not_recorded)
{
	struct hf_register_place first = {.part = 1, .parts = 2}, second = {.part = 2, .parts = 2};
	struct hf_register doc = council_register_doc();
	struct hf_envelope *twice;
	doc.version = 2;
	doc.place = second;
	twice = council_register(&server.council, &doc, COMMS_1 | COMMS_2); /* with the accounts of part 1, and its tools */
	first.rest[0] = twice->digest;
	cr_expect_eq(outcome_of(part_by(first, COMMS_1 | COMMS_2)), HF_OUTCOME_RECORDED);
	cr_expect_eq(server_post(&server, twice, NULL, &err), HF_E_SHAPE, "Register: one account in two parts: %s", err.text);
	cr_expect_eq(server.c.known.reg->version, 1);
}

/* "Brokers": it adds; to take one away it and accounts. */
static struct hf_envelope *brokers_by(int64_t version, const char *first, const char *second, unsigned who)
{
	struct hf_brokers doc = {.council = COUNCIL_NAME, .version = version, .issued = {COUNCIL_T}, .n = second ? 2 : 1};
	doc.v[0] = (struct hf_broker){first, first, 8883, NULL};
	doc.v[1] = (struct hf_broker){second, second, 8883, NULL};
	return council_sign(&server.council, HF_DOC_BROKERS, hf_brokers_encode(&doc), who);
}

static size_t brokers_now(void)
{
	struct hf_brokers_now now;
	hf_broker_set_now(&server.c.known.brokers, &now);
	return now.n;
}

Test(door, one_of_it_adds_a_broker_and_takes_none_away)
{
	struct hf_taken taken;
	cr_expect_eq(outcome_of(brokers_by(1, "z", NULL, COMMS_1)), HF_OUTCOME_DRAFT, "accounts alone write none");
	cr_expect_eq(server_post(&server, brokers_by(1, "z", NULL, MONITORING_1), NULL, &err), HF_E_ROLE, "%s", err.text);
	cr_expect_eq(outcome_of(brokers_by(1, "a", NULL, IT_1)), HF_OUTCOME_RECORDED);
	cr_expect_eq(outcome_of(brokers_by(2, "a", "b", IT_1)), HF_OUTCOME_RECORDED);
	cr_expect_eq(brokers_now(), 2);
	cr_expect_eq(server_post(&server, brokers_by(2, "a", "c", IT_1), NULL, &err), HF_E_FORK, "%s", err.text);
	cr_expect_eq(server_post(&server, brokers_by(1, "c", NULL, IT_1), NULL, &err), HF_E_ROLLBACK, "%s", err.text);
	cr_expect_eq(server_post(&server, brokers_by(2000000, "a", "b", IT_1), NULL, &err), HF_E_SIZE,
		     "attack: a number that nothing could follow: %s", err.text);
	cr_assert_eq(server_post(&server, brokers_by(3, "b", NULL, IT_1), &taken, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "attack: one alone takes a broker away");
	cr_expect_eq(taken.need, 2);
	cr_expect_eq(brokers_now(), 2);
	cr_expect_eq(outcome_of(brokers_by(3, "b", NULL, COMMS_1)), HF_OUTCOME_RECORDED, "one of accounts completes it");
	cr_expect_eq(brokers_now(), 1);
	cr_expect_eq(outcome_of(brokers_by(3, "b", NULL, IT_1 | COMMS_2)), HF_OUTCOME_KNOWN);
	cr_expect_eq(hf_broker_set_base(&server.c.known.brokers)->envelope->n_signatures, 3, "more approvals are kept");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(brokers_now(), 1, "and so it is after a restart");
}

/* "Failing": whoever was not told asks by its digest, and another may have taken its place since. */
Test(door, what_was_recorded_is_found_also_when_another_has_taken_its_place)
{
	struct hf_assignment assignment = council_assignment_doc(&server.council);
	struct hf_digest of[4];
	struct hf_taken taken;
	for (int64_t version = 1; version <= 2; version++) {
		cr_assert_eq(server_post(&server, brokers_by(version, version == 1 ? "a" : "b", NULL, IT_1 | COMMS_1), &taken, &err), HF_OK,
			     "%s", err.text);
		of[version - 1] = taken.digest;
		assignment.version = version + 1;
		cr_assert_eq(server_post(&server, council_assignment(&server.council, &assignment, IT_1 | COMMS_1), &taken, &err), HF_OK,
			     "%s", err.text);
		of[version + 1] = taken.digest;
	}
	cr_expect_null(hf_broker_set_find(&server.c.known.brokers, &of[0]), "the list before is let go of");
	for (size_t i = 0; i < HF_LEN(of); i++) {
		struct hf_found found;
		cr_assert_eq(hf_door_find(&server.c, &of[i], &found, &err), HF_OK, "%s", err.text);
		cr_expect_eq(found.outcome, HF_OUTCOME_RECORDED, "%zu", i);
		cr_expect_eq(!found.envelope, i % 2 == 0, "%zu: one of before stands in the record alone", i);
	}
	of[0].b[0] ^= 1;
	struct hf_found found;
	cr_assert_eq(hf_door_find(&server.c, &of[0], &found, &err), HF_OK, "%s", err.text);
	cr_expect_eq(found.outcome, HF_OUTCOME_ABSENT);
}

Test(door, after_eight_that_one_alone_added_two_look)
{
	char name[8] = "b0";
	for (int64_t version = 1; version <= HF_BROKER_ADDS_MAX; version++)
		cr_expect_eq(outcome_of(brokers_by(version, "a", NULL, IT_1)), HF_OUTCOME_RECORDED);
	cr_expect_eq(outcome_of(brokers_by(9, "a", name, IT_1)), HF_OUTCOME_DRAFT);
	cr_expect_eq(outcome_of(brokers_by(9, "a", name, COMMS_1)), HF_OUTCOME_RECORDED);
	cr_expect_eq(server.c.known.brokers.n, 1, "theirs is the base, and the others are let go of");
}

Test(door, approvals_are_looked_at_before_the_content)
{
	static const enum hf_doc_type types[] = {HF_DOC_REGISTER, HF_DOC_ASSIGNMENT};
	for (size_t i = 0; i < HF_LEN(types); i++) {
		struct hf_envelope *altered = raise_by(HF_KIND_EMERGENCY, COMMS_1);
		altered->type = types[i];
		cr_expect_eq(server_post(&server, altered, NULL, &err), HF_E_SIGNATURE,
			     "attack: an order under another type, %s: %s", hf_doc_type_name(types[i]), err.text);
	}
}

Test(door, an_assignment_is_it_s_and_no_device_speaks_with_another_s_key)
{
	struct hf_assignment a = council_assignment_doc(&server.council);
	struct hf_taken taken;
	a.device = "d2";
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &a, IT_1), NULL, &err), HF_E_KEY,
		     "attack: d2 with the key of d1");
	a.pub = council_pub(&server.council, STRANGER);
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &a, MONITORING_1), NULL, &err), HF_E_ROLE,
		     "assignment: it, and accounts to loosen");
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &a, IT_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED);
	cr_expect_eq(server.c.estate.n, 2);
	a.council = "lichfield";
	a.version = 2;
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &a, IT_1), NULL, &err), HF_E_COUNCIL,
		     "made for another council");
}

/* "attack": it alone moves a device to another group, so that an emergency bears on it no longer. */
Test(door, an_assignment_that_takes_away_waits_for_a_second)
{
	struct hf_assignment a = council_assignment_doc(&server.council);
	const struct hf_device *device;
	const char *museum = "museum";
	struct hf_taken taken;
	a.version = 2;
	a.groups = (struct hf_strs){&museum, 1};
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &a, IT_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT);
	cr_expect_eq(taken.reason, HF_E_TOO_FEW);
	cr_expect_eq(taken.have, 1);
	cr_expect_eq(taken.need, 2);
	cr_expect_eq(server.c.estate.v[0].assignment->version, 1, "and changes nothing");
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	cr_expect_eq(server.c.drafts.n, 1, "after a restart too");
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &a, COMMS_1), &taken, &err), HF_OK, "%s",
		     err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "one of each");
	device = &server.c.estate.v[0];
	cr_expect_eq(device->assignment->version, 2);
	cr_expect_eq(device->versions.n, 1, "the one before is let go of");
}

Test(door, an_assignment_that_adds_is_recorded_by_one_and_counts_beside)
{
	static const char *groups[] = {"communications", "civic-centre", "museum"};
	struct hf_assignment a = council_assignment_doc(&server.council);
	struct hf_taken taken;
	a.version = 2;
	a.groups = (struct hf_strs){groups, HF_LEN(groups)};
	a.people[1] = (struct hf_device_person){"cleaner-1", "lee", 1};
	a.n_people = 2;
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &a, IT_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "one may tighten");
	cr_expect_eq(server.c.estate.v[0].versions.n, 2, "a device that comes late must hear both");
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	cr_expect_eq(server.c.estate.v[0].versions.n, 2);
	cr_expect_eq(server.c.estate.v[0].assignment->version, 2);
}

/* A new device of an account holder: it alone may enrol it, and accounts make it theirs. */
static void assign_d2_by_one(struct hf_assignment *ret)
{
	struct hf_taken taken;
	*ret = council_assignment_doc(&server.council);
	ret->device = "d2";
	ret->pub = council_pub(&server.council, STRANGER);
	cr_assert_eq(server_post(&server, council_assignment(&server.council, ret, IT_1), &taken, &err), HF_OK);
	cr_assert_eq(taken.outcome, HF_OUTCOME_RECORDED);
}

Test(door, a_first_assignment_by_one_is_listed_until_two_approve_it)
{
	struct hf_assignment a;
	struct hf_taken taken;
	hf_auto_json json_t *before = NULL, *after = NULL;
	const json_t *row;
	assign_d2_by_one(&a);
	before = hf_show_drafts(&server.c);
	row = json_array_get(json_object_get(before, "drafts"), 0);
	cr_expect_eq(json_array_size(json_object_get(before, "drafts")), 1, "comms-2 holds accounts");
	cr_expect_eq(json_integer_value(json_object_get(row, "have")), 1);
	cr_expect_eq(json_integer_value(json_object_get(row, "need")), 2);
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &a, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN);
	after = hf_show_drafts(&server.c);
	cr_expect_eq(json_array_size(json_object_get(after, "drafts")), 0);
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	cr_expect(hf_estate_find(&server.c.estate, "d2")->versions.v[0].two, "on record");
}

/* A journal of the version before: what it says of devices was in effect whole. */
/* A thief of one key of IT, at the door: no version may be one that nothing can follow. */
Test(door, an_assignment_leaves_room_for_those_that_follow)
{
	struct hf_assignment doc = council_assignment_doc(&server.council);
	doc.version = HF_JSON_INT_MAX;
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1), NULL, &err), HF_E_SIZE);
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1 | COMMS_1), NULL, &err),
		     HF_E_SIZE);
	doc.version = 1000;
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1), NULL, &err), HF_OK, "%s",
		     err.text);
	doc.issued.s++;
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1 | COMMS_1), NULL, &err), HF_OK,
		     "of one version two take the place of one: %s", err.text);
	cr_expect_eq(server.c.estate.v[0].versions.n, 1);
	doc.issued.s++;
	cr_expect_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1), NULL, &err), HF_E_ROLLBACK);
}

Test(door, an_assignment_of_before_stays_whole)
{
	struct hf_assignment a;
	assign_d2_by_one(&a);
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	cr_expect_not(hf_estate_find(&server.c.estate, "d2")->versions.v[0].two);
	cr_assert_eq(hf_journal_set_number(server.c.journal, "versions", 1000, &err), HF_OK);
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	cr_expect(hf_estate_find(&server.c.estate, "d2")->versions.v[0].two);
}

Test(door, a_trust_takes_a_threshold_of_roots)
{
	struct hf_trust trust = council_trust_doc(&server.council);
	struct hf_taken taken;
	trust.epoch = 2;
	cr_expect_eq(server_post(&server, council_trust(&server.council, &trust, COMMS_1 | COMMS_2), NULL, &err),
		     HF_E_SIGNATURE, "attack: officers make themselves a trust");
	cr_assert_eq(server_post(&server, council_trust(&server.council, &trust, ROOT_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "one root of two");
	cr_expect_eq(taken.have, 1);
	cr_expect_eq(taken.need, 2);
	cr_assert_eq(server_post(&server, council_trust(&server.council, &trust, ROOT_2), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "two of two");
	cr_expect_eq(server.c.known.trust->epoch, 2);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.known.trust->epoch, 2, "known again");
	cr_expect_eq(server.c.n_trusts, 2, "both are published for those who come late");
	trust.epoch = 1;
	cr_expect_eq(server_post(&server, council_trust(&server.council, &trust, ROOT_1 | ROOT_2), NULL, &err),
		     HF_E_ROLLBACK, "attack: the old trust is replayed");
}

Test(door, a_trust_that_was_overtaken_waits_no_more)
{
	struct hf_trust trust = council_trust_doc(&server.council), other;
	struct hf_taken taken;
	trust.epoch = 2;
	other = trust;
	other.issued.s++;
	cr_assert_eq(server_post(&server, council_trust(&server.council, &other, ROOT_1), NULL, &err), HF_OK);
	cr_assert_eq(server_post(&server, council_trust(&server.council, &trust, ROOT_1), &taken, &err), HF_OK);
	cr_assert_eq(taken.outcome, HF_OUTCOME_DRAFT, "two ways to epoch 2 are proposed");
	cr_assert_eq(server.c.drafts.n, 2);
	cr_assert_eq(server_post(&server, council_trust(&server.council, &trust, ROOT_2), &taken, &err), HF_OK);
	cr_expect_eq(server.c.known.trust->epoch, 2);
	cr_expect_eq(server.c.drafts.n, 0, "a second root that approved the other one would read of two trusts of an epoch");
	cr_expect_eq(server_post(&server, council_trust(&server.council, &other, ROOT_2), NULL, &err), HF_E_SIGNATURE);
	cr_expect_eq(server.c.drafts.n, 0, "nor does it wait anew");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.drafts.n, 0, "nor after a restart");
}

Test(door, a_draft_that_a_new_trust_approves_is_recorded)
{
	struct hf_digest id = raised();
	struct hf_trust trust = council_trust_doc(&server.council);
	struct hf_envelope *release = release_by(&id, COMMS_1);
	struct hf_digest affirmed = release->digest;
	trust.epoch = 2;
	trust.affirmed = &affirmed;
	trust.n_affirmed = 1;
	cr_assert_eq(server_post(&server, release, NULL, &err), HF_OK);
	cr_assert_eq(server_post(&server, council_trust(&server.council, &trust, ROOT_1 | ROOT_2), NULL, &err), HF_OK);
	cr_expect_eq(phase(&id), HF_PHASE_RELEASED, "roots outrank officers");
	cr_expect_eq(server.c.drafts.n, 0);
}

Test(door, states_and_reports_are_not_taken_here)
{
	struct hf_state state = council_state_doc(&server.council, 1, NULL, 0);
	cr_expect_eq(server_post(&server, council_state(&server.council, &state, CONTROLLER), NULL, &err), HF_E_TYPE,
		     "a controller's state approves nothing");
	cr_expect_eq(hf_door_take(&server.c, "{", 1, &(struct hf_taken){0}, &err), HF_E_JSON, "rubbish");
}

static struct hf_digest post_raise(int64_t later)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_taken taken;
	order.at.s += later;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_2), &taken, &err), HF_OK);
	return taken.digest;
}

Test(door, exercises_have_a_room_of_their_own)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_digest invented = {{9}}, first = {{0}};
	struct hf_taken taken;
	order.mode = HF_MODE_EXERCISE;
	for (int i = 0; i < HF_EXERCISES_IN_FORCE_MAX; i++) {
		order.at.s = order.body.from.s = COUNCIL_T + 70 + i;
		cr_assert_eq(server_post(&server, council_order(&server.council, &order, ELECTIONS_1), &taken, &err),
			     HF_OK, "%s", err.text);
		first = taken.digest;
	}
	order.at.s++;
	int before = server_records_of(&server, NULL);
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, ELECTIONS_1), NULL, &err), HF_E_SIZE,
		     "attack: 511 exercises of one key fill the record");
	order = council_release_doc(HF_KIND_EMERGENCY, &invented, 1);
	order.mode = HF_MODE_EXERCISE;
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, ELECTIONS_1), NULL, &err), HF_E_OTHER,
		     "attack: releases of exercises that nobody raised");
	cr_expect_eq(server_records_of(&server, NULL), before);
	order.releases = &first;
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, ELECTIONS_1), NULL, &err), HF_OK);
	cr_expect_eq(phase(&first), HF_PHASE_RELEASED);
	order = council_raise_doc(HF_KIND_EMERGENCY);
	order.mode = HF_MODE_EXERCISE;
	order.at.s = order.body.from.s = COUNCIL_T + 99;
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, ELECTIONS_1), NULL, &err), HF_OK);
}

/* 64 raises and one beyond: everything is shut by then, and only a release of the person opens. */
Test(door, whose_share_is_full_is_told_and_released_by_two)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_release_person person = {"comms-1", {COUNCIL_T + 8000}};
	struct hf_taken taken;
	for (int i = 0; i <= HF_SHARE_RAISES_MAX; i++) {
		order.at.s = COUNCIL_T + 100 + i;
		cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK,
			     "%d: %s", i, err.text);
	}
	order.at.s++;
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_E_SIZE);
	post_raise(500);
	order = council_release_doc(HF_KIND_EMERGENCY, NULL, 0);
	order.at.s = COUNCIL_T + 8000;
	order.persons = &person;
	order.n_persons = 1;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_2 | MONITORING_1), &taken, &err),
		     HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED);
	order = council_raise_doc(HF_KIND_EMERGENCY);
	order.at.s = COUNCIL_T + 9000;
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK,
		     "and then there is room again");
}

/* proto/README.md "Shares" 4, "two officers open again", posted one after the other, as two terminals do. */
Test(door, a_release_of_a_person_waits_for_the_second_officer)
{
	struct hf_digest id = raised();
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, NULL, 0);
	struct hf_release_person person = {"comms-1", {COUNCIL_T + 8000}};
	struct hf_order drill = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_taken taken;
	order.persons = &person;
	order.n_persons = 1;
	drill.mode = HF_MODE_EXERCISE;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_2), &taken, &err), HF_OK, "%s",
		     err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT);
	cr_assert_eq(server_post(&server, council_order(&server.council, &drill, COMMS_2), NULL, &err), HF_OK);
	cr_expect_eq(server.c.drafts.n, 1, "what is recorded meanwhile does not take it away");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.drafts.n, 1, "nor does a restart");
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, MONITORING_1), &taken, &err), HF_OK,
		     "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED);
	cr_expect_eq(phase(&id), HF_PHASE_RELEASED);
	person.person = "nobody-1";
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, COMMS_2), NULL, &err), HF_E_OTHER,
		     "a slip of the pen");
}

Test(door, nobodys_drafts_shut_out_those_of_others)
{
	struct hf_digest id = raised();
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	struct hf_taken taken;
	for (int i = 0; i < HF_DRAFTS_OF_ONE_MAX; i++) {
		order.at.s = COUNCIL_T + 8000 + i;
		cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK);
	}
	int before = server_records_of(&server, NULL);
	order.at.s++;
	cr_expect_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_E_SIZE,
		     "attack: one officer fills the disk");
	cr_expect_eq(server_records_of(&server, NULL), before);
	order.at.s--;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, MONITORING_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED, "and those that wait can still be approved");
	id = post_raise(2);
	order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	order.at.s += 9000;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_2), &taken, &err), HF_OK,
		     "attack: 64 drafts of one key shut out everybody's");
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT);
}

/* D9.3: an officer whose registers wait gives an all-clear all the same. */
Test(door, registers_that_wait_are_in_the_way_of_no_all_clear)
{
	struct hf_digest id = raised();
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	struct hf_register doc = council_register_doc();
	struct hf_taken taken;
	for (int i = 0; i <= HF_DRAFTS_OF_ONE_MAX; i++) {
		doc.version = 20 + i;
		cr_assert_eq(server_post(&server, council_register(&server.council, &doc, COMMS_1), NULL, &err),
			     i < HF_DRAFTS_OF_ONE_MAX ? HF_OK : HF_E_SIZE, "%d: %s", i, err.text);
	}
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), &taken, &err), HF_OK, "%s",
		     err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT);
}

Test(door, another_writer_stops_it)
{
	struct hf_journal *other = NULL;
	struct hf_envelope *raise = raise_by(HF_KIND_EMERGENCY, COMMS_1);
	struct hf_entry entry = {.kind = HF_RECORD_REPORT, .body = "x", .body_len = 1};
	struct hf_digest id = raise->digest;
	cr_assert_eq(hf_journal_open(server.folder, &other, &err), HF_OK);
	cr_assert_eq(hf_journal_replay(other, NULL, NULL, &err), HF_OK);
	cr_assert_eq(hf_journal_append(other, &entry, 1, &err), HF_OK);
	cr_expect_eq(server_post(&server, raise, NULL, &err), HF_E_STALE_HEAD,
		     "split brain: two controllers, one journal");
	cr_expect_eq(server.c.fatal, HF_E_STALE_HEAD, "it stops, to be started again with all that is known");
	cr_expect_eq(phase(&id), HF_PHASE_COUNT, "what is not recorded is not known");
	hf_journal_close(&other);
}

static struct hf_envelope *recovery_of(uint8_t loss, const char *device, struct hf_digest *live, size_t n_live,
				       unsigned who)
{
	struct hf_recover_device named = {device, {{loss}}};
	const struct hf_recover doc = {.council = COUNCIL_NAME,
				       .devices = &named,
				       .n_devices = 1,
				       .issued = {COUNCIL_T + 90},
				       .live = live,
				       .n_live = n_live};
	return council_sign(&server.council, HF_DOC_RECOVER, hf_recover_encode(&doc), who);
}

static struct hf_envelope *recovery_by(const char *device, struct hf_digest *live, size_t n_live, unsigned who)
{
	return recovery_of(7, device, live, n_live, who);
}

Test(door, a_recovery_waits_for_the_second_officer_and_leaves_out_nothing_that_holds)
{
	struct hf_digest id = raised();
	struct hf_taken taken;
	cr_expect_eq(server_post(&server, recovery_by(COUNCIL_DEVICE, NULL, 0, COMMS_1 | MONITORING_1), &taken, &err),
		     HF_E_MISMATCH, "attack: two who forget, or hide, that an emergency holds");
	cr_expect_eq(server_post(&server, recovery_by("d99", &id, 1, COMMS_1), &taken, &err), HF_E_DEVICE);
	cr_expect_eq(server_post(&server, recovery_by(COUNCIL_DEVICE, &id, 1, IT_1), &taken, &err), HF_E_ROLE,
		     "who has hold of the device");
	cr_assert_eq(server_post(&server, recovery_by(COUNCIL_DEVICE, &id, 1, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT, "one alone recovers nothing");
	cr_expect_null(server.c.estate.v[0].recover);
	cr_assert_eq(server_post(&server, recovery_by(COUNCIL_DEVICE, &id, 1, MONITORING_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_RECORDED);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_assert_not_null(server.c.estate.v[0].recover, "it is said again after a restart");
	cr_expect_eq(hf_digest_cmp(&server.c.estate.v[0].recover->digest, &taken.digest), 0);
	cr_assert_eq(server_post(&server, recovery_by(COUNCIL_DEVICE, &id, 1, COMMS_2), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN);
}

/* A device that is started again names another loss; a draft of the one before is approved late. */
Test(door, a_recovery_of_an_earlier_loss_takes_no_place)
{
	struct hf_digest id = raised(), wanted;
	struct hf_report doc = {.council = COUNCIL_NAME,
				.device = COUNCIL_DEVICE,
				.counter = 1,
				.controller = "",
				.unknown = true,
				.has_nonce = true,
				.nonce = {{8}}};
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, recovery_of(7, COUNCIL_DEVICE, &id, 1, COMMS_1), NULL, &err), HF_OK);
	server_report(&server, NULL, &doc, DEVICE);
	cr_assert_eq(server_post(&server, recovery_of(8, COUNCIL_DEVICE, &id, 1, COMMS_1 | MONITORING_1), &taken, &err),
		     HF_OK, "%s", err.text);
	wanted = taken.digest;
	cr_assert_eq(server_post(&server, recovery_of(7, COUNCIL_DEVICE, &id, 1, MONITORING_1), NULL, &err), HF_OK);
	cr_expect_eq(hf_digest_cmp(&server.c.estate.v[0].recover->digest, &wanted), 0);
}
