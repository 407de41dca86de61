/* SPDX-License-Identifier: MIT */
/*
 * Owns what orders, drafts of them and registers mean for the story of a lockdown.
 * Must never take an order of another lockdown for one of this.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/lockdowns.h>
#include <holdfast/register.h>
#include <holdfast/rows.h>

#include "controller/office/story_fold.h"

static json_t *signers_of(const struct hf_story *story, const struct hf_envelope *envelope)
{
	struct hf_signers signers = {.n_people = 0};
	json_t *by = json_array();

	if (story->trust)
		hf_signers_find(story->trust, envelope, &signers);
	for (size_t i = 0; by && i < signers.n_people; i++)
		if (json_array_append_new(by, json_string(signers.people[i]->id)) != 0)
			break;
	return by;
}

static bool ends_it(const struct hf_story *story, const struct hf_order *release)
{
	struct hf_heard raise = {.envelope = story->raise};

	for (size_t i = 0; i < release->n_releases; i++)
		if (hf_digest_cmp(&release->releases[i], &story->id) == 0)
			return true;
	if (!story->raise || !story->trust || release->n_persons == 0)
		return false;
	raise.order = story->bodies[0];
	hf_signers_find(story->trust, story->raise, &raise.signers);
	return hf_order_ends(release, &raise);
}

static bool is_of_it(const struct hf_story *story, const struct hf_order *order)
{
	switch (order->act) {
	case HF_ACT_RAISE:
		return hf_digest_cmp(&order->digest, &story->id) == 0;
	case HF_ACT_AMEND:
		return hf_digest_cmp(&order->of, &story->id) == 0;
	case HF_ACT_RELEASE:
		return ends_it(story, order);
	case HF_ACT_COUNT:
		break;
	}
	return false;
}

/* All that its officers wrote in it. */
static json_t *texts_of(struct hf_story *story, const struct hf_story_record *record, const struct hf_order *order)
{
	json_t *texts = json_array();

	hf_story_text(story, texts, record, "reason", order->body.reason);
	hf_story_text(story, texts, record, "message", order->message);
	hf_story_text(story, texts, record, "contact", order->body.contact);
	hf_story_text(story, texts, record, "instructions", order->body.instructions);
	return texts;
}

static void add_posts(struct hf_story *story, const struct hf_story_record *record, const struct hf_order *order)
{
	for (size_t i = 0; i < order->body.n_holding; i++) {
		const struct hf_holding *holding = &order->body.holding[i];
		char what[HF_ID_SIZE * 2 + sizeof("holding ")];
		struct hf_digest digest = {{0}};
		json_t *texts = json_array();

		if (hf_str_printf(what, sizeof(what), "holding %s", holding->account) != HF_OK ||
		    hf_instructions_digest(holding->text, &digest) != HF_OK)
			story->lost = true;
		hf_story_text(story, texts, record, what, holding->text);
		hf_story_add(story, story->posts,
			     json_pack("{s:I, s:s, s:s, s:o, s:s, s:I, s:s, s:o}", "record", (json_int_t)record->seq,
				       "account", holding->account, "person", holding->poster, "text",
				       hf_json_from_digest(&digest), "state", "asked", "minutes",
				       (json_int_t)holding->minutes, "post", "", "texts", texts));
	}
}

/* Those of the highest revision hold side by side. */
static void find_scope(struct hf_story *story)
{
	int64_t rev = 0;

	story->scope.n = 0;
	for (size_t i = 0; i < story->n_bodies; i++)
		rev = story->bodies[i]->rev > rev ? story->bodies[i]->rev : rev;
	for (size_t i = 0; i < story->n_bodies && story->scope.n < HF_LEN(story->scope.groups); i++)
		if (story->bodies[i]->rev == rev)
			story->scope.groups[story->scope.n++] = &story->bodies[i]->body.groups;
	story->scope.rev = rev;
}

static void keep_body(struct hf_story *story, const struct hf_story_record *record, struct hf_order **order)
{
	if (hf_rows_reserve(&story->bodies, &story->bodies_room, story->n_bodies + 1, sizeof(*story->bodies)) != HF_OK) {
		story->lost = true;
		return;
	}
	story->bodies[story->n_bodies++] = *order;
	*order = NULL;
	find_scope(story);
	hf_story_settle_all(story, record);
}

/* The registers that follow are listed as well: who could post while it lasted. */
static void begin(struct hf_story *story, const struct hf_story_record *record, const struct hf_envelope *envelope,
		  const struct hf_order *order)
{
	if (hf_envelope_copy(envelope, &story->raise) != HF_OK) {
		story->lost = true;
		return;
	}
	story->raised = record->at;
	hf_story_put(story, story->head, "raised",
		     json_pack("{s:I, s:I, s:I, s:o}", "record", (json_int_t)record->seq, "at", (json_int_t)record->at.s,
			       "written", (json_int_t)order->at.s, "by", signers_of(story, envelope)));
	if (story->register_now)
		hf_story_add(story, story->registers, json_incref(story->register_now));
}

static void say_body(struct hf_story *story, const struct hf_order *order)
{
	hf_story_put(story, story->head, "kind", json_string(hf_kind_name(order->kind)));
	hf_story_put(story, story->head, "mode", json_string(hf_mode_name(order->mode)));
	hf_story_put(story, story->head, "level", json_string(hf_level_name(order->body.level)));
	hf_story_put(story, story->head, "from", json_integer((json_int_t)order->body.from.s));
	hf_story_put(story, story->head, "until", json_integer((json_int_t)order->body.until.s));
	hf_story_put(story, story->head, "revision", json_integer((json_int_t)order->rev));
	hf_story_put(story, story->head, "accounts", hf_json_from_strs(&order->body.accounts));
	hf_story_put(story, story->head, "groups", hf_json_from_strs(&order->body.groups));
	hf_story_put(story, story->head, "exempt", hf_json_from_strs(&order->body.exempt));
}

static void take_body(struct hf_story *story, const struct hf_story_record *record, const struct hf_envelope *envelope,
		      struct hf_order **order)
{
	bool raises = (*order)->act == HF_ACT_RAISE;

	if (raises == (story->raise != NULL)) /* a raise is recorded once, and before its amendments */
		return;
	if (raises)
		begin(story, record, envelope, *order);
	say_body(story, *order);
	add_posts(story, record, *order);
	hf_story_event(story, record, raises ? "raised" : "amended",
		       json_pack("{s:o, s:I, s:o}", "by", signers_of(story, envelope), "revision",
				 (json_int_t)(*order)->rev, "texts", texts_of(story, record, *order)));
	keep_body(story, record, order);
}

static void take_release(struct hf_story *story, const struct hf_story_record *record,
			 const struct hf_envelope *envelope, const struct hf_order *order)
{
	hf_story_event(story, record, "released",
		       json_pack("{s:o, s:o}", "by", signers_of(story, envelope), "texts", texts_of(story, record, order)));
	if (story->released.s != 0)
		return;
	story->released = record->at;
	story->release_record = record->seq;
	story->scope.released = true;
	if (story->release_begun.s == 0)
		story->release_begun = record->at;
	hf_story_put(story, story->head, "released",
		     json_pack("{s:I, s:I, s:o}", "record", (json_int_t)record->seq, "at", (json_int_t)record->at.s, "by",
			       signers_of(story, envelope)));
	hf_story_settle_all(story, record);
}

/* A signature on the record that is not enough yet, or one more than enough. */
static void take_draft(struct hf_story *story, const struct hf_story_record *record, const struct hf_envelope *envelope,
		       const struct hf_order *order)
{
	if (order->act == HF_ACT_RELEASE && story->release_begun.s == 0)
		story->release_begun = record->at;
	hf_story_event(story, record, "signed",
		       json_pack("{s:s, s:o, s:o}", "act", hf_order_act_name(order->act), "by", signers_of(story, envelope),
				 "texts", strcmp(record->kind, "draft") == 0 ? texts_of(story, record, order) : json_array()));
}

bool hf_story_take_order(struct hf_story *story, const struct hf_story_record *record,
			 const struct hf_envelope *envelope)
{
	hf_auto_order struct hf_order *order = NULL;
	char hex[HF_DIGEST_HEX_SIZE];

	if (hf_order_decode(envelope, &order, NULL) != HF_OK || !is_of_it(story, order))
		return false;
	hf_story_put(story, story->papers, hf_digest_hex(&order->digest, hex), json_true());
	if (strcmp(record->kind, "order") != 0)
		take_draft(story, record, envelope, order);
	else if (order->act == HF_ACT_RELEASE)
		take_release(story, record, envelope, order);
	else
		take_body(story, record, envelope, &order);
	return true;
}

static json_t *account_rows(const struct hf_register *reg)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < reg->n_accounts; i++) {
		json_t *holders = json_array();

		for (size_t k = 0; holders && k < reg->accounts[i].n_holders; k++)
			json_array_append_new(holders, json_pack("{s:s, s:I}", "person", reg->accounts[i].holders[k].person,
								 "until", (json_int_t)reg->accounts[i].holders[k].until.s));
		json_array_append_new(rows, json_pack("{s:s, s:s, s:o}", "account", reg->accounts[i].id, "kind",
						      hf_account_kind_name(reg->accounts[i].kind), "holders", holders));
	}
	return rows;
}

/* All parts that part 1 names: NULL while one is missing. */
static json_t *whole_of(struct hf_story *story, const json_t *first)
{
	json_t *accounts = json_copy(json_object_get(first, "accounts"));
	json_t *rest;
	size_t i;

	json_array_foreach(json_object_get(first, "rest"), i, rest)
	{
		const json_t *part = json_object_get(story->parts, json_string_value(rest));

		if (!part) {
			json_decref(accounts);
			return NULL;
		}
		if (json_array_extend(accounts, json_object_get(part, "accounts")) != 0)
			story->lost = true;
	}
	return accounts;
}

/* The highest version that is whole is in force. */
static void find_register(struct hf_story *story, const struct hf_story_record *record)
{
	const char *digest;
	json_t *part;

	json_object_foreach(story->parts, digest, part)
	{
		json_int_t version = json_integer_value(json_object_get(part, "version"));
		json_t *accounts = NULL;

		if (json_integer_value(json_object_get(part, "part")) != 1 ||
		    version <= json_integer_value(json_object_get(story->register_now, "version")))
			continue;
		accounts = whole_of(story, part);
		if (!accounts)
			continue;
		json_decref(story->register_now);
		story->register_now = json_pack("{s:I, s:I, s:I, s:o}", "record", (json_int_t)record->seq, "at",
						(json_int_t)record->at.s, "version", version, "accounts", accounts);
		if (story->raise && story->released.s == 0)
			hf_story_add(story, story->registers, json_incref(story->register_now));
	}
}

void hf_story_take_register(struct hf_story *story, const struct hf_story_record *record,
			    const struct hf_envelope *envelope)
{
	hf_auto_register struct hf_register *reg = NULL;
	json_t *rest = json_array();
	char hex[HF_DIGEST_HEX_SIZE];

	if (hf_register_decode(envelope, &reg, NULL) == HF_OK) {
		for (int64_t i = 0; reg->place.part == 1 && i < reg->place.parts - 1; i++)
			json_array_append_new(rest, hf_json_from_digest(&reg->place.rest[i]));
		hf_story_put(story, story->parts, hf_digest_hex(&envelope->digest, hex),
			     json_pack("{s:I, s:I, s:O, s:o}", "version", (json_int_t)reg->version, "part",
				       (json_int_t)reg->place.part, "rest", rest, "accounts", account_rows(reg)));
		find_register(story, record);
	}
	json_decref(rest);
}
