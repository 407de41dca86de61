/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading and printing of `name = value` settings by a table.
 * Must never guess: a setting that is wrong is refused, not replaced by its default.
 */
#include <holdfast/conf.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

/* A stretch of the file's text. */
struct span {
	const char *s;
	size_t len;
};

/* What the file says about one row of the table. */
struct found {
	struct span value;
	int line; /* 0: the file does not have it */
};

struct reading {
	const struct hf_conf_row *rows;
	size_t n_rows;
	struct found *found; /* one a row */
	struct hf_err *err;
};

static struct span trim(struct span in)
{
	while (in.len > 0 && isspace((unsigned char)in.s[0])) {
		in.s++;
		in.len--;
	}
	while (in.len > 0 && isspace((unsigned char)in.s[in.len - 1]))
		in.len--;
	return in;
}

static bool is(struct span a, const char *text)
{
	return strlen(text) == a.len && memcmp(a.s, text, a.len) == 0;
}

/* For messages: no more of a wrong word than fits a sentence. */
static int shown(struct span a)
{
	return a.len > 64 ? 64 : (int)a.len;
}

static bool has_control(struct span a)
{
	for (size_t i = 0; i < a.len; i++)
		if (iscntrl((unsigned char)a.s[i]))
			return true;
	return false;
}

static bool read_int(struct span value, int64_t *ret)
{
	char digits[24], *end;
	intmax_t n;

	if (value.len == 0 || value.len >= sizeof(digits) || !(isdigit((unsigned char)value.s[0]) || value.s[0] == '-'))
		return false;
	memcpy(digits, value.s, value.len);
	digits[value.len] = '\0';
	errno = 0;
	n = strtoimax(digits, &end, 10);
	if (errno != 0 || *end != '\0' || !isdigit((unsigned char)end[-1]))
		return false;
	*ret = n;
	return true;
}

static bool read_bool(struct span value, bool *ret)
{
	if (!is(value, "yes") && !is(value, "no"))
		return false;
	*ret = is(value, "yes");
	return true;
}

static enum hf_rc check_int(const struct hf_conf_row *row, struct span value, struct hf_err *err)
{
	int64_t n;

	if (!read_int(value, &n) || n < row->least || n > row->most)
		return hf_err_set(err, HF_E_SHAPE,
				  "%s must be a whole number from %" PRId64 " to %" PRId64 ", not '%.*s'", row->name,
				  row->least, row->most, shown(value), value.s);
	return HF_OK;
}

static size_t room_of(const struct hf_conf_row *row)
{
	return row->kind == HF_CONF_LONG ? HF_CONF_LONG_SIZE : HF_CONF_TEXT_SIZE;
}

static enum hf_rc check_text(const struct hf_conf_row *row, struct span value, struct hf_err *err)
{
	int64_t room = (int64_t)room_of(row) - 1, most = row->most < room ? row->most : room;

	if ((int64_t)value.len < row->least || (int64_t)value.len > most)
		return hf_err_set(err, HF_E_SHAPE,
				  "%s must have from %" PRId64 " to %" PRId64 " characters, it has %zu", row->name,
				  row->least, most, value.len);
	if (has_control(value))
		return hf_err_set(err, HF_E_SHAPE, "%s has a control character in it: type it again", row->name);
	if (row->kind == HF_CONF_PATH && value.len > 0 && value.s[0] != '/')
		return hf_err_set(err, HF_E_SHAPE, "%s must be a path that begins with '/', not '%.*s'", row->name,
				  shown(value), value.s);
	return HF_OK;
}

static enum hf_rc check_value(const struct hf_conf_row *row, struct span value, struct hf_err *err)
{
	bool b;

	switch (row->kind) {
	case HF_CONF_INT:
		return check_int(row, value, err);
	case HF_CONF_BOOL:
		if (!read_bool(value, &b))
			return hf_err_set(err, HF_E_SHAPE, "%s must be yes or no, not '%.*s'", row->name, shown(value),
					  value.s);
		return HF_OK;
	case HF_CONF_TEXT:
	case HF_CONF_LONG:
	case HF_CONF_PATH:
		return check_text(row, value, err);
	}
	return hf_err_set(err, HF_E_USAGE, "%s has no kind", row->name);
}

static enum hf_rc apply(const struct hf_conf_row *row, struct span value)
{
	bool read = true;

	switch (row->kind) {
	case HF_CONF_INT:
		read = read_int(value, row->ret);
		break;
	case HF_CONF_BOOL:
		read = read_bool(value, row->ret);
		break;
	case HF_CONF_TEXT:
	case HF_CONF_LONG:
	case HF_CONF_PATH:
		return hf_str_printf(row->ret, room_of(row), "%.*s", (int)value.len, value.s);
	}
	return read ? HF_OK : HF_E_SHAPE;
}

static enum hf_rc keep_value(struct reading *r, struct span name, struct span value, int line)
{
	size_t i = 0;

	while (i < r->n_rows && !is(name, r->rows[i].name))
		i++;
	if (i == r->n_rows)
		return hf_err_set(r->err, HF_E_SHAPE,
				  "'%.*s' is not a setting of this program: correct its name or remove it", shown(name),
				  name.s);
	if (r->found[i].line != 0)
		return hf_err_set(r->err, HF_E_SHAPE, "%s is set in line %d already: keep one of the two",
				  r->rows[i].name, r->found[i].line);
	r->found[i] = (struct found){value, line};
	return check_value(&r->rows[i], value, r->err);
}

static enum hf_rc read_line(struct reading *r, struct span text, int line)
{
	struct span whole = trim(text), name = whole, value = whole;
	const char *equals;

	if (whole.len == 0 || whole.s[0] == '#')
		return HF_OK;
	equals = memchr(whole.s, '=', whole.len);
	if (!equals)
		return hf_err_set(r->err, HF_E_SHAPE, "'%.*s' is no setting: write `name = value`", shown(whole),
				  whole.s);
	name.len = (size_t)(equals - whole.s);
	value.s = equals + 1;
	value.len = whole.len - name.len - 1;
	return keep_value(r, trim(name), trim(value), line);
}

static enum hf_rc read_lines(struct reading *r, const char *text, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (int line = 1; *text != '\0' && rc == HF_OK; line++) {
		size_t len = strcspn(text, "\n");

		rc = read_line(r, (struct span){text, len}, line);
		if (rc != HF_OK)
			rc = hf_err_set(err, rc, "line %d: %s", line, r->err->text);
		text += len + (text[len] == '\n');
	}
	return rc;
}

/* Settings that the file leaves out get their default, which must itself be allowed. */
static enum hf_rc fill_in(struct reading *r, struct hf_err *err)
{
	for (size_t i = 0; i < r->n_rows; i++) {
		const char *by_default = r->rows[i].by_default;

		if (r->found[i].line != 0)
			continue;
		if (!by_default)
			return hf_err_set(err, HF_E_SHAPE, "%s is missing: add a line `%s = ...`", r->rows[i].name,
					  r->rows[i].name);
		r->found[i].value = (struct span){by_default, strlen(by_default)};
		if (check_value(&r->rows[i], r->found[i].value, r->err) != HF_OK)
			return hf_err_set(err, HF_E_USAGE, "the default of a setting is wrong: %s", r->err->text);
	}
	return HF_OK;
}

enum hf_rc hf_conf_read(const char *text, const struct hf_conf_row *rows, size_t n_rows, struct hf_err *err)
{
	hf_auto_free struct found *found = calloc(n_rows + 1, sizeof(*found));
	struct hf_err why = {{0}};
	struct reading r = {rows, n_rows, found, &why};
	enum hf_rc rc;

	if (!found)
		return hf_err_set(err, HF_E_MEMORY, "no memory to read the settings");
	if (strlen(text) > HF_CONF_FILE_MAX)
		return hf_err_set(err, HF_E_SHAPE, "the settings are longer than %d bytes", HF_CONF_FILE_MAX);
	rc = read_lines(&r, text, err);
	if (rc == HF_OK)
		rc = fill_in(&r, err);
	for (size_t i = 0; i < n_rows && rc == HF_OK; i++)
		rc = apply(&rows[i], found[i].value);
	return rc;
}

static void print_row(FILE *out, const struct hf_conf_row *row)
{
	switch (row->kind) {
	case HF_CONF_INT:
		fprintf(out, "%s = %" PRId64 "\n", row->name, *(const int64_t *)row->ret);
		return;
	case HF_CONF_BOOL:
		fprintf(out, "%s = %s\n", row->name, *(const bool *)row->ret ? "yes" : "no");
		return;
	case HF_CONF_TEXT:
	case HF_CONF_LONG:
	case HF_CONF_PATH:
		fprintf(out, "%s = %s\n", row->name, (const char *)row->ret);
		return;
	}
}

void hf_conf_print(FILE *out, const struct hf_conf_row *rows, size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++)
		print_row(out, &rows[i]);
}
