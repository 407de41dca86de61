/* SPDX-License-Identifier: MIT */
/*
 * Owns the entries that are the controller's own word, and what they mean when they are read again.
 * Must never hold up an order because one of them could not be recorded.
 */
#include "controller/own_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/apply.h"
#include "controller/pending.h"

#define SALT_LEN 16		  /* bytes: nobody tries all of them */
#define LONG_S (7 * 24 * 3600) /* a device that was silent so long is worth an entry in quiet times, too */

static enum hf_rc add_salt(json_t *content, struct hf_err *err)
{
	uint8_t salt[SALT_LEN];
	if (RAND_bytes(salt, sizeof(salt)) != 1)
		return hf_err_set(err, HF_E_SYSTEM, "there are no random bytes for an entry of the journal");
	if (json_object_set_new(content, "salt", hf_json_from_bytes(salt, sizeof(salt))) != 0)
		return hf_err_set(err, HF_E_MEMORY, "no memory for an entry of the journal");
	return HF_OK;
}

enum hf_rc hf_own_entry(enum hf_record_kind kind, json_t *content, struct hf_entry *ret, struct hf_err *err)
{
	hf_auto_json json_t *object = content;
	struct hf_entry entry = {.at = hf_clock_wall(), .kind = kind, .urgency = HF_URGENT_NOT};
	char *body = NULL;
	enum hf_rc rc = object ? add_salt(object, err) : hf_err_set(err, HF_E_MEMORY, "no memory for an entry");
	if (rc != HF_OK)
		return rc;
	rc = hf_json_bytes(object, &body, &entry.body_len);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for an entry of the journal");
	SHA256((const uint8_t *)body, entry.body_len, entry.digest.b);
	entry.body = body;
	*ret = entry;
	return HF_OK;
}

enum hf_rc hf_own_envelope(enum hf_record_kind kind, const struct hf_envelope *envelope, struct hf_entry *ret,
			   struct hf_err *err)
{
	return hf_own_entry(kind, json_pack("{s:o}", hf_doc_type_name(envelope->type), hf_envelope_to_json(envelope)), ret, err);
}

enum hf_rc hf_own_via(int64_t seq, const struct hf_speaker *speaker, struct hf_entry *ret, struct hf_err *err)
{
	return hf_own_entry(HF_RECORD_VIA,
			    json_pack("{s:I, s:I}", "seq", (json_int_t)seq, "uid", (json_int_t)speaker->uid), ret,
			    err);
}

enum hf_rc hf_own_record(struct hf_controller *c, const struct hf_speaker *speaker, enum hf_record_kind kind,
			 json_t *content, struct hf_err *err)
{
	struct hf_entry entries[2] = {{.body = NULL}};
	enum hf_rc rc = hf_own_entry(kind, content, &entries[0], err);
	if (rc == HF_OK && speaker)
		rc = hf_own_via((int64_t)hf_journal_tree(c->journal)->size + 1, speaker, &entries[1], err);
	if (rc == HF_OK)
		rc = hf_journal_append(c->journal, entries, speaker ? 2 : 1, err);
	if (rc == HF_E_STALE_HEAD)
		hf_controller_stop(c, rc);
	free((char *)entries[0].body);
	free((char *)entries[1].body);
	return rc;
}

void hf_own_say(struct hf_controller *c, enum hf_record_kind kind, json_t *content)
{
	struct hf_err err = {""};
	/* Of what it says by itself nobody is the bringer, whoever is at the door in that moment. */
	enum hf_rc rc = hf_own_record(c, kind == HF_RECORD_REFUSAL ? c->speaker : NULL, kind, content, &err);
	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "kind=%s not recorded: %s",
			     hf_record_kind_name(kind), err.text);
}

static const char *why_it_starts(const struct hf_controller *c, int64_t ended)
{
	if (c->began)
		return "first";
	if (!c->lapses_recorded)
		return "upgraded";
	return ended == HF_END_ACCEPTED ? "accepted" : ended == HF_END_ORDERLY ? "stopped" : "broken-off";
}

void hf_own_start(struct hf_controller *c)
{
	int64_t ended = HF_END_NONE;
	struct hf_err err = {""};
	enum hf_rc rc;
	if (c->start_said)
		return;
	c->start_said = true;
	rc = hf_journal_number(c->journal, HF_NUMBER_ENDED, &ended, &err);
	if (rc == HF_OK && ended != HF_END_NONE)
		rc = hf_journal_set_number(c->journal, HF_NUMBER_ENDED, HF_END_NONE, &err);
	if (rc != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "how the last life ended is not known: %s", err.text);
	hf_own_say(c, HF_RECORD_START,
		   json_pack("{s:s, s:s, s:I}", "version", HF_VERSION, "why", why_it_starts(c, ended), "size",
			     (json_int_t)c->found));
	c->lapses_recorded = true;
	hf_own_lapses(c, hf_clock_wall());
}

void hf_own_stop(struct hf_controller *c)
{
	struct hf_err err = {""};
	if (hf_journal_set_number(c->journal, HF_NUMBER_ENDED, HF_END_ORDERLY, &err) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "that it ends in order is not kept: %s", err.text);
}

static json_t *lapse_of(const struct hf_draft *draft)
{
	return json_pack("{s:o, s:s, s:I, s:s}", "draft", hf_json_from_digest(&draft->envelope->digest), "type",
			 hf_doc_type_name(draft->envelope->type), "since", (json_int_t)draft->since.s, "by", draft->by);
}

void hf_own_lapses(struct hf_controller *c, struct hf_wall now)
{
	for (size_t i = c->drafts.n; i > 0; i--) {
		const struct hf_draft *draft = &c->drafts.v[i - 1];
		struct hf_digest digest = draft->envelope->digest;
		if (now.s - draft->since.s <= HF_DRAFT_LIFE_S)
			continue;
		hf_own_say(c, HF_RECORD_LAPSE, lapse_of(draft));
		hf_drafts_drop(&c->drafts, &digest);
	}
}

/* Between two reports it may be a week in quiet times; while a lockdown bears on it each silence counts. */
static bool is_worth_saying(const struct hf_controller *c, const struct hf_device *device, struct hf_wall now)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	const struct hf_estate_view view = {&lockdowns, now, hf_controller_stale_s(c)};
	if (now.s - device->heard.s > LONG_S)
		return true;
	return hf_controller_lockdowns(c, &lockdowns, NULL) == HF_OK && hf_device_bears(device, &view);
}

void hf_own_silence(struct hf_controller *c, const struct hf_device *device, struct hf_wall now)
{
	int64_t stale_s = hf_controller_stale_s(c);
	struct hf_entry entry = {.body = NULL};
	if (!device->report || c->listens_since.s == 0 || now.s - device->heard.s <= stale_s ||
	    now.s - c->listens_since.s <= stale_s || !is_worth_saying(c, device, now))
		return;
	if (hf_own_entry(HF_RECORD_SILENCE,
			 json_pack("{s:s, s:I, s:I}", "device", device->assignment->device, "since",
				   (json_int_t)device->heard.s, "back", (json_int_t)now.s),
			 &entry, NULL) == HF_OK &&
	    hf_pending_record(&c->pending, &entry) != HF_OK)
		free((char *)entry.body);
}

static enum hf_rc apply_lapse(struct hf_controller *c, const json_t *word, struct hf_err *err)
{
	const char *hex = json_string_value(json_object_get(word, "draft"));
	struct hf_digest digest;
	if (!hex || hf_digest_from_hex(hex, &digest) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "the record of a lapse names no draft");
	hf_drafts_drop(&c->drafts, &digest);
	return HF_OK;
}

enum hf_rc hf_own_apply(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err)
{
	hf_auto_json json_t *word = NULL;
	enum hf_rc rc;
	if (entry->body_len == 0)
		return HF_OK; /* what it said is gone, and nothing that counts followed from it */
	if (entry->kind == HF_RECORD_NOTE || entry->kind == HF_RECORD_ERASURE)
		return hf_controller_apply(c, entry, err);
	rc = hf_json_load(entry->body, entry->body_len, 0, &word);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the body of this record cannot be read");
	/* Before there were such records drafts lapsed without one. */
	c->lapses_recorded = c->lapses_recorded || entry->kind == HF_RECORD_START;
	/* Who brought an entry stands behind it. */
	if (entry->kind == HF_RECORD_VIA)
		hf_check_book_by(&c->checks, (int64_t)json_integer_value(json_object_get(word, "uid")));
	if (entry->kind == HF_RECORD_CHECK) {
		rc = hf_check_book_put(&c->checks, word, entry->at, err);
		return rc == HF_OK ? hf_held_book_put(&c->held, word, err) : rc;
	}
	return entry->kind == HF_RECORD_LAPSE ? apply_lapse(c, word, err) : HF_OK;
}
