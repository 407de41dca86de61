/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of who approved what, and whether that is enough.
 * Must never pass because nobody was asked.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/approval.h>

#include "tests/help/council.h"

#define E HF_KIND_EMERGENCY
#define P HF_KIND_PURDAH
#define RAISE HF_ACT_RAISE
#define RELEASE HF_ACT_RELEASE
#define LIVE HF_MODE_LIVE
#define DRILL HF_MODE_EXERCISE

static struct council council;
static struct hf_trust *trust;

static void open_council(void)
{
	council_open(&council);
	cr_assert_eq(hf_trust_open(council.trust, NULL, &trust, NULL), HF_OK);
}

static void close_council(void)
{
	hf_trust_free(&trust);
	council_close(&council);
}

TestSuite(approval, .init = open_council, .fini = close_council);

struct row {
	const char *what;
	enum hf_order_act act;
	enum hf_kind kind;
	enum hf_mode mode;
	unsigned who;
	enum hf_rc want;
};

/* clang-format off */
static const struct row orders[] = {
	{ "D9.1 the designated officer raises alone", RAISE, E, LIVE, COMMS_1, HF_OK },
	{ "D9.1 any key of the officer will do", RAISE, E, LIVE, COMMS_1_SECOND, HF_OK },
	{ "D9.1 nobody raises nothing", RAISE, E, LIVE, NOBODY, HF_E_UNSIGNED },
	{ "D9.1 a stranger raises nothing", RAISE, E, LIVE, STRANGER, HF_E_STRANGER },
	{ "D9.1 the controller raises nothing", RAISE, E, LIVE, CONTROLLER, HF_E_STRANGER },
	{ "D9.1 a root raises nothing", RAISE, E, LIVE, ROOT_1 | ROOT_2, HF_E_STRANGER },
	{ "D9.1 a device raises nothing", RAISE, E, LIVE, DEVICE, HF_E_STRANGER },
	{ "D9.1 monitoring may not raise", RAISE, E, LIVE, MONITORING_1, HF_E_ROLE },
	{ "D9.1 elections may not raise an emergency", RAISE, E, LIVE, ELECTIONS_1, HF_E_ROLE },
	{ "D9.1 who may not harms nothing beside who may", RAISE, E, LIVE, COMMS_1 | IT_1, HF_OK },
	{ "D9.1 a stranger harms nothing beside who may", RAISE, E, LIVE, COMMS_1 | STRANGER, HF_OK },
	{ "D10 the election officer raises purdah alone", RAISE, P, LIVE, ELECTIONS_1, HF_OK },
	{ "D10 comms may not raise purdah", RAISE, P, LIVE, COMMS_1 | COMMS_2, HF_E_ROLE },
	{ "D9.3 two of comms release", RELEASE, E, LIVE, COMMS_1 | COMMS_2, HF_OK },
	{ "D9.3 comms and monitoring release", RELEASE, E, LIVE, COMMS_1 | MONITORING_1, HF_OK },
	{ "D9.3 one alone does not release", RELEASE, E, LIVE, COMMS_1, HF_E_TOO_FEW },
	{ "D9.3 two keys of one person count once", RELEASE, E, LIVE, COMMS_1 | COMMS_1_SECOND, HF_E_TOO_FEW },
	{ "D9.3 one and a stranger are one", RELEASE, E, LIVE, COMMS_1 | STRANGER, HF_E_TOO_FEW },
	{ "D9.3 one and the controller are one", RELEASE, E, LIVE, COMMS_1 | CONTROLLER, HF_E_TOO_FEW },
	{ "D9.3 one and somebody who may not are one", RELEASE, E, LIVE, COMMS_1 | IT_1, HF_E_ROLE },
	{ "D9.3 two who may not are none", RELEASE, E, LIVE, ELECTIONS_1 | IT_1, HF_E_ROLE },
	{ "D9.3 two strangers are none", RELEASE, E, LIVE, STRANGER | CONTROLLER, HF_E_STRANGER },
	{ "D9.3 an all-clear of nobody", RELEASE, E, LIVE, NOBODY, HF_E_UNSIGNED },
	{ "D10 elections and monitoring end purdah early", RELEASE, P, LIVE, ELECTIONS_1 | MONITORING_1, HF_OK },
	{ "D10 comms may not end purdah", RELEASE, P, LIVE, COMMS_1 | COMMS_2, HF_E_ROLE },
	{ "an exercise is raised by one of comms", RAISE, E, DRILL, COMMS_2, HF_OK },
	{ "an exercise is raised by one of elections", RAISE, E, DRILL, ELECTIONS_1, HF_OK },
	{ "an exercise is released by one", RELEASE, E, DRILL, COMMS_1, HF_OK },
	{ "an exercise is not it's to raise", RAISE, P, DRILL, IT_1, HF_E_ROLE },
};
/* clang-format on */

static struct hf_envelope *envelope_of(const struct row *row)
{
	struct hf_digest other = {.b = {1}};
	struct hf_order order =
		row->act == RAISE ? council_raise_doc(row->kind) : council_release_doc(row->kind, &other, 1);

	order.mode = row->mode;
	return council_order(&council, &order, row->who);
}

static enum hf_rc judge(const struct hf_envelope *envelope, struct hf_verdict *verdict)
{
	hf_auto_order struct hf_order *order = NULL;
	struct hf_signers signers;
	struct hf_needs needs;
	struct hf_err err;

	cr_assert_eq(hf_order_decode(envelope, &order, &err), HF_OK, "%s", err.text);
	hf_signers_find(trust, envelope, &signers);
	hf_approval_needs(order, NULL, 0, &needs);
	return hf_approval_order(trust, &(struct hf_signed_order){order, &signers}, &needs, verdict, &err);
}

Test(approval, each_rule_of_the_table_and_each_way_around_it)
{
	for (size_t i = 0; i < HF_LEN(orders); i++) {
		hf_auto_envelope struct hf_envelope *envelope = envelope_of(&orders[i]);
		struct hf_verdict verdict;
		enum hf_rc rc = judge(envelope, &verdict);

		cr_expect_eq(rc, orders[i].want, "%s: %s", orders[i].what, hf_rc_name(rc));
		cr_expect_eq(verdict.rc, rc, "%s: the verdict says %s", orders[i].what, hf_rc_name(verdict.rc));
	}
}

Test(approval, a_draft_says_what_is_missing)
{
	struct row row = {"D9.3", RELEASE, E, LIVE, COMMS_1, HF_E_TOO_FEW};
	hf_auto_envelope struct hf_envelope *envelope = envelope_of(&row);
	struct hf_verdict verdict;

	cr_assert_eq(judge(envelope, &verdict), HF_E_TOO_FEW);
	cr_expect_eq(verdict.have, 1);
	cr_expect_eq(verdict.need, 2, "D9.3: two must loosen");
	cr_assert_not_null(verdict.rule);
	cr_expect_eq(verdict.rule->kind, HF_RULE_EMERGENCY);
	cr_expect_eq(verdict.rule->act, HF_RULE_RELEASE);
	cr_expect_not(verdict.affirmed);
}

Test(approval, a_broken_signature_is_named_and_harms_nobody_else)
{
	struct row one = {"attack: altered signature", RELEASE, E, LIVE, COMMS_1 | COMMS_2, HF_OK};
	hf_auto_envelope struct hf_envelope *envelope = envelope_of(&one);
	struct hf_signers signers;
	struct hf_verdict verdict;

	envelope->signatures[1].sig[5] ^= 1;
	hf_signers_find(trust, envelope, &signers);
	cr_expect_eq(signers.n_people, 1);
	cr_expect_eq(signers.n_broken, 1);
	cr_expect_eq(signers.n_signatures, 2);
	cr_expect_eq(judge(envelope, &verdict), HF_E_SIGNATURE, "too few, and one of them is broken");
	council_sign_more(&council, envelope, MONITORING_1);
	cr_expect_eq(judge(envelope, &verdict), HF_OK, "enough stays enough beside a broken one");
}

Test(approval, a_keyid_is_a_hint_and_never_believed)
{
	struct row one = {"attack: borrowed keyid", RAISE, E, LIVE, STRANGER, HF_OK};
	hf_auto_envelope struct hf_envelope *borrowed = envelope_of(&one);
	hf_auto_envelope struct hf_envelope *wrong = NULL, *none = NULL;
	struct hf_pub pub = council_pub(&council, COMMS_1);
	struct hf_verdict verdict;

	(void)hf_pub_keyid(&pub, borrowed->signatures[0].keyid);
	cr_expect_eq(judge(borrowed, &verdict), HF_E_SIGNATURE, "a stranger under an officer's keyid");
	one.who = COMMS_2;
	wrong = envelope_of(&one);
	(void)hf_pub_keyid(&pub, wrong->signatures[0].keyid);
	cr_expect_eq(judge(wrong, &verdict), HF_OK, "an officer under another's keyid");
	none = envelope_of(&one);
	none->signatures[0].keyid[0] = '\0';
	cr_expect_eq(judge(none, &verdict), HF_OK, "an officer without keyid");
}

Test(approval, the_same_signature_many_times_is_one_person)
{
	struct row one = {"D9.3", RELEASE, E, LIVE, COMMS_1, HF_OK};
	hf_auto_envelope struct hf_envelope *envelope = envelope_of(&one);
	struct hf_signers signers;
	struct hf_verdict verdict;

	while (envelope->n_signatures < HF_SIGNATURES_MAX)
		envelope->signatures[envelope->n_signatures++] = envelope->signatures[0];
	hf_signers_find(trust, envelope, &signers);
	cr_expect_eq(signers.n_people, 1, "D9.3: two different people");
	cr_expect_eq(judge(envelope, &verdict), HF_E_TOO_FEW);
}

struct document_row {
	const char *what;
	enum hf_doc_type type;
	unsigned who;
	enum hf_rc want;
};

/* clang-format off */
static const struct document_row documents[] = {
	{ "D2.1 two of accounts change the register", HF_DOC_REGISTER, COMMS_1 | COMMS_2, HF_OK },
	{ "D2.1 one of accounts does not", HF_DOC_REGISTER, COMMS_1, HF_E_TOO_FEW },
	{ "D2.1 one with two keys does not", HF_DOC_REGISTER, COMMS_1 | COMMS_1_SECOND, HF_E_TOO_FEW },
	{ "D2.1 it does not", HF_DOC_REGISTER, COMMS_1 | IT_1, HF_E_ROLE },
	{ "D2.1 the controller does not", HF_DOC_REGISTER, CONTROLLER, HF_E_STRANGER },
	{ "D2.1 nobody does not", HF_DOC_REGISTER, NOBODY, HF_E_UNSIGNED },
	{ "it assigns devices", HF_DOC_ASSIGNMENT, IT_1, HF_OK },
	{ "comms does not assign devices", HF_DOC_ASSIGNMENT, COMMS_1, HF_E_ROLE },
	{ "an order is no document", HF_DOC_ORDER, COMMS_1, HF_E_TYPE },
};
/* clang-format on */

Test(approval, register_and_assignment)
{
	for (size_t i = 0; i < HF_LEN(documents); i++) {
		hf_auto_envelope struct hf_envelope *envelope =
			council_sign(&council, documents[i].type, json_pack("{s:s}", "a", "b"), documents[i].who);
		struct hf_verdict verdict;
		enum hf_rc rc = hf_approval_document(trust, envelope, &verdict, NULL);

		cr_expect_eq(rc, documents[i].want, "%s: %s", documents[i].what, hf_rc_name(rc));
		cr_expect_eq(verdict.rc, rc, "%s: the verdict says %s", documents[i].what, hf_rc_name(verdict.rc));
	}
}

/* "Assignment": to loosen, one of each role; the council's accounts are comms-1 and comms-2. */
Test(approval, loosening_an_assignment_takes_one_of_each_role)
{
	static const struct {
		const char *what;
		unsigned who;
		enum hf_rc want;
		size_t have;
	} rows[] = {
		{"it alone", IT_1, HF_E_TOO_FEW, 1},
		{"accounts alone, two of them", COMMS_1 | COMMS_2, HF_E_TOO_FEW, 1},
		{"two keys of one person", COMMS_1 | COMMS_1_SECOND, HF_E_TOO_FEW, 1},
		{"one of each", IT_1 | COMMS_2, HF_OK, 2},
		{"one of each and a third", IT_1 | COMMS_1 | COMMS_2, HF_OK, 2},
		{"a role that may not", MONITORING_1, HF_E_ROLE, 0},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_envelope struct hf_envelope *envelope =
			council_sign(&council, HF_DOC_ASSIGNMENT, json_pack("{s:s}", "a", "b"), rows[i].who);
		struct hf_verdict verdict;
		enum hf_rc rc = hf_approval_loosening(trust, envelope, &verdict, NULL);

		cr_expect_eq(rc, rows[i].want, "%s: %s", rows[i].what, hf_rc_name(rc));
		cr_expect_eq(verdict.have, rows[i].have, "%s: %zu", rows[i].what, verdict.have);
		cr_expect_eq(verdict.need, 2, "%s", rows[i].what);
	}
}

Test(approval, a_person_of_both_roles_sits_on_one_of_them)
{
	const char *both[] = {"accounts", "it"}, *one[] = {"it"}, *wanted[] = {"it", "accounts"};
	const struct hf_person people[] = {{.id = "a", .roles = {one, 1}}, {.id = "b", .roles = {both, 2}}};
	struct hf_trust own = {.rules[0] = {HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN, {wanted, 2}, 2, false}, .n_rules = 1};
	struct hf_need need = {HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN};
	struct hf_signers signers = {.people = {&people[1]}, .n_people = 1, .n_signatures = 1};
	struct hf_verdict verdict;

	cr_expect_eq(hf_approval_meets(&own, &signers, need, &verdict, NULL), HF_E_TOO_FEW, "one person is one");
	signers.people[1] = &people[0];
	signers.n_people = 2;
	cr_expect_eq(hf_approval_meets(&own, &signers, need, &verdict, NULL), HF_OK, "who can sit elsewhere moves");
	own.rules[0].need = 3;
	cr_expect_eq(hf_approval_meets(&own, &signers, need, &verdict, NULL), HF_E_TOO_FEW, "a council may want more");
}

Test(approval, the_roots_may_affirm_a_register_whose_approver_has_left)
{
	struct hf_register doc = council_register_doc();
	hf_auto_envelope struct hf_envelope *by_one = council_register(&council, &doc, COMMS_1);
	struct hf_verdict verdict;

	cr_expect_eq(hf_approval_document(trust, by_one, &verdict, NULL), HF_E_TOO_FEW);
	trust->affirmed = &by_one->digest;
	trust->n_affirmed = 1;
	cr_expect_eq(hf_approval_document(trust, by_one, &verdict, NULL), HF_OK, "roots outrank officers");
	cr_expect(verdict.affirmed);
	trust->affirmed = NULL;
	trust->n_affirmed = 0;
}

struct needs_row {
	const char *what;
	enum hf_mode mode;
	enum hf_order_act act;
	enum hf_level level; /* of the amendment; the two before are block and guard */
	bool exempts;
	const char *want;
};

/* clang-format off */
static const struct needs_row amends[] = {
	{ "tightens: as a raise", LIVE, HF_ACT_AMEND, HF_LEVEL_BLOCK, false, "purdah/raise " },
	{ "loosens one of two before it: as a release", LIVE, HF_ACT_AMEND, HF_LEVEL_GUARD, false, "purdah/release " },
	{ "exempts alone: two of accounts", LIVE, HF_ACT_AMEND, HF_LEVEL_BLOCK, true, "exempt/approve " },
	{ "exempts and loosens: both", LIVE, HF_ACT_AMEND, HF_LEVEL_GUARD, true, "exempt/approve purdah/release " },
	{ "an exercise needs its own rule alone", DRILL, HF_ACT_AMEND, HF_LEVEL_GUARD, true, "exercise/approve " },
	{ "a raise with exempt people: as a raise", LIVE, HF_ACT_RAISE, HF_LEVEL_BLOCK, true, "purdah/raise " },
	{ "a release", LIVE, HF_ACT_RELEASE, HF_LEVEL_BLOCK, false, "purdah/release " },
};
/* clang-format on */

static void needs_text(const struct hf_needs *needs, char text[128])
{
	text[0] = '\0';
	for (size_t i = 0; i < needs->n; i++) {
		strcat(text, hf_rule_kind_name(needs->v[i].kind));
		strcat(text, "/");
		strcat(text, hf_rule_act_name(needs->v[i].act));
		strcat(text, " ");
	}
}

Test(approval, which_rules_an_order_must_meet)
{
	struct hf_order block = council_raise_doc(P), guard = council_raise_doc(P);
	const struct hf_body *const before[] = {&block.body, &guard.body};

	block.body.level = HF_LEVEL_BLOCK;
	for (size_t i = 0; i < HF_LEN(amends); i++) {
		struct hf_order order = council_raise_doc(P);
		struct hf_needs needs;
		char text[128];

		order.act = amends[i].act;
		order.mode = amends[i].mode;
		order.body.level = amends[i].level;
		if (amends[i].exempts)
			order.body.exempt = COUNCIL_LIST("comms-2");
		hf_approval_needs(&order, before, 2, &needs);
		needs_text(&needs, text);
		cr_expect_str_eq(text, amends[i].want, "%s: %s", amends[i].what, text);
	}
}

Test(approval, roots_outrank_officers)
{
	struct hf_order doc = council_raise_doc(E);
	hf_auto_envelope struct hf_envelope *envelope = council_order(&council, &doc, NOBODY);
	struct hf_verdict verdict;

	cr_expect_eq(judge(envelope, &verdict), HF_E_UNSIGNED);
	trust->void_before.s = doc.at.s + 1;
	cr_expect_eq(judge(envelope, &verdict), HF_E_VOID, "written before void_before");
	trust->affirmed = &envelope->digest;
	trust->n_affirmed = 1;
	cr_expect_eq(judge(envelope, &verdict), HF_OK, "affirmed, although older and although nobody signed");
	cr_expect(verdict.affirmed);
	cr_expect_null(verdict.rule);
	trust->affirmed = NULL;
	trust->n_affirmed = 0;
	trust->void_before.s = doc.at.s;
	cr_expect_eq(judge(envelope, &verdict), HF_E_UNSIGNED, "of that very second: not void");
}

Test(approval, another_councils_order_is_nothing_here)
{
	struct hf_order doc = council_raise_doc(E);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_verdict verdict;

	doc.council = "stafford";
	envelope = council_order(&council, &doc, COMMS_1);
	cr_expect_eq(judge(envelope, &verdict), HF_E_COUNCIL, "attack: an order replayed from a neighbour");
}

Test(approval, without_rules_nobody_may)
{
	struct row row = {"default is no", RAISE, E, LIVE, COMMS_1, HF_E_RULE};
	hf_auto_envelope struct hf_envelope *envelope = envelope_of(&row);
	hf_auto_order struct hf_order *order = NULL;
	struct hf_needs none = {.n = 0};
	struct hf_signers signers;
	struct hf_verdict verdict;
	size_t n_rules = trust->n_rules;

	cr_assert_eq(hf_order_decode(envelope, &order, NULL), HF_OK);
	hf_signers_find(trust, envelope, &signers);
	cr_expect_eq(hf_approval_order(trust, &(struct hf_signed_order){order, &signers}, &none, &verdict, NULL),
		     HF_E_RULE, "no needs are met");
	trust->n_rules = 0;
	cr_expect_eq(
		hf_approval_meets(trust, &signers, (struct hf_need){HF_RULE_EMERGENCY, HF_RULE_RAISE}, &verdict, NULL),
		HF_E_RULE, "no rule is met");
	trust->n_rules = n_rules;
}
