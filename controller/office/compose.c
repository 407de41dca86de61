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
#include <holdfast/text.h>
#include <holdfast/utf8.h>

#include "controller/office/compose.h"
#include "controller/office/council_folder.h"
#include "controller/office/own_file.h"
#include "controller/office/times.h"

#define HOLDING_FILE_MAX 65536
#define INSTRUCTIONS_FILE_MAX (2 * HF_INSTRUCTIONS_MAX + 3) /* every line ended in two characters, and a mark first */

static const char *const BODY[] = {"level",  "from",	"until",	"accounts", "groups",	"exempt",
				   "reason", "contact", "instructions", "holding",  "timetable"};

/* What some editors put around the very text: a mark at its beginning, two characters at the end of each line. */
static size_t tidy(char *text, size_t len)
{
	size_t rest = len, to = 0, from = (size_t)(hf_own_text(text, &rest) - text);

	for (; from < len; from++)
		if (text[from] != '\r' || from + 1 == len || text[from + 1] != '\n')
			text[to++] = text[from];
	text[to] = '\0';
	return to;
}

/* The same in what was read from such a file before it came here. */
static void tidy_member(json_t *object, const char *name)
{
	const char *said = json_string_value(json_object_get(object, name));
	hf_auto_free char *text = said ? strdup(said) : NULL;

	if (!text || (!strchr(said, '\r') && said[0] != '\xEF'))
		return;
	tidy(text, strlen(text));
	(void)json_object_set_new(object, name, json_string(text));
}

static void tidy_texts(json_t *payload)
{
	static const char *const names[] = {"reason", "contact", "message", "instructions"};
	json_t *one;
	size_t index;

	for (size_t i = 0; i < HF_LEN(names); i++)
		tidy_member(payload, names[i]);
	json_array_foreach(json_object_get(payload, "holding"), index, one) tidy_member(one, "text");
}

static enum hf_rc set_member(json_t *payload, const char *name, json_t *value, struct hf_err *err)
{
	if (json_object_set_new(payload, name, value) != 0)
		return hf_err_set(err, HF_E_USAGE, "What is said for the %s is not plain text.", name);
	return HF_OK;
}

/* Which character of what cannot be said: the reader of orders would refuse all of it without a place. */
static enum hf_rc check_shown(const char *what, const char *of, const char *text, struct hf_err *err)
{
	size_t len = strlen(text);
	const char *at = hf_own_text(text, &len);

	for (size_t n = 1; *at; n++) {
		uint32_t c = 0;
		size_t bytes = hf_utf8_read((const uint8_t *)at, strlen(at), &c);

		if (bytes == 0)
			return hf_err_set(err, HF_E_USAGE, "Character %zu of the %s%s is not UTF-8.", n, what, of);
		if (!hf_utf8_shown(c) && !(c == '\r' && at[1] == '\n'))
			return hf_err_set(err, HF_E_USAGE,
					  "Character %zu of the %s%s (U+%04X) is not taken: it shows nothing, or turns "
					  "text round.",
					  n, what, of, (unsigned)c);
		at += bytes;
	}
	return HF_OK;
}

static enum hf_rc set_text(json_t *payload, const char *name, const char *text, struct hf_err *err)
{
	enum hf_rc rc = text ? check_shown(name, "", text, err) : HF_OK;

	return text && rc == HF_OK ? set_member(payload, name, json_string(text), err) : rc;
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

/* @what     of the member, for people */
static enum hf_rc set_time(json_t *payload, const char *name, const char *what, const char *text, struct hf_err *err)
{
	struct hf_wall t = {0};
	enum hf_rc rc = text ? hf_times_wished(what, text, &t, err) : HF_OK;

	return rc == HF_OK && text ? set_member(payload, name, json_integer(t.s), err) : rc;
}

static enum hf_rc check_accounts(const struct hf_view *view, const struct hf_list *accounts, struct hf_err *err)
{
	for (size_t i = 0; view->known.reg && !is_alone(accounts, "all") && i < accounts->n; i++)
		if (!hf_register_account(view->known.reg, accounts->v[i]))
			return hf_err_set(err, HF_E_USAGE, "The register has no account `%s`.", accounts->v[i]);
	return HF_OK;
}

/* An amended text keeps the window that its account had. */
static int64_t minutes_for(const json_t *holding, const char *account, int64_t wished)
{
	const json_t *had = hf_json_with(holding, "account", account);

	if (wished != HF_MINUTES_AS_BEFORE)
		return wished;
	return had ? json_integer_value(json_object_get(had, "minutes")) : HF_POSTING_MINUTES;
}

static void drop_holding(json_t *holding, const char *account)
{
	for (size_t i = json_array_size(holding); i > 0; i--) {
		const char *its = json_string_value(json_object_get(json_array_get(holding, i - 1), "account"));

		if (its && strcmp(its, account) == 0)
			(void)json_array_remove(holding, i - 1);
	}
}

static enum hf_rc add_holding(const struct hf_view *view, const struct hf_holding_wish *wish, int64_t minutes,
			      json_t *holding, struct hf_err *err)
{
	enum hf_rc rc;

	if (view->known.reg && !hf_register_account(view->known.reg, wish->account))
		return hf_err_set(err, HF_E_USAGE, "The register has no account `%s`.", wish->account);
	if (!wish->text[0])
		return hf_err_set(err, HF_E_USAGE, "The message of %s is empty: say what is to be posted there.", wish->account);
	if (strlen(wish->text) > HF_HOLDING_TEXT_MAX)
		return hf_err_set(err, HF_E_USAGE, "The message of %s has %zu bytes: at most %d are taken.", wish->account,
				  strlen(wish->text), HF_HOLDING_TEXT_MAX);
	rc = check_shown(hf_text("message of "), wish->account, wish->text, err);
	if (rc != HF_OK)
		return rc;
	minutes = minutes_for(holding, wish->account, minutes);
	drop_holding(holding, wish->account);
	if (json_array_append_new(holding,
				  json_pack("{s:s, s:s, s:s, s:I}", "account", wish->account, "text", wish->text,
					    "poster", wish->poster, "minutes", (json_int_t)minutes)) != 0)
		return hf_err_set(err, HF_E_USAGE, "The holding message of %s is not plain text.", wish->account);
	return HF_OK;
}

static enum hf_rc read_holding(const char *path, json_t *payload, struct hf_err *err)
{
	hf_auto_json json_t *doc = NULL;
	struct hf_err why = {0};
	json_t *holding = NULL;
	const struct hf_json_member members[] = {{"holding", HF_JSON_ARRAY, &holding, 200, false}};
	enum hf_rc rc = hf_own_json(path, HOLDING_FILE_MAX, &doc, &why, err);

	if (rc != HF_OK && !why.text[0])
		return rc;
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

/* The last of two for one account counts, and the one before is lost: that was hardly meant. */
static void warn_of_two(const struct hf_view *view, const struct hf_messages *messages)
{
	for (size_t i = 0; i < messages->n; i++)
		for (size_t k = i + 1; k < messages->n; k++)
			if (strcmp(messages->v[i].account, messages->v[k].account) == 0)
				hf_office_warn(view->office,
					       "the account %s has two messages here: the last one counts.",
					       messages->v[k].account);
}

static bool is_in(const struct hf_list *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], word) == 0)
			return true;
	return false;
}

/* Where the message of every account goes. */
struct every {
	const struct hf_view *view;
	const struct hf_wishes *wishes;
	const struct hf_messages *messages;
	json_t *named; /* holding messages of a file: their accounts are named, too; or NULL */
};

static enum hf_rc add_unnamed(const struct every *every, const struct hf_holding_wish *wish, json_t *holding,
			      struct hf_err *err)
{
	if (hf_messages_has(every->messages, wish->account) || is_in(&every->wishes->no_holding, wish->account) ||
	    hf_json_with(every->named, "account", wish->account))
		return HF_OK;
	return add_holding(every->view, wish, every->wishes->minutes, holding, err);
}

/* Each account of the order that is not named otherwise. */
static enum hf_rc add_every(const struct every *every, const struct hf_message_read *message, json_t *payload,
			    struct hf_err *err)
{
	struct hf_holding_wish wish = {.poster = message->poster, .text = message->text};
	const struct hf_register *reg = every->view->known.reg;
	json_t *accounts = json_object_get(payload, "accounts"), *holding = json_object_get(payload, "holding"), *one;
	bool all = json_array_size(accounts) == 1 &&
		   strcmp(json_string_value(json_array_get(accounts, 0)), HF_EVERY_ACCOUNT) == 0;
	enum hf_rc rc = HF_OK;
	size_t index;

	if (all && !reg)
		return hf_err_set(err, HF_E_USAGE, "There is no register here that names every account: name each.");
	for (size_t i = 0; all && rc == HF_OK && i < reg->n_accounts; i++) {
		wish.account = reg->accounts[i].id;
		rc = add_unnamed(every, &wish, holding, err);
	}
	json_array_foreach(accounts, index, one)
	{
		wish.account = json_string_value(one);
		if (!all && rc == HF_OK)
			rc = add_unnamed(every, &wish, holding, err);
	}
	return rc;
}

static enum hf_rc add_messages(const struct every *every, json_t *payload, struct hf_err *err)
{
	const struct hf_messages *messages = every->messages;
	json_t *holding = json_object_get(payload, "holding");
	const struct hf_message_read *all = NULL;
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; i < messages->n; i++)
		if (strcmp(messages->v[i].account, HF_EVERY_ACCOUNT) == 0)
			all = &messages->v[i];
	if (all)
		rc = add_every(every, all, payload, err);
	for (size_t i = 0; rc == HF_OK && i < messages->n; i++) {
		const struct hf_message_read *one = &messages->v[i];

		if (strcmp(one->account, HF_EVERY_ACCOUNT) != 0)
			rc = add_holding(every->view, &(struct hf_holding_wish){one->account, one->poster, one->text},
					 every->wishes->minutes, holding, err);
	}
	return rc;
}

static enum hf_rc apply_holding(const struct hf_view *view, const struct hf_wishes *wishes, json_t *payload,
				struct hf_err *err)
{
	hf_auto_messages struct hf_messages messages = {0};
	hf_auto_json json_t *named = NULL;
	json_t *holding;
	enum hf_rc rc = hf_messages_read(view->office, &wishes->holding, &messages, err);

	if (rc == HF_OK && wishes->holding_file)
		rc = read_holding(wishes->holding_file, payload, err);
	holding = json_object_get(payload, "holding");
	named = wishes->holding_file ? json_copy(holding) : NULL;
	spread_texts(holding);
	for (size_t i = 0; rc == HF_OK && i < wishes->no_holding.n; i++)
		drop_holding(holding, wishes->no_holding.v[i]);
	warn_of_two(view, &messages);
	if (rc == HF_OK)
		rc = add_messages(&(struct every){view, wishes, &messages, named}, payload, err);
	fold_texts(holding);
	return rc;
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
	return set_text(payload, hf_text("instructions"), text, err);
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
		rc = set_text(payload, hf_text("reason"), wishes->reason, err);
	if (rc == HF_OK)
		rc = set_text(payload, hf_text("contact"), wishes->contact, err);
	if (rc == HF_OK)
		rc = set_text(payload, hf_text("level"), wishes->level, err);
	if (rc == HF_OK)
		rc = set_list(payload, "accounts", &wishes->accounts, err);
	if (rc == HF_OK)
		rc = set_list(payload, "groups", &wishes->groups, err);
	if (rc == HF_OK)
		rc = set_list(payload, "exempt", &wishes->exempt, err);
	if (rc == HF_OK)
		rc = set_time(payload, "from", "start", wishes->from, err);
	if (rc == HF_OK)
		rc = set_time(payload, "until", "end", wishes->until, err);
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

	if (hf_str_printf(contact, sizeof(contact), hf_text("Policy & Communications (%s)"), officer) != HF_OK)
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

	if (hf_str_printf(contact, sizeof(contact), hf_text("Electoral Services (%s)"), officer) != HF_OK)
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
	tidy_texts(words);
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
