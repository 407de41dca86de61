/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the record for one lockdown: which entry is what, and is it part of the story.
 * Must never ask anything but the entries themselves.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/register.h>
#include <holdfast/remark.h>

#include "controller/office/story_fold.h"

enum hf_rc hf_story_new(const struct hf_digest *id, struct hf_story **ret, struct hf_err *err)
{
	struct hf_story *story = calloc(1, sizeof(*story));

	if (!story)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the story of a lockdown.");
	story->id = *id;
	hf_digest_hex(id, story->hex);
	story->papers = json_pack("{s:b}", story->hex, true);
	story->head = json_object();
	story->timeline = json_array();
	story->posts = json_array();
	story->messages = json_array();
	story->refusals = json_array();
	story->checks = json_array();
	story->notes = json_array();
	story->registers = json_array();
	story->parts = json_object();
	*ret = story;
	return HF_OK;
}

static bool take_trust(struct hf_story *story, const struct hf_story_record *record, const struct hf_envelope *envelope)
{
	hf_auto_trust struct hf_trust *next = NULL;

	if (hf_trust_decode(envelope, &next, NULL) != HF_OK)
		return false;
	if (story->trust && next->epoch <= story->trust->epoch)
		return true;
	hf_trust_free(&story->trust);
	story->trust = next;
	next = NULL;
	for (size_t i = 0; i < story->devices.n; i++)
		hf_versions_rejudge(&story->devices.v[i].versions, story->trust);
	hf_story_settle_all(story, record);
	return true;
}

static bool take_assignment(struct hf_story *story, const struct hf_story_record *record,
			    const struct hf_envelope *envelope)
{
	const struct hf_story_moment moment = {record->seq, record->at};
	size_t place = 0;
	enum hf_rc rc = story->trust ? hf_story_devices_assign(&story->devices, story->trust, envelope, &place, NULL)
				     : HF_E_ABSENT;

	if (rc == HF_OK && story->raise)
		rc = hf_story_devices_settle(&story->devices, place, &story->scope, &moment);
	story->lost = story->lost || rc == HF_E_MEMORY;
	return rc == HF_OK;
}

static bool is_note(const struct hf_remark *remark)
{
	return remark->act == HF_REMARK_NOTE;
}

/* What somebody wrote down later, and when it had happened. */
static void add_note(struct hf_story *story, const struct hf_story_record *record, const struct hf_remark *remark,
		     json_t *said)
{
	json_t *note = json_copy(said);

	hf_story_put(story, note, "happened", json_integer((json_int_t)remark->happened.s));
	hf_story_put(story, note, "record", json_integer((json_int_t)record->seq));
	hf_story_put(story, note, "at", json_integer((json_int_t)record->at.s));
	hf_story_add(story, story->notes, note);
}

static bool take_remark(struct hf_story *story, const struct hf_story_record *record,
			const struct hf_envelope *envelope)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	struct hf_signers signers = {.n_people = 0};
	char hex[HF_DIGEST_HEX_SIZE];
	bool ours = false;
	json_t *texts, *said;

	if (hf_remark_decode(envelope, &remark, NULL) != HF_OK || remark->act == HF_REMARK_CONFIRM || !story->trust)
		return false;
	for (size_t i = 0; i < remark->n_of; i++)
		ours = ours || hf_story_has_paper(story, hf_digest_hex(&remark->of[i], hex));
	if (!ours)
		return false;
	hf_signers_find(story->trust, envelope, &signers);
	texts = json_array();
	hf_story_text(story, texts, record, "reason", remark->reason);
	said = json_pack("{s:o, s:o}", "by", signers.n_people ? json_pack("[s]", signers.people[0]->id) : json_array(),
			 "texts", texts);
	if (is_note(remark))
		add_note(story, record, remark, said);
	hf_story_event(story, record,
		       is_note(remark)			 ? "note"
		       : remark->act == HF_REMARK_REFUSE ? "declined"
							 : "withdrawn",
		       said);
	return true;
}

/* A document: who reads it knows its type, whatever kind of entry it came in. */
static bool take_document(struct hf_story *story, const struct hf_story_record *record,
			  const struct hf_envelope *envelope)
{
	switch (envelope->type) {
	case HF_DOC_TRUST:
		return strcmp(record->kind, "trust") == 0 && take_trust(story, record, envelope);
	case HF_DOC_REGISTER:
		if (strcmp(record->kind, "register") != 0)
			return false;
		hf_story_take_register(story, record, envelope);
		return true;
	case HF_DOC_ASSIGNMENT:
		return take_assignment(story, record, envelope);
	case HF_DOC_ORDER:
		return hf_story_take_order(story, record, envelope);
	case HF_DOC_REPORT:
		return story->raise && hf_story_take_report(story, record, envelope);
	case HF_DOC_REMARK:
		return take_remark(story, record, envelope);
	case HF_DOC_STATE:
	case HF_DOC_RECOVER:
	case HF_DOC_ERASE:
	case HF_DOC_BROKERS:
	case HF_DOC_GLASS:
	case HF_DOC_COUNT:
		break;
	}
	return false;
}

static bool is_document(const char *kind)
{
	static const char *const kinds[] = {"trust", "register", "assignment", "order", "draft", "approval", "report", "recover", "remark", "brokers", "glass"};

	for (size_t i = 0; i < HF_LEN(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

/* Reports of before the raise say nothing of it: they are not even opened. Nor does what two officers had erased. */
static bool is_passed_over(const struct hf_story *story, const struct hf_story_record *record)
{
	return record->body_len == 0 || (!story->raise && strcmp(record->kind, "report") == 0);
}

enum hf_rc hf_story_take(struct hf_story *story, const struct hf_story_record *record, bool *ret_part,
			 struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *word = NULL;
	bool part = false;

	story->read++;
	if (!is_passed_over(story, record)) {
		enum hf_rc rc = is_document(record->kind)
					? hf_envelope_decode(record->body, record->body_len, &envelope, NULL)
					: hf_json_load(record->body, record->body_len, 0, &word);

		if (rc == HF_OK && word && json_object_get(word, "remark"))
			rc = hf_envelope_from_json(json_object_get(word, "remark"), &envelope, NULL);
		story->unread += rc != HF_OK;
		if (rc == HF_OK)
			part = envelope ? take_document(story, record, envelope) : hf_story_take_word(story, record, word);
	}
	story->was_part = part;
	if (story->lost)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the story of a lockdown.");
	*ret_part = part;
	return HF_OK;
}

const struct hf_pub *hf_story_key(const struct hf_story *story, const char *device)
{
	size_t place = 0;

	return hf_story_devices_find(&story->devices, device, &place) ? &story->devices.v[place].key : NULL;
}

void hf_story_free(struct hf_story **story)
{
	struct hf_story *s = *story;

	if (!s)
		return;
	hf_story_devices_done(&s->devices);
	for (size_t i = 0; i < s->n_bodies; i++)
		hf_order_free(&s->bodies[i]);
	free(s->bodies);
	hf_trust_free(&s->trust);
	hf_envelope_free(&s->raise);
	json_t *const parts[] = {s->papers, s->head,  s->timeline,  s->posts, s->messages,     s->refusals,
				 s->checks, s->notes, s->registers, s->parts, s->register_now};
	for (size_t i = 0; i < HF_LEN(parts); i++)
		json_decref(parts[i]);
	free(s);
	*story = NULL;
}
