/* SPDX-License-Identifier: MIT */
/*
 * Owns the strict reading of a query.
 * Must never guess what was meant, or pass over what it does not know.
 */
#include <string.h>

#include "controller/web/query.h"

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* What was asked is not said again: it may be anything. */
static enum hf_rc not_taken(const char *const *names, struct hf_err *err)
{
	char list[200] = "";
	size_t len = 0;

	for (size_t i = 0;
	     names[i] && hf_str_printf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", names[i]) == HF_OK; i++)
		len += strlen(list + len);
	if (len == 0)
		return hf_err_set(err, HF_E_SHAPE, "this address takes nothing behind a question mark");
	return hf_err_set(err, HF_E_SHAPE, "this address takes nothing but %s behind its question mark", list);
}

enum hf_rc hf_query_only(const struct hf_query *query, const char *const *names, struct hf_err *err)
{
	if (query->too_many)
		return hf_err_set(err, HF_E_SHAPE, "a question has at most %d members", HF_QUERY_MAX);
	for (size_t i = 0; i < query->n; i++) {
		if (!is_one_of(query->v[i].name, names))
			return not_taken(names, err);
		if (!query->v[i].value)
			return hf_err_set(err, HF_E_SHAPE, "every member of a question is NAME=VALUE, in plain text");
	}
	return HF_OK;
}

enum hf_rc hf_query_text(const struct hf_query *query, const char *name, const char **ret, struct hf_err *err)
{
	const char *found = NULL;

	for (size_t i = 0; i < query->n; i++) {
		if (strcmp(query->v[i].name, name) != 0)
			continue;
		if (found)
			return hf_err_set(err, HF_E_SHAPE, "%s may be given once", name);
		found = query->v[i].value;
	}
	*ret = found;
	return HF_OK;
}

enum hf_rc hf_query_number(const struct hf_query *query, const char *name, const size_t bounds[3], size_t *ret,
			   struct hf_err *err)
{
	const char *text = NULL;
	size_t n = 0;
	enum hf_rc rc = hf_query_text(query, name, &text, err);

	if (rc != HF_OK)
		return rc;
	for (const char *c = text ? text : ""; *c >= '0' && *c <= '9' && n <= bounds[2]; c++)
		n = n * 10 + (size_t)(*c - '0');
	if (text && (!text[0] || strspn(text, "0123456789") != strlen(text) || n < bounds[1] || n > bounds[2]))
		return hf_err_set(err, HF_E_SHAPE, "%s is a whole number from %zu to %zu", name, bounds[1], bounds[2]);
	*ret = text ? n : bounds[0];
	return HF_OK;
}

enum hf_rc hf_query_wish(const struct hf_query *query, const char *name, enum hf_query_wish *ret, struct hf_err *err)
{
	const char *text = NULL;
	enum hf_rc rc = hf_query_text(query, name, &text, err);

	if (rc != HF_OK)
		return rc;
	if (text && strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return hf_err_set(err, HF_E_SHAPE, "%s is 1, or 0 for the others", name);
	*ret = !text ? HF_QUERY_ANY : text[0] == '1' ? HF_QUERY_YES : HF_QUERY_NO;
	return HF_OK;
}
