/* SPDX-License-Identifier: MIT */
/*
 * Owns how a trust is changed by what somebody wants.
 * Must never take a private key where a public one is asked for.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#include "controller/office/trust_change.h"

#define KEY_TEXT_MAX 4096 /* one line of base64, or a private key by mistake, so that it can be said */

/* PERSON=FILE: the id before the mark, and what follows it. */
static enum hf_rc split_wish(const char *wish, char mark, char id[HF_ID_SIZE], const char **ret_rest,
			     struct hf_err *err)
{
	const char *at = strchr(wish, mark);

	if (!at || !at[1] || hf_str_printf(id, HF_ID_SIZE, "%.*s", (int)(at - wish), wish) != HF_OK || !hf_id_ok(id))
		return hf_err_set(err, HF_E_USAGE, "`%.80s` is no ID%c...: an id has letters, digits and hyphens.", wish,
				  mark);
	*ret_rest = at + 1;
	return HF_OK;
}

static bool pub_of_text(const char *text, size_t len, struct hf_pub *ret)
{
	uint8_t raw[sizeof(ret->b) + 3]; /* room for what base64 of that length could say */
	size_t n = 0;

	if (len != HF_BASE64_LEN(sizeof(ret->b)) || hf_base64_decode(text, len, raw, sizeof(raw), &n) != HF_OK ||
	    n != sizeof(ret->b))
		return false;
	memcpy(ret->b, raw, sizeof(ret->b));
	return hf_pub_check(ret, NULL) == HF_OK;
}

static enum hf_rc no_public_key(const char *path, struct hf_err *err)
{
	return hf_err_set(err, HF_E_KEY, "%s holds no public key.", path);
}

static enum hf_rc read_public(const char *path, json_t **ret_key, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_pub pub;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, KEY_TEXT_MAX, &text, &len, err);

	if (rc != HF_OK)
		return rc;
	if (strstr(text, "PRIVATE KEY"))
		return hf_err_set(err, HF_E_KEY,
				  "%s is a private key, which stays with its owner: hand over its public part alone.",
				  path);
	if (!pub_of_text(text, strcspn(text, "\r\n"), &pub))
		return no_public_key(path, err);
	*ret_key = hf_json_from_bytes(pub.b, sizeof(pub.b));
	return *ret_key ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc find_row(json_t *list, const char *what, const char *id, json_t **ret_row, struct hf_err *err)
{
	*ret_row = hf_json_with(list, "id", id);
	return *ret_row ? HF_OK : hf_err_set(err, HF_E_ABSENT, "The trust has no %s %s.", what, id);
}

static enum hf_rc remove_row(json_t *list, const char *what, const char *id, struct hf_err *err)
{
	json_t *row = NULL, *one;
	enum hf_rc rc = find_row(list, what, id, &row, err);
	size_t index;

	json_array_foreach(list, index, one)
	{
		if (one != row)
			continue;
		(void)json_array_remove(list, index);
		break;
	}
	return rc;
}

static json_t *roles_of(const char *text)
{
	hf_auto_free char *copy = strdup(text);
	json_t *roles = json_array();
	char *rest = copy;

	for (char *role; copy && (role = strsep(&rest, ",")) != NULL;)
		(void)json_array_append_new(roles, json_string(role));
	return roles;
}

static enum hf_rc add_person(json_t *doc, const char *wish, struct hf_err *err)
{
	json_t *people = json_object_get(doc, "people");
	const char *roles;
	char id[HF_ID_SIZE];
	enum hf_rc rc = split_wish(wish, ':', id, &roles, err);

	if (rc != HF_OK)
		return rc;
	if (hf_json_with(people, "id", id))
		return hf_err_set(err, HF_E_USAGE, "%s is in the trust already: change their roles instead.", id);
	if (json_array_append_new(people, json_pack("{s:s, s:o, s:[]}", "id", id, "roles", roles_of(roles), "keys")) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return HF_OK;
}

static enum hf_rc set_roles(json_t *doc, const char *wish, struct hf_err *err)
{
	json_t *row = NULL;
	const char *roles;
	char id[HF_ID_SIZE];
	enum hf_rc rc = split_wish(wish, ':', id, &roles, err);

	if (rc == HF_OK)
		rc = find_row(json_object_get(doc, "people"), "person", id, &row, err);
	if (rc == HF_OK && json_object_set_new(row, "roles", roles_of(roles)) != 0)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc;
}

static enum hf_rc set_name(json_t *doc, const char *wish, struct hf_err *err)
{
	json_t *row = NULL;
	const char *name;
	char id[HF_ID_SIZE];
	enum hf_rc rc = split_wish(wish, '=', id, &name, err);

	if (rc == HF_OK)
		rc = find_row(json_object_get(doc, "people"), "person", id, &row, err);
	if (rc == HF_OK && json_object_set_new(row, "name", json_string(name)) != 0)
		rc = hf_err_set(err, HF_E_USAGE, "The name of %s is no plain text.", id);
	return rc;
}

static enum hf_rc remove_person(json_t *doc, const char *wish, struct hf_err *err)
{
	return remove_row(json_object_get(doc, "people"), "person", wish, err);
}

static enum hf_rc put_key(json_t *doc, const char *wish, bool beside, struct hf_err *err)
{
	json_t *row = NULL, *key = NULL;
	const char *path;
	char id[HF_ID_SIZE];
	enum hf_rc rc = split_wish(wish, '=', id, &path, err);

	if (rc == HF_OK)
		rc = find_row(json_object_get(doc, "people"), "person", id, &row, err);
	if (rc == HF_OK)
		rc = read_public(path, &key, err);
	if (rc == HF_OK && !beside)
		(void)json_array_clear(json_object_get(row, "keys"));
	if (rc == HF_OK && json_array_append_new(json_object_get(row, "keys"), key) != 0)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc;
}

static enum hf_rc new_key(json_t *doc, const char *wish, struct hf_err *err)
{
	return put_key(doc, wish, false, err);
}

static enum hf_rc add_key(json_t *doc, const char *wish, struct hf_err *err)
{
	return put_key(doc, wish, true, err);
}

static enum hf_rc put_controller(json_t *doc, const char *wish, struct hf_err *err)
{
	json_t *list = json_object_get(doc, "controllers"), *row, *key = NULL;
	const char *path;
	char id[HF_ID_SIZE];
	enum hf_rc rc = split_wish(wish, '=', id, &path, err);

	if (rc == HF_OK)
		rc = read_public(path, &key, err);
	if (rc != HF_OK)
		return rc;
	row = hf_json_with(list, "id", id);
	if (row ? json_object_set_new(row, "public", key) != 0
		: json_array_append_new(list, json_pack("{s:s, s:o}", "id", id, "public", key)) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return HF_OK;
}

static enum hf_rc remove_controller(json_t *doc, const char *wish, struct hf_err *err)
{
	return remove_row(json_object_get(doc, "controllers"), "controller", wish, err);
}

static bool keyid_of(json_t *root, char keyid[HF_KEYID_SIZE])
{
	const char *text = json_string_value(root);
	struct hf_pub pub;

	if (!text || !pub_of_text(text, strlen(text), &pub))
		return false;
	hf_pub_keyid(&pub, keyid);
	return true;
}

/* A trust of before names gets them with the first root that has one. */
static enum hf_rc name_roots(json_t *doc, struct hf_err *err)
{
	json_t *roots = json_object_get(doc, "roots"), *names = json_array(), *one;
	size_t index;

	if (json_object_get(doc, "root_names")) {
		json_decref(names);
		return HF_OK;
	}
	json_array_foreach(roots, index, one)
	{
		(void)json_array_append_new(names, json_sprintf("Root %zu", index + 1));
	}
	return json_object_set_new(doc, "root_names", names) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc add_root(json_t *doc, const char *wish, struct hf_err *err)
{
	const char *at = strrchr(wish, '=');
	json_t *key = NULL;
	enum hf_rc rc;

	if (!at || at == wish || !at[1])
		return hf_err_set(err, HF_E_USAGE, "A root is NAME=FILE, not `%.80s`.", wish);
	rc = read_public(at + 1, &key, err);
	if (rc != HF_OK)
		return rc;
	rc = name_roots(doc, err);
	if (rc != HF_OK) {
		json_decref(key);
		return rc;
	}
	if (json_array_append_new(json_object_get(doc, "roots"), key) != 0 ||
	    json_array_append_new(json_object_get(doc, "root_names"), json_stringn(wish, (size_t)(at - wish))) != 0)
		rc = hf_err_set(err, HF_E_USAGE, "The name of a root is no plain text.");
	return rc;
}

static bool is_root(json_t *doc, size_t i, const char *wish)
{
	const char *name = json_string_value(json_array_get(json_object_get(doc, "root_names"), i));
	char keyid[HF_KEYID_SIZE];
	size_t len = strlen(wish);

	return (name && strcmp(name, wish) == 0) ||
	       (len >= 8 && keyid_of(json_array_get(json_object_get(doc, "roots"), i), keyid) &&
		strncmp(keyid, wish, len) == 0);
}

static enum hf_rc remove_root(json_t *doc, const char *wish, struct hf_err *err)
{
	json_t *roots = json_object_get(doc, "roots");
	size_t found = 0, n = 0;

	for (size_t i = 0; i < json_array_size(roots); i++)
		if (is_root(doc, i, wish)) {
			found = i;
			n++;
		}
	if (n != 1)
		return hf_err_set(err, n ? HF_E_USAGE : HF_E_ABSENT,
				  "`%.80s` names %zu of the roots: say its name, or 8 or more characters of its keyid.", wish,
				  n);
	(void)json_array_remove(roots, found);
	if (json_object_get(doc, "root_names"))
		(void)json_array_remove(json_object_get(doc, "root_names"), found);
	return HF_OK;
}

static enum hf_rc each_wish(json_t *doc, const struct hf_list *wishes,
			    enum hf_rc (*one)(json_t *doc, const char *wish, struct hf_err *err), struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < wishes->n; i++)
		rc = one(doc, wishes->v[i], err);
	return rc;
}

static enum hf_rc have_keys(json_t *doc, struct hf_err *err)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(doc, "people"), index, one)
	{
		const char *id = json_string_value(json_object_get(one, "id"));

		if (json_array_size(json_object_get(one, "keys")) == 0)
			return hf_err_set(err, HF_E_USAGE, "Say the public key of %s, too.", id);
	}
	return HF_OK;
}

/* Who leaves goes first, so that somebody else may take the id. */
static enum hf_rc change_all(json_t *doc, const struct hf_trust_wishes *wishes, struct hf_err *err)
{
	const struct {
		const struct hf_list *list;
		enum hf_rc (*one)(json_t *doc, const char *wish, struct hf_err *err);
	} rows[] = {
		{&wishes->remove, remove_person},	{&wishes->add, add_person},
		{&wishes->roles, set_roles},		{&wishes->names, set_name},
		{&wishes->new_key, new_key},		{&wishes->add_key, add_key},
		{&wishes->remove_controllers, remove_controller}, {&wishes->controllers, put_controller},
		{&wishes->remove_roots, remove_root},	{&wishes->roots, add_root},
	};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < HF_LEN(rows); i++)
		rc = each_wish(doc, rows[i].list, rows[i].one, err);
	if (rc == HF_OK && wishes->threshold > 0 &&
	    json_object_set_new(doc, "threshold", json_integer((json_int_t)wishes->threshold)) != 0)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc == HF_OK ? have_keys(doc, err) : rc;
}

enum hf_rc hf_trust_change(const struct hf_trust *held, const struct hf_trust_wishes *wishes, struct hf_wall now,
			   json_t **ret_doc, struct hf_err *err)
{
	hf_auto_json json_t *doc = json_deep_copy(held->doc);
	enum hf_rc rc = doc ? change_all(doc, wishes, err) : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");

	if (rc != HF_OK)
		return rc;
	if (json_equal(doc, held->doc))
		return hf_err_set(err, HF_E_USAGE, "Say what is to change.");
	(void)json_object_del(doc, "assignments");
	if (json_object_set_new(doc, "epoch", json_integer((json_int_t)held->epoch + 1)) != 0 ||
	    json_object_set_new(doc, "issued", json_integer((json_int_t)now.s)) != 0 ||
	    json_object_set_new(doc, "affirmed", json_array()) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	*ret_doc = json_incref(doc);
	return HF_OK;
}
