/* SPDX-License-Identifier: MIT */
/*
 * Owns the register document: accounts, their holders, and the tools that can post to them (policy D2).
 * Must never judge whether it is approved: that is proto/law.
 */
#include <holdfast/register.h>
#include <holdfast/text.h>

#include <stdlib.h>
#include <string.h>

#include "proto/wire/doc.h"

#define NAME_MAX_BYTES 200
#define ACCOUNT_MAX_BYTES 97 /* platform, colon, handle */
#define PLATFORM_MAX_BYTES 32
#define HOST_MAX_BYTES 253 /* RFC 1035 section 2.3.4, as text */
#define LABEL_MAX_BYTES 63

static const char *const ACCOUNT_KIND_NAMES[HF_ACCOUNT_KIND_COUNT] = {
	[HF_ACCOUNT_CORPORATE] = "corporate",
	[HF_ACCOUNT_DEPARTMENTAL] = "departmental",
	[HF_ACCOUNT_CAMPAIGN] = "campaign",
};

static const char *const WORD_KIND_NAMES[HF_WORD_KIND_COUNT] = {
	[HF_WORD_MEMBER] = "member", [HF_WORD_WARD] = "ward",	    [HF_WORD_CANDIDATE] = "candidate",
	[HF_WORD_PARTY] = "party",   [HF_WORD_HASHTAG] = "hashtag",
};

struct lists {
	json_t *accounts, *tools, *words, *rest;
};

/* clang-format off */
#define REGISTER_ROWS(r, p, no_words, no_place, no_rest) {           \
	HF_ROW("council",  ID,    &(r)->council,  0),              \
	HF_ROW("version",  INT,   &(r)->version,  HF_JSON_INT_MAX), \
	HF_ROW("issued",   WALL,  &(r)->issued,   0),              \
	HF_ROW_IF("part",  INT,   &(r)->place.part,  HF_REGISTER_PARTS_MAX, no_place), \
	HF_ROW_IF("parts", INT,   &(r)->place.parts, HF_REGISTER_PARTS_MAX, no_place), \
	HF_ROW_IF("rest",  ARRAY, &(p)->rest,     HF_REGISTER_PARTS_MAX - 1, no_rest), \
	HF_ROW("accounts", ARRAY, &(p)->accounts, HF_ACCOUNTS_MAX), \
	HF_ROW("tools",    ARRAY, &(p)->tools,    HF_TOOLS_MAX),   \
	HF_ROW_IF("words", ARRAY, &(p)->words,    HF_WORDS_MAX, no_words), \
}
#define WORD_ROWS(w, word) {                            \
	HF_ROW("text", LINE, &(w)->text, HF_WORD_MAX),  \
	HF_ROW("kind", ID,   word,       0),            \
}

#define TOOL_ROWS(t, no_dedicated) {                                 \
	HF_ROW("id",        ID,    &(t)->id,        0),              \
	HF_ROW("name",      LINE,  &(t)->name,      NAME_MAX_BYTES), \
	HF_ROW("platforms", NAMES, &(t)->platforms, HF_TOOL_LIST_MAX), \
	HF_ROW("addresses", LINES, &(t)->addresses, HF_TOOL_LIST_MAX), \
	HF_ROW_IF("dedicated", LINES, &(t)->dedicated, HF_TOOL_LIST_MAX, no_dedicated), \
	HF_ROW("programs",  LINES, &(t)->programs,  HF_TOOL_LIST_MAX), \
}
/* clang-format on */

const char *hf_account_kind_name(enum hf_account_kind kind)
{
	return ACCOUNT_KIND_NAMES[kind];
}

const char *hf_word_kind_name(enum hf_word_kind kind)
{
	return WORD_KIND_NAMES[kind];
}

static bool is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* A bare lower-case host name with a dot, as RFC 1123 section 2.1 has it. */
static bool is_host(const char *s)
{
	size_t dots = 0;
	if (strlen(s) > HOST_MAX_BYTES)
		return false;
	for (;; s++, dots++) {
		size_t n = 0;
		while (is_label_char(s[n]))
			n++;
		if (n < 1 || n > LABEL_MAX_BYTES || s[0] == '-' || s[n - 1] == '-')
			return false;
		s += n;
		if (*s != '.')
			return *s == '\0' && dots > 0;
	}
}

bool hf_address_blocks(const char *host)
{
	const char *last = strrchr(host, '.');
	last = last ? last + 1 : host;
	size_t n = strspn(last, "0123456789");
	if (n == 1 && last[0] == '0' && last[1] == 'x')
		n = 2 + strspn(last + 2, "0123456789abcdef");
	return is_host(host) && last[n] != '\0';
}

/* An absolute path that says itself which file it is: no part is empty, "." or "..". */
static bool is_path(const char *s)
{
	if (*s != '/')
		return false;
	while (*s == '/') {
		s++;
		size_t n = strcspn(s, "/");
		if (n == 0 || (n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		s += n;
	}
	return true;
}

static bool is_platform(const char *s)
{
	return strlen(s) <= PLATFORM_MAX_BYTES;
}

/* Each of the list, or the first that is not. */
static enum hf_rc check_each(const struct hf_strs *strs, bool (*ok)(const char *), const char *what, struct hf_err *err)
{
	for (size_t i = 0; i < strs->n; i++)
		if (!ok(strs->v[i]))
			return hf_err_set(err, HF_E_SHAPE, "\"%.100s\" is not %s.", strs->v[i], what);
	return HF_OK;
}

static enum hf_rc take_holder(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_account *account = doc;
	struct hf_holder *holder = &account->holders[account->n_holders];
	const struct hf_json_member rows[] = {
		HF_ROW("person", ID, &holder->person, 0),
		HF_ROW("until", WALL, &holder->until, 0),
	};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < account->n_holders; i++)
		if (strcmp(account->holders[i].person, holder->person) == 0)
			return hf_err_set(err, HF_E_SHAPE, "The account %s has the holder %s twice.", account->id,
					  holder->person);
	account->n_holders++;
	return HF_OK;
}

static enum hf_rc take_account(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_register *reg = doc;
	struct hf_account *account = &reg->accounts[reg->n_accounts];
	const char *kind_word = NULL;
	size_t kind = 0;
	json_t *holders = NULL;
	const struct hf_json_member rows[] = {
		HF_ROW("id", LINE, &account->id, ACCOUNT_MAX_BYTES),
		HF_ROW("kind", ID, &kind_word, 0),
		HF_ROW("holders", ARRAY, &holders, HF_HOLDERS_MAX),
	};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_word(kind_word, ACCOUNT_KIND_NAMES, HF_ACCOUNT_KIND_COUNT, &kind, err);
	if (rc != HF_OK)
		return rc;
	if (!hf_account_ok(account->id))
		return hf_err_set(err, HF_E_SHAPE, "\"%s\" is no account; write platform:handle.", account->id);
	if (hf_register_account(reg, account->id))
		return hf_err_set(err, HF_E_SHAPE, "The account %s stands in the register twice.", account->id);
	account->kind = (enum hf_account_kind)kind;
	rc = hf_doc_alloc(json_array_size(holders), sizeof(*account->holders), &account->holders, err);
	reg->n_accounts++; /* from here on its holders are freed with the register */
	return rc == HF_OK ? hf_doc_each(holders, take_holder, account, err) : rc;
}

/* Each is one of the addresses, and stands there once. */
static enum hf_rc check_dedicated(const struct hf_tool *tool, struct hf_err *err)
{
	for (size_t i = 0; i < tool->dedicated.n; i++) {
		const struct hf_strs before = {tool->dedicated.v, i};
		const char *host = tool->dedicated.v[i];
		if (!hf_strs_has(&tool->addresses, host) || hf_strs_has(&before, host))
			return hf_err_set(err, HF_E_SHAPE,
					  "\"%.100s\" is dedicated twice, or is no address of tool %s.", host,
					  tool->id);
	}
	return HF_OK;
}

static enum hf_rc check_tool(const struct hf_tool *tool, struct hf_err *err)
{
	enum hf_rc rc = check_each(&tool->platforms, is_platform, hf_text("a platform of at most 32 characters"), err);
	if (rc == HF_OK)
		rc = check_each(&tool->addresses, is_host, hf_text("a bare lower-case host name, such as x.com"), err);
	if (rc == HF_OK)
		rc = check_each(
			&tool->addresses, hf_address_blocks,
			hf_text("a name that a browser blocks: its last part is a number, so browsers take it for a "
				"network address; write the site's name"),
			err);
	if (rc == HF_OK)
		rc = check_each(&tool->programs, is_path, hf_text("an absolute path without . and .."), err);
	if (rc == HF_OK)
		rc = check_dedicated(tool, err);
	if (rc == HF_OK && tool->addresses.n + tool->programs.n == 0)
		rc = hf_err_set(err, HF_E_SHAPE, "The tool %s has neither an address nor a program.", tool->id);
	return rc;
}

static enum hf_rc take_tool(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_register *reg = doc;
	struct hf_tool *tool = &reg->tools[reg->n_tools];
	const struct hf_json_member rows[] = TOOL_ROWS(tool, true);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_some(json_object_get(value, "dedicated"), "dedicated", err);
	bool twice = rc == HF_OK && hf_register_tool(reg, tool->id);
	reg->n_tools++; /* from here on its lists are freed with the register */
	if (twice)
		return hf_err_set(err, HF_E_SHAPE, "The tool %s stands in the register twice.", tool->id);
	return rc == HF_OK ? check_tool(tool, err) : rc;
}

static enum hf_rc take_word(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_register *reg = doc;
	struct hf_word *w = &reg->words[reg->n_words];
	const char *word = NULL;
	size_t kind = 0;
	const struct hf_json_member rows[] = WORD_ROWS(w, &word);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_word(word, WORD_KIND_NAMES, HF_WORD_KIND_COUNT, &kind, err);
	if (rc != HF_OK)
		return rc;
	w->kind = (enum hf_word_kind)kind;
	for (const struct hf_word *other = reg->words; other < w; other++)
		if (other->kind == w->kind && strcmp(other->text, w->text) == 0)
			return hf_err_set(err, HF_E_SHAPE, "The %s \"%s\" stands in the words twice.", word, w->text);
	reg->n_words++;
	return HF_OK;
}

static enum hf_rc take_lists(struct hf_register *reg, const struct lists *lists, struct hf_err *err)
{
	enum hf_rc rc = hf_doc_alloc(json_array_size(lists->accounts), sizeof(*reg->accounts), &reg->accounts, err);
	if (rc == HF_OK)
		rc = hf_doc_alloc(json_array_size(lists->tools), sizeof(*reg->tools), &reg->tools, err);
	if (rc == HF_OK)
		rc = hf_doc_some(lists->words, "words", err);
	if (rc == HF_OK)
		rc = hf_doc_alloc(json_array_size(lists->words), sizeof(*reg->words), &reg->words, err);
	if (rc == HF_OK)
		rc = hf_doc_each(lists->accounts, take_account, reg, err);
	if (rc == HF_OK)
		rc = hf_doc_each(lists->tools, take_tool, reg, err);
	if (rc == HF_OK)
		rc = hf_doc_each(lists->words, take_word, reg, err);
	return rc;
}

static enum hf_rc take_rest(json_t *list, struct hf_register_place *place, struct hf_err *err)
{
	hf_auto_free struct hf_digest *rest = NULL;
	size_t n = 0;
	enum hf_rc rc = hf_doc_digests(list, &rest, &n, err);
	if (rc == HF_OK && n != (size_t)(place->part == 1 ? place->parts - 1 : 0))
		rc = hf_err_set(err, HF_E_SHAPE, "Part 1 of a register names each of the others, and they name none.");
	if (rc == HF_OK && n > 0)
		memcpy(place->rest, rest, n * sizeof(rest[0]));
	return rc;
}

static enum hf_rc take_place(struct hf_register *reg, json_t *rest, struct hf_err *err)
{
	struct hf_register_place *place = &reg->place;
	bool in_parts = json_object_get(reg->doc, "part") || json_object_get(reg->doc, "parts");
	enum hf_rc rc = hf_doc_some(rest, "rest", err);
	if (!in_parts)
		*place = (struct hf_register_place){.part = 1, .parts = 1};
	if (rc == HF_OK && in_parts && (place->parts < 2 || place->part < 1 || place->part > place->parts))
		rc = hf_err_set(err, HF_E_SHAPE, "There is no part %lld of a register in %lld parts.",
				(long long)place->part, (long long)place->parts);
	return rc == HF_OK ? take_rest(rest, place, err) : rc;
}

static enum hf_rc take_register(struct hf_register *reg, struct hf_err *err)
{
	struct lists lists = {0};
	const struct hf_json_member rows[] = REGISTER_ROWS(reg, &lists, true, true, true);
	enum hf_rc rc = hf_json_take(reg->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK && reg->version < 1)
		rc = hf_err_set(err, HF_E_SHAPE, "The version of a register begins at 1.");
	if (rc == HF_OK)
		rc = take_place(reg, lists.rest, err);
	return rc == HF_OK ? take_lists(reg, &lists, err) : rc;
}

enum hf_rc hf_register_decode(const struct hf_envelope *envelope, struct hf_register **ret_register, struct hf_err *err)
{
	hf_auto_register struct hf_register *reg = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*reg), &reg, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_REGISTER, &reg->doc, err);
	if (rc == HF_OK)
		rc = take_register(reg, err);
	if (rc != HF_OK)
		return rc;
	reg->digest = envelope->digest;
	*ret_register = hf_steal_ptr(&reg);
	return HF_OK;
}

/* Is this the part of that place, of the register that its part 1 begins? */
static bool belongs(const struct hf_register *first, const struct hf_register *part, size_t place)
{
	return part->place.part == (int64_t)place + 1 && part->place.parts == first->place.parts &&
	       part->version == first->version && part->issued.s == first->issued.s &&
	       strcmp(part->council, first->council) == 0 &&
	       (place == 0 || hf_digest_cmp(&part->digest, &first->place.rest[place - 1]) == 0);
}

/* The lists of one name, of all parts, one behind the other. */
static json_t *gather(const struct hf_register *const *parts, size_t n, const char *name)
{
	hf_auto_json json_t *all = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *list = json_object_get(parts[i]->doc, name);
		if (list && json_array_extend(all, list) != 0)
			return NULL;
	}
	return json_incref(all);
}

static json_t *gather_all(const struct hf_register *const *parts, size_t n)
{
	hf_auto_json json_t *words = gather(parts, n, "words");
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:O*}", "council", parts[0]->council, "version",
			 (json_int_t)parts[0]->version, "issued", (json_int_t)parts[0]->issued.s, "accounts",
			 gather(parts, n, "accounts"), "tools", gather(parts, n, "tools"), "words",
			 json_array_size(words) > 0 ? words : NULL);
}

enum hf_rc hf_register_join(const struct hf_register *const *parts, size_t n, struct hf_register **ret_register,
			    struct hf_err *err)
{
	hf_auto_register struct hf_register *reg = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*reg), &reg, err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (!belongs(parts[0], parts[i], i) || parts[0]->place.parts != (int64_t)n)
			return hf_err_set(err, HF_E_MISMATCH,
					  "What stands for part %zu of register version %lld is no part of it.", i + 1,
					  (long long)parts[0]->version);
	reg->doc = gather_all(parts, n);
	if (!reg->doc)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for a register in parts.");
	rc = take_register(reg, err);
	if (rc != HF_OK)
		return rc;
	reg->digest = parts[0]->digest;
	reg->place = parts[0]->place;
	*ret_register = hf_steal_ptr(&reg);
	return HF_OK;
}

static json_t *holder_to_json(const void *doc, size_t i)
{
	struct hf_holder h = ((const struct hf_holder *)doc)[i];
	const struct hf_json_member rows[] = {
		HF_ROW("person", ID, &h.person, 0),
		HF_ROW("until", WALL, &h.until, 0),
	};
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *account_to_json(const void *doc, size_t i)
{
	struct hf_account a = ((const struct hf_account *)doc)[i];
	hf_auto_json json_t *holders = hf_doc_list(holder_to_json, a.holders, a.n_holders);
	const struct hf_json_member rows[] = {
		HF_ROW("id", LINE, &a.id, 0),
		HF_ROW("kind", ID, (void *)&ACCOUNT_KIND_NAMES[a.kind], 0),
		HF_ROW("holders", ARRAY, &holders, 0),
	};
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *tool_to_json(const void *doc, size_t i)
{
	struct hf_tool t = ((const struct hf_tool *)doc)[i];
	const struct hf_json_member rows[] = TOOL_ROWS(&t, t.dedicated.n == 0);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *word_to_json(const void *doc, size_t i)
{
	struct hf_word w = ((const struct hf_word *)doc)[i];
	const struct hf_json_member rows[] = WORD_ROWS(&w, (void *)&WORD_KIND_NAMES[w.kind]);
	return hf_json_put(rows, HF_LEN(rows));
}

json_t *hf_register_encode(const struct hf_register *reg)
{
	struct hf_register copy = *reg; /* the table points to what may be written; nothing is */
	hf_auto_json json_t *accounts = hf_doc_list(account_to_json, reg->accounts, reg->n_accounts);
	hf_auto_json json_t *tools = hf_doc_list(tool_to_json, reg->tools, reg->n_tools);
	hf_auto_json json_t *words = hf_doc_list(word_to_json, reg->words, reg->n_words);
	bool whole = reg->place.parts < 2, named = !whole && reg->place.part == 1;
	hf_auto_json json_t *rest =
		hf_doc_digests_to_json(reg->place.rest, named ? (size_t)reg->place.parts - 1 : 0);
	struct lists lists = {accounts, tools, words, rest};
	const struct hf_json_member rows[] = REGISTER_ROWS(&copy, &lists, reg->n_words == 0, whole, !named);
	return hf_json_put(rows, HF_LEN(rows));
}

const struct hf_account *hf_register_account(const struct hf_register *reg, const char *id)
{
	for (size_t i = 0; i < reg->n_accounts; i++)
		if (strcmp(reg->accounts[i].id, id) == 0)
			return &reg->accounts[i];
	return NULL;
}

const struct hf_tool *hf_register_tool(const struct hf_register *reg, const char *id)
{
	for (size_t i = 0; i < reg->n_tools; i++)
		if (strcmp(reg->tools[i].id, id) == 0)
			return &reg->tools[i];
	return NULL;
}

bool hf_account_held_by(const struct hf_account *account, const char *person, struct hf_wall now)
{
	for (size_t i = 0; i < account->n_holders; i++) {
		const struct hf_holder *h = &account->holders[i];
		if (strcmp(h->person, person) == 0)
			return h->until.s == 0 || now.s <= h->until.s;
	}
	return false;
}

void hf_register_free(struct hf_register **reg)
{
	struct hf_register *r = *reg;
	if (!r)
		return;
	for (size_t i = 0; i < r->n_accounts; i++)
		free(r->accounts[i].holders);
	for (size_t i = 0; i < r->n_tools; i++) {
		hf_strs_done(&r->tools[i].platforms);
		hf_strs_done(&r->tools[i].addresses);
		hf_strs_done(&r->tools[i].dedicated);
		hf_strs_done(&r->tools[i].programs);
	}
	free(r->accounts);
	free(r->tools);
	free(r->words);
	json_decref(r->doc);
	free(r);
	*reg = NULL;
}
