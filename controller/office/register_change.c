/* SPDX-License-Identifier: MIT */
/*
 * Owns the changes that one draft makes to the register in force: accounts, holders, tools, words.
 * Must never change what was not named.
 */
#include <string.h>

#include <holdfast/text.h>

#include "controller/office/register_change.h"

static enum hf_rc short_of_memory(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

enum hf_rc hf_change_text(const char *text, struct hf_err *err)
{
	hf_auto_json json_t *taken = json_string(text);

	return taken ? HF_OK : hf_err_set(err, HF_E_USAGE, "`%.100s` is not taken: it is no text in UTF-8.", text);
}

/* Behind the one in force, or from where the roots let one follow that they have set aside. */
static int64_t next_version(const struct hf_view *view)
{
	const struct hf_register *held = view->known.reg;
	const struct hf_void *aside = held ? hf_trust_void(view->known.trust, &held->digest) : NULL;

	if (!held)
		return 1;
	return aside ? aside->from_version : held->version + 1;
}

static json_t *list_copy(const struct hf_register *held, const char *name)
{
	json_t *list = held ? json_object_get(held->doc, name) : NULL;

	return list ? json_deep_copy(list) : json_array();
}

enum hf_rc hf_change_begin(const struct hf_view *view, struct hf_change *ret_change, struct hf_err *err)
{
	const struct hf_register *held = view->known.reg;

	*ret_change = (struct hf_change){
		.held = held,
		.council = view->known.trust->council,
		.version = next_version(view),
		.now = view->now,
		.accounts = list_copy(held, "accounts"),
		.tools = list_copy(held, "tools"),
		.words = list_copy(held, "words"),
	};
	return ret_change->accounts && ret_change->tools && ret_change->words ? HF_OK : short_of_memory(err);
}

void hf_change_done(struct hf_change *change)
{
	json_decref(change->accounts);
	json_decref(change->tools);
	json_decref(change->words);
	*change = (struct hf_change){0};
}

enum hf_rc hf_change_draft(const struct hf_change *change, struct hf_register_draft *ret_draft, struct hf_err *err)
{
	const struct hf_council_plan plan = {
		.council = change->council,
		.accounts = change->accounts,
		.tools = change->tools,
		.words = json_array_size(change->words) > 0 ? change->words : NULL,
	};

	return hf_register_draft_make(&plan, change->version, change->now, ret_draft, err);
}

/* Where in a list the object stands whose member has this text; its size: nowhere. */
static size_t place_of(const json_t *list, const char *member, const char *text)
{
	size_t i = 0;

	while (i < json_array_size(list)) {
		const char *one = json_string_value(json_object_get(json_array_get(list, i), member));

		if (one && strcmp(one, text) == 0)
			break;
		i++;
	}
	return i;
}

static bool remove_from(json_t *list, const char *member, const char *text)
{
	return json_array_remove(list, place_of(list, member, text)) == 0;
}

/* Accounts -------------------------------------------------------------------------------------------------------- */

static enum hf_rc account_kind(const char *kind, struct hf_err *err)
{
	for (int i = 0; kind && i < HF_ACCOUNT_KIND_COUNT; i++)
		if (strcmp(hf_account_kind_name((enum hf_account_kind)i), kind) == 0)
			return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "An account is corporate, departmental or campaign, not `%s`.",
			  kind ? kind : "");
}

static enum hf_rc account_row(const struct hf_change *change, const char *account, json_t **ret, struct hf_err *err)
{
	json_t *row = hf_json_with(change->accounts, "id", account);

	if (!row)
		return hf_err_set(err, HF_E_ABSENT, "The register has no account %s.", account);
	*ret = row;
	return HF_OK;
}

enum hf_rc hf_change_account(struct hf_change *change, const char *account, const char *kind, struct hf_err *err)
{
	hf_auto_json json_t *alone = json_pack("[{s:s}]", "id", account);
	enum hf_rc rc = account_kind(kind, err);

	if (rc == HF_OK && !hf_account_ok(account))
		return hf_err_set(err, HF_E_USAGE, "`%.100s` is no account: write platform:handle.", account);
	if (rc == HF_OK && hf_json_with(change->accounts, "id", account))
		return hf_err_set(err, HF_E_MISMATCH, "The register has the account %s already.", account);
	if (rc == HF_OK)
		rc = hf_tools_reach_all(alone, change->tools, err);
	if (rc != HF_OK)
		return rc;
	return json_array_append_new(change->accounts,
				     json_pack("{s:s, s:s, s:[]}", "id", account, "kind", kind, "holders")) == 0
		       ? HF_OK
		       : short_of_memory(err);
}

enum hf_rc hf_change_account_kind(struct hf_change *change, const char *account, const char *kind, struct hf_err *err)
{
	json_t *row = NULL;
	enum hf_rc rc = account_kind(kind, err);

	if (rc == HF_OK)
		rc = account_row(change, account, &row, err);
	if (rc == HF_OK && json_object_set_new(row, "kind", json_string(kind)) != 0)
		rc = short_of_memory(err);
	return rc;
}

enum hf_rc hf_change_retire(struct hf_change *change, const char *account, struct hf_err *err)
{
	json_t *row = NULL;
	enum hf_rc rc = account_row(change, account, &row, err);

	if (rc == HF_OK)
		(void)remove_from(change->accounts, "id", account);
	return rc;
}

/* Holders --------------------------------------------------------------------------------------------------------- */

static enum hf_rc holders_of(const struct hf_change *change, const struct hf_holder_wish *wish, json_t **ret_holders,
			     struct hf_err *err)
{
	json_t *row = NULL;
	enum hf_rc rc = account_row(change, wish->account, &row, err);

	if (rc == HF_OK && !hf_id_ok(wish->person))
		return hf_err_set(err, HF_E_USAGE, "`%s` is no person: write small letters, digits and -.",
				  wish->person);
	if (rc == HF_OK)
		*ret_holders = json_object_get(row, "holders");
	return rc;
}

static enum hf_rc not_past(const struct hf_change *change, const struct hf_holder_wish *wish, struct hf_err *err)
{
	if (wish->until.s == 0 || wish->until.s > change->now.s)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "The end of the access of %s is past.", wish->person);
}

static enum hf_rc holds_not(const struct hf_holder_wish *wish, struct hf_err *err)
{
	return hf_err_set(err, HF_E_ABSENT, "%s does not hold %s.", wish->person, wish->account);
}

enum hf_rc hf_change_hold(struct hf_change *change, const struct hf_holder_wish *wish, struct hf_err *err)
{
	json_t *holders = NULL;
	enum hf_rc rc = holders_of(change, wish, &holders, err);

	if (rc == HF_OK)
		rc = not_past(change, wish, err);
	if (rc == HF_OK && hf_json_with(holders, "person", wish->person))
		return hf_err_set(err, HF_E_MISMATCH, "%s holds %s already.", wish->person, wish->account);
	if (rc != HF_OK)
		return rc;
	return json_array_append_new(holders, json_pack("{s:s, s:I}", "person", wish->person, "until",
							(json_int_t)wish->until.s)) == 0
		       ? HF_OK
		       : short_of_memory(err);
}

enum hf_rc hf_change_review(struct hf_change *change, const struct hf_holder_wish *wish, struct hf_err *err)
{
	json_t *holders = NULL, *row;
	enum hf_rc rc = holders_of(change, wish, &holders, err);

	if (rc == HF_OK)
		rc = not_past(change, wish, err);
	if (rc != HF_OK)
		return rc;
	row = hf_json_with(holders, "person", wish->person);
	if (!row)
		return holds_not(wish, err);
	return json_object_set_new(row, "until", json_integer((json_int_t)wish->until.s)) == 0 ? HF_OK
											       : short_of_memory(err);
}

enum hf_rc hf_change_withdraw(struct hf_change *change, const struct hf_holder_wish *wish, struct hf_err *err)
{
	json_t *holders = NULL;
	enum hf_rc rc = holders_of(change, wish, &holders, err);

	if (rc != HF_OK)
		return rc;
	return remove_from(holders, "person", wish->person) ? HF_OK : holds_not(wish, err);
}

enum hf_rc hf_change_withdraw_all(struct hf_change *change, const char *person, size_t *ret_n, struct hf_err *err)
{
	json_t *account;
	size_t i, n = 0;

	json_array_foreach(change->accounts, i, account)
	{
		n += remove_from(json_object_get(account, "holders"), "person", person);
	}
	if (n == 0)
		return hf_err_set(err, HF_E_ABSENT, "%s holds no account.", person);
	*ret_n = n;
	return HF_OK;
}

/* Tools ----------------------------------------------------------------------------------------------------------- */

/* What was out of reach before is no reason to refuse what is changed now. */
static enum hf_rc reaches_as_before(const struct hf_change *change, const json_t *tools, struct hf_err *err)
{
	json_t *account;
	size_t i;

	json_array_foreach(change->accounts, i, account)
	{
		hf_auto_json json_t *alone = json_pack("[O]", account);
		enum hf_rc rc;

		if (!alone)
			return short_of_memory(err);
		rc = hf_tools_reach_all(alone, tools, err);
		if (rc != HF_OK && hf_tools_reach_all(alone, change->tools, NULL) == HF_OK)
			return rc;
	}
	return HF_OK;
}

static enum hf_rc take_over_tools(struct hf_change *change, json_t *tools, struct hf_err *err)
{
	enum hf_rc rc = reaches_as_before(change, tools, err);

	if (rc != HF_OK)
		return rc;
	json_decref(change->tools);
	change->tools = json_incref(tools);
	return HF_OK;
}

static bool put_list(json_t *tool, const char *name, const struct hf_list *list)
{
	hf_auto_json json_t *values = json_array();

	if (!list && !json_object_get(tool, name))
		return json_object_set(tool, name, values) == 0;
	for (size_t i = 0; list && i < list->n; i++)
		if (json_array_append_new(values, json_string(list->v[i])) != 0)
			return false;
	return !list || json_object_set(tool, name, values) == 0;
}

static enum hf_rc put_wish(json_t *tool, const struct hf_tool_wish *wish, struct hf_err *err)
{
	bool done = !wish->name || json_object_set_new(tool, "name", json_string(wish->name)) == 0;

	done = done && put_list(tool, "platforms", wish->platforms) && put_list(tool, "addresses", wish->addresses) &&
	       put_list(tool, "programs", wish->programs);
	if (done && wish->dedicated)
		done = put_list(tool, "dedicated", wish->dedicated);
	if (done && json_array_size(json_object_get(tool, "dedicated")) == 0)
		(void)json_object_del(tool, "dedicated");
	return done ? HF_OK : short_of_memory(err);
}

static enum hf_rc wish_is_text(const struct hf_tool_wish *wish, struct hf_err *err)
{
	const struct hf_list *lists[] = {wish->platforms, wish->addresses, wish->dedicated, wish->programs};
	enum hf_rc rc = wish->name ? hf_change_text(wish->name, err) : HF_OK;

	for (size_t i = 0; i < HF_LEN(lists); i++)
		for (size_t k = 0; lists[i] && rc == HF_OK && k < lists[i]->n; k++)
			rc = hf_change_text(lists[i]->v[k], err);
	return rc;
}

enum hf_rc hf_change_tool(struct hf_change *change, const struct hf_tool_wish *wish, struct hf_err *err)
{
	hf_auto_json json_t *tool = NULL;
	enum hf_rc rc = wish_is_text(wish, err);

	if (rc != HF_OK)
		return rc;
	if (!hf_id_ok(wish->id))
		return hf_err_set(err, HF_E_USAGE, "`%s` is no tool: write small letters, digits and -.", wish->id);
	if (hf_json_with(change->tools, "id", wish->id))
		return hf_err_set(err, HF_E_MISMATCH, "The register has the tool %s already.", wish->id);
	tool = json_pack("{s:s, s:s}", "id", wish->id, "name", wish->name ? wish->name : wish->id);
	rc = tool ? put_wish(tool, wish, err) : short_of_memory(err);
	if (rc == HF_OK && json_array_append(change->tools, tool) != 0)
		rc = short_of_memory(err);
	return rc;
}

static enum hf_rc no_tool(const char *id, struct hf_err *err)
{
	return hf_err_set(err, HF_E_ABSENT, "The register has no tool %s.", id);
}

enum hf_rc hf_change_tool_lists(struct hf_change *change, const struct hf_tool_wish *wish, struct hf_err *err)
{
	hf_auto_json json_t *tools = json_deep_copy(change->tools);
	json_t *tool = hf_json_with(tools, "id", wish->id);
	enum hf_rc rc;

	if (!tools)
		return short_of_memory(err);
	if (!tool)
		return no_tool(wish->id, err);
	rc = wish_is_text(wish, err);
	if (rc == HF_OK)
		rc = put_wish(tool, wish, err);
	return rc == HF_OK ? take_over_tools(change, tools, err) : rc;
}

enum hf_rc hf_change_tool_remove(struct hf_change *change, const char *id, struct hf_err *err)
{
	hf_auto_json json_t *tools = json_deep_copy(change->tools);

	if (!tools)
		return short_of_memory(err);
	if (!remove_from(tools, "id", id))
		return no_tool(id, err);
	return take_over_tools(change, tools, err);
}

static bool is_kept(const struct hf_list *keep, const char *id)
{
	for (size_t i = 0; i < keep->n; i++)
		if (strcmp(keep->v[i], id) == 0)
			return true;
	return false;
}

enum hf_rc hf_change_catalogue(struct hf_change *change, const struct hf_catalogue *catalogue,
			       const struct hf_list *keep, struct hf_err *err)
{
	hf_auto_json json_t *tools = json_deep_copy(change->tools);
	hf_auto_json json_t *newest = hf_catalogue_tools(catalogue, change->accounts, NULL);
	json_t *tool;
	size_t i;

	if (!tools || !newest)
		return short_of_memory(err);
	for (i = 0; i < keep->n; i++)
		if (!hf_json_with(tools, "id", keep->v[i]) && !hf_json_with(newest, "id", keep->v[i]))
			return no_tool(keep->v[i], err);
	json_array_foreach(newest, i, tool)
	{
		const char *id = json_string_value(json_object_get(tool, "id"));
		size_t place = id ? place_of(tools, "id", id) : json_array_size(tools);
		bool known = place < json_array_size(tools);

		if (id && is_kept(keep, id))
			continue;
		if ((known ? json_array_set(tools, place, tool) : json_array_append(tools, tool)) != 0)
			return short_of_memory(err);
	}
	return take_over_tools(change, tools, err);
}

/* Words ----------------------------------------------------------------------------------------------------------- */

static enum hf_rc word_kind(const char *kind, struct hf_err *err)
{
	for (int i = 0; kind && i < HF_WORD_KIND_COUNT; i++)
		if (strcmp(hf_word_kind_name((enum hf_word_kind)i), kind) == 0)
			return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "A word is of a member, ward, candidate, party or hashtag, not `%s`.",
			  kind ? kind : "");
}

static bool is_word(const json_t *row, const char *text, const char *kind)
{
	const char *its = json_string_value(json_object_get(row, "text"));
	const char *its_kind = json_string_value(json_object_get(row, "kind"));

	return its && its_kind && strcmp(its, text) == 0 && (!kind || strcmp(its_kind, kind) == 0);
}

enum hf_rc hf_change_word(struct hf_change *change, const char *text, const char *kind, struct hf_err *err)
{
	enum hf_rc rc = word_kind(kind, err);

	if (rc == HF_OK)
		rc = hf_change_text(text, err);
	for (size_t i = 0; rc == HF_OK && i < json_array_size(change->words); i++)
		if (is_word(json_array_get(change->words, i), text, kind))
			rc = hf_err_set(err, HF_E_MISMATCH, "The draft check has the %s \"%s\" already.", kind, text);
	if (rc == HF_OK &&
	    json_array_append_new(change->words, json_pack("{s:s, s:s}", "text", text, "kind", kind)) != 0)
		rc = short_of_memory(err);
	return rc;
}

enum hf_rc hf_change_word_remove(struct hf_change *change, const char *text, const char *kind, struct hf_err *err)
{
	bool any = false;
	enum hf_rc rc = kind ? word_kind(kind, err) : HF_OK;

	/* Backwards: those behind one that goes move up. */
	for (size_t i = json_array_size(change->words); rc == HF_OK && i > 0; i--) {
		if (!is_word(json_array_get(change->words, i - 1), text, kind))
			continue;
		any = true;
		(void)json_array_remove(change->words, i - 1);
	}
	if (rc == HF_OK && !any)
		rc = hf_err_set(err, HF_E_ABSENT, "The draft check has no such word: \"%s\".", text);
	return rc;
}

/* One register against another ------------------------------------------------------------------------------------ */

const struct hf_holder *hf_account_holder(const struct hf_account *account, const char *person)
{
	for (size_t i = 0; account && i < account->n_holders; i++)
		if (strcmp(account->holders[i].person, person) == 0)
			return &account->holders[i];
	return NULL;
}

bool hf_account_same(const struct hf_account *a, const struct hf_account *b)
{
	if (a->kind != b->kind || a->n_holders != b->n_holders)
		return false;
	for (size_t i = 0; i < a->n_holders; i++) {
		const struct hf_holder *other = hf_account_holder(b, a->holders[i].person);

		if (!other || other->until.s != a->holders[i].until.s)
			return false;
	}
	return true;
}

static size_t n_missing(const struct hf_strs *some, const struct hf_strs *others)
{
	size_t n = 0;

	for (size_t i = 0; i < some->n; i++)
		n += !hf_strs_has(others, some->v[i]);
	return n;
}

static bool same_lists(const struct hf_strs *a, const struct hf_strs *b)
{
	return a->n == b->n && n_missing(a, b) == 0 && n_missing(b, a) == 0;
}

bool hf_tool_same(const struct hf_tool *a, const struct hf_tool *b)
{
	return strcmp(a->name, b->name) == 0 && same_lists(&a->platforms, &b->platforms) &&
	       same_lists(&a->addresses, &b->addresses) && same_lists(&a->dedicated, &b->dedicated) &&
	       same_lists(&a->programs, &b->programs);
}

bool hf_register_has_word(const struct hf_register *reg, const struct hf_word *word)
{
	for (size_t i = 0; i < reg->n_words; i++)
		if (reg->words[i].kind == word->kind && strcmp(reg->words[i].text, word->text) == 0)
			return true;
	return false;
}

bool hf_register_same(const struct hf_register *a, const struct hf_register *b)
{
	bool same = a->n_accounts == b->n_accounts && a->n_tools == b->n_tools && a->n_words == b->n_words;

	for (size_t i = 0; same && i < a->n_accounts; i++) {
		const struct hf_account *other = hf_register_account(b, a->accounts[i].id);

		same = other && hf_account_same(&a->accounts[i], other);
	}
	for (size_t i = 0; same && i < a->n_tools; i++) {
		const struct hf_tool *other = hf_register_tool(b, a->tools[i].id);

		same = other && hf_tool_same(&a->tools[i], other);
	}
	for (size_t i = 0; same && i < a->n_words; i++)
		same = hf_register_has_word(b, &a->words[i]);
	return same;
}

static void account_loss(const struct hf_account *was, const struct hf_account *is, struct hf_register_loss *loss)
{
	loss->had += 1 + was->n_holders;
	loss->lost += !is;
	for (size_t i = 0; i < was->n_holders; i++)
		loss->lost += !hf_account_holder(is, was->holders[i].person);
}

static void tool_loss(const struct hf_tool *was, const struct hf_tool *is, struct hf_register_loss *loss)
{
	static const struct hf_strs none = {NULL, 0};

	loss->had += 1 + was->addresses.n + was->programs.n;
	loss->lost += !is;
	loss->lost += n_missing(&was->addresses, is ? &is->addresses : &none);
	loss->lost += n_missing(&was->programs, is ? &is->programs : &none);
}

void hf_register_loss(const struct hf_register *held, const struct hf_register *next, struct hf_register_loss *ret)
{
	*ret = (struct hf_register_loss){.had = 0};
	for (size_t i = 0; i < held->n_accounts; i++)
		account_loss(&held->accounts[i], hf_register_account(next, held->accounts[i].id), ret);
	for (size_t i = 0; i < held->n_tools; i++)
		tool_loss(&held->tools[i], hf_register_tool(next, held->tools[i].id), ret);
}

bool hf_register_much_smaller(const struct hf_register_loss *loss)
{
	return loss->lost * 5 > loss->had;
}
