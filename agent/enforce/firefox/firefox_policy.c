/* SPDX-License-Identifier: MIT */
/*
 * Owns the texts that Firefox reads.
 * Must never weaken what another vendor's policies forbid.
 */
#include "agent/enforce/firefox/firefox_policy.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enforce/common/policies/policy_addresses.h"

#define FILTER "WebsiteFilter"
#define OURS "holdfast"

extern const char hf_firefox_engine_text[]; /* firefox_engine.js, made into C by the build */

/* Reading ---------------------------------------------------------------------------------------------------------- */

/* What is no object, and no text at all, is as good as nothing: *ret stays NULL. */
static enum hf_rc parse(const char *text, size_t len, json_t **ret)
{
	json_t *doc = NULL;
	enum hf_rc rc = text ? hf_json_load(text, len, JSON_ALLOW_NUL, &doc) : HF_OK;
	if (rc == HF_E_JSON)
		rc = hf_json_load(text, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &doc);
	if (rc == HF_E_MEMORY)
		return rc;
	if (json_is_object(doc))
		*ret = doc;
	else
		json_decref(doc);
	return HF_OK;
}

enum hf_rc hf_firefox_policies_ours(const char *text, size_t len, bool *ret_ours)
{
	hf_auto_json json_t *doc = NULL;
	enum hf_rc rc = parse(text, len, &doc);
	if (rc == HF_OK)
		*ret_ours = json_is_object(json_object_get(doc, OURS));
	return rc;
}

/* The policies ----------------------------------------------------------------------------------------------------- */

/* Would this exception to a filter open one of the addresses, or a part of it. */
static bool opens(const char *pattern, const struct hf_strs *addresses)
{
	const char *host = strstr(pattern, "://");
	host = host ? host + 3 : pattern;
	if (strcmp(pattern, "<all_urls>") == 0 || strncmp(host, "*/", 2) == 0 || strcmp(host, "*") == 0)
		return true;
	for (size_t i = 0; i < addresses->n; i++) {
		if (hf_policy_opens(host, addresses->v[i]))
			return true;
		char parent[256];
		size_t len = strcspn(host, ":/");
		bool wide = strncmp(host, "*.", 2) == 0 && len - 2 < sizeof(parent);
		if (wide && hf_str_printf(parent, sizeof(parent), "%.*s", (int)(len - 2), host + 2) == HF_OK &&
		    hf_policy_opens(addresses->v[i], parent))
			return true;
	}
	return false;
}

/* The lists of one filter, and which of it is ours: a person for whom all is open gets theirs back from that. */
struct filter {
	json_t *block, *except, *added, *dropped;
};

static void filter_done(struct filter *filter)
{
	json_decref(filter->block);
	json_decref(filter->except);
	json_decref(filter->added);
	json_decref(filter->dropped);
}

static bool list_has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));
		if (one && strcmp(one, text) == 0)
			return true;
	}
	return false;
}

static bool add_ours(struct filter *filter, const struct hf_strs *addresses, const json_t *theirs)
{
	for (size_t i = 0; i < addresses->n; i++) {
		hf_auto_json json_t *pattern = json_sprintf("*://*.%s/*", addresses->v[i]);
		if (!pattern || json_array_append(filter->block, pattern) != 0)
			return false;
		if (!list_has_text(theirs, json_string_value(pattern)) &&
		    json_array_append(filter->added, pattern) != 0)
			return false;
	}
	return true;
}

static bool add_theirs(struct filter *filter, const json_t *theirs, const struct hf_strs *addresses)
{
	const json_t *block = json_object_get(theirs, "Block");
	const json_t *except = json_object_get(theirs, "Exceptions");
	for (size_t i = 0; i < json_array_size(block); i++) {
		json_t *entry = json_array_get(block, i);
		const char *text = json_string_value(entry);
		if (!(text && list_has_text(filter->block, text)) && json_array_append(filter->block, entry) != 0)
			return false;
	}
	for (size_t i = 0; i < json_array_size(except); i++) {
		json_t *entry = json_array_get(except, i);
		const char *text = json_string_value(entry);
		json_t *list = text && opens(text, addresses) ? filter->dropped : filter->except;
		if (json_array_append(list, entry) != 0)
			return false;
	}
	return true;
}

static bool filter_make(const json_t *theirs, const struct hf_strs *addresses, struct filter *filter)
{
	/* A filter may be written as a text that holds JSON. */
	const char *text = json_string_value(theirs);
	hf_auto_json json_t *inner = NULL;
	if (parse(text, text ? strlen(text) : 0, &inner) != HF_OK)
		return false;
	const json_t *was = inner ? inner : theirs;
	*filter = (struct filter){json_array(), json_array(), json_array(), json_array()};
	return filter->block && filter->except && filter->added && filter->dropped &&
	       add_ours(filter, addresses, json_object_get(was, "Block")) && add_theirs(filter, was, addresses);
}

static bool filter_put(const struct filter *filter, json_t *policies, json_t *ours)
{
	hf_auto_json json_t *made = json_pack("{s:O}", "Block", filter->block);
	bool plain = json_array_size(filter->except) == 0;
	return made && (plain || json_object_set(made, "Exceptions", filter->except) == 0) &&
	       json_object_set(policies, FILTER, made) == 0 && json_object_set(ours, "added", filter->added) == 0 &&
	       json_object_set(ours, "dropped", filter->dropped) == 0;
}

enum hf_rc hf_firefox_policies(const struct hf_firefox_text *theirs, const struct hf_strs *addresses, char **ret)
{
	hf_auto_json json_t *was = NULL;
	if (parse(theirs->text, theirs->len, &was) != HF_OK)
		return HF_E_MEMORY;
	json_t *kept = json_object_get(was, "policies");
	hf_auto_json json_t *policies = json_is_object(kept) ? json_copy(kept) : json_object();
	hf_auto_json json_t *ours = json_pack("{s:s}", "note", "Holdfast puts back what was here before");
	hf_auto_json json_t *doc = policies && ours ? json_pack("{s:O, s:O}", OURS, ours, "policies", policies) : NULL;
	__attribute__((cleanup(filter_done))) struct filter filter = {.block = NULL};
	/* json_copy leaves out what it has no memory for. */
	if (json_is_object(kept) && !json_equal(kept, policies))
		return HF_E_MEMORY;
	if (!doc || !filter_make(json_object_get(policies, FILTER), addresses, &filter) ||
	    !filter_put(&filter, policies, ours))
		return HF_E_MEMORY;
	return hf_json_text(doc, JSON_INDENT(1) | JSON_SORT_KEYS, ret);
}

/* The lock --------------------------------------------------------------------------------------------------------- */

static json_t *block_json(const struct hf_block *block)
{
	hf_auto_json json_t *hosts = hf_json_from_strs(block->addresses);
	hf_auto_json json_t *users = json_array();
	for (size_t i = 0; users && i < block->n_open_for; i++) {
		if (json_array_append_new(users, json_integer((json_int_t)block->open_for[i])) != 0)
			return NULL;
	}
	return hosts && users ? json_pack("{s:O, s:O}", "hosts", hosts, "open_for", users) : NULL;
}

static json_t *blocks_json(const struct hf_plan *plan)
{
	hf_auto_json json_t *blocks = json_array();
	for (size_t i = 0; blocks && i < plan->n_blocks; i++) {
		if (plan->blocks[i].addresses->n > 0 &&
		    json_array_append_new(blocks, block_json(&plan->blocks[i])) != 0)
			return NULL;
	}
	return json_incref(blocks);
}

static bool give_id(json_t *doc, char id[HF_DIGEST_HEX_SIZE])
{
	struct hf_digest digest;
	hf_auto_free char *text = NULL;
	if (hf_json_text(doc, JSON_COMPACT | JSON_SORT_KEYS, &text) != HF_OK ||
	    EVP_Digest(text, strlen(text), digest.b, NULL, EVP_sha256(), NULL) != 1)
		return false;
	hf_digest_hex(&digest, id);
	return json_object_set_new(doc, "id", json_string(id)) == 0;
}

enum hf_rc hf_firefox_lock(const struct hf_plan *plan, const char *extension, char **ret,
			   char ret_id[HF_DIGEST_HEX_SIZE])
{
	char id[HF_DIGEST_HEX_SIZE];
	hf_auto_json json_t *blocks = blocks_json(plan);
	hf_auto_json json_t *doc = blocks ? json_pack("{s:O, s:s}", "blocks", blocks, "extension", extension) : NULL;
	if (!doc || !give_id(doc, id))
		return HF_E_MEMORY;
	hf_auto_free char *text = NULL;
	enum hf_rc rc = hf_json_text(doc, JSON_COMPACT | JSON_SORT_KEYS, &text);
	hf_auto_free char *line = rc == HF_OK ? malloc(strlen(text) + 2) : NULL;
	if (!line || hf_str_printf(line, strlen(text) + 2, "%s\n", text) != HF_OK)
		return HF_E_MEMORY;
	*ret = hf_steal_ptr(&line);
	memcpy(ret_id, id, sizeof(id));
	return HF_OK;
}

enum hf_rc hf_firefox_said_parse(const char *line, size_t len, struct hf_firefox_said *ret_said)
{
	struct hf_firefox_said said = {.refused = false};
	hf_auto_json json_t *doc = NULL;
	if (parse(line, len, &doc) != HF_OK)
		return HF_E_MEMORY;
	const char *holds = json_string_value(json_object_get(doc, "holds"));
	if (!doc)
		return HF_E_JSON;
	if (!holds || hf_str_copy(said.holds, sizeof(said.holds), holds) != HF_OK)
		return HF_E_SHAPE;
	said.refused = json_is_true(json_object_get(doc, "refused"));
	*ret_said = said;
	return HF_OK;
}

/* Autoconfig ------------------------------------------------------------------------------------------------------- */

/* The value of a preference in one line of a preference file, "" when the line is not about it. */
static const char *value_of(const char *line, const char *name, char value[256])
{
	value[0] = '\0';
	const char *at = line + strspn(line, " \t");
	const char *named = strstr(at, name);
	const char *end = at + strcspn(at, "\n");
	if (strncmp(at, "//", 2) == 0 || !named || named >= end)
		return value;
	at = named + strlen(name);
	at += strspn(at, "\"' \t,");
	size_t len = strcspn(at, "\"');\n");
	if (hf_str_printf(value, 256, "%.*s", (int)len, at) != HF_OK)
		value[0] = '\0';
	return value;
}

void hf_firefox_auto_read(const char *text, struct hf_firefox_auto *file)
{
	char value[256];
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (value_of(line, "general.config.filename", value)[0]) {
			/* A path would lead out of the folders in which Firefox looks. */
			if (!strchr(value, '/'))
				memcpy(file->name, value, sizeof(file->name));
		} else if (value_of(line, "general.config.obscure_value", value)[0]) {
			file->shift = atoi(value) & 0xff;
		}
	}
}

/* The engine ------------------------------------------------------------------------------------------------------- */

static json_t *theirs_json(const struct hf_firefox_paths *paths)
{
	if (!paths->theirs[0])
		return json_array();
	return json_pack("[{s:s, s:i}]", "path", paths->theirs, "shift", paths->shift);
}

/* Puts text in the place of the one mark in from. */
static char *fill_mark(const char *from, const char *mark, const json_t *value)
{
	hf_auto_free char *text = NULL;
	const char *at = from ? strstr(from, mark) : NULL;
	if (!at || hf_json_text(value, JSON_ENCODE_ANY | JSON_COMPACT, &text) != HF_OK)
		return NULL;
	size_t size = strlen(from) + strlen(text) + 1;
	char *filled = malloc(size);
	if (filled &&
	    hf_str_printf(filled, size, "%.*s%s%s", (int)(at - from), from, text, at + strlen(mark)) != HF_OK) {
		free(filled);
		return NULL;
	}
	return filled;
}

enum hf_rc hf_firefox_engine(const struct hf_firefox_paths *paths, char **ret)
{
	hf_auto_json json_t *lock = json_string(paths->lock);
	hf_auto_json json_t *socket = json_string(paths->socket);
	hf_auto_json json_t *policies = json_string(paths->policies);
	hf_auto_json json_t *theirs = theirs_json(paths);
	hf_auto_free char *one = fill_mark(hf_firefox_engine_text, "@LOCK@", lock);
	hf_auto_free char *two = fill_mark(one, "@SOCKET@", socket);
	hf_auto_free char *three = fill_mark(two, "@POLICIES@", policies);
	char *all = fill_mark(three, "@THEIRS@", theirs);
	if (!all)
		return HF_E_MEMORY;
	*ret = all;
	return HF_OK;
}
