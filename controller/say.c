/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of one document to the bus.
 * Must never make or sign a document.
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
