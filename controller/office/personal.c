/* SPDX-License-Identifier: MIT */
/*
 * Owns what of an entry tells of people.
 * Must never pass over a member in which a person can write, or be named.
 */
#include "controller/office/personal.h"

#include <string.h>

#include <holdfast/envelope.h>

#include "controller/office/client.h"

/* The look at one entry. */
struct finding {
	struct hf_personal *found;
	int64_t record;
	bool lost;
};

static void add_text(struct finding *finding, const char *what, const char *text)
{
	if (!text || !text[0])
		return;
	if (json_array_append_new(finding->found->texts, json_pack("{s:I, s:s, s:s}", "record", (json_int_t)finding->record,
								   "what", what, "text", text)) != 0)
		finding->lost = true;
}

static void add_person(struct finding *finding, const char *id)
{
	if (json_array_append_new(finding->found->people, json_string(id)) != 0)
		finding->lost = true;
}

static void add_members(struct finding *finding, const json_t *document)
{
	static const char *const names[] = {"reason", "message", "contact", "instructions", "why"};

	for (size_t i = 0; i < HF_LEN(names); i++)
		add_text(finding, names[i], json_string_value(json_object_get(document, names[i])));
}

/* An equal text is carried once: `text_of` names where it stands. */
static void find_in_order(struct finding *finding, const json_t *order)
{
	const json_t *holding;
	size_t i;

	add_members(finding, order);
	json_array_foreach(json_object_get(order, "holding"), i, holding)
	{
		hf_auto_json json_t *what = json_sprintf("holding %s", hf_client_text(holding, "account", "?"));

		finding->lost = finding->lost || !what;
		add_text(finding, what ? json_string_value(what) : "", hf_client_text(holding, "text", NULL));
	}
}

static void find_in_report(struct finding *finding, const json_t *report)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(report, "postings"), i, one)
	{
		add_text(finding, "why", json_string_value(json_object_get(one, "why")));
	}
	json_array_foreach(json_object_get(report, "layers"), i, one)
	{
		if (strstr(hf_client_text(one, "saw", ""), "/home/"))
			add_person(finding, "");
	}
}

static void find_in_trust(struct finding *finding, const json_t *trust)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(trust, "people"), i, one)
	{
		if (json_object_get(one, "name"))
			add_person(finding, hf_client_text(one, "id", ""));
	}
	if (json_object_get(trust, "root_names"))
		add_person(finding, "");
}

static void find_in_register(struct finding *finding, const json_t *reg)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(reg, "words"), i, one)
	{
		const char *kind = hf_client_text(one, "kind", "");

		if (strcmp(kind, "member") == 0 || strcmp(kind, "candidate") == 0)
			add_person(finding, "");
	}
}

static void find_in_assignment(struct finding *finding, const json_t *assignment)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(assignment, "people"), i, one)
	{
		const char *person = hf_client_text(one, "person", "");

		if (strcmp(hf_client_text(one, "user", ""), person) != 0)
			add_person(finding, person);
	}
}

static void find_in_document(struct finding *finding, const struct hf_envelope *envelope, const json_t *document)
{
	switch (envelope->type) {
	case HF_DOC_TRUST:
		find_in_trust(finding, document);
		return;
	case HF_DOC_REGISTER:
		find_in_register(finding, document);
		return;
	case HF_DOC_ASSIGNMENT:
		find_in_assignment(finding, document);
		return;
	case HF_DOC_ORDER:
		find_in_order(finding, document);
		return;
	case HF_DOC_REPORT:
		find_in_report(finding, document);
		return;
	case HF_DOC_REMARK:
	case HF_DOC_ERASE:
		add_members(finding, document);
		return;
	case HF_DOC_BROKERS:
	case HF_DOC_GLASS:
	case HF_DOC_RECOVER:
		return;
	case HF_DOC_STATE:
	case HF_DOC_COUNT:
		break;
	}
	finding->found->unknown = true;
}

/* The controller's own words: ids and numbers, but for what it says of a refusal. */
static void find_in_word(struct finding *finding, const char *kind, const json_t *word)
{
	static const char *const plain[] = {"start", "via", "lapse", "silence", "notice", "outcome", "export"};

	if (strcmp(kind, "refusal") == 0) {
		add_text(finding, "said", json_string_value(json_object_get(word, "said")));
		return;
	}
	if (strcmp(kind, "check") == 0) {
		add_text(finding, "note", json_string_value(json_object_get(word, "note")));
		return;
	}
	for (size_t i = 0; i < HF_LEN(plain); i++)
		if (strcmp(kind, plain[i]) == 0)
			return;
	finding->found->unknown = true;
}

/* The envelope that an entry is, or has inside; without one its body alone. */
static enum hf_rc open_either(const struct hf_story_record *record, struct hf_envelope **ret_envelope, json_t **ret_body)
{
	json_t *inner;

	if (hf_envelope_decode(record->body, record->body_len, ret_envelope, NULL) == HF_OK)
		return HF_OK;
	if (hf_json_load(record->body, record->body_len, 0, ret_body) != HF_OK)
		return HF_E_JSON;
	inner = json_object_get(*ret_body, strcmp(record->kind, "note") == 0 ? "remark" : "erase");
	return inner ? hf_envelope_from_json(inner, ret_envelope, NULL) : HF_E_ABSENT;
}

enum hf_rc hf_personal_find(const struct hf_story_record *record, struct hf_personal *ret, struct hf_err *err)
{
	struct finding finding = {.found = ret, .record = record->seq};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *body = NULL;

	ret->texts = json_array();
	ret->people = json_array();
	if (record->body_len == 0)
		return HF_OK; /* it was erased */
	if (open_either(record, &envelope, &body) == HF_OK) {
		json_decref(body);
		body = NULL;
		ret->unknown = hf_json_load((const char *)envelope->payload, envelope->payload_len, 0, &body) != HF_OK;
		find_in_document(&finding, envelope, body);
	} else {
		ret->unknown = !body;
		find_in_word(&finding, record->kind, body);
	}
	if (finding.lost || !ret->texts || !ret->people)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to look through the record.");
	return HF_OK;
}

void hf_personal_done(struct hf_personal *personal)
{
	json_decref(personal->texts);
	json_decref(personal->people);
	*personal = (struct hf_personal){NULL, NULL, false};
}
