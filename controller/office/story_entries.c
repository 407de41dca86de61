/* SPDX-License-Identifier: MIT */
/*
 * Owns what the controller's own entries mean for the story of a lockdown: who was told, what was refused, who was
 * silent, what was noted.
 * Must never count what happened before the raise, or after the all-clear, as refused in the lockdown.
 */
#include <string.h>

#include "controller/office/story_fold.h"

static const char *text_in(const json_t *word, const char *name)
{
	const char *text = json_string_value(json_object_get(word, name));

	return text ? text : "";
}

static bool lasts(const struct hf_story *story)
{
	return story->raise && story->released.s == 0;
}

static bool take_notice(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	const json_t *messages = json_object_get(word, "messages"), *one;
	size_t i;

	if (!hf_story_has_paper(story, text_in(word, "of")))
		return false;
	json_array_foreach(messages, i, one)
	{
		hf_story_add(story, story->messages,
			     json_pack("{s:I, s:I, s:s, s:s, s:s, s:I}", "record", (json_int_t)record->seq, "at",
				       (json_int_t)record->at.s, "what", text_in(one, "what"), "person",
				       text_in(one, "person"), "state", "asked", "code", (json_int_t)0));
	}
	hf_story_event(story, record, "told", json_pack("{s:I}", "messages", (json_int_t)json_array_size(messages)));
	return true;
}

static bool take_outcome(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	const char *state = text_in(word, "state");

	if (!hf_story_has_paper(story, text_in(word, "of")))
		return false;
	hf_story_add(story, story->messages,
		     json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:I}", "record", (json_int_t)record->seq, "at",
			       (json_int_t)record->at.s, "message", json_integer_value(json_object_get(word, "message")),
			       "what", text_in(word, "what"), "person", text_in(word, "person"), "state", state, "code",
			       json_integer_value(json_object_get(word, "code"))));
	if (strcmp(state, "failed") == 0 || strcmp(state, "unknown") == 0)
		hf_story_event(story, record, "not-delivered",
			       json_pack("{s:s, s:s}", "person", text_in(word, "person"), "state", state));
	return true;
}

/* All else that was refused at the door: how often for which reason. */
static void take_counts(struct hf_story *story, const struct hf_story_record *record, json_t *counts)
{
	const char *reason;
	json_t *count;

	json_object_foreach(counts, reason, count)
	{
		story->refused_other += json_integer_value(count);
		hf_story_add(story, story->refusals,
			     json_pack("{s:I, s:I, s:s, s:I, s:[]}", "record", (json_int_t)record->seq, "at",
				       (json_int_t)record->at.s, "reason", reason, "count", json_integer_value(count), "by"));
	}
}

static bool take_refusal(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	json_t *texts;

	if (!lasts(story))
		return false;
	if (json_object_get(word, "counts")) {
		take_counts(story, record, json_object_get(word, "counts"));
		return true;
	}
	texts = json_array();
	story->refused_signed++;
	hf_story_text(story, texts, record, "said", text_in(word, "said"));
	hf_story_add(story, story->refusals,
		     json_pack("{s:I, s:I, s:s, s:I, s:O, s:s, s:O}", "record", (json_int_t)record->seq, "at",
			       (json_int_t)record->at.s, "reason", text_in(word, "reason"), "count", (json_int_t)1, "by",
			       json_object_get(word, "signed_by"), "type", text_in(word, "type"), "texts", texts));
	hf_story_event(story, record, "refused",
		       json_pack("{s:O, s:s, s:o}", "by", json_object_get(word, "signed_by"), "reason",
				 text_in(word, "reason"), "texts", texts));
	return true;
}

static bool take_silence(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	struct hf_story_silence silence = {.record = record->seq,
					   .since = {json_integer_value(json_object_get(word, "since"))},
					   .back = {json_integer_value(json_object_get(word, "back"))}};

	if (!story->raise || silence.back.s < story->raised.s ||
	    !hf_story_devices_find(&story->devices, text_in(word, "device"), &silence.device) ||
	    story->devices.v[silence.device].state == HF_STORY_OUT)
		return false;
	if (hf_story_devices_silent(&story->devices, &silence) != HF_OK)
		story->lost = true;
	hf_story_event(story, record, "heard-again",
		       json_pack("{s:s, s:I}", "device", text_in(word, "device"), "seconds",
				 (json_int_t)(silence.back.s - silence.since.s)));
	return true;
}

static bool take_start(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	if (!lasts(story))
		return false;
	hf_story_event(story, record, "started", json_pack("{s:s}", "why", text_in(word, "why")));
	return true;
}

/* An item of the lockdown's check list is done, or is not. */
static bool take_check(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	json_t *texts;

	if (strcmp(text_in(word, "lockdown"), story->hex) != 0)
		return false;
	texts = json_array();
	hf_story_text(story, texts, record, "note", text_in(word, "note"));
	hf_story_add(story, story->checks,
		     json_pack("{s:I, s:I, s:s, s:s, s:s, s:O}", "record", (json_int_t)record->seq, "at",
			       (json_int_t)record->at.s, "item", text_in(word, "what"), "account", text_in(word, "of"), "state",
			       text_in(word, "act"), "texts", texts));
	hf_story_event(story, record, "check",
		       json_pack("{s:s, s:s, s:o}", "account", text_in(word, "of"), "state", text_in(word, "act"), "texts",
				 texts));
	return true;
}

static bool take_lapse(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	if (!hf_story_has_paper(story, text_in(word, "draft")))
		return false;
	hf_story_event(story, record, "lapsed", NULL);
	return true;
}

/* It follows the entry that it is about. */
static bool take_via(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	return story->was_part && json_integer_value(json_object_get(word, "seq")) == record->seq - 1;
}

bool hf_story_take_word(struct hf_story *story, const struct hf_story_record *record, const json_t *word)
{
	static const struct {
		const char *kind;
		bool (*fn)(struct hf_story *story, const struct hf_story_record *record, const json_t *word);
	} kinds[] = {
		{"notice", take_notice},   {"outcome", take_outcome}, {"refusal", take_refusal},
		{"silence", take_silence}, {"start", take_start},     {"lapse", take_lapse},
		{"via", take_via},	   {"check", take_check},
	};

	for (size_t i = 0; i < HF_LEN(kinds); i++)
		if (strcmp(kinds[i].kind, record->kind) == 0)
			return kinds[i].fn(story, record, word);
	return false;
}
