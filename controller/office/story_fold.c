/* SPDX-License-Identifier: MIT */
/*
 * Owns how a story grows while it is read.
 * Must never lose a row without saying so.
 */
#include "controller/office/story_fold.h"

void hf_story_put(struct hf_story *story, json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		story->lost = true;
}

void hf_story_add(struct hf_story *story, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		story->lost = true;
}

void hf_story_event(struct hf_story *story, const struct hf_story_record *record, const char *what, json_t *more)
{
	json_t *event = json_pack("{s:I, s:I, s:s}", "record", (json_int_t)record->seq, "at", (json_int_t)record->at.s,
				  "what", what);

	if (more && event && json_object_update(event, more) != 0)
		story->lost = true;
	json_decref(more);
	hf_story_add(story, story->timeline, event);
}

void hf_story_text(struct hf_story *story, json_t *texts, const struct hf_story_record *record, const char *what,
		   const char *text)
{
	if (text && text[0])
		hf_story_add(story, texts,
			     json_pack("{s:I, s:s, s:s}", "record", (json_int_t)record->seq, "what", what, "text", text));
}

bool hf_story_has_paper(const struct hf_story *story, const char *hex)
{
	return hex && json_object_get(story->papers, hex);
}

void hf_story_settle_all(struct hf_story *story, const struct hf_story_record *record)
{
	const struct hf_story_moment moment = {record->seq, record->at};

	for (size_t i = 0; story->raise && i < story->devices.n; i++)
		if (hf_story_devices_settle(&story->devices, i, &story->scope, &moment) != HF_OK)
			story->lost = true;
}
