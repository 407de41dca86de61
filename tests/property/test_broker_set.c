/* SPDX-License-Identifier: MIT */
/*
 * Owns which brokers are in effect does not depend on the order in which lists are heard, nor on how often (proto/README.md
 * "Brokers"), and nothing that one person alone approved takes a broker away.
 * Must never take the answer from the code it tests: one order is held against another, and the base is worked out here.
 * HF_SEED plays one run again.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/help/council.h"
#include "tests/help/dice.h"

#define RUNS 60
#define LISTS 14

struct list_said {
	struct hf_envelope *envelope;
	int64_t version;
	bool two;
};

static struct council council;
static struct list_said lists[LISTS];
static char hosts[LISTS][16];

static void write_list(size_t i)
{
	struct hf_brokers doc = {.council = COUNCIL_NAME, .version = 1 + (int64_t)below(6), .issued = {COUNCIL_T + (int64_t)i}, .n = 1};

	(void)snprintf(hosts[i], sizeof(hosts[i]), "b%zu", i);
	doc.v[0] = (struct hf_broker){hosts[i], hosts[i], 8883, NULL};
	lists[i].version = doc.version;
	lists[i].two = one_in(4);
	lists[i].envelope = council_sign(&council, HF_DOC_BROKERS, hf_brokers_encode(&doc), lists[i].two ? IT_1 | COMMS_1 : IT_1);
}

static void hear(struct hf_known *known, const struct hf_envelope *envelope)
{
	struct hf_hearing hearing;
	size_t len = 0;
	hf_auto_free char *text = NULL;

	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	(void)hf_known_hear(known, &(struct hf_message){text, len, HF_DOC_BROKERS}, &hearing, NULL);
}

/* In an order of its own, some of them twice. */
static json_t *heard_in_some_order(void)
{
	struct hf_known known;
	size_t order[LISTS];
	json_t *json;

	council_begin(&council, &known);
	for (size_t i = 0; i < LISTS; i++)
		order[i] = i;
	for (size_t i = LISTS; i > 1; i--) {
		size_t k = below(i), swap = order[k];

		order[k] = order[i - 1];
		order[i - 1] = swap;
	}
	for (size_t i = 0; i < LISTS; i++) {
		hear(&known, lists[order[i]].envelope);
		if (one_in(3))
			hear(&known, lists[order[below(i + 1)]].envelope);
	}
	json = hf_known_encode(&known);
	hf_known_done(&known);
	return json;
}

static const struct list_said *base_of_all(void)
{
	const struct list_said *base = NULL;

	for (size_t i = 0; i < LISTS; i++) {
		const struct list_said *l = &lists[i];

		if (l->two && (!base || l->version > base->version ||
			       (l->version == base->version && hf_digest_cmp(&l->envelope->digest, &base->envelope->digest) < 0)))
			base = l;
	}
	return base;
}

Test(broker_set, in_whatever_order_they_are_heard)
{
	uint64_t seed = number_from("HF_SEED", 11);

	council_open(&council);
	for (size_t run = 0; run < RUNS; run++) {
		const struct list_said *base;
		char hex[HF_DIGEST_HEX_SIZE];

		dice_at = seed + run;
		for (size_t i = 0; i < LISTS; i++)
			write_list(i);
		hf_auto_json json_t *one = heard_in_some_order();
		hf_auto_json json_t *other = heard_in_some_order();
		cr_assert(json_equal(one, other), "HF_SEED=%llu: the order of hearing decides", (unsigned long long)(seed + run));
		base = base_of_all();
		cr_assert_str_eq(base ? hf_digest_hex(&base->envelope->digest, hex) : "none",
				 json_object_get(one, "brokers_by_two") ? json_string_value(json_object_get(one, "brokers_by_two")) : "none",
				 "HF_SEED=%llu: another base", (unsigned long long)(seed + run));
		for (size_t i = 0; i < LISTS; i++)
			hf_envelope_free(&lists[i].envelope);
	}
	council_close(&council);
}
