/* SPDX-License-Identifier: MIT */
/*
 * Owns the one strict reader of JSON (RFC 8259, and narrower: see proto/README.md "JSON").
 * Must never use jansson's own parser: when memory runs out it drops bytes of a string and reads past its end.
 */
#include <holdfast/json.h>
#include <holdfast/text.h>

#include <stdlib.h>
#include <string.h>

#include <holdfast/utf8.h>

#define PLACE(r) ((size_t)((r)->p - (r)->begin))

struct reader {
	const uint8_t *begin, *p, *end;
	char *text; /* room for the longest string that these bytes can hold */
	size_t text_len;
	struct hf_err *err;
};

static enum hf_rc read_value(struct reader *r, int depth, json_t **ret);

static enum hf_rc bad(struct reader *r, const char *what)
{
	return hf_err_set(r->err, HF_E_JSON, "At byte %zu of the JSON: %s.", PLACE(r), what);
}

static enum hf_rc no_memory(struct reader *r)
{
	return hf_err_set(r->err, HF_E_MEMORY, "There is no memory left to read the JSON.");
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

/* Is this the next byte? Then it is taken. */
static bool take_char(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != (uint8_t)c)
		return false;
	r->p++;
	return true;
}

static void put_utf8(struct reader *r, uint32_t c)
{
	char *t = r->text + r->text_len;
	if (c < 0x80) {
		*t++ = (char)c;
	} else if (c < 0x800) {
		*t++ = (char)(0xc0 | c >> 6);
		*t++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*t++ = (char)(0xe0 | c >> 12);
		*t++ = (char)(0x80 | (c >> 6 & 63));
		*t++ = (char)(0x80 | (c & 63));
	} else {
		*t++ = (char)(0xf0 | c >> 18);
		*t++ = (char)(0x80 | (c >> 12 & 63));
		*t++ = (char)(0x80 | (c >> 6 & 63));
		*t++ = (char)(0x80 | (c & 63));
	}
	r->text_len = (size_t)(t - r->text);
}

static bool read_utf8(struct reader *r, uint32_t *ret_c)
{
	size_t len = hf_utf8_read(r->p, (size_t)(r->end - r->p), ret_c);
	r->p += len;
	return len > 0;
}

static bool read_hex4(struct reader *r, uint32_t *ret_c)
{
	uint32_t c = 0;
	for (int i = 0; i < 4; i++, r->p++) {
		if (r->p == r->end)
			return false;
		uint32_t b = *r->p;
		if (b >= '0' && b <= '9')
			c = c << 4 | (b - '0');
		else if ((b | 0x20) >= 'a' && (b | 0x20) <= 'f')
			c = c << 4 | ((b | 0x20) - 'a' + 10);
		else
			return false;
	}
	*ret_c = c;
	return true;
}

/* After the backslash. Surrogates come in pairs or not at all. */
static bool read_escape(struct reader *r, uint32_t *ret_c)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *found = r->p < r->end && *r->p ? strchr(names, *r->p) : NULL;
	if (found) {
		r->p++;
		*ret_c = (uint32_t)means[found - names];
		return true;
	}
	uint32_t high, low;
	if (!take_char(r, 'u') || !read_hex4(r, &high) || (high >= 0xdc00 && high <= 0xdfff))
		return false;
	*ret_c = high;
	if (high < 0xd800 || high > 0xdbff)
		return true;
	if (!take_char(r, '\\') || !take_char(r, 'u') || !read_hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*ret_c = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* Most of what is said is plain ASCII, and stands for itself. */
static void take_plain(struct reader *r)
{
	const uint8_t *from = r->p;
	while (r->p < r->end && *r->p >= 0x20 && *r->p < 0x7f && *r->p != '"' && *r->p != '\\')
		r->p++;
	memcpy(r->text + r->text_len, from, (size_t)(r->p - from));
	r->text_len += (size_t)(r->p - from);
}

/* After the opening quote; the text is in r->text until the next string. */
static enum hf_rc read_string(struct reader *r)
{
	r->text_len = 0;
	for (take_plain(r); !take_char(r, '"'); take_plain(r)) {
		uint32_t c;
		if (r->p == r->end)
			return bad(r, hf_text("a string does not end"));
		if (*r->p < 0x20)
			return bad(r, hf_text("a control character stands in a string"));
		if (take_char(r, '\\')) {
			if (!read_escape(r, &c))
				return bad(r, hf_text("an escape in a string is not right"));
		} else if (!read_utf8(r, &c)) {
			return bad(r, hf_text("a string is not UTF-8"));
		}
		if (!hf_utf8_shown(c))
			return bad(r, hf_text("a string has a character that is not allowed (control, direction or "
					      "none at all)"));
		put_utf8(r, c);
	}
	r->text[r->text_len] = '\0';
	return HF_OK;
}

static enum hf_rc read_integer(struct reader *r, json_t **ret)
{
	bool negative = take_char(r, '-');
	const uint8_t *first = r->p;
	uint64_t limit = (uint64_t)INT64_MAX + negative, n = 0;
	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
		uint64_t digit = *r->p - (uint64_t)'0';
		if (n > (limit - digit) / 10)
			return bad(r, hf_text("a number is too large"));
		n = n * 10 + digit;
	}
	if (r->p == first || (*first == '0' && r->p > first + 1))
		return bad(r, hf_text("a number is not right"));
	if (r->p < r->end && (*r->p == '.' || *r->p == 'e' || *r->p == 'E'))
		return bad(r, hf_text("a number is not whole"));
	*ret = json_integer(negative ? (json_int_t)(0 - n) : (json_int_t)n);
	return *ret ? HF_OK : no_memory(r);
}

static enum hf_rc read_word(struct reader *r, json_t **ret)
{
	static const char *const words[] = {"true", "false", "null"};
	json_t *const values[] = {json_true(), json_false(), json_null()};
	for (size_t i = 0; i < HF_LEN(words); i++) {
		size_t len = strlen(words[i]);
		if ((size_t)(r->end - r->p) >= len && memcmp(r->p, words[i], len) == 0) {
			r->p += len;
			*ret = values[i];
			return HF_OK;
		}
	}
	return bad(r, hf_text("a value was expected"));
}

/* After the opening bracket. */
static enum hf_rc read_array(struct reader *r, int depth, json_t **ret)
{
	hf_auto_json json_t *array = json_array();
	if (!array)
		return no_memory(r);
	skip_space(r);
	bool more = !take_char(r, ']');
	while (more) {
		json_t *value = NULL;
		enum hf_rc rc = read_value(r, depth, &value);
		if (rc != HF_OK)
			return rc;
		if (json_array_append_new(array, value) != 0)
			return no_memory(r);
		more = take_char(r, ',');
		if (!more && !take_char(r, ']'))
			return bad(r, hf_text("a comma or the end of a list was expected"));
	}
	*ret = json_incref(array);
	return HF_OK;
}

/* One `"name": value` of an object. */
static enum hf_rc read_member(struct reader *r, int depth, json_t *object)
{
	skip_space(r);
	if (!take_char(r, '"'))
		return bad(r, hf_text("the name of a member was expected"));
	enum hf_rc rc = read_string(r);
	if (rc != HF_OK)
		return rc;
	if (json_object_get(object, r->text))
		return bad(r, hf_text("a member stands there twice"));
	skip_space(r);
	if (!take_char(r, ':'))
		return bad(r, hf_text("a colon was expected"));

	/* The value is read into the same room as the name. */
	hf_auto_free char *name = strdup(r->text);
	if (!name)
		return no_memory(r);
	json_t *value = NULL;
	rc = read_value(r, depth, &value);
	if (rc != HF_OK)
		return rc;
	return json_object_set_new_nocheck(object, name, value) == 0 ? HF_OK : no_memory(r);
}

/* After the opening brace. */
static enum hf_rc read_object(struct reader *r, int depth, json_t **ret)
{
	hf_auto_json json_t *object = json_object();
	if (!object)
		return no_memory(r);
	skip_space(r);
	bool more = !take_char(r, '}');
	while (more) {
		enum hf_rc rc = read_member(r, depth, object);
		if (rc != HF_OK)
			return rc;
		more = take_char(r, ',');
		if (!more && !take_char(r, '}'))
			return bad(r, hf_text("a comma or the end of an object was expected"));
	}
	*ret = json_incref(object);
	return HF_OK;
}

/* Any value, and the space around it. depth: how many objects and lists it stands in. */
static enum hf_rc read_value(struct reader *r, int depth, json_t **ret)
{
	enum hf_rc rc;
	skip_space(r);
	if (r->p < r->end && (*r->p == '{' || *r->p == '[') && depth == HF_JSON_DEPTH_MAX)
		return bad(r, hf_text("it is nested too deep"));
	if (take_char(r, '{')) {
		rc = read_object(r, depth + 1, ret);
	} else if (take_char(r, '[')) {
		rc = read_array(r, depth + 1, ret);
	} else if (take_char(r, '"')) {
		rc = read_string(r);
		if (rc == HF_OK) {
			*ret = json_stringn_nocheck(r->text, r->text_len);
			rc = *ret ? HF_OK : no_memory(r);
		}
	} else if (r->p < r->end && (*r->p == '-' || (*r->p >= '0' && *r->p <= '9'))) {
		rc = read_integer(r, ret);
	} else {
		rc = read_word(r, ret);
	}
	skip_space(r);
	return rc;
}

enum hf_rc hf_json_read(const char *buf, size_t len, size_t max, json_t **ret, struct hf_err *err)
{
	if (len > max)
		return hf_err_set(err, HF_E_SIZE, "The JSON has %zu bytes and at most %zu are allowed.", len, max);
	/* No escape makes more bytes than it has itself, so no string is longer than all of it. */
	hf_auto_free char *text = malloc(len + 1);
	const uint8_t *begin = (const uint8_t *)(len > 0 ? buf : "");
	struct reader r = {.begin = begin, .p = begin, .end = begin + len, .text = text, .err = err};
	if (!text)
		return no_memory(&r);

	hf_auto_json json_t *value = NULL;
	skip_space(&r);
	if (r.p == r.end || *r.p != '{')
		return bad(&r, hf_text("an object was expected"));
	enum hf_rc rc = read_value(&r, 0, &value);
	if (rc != HF_OK)
		return rc;
	if (r.p != r.end)
		return bad(&r, hf_text("something stands after the end"));
	*ret = json_incref(value);
	return HF_OK;
}
