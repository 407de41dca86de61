/* SPDX-License-Identifier: MIT */
/*
 * firefox_policy.c - owns the texts that Firefox reads.
 * Room: agent/enforce; pure.
 * Must never weaken what another vendor's policies forbid.
 */
#include "firefox_policy.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "browser_policy.h"

#define FILTER "WebsiteFilter"
#define OURS "holdfast"

extern const char hf_firefox_engine_text[]; /* firefox_engine.js, made into C by the build */

/* Reading ---------------------------------------------------------------------------------------------------------- */

static json_t *parse(const char *text, size_t len)
{
	json_t *doc = text ? json_loadb(text, len, JSON_ALLOW_NUL, NULL) : NULL;
	if (text && !doc)
		doc = json_loadb(text, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
	if (json_is_object(doc))
		return doc;
	json_decref(doc);
	return NULL;
}

bool hf_firefox_policies_ours(const char *text, size_t len)
{
	hf_auto_json json_t *doc = parse(text, len);
	return json_is_object(json_object_get(doc, OURS));
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

static bool add_patterns(json_t *list, const struct hf_strs *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		if (json_array_append_new(list, json_sprintf("*://*.%s/*", addresses->v[i])) != 0)
			return false;
	}
	return true;
}

static bool add_theirs(json_t *list, const json_t *theirs, const struct hf_strs *but)
{
	for (size_t i = 0; i < json_array_size(theirs); i++) {
		json_t *entry = json_array_get(theirs, i);
		const char *pattern = json_string_value(entry);
		if (!(but && pattern && opens(pattern, but)) && json_array_append(list, entry) != 0)
			return false;
	}
	return true;
}

static json_t *filter_of(const json_t *theirs, const struct hf_strs *addresses)
{
	/* A filter may be written as a text that holds JSON. */
	const char *text = json_string_value(theirs);
	hf_auto_json json_t *inner = text ? parse(text, strlen(text)) : NULL;
	const json_t *was = inner ? inner : theirs;
	hf_auto_json json_t *filter = json_object();
	hf_auto_json json_t *block = json_array();
	hf_auto_json json_t *except = json_array();
	if (!filter || !block || !except || !add_patterns(block, addresses) ||
	    !add_theirs(block, json_object_get(was, "Block"), NULL) ||
	    !add_theirs(except, json_object_get(was, "Exceptions"), addresses) ||
	    json_object_set(filter, "Block", block) != 0 ||
	    (json_array_size(except) > 0 && json_object_set(filter, "Exceptions", except) != 0))
		return NULL;
	return json_incref(filter);
}

enum hf_rc hf_firefox_policies(const struct hf_firefox_text *theirs, const struct hf_strs *addresses, char **ret)
{
	hf_auto_json json_t *was = parse(theirs->text, theirs->len);
	json_t *kept = json_object_get(was, "policies");
	hf_auto_json json_t *policies = json_is_object(kept) ? json_copy(kept) : json_object();
	hf_auto_json json_t *doc = json_pack("{s:{s:s}}", OURS, "note", "Holdfast puts back what was here before");
	if (!policies || !doc || json_object_set(doc, "policies", policies) != 0)
		return HF_E_MEMORY;
	json_t *filter = filter_of(json_object_get(policies, FILTER), addresses);
	if (!filter || json_object_set_new(policies, FILTER, filter) != 0)
		return HF_E_MEMORY;
	char *text = json_dumps(doc, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (!text)
		return HF_E_MEMORY;
	*ret = text;
	return HF_OK;
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
	hf_auto_free char *text = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text || EVP_Digest(text, strlen(text), digest.b, NULL, EVP_sha256(), NULL) != 1)
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
	hf_auto_free char *text = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
	hf_auto_free char *line = text ? malloc(strlen(text) + 2) : NULL;
	if (!line || hf_str_printf(line, strlen(text) + 2, "%s\n", text) != HF_OK)
		return HF_E_MEMORY;
	*ret = hf_steal_ptr(&line);
	memcpy(ret_id, id, sizeof(id));
	return HF_OK;
}

enum hf_rc hf_firefox_said_parse(const char *line, size_t len, struct hf_firefox_said *ret_said)
{
	struct hf_firefox_said said = {.refused = false};
	hf_auto_json json_t *doc = parse(line, len);
	const char *holds = json_string_value(json_object_get(doc, "holds"));
	if (!doc)
		return HF_E_JSON;
	if (!holds || hf_str_copy(said.holds, sizeof(said.holds), holds) != HF_OK)
		return HF_E_SHAPE;
	said.refused = json_is_true(json_object_get(doc, "refused"));
	*ret_said = said;
	return HF_OK;
}

/* Processes -------------------------------------------------------------------------------------------------------- */

bool hf_firefox_is(const char *exe, const char *cmdline, size_t len)
{
	static const char *const names[] = {"firefox-esr", "firefox", "firefox-bin"};
	/* Firefox's own helpers run the same program with one of these behind it. */
	static const char *const helpers[] = {"-contentproc", "--contentproc", "-forkserver"};
	const char *name = strrchr(exe, '/');
	name = name ? name + 1 : exe;
	size_t size = strcspn(name, " ");
	bool known = false;
	for (size_t i = 0; i < HF_LEN(names); i++)
		known = known || (strlen(names[i]) == size && strncmp(name, names[i], size) == 0);
	/* One that was forked writes its arguments anew, with blanks between them. */
	size_t first = 0;
	while (first < len && cmdline[first] != '\0' && cmdline[first] != ' ')
		first++;
	first++;
	for (size_t i = 0; known && i < HF_LEN(helpers); i++) {
		size_t word = strlen(helpers[i]);
		known = first + word > len || strncmp(cmdline + first, helpers[i], word) != 0;
	}
	return known;
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
static char *fill(const char *from, const char *mark, const json_t *value)
{
	hf_auto_free char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	const char *at = from ? strstr(from, mark) : NULL;
	if (!text || !at)
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
	hf_auto_free char *one = fill(hf_firefox_engine_text, "@LOCK@", lock);
	hf_auto_free char *two = fill(one, "@SOCKET@", socket);
	hf_auto_free char *three = fill(two, "@POLICIES@", policies);
	char *all = fill(three, "@THEIRS@", theirs);
	if (!all)
		return HF_E_MEMORY;
	*ret = all;
	return HF_OK;
}
