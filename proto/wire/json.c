/* SPDX-License-Identifier: MIT */
/*
 * Owns the table by which documents are taken out of JSON, and by which they are put into it.
 * Must never let a member pass that no row names, nor look into what a document means.
 */
#include <errno.h>
#include <holdfast/json.h>
#include <holdfast/text.h>

#include <stdlib.h>
#include <string.h>

#define LINE_IN_LIST_MAX 512

void hf_json_free_ptr(json_t **j)
{
	json_decref(*j);
	*j = NULL;
}

void hf_strs_done(struct hf_strs *strs)
{
	free(strs->v);
	*strs = (struct hf_strs){0};
}

static enum hf_rc wrong(const struct hf_json_member *m, const char *what, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SHAPE, "Member \"%s\" must be %s.", m->name, what);
}

static enum hf_rc too_long(const struct hf_json_member *m, const char *unit, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SIZE, "Member \"%s\" may have at most %lld %s.", m->name, (long long)m->max, unit);
}

static bool is_line(const char *text)
{
	return !strpbrk(text, "\n\t");
}

static enum hf_rc take_id(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	const char *text = json_string_value(value);
	if (!hf_id_ok(text))
		return wrong(m, hf_text("an id: 1 to 64 of a-z, 0-9 and -"), err);
	*(const char **)m->ret = text;
	return HF_OK;
}

static enum hf_rc take_text(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	bool line = m->kind == HF_JSON_LINE || m->kind == HF_JSON_LINE0;
	bool may_be_empty = m->kind == HF_JSON_TEXT0 || m->kind == HF_JSON_LINE0;
	const char *text = json_string_value(value);
	if (!text)
		return wrong(m, hf_text("text"), err);
	if (json_string_length(value) > (size_t)m->max)
		return too_long(m, hf_text("bytes"), err);
	if (!*text && !may_be_empty)
		return wrong(m, hf_text("text that is not empty"), err);
	if (line && !is_line(text))
		return wrong(m, hf_text("one line without tabs"), err);
	*(const char **)m->ret = text;
	return HF_OK;
}

static enum hf_rc take_int(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	json_int_t n = json_integer_value(value);
	int64_t max = m->kind == HF_JSON_WALL ? HF_WALL_MAX : m->max;
	if (!json_is_integer(value) || n < 0 || n > max)
		return hf_err_set(err, HF_E_SHAPE, "Member \"%s\" must be a whole number from 0 to %lld.", m->name,
				  (long long)max);
	if (m->kind == HF_JSON_WALL)
		((struct hf_wall *)m->ret)->s = n;
	else
		*(int64_t *)m->ret = n;
	return HF_OK;
}

static enum hf_rc take_bool(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	if (!json_is_boolean(value))
		return wrong(m, hf_text("true or false"), err);
	*(bool *)m->ret = json_is_true(value);
	return HF_OK;
}

static enum hf_rc take_digest(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	const char *text = json_string_value(value);
	if (!text)
		return wrong(m, hf_text("text"), err);
	if (hf_digest_from_hex(text, m->ret) != HF_OK)
		return hf_err_set(err, HF_E_BASE64, "Member \"%s\" must be 64 lower-case hex characters.", m->name);
	return HF_OK;
}

static enum hf_rc take_bytes32(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	const char *text = json_string_value(value);
	uint8_t bytes[32];
	size_t len = 0;
	if (!text)
		return wrong(m, hf_text("text"), err);
	if (hf_base64_decode(text, json_string_length(value), bytes, sizeof(bytes), &len) != HF_OK || len != 32)
		return hf_err_set(err, HF_E_BASE64, "Member \"%s\" must be the canonical base64 of 32 bytes.", m->name);
	memcpy(m->ret, bytes, 32);
	return HF_OK;
}

static bool item_ok(enum hf_json_kind kind, const char *text, bool alone)
{
	if (kind == HF_JSON_LINES)
		return *text && strlen(text) <= LINE_IN_LIST_MAX && is_line(text);
	if (alone && kind != HF_JSON_NAMES && strcmp(text, "*") == 0)
		return true;
	return kind == HF_JSON_ACCOUNTS ? hf_account_ok(text) : hf_id_ok(text);
}

static enum hf_rc take_list(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	if (!json_is_array(value))
		return wrong(m, hf_text("a list"), err);
	size_t n = json_array_size(value);
	if (n > (size_t)m->max)
		return too_long(m, hf_text("entries"), err);
	struct hf_strs strs = {.v = n ? calloc(n, sizeof(*strs.v)) : NULL};
	enum hf_rc rc = n && !strs.v ? hf_err_set(err, HF_E_MEMORY, "There is no memory left to read a list.") : HF_OK;
	for (size_t i = 0; i < n && rc == HF_OK; i++) {
		const char *text = json_string_value(json_array_get(value, i));
		if (!text || !item_ok(m->kind, text, n == 1))
			rc = wrong(m, hf_text("a list of well-formed names"), err);
		else if (m->kind != HF_JSON_LINES && hf_strs_has(&strs, text))
			rc = wrong(m, hf_text("a list that names nothing twice"), err);
		else
			strs.v[strs.n++] = text;
	}
	if (rc == HF_OK)
		*(struct hf_strs *)m->ret = strs;
	else
		hf_strs_done(&strs);
	return rc;
}

static enum hf_rc take_part(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	if (m->kind == HF_JSON_OBJECT && !json_is_object(value))
		return wrong(m, hf_text("an object"), err);
	if (m->kind == HF_JSON_ARRAY && !json_is_array(value))
		return wrong(m, hf_text("a list"), err);
	if (m->kind == HF_JSON_ARRAY && json_array_size(value) > (size_t)m->max)
		return too_long(m, hf_text("entries"), err);
	*(json_t **)m->ret = value;
	return HF_OK;
}

enum hf_rc hf_json_take_one(json_t *value, const struct hf_json_member *m, struct hf_err *err)
{
	switch (m->kind) {
	case HF_JSON_ID:
		return take_id(value, m, err);
	case HF_JSON_TEXT:
	case HF_JSON_TEXT0:
	case HF_JSON_LINE:
	case HF_JSON_LINE0:
		return take_text(value, m, err);
	case HF_JSON_INT:
	case HF_JSON_WALL:
		return take_int(value, m, err);
	case HF_JSON_BOOL:
		return take_bool(value, m, err);
	case HF_JSON_DIGEST:
		return take_digest(value, m, err);
	case HF_JSON_BYTES32:
		return take_bytes32(value, m, err);
	case HF_JSON_IDS:
	case HF_JSON_NAMES:
	case HF_JSON_ACCOUNTS:
	case HF_JSON_LINES:
		return take_list(value, m, err);
	case HF_JSON_ARRAY:
	case HF_JSON_OBJECT:
		return take_part(value, m, err);
	}
	return hf_err_set(err, HF_E_USAGE, "Row \"%s\" has no kind.", m->name);
}

/* Which member has no row? There is one: there are more members than rows were found. */
static enum hf_rc name_stranger(json_t *object, const struct hf_json_member *members, size_t n_members,
				struct hf_err *err)
{
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value)
	{
		size_t i = 0;
		while (i < n_members && strcmp(members[i].name, name) != 0)
			i++;
		if (i == n_members)
			return hf_err_set(err, HF_E_SHAPE, "Member \"%.64s\" is not known here.", name);
	}
	return hf_err_set(err, HF_E_SHAPE, "A member is not known here.");
}

enum hf_rc hf_json_take(json_t *object, const struct hf_json_member *members, size_t n_members, struct hf_err *err)
{
	if (!json_is_object(object))
		return hf_err_set(err, HF_E_SHAPE, "An object was expected.");
	size_t found = 0;
	for (size_t i = 0; i < n_members; i++) {
		json_t *value = json_object_get(object, members[i].name);
		if (!value && members[i].optional)
			continue;
		if (!value)
			return hf_err_set(err, HF_E_SHAPE, "Member \"%s\" is missing.", members[i].name);
		enum hf_rc rc = hf_json_take_one(value, &members[i], err);
		if (rc != HF_OK)
			return rc;
		found++;
	}
	return found == json_object_size(object) ? HF_OK : name_stranger(object, members, n_members, err);
}

json_t *hf_json_with(const json_t *array, const char *member, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *one = json_array_get(array, i);
		const char *its = json_string_value(json_object_get(one, member));
		if (its && strcmp(its, text) == 0)
			return one;
	}
	return NULL;
}

json_t *hf_json_from_strs(const struct hf_strs *strs)
{
	hf_auto_json json_t *array = json_array();
	for (size_t i = 0; i < strs->n; i++)
		if (json_array_append_new(array, json_string(strs->v[i])) != 0)
			return NULL;
	return json_incref(array);
}

json_t *hf_json_from_digest(const struct hf_digest *digest)
{
	char hex[HF_DIGEST_HEX_SIZE];
	return json_string(hf_digest_hex(digest, hex));
}

json_t *hf_json_from_bytes(const uint8_t *bytes, size_t len)
{
	size_t size = HF_BASE64_LEN(len) + 1;
	hf_auto_free char *text = malloc(size);
	if (!text || hf_base64_encode(bytes, len, text, size) != HF_OK)
		return NULL;
	return json_string(text);
}

static json_t *put_one(const struct hf_json_member *m)
{
	switch (m->kind) {
	case HF_JSON_ID:
	case HF_JSON_TEXT:
	case HF_JSON_TEXT0:
	case HF_JSON_LINE:
	case HF_JSON_LINE0:
		return json_string(*(const char **)m->ret);
	case HF_JSON_INT:
		return json_integer(*(int64_t *)m->ret);
	case HF_JSON_WALL:
		return json_integer(((struct hf_wall *)m->ret)->s);
	case HF_JSON_BOOL:
		return json_boolean(*(bool *)m->ret);
	case HF_JSON_DIGEST:
		return hf_json_from_digest(m->ret);
	case HF_JSON_BYTES32:
		return hf_json_from_bytes(m->ret, 32);
	case HF_JSON_IDS:
	case HF_JSON_NAMES:
	case HF_JSON_ACCOUNTS:
	case HF_JSON_LINES:
		return hf_json_from_strs(m->ret);
	case HF_JSON_ARRAY:
	case HF_JSON_OBJECT:
		return json_incref(*(json_t **)m->ret);
	}
	return NULL;
}

json_t *hf_json_put(const struct hf_json_member *members, size_t n_members)
{
	hf_auto_json json_t *object = json_object();
	for (size_t i = 0; i < n_members; i++)
		if (!members[i].optional && json_object_set_new(object, members[i].name, put_one(&members[i])) != 0)
			return NULL;
	return json_incref(object);
}

/* Into a buffer that need not grow: where json_dumps cannot make its own grow, it leaves out what has no room. */
enum hf_rc hf_json_text(const json_t *value, size_t flags, char **ret)
{
	size_t len = json_dumpb(value, NULL, 0, flags);
	hf_auto_free char *text = len ? malloc(len + 1) : NULL;
	if (!text || json_dumpb(value, text, len, flags) != len)
		return HF_E_MEMORY;
	text[len] = '\0';
	*ret = hf_steal_ptr(&text);
	return HF_OK;
}

/* jansson says "invalid token" of one that it had no room for, or leaves out what had none; malloc tells by errno. */
enum hf_rc hf_json_load(const char *text, size_t len, size_t flags, json_t **ret)
{
	errno = 0;
	json_t *value = json_loadb(text, len, flags, NULL);
	/* A number clears errno, so what was read has to be read alike again. */
	hf_auto_json json_t *again = errno != ENOMEM ? json_loadb(text, len, flags, NULL) : NULL;
	bool differs = (value || again) && !json_equal(value, again);
	enum hf_rc rc = errno == ENOMEM || differs ? HF_E_MEMORY : value ? HF_OK : HF_E_JSON;
	if (rc == HF_OK)
		*ret = value;
	else
		json_decref(value);
	return rc;
}

enum hf_rc hf_json_bytes(const json_t *object, char **ret, size_t *ret_len)
{
	enum hf_rc rc = hf_json_text(object, JSON_COMPACT, ret);
	if (rc == HF_OK)
		*ret_len = strlen(*ret);
	return rc;
}
