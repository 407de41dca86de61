/* SPDX-License-Identifier: MIT */
/*
 * Holds the trust document, and which trust may follow which.
 * Must never judge an order.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/trust.h>

#include "tests/help/sample.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	enum hf_rc rc = hf_trust_decode(envelope, &trust, err);
	cr_expect_eq(trust != NULL, rc == HF_OK, "untouched unless HF_OK");
	if (trust) {
		cr_expect_eq(hf_digest_cmp(&trust->digest, &envelope->digest), 0,
			     "Envelope: its digest is the envelope's");
		*ret_again = hf_trust_encode(trust);
	}
	return rc;
}

Test(trust, document)
{
	sample_expect_document(decode, SAMPLE_TRUST, SAMPLE_REGISTER);
}

#define RULE(kind, act, role, need)                                                                                    \
	"{\"kind\":\"" kind "\",\"act\":\"" act "\",\"roles\":[\"" role "\"],\"need\":" need "}"
#define PERSON(id, roles, keys) "{\"id\":\"" id "\",\"roles\":" roles ",\"keys\":" keys "}"
#define HEX64 "abababababababababababababababababababababababababababababababab"
#define SMALL "\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define NO_POINT "\"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""

Test(trust, rows)
{
	static const struct sample_row rows[] = {
		{"Trust: a later epoch", "epoch", "7", HF_OK},
		{"Trust: epochs begin at 1", "epoch", "0", HF_E_SHAPE},
		{"Trust: epoch beyond what JSON carries", "epoch", "9007199254740992", HF_E_SHAPE},
		{"Trust: threshold of all roots", "threshold", "3", HF_OK},
		{"Trust: nobody need sign", "threshold", "0", HF_E_SHAPE},
		{"Trust: nobody could ever sign", "threshold", "4", HF_E_RULE},
		{"Trust: no roots", "roots", "[]", HF_E_SHAPE},
		{"Trust: nine roots", "roots", "[\"@a\",\"@b\",\"@c\",\"@d\",\"@e\",\"@f\",\"@g\",\"@h\",\"@i\"]",
		 HF_E_SIZE},
		{"Envelope: a root of small order", "roots.2", SMALL, HF_E_KEY},
		{"Envelope: a root that is no point", "roots.2", NO_POINT, HF_E_KEY},
		{"Bytes: a root with padding left out", "roots.2", "\"AQ\"", HF_E_BASE64},
		{"Trust: a root that is a number", "roots.2", "1", HF_E_SHAPE},
		{"Trust: a root twice", "roots.2", "\"@root-1\"", HF_E_KEY},
		{"Trust: a root is a controller", "roots.2", "\"@controller-main\"", HF_E_KEY},
		{"Trust: a root is an officer", "roots.2", "\"@comms-1\"", HF_E_KEY},
		{"Trust: no controller yet", "controllers", "[]", HF_OK},
		{"Trust: a controller twice", "controllers.+", "{\"id\":\"main\",\"public\":\"@x\"}", HF_E_SHAPE},
		{"Trust: a controller is an officer", "controllers.0.public", "\"@comms-2\"", HF_E_KEY},
		{"Envelope: a controller of small order", "controllers.0.public", SMALL, HF_E_KEY},
		{"Trust: a controller without a name", "controllers.0.id", NULL, HF_E_SHAPE},
		{"Trust: a controller with more", "controllers.0.more", "1", HF_E_SHAPE},
		{"Trust: a person twice", "people.+", PERSON("comms-1", "[]", "[\"@x\"]"), HF_E_SHAPE},
		{"Trust: two people with one key", "people.+", PERSON("p", "[]", "[\"@comms-1\"]"), HF_E_KEY},
		{"attack: a second key shared, to count twice", "people.+",
		 PERSON("p", "[]", "[\"@x\",\"@comms-1-second\"]"), HF_E_KEY},
		{"Trust: a person's key twice", "people.+", PERSON("p", "[]", "[\"@x\",\"@x\"]"), HF_E_KEY},
		{"Trust: a person without a key", "people.+", PERSON("p", "[]", "[]"), HF_E_SHAPE},
		{"Trust: a person with five keys", "people.+",
		 PERSON("p", "[]", "[\"@a\",\"@b\",\"@c\",\"@d\",\"@e\"]"), HF_E_SIZE},
		{"Trust: a person with four keys and no role", "people.+",
		 PERSON("p", "[]", "[\"@a\",\"@b\",\"@c\",\"@d\"]"), HF_OK},
		{"Envelope: an officer of small order", "people.+", PERSON("p", "[]", "[\"@a\"," SMALL "]"), HF_E_KEY},
		{"Trust: a role twice", "people.+", PERSON("p", "[\"it\",\"it\"]", "[\"@x\"]"), HF_E_SHAPE},
		{"attack: a person of every role", "people.+", PERSON("p", "[\"*\"]", "[\"@x\"]"), HF_E_SHAPE},
		{"Trust: a person whose name is no id", "people.0.id", "\"Comms 1\"", HF_E_SHAPE},
		{"D9.3: one alone releases an emergency", "rules.1.need", "1", HF_E_RULE},
		{"D10: one alone releases purdah", "rules.3.need", "1", HF_E_RULE},
		{"D2.1: one alone changes the register", "rules.5.need", "1", HF_E_RULE},
		{"D9.1: one alone exempts", "rules.6.need", "1", HF_E_RULE},
		{"D9.3: three release", "rules.1.need", "3", HF_OK},
		{"Trust: nobody need raise", "rules.0.need", "0", HF_E_SHAPE},
		{"Trust: more than could ever sign", "rules.0.need", "17", HF_E_SHAPE},
		{"Trust: a rule of no role", "rules.0.roles", "[]", HF_E_SHAPE},
		{"attack: a rule for every role", "rules.0.roles", "[\"*\"]", HF_E_SHAPE},
		{"Trust: a rule is missing", "rules.1", NULL, HF_E_RULE},
		{"Trust: a rule twice", "rules.+", RULE("emergency", "release", "comms", "2"), HF_E_RULE},
		{"Trust: a rule that there is not", "rules.+", RULE("register", "raise", "comms", "2"), HF_E_RULE},
		{"Trust: an exercise has one rule", "rules.+", RULE("exercise", "release", "comms", "2"), HF_E_RULE},
		{"Trust: a kind that there is not", "rules.+", RULE("drought", "raise", "comms", "1"), HF_E_SHAPE},
		{"Trust: an act that there is not", "rules.+", RULE("emergency", "amend", "comms", "1"), HF_E_SHAPE},
		{"Assignment: the row of today", "rules.+",
		 "{\"kind\":\"assignment\",\"act\":\"loosen\",\"roles\":[\"it\",\"accounts\"],\"need\":2}", HF_OK},
		{"Assignment: one alone loosens a device", "rules.+", RULE("assignment", "loosen", "it", "1"), HF_E_RULE},
		{"Trust: nothing affirmed", "affirmed", "[]", HF_OK},
		{"Trust: affirmed twice", "affirmed.+", "\"" HEX64 "\"", HF_E_SHAPE},
		{"Bytes: affirmed in capitals", "affirmed.0",
		 "\"ABababababababababababababababababababababababababababababababab\"", HF_E_BASE64},
		{"Trust: affirmed by a number", "affirmed.0", "1", HF_E_SHAPE},
		{"Time: void_before after 9999", "void_before", "253402300800", HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_TRUST, rows, HF_LEN(rows));
}

Test(trust, looking_up)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_TRUST);
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_TRUST, doc, "");
	hf_auto_trust struct hf_trust *trust = NULL;
	hf_auto_key struct hf_key *second = sample_key("comms-1-second"), *root = sample_key("root-1");
	struct hf_pub second_pub = hf_key_pub(second), root_pub = hf_key_pub(root);
	struct hf_digest other = {{1}};
	cr_assert_eq(hf_trust_decode(envelope, &trust, NULL), HF_OK);
	cr_expect_str_eq(hf_trust_person_of_key(trust, &second_pub)->id, "comms-1", "Approval: two keys, one person");
	cr_expect_null(hf_trust_person_of_key(trust, &root_pub), "a root is no officer");
	cr_expect_str_eq(hf_trust_person(trust, "monitoring-1")->id, "monitoring-1");
	cr_expect_null(hf_trust_person(trust, "main"), "a controller is no person");
	cr_expect_str_eq(hf_trust_controller(trust, "main")->id, "main");
	cr_expect_null(hf_trust_controller(trust, "comms-1"), "an officer is no controller");
	cr_expect_eq(hf_trust_rule(trust, HF_RULE_EMERGENCY, HF_RULE_RELEASE)->need, 2, "D9.3: two");
	cr_expect_null(hf_trust_rule(trust, HF_RULE_REGISTER, HF_RULE_RAISE), "there is no such rule");
	cr_expect(hf_trust_affirms(trust, &trust->affirmed[0]), "When people change: affirmed");
	cr_expect_not(hf_trust_affirms(trust, &other), "When people change: not affirmed");
}

/* "Trust": a row that is younger than a trust has its default there, and the trust the digest that it had. */
Test(trust, a_missing_row_means_its_default)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_TRUST);
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_TRUST, doc, "");
	hf_auto_trust struct hf_trust *trust = NULL;
	hf_auto_json json_t *again = NULL;
	const struct hf_rule *rule;

	cr_assert_eq(json_array_size(json_object_get(doc, "rules")), 8, "as the first trusts were");
	cr_assert_eq(hf_trust_decode(envelope, &trust, NULL), HF_OK);
	rule = hf_trust_rule(trust, HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN);
	cr_assert_not_null(rule);
	cr_expect_eq(rule->need, 2);
	cr_expect(hf_strs_has(&rule->roles, "it") && hf_strs_has(&rule->roles, "accounts") && rule->roles.n == 2);
	again = hf_trust_encode(trust);
	cr_expect(json_equal(again, doc), "what is not said stays unsaid");
}

Test(trust, every_value_in_its_place)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_TRUST);
	sample_change(doc, "epoch", "4");
	sample_change(doc, "void_before", "9");
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_TRUST, doc, "");
	hf_auto_trust struct hf_trust *trust = NULL;
	hf_auto_key struct hf_key *root = sample_key("root-3"), *main_key = sample_key("controller-main");
	struct hf_pub root_pub = hf_key_pub(root), main_pub = hf_key_pub(main_key);
	cr_assert_eq(hf_trust_decode(envelope, &trust, NULL), HF_OK);
	cr_expect_str_eq(trust->council, "cannock-chase");
	cr_expect_eq(trust->epoch, 4);
	cr_expect_eq(trust->issued.s, SAMPLE_T);
	cr_expect_eq(trust->threshold, 2);
	cr_expect_eq(trust->void_before.s, 9);
	cr_assert_eq(trust->n_roots, 3);
	cr_expect_arr_eq(trust->roots[2].b, root_pub.b, sizeof(root_pub.b));
	cr_expect_arr_eq(trust->controllers[0].pub.b, main_pub.b, sizeof(main_pub.b));
	cr_assert_eq(trust->n_people, 3);
	cr_expect(hf_strs_has(&trust->people[2].roles, "monitoring"));
	cr_expect_eq(trust->people[0].n_keys, 2);
	const struct hf_rule *rule = hf_trust_rule(trust, HF_RULE_PURDAH, HF_RULE_RELEASE);
	cr_expect(hf_strs_has(&rule->roles, "elections") && hf_strs_has(&rule->roles, "monitoring"));
	cr_expect_eq(trust->affirmed[0].b[7], 0xab);
}

/* A trust of this epoch with one change, signed by these. */
static struct hf_envelope *trust_envelope(const char *epoch, const char *path, const char *value, const char *signers)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_TRUST);
	sample_change(doc, "epoch", epoch);
	if (path)
		sample_change(doc, path, value);
	return sample_envelope(SAMPLE_TRUST, doc, signers);
}

Test(trust, the_first)
{
	static const struct {
		const char *what, *signers;
		enum hf_rc want;
	} rows[] = {
		{"Trust: a threshold of its own roots", "root-1 root-3", HF_OK},
		{"Trust: all roots", "root-1 root-2 root-3", HF_OK},
		{"Trust: one of two", "root-2", HF_E_SIGNATURE},
		{"Trust: nobody", "", HF_E_SIGNATURE},
		{"Trust: officers are no roots", "comms-1 comms-2", HF_E_SIGNATURE},
		{"Trust: a root and the server", "root-1 controller-main", HF_E_SIGNATURE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_envelope struct hf_envelope *envelope = trust_envelope("1", NULL, NULL, rows[i].signers);
		hf_auto_trust struct hf_trust *trust = NULL;
		cr_expect_eq(hf_trust_open(envelope, NULL, &trust, NULL), rows[i].want, "%s", rows[i].what);
		cr_expect_eq(trust != NULL, rows[i].want == HF_OK, "%s: untouched unless HF_OK", rows[i].what);
	}
}

Test(trust, what_follows)
{
	static const struct {
		const char *what, *epoch, *path, *value, *signers;
		enum hf_rc want;
	} rows[] = {
		{"Trust: the next", "6", NULL, NULL, "root-1 root-2", HF_OK},
		{"Trust: the very same again, even unsigned", "5", NULL, NULL, "", HF_OK},
		{"Trust: the same epoch, other content", "5", "issued", "7", "root-1 root-2", HF_E_FORK},
		{"Trust: an older one", "4", NULL, NULL, "root-1 root-2", HF_E_ROLLBACK},
		{"Trust: a gap", "7", NULL, NULL, "root-1 root-2", HF_E_EPOCH},
		{"Trust: too few roots", "6", NULL, NULL, "root-1", HF_E_SIGNATURE},
		{"attack: one root signs twice", "6", NULL, NULL, "root-1 root-1", HF_E_SIGNATURE},
		{"Trust: nobody signed", "6", NULL, NULL, "", HF_E_SIGNATURE},
		{"attack: another council's trust with the same roots", "6", "council", "\"lichfield\"",
		 "root-1 root-2", HF_E_COUNCIL},
		{"attack: usurpers sign for themselves", "6", "roots", "[\"@evil-1\",\"@evil-2\"]", "evil-1 evil-2",
		 HF_E_SIGNATURE},
		{"Trust: the new roots have not agreed", "6", "roots", "[\"@new-1\",\"@new-2\"]", "root-1 root-2",
		 HF_E_SIGNATURE},
		{"Trust: old and new agree", "6", "roots", "[\"@new-1\",\"@new-2\"]", "root-1 root-2 new-1 new-2",
		 HF_OK},
		{"Trust: one root stays and counts for both", "6", "roots", "[\"@root-2\",\"@new-1\"]",
		 "root-1 root-2 new-1", HF_OK},
		{"attack: the new threshold must not count for the old", "6", "threshold", "1", "root-1", HF_E_RULE},
		{"attack: two roots let one loosen alone", "6", "threshold", "1", "root-1 root-2", HF_E_RULE},
		{"Trust: a higher threshold binds at once", "6", "threshold", "3", "root-1 root-2", HF_E_SIGNATURE},
		{"Trust: one that may not stand", "6", "rules.1.need", "1", "root-1 root-2", HF_E_RULE},
	};
	hf_auto_envelope struct hf_envelope *held_envelope = trust_envelope("5", NULL, NULL, "root-1 root-2");
	hf_auto_trust struct hf_trust *held = NULL;
	cr_assert_eq(hf_trust_open(held_envelope, NULL, &held, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_envelope struct hf_envelope *envelope =
			trust_envelope(rows[i].epoch, rows[i].path, rows[i].value, rows[i].signers);
		hf_auto_trust struct hf_trust *trust = NULL;
		struct hf_err err = {0};
		cr_expect_eq(hf_trust_open(envelope, held, &trust, &err), rows[i].want, "%s: %s", rows[i].what,
			     err.text);
		cr_expect_eq(trust != NULL, rows[i].want == HF_OK, "%s: untouched unless HF_OK", rows[i].what);
	}
}
