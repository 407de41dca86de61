/* SPDX-License-Identifier: MIT */
/*
 * Owns templates: blanks, and what is put in them.
 * Must never leave a blank in what is sent, nor read a value as a template.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/str.h>

#include "controller/telling/render.h"

static enum hf_rc put_bytes(struct hf_page *page, const char *text, size_t len)
{
	if (len > HF_RENDERED_MAX - page->len)
		return HF_E_SIZE;
	if (hf_rows_reserve(&page->text, &page->room, page->len + len + 1, 1) != HF_OK)
		return HF_E_MEMORY;
	memcpy(page->text + page->len, text, len);
	page->len += len;
	page->text[page->len] = '\0';
	return HF_OK;
}

enum hf_rc hf_page_put(struct hf_page *page, const char *text)
{
	return put_bytes(page, text, strlen(text));
}

static enum hf_rc put_value(struct hf_page *page, const char *value)
{
	size_t from = page->len;
	enum hf_rc rc = hf_page_put(page, value);
	for (size_t i = from; rc == HF_OK && i < page->len; i++)
		if ((unsigned char)page->text[i] < ' ' && page->text[i] != '\n' && page->text[i] != '\t')
			page->text[i] = ' ';
	return rc;
}

static size_t line_of(const char *template, const char *at)
{
	size_t line = 1;
	for (; template < at; template ++)
		line += *template == '\n';
	return line;
}

static const struct hf_fill *find_fill(const struct hf_fill *fills, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(fills[i].name) == len && strncmp(fills[i].name, name, len) == 0)
			return &fills[i];
	return NULL;
}

/* The blank at this place; *ret_end is behind it. */
static enum hf_rc read_blank(const char *at, const struct hf_fill *fills, size_t n, const char **ret_value,
			     const char **ret_end)
{
	const char *end = strstr(at, "}}");
	const struct hf_fill *fill = end ? find_fill(fills, n, at + 2, (size_t)(end - at) - 2) : NULL;
	if (!fill || !fill->value || !fill->value[0])
		return HF_E_SHAPE;
	*ret_value = fill->value;
	*ret_end = end + 2;
	return HF_OK;
}

static enum hf_rc say_blank(const char *template, const char *at, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SHAPE, "line %zu: there is nothing to put in place of '%.*s'",
			  line_of(template, at), (int)strcspn(at, " \n"), at);
}

enum hf_rc hf_render(const char *template, const struct hf_fill *fills, size_t n_fills, char **ret, struct hf_err *err)
{
	struct hf_page page = {0};
	const char *from = template, *at, *value, *end;
	enum hf_rc rc = HF_OK;
	while (rc == HF_OK && (at = strstr(from, "{{"))) {
		rc = put_bytes(&page, from, (size_t)(at - from));
		if (rc == HF_OK && read_blank(at, fills, n_fills, &value, &end) != HF_OK) {
			free(page.text);
			return say_blank(template, at, err);
		}
		if (rc == HF_OK)
			rc = put_value(&page, value);
		from = end;
	}
	if (rc == HF_OK)
		rc = hf_page_put(&page, from);
	if (rc != HF_OK) {
		free(page.text);
		return hf_err_set(err, rc, "it is longer than %d bytes, or there is no memory", HF_RENDERED_MAX);
	}
	*ret = page.text;
	return HF_OK;
}
