/* SPDX-License-Identifier: MIT */
/*
 * Owns the JSON of who has and who has not acknowledged the instructions of a pre-election period.
 * Must never show somebody as having read another text than the one that is asked for now.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/web/show.h"

/* What is asked for now: the texts of all bodies that hold side by side, each once. */
struct asked {
	const struct hf_controller *c;
	const struct hf_lockdown *lockdown;
	struct hf_digest *texts; /* room for one of each body */
	size_t n_texts;
	struct hf_wall now;
	json_t *rows;
	size_t n_people, n_done; /* persons, each once */
};

static bool has_text(const struct asked *asked, const struct hf_digest *text)
{
	for (size_t i = 0; i < asked->n_texts; i++)
		if (hf_digest_cmp(&asked->texts[i], text) == 0)
			return true;
	return false;
}

static enum hf_rc read_texts(struct asked *asked)
{
	asked->texts = calloc(asked->lockdown->n_bodies, sizeof(asked->texts[0]));
	if (!asked->texts)
		return HF_E_MEMORY;
	for (size_t b = 0; b < asked->lockdown->n_bodies; b++) {
		struct hf_digest text;
		enum hf_rc rc = hf_instructions_digest(asked->lockdown->bodies[b]->order->body.instructions, &text);
		if (rc != HF_OK)
			return rc;
		if (!has_text(asked, &text))
			asked->texts[asked->n_texts++] = text;
	}
	return HF_OK;
}

/* Named accounts bear on those who hold one of them now. */
static bool body_bears(const struct asked *asked, const struct hf_body *body, const char *person)
{
	const struct hf_register *reg = asked->c->known.reg;
	if (hf_strs_has(&body->accounts, "*"))
		return true;
	for (size_t i = 0; reg && i < body->accounts.n; i++) {
		const struct hf_account *account = hf_register_account(reg, body->accounts.v[i]);
		if (account && hf_account_held_by(account, person, asked->now))
			return true;
	}
	return false;
}

static bool bears(const struct asked *asked, const char *person)
{
	for (size_t b = 0; b < asked->lockdown->n_bodies; b++)
		if (body_bears(asked, &asked->lockdown->bodies[b]->order->body, person))
			return true;
	return false;
}

/* Exempt from every body. */
static bool is_exempt(const struct asked *asked, const char *person)
{
	for (size_t b = 0; b < asked->lockdown->n_bodies; b++)
		if (!hf_strs_has(&asked->lockdown->bodies[b]->order->body.exempt, person))
			return false;
	return true;
}

/* The last of the acknowledgements of all texts that are asked for; NULL while one is missing. */
static const struct hf_ack_entry *complete(const struct asked *asked, const char *person, const char *device)
{
	const struct hf_ack_entry *last = NULL;
	struct hf_ack_entry like = {.lockdown = asked->lockdown->id};
	if (hf_str_copy(like.person, sizeof(like.person), person) != HF_OK ||
	    hf_str_copy(like.device, sizeof(like.device), device) != HF_OK)
		return NULL;
	for (size_t t = 0; t < asked->n_texts; t++) {
		const struct hf_ack_entry *one;
		like.text = asked->texts[t];
		one = hf_ack_book_find(&asked->c->acks, &like);
		if (!one)
			return NULL;
		if (!last || one->at.s > last->at.s)
			last = one;
	}
	return last;
}

static void add_row(struct asked *asked, const char *person, const char *device, bool assigned)
{
	const struct hf_ack_entry *ack = complete(asked, person, device);
	json_array_append_new(asked->rows,
			      json_pack("{s:s, s:s, s:b, s:I, s:I, s:b, s:b}", "person", person, "device", device,
					"acknowledged", ack != NULL, "at", (json_int_t)(ack ? ack->at.s : 0), "heard",
					(json_int_t)(ack ? ack->heard.s : 0), "exempt", is_exempt(asked, person),
					"assigned", assigned));
}

static bool has_row(const struct asked *asked, const char *person, const char *device)
{
	const struct hf_device *found = hf_estate_find(&asked->c->estate, device);
	if (!found || !hf_device_in_scope(found, asked->lockdown) || !bears(asked, person))
		return false;
	return hf_testimony_uses(&found->versions, person);
}

static void assigned_rows(struct asked *asked)
{
	const struct hf_estate *estate = &asked->c->estate;
	for (size_t d = 0; d < estate->n; d++) {
		hf_auto_json json_t *people = NULL;
		json_t *person;
		size_t i;
		if (!hf_device_in_scope(&estate->v[d], asked->lockdown))
			continue;
		people = hf_show_people(&estate->v[d].versions);
		json_array_foreach(people, i, person)
		{
			if (bears(asked, json_string_value(person)))
				add_row(asked, json_string_value(person), estate->v[d].assignment->device, true);
		}
	}
}

/* Those who acknowledged and have left, or hold no such account any more: the record keeps them. */
static void former_rows(struct asked *asked)
{
	size_t n = 0;
	const struct hf_ack_entry *acks = hf_ack_book_of(&asked->c->acks, &asked->lockdown->id, &n);
	for (size_t i = 0; i < n; i++)
		if (hf_digest_cmp(&acks[i].text, &asked->texts[0]) == 0 &&
		    !has_row(asked, acks[i].person, acks[i].device))
			add_row(asked, acks[i].person, acks[i].device, false);
}

/* Each person once; done when one of their devices has their word. */
static void count_people(struct asked *asked)
{
	json_t *people = json_object(), *row, *done;
	const char *person;
	size_t i;
	json_array_foreach(asked->rows, i, row)
	{
		person = json_string_value(json_object_get(row, "person"));
		if (!person || !json_is_true(json_object_get(row, "assigned")))
			continue;
		if (json_is_true(json_object_get(row, "acknowledged")))
			json_object_set_new(people, person, json_true());
		else if (!json_object_get(people, person))
			json_object_set_new(people, person, json_false());
	}
	json_object_foreach(people, person, done)
	{
		asked->n_people++;
		asked->n_done += json_is_true(done);
	}
	json_decref(people);
}

static json_t *show_asked(const struct asked *asked)
{
	const struct hf_lockdown *lockdown = asked->lockdown;
	json_t *texts = json_array();
	for (size_t i = 0; i < asked->n_texts; i++)
		json_array_append_new(texts, hf_json_from_digest(&asked->texts[i]));
	return json_pack("{s:o, s:s, s:s, s:s, s:I, s:o, s:I, s:I, s:O}", "lockdown",
			 hf_json_from_digest(&lockdown->id), "kind", hf_kind_name(lockdown->raise->order->kind), "mode",
			 hf_mode_name(lockdown->raise->order->mode), "phase", hf_phase_name(lockdown->phase), "rev",
			 (json_int_t)lockdown->rev, "texts", texts, "people", (json_int_t)asked->n_people,
			 "acknowledged", (json_int_t)asked->n_done, "rows", asked->rows);
}

static enum hf_rc show_lockdown(struct asked *asked, json_t **ret)
{
	enum hf_rc rc = read_texts(asked);
	json_t *shown;
	if (rc != HF_OK)
		return rc;
	assigned_rows(asked);
	former_rows(asked);
	count_people(asked);
	shown = show_asked(asked);
	if (!shown)
		return HF_E_MEMORY;
	*ret = shown;
	return HF_OK;
}

enum hf_rc hf_show_acknowledgements(const struct hf_controller *c, const struct hf_digest *id, json_t **ret)
{
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	hf_auto_json json_t *rows = json_array();
	struct asked asked = {.c = c, .now = hf_clock_wall(), .rows = rows};
	enum hf_rc rc = rows ? hf_controller_lockdowns(c, &all, NULL) : HF_E_MEMORY;
	if (rc == HF_OK)
		asked.lockdown = hf_lockdowns_find(&all, id);
	if (rc == HF_OK && !asked.lockdown)
		return HF_E_ABSENT;
	if (rc == HF_OK && asked.lockdown->raise->order->kind != HF_KIND_PURDAH)
		return HF_E_USAGE;
	if (rc == HF_OK)
		rc = show_lockdown(&asked, ret);
	free(asked.texts);
	return rc;
}
