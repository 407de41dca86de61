/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of bundle.c: what a device that is being enrolled believes.
 * Must never take a document of a bundle for good because it came in one.
 */
#include "agent/disk/bundle.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/help/vectors.h"

static json_t *document(const char *file)
{
	size_t len;
	hf_auto_free char *text = vectors_read(file, &len);
	json_t *json = json_loadb(text, len, 0, NULL);

	cr_assert_not_null(json, "%s is no JSON", file);
	return json;
}

/* What the council hands to d1; the documents are borrowed. */
static struct hf_bundle bundle_of(const char *council, json_t *trusts, json_t *reg, json_t *assignment)
{
	return (struct hf_bundle){
		.council = council, .device = "d1", .trusts = trusts, .reg = reg, .assignment = assignment};
}

/* Enrolment judges each document by the law, and says which one is refused and for which reason. */
Test(bundle, each_document_is_judged_and_the_reason_is_named)
{
	static const struct {
		const char *what, *council, *trust, *reg, *assignment;
		enum hf_rc want;
		const char *says;
	} rows[] = {
		{"all good", "cannock-chase", "good/trust-1.json", "good/register-1.json", "good/assignment-1.json",
		 HF_OK, ""},
		{"attack: a trust that too few roots signed", "cannock-chase", "bad/trust-first-too-few-roots.json",
		 "good/register-1.json", "good/assignment-1.json", HF_E_SIGNATURE, "trust is refused (signature): "},
		{"D9.3: a trust by which one may release", "cannock-chase", "bad/trust-emergency-release-by-one.json",
		 "good/register-1.json", "good/assignment-1.json", HF_E_RULE, "trust is refused (rule): "},
		{"attack: D2.1: a register approved by one", "cannock-chase", "good/trust-1.json",
		 "bad/register-by-one.json", "good/assignment-1.json", HF_E_TOO_FEW, "register is refused (too-few): "},
		{"an assignment of another device", "cannock-chase", "good/trust-1.json", "good/register-1.json",
		 "bad/assignment-of-another-device.json", HF_E_DEVICE, "assignment is refused (device): "},
		{"a bundle of another council", "lichfield", "good/trust-1.json", "good/register-1.json",
		 "good/assignment-1.json", HF_E_COUNCIL, "the bundle is for council lichfield"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *trusts = json_pack("[o]", document(rows[i].trust));
		hf_auto_json json_t *reg = document(rows[i].reg);
		hf_auto_json json_t *assignment = document(rows[i].assignment);
		const struct hf_bundle bundle = bundle_of(rows[i].council, trusts, reg, assignment);
		hf_auto_known struct hf_known known = {0};
		struct hf_err err = {""};

		cr_expect_eq(hf_bundle_known(&bundle, &known, &err), rows[i].want, "%s: %s", rows[i].what, err.text);
		cr_expect_not_null(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
		cr_expect_eq(known.trust != NULL, rows[i].want == HF_OK, "%s: nothing half is kept", rows[i].what);
	}
}

/* An anchor is the council's first trust: a later one might name roots that the first never agreed to. */
Test(bundle, an_anchor_is_of_epoch_1)
{
	hf_auto_json json_t *reg = document("good/register-1.json"), *assignment = document("good/assignment-1.json");
	static const struct {
		const char *what, *first, *second;
		enum hf_rc want;
	} rows[] = {
		{"the first", "good/trust-1.json", NULL, HF_OK},
		{"the first and its successor", "good/trust-1.json", "good/trust-2-renamed.json", HF_OK},
		{"attack: a later one as the anchor", "good/trust-2-renamed.json", NULL, HF_E_EPOCH},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *trusts = json_pack("[o]", document(rows[i].first));
		const struct hf_bundle bundle = bundle_of("cannock-chase", trusts, reg, assignment);
		hf_auto_known struct hf_known known = {0};
		struct hf_err err = {""};

		if (rows[i].second)
			json_array_append_new(trusts, document(rows[i].second));
		cr_assert_eq(hf_bundle_known(&bundle, &known, &err), HF_OK, "%s: %s", rows[i].what, err.text);
		cr_expect_eq(hf_bundle_anchored(&bundle, &known, &err), rows[i].want, "%s: %s", rows[i].what, err.text);
	}
}
