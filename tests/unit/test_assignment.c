/* SPDX-License-Identifier: MIT */
/*
 * Holds the assignment document.
 * Must never judge who approved it.
 */
#include <criterion/criterion.h>

#include <holdfast/assignment.h>

#include "tests/help/sample.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	enum hf_rc rc = hf_assignment_decode(envelope, &assignment, err);
	cr_expect_eq(assignment != NULL, rc == HF_OK, "untouched unless HF_OK");
	if (assignment) {
		cr_expect_eq(hf_digest_cmp(&assignment->digest, &envelope->digest), 0,
			     "Envelope: its digest is the envelope's");
		*ret_again = hf_assignment_encode(assignment);
	}
	return rc;
}

Test(assignment, document)
{
	sample_expect_document(decode, SAMPLE_ASSIGNMENT, SAMPLE_TRUST);
}

#define L10 "aaaaaaaaaa"

Test(assignment, rows)
{
	static const struct sample_row rows[] = {
		{"Assignment: versions begin at 1", "version", "0", HF_E_SHAPE},
		{"Assignment: a device that is no id", "device", "\"D 1\"", HF_E_SHAPE},
		{"attack: a device by a controller's name", "device", "\"controller:main\"", HF_E_SHAPE},
		{"Envelope: a key of small order", "public", "\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"",
		 HF_E_KEY},
		{"Envelope: a key that is no point", "public", "\"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"",
		 HF_E_KEY},
		{"Bytes: a key of 31 bytes", "public", "\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\"", HF_E_BASE64},
		{"Assignment: nobody uses it", "people", "[]", HF_OK},
		{"Assignment: a person twice", "people.+", "{\"person\":\"comms-2\",\"user\":\"kim\"}", HF_E_SHAPE},
		{"attack: two people with one login share an exemption", "people.+",
		 "{\"person\":\"it-1\",\"user\":\"sam\"}", HF_E_SHAPE},
		{"Assignment: a second person", "people.+", "{\"person\":\"it-1\",\"user\":\"COUNCIL\\\\kim\"}", HF_OK},
		{"Assignment: everybody", "people.0.person", "\"*\"", HF_E_SHAPE},
		{"Assignment: no login", "people.0.user", "\"\"", HF_E_SHAPE},
		{"Assignment: a login in two lines", "people.0.user", "\"a\\nb\"", HF_E_SHAPE},
		{"Assignment: the longest login", "people.0.user", "\"" L10 L10 L10 L10 L10 L10 "aaaa\"", HF_OK},
		{"Assignment: a login too long", "people.0.user", "\"" L10 L10 L10 L10 L10 L10 "aaaaa\"", HF_E_SIZE},
		{"D9.3: their second device", "people.0.rank", "2", HF_OK},
		{"D9.3: the highest rank", "people.0.rank", "1000", HF_OK},
		{"D9.3: a rank too high", "people.0.rank", "1001", HF_E_SHAPE},
		{"D9.3: the first is said by leaving it out", "people.0.rank", "1", HF_E_SHAPE},
		{"D9.3: ranks begin at 1", "people.0.rank", "0", HF_E_SHAPE},
		{"Assignment: in no group", "groups", "[]", HF_OK},
		{"attack: in every group", "groups", "[\"*\"]", HF_E_SHAPE},
		{"Assignment: in a group twice", "groups.+", "\"communications\"", HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_ASSIGNMENT, rows, HF_LEN(rows));
}

Test(assignment, every_value_in_its_place)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_ASSIGNMENT);
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_ASSIGNMENT, doc, "");
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	hf_auto_key struct hf_key *key = sample_key("device-d1");
	struct hf_pub pub = hf_key_pub(key);
	cr_assert_eq(hf_assignment_decode(envelope, &assignment, NULL), HF_OK);
	cr_expect_str_eq(assignment->council, "cannock-chase");
	cr_expect_str_eq(assignment->device, "d1");
	cr_expect_eq(assignment->version, 1);
	cr_expect_eq(assignment->issued.s, SAMPLE_T);
	cr_expect_arr_eq(assignment->pub.b, pub.b, sizeof(pub.b));
	cr_assert_eq(assignment->n_people, 1);
	cr_expect_str_eq(assignment->people[0].person, "comms-2");
	cr_expect_str_eq(assignment->people[0].user, "sam");
	cr_expect_eq(assignment->people[0].rank, 1, "D9.3: without a rank, their first device");
	cr_expect(hf_strs_has(&assignment->groups, "communications"));
}
