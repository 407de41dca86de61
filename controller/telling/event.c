/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of events.
 * Must never say less than people are told, or let an exercise pass for the real thing.
 */
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/json.h>

#include "controller/telling/event.h"

static const char *event_type(const struct hf_letter_matter *matter, const struct hf_tell *tell)
{
	if (tell->what == HF_TOLD_TEST)
		return "test";
	if (tell->what == HF_TOLD_DRAFT)
		return "draft.waiting";
	if (tell->what == HF_TOLD_SECOND)
		return "lockdown.released";
	return matter->order && matter->order->act == HF_ACT_AMEND ? "lockdown.amended" : "lockdown.raised";
}

static json_t *list_lockdowns(const struct hf_letter_matter *matter)
{
	json_t *list = json_array();
	for (size_t i = 0; i < matter->n_ended; i++)
		json_array_append_new(list, hf_json_from_digest(&matter->ended[i]));
	if (matter->n_ended == 0 && matter->lockdown)
		json_array_append_new(list, hf_json_from_digest(matter->lockdown));
	return list;
}

static json_t *list_earlier(const struct hf_letter_matter *matter)
{
	json_t *list = json_array();
	for (size_t i = 0; i < matter->n_earlier; i++)
		json_array_append_new(list, json_pack("{s:o, s:I}", "id", hf_json_from_digest(&matter->earlier[i].digest),
						      "at", (json_int_t)matter->earlier[i].at.s));
	return list;
}

static void put_order(json_t *data, const struct hf_order *order)
{
	const struct hf_body *body = &order->body;
	bool ends = order->act == HF_ACT_RELEASE;
	json_object_set_new(data, "id", hf_json_from_digest(&order->digest));
	json_object_set_new(data, "at", json_integer(order->at.s));
	json_object_set_new(data, "kind", json_string(hf_kind_name(order->kind)));
	json_object_set_new(data, "mode", json_string(hf_mode_name(order->mode)));
	json_object_set_new(data, "reason", json_string(body->reason));
	if (ends) {
		json_object_set_new(data, "message", json_string(order->message));
		return;
	}
	json_object_set_new(data, "level", json_string(hf_level_name(body->level)));
	json_object_set_new(data, "from", json_integer(body->from.s));
	json_object_set_new(data, "until", json_integer(body->until.s));
	json_object_set_new(data, "accounts", hf_json_from_strs(&body->accounts));
	json_object_set_new(data, "contact", json_string(body->contact));
	json_object_set_new(data, "instructions", json_string(body->instructions));
}

static json_t *make_data(const struct hf_letter_matter *matter, const struct hf_letter *letter)
{
	json_t *data = json_pack("{s:s, s:o, s:o, s:s, s:s}", "council", matter->council, "lockdowns",
				 list_lockdowns(matter), "earlier", list_earlier(matter), "subject", letter->subject, "text",
				 letter->body);
	if (data && matter->order)
		put_order(data, matter->order);
	if (data && matter->waits)
		json_object_set_new(data, "waits", json_string(matter->waits));
	return data;
}

enum hf_rc hf_event_write(const struct hf_letter_matter *matter, const struct hf_tell *tell,
			  const struct hf_letter *letter, struct hf_letter *ret, struct hf_err *err)
{
	hf_auto_json json_t *event = json_pack("{s:s, s:I, s:o}", "type", event_type(matter, tell), "timestamp",
					       (json_int_t)tell->due.s, "data", make_data(matter, letter));
	char *subject = strdup(letter->subject), *body = NULL;
	size_t len = 0;
	if (event && subject && hf_json_bytes(event, &body, &len) == HF_OK) {
		*ret = (struct hf_letter){subject, body};
		return HF_OK;
	}
	free(subject);
	return hf_err_set(err, HF_E_MEMORY, "no memory for a message");
}
