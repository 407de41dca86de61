/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of one document to the bus, and the signature of what this controller says itself.
 * Must never sign anything but a state.
 */
#include "controller/say.h"

#include <holdfast/log.h>
#include <holdfast/names.h>

void hf_say_failed(const char *what, enum hf_rc rc, const struct hf_err *err)
{
	hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "publishing %s: %s", what,
		     err->text);
}

void hf_say_document(struct hf_controller *c, const struct hf_topic *topic, const struct hf_envelope *envelope)
{
	struct hf_topic ours = *topic;
	char name[HF_TOPIC_SIZE] = "";
	hf_auto_free char *text = NULL;
	struct hf_err err = {""};
	size_t len = 0;
	enum hf_rc rc = hf_str_copy(ours.council, sizeof(ours.council), c->known.council);

	if (rc == HF_OK)
		rc = hf_topic_print(&ours, name);
	if (rc == HF_OK && envelope)
		rc = hf_envelope_encode(envelope, &text, &len, &err);
	if (rc == HF_OK)
		rc = hf_bus_publish(
			c->bus, &(struct hf_bus_message){name, text ? text : "", len, topic->kind != HF_TOPIC_ANSWER},
			&err);
	if (rc != HF_OK)
		hf_say_failed(name, rc, &err);
}

enum hf_rc hf_say_sign(const struct hf_controller *c, const struct hf_state *state, struct hf_envelope **ret_envelope,
		       struct hf_err *err)
{
	hf_auto_json json_t *json = hf_state_encode(state);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_envelope_of_json(HF_DOC_STATE, json, &envelope, err);

	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, c->key, err);
	if (rc == HF_OK)
		*ret_envelope = hf_steal_ptr(&envelope);
	return rc;
}

/* The state that was said last, with nothing in it but this. */
static enum hf_rc sign_heard(const struct hf_controller *c, const struct hf_digest *report,
			     struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_state struct hf_state *last = NULL;
	enum hf_rc rc = hf_state_decode(c->said[0], &last, err);
	struct hf_state state;

	if (rc != HF_OK)
		return rc;
	state = *last;
	state.page = 0;
	state.pages = 1;
	state.n_orders = state.n_claims = state.n_from = 0;
	state.hears = true;
	state.heard = *report;
	return hf_say_sign(c, &state, ret_envelope, err);
}

void hf_say_heard(struct hf_controller *c, const struct hf_device *device)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_topic topic = {.kind = HF_TOPIC_ANSWER};
	struct hf_err err = {""};
	enum hf_rc rc;

	if (!device->report || !c->said[0] || hf_str_copy(topic.id, sizeof(topic.id), device->assignment->device) != HF_OK)
		return;
	rc = sign_heard(c, &device->report->digest, &envelope, &err);
	if (rc == HF_OK)
		hf_say_document(c, &topic, envelope);
	else
		hf_say_failed("that a report was heard", rc, &err);
}
