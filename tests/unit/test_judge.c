/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of what the controller judges by what it has, not by what was approved.
 * Must never open a journal.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "controller/judge.h"
#include "tests/help/council.h"

/* So many devices, all of one assignment whose name comes before all others; only their number counts. */
static struct hf_estate estate_of(struct hf_assignment *assignment, size_t n)
{
	struct hf_estate estate = {.v = calloc(n + 1, sizeof(*estate.v)), .n = n, .room = n + 1};

	cr_assert(estate.v);
	for (size_t i = 0; i < n; i++)
		estate.v[i].assignment = assignment;
	return estate;
}

Test(judge, an_estate_is_full_at_its_limit_and_not_before)
{
	static const struct {
		const char *what;
		size_t n;
		enum hf_rc want;
	} rows[] = {
		{"no device", 0, HF_OK},
		{"room for one", HF_ESTATE_MAX - 1, HF_OK},
		{"full", HF_ESTATE_MAX, HF_E_SIZE},
	};
	council_auto struct council council;
	hf_auto_known struct hf_known known = {0};
	struct hf_assignment taken = {.device = "a"}, doc;
	hf_auto_envelope struct hf_envelope *envelope = NULL;

	council_open(&council);
	council_begin(&council, &known);
	doc = council_assignment_doc(&council);
	doc.device = "d9";
	envelope = council_assignment(&council, &doc, IT_1);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_estate estate = estate_of(&taken, rows[i].n);
		const struct hf_bench bench = {.known = &known, .estate = &estate};
		hf_auto_judgement struct hf_judgement judgement = {0};

		cr_expect_eq(hf_judge(&bench, envelope, &judgement, NULL), rows[i].want, "%s: %s", rows[i].what,
			     hf_rc_name(judgement.rc));
		free(estate.v);
	}
}
