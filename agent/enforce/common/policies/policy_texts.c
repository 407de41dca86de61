/* SPDX-License-Identifier: MIT */
/*
 * Owns the texts of our browser policies.
 * Must never weaken what another policy file forbids.
 */
#include "agent/enforce/common/policies/policy_texts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enforce/common/policies/policy_addresses.h"

#define BLOCK "URLBlocklist"
#define ALLOW "URLAllowlist"
#define MERGE "PolicyListMultipleSourceMergeList"
#define MERGE_OBJECTS "PolicyDictionaryMultipleSourceMergeList"
#define SETTINGS "ExtensionSettings"
#define TILDES_MAX 64

/* Reading -------------------------------------------------------------------------------------------------------- */

/* Past a string, a comment or one character; what is no JSON becomes blanks. */
static char *step(char *at, char *end)
{
	if (*at == '"') {
		for (at++; at < end && *at != '"'; at++)
			at += *at == '\\' && at + 1 < end;
		return at < end ? at + 1 : end;
	}
	if (*at != '/' || at + 1 >= end || (at[1] != '/' && at[1] != '*'))
		return at + 1;
	bool line = at[1] == '/';
	char *from = at;
	at += 2;
	while (at < end && (line ? *at != '\n' : !(at[-1] == '*' && *at == '/' && at - from > 2)))
		at++;
	if (!line && at < end)
		at++;
	memset(from, ' ', (size_t)(at - from));
	return at;
}

static void relax(char *text, size_t len)
{
	char *end = text + len;
	char *comma = NULL;
	for (char *at = text; at < end;) {
		char *here = at;
		at = step(at, end);
		if (*here == ',')
			comma = here;
		else if ((*here == ']' || *here == '}') && comma)
			*comma = ' ';
		if (*here != ',' && !isspace((unsigned char)*here))
			comma = NULL;
	}
}

enum hf_rc hf_policy_parse(const char *text, size_t len, json_t **ret)
{
	hf_auto_free char *copy = malloc(len + 1);
	if (!copy)
		return HF_E_MEMORY;
	memcpy(copy, text, len);
	copy[len] = '\0';
	relax(copy, len);
	size_t skip = len >= 3 && memcmp(copy, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	json_t *doc = NULL;
	enum hf_rc rc = hf_json_load(copy + skip, len - skip, JSON_ALLOW_NUL, &doc);
	if (rc == HF_OK && !json_is_object(doc)) {
		json_decref(doc);
		rc = HF_E_JSON;
	}
	if (rc != HF_OK)
		return rc;
	*ret = doc;
	return HF_OK;
}

/* The lockdown ---------------------------------------------------------------------------------------------------- */

static bool array_has(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *s = json_string_value(json_array_get(array, i));
		if (s && strcmp(s, text) == 0)
			return true;
	}
	return false;
}

static bool add_new(json_t *list, const json_t *from)
{
	for (size_t i = 0; i < json_array_size(from); i++) {
		const char *s = json_string_value(json_array_get(from, i));
		if (s && !array_has(list, s) && json_array_append_new(list, json_string(s)) != 0)
			return false;
	}
	return true;
}

static const json_t *last_of(const struct hf_policy_file *foreign, size_t n, const char *key)
{
	while (n-- > 0) {
		const json_t *value = json_object_get(foreign[n].doc, key);
		if (value)
			return value;
	}
	return NULL;
}

static bool joins(const json_t *merge, const char *key)
{
	return array_has(merge, "*") || array_has(merge, key);
}

/* What the other files together say for a list. */
static json_t *in_force(const struct hf_policy_file *foreign, size_t n, const char *key)
{
	bool all = joins(last_of(foreign, n, MERGE), key);
	hf_auto_json json_t *list = json_array();
	if (!list || (!all && !add_new(list, last_of(foreign, n, key))))
		return NULL;
	for (size_t i = 0; all && i < n; i++) {
		if (!add_new(list, json_object_get(foreign[i].doc, key)))
			return NULL;
	}
	return json_incref(list);
}

static bool opens_any(const char *entry, const struct hf_strs *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		if (hf_policy_opens(entry, addresses->v[i]))
			return true;
	}
	return false;
}

/* The settings whose lists go on being joined when that of allowed addresses must not be. */
static json_t *merge_without_allow(const struct hf_policy_file *foreign, size_t n)
{
	const json_t *merge = last_of(foreign, n, MERGE);
	hf_auto_json json_t *list = json_array();
	if (!list)
		return NULL;
	for (size_t i = 0; array_has(merge, "*") && i < n; i++) {
		const char *key;
		json_t *value;
		json_object_foreach((json_t *)(uintptr_t)foreign[i].doc, key, value)
		{
			if (json_is_array(value) && strcmp(key, ALLOW) != 0 && strcmp(key, MERGE) != 0 &&
			    !array_has(list, key) && json_array_append_new(list, json_string(key)) != 0)
				return NULL;
		}
	}
	for (size_t i = 0; i < json_array_size(merge); i++) {
		const char *key = json_string_value(json_array_get(merge, i));
		if (key && strcmp(key, "*") != 0 && strcmp(key, ALLOW) != 0 && !array_has(list, key) &&
		    json_array_append_new(list, json_string(key)) != 0)
			return NULL;
	}
	return json_incref(list);
}

/* Only when something that is allowed would open an address do we speak about what is allowed. */
static bool set_allowed(json_t *doc, const struct hf_policy_file *foreign, size_t n, const struct hf_strs *addresses)
{
	hf_auto_json json_t *allowed = in_force(foreign, n, ALLOW);
	hf_auto_json json_t *kept = json_array();
	if (!allowed || !kept)
		return false;
	for (size_t i = 0; i < json_array_size(allowed); i++) {
		json_t *entry = json_array_get(allowed, i);
		if (!opens_any(json_string_value(entry), addresses) && json_array_append(kept, entry) != 0)
			return false;
	}
	if (json_array_size(kept) == json_array_size(allowed))
		return true;
	if (json_object_set(doc, ALLOW, kept) != 0)
		return false;
	if (!joins(last_of(foreign, n, MERGE), ALLOW))
		return true;
	return json_object_set_new(doc, MERGE, merge_without_allow(foreign, n)) == 0;
}

/* Settings that a lockdown fixes, unless what another file says of them already leaves a person no choice. */
enum guard_for { FOR_LOCKDOWN = 1, FOR_TOLD = 2, FOR_ALONE = 4 };

static bool names_any(const struct hf_policy_file *foreign, size_t n, const char *const *keys)
{
	for (; *keys; keys++) {
		if (last_of(foreign, n, *keys))
			return true;
	}
	return false;
}

static bool they_set_proxies(const struct hf_policy_file *foreign, size_t n)
{
	static const char *const keys[] = {
		"ProxySettings", "ProxyMode", "ProxyServerMode", "ProxyServer", "ProxyPacUrl", "ProxyBypassList", NULL};
	return names_any(foreign, n, keys);
}

/* A resolver of their own, by encrypted questions: that is theirs to choose. */
static bool they_resolve(const struct hf_policy_file *foreign, size_t n)
{
	const char *templates = json_string_value(last_of(foreign, n, "DnsOverHttpsTemplates"));
	return templates && *templates && last_of(foreign, n, "DnsOverHttpsMode");
}

static bool they_bar_tools(const struct hf_policy_file *foreign, size_t n)
{
	return json_integer_value(last_of(foreign, n, "DeveloperToolsAvailability")) == 2;
}

/* clang-format off */
static const struct guard {
	const char *key, *value; /* JSON */
	unsigned int in;
	bool (*spared)(const struct hf_policy_file *foreign, size_t n);
} GUARDS[] = {
	{ "ProxySettings",                 "{\"ProxyMode\":\"system\"}", FOR_LOCKDOWN,            they_set_proxies },
	{ "DnsOverHttpsMode",              "\"off\"",                    FOR_LOCKDOWN,            they_resolve },
	{ "BuiltInDnsClientEnabled",       "false",                      FOR_LOCKDOWN,            they_resolve },
	{ "EncryptedClientHelloEnabled",   "false",                      FOR_LOCKDOWN,            NULL },
	{ "BrowserGuestModeEnabled",       "false",                      FOR_LOCKDOWN | FOR_TOLD, NULL },
	{ "IncognitoModeAvailability",     "1",                          FOR_TOLD,                NULL },
	{ "DeveloperToolsAvailability",    "0",                          FOR_TOLD,                they_bar_tools },
	{ "NativeMessagingUserLevelHosts", "false",                      FOR_ALONE,               NULL },
};
/* clang-format on */

static bool set_guards(json_t *doc, const struct hf_policy_file *foreign, size_t n, unsigned int in)
{
	for (size_t i = 0; i < HF_LEN(GUARDS); i++) {
		const struct guard *guard = &GUARDS[i];
		if (!(guard->in & in) || (guard->spared && guard->spared(foreign, n)))
			continue;
		json_t *value = json_loads(guard->value, JSON_DECODE_ANY, NULL);
		if (json_object_set_new(doc, guard->key, value) != 0)
			return false;
	}
	return true;
}

static enum hf_rc text_of_policy(const json_t *doc, char **ret)
{
	return hf_json_text(doc, JSON_INDENT(1), ret);
}

enum hf_rc hf_policy_lockdown(const struct hf_policy_file *foreign, size_t n, const struct hf_strs *addresses,
			      char **ret)
{
	hf_auto_json json_t *doc = json_object();
	hf_auto_json json_t *list = hf_json_from_strs(addresses);
	hf_auto_json json_t *theirs = in_force(foreign, n, BLOCK);
	if (!doc || !list || !theirs || !add_new(list, theirs) || json_object_set(doc, BLOCK, list) != 0 ||
	    !set_allowed(doc, foreign, n, addresses) || !set_guards(doc, foreign, n, FOR_LOCKDOWN))
		return HF_E_MEMORY;
	return text_of_policy(doc, ret);
}

/* The extension ---------------------------------------------------------------------------------------------------- */

enum hf_rc hf_policy_told(const struct hf_policy_file *foreign, size_t n, const struct hf_policy_extension *extension,
			  char **ret)
{
	hf_auto_json json_t *doc =
		json_pack("{s:{s:{s:{s:s}}}}", "3rdparty", "extensions", extension->id, "sites", extension->sites);
	if (!doc || !set_guards(doc, foreign, n, FOR_TOLD | (extension->alone ? FOR_ALONE : 0)))
		return HF_E_MEMORY;
	return text_of_policy(doc, ret);
}

/* What the other files together say of extensions: as with lists, one file decides unless they are to be joined. */
static json_t *settings_in_force(const struct hf_policy_file *foreign, size_t n)
{
	bool all = joins(last_of(foreign, n, MERGE_OBJECTS), SETTINGS);
	const json_t *last = last_of(foreign, n, SETTINGS);
	hf_auto_json json_t *doc = json_object();
	if (!doc || (!all && json_is_object(last) && json_object_update(doc, (json_t *)(uintptr_t)last) != 0))
		return NULL;
	for (size_t i = 0; all && i < n; i++) {
		json_t *one = json_object_get(foreign[i].doc, SETTINGS);
		if (json_is_object(one) && json_object_update(doc, one) != 0)
			return NULL;
	}
	return json_incref(doc);
}

enum hf_rc hf_policy_install(const struct hf_policy_file *foreign, size_t n,
			     const struct hf_policy_extension *extension, char **ret)
{
	hf_auto_json json_t *settings = settings_in_force(foreign, n);
	hf_auto_json json_t *ours = json_pack("{s:s, s:s, s:b}", "installation_mode", "force_installed", "update_url",
					      extension->updates, "override_update_url", 1);
	hf_auto_json json_t *doc = json_object();
	if (!settings || !ours || !doc || json_object_set(settings, extension->id, ours) != 0 ||
	    json_object_set(doc, SETTINGS, settings) != 0)
		return HF_E_MEMORY;
	return text_of_policy(doc, ret);
}

/* Names ----------------------------------------------------------------------------------------------------------- */

enum hf_rc hf_policy_name(const struct hf_policy_file *foreign, size_t n, const char *file, char *name)
{
	char tildes[TILDES_MAX + 1] = "";
	const char *last = n > 0 ? foreign[n - 1].name : "";
	for (size_t i = 0; i <= TILDES_MAX; i++) {
		if (hf_str_printf(name, HF_POLICY_NAME_SIZE, "%s%s", tildes, file) != HF_OK)
			return HF_E_SIZE;
		if (strcmp(name, last) > 0)
			return HF_OK;
		if (i < TILDES_MAX) {
			tildes[i] = '~';
			tildes[i + 1] = '\0';
		}
	}
	name[0] = '\0';
	return HF_E_SIZE;
}

bool hf_policy_is(const char *name, const char *file)
{
	return strcmp(name + strspn(name, "~"), file) == 0;
}

bool hf_policy_is_ours(const char *name)
{
	return hf_policy_is(name, HF_POLICY_LOCKDOWN) || hf_policy_is(name, HF_POLICY_TOLD) ||
	       hf_policy_is(name, HF_POLICY_EXTENSION);
}
