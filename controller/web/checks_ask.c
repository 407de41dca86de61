/* SPDX-License-Identifier: MIT */
/*
 * Owns the checklists as they are asked for.
 * Must never show an item of an exercise as one of the real thing.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "controller/checks.h"
#include "controller/door.h"
#include "controller/schedulers.h"
#include "controller/web/checks_ask.h"

/* Where to click in which scheduler: data that is installed, and that a council may have its own of. */
static json_t *read_places(const struct hf_controller *c)
{
	hf_auto_free char *text = NULL;
	json_t *json = NULL;
	size_t len = 0;
	if (hf_fs_read(c->settings->check_schedulers, HF_SCHEDULERS_FILE_MAX, &text, &len, NULL) != HF_OK ||
	    hf_json_read(text, len, HF_SCHEDULERS_FILE_MAX, &json, NULL) != HF_OK)
		return NULL;
	return json;
}

static bool is_called(const char *name, const char *scheduler)
{
	size_t len = strcspn(scheduler, ":");
	return name && strlen(name) == len && strncasecmp(name, scheduler, len) == 0;
}

static const json_t *place_of(const json_t *places, const char *scheduler)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(places, "schedulers"), i, one)
	{
		if (is_called(json_string_value(json_object_get(one, "id")), scheduler) ||
		    is_called(json_string_value(json_object_get(one, "name")), scheduler))
			return one;
	}
	return NULL;
}

static const char *text_or(const json_t *object, const char *name, const char *none)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : none;
}

static json_t *show_holders(const struct hf_controller *c, const char *account)
{
	const struct hf_account *found = c->known.reg ? hf_register_account(c->known.reg, account) : NULL;
	json_t *list = json_array();
	for (size_t i = 0; found && i < found->n_holders; i++)
		if (hf_account_held_by(found, found->holders[i].person, hf_clock_wall()))
			json_array_append_new(list, json_string(found->holders[i].person));
	return list;
}

static json_t *show_entry(const struct hf_check_entry *entry)
{
	if (!entry)
		return json_null();
	return json_pack("{s:b, s:I, s:I, s:I, s:s}", "done", entry->done, "at", (json_int_t)entry->at.s, "uid",
			 (json_int_t)entry->uid, "count", (json_int_t)entry->count, "note", entry->note ? entry->note : "");
}

static json_t *show_item(const struct hf_controller *c, const json_t *places, const struct hf_check_item *item)
{
	const struct hf_order *raise = item->lockdown->raise->order;
	const json_t *place = item->standing ? NULL : place_of(places, item->scheduler);
	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:b, s:o, s:o}", "id", item->id,
			 "lockdown", hf_json_from_digest(&item->lockdown->id), "kind", hf_kind_name(raise->kind), "mode",
			 hf_mode_name(raise->mode), "phase", hf_phase_name(item->lockdown->phase), "what",
			 hf_check_what_name(item->what), "account", item->account, "scheduler",
			 text_or(place, "name", item->scheduler), "where",
			 text_or(place, item->what == HF_CHECK_PAUSE ? "pause" : "resume", ""), "holders",
			 show_holders(c, item->account), "who", item->standing ? item->standing->who : "", "text",
			 item->standing ? item->standing->text : "", "open", hf_check_is_open(item),
			 "last", show_entry(item->entry), "api",
			 item->standing ? json_null() : hf_schedulers_show(c, item->account));
}

/* Administrators of accounts in scope whom no lockdown stops. */
static json_t *show_outside(const struct hf_controller *c, const struct hf_lockdowns *lockdowns)
{
	json_t *list = json_array();
	for (size_t a = 0; a < c->beside.n; a++) {
		const struct hf_beside_account *kept = &c->beside.v[a];
		bool shut = false;
		for (size_t i = 0; i < lockdowns->n; i++)
			shut = shut || (lockdowns->v[i].phase == HF_PHASE_IN_FORCE &&
					hf_strs_covers(&lockdowns->v[i].raise->order->body.accounts, kept->account));
		if (shut && kept->admins.n > 0)
			json_array_append_new(list, json_pack("{s:s, s:I}", "account", kept->account, "admins",
							      (json_int_t)kept->admins.n));
	}
	return list;
}

static json_t *show_checks(const struct hf_controller *c, const struct hf_lockdowns *lockdowns,
			   const struct hf_checks *checks, const struct hf_digest *which)
{
	hf_auto_json json_t *places = read_places(c);
	json_t *items = json_array();
	size_t live = 0, exercise = 0;
	for (size_t i = 0; i < checks->list.n; i++)
		if (!which || hf_digest_cmp(&checks->list.v[i].lockdown->id, which) == 0)
			json_array_append_new(items, show_item(c, places, &checks->list.v[i]));
	hf_checklist_open(&checks->list, &live, &exercise);
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:s}", "now", (json_int_t)hf_clock_wall().s, "open", (json_int_t)live,
			 "exercise", (json_int_t)exercise, "items", items, "outside", show_outside(c, lockdowns), "trouble",
			 checks->trouble.text);
}

struct hf_web_answer hf_checks_show(struct hf_controller *c, const struct hf_web_request *request)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_checks struct hf_checks checks = {0};
	struct hf_err err = {""};
	struct hf_digest id;
	const char *lockdown = NULL;
	enum hf_rc rc = hf_query_text(&request->query, "lockdown", &lockdown, &err);
	if (rc == HF_OK && lockdown && hf_digest_from_hex(lockdown, &id) != HF_OK)
		rc = hf_err_set(&err, HF_E_SHAPE, "say which lockdown with all 64 characters of its id");
	if (rc == HF_OK)
		rc = hf_controller_lockdowns(c, &lockdowns, &err);
	if (rc == HF_OK)
		rc = hf_checks_make(c, &lockdowns, &checks, &err);
	if (rc == HF_OK && lockdown && !hf_lockdowns_find(&lockdowns, &id))
		return hf_web_refuse(404, "absent", "no lockdown with that id is known here");
	if (rc != HF_OK)
		return hf_web_fail(rc, &err);
	return hf_web_json(200, show_checks(c, &lockdowns, &checks, lockdown ? &id : NULL));
}

static enum hf_rc read_word(json_t *json, struct hf_check_word *ret, struct hf_err *err)
{
	const char *act = "";
	const struct hf_json_member members[] = {
		{"act", HF_JSON_ID, &act, 0, false},
		{"item", HF_JSON_ID, &ret->item, 0, false},
		{"count", HF_JSON_INT, &ret->count, HF_CHECK_COUNT_MAX, true},
		{"note", HF_JSON_LINE, &ret->note, HF_CHECK_NOTE_MAX, true},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);
	ret->done = strcmp(act, "done") == 0;
	if (rc == HF_OK && !ret->done && strcmp(act, "undo") != 0)
		return hf_err_set(err, HF_E_SHAPE, "an item is done, or undo");
	if (rc == HF_OK && !ret->done && (ret->count >= 0 || ret->note[0]))
		return hf_err_set(err, HF_E_SHAPE, "what is undone has neither a count nor a note");
	return rc;
}

struct hf_web_answer hf_checks_post(struct hf_controller *c, const struct hf_web_request *request)
{
	hf_auto_json json_t *json = NULL;
	struct hf_check_word word = {.item = "", .count = -1, .note = ""};
	struct hf_err err = {""};
	bool is_new = false;
	enum hf_rc rc = hf_json_read(request->body, request->body_len, HF_MESSAGE_MAX, &json, &err);
	if (rc == HF_OK)
		rc = read_word(json, &word, &err);
	if (rc == HF_OK)
		rc = hf_checks_say(c, &word, &is_new, &err);
	if (rc != HF_OK)
		return hf_web_fail(rc, &err);
	return hf_web_json(200, json_pack("{s:s, s:s}", "item", word.item, "outcome", is_new ? "recorded" : "known"));
}

json_t *hf_checks_count(const struct hf_controller *c, const struct hf_lockdowns *lockdowns, json_t *list)
{
	hf_auto_checks struct hf_checks checks = {0};
	size_t live = 0, exercise = 0;
	if (hf_checks_make(c, lockdowns, &checks, NULL) != HF_OK)
		return NULL;
	if (checks.trouble.text[0])
		json_array_append_new(list, json_sprintf("a standing item of the checklists counts for nothing: %s",
							 checks.trouble.text));
	hf_schedulers_say(c, lockdowns, list);
	hf_checklist_open(&checks.list, &live, &exercise);
	return json_pack("{s:I, s:I, s:I}", "open", (json_int_t)live, "exercise", (json_int_t)exercise, "access",
			 (json_int_t)c->leavers.open.n);
}
