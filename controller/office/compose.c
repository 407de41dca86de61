/* SPDX-License-Identifier: MIT */
/*
 * Owns orders as payloads.
 * Must never sign, nor change what the officer did not ask to change.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/instructions.h>
#include <holdfast/str.h>

#include "controller/office/compose.h"
#include "controller/office/council_folder.h"
#include "controller/office/times.h"

#define HOLDING_FILE_MAX 65536
#define INSTRUCTIONS_FILE_MAX (2 * HF_INSTRUCTIONS_MAX + 3) /* every line ended in two characters, and a mark first */

static const char *const BODY[] = {"level",  "from",	"until",	"accounts", "groups",	"exempt",
				   "reason", "contact", "instructions", "holding",  "timetable"};

static enum hf_rc set_member(json_t *payload, const char *name, json_t *value, struct hf_err *err)
{
	if (json_object_set_new(payload, name, value) != 0)
		return hf_err_set(err, HF_E_USAGE, "What is said for the %s is not plain text.", name);
	return HF_OK;
}

static enum hf_rc set_text(json_t *payload, const char *name, const char *text, struct hf_err *err)
{
	return text ? set_member(payload, name, json_string(text), err) : HF_OK;
}

static bool is_alone(const struct hf_list *list, const char *word)
{
	return list->n == 1 && strcmp(list->v[0], word) == 0;
}

static enum hf_rc set_list(json_t *payload, const char *name, const struct hf_list *list, struct hf_err *err)
{
	const struct hf_strs strs = {.v = (const char **)list->v, .n = list->n};

	if (list->n == 0)
		return HF_OK;
	if (is_alone(list, "all"))
		return set_member(payload, name, json_pack("[s]", "*"), err);
	if (is_alone(list, "none"))
		return set_member(payload, name, json_array(), err);
	return set_member(payload, name, hf_json_from_strs(&strs), err);
}

static enum hf_rc set_time(json_t *payload, const char *name, const char *text, struct hf_err *err)
{
	struct hf_wall t;

	if (!text)
		return HF_OK;
	if (hf_times_parse(text, &t) != HF_OK)
		return hf_err_set(err, HF_E_USAGE,
				  "--%s wants a time such as \"2027-05-06 22:00\" (local) or 2027-05-06T21:00:00Z, not "
				  "`%s`.",
				  name, text);
	return set_member(payload, name, json_integer(t.s), err);
}

static enum hf_rc check_accounts(const struct hf_view *view, const struct hf_list *accounts, struct hf_err *err)
{
	for (size_t i = 0; view->known.reg && !is_alone(accounts, "all") && i < accounts->n; i++)
		if (!hf_register_account(view->known.reg, accounts->v[i]))
			return hf_err_set(err, HF_E_USAGE, "The register has no account `%s`.", accounts->v[i]);
	return HF_OK;
}

static void drop_holding(json_t *holding, const char *account, size_t len)
{
	for (size_t i = json_array_size(holding); i > 0; i--) {
		const char *its = json_string_value(json_object_get(json_array_get(holding, i - 1), "account"));

		if (its && strlen(its) == len && strncmp(its, account, len) == 0)
			(void)json_array_remove(holding, i - 1);
	}
}

/* ACCOUNT=POSTER:TEXT */
static enum hf_rc add_holding(const struct hf_view *view, const char *wish, int64_t minutes, json_t *holding,
			      struct hf_err *err)
{
	const char *equals = strchr(wish, '=');
	const char *colon = equals ? strchr(equals, ':') : NULL;
	char account[2 * HF_ID_SIZE];

	if (!colon || hf_str_printf(account, sizeof(account), "%.*s", (int)(equals - wish), wish) != HF_OK ||
	    !hf_account_ok(account))
		return hf_err_set(err, HF_E_USAGE, "--holding wants ACCOUNT=POSTER:TEXT, not `%s`.", wish);
	if (view->known.reg && !hf_register_account(view->known.reg, account))
		return hf_err_set(err, HF_E_USAGE, "The register has no account `%s`.", account);
	drop_holding(holding, account, strlen(account));
	if (json_array_append_new(holding, json_pack("{s:s, s:s, s:s%, s:I}", "account", account, "text", colon + 1,
						     "poster", equals + 1, (size_t)(colon - equals - 1), "minutes",
						     (json_int_t)minutes)) != 0)
		return hf_err_set(err, HF_E_USAGE, "The holding message of %s is not plain text.", account);
	return HF_OK;
}

static enum hf_rc read_holding(const char *path, json_t *payload, struct hf_err *err)
{
	hf_auto_free char *buf = NULL;
	hf_auto_json json_t *doc = NULL;
	struct hf_err why = {0};
	json_t *holding = NULL;
	size_t len = 0;
	const struct hf_json_member members[] = {{"holding", HF_JSON_ARRAY, &holding, 200, false}};
	enum hf_rc rc = hf_fs_read(path, HOLDING_FILE_MAX, &buf, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_json_read(buf, len, HOLDING_FILE_MAX, &doc, &why);
	if (rc == HF_OK)
		rc = hf_json_take(doc, members, HF_LEN(members), &why);
	if (rc != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "%s holds no {\"holding\": [...]}: %s", path, why.text);
	return set_member(payload, "holding", json_incref(holding), err);
}

/* So that one can be changed without the others that had its text. */
static void spread_texts(json_t *holding)
{
	json_t *one, *other;
	size_t i, k;

	json_array_foreach(holding, i, one)
	{
		const char *of = json_string_value(json_object_get(one, "text_of"));

		json_array_foreach(holding, k, other)
		{
			const char *account = json_string_value(json_object_get(other, "account"));

			if (of && account && strcmp(of, account) == 0 && k < i &&
			    json_object_set(one, "text", json_object_get(other, "text")) == 0) {
				(void)json_object_del(one, "text_of");
				of = NULL;
			}
		}
	}
}

/* Equal texts are carried once, by the first that has it. */
static void fold_texts(json_t *holding)
{
	json_t *one, *other;
	size_t i, k;

	json_array_foreach(holding, i, one)
	{
		json_t *text = json_object_get(one, "text");

		json_array_foreach(holding, k, other)
		{
			if (!text || k <= i || !json_equal(text, json_object_get(other, "text")) ||
			    json_object_set(other, "text_of", json_object_get(one, "account")) != 0)
				continue;
			(void)json_object_del(other, "text");
		}
	}
}

static enum hf_rc apply_holding(const struct hf_view *view, const struct hf_wishes *wishes, json_t *payload,
				struct hf_err *err)
{
	json_t *holding;
	enum hf_rc rc = HF_OK;

	if (wishes->holding_file)
		rc = read_holding(wishes->holding_file, payload, err);
	holding = json_object_get(payload, "holding");
	spread_texts(holding);
	for (size_t i = 0; rc == HF_OK && i < wishes->no_holding.n; i++)
		drop_holding(holding, wishes->no_holding.v[i], strlen(wishes->no_holding.v[i]));
	for (size_t i = 0; rc == HF_OK && i < wishes->holding.n; i++)
		rc = add_holding(view, wishes->holding.v[i], wishes->minutes, holding, err);
	fold_texts(holding);
	return rc;
}

/* What some editors put around the very text: a mark at its beginning, two characters at the end of each line. */
static size_t tidy(char *text, size_t len)
{
	size_t from = len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, to = 0;

	for (; from < len; from++)
		if (text[from] != '\r' || from + 1 == len || text[from + 1] != '\n')
			text[to++] = text[from];
	text[to] = '\0';
	return to;
}

static enum hf_rc apply_instructions(const char *path, json_t *payload, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_err why = {0};
	size_t len = 0;
	enum hf_rc rc;

	if (!path)
		return HF_OK;
	rc = hf_fs_read(path, INSTRUCTIONS_FILE_MAX, &text, &len, err);
	if (rc == HF_E_SIZE)
		return hf_err_set(err, rc, "%s is longer than the %d bytes that instructions can have.", path,
				  HF_INSTRUCTIONS_MAX);
	if (rc != HF_OK)
		return rc;
	len = tidy(text, len);
	rc = hf_instructions_check(text, len, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s cannot be the instructions: %s", path, why.text);
	return set_text(payload, "instructions", text, err);
}

static json_t *timetable_of(const struct hf_period *period)
{
	json_t *polls = json_array();
	char day[HF_DAY_TEXT_SIZE], version[HF_DIGEST_HEX_SIZE];

	for (size_t i = 0; i < period->n_polls; i++)
		(void)json_array_append_new(polls,
					    json_pack("{s:s, s:s}", "kind", hf_poll_kind_name(period->polls[i].kind),
						      "poll", hf_day_text(period->polls[i].poll, day)));
	return json_pack("{s:o, s:s}", "polls", polls, "calendar", hf_digest_hex(&period->calendar.version, version));
}

bool hf_compose_begun(const struct hf_view *view, struct hf_wall from)
{
	return from.s <= view->now.s || from.s <= json_integer_value(json_object_get(view->status, "now"));
}

static enum hf_rc apply_period(const struct hf_view *view, const struct hf_wishes *wishes, json_t *payload,
			       struct hf_err *err)
{
	const struct hf_period *period = wishes->period;
	const struct hf_wall from = {json_integer_value(json_object_get(payload, "from"))};
	const struct hf_wall until = {json_integer_value(json_object_get(payload, "until"))};
	enum hf_rc rc;

	if (!period)
		return HF_OK;
	rc = set_member(payload, "timetable", timetable_of(period), err);
	if (rc == HF_OK && !wishes->from && period->from.s > 0 && period->from.s < from.s &&
	    !hf_compose_begun(view, from))
		rc = set_member(payload, "from", json_integer(period->from.s), err);
	if (rc == HF_OK && !wishes->until && period->until.s > until.s)
		rc = set_member(payload, "until", json_integer(period->until.s), err);
	return rc;
}

enum hf_rc hf_compose_apply(const struct hf_view *view, const struct hf_wishes *wishes, json_t *payload,
			    struct hf_err *err)
{
	enum hf_rc rc = check_accounts(view, &wishes->accounts, err);

	if (rc == HF_OK)
		rc = set_text(payload, "reason", wishes->reason, err);
	if (rc == HF_OK)
		rc = set_text(payload, "contact", wishes->contact, err);
	if (rc == HF_OK)
		rc = set_text(payload, "level", wishes->level, err);
	if (rc == HF_OK)
		rc = set_list(payload, "accounts", &wishes->accounts, err);
	if (rc == HF_OK)
		rc = set_list(payload, "groups", &wishes->groups, err);
	if (rc == HF_OK)
		rc = set_list(payload, "exempt", &wishes->exempt, err);
	if (rc == HF_OK)
		rc = set_time(payload, "from", wishes->from, err);
	if (rc == HF_OK)
		rc = set_time(payload, "until", wishes->until, err);
	if (rc == HF_OK)
		rc = apply_period(view, wishes, payload, err);
	if (rc == HF_OK)
		rc = apply_instructions(wishes->instructions_file, payload, err);
	return rc == HF_OK ? apply_holding(view, wishes, payload, err) : rc;
}

/* The earlier of the two clocks: an officer's clock that runs ahead must not put the start off. */
static int64_t begin_at(const struct hf_view *view)
{
	int64_t theirs = json_integer_value(json_object_get(view->status, "now"));

	return theirs > 0 && theirs < view->now.s ? theirs : view->now.s;
}

json_t *hf_compose_raise(const struct hf_view *view, enum hf_mode mode, const char *officer)
{
	char contact[HF_CONTACT_MAX + 1];

	if (hf_str_printf(contact, sizeof(contact), "Policy & Communications (%s)", officer) != HF_OK)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:i, s:[s], s:[s], s:[s], s:s, s:s, s:s, s:[]}",
			 "council", view->known.trust->council, "act", "raise", "kind", "emergency", "mode",
			 hf_mode_name(mode), "at", (json_int_t)view->now.s, "level", "block", "from",
			 (json_int_t)begin_at(view), "until", 0, "accounts", "*", "groups", "*", "exempt", officer,
			 "reason", "", "contact", contact, "instructions", "", "holding");
}

json_t *hf_compose_purdah(const struct hf_view *view, enum hf_mode mode, const char *officer,
			  const struct hf_period *period)
{
	char contact[HF_CONTACT_MAX + 1];

	if (hf_str_printf(contact, sizeof(contact), "Electoral Services (%s)", officer) != HF_OK)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:[s], s:[s], s:[], s:s, s:s, s:s, s:[], s:o}",
			 "council", view->known.trust->council, "act", "raise", "kind", "purdah", "mode",
			 hf_mode_name(mode), "at", (json_int_t)view->now.s, "level", "guard", "from",
			 (json_int_t)period->from.s, "until", (json_int_t)period->until.s, "accounts", "*", "groups",
			 "*", "exempt", "reason", "", "contact", contact, "instructions", "", "holding", "timetable",
			 timetable_of(period));
}

json_t *hf_compose_amend(const struct hf_view *view, const struct hf_lockdown *lockdown)
{
	const struct hf_order *raise = lockdown->raise->order;
	hf_auto_json json_t *now = hf_order_encode(lockdown->bodies[0]->order);
	char id[HF_DIGEST_HEX_SIZE];
	json_t *payload = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:I}", "council", view->known.trust->council, "act",
				    "amend", "kind", hf_kind_name(raise->kind), "mode", hf_mode_name(raise->mode), "at",
				    (json_int_t)view->now.s, "of", hf_digest_hex(&lockdown->id, id), "rev",
				    (json_int_t)lockdown->rev + 1);

	for (size_t i = 0; payload && i < HF_LEN(BODY); i++) {
		json_t *value = json_object_get(now, BODY[i]);

		if (!value && strcmp(BODY[i], "timetable") == 0)
			continue; /* it has none */
		if (json_object_set(payload, BODY[i], value) != 0) {
			json_decref(payload);
			return NULL;
		}
	}
	return payload;
}

json_t *hf_compose_release(const struct hf_view *view, const struct hf_lockdown *lockdown, const char *reason,
			   const char *message)
{
	const struct hf_order *raise = lockdown->raise->order;
	char id[HF_DIGEST_HEX_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:[s], s:s, s:s}", "council", view->known.trust->council, "act",
			 "release", "kind", hf_kind_name(raise->kind), "mode", hf_mode_name(raise->mode), "at",
			 (json_int_t)view->now.s, "of", hf_digest_hex(&lockdown->id, id), "reason", reason, "message",
			 message);
}

json_t *hf_compose_release_person(const struct hf_view *view, const struct hf_release_person *person, enum hf_kind kind,
				  const char *reason, const char *message)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:[{s:s, s:I}], s:s, s:s}", "council", view->known.trust->council,
			 "act", "release", "kind", hf_kind_name(kind), "mode", hf_mode_name(HF_MODE_LIVE), "at",
			 (json_int_t)view->now.s, "of", "person", person->person, "before",
			 (json_int_t)person->before.s, "reason", reason, "message", message);
}

/* Two equal orders of one second are one order, which may have been released since: a new one is of a later second. */
static enum hf_rc write_anew(const struct hf_view *view, json_t *payload, struct hf_envelope **ret_envelope,
			     struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	json_t *at = json_object_get(payload, "at");
	enum hf_rc rc = hf_folder_envelope(HF_DOC_ORDER, json_incref(payload), &envelope, err);

	while (rc == HF_OK && hf_orders_find(&view->known.orders, &envelope->digest) &&
	       json_integer_set(at, json_integer_value(at) + 1) == 0) {
		hf_envelope_free(&envelope);
		rc = hf_folder_envelope(HF_DOC_ORDER, json_incref(payload), &envelope, err);
	}
	if (rc == HF_OK)
		*ret_envelope = hf_steal_ptr(&envelope);
	return rc;
}

enum hf_rc hf_compose_order(const struct hf_view *view, json_t *payload, struct hf_envelope **ret_envelope,
			    struct hf_err *err)
{
	hf_auto_json json_t *words = payload;
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_order struct hf_order *order = NULL;
	struct hf_err why = {0};
	enum hf_rc rc;

	if (!words)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	rc = write_anew(view, words, &envelope, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_order_decode(envelope, &order, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc == HF_E_MEMORY ? rc : HF_E_USAGE, "This order cannot be written: %s",
				  why.text);
	*ret_envelope = hf_steal_ptr(&envelope);
	return HF_OK;
}

enum hf_rc hf_compose_wished(const struct hf_view *view, const struct hf_wishes *wishes, json_t *payload,
			     struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_json json_t *mine = payload;
	enum hf_rc rc;

	if (!mine)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	rc = hf_compose_apply(view, wishes, mine, err);
	return rc == HF_OK ? hf_compose_order(view, json_incref(mine), ret_envelope, err) : rc;
}

/* Devices that have seen it begin would not heed it, and those that have not would open. */
static enum hf_rc keeps_start(const struct hf_view *view, const struct hf_body *body, const json_t *payload,
			      struct hf_err *err)
{
	char text[HF_TIMES_TEXT_SIZE];

	if (json_integer_value(json_object_get(payload, "from")) == body->from.s || !hf_compose_begun(view, body->from))
		return HF_OK;
	return hf_err_set(err, HF_E_MISMATCH, "It began on %s: its start cannot be moved any more.",
			  hf_times_text(body->from, text));
}

enum hf_rc hf_compose_amendment(const struct hf_view *view, const struct hf_lockdown *lockdown,
				const struct hf_wishes *wishes, struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_json json_t *payload = NULL;
	enum hf_rc rc;

	if (lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER)
		return hf_err_set(err, HF_E_ABSENT, "That lockdown is %s: it cannot be amended.",
				  hf_phase_name(lockdown->phase));
	if (lockdown->n_bodies > 1)
		hf_office_warn(view->office,
			       "%zu amendments of revision %lld hold side by side; this one begins with one of them.",
			       lockdown->n_bodies, (long long)lockdown->rev);
	payload = hf_compose_amend(view, lockdown);
	if (!payload)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	rc = hf_compose_apply(view, wishes, payload, err);
	if (rc == HF_OK)
		rc = keeps_start(view, &lockdown->bodies[0]->order->body, payload, err);
	return rc == HF_OK ? hf_compose_order(view, json_incref(payload), ret_envelope, err) : rc;
}
