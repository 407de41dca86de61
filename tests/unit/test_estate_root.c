/* SPDX-License-Identifier: MIT */
/*
 * Owns the root over an estate's assignments: every proof leads to it, in whatever order they came.
 * Must never ask a controller.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "controller/office/estate_root.h"
#include "tests/help/council.h"

#define ESTATE 37 /* no full tree */

/* Of devices whose ids sort otherwise than they are counted; each even one approved by one alone. */
static void estate_of_many(struct council *council, struct hf_envelope *made[ESTATE])
{
	for (size_t i = 0; i < ESTATE; i++) {
		struct hf_assignment doc = council_assignment_doc(council);
		char device[16];

		snprintf(device, sizeof(device), "e%zu", i);
		doc.device = device;
		made[i] = council_assignment(council, &doc, i % 2 ? IT_1 | COMMS_1 : IT_1);
	}
}

static json_t *documents_of(struct hf_envelope *const made[ESTATE], bool backwards)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ESTATE; i++)
		json_array_append_new(list, hf_envelope_to_json(made[backwards ? ESTATE - 1 - i : i]));
	json_array_append_new(list, hf_envelope_to_json(made[0]));
	return list;
}

Test(estate_root, each_proof_leads_to_the_root_and_says_as_much_as_was_approved)
{
	council_auto struct council council;
	hf_auto_trust struct hf_trust *held = NULL;
	struct hf_envelope *made[ESTATE];
	hf_auto_estate_root struct hf_estate_root root = {.n = 0}, again = {.n = 0};
	struct hf_trust next;

	council_open(&council);
	cr_assert_eq(hf_trust_decode(council.trust, &held, NULL), HF_OK);
	estate_of_many(&council, made);
	for (int backwards = 0; backwards < 2; backwards++) {
		hf_auto_json json_t *documents = documents_of(made, backwards);

		cr_assert_eq(hf_estate_root_of(held, held, documents, backwards ? &again : &root, NULL), HF_OK);
	}
	cr_expect_eq(root.n, ESTATE, "one that is enclosed twice counts once");
	cr_expect_eq(root.n_devices, ESTATE);
	cr_expect_eq(root.n_by_two, ESTATE / 2);
	cr_expect_eq(hf_digest_cmp(&root.head.root, &again.head.root), 0, "whatever came first");
	next = *held;
	next.assignments = root.head;
	next.n_people = 0;
	for (size_t i = 0; i < ESTATE; i++) {
		struct hf_followed by;
		char device[16];

		snprintf(device, sizeof(device), "e%zu", i);
		cr_expect_eq(hf_estate_root_prove(&root, device, made[i]), HF_OK);
		hf_approval_follow(held, &next, made[i], &by);
		cr_expect_eq(by.before, i % 2 ? HF_BY_TWO : HF_BY_ONE, "e%zu", i);
		cr_expect_eq(by.after, by.before, "e%zu, by its proof alone", i);
		hf_envelope_unprove(made[i]);
		hf_approval_follow(held, &next, made[i], &by);
		cr_expect_eq(by.after, HF_BY_NOBODY, "e%zu without it", i);
		hf_envelope_free(&made[i]);
	}
}

Test(estate_root, attack_more_than_a_trust_affirms_is_refused)
{
	council_auto struct council council;
	hf_auto_estate_root struct hf_estate_root root = {.n = 0};
	struct hf_err err = {""};

	council_open(&council);
	for (size_t i = 0; i < HF_PROVEN_MAX; i++)
		cr_assert_eq(hf_estate_root_add(&root, council.assignment, HF_BY_TWO, &err), HF_OK);
	cr_expect_eq(hf_estate_root_add(&root, council.assignment, HF_BY_TWO, &err), HF_E_SIZE);
	cr_expect_str_eq(err.text, "A trust affirms at most 65536 assignments.");
}

Test(estate_root, a_trust_that_affirms_none_has_no_root)
{
	council_auto struct council council;
	hf_auto_trust struct hf_trust *held = NULL;
	hf_auto_json json_t *none = json_array();
	hf_auto_estate_root struct hf_estate_root root = {.n = 0};

	council_open(&council);
	cr_assert_eq(hf_trust_decode(council.trust, &held, NULL), HF_OK);
	cr_expect_eq(hf_estate_root_of(held, held, none, &root, NULL), HF_OK);
	cr_expect_null(hf_estate_root_json(&root));
	cr_expect_eq(root.head.size, 0);
}
