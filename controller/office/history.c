/* SPDX-License-Identifier: MIT */
/*
 * Owns the past of accounts and their holders, made from the registers and remarks on the controller's record.
 * Must never call proven what no trust of the chain bears out.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/approval.h>
#include <holdfast/remark.h>
#include <holdfast/str.h>

#include "controller/office/client.h"
#include "controller/office/history.h"
#include "controller/office/record_read.h"
#include "controller/office/register_change.h"
#include "controller/office/register_draft.h"

#define WAITING 64 /* parts whose others are not read yet: of one register 8, and of editions that were never whole */

/* While the record is read. */
struct past {
	struct hf_past_trusts trusts;
	struct hf_envelope *waiting[WAITING];
	size_t n_waiting;
	struct hf_register *last;
	json_t *events;
};

/* Of which record an event is. */
struct moment {
	struct hf_wall at;
	int64_t version;
	json_t *by;
	bool proven;
};

#define auto_past __attribute__((cleanup(past_done)))

static void past_done(struct past *past)
{
	for (size_t i = 0; i < past->n_waiting; i++)
		hf_envelope_free(&past->waiting[i]);
	hf_past_done(&past->trusts);
	hf_register_free(&past->last);
	json_decref(past->events);
}

static enum hf_rc past_memory(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

/* @more     what is of this event alone; taken over */
static enum hf_rc add_event(struct past *past, const struct moment *moment, const char *change, json_t *more)
{
	json_t *event = json_pack("{s:I, s:I, s:O, s:b, s:s}", "at", (json_int_t)moment->at.s, "version",
				  (json_int_t)moment->version, "by", moment->by, "proven", moment->proven, "change", change);
	bool done = event && more && json_object_update(event, more) == 0 && json_array_append(past->events, event) == 0;

	json_decref(event);
	json_decref(more);
	return done ? HF_OK : HF_E_MEMORY;
}

static json_t *of_account(const struct hf_account *account)
{
	return json_pack("{s:s, s:s}", "account", account->id, "kind", hf_account_kind_name(account->kind));
}

static json_t *of_holder(const struct hf_account *account, const struct hf_holder *holder)
{
	return json_pack("{s:s, s:s, s:I}", "account", account->id, "person", holder->person, "until",
			 (json_int_t)holder->until.s);
}

static json_t *of_who_left(const char *account, const char *person)
{
	return json_pack("{s:s, s:s}", "account", account, "person", person);
}

static enum hf_rc holders_now(struct past *past, const struct moment *moment, const struct hf_account *was,
			      const struct hf_account *is)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < is->n_holders; i++) {
		const struct hf_holder *holder = &is->holders[i], *held = hf_account_holder(was, holder->person);

		if (!held || held->until.s != holder->until.s)
			rc = add_event(past, moment, held ? "until" : "held", of_holder(is, holder));
	}
	return rc;
}

/* @is       NULL: the account is gone */
static enum hf_rc holders_gone(struct past *past, const struct moment *moment, const struct hf_account *was,
			       const struct hf_account *is)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && was && i < was->n_holders; i++)
		if (!hf_account_holder(is, was->holders[i].person))
			rc = add_event(past, moment, "withdrawn", of_who_left(was->id, was->holders[i].person));
	return rc;
}

static enum hf_rc account_events(struct past *past, const struct moment *moment, const struct hf_account *is)
{
	const struct hf_account *was = past->last ? hf_register_account(past->last, is->id) : NULL;
	enum hf_rc rc = HF_OK;

	if (!was || was->kind != is->kind)
		rc = add_event(past, moment, was ? "kind" : "added", of_account(is));
	if (rc == HF_OK)
		rc = holders_gone(past, moment, was, is);
	return rc == HF_OK ? holders_now(past, moment, was, is) : rc;
}

static enum hf_rc register_events(struct past *past, const struct moment *moment, const struct hf_register *next)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && past->last && i < past->last->n_accounts; i++) {
		const struct hf_account *was = &past->last->accounts[i];

		if (hf_register_account(next, was->id))
			continue;
		rc = holders_gone(past, moment, was, NULL);
		if (rc == HF_OK)
			rc = add_event(past, moment, "retired", of_account(was));
	}
	for (size_t i = 0; rc == HF_OK && i < next->n_accounts; i++)
		rc = account_events(past, moment, &next->accounts[i]);
	return rc;
}

static const struct hf_envelope *part_of(const struct past *past, const struct hf_digest *digest)
{
	for (size_t i = 0; i < past->n_waiting; i++)
		if (hf_digest_cmp(&past->waiting[i]->digest, digest) == 0)
			return past->waiting[i];
	return NULL;
}

/* All parts that part 1 names, if they are there; *ret stays NULL if they are not. */
static enum hf_rc whole_register(const struct past *past, const struct hf_envelope *begins, struct hf_register **ret)
{
	hf_auto_register struct hf_register *first = NULL;
	hf_auto_register_draft struct hf_register_draft draft = {.n = 0};

	if (hf_register_decode(begins, &first, NULL) != HF_OK || first->place.part != 1)
		return HF_OK;
	if (hf_envelope_copy(begins, &draft.v[draft.n++]) != HF_OK)
		return HF_E_MEMORY;
	for (int64_t i = 0; i + 1 < first->place.parts; i++) {
		const struct hf_envelope *part = part_of(past, &first->place.rest[i]);

		if (!part)
			return HF_OK;
		if (hf_envelope_copy(part, &draft.v[draft.n++]) != HF_OK)
			return HF_E_MEMORY;
	}
	return hf_register_draft_open(&draft, ret, NULL) == HF_E_MEMORY ? HF_E_MEMORY : HF_OK;
}

static void keep_waiting(struct past *past, struct hf_envelope **envelope)
{
	if (past->n_waiting == WAITING) {
		hf_envelope_free(&past->waiting[0]);
		memmove(past->waiting, past->waiting + 1, (WAITING - 1) * sizeof(past->waiting[0]));
		past->n_waiting--;
	}
	past->waiting[past->n_waiting++] = hf_steal_ptr(envelope);
}

/* The register that is whole with this part, if any is: its part 1 may have come before or last. */
static enum hf_rc take_register_record(struct past *past, struct hf_envelope **envelope, struct hf_wall at)
{
	enum hf_rc rc = HF_OK;

	keep_waiting(past, envelope);
	for (size_t i = 0; rc == HF_OK && i < past->n_waiting; i++) {
		hf_auto_register struct hf_register *next = NULL;
		struct moment moment = {.at = at};

		rc = whole_register(past, past->waiting[i], &next);
		if (rc != HF_OK || !next || (past->last && hf_digest_cmp(&past->last->digest, &next->digest) == 0))
			continue;
		moment.version = next->version;
		moment.by = hf_past_signers(&past->trusts, past->waiting[i], &moment.proven);
		rc = moment.by ? register_events(past, &moment, next) : HF_E_MEMORY;
		json_decref(moment.by);
		hf_register_free(&past->last);
		past->last = hf_steal_ptr(&next);
		for (; past->n_waiting > 0; past->n_waiting--)
			hf_envelope_free(&past->waiting[past->n_waiting - 1]);
	}
	return rc;
}

static enum hf_rc take_remark_record(struct past *past, const struct hf_envelope *envelope, struct hf_wall at)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	struct moment moment = {.at = at, .version = past->last ? past->last->version : 0};
	enum hf_rc rc;

	if (hf_remark_decode(envelope, &remark, NULL) != HF_OK || remark->act != HF_REMARK_CONFIRM)
		return HF_OK;
	moment.by = hf_past_signers(&past->trusts, envelope, &moment.proven);
	rc = moment.by ? add_event(past, &moment, "confirmed", of_who_left(remark->account, remark->person)) : HF_E_MEMORY;
	json_decref(moment.by);
	return rc;
}

static enum hf_rc take_row(struct past *past, const json_t *row, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	const struct hf_wall at = {hf_client_number(row, "at")};
	enum hf_rc rc = hf_envelope_from_json(json_object_get(row, "envelope"), &envelope, err);

	if (rc != HF_OK)
		return rc;
	if (envelope->type == HF_DOC_REGISTER)
		rc = take_register_record(past, &envelope, at);
	else if (envelope->type == HF_DOC_REMARK)
		rc = take_remark_record(past, envelope, at);
	return rc == HF_OK ? rc : past_memory(err);
}

/* One page; *ret_after is the number to go on with, 0: it was the last. */
static enum hf_rc read_record_page(const struct hf_view *view, struct past *past, json_int_t *ret_after,
				   struct hf_err *err)
{
	hf_auto_json json_t *page = NULL;
	char path[64];
	json_t *row, *next;
	size_t index;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/v1/record?after=%lld", (long long)*ret_after);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The record does not go on.");
	rc = hf_client_get(view->office, path, &page, err);
	json_array_foreach(json_object_get(page, "record"), index, row)
	{
		rc = rc == HF_OK ? take_row(past, row, err) : rc;
	}
	next = json_object_get(page, "next");
	if (rc == HF_OK && json_is_integer(next) && json_integer_value(next) <= *ret_after)
		return hf_err_set(err, HF_E_SHAPE, "The controller's record does not go on from number to number.");
	*ret_after = json_is_integer(next) ? json_integer_value(next) : 0;
	return rc;
}

enum hf_rc hf_history_read(const struct hf_view *view, json_t **ret_events, struct hf_err *err)
{
	auto_past struct past past = {.events = json_array()};
	json_int_t after = 0;
	enum hf_rc rc = past.events ? hf_past_read(view, &past.trusts, err) : past_memory(err);

	do {
		rc = rc == HF_OK ? read_record_page(view, &past, &after, err) : rc;
	} while (rc == HF_OK && after > 0);
	if (rc == HF_OK)
		*ret_events = json_incref(past.events);
	return rc;
}

json_t *hf_history_roles(const struct hf_view *view, const char *person)
{
	auto_past struct past past = {.events = json_array()};
	json_t *before = NULL;

	if (!past.events || hf_past_read(view, &past.trusts, NULL) != HF_OK)
		return NULL;
	for (size_t i = 0; i < past.trusts.n; i++) {
		const struct hf_trust *trust = past.trusts.v[i];
		const struct hf_person *found = hf_trust_person(trust, person);
		hf_auto_json json_t *roles = found ? hf_json_from_strs(&found->roles) : json_array();

		if (before ? json_equal(before, roles) : json_array_size(roles) == 0)
			continue;
		if (json_array_append_new(past.events, json_pack("{s:I, s:I, s:O}", "at", (json_int_t)trust->issued.s, "epoch",
								 (json_int_t)trust->epoch, "roles", roles)) != 0)
			return NULL;
		before = json_object_get(json_array_get(past.events, json_array_size(past.events) - 1), "roles");
	}
	return json_incref(past.events);
}

json_t *hf_history_open(const json_t *events)
{
	hf_auto_json json_t *open = json_object();
	json_t *list = json_array(), *event;
	const char *key;
	size_t index;

	json_array_foreach(events, index, event)
	{
		const char *person = hf_client_text(event, "person", ""), *change = hf_client_text(event, "change", "");
		char name[512];

		if (!person[0] || hf_str_printf(name, sizeof(name), "%s %s", hf_client_text(event, "account", ""), person) != HF_OK)
			continue;
		if (strcmp(change, "withdrawn") == 0)
			(void)json_object_set(open, name, event);
		else
			(void)json_object_del(open, name);
	}
	json_object_foreach(open, key, event)
	{
		(void)json_array_append(list, event);
	}
	return list;
}
