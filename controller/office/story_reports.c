/* SPDX-License-Identifier: MIT */
/*
 * Owns what the reports of devices mean for the story of a lockdown.
 * Must never let what a device says of another lockdown count for this one.
 */
#include <string.h>

#include <holdfast/posting.h>
#include <holdfast/report.h>

#include "controller/office/story_fold.h"

static const struct hf_report_lockdown *row_of(const struct hf_story *story, const struct hf_report *report)
{
	const struct hf_order *raise = story->bodies[0];

	for (size_t i = 0; i < report->n_lockdowns; i++) {
		const struct hf_report_lockdown *row = &report->lockdowns[i];

		if (hf_digest_cmp(&row->id, &story->id) == 0)
			return row->kind == raise->kind && row->mode == raise->mode ? row : NULL;
	}
	return NULL;
}

static void take_standing(struct hf_story *story, const struct hf_story_record *record, size_t place,
			  const struct hf_report_lockdown *row)
{
	const struct hf_story_moment moment = {record->seq, record->at};
	struct hf_story_device *device = &story->devices.v[place];
	enum hf_story_state before = device->state;

	device->said = row;
	if (row) {
		device->rev = row->rev;
		device->standing = row->standing;
	}
	if (hf_story_devices_settle(&story->devices, place, &story->scope, &moment) != HF_OK)
		story->lost = true;
	else if (device->state == HF_STORY_TAMPERED && before != HF_STORY_TAMPERED)
		hf_story_event(story, record, "tampered", json_pack("{s:s}", "device", device->id));
}

static bool is_post(const json_t *post, const struct hf_posting *said)
{
	static const struct hf_digest none = {{0}};
	char hex[HF_DIGEST_HEX_SIZE];

	return strcmp(json_string_value(json_object_get(post, "account")), said->account) == 0 &&
	       strcmp(json_string_value(json_object_get(post, "person")), said->person) == 0 &&
	       (hf_digest_cmp(&said->text, &none) == 0 ||
		strcmp(json_string_value(json_object_get(post, "text")), hf_digest_hex(&said->text, hex)) == 0);
}

static bool goes_on(const json_t *post, const struct hf_posting *said)
{
	const char *state = json_string_value(json_object_get(post, "state"));

	for (size_t i = 0; i < HF_POSTING_STATE_COUNT; i++)
		if (strcmp(state, hf_posting_state_name((enum hf_posting_state)i)) == 0)
			return hf_posting_follows((enum hf_posting_state)i, said->state);
	return true; /* asked */
}

/* Only the device that was first to speak of it has the window. */
static bool is_others(const json_t *post, const char *device)
{
	const char *first = json_string_value(json_object_get(post, "device"));

	return first && strcmp(first, device) != 0;
}

static void take_posting(struct hf_story *story, const struct hf_story_record *record, const struct hf_posting *said,
			 const char *device)
{
	const char *state = hf_posting_state_name(said->state);
	json_t *post, *texts;
	size_t i;

	json_array_foreach(story->posts, i, post)
	{
		if (!is_post(post, said) || is_others(post, device) || !goes_on(post, said))
			continue;
		hf_story_put(story, post, "state", json_string(state));
		hf_story_put(story, post, "device", json_string(device));
		hf_story_put(story, post, "heard", json_integer((json_int_t)record->at.s));
		hf_story_put(story, post, "heard_record", json_integer((json_int_t)record->seq));
		hf_story_put(story, post, "post", json_string(said->post));
		hf_story_text(story, json_object_get(post, "texts"), record, "why", said->why);
		texts = json_array();
		hf_story_text(story, texts, record, "why", said->why);
		hf_story_event(story, record, state,
			       json_pack("{s:s, s:s, s:s, s:o}", "account", said->account, "person", said->person, "device",
					 device, "texts", texts));
		return;
	}
}

bool hf_story_take_report(struct hf_story *story, const struct hf_story_record *record,
			  const struct hf_envelope *envelope)
{
	hf_auto_report struct hf_report *report = NULL;
	size_t place = 0;

	if (hf_report_decode(envelope, &report, NULL) != HF_OK ||
	    !hf_story_devices_find(&story->devices, report->device, &place))
		return false;
	take_standing(story, record, place, row_of(story, report));
	for (size_t i = 0; i < report->n_postings; i++)
		if (hf_digest_cmp(&report->postings[i].lockdown, &story->id) == 0)
			take_posting(story, record, &report->postings[i], report->device);
	return true;
}
