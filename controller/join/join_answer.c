/* SPDX-License-Identifier: MIT */
/*
 * Owns the putting together of a bundle.
 * Must never give one to a key that the council did not assign.
 */
#include "controller/join/join_answer.h"

#include <string.h>

#include <holdfast/assignment.h>
#include <holdfast/envelope.h>

static bool is_for(json_t *shown, const struct hf_pub *pub)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_assignment struct hf_assignment *assignment = NULL;

	return shown && hf_envelope_from_json(shown, &envelope, NULL) == HF_OK &&
	       hf_assignment_decode(envelope, &assignment, NULL) == HF_OK &&
	       memcmp(&assignment->pub, pub, sizeof(*pub)) == 0;
}

/* What the broker would say besides: assignments in effect beside the newest, lists of brokers, the state. */
static json_t *all_said(const json_t *council, const json_t *states, size_t newest)
{
	const json_t *assignments = json_object_get(council, "assignments");
	json_t *said = json_array();
	json_t *brokers = json_object_get(council, "brokers"), *pages = json_object_get(states, "states");

	for (size_t i = 0; said && i < newest; i++)
		(void)json_array_append(said, json_array_get(assignments, i));
	if (said && brokers)
		(void)json_array_extend(said, brokers);
	if (said && pages)
		(void)json_array_extend(said, pages);
	return said;
}

json_t *hf_join_answer(const json_t *council, const json_t *states, const json_t *answered, const struct hf_pub *pub)
{
	const json_t *assignments = json_object_get(council, "assignments");
	const size_t n = json_array_size(assignments);
	json_t *newest = n ? json_array_get(assignments, n - 1) : NULL;
	json_t *parts = json_object_get(council, "register_parts"), *reg = json_object_get(council, "register");
	hf_auto_json json_t *bundle = NULL;
	hf_auto_json json_t *said = NULL;

	if (!is_for(newest, pub) || !json_is_object(reg))
		return NULL;
	said = all_said(council, states, n - 1);
	bundle = json_pack("{s:O, s:O, s:O, s:O}", "council", json_object_get(council, "council"), "trusts",
			   json_object_get(council, "trusts"), "register", reg, "assignment", newest);
	if (!bundle || !said || json_object_update(bundle, (json_t *)(uintptr_t)answered) != 0 ||
	    (json_array_size(parts) > 0 && json_object_set(bundle, "register_parts", parts) != 0) ||
	    (json_array_size(said) > 0 && json_object_set(bundle, "said", said) != 0))
		return NULL;
	return json_incref(bundle);
}
