/* SPDX-License-Identifier: MIT */
/*
 * Owns the difference between a table and the register beside.
 * Must never take out what the table does not name, unless that is meant.
 */
#include <string.h>

#include <holdfast/text.h>

#include "controller/cli/commands/beside_table.h"
#include "controller/office/client.h"
#include "controller/office/times.h"
#include "controller/telling/beside.h"

#define ROWS_AT_ONCE 8 /* at the longest that people write they fit into one request */
#define PATH "/v1/beside"
#define NONE "none"

static const char *list_of(bool person)
{
	return person ? "people" : "accounts";
}

static const char *key_of(bool person)
{
	return person ? "person" : "account";
}

static enum hf_rc no_memory(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

enum hf_rc hf_beside_table_open(const struct hf_cli *cli, struct hf_beside_table *table, struct hf_err *err)
{
	table->rows = json_pack("{s:{}, s:{}}", "accounts", "people");
	table->said = json_pack("{s:{}, s:{}}", "accounts", "people");
	table->changes = json_pack("{s:[], s:[]}", "accounts", "people");
	table->shown = json_array();
	if (!table->rows || !table->said || !table->changes || !table->shown)
		return no_memory(err);
	return hf_client_get(&cli->office, PATH, &table->held, err);
}

static json_t *held_row(const struct hf_beside_table *table, bool person, const char *name)
{
	return hf_json_with(json_object_get(table->held, list_of(person)), key_of(person), name);
}

/* The row as it would be; it begins as it is kept. */
static json_t *next_row(struct hf_beside_table *table, bool person, const char *name)
{
	json_t *rows = json_object_get(table->rows, list_of(person)), *row = json_object_get(rows, name);
	const json_t *held = table->whole ? NULL : held_row(table, person, name);

	if (row)
		return row;
	row = held ? json_deep_copy(held) : json_pack("{s:s}", key_of(person), name);
	return row && json_object_set_new(rows, name, row) == 0 ? row : NULL;
}

static bool is_day(const char *what)
{
	return strcmp(what, "reviewed") == 0 || strcmp(what, "statement") == 0 || strcmp(what, "trained") == 0;
}

static json_t *addresses_of(const char *text)
{
	json_t *list = json_array();

	for (size_t len; *(text += strspn(text, " ,;\n")); text += len) {
		len = strcspn(text, " ,;\n");
		(void)json_array_append_new(list, json_stringn(text, len));
	}
	return list;
}

static enum hf_rc value_of(const struct hf_beside_cell *cell, json_t **ret, struct hf_err *err)
{
	struct hf_day day;
	char text[HF_DAY_TEXT_SIZE];

	if (!is_day(cell->what)) {
		*ret = strcmp(cell->what, "admins") == 0 ? addresses_of(cell->text) : json_string(cell->text);
		return HF_OK;
	}
	if (hf_times_day(cell->text, &day) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "`%.60s` is no day such as 2027-05-06 or 06/05/2027.", cell->text);
	*ret = json_string(hf_day_text(day, text));
	return HF_OK;
}

/* Once a table has said something of somebody, it must not say otherwise. */
static enum hf_rc note_said(struct hf_beside_table *table, const struct hf_beside_cell *cell, json_t *value,
			    struct hf_err *err)
{
	json_t *rows = json_object_get(table->said, list_of(cell->person)), *row = json_object_get(rows, cell->name);
	const json_t *before;

	if (!row) {
		row = json_object();
		if (json_object_set_new(rows, cell->name, row) != 0)
			return no_memory(err);
	}
	before = json_object_get(row, cell->what);
	if (before && !json_equal(before, value))
		return hf_err_set(err, HF_E_SHAPE, "another line says otherwise of %.97s.", cell->name);
	return json_object_set(row, cell->what, value) == 0 ? HF_OK : no_memory(err);
}

/* By the same words as the controller judges it. */
static enum hf_rc row_is_right(bool person, json_t *row, struct hf_err *err)
{
	hf_auto_beside struct hf_beside beside = {0};
	json_t *alone = json_pack("{s:[], s:[]}", "accounts", "people");

	if (alone && json_array_append(json_object_get(alone, list_of(person)), row) != 0)
		return no_memory(err);
	return hf_beside_read(alone, &beside, err);
}

enum hf_rc hf_beside_table_put(struct hf_beside_table *table, const struct hf_beside_cell *cell, struct hf_err *err)
{
	bool none = strcmp(cell->text, NONE) == 0;
	json_t *row = next_row(table, cell->person, cell->name);
	hf_auto_json json_t *value = NULL;
	enum hf_rc rc;

	if (!row)
		return no_memory(err);
	if (!cell->text[0])
		return HF_OK;
	if (none)
		value = json_null();
	rc = none ? HF_OK : value_of(cell, &value, err);
	if (rc == HF_OK)
		rc = note_said(table, cell, value, err);
	if (rc != HF_OK)
		return rc;
	if (none)
		(void)json_object_del(row, cell->what);
	else if (json_object_set(row, cell->what, value) != 0)
		return no_memory(err);
	return row_is_right(cell->person, row, err);
}

static json_t *text_of(const json_t *value)
{
	hf_auto_json json_t *joined = NULL;
	const json_t *one;
	size_t i;

	if (!json_is_array(value))
		return value ? json_incref((json_t *)value) : json_string("");
	joined = json_string("");
	json_array_foreach(value, i, one)
	{
		json_t *longer = json_sprintf("%s%s%s", json_string_value(joined), i ? " " : "", json_string_value(one));

		json_decref(joined);
		joined = longer;
	}
	return json_incref(joined);
}

static enum hf_rc note_difference(struct hf_beside_table *table, const char *name, const char *what,
				  const json_t *const both[2])
{
	if (json_equal(both[0], both[1]) || (!both[0] && !both[1]))
		return HF_OK;
	return json_array_append_new(table->shown, json_pack("{s:s, s:s, s:o, s:o}", "of", name, "what", what, "before",
							     text_of(both[0]), "now", text_of(both[1]))) == 0
		       ? HF_OK
		       : HF_E_MEMORY;
}

static enum hf_rc compare_row(struct hf_beside_table *table, bool person, const char *name, json_t *row)
{
	static const char *const members[] = {"service",  "address", "owner",	  "scheduler", "recovery",
					      "reviewed", "admins",  "statement", "trained"};
	const json_t *held = held_row(table, person, name);
	enum hf_rc rc = HF_OK;

	if (json_equal(held, row) || (!held && json_object_size(row) == 1))
		return HF_OK;
	for (size_t i = 0; i < HF_LEN(members) && rc == HF_OK; i++)
		rc = note_difference(table, name, members[i],
				     (const json_t *[2]){json_object_get(held, members[i]), json_object_get(row, members[i])});
	if (rc != HF_OK || json_array_append(json_object_get(table->changes, list_of(person)), row) != 0)
		return HF_E_MEMORY;
	return HF_OK;
}

/* Of a table that is the whole, what is kept and not named goes. */
static enum hf_rc drop_unnamed(struct hf_beside_table *table, bool person)
{
	const json_t *held;
	size_t i;

	json_array_foreach(json_object_get(table->held, list_of(person)), i, held)
		if (!next_row(table, person, hf_client_text(held, key_of(person), "")))
			return HF_E_MEMORY;
	return HF_OK;
}

enum hf_rc hf_beside_table_compare(struct hf_beside_table *table, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (int person = 0; person < 2 && rc == HF_OK; person++) {
		const char *name;
		json_t *row;

		if (table->whole)
			rc = drop_unnamed(table, person);
		json_object_foreach(json_object_get(table->rows, list_of(person)), name, row)
			if (rc == HF_OK)
				rc = compare_row(table, person, name, row);
	}
	return rc == HF_OK ? rc : no_memory(err);
}

void hf_beside_table_show(const struct hf_beside_table *table, const struct hf_words *words)
{
	const json_t *one;
	size_t i;

	json_array_foreach(table->shown, i, one)
	{
		const char *before = hf_client_text(one, "before", ""), *now = hf_client_text(one, "now", "");

		hf_words_line(words, "Beside the register, %s, %s: %s%s%s%s", hf_client_text(one, "of", "?"),
			      hf_client_text(one, "what", "?"), now[0] ? now : hf_text("none"),
			      before[0] ? hf_text(" (before: ") : "", before, before[0] ? ")" : "");
	}
	if (i == 0)
		hf_words_line(words, "Beside the register nothing changes.");
}

static enum hf_rc post_rows(const struct hf_cli *cli, const json_t *list, bool person, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t at = 0; at < json_array_size(list) && rc == HF_OK; at += ROWS_AT_ONCE) {
		json_t *said = json_pack("{s:[], s:[]}", "accounts", "people");
		hf_auto_json json_t *answer = NULL;

		for (size_t i = at; said && i < at + ROWS_AT_ONCE && i < json_array_size(list); i++)
			(void)json_array_append(json_object_get(said, list_of(person)), json_array_get(list, i));
		rc = hf_client_say(&cli->office, PATH, said, &answer, err);
	}
	return rc;
}

enum hf_rc hf_beside_table_post(const struct hf_cli *cli, const struct hf_beside_table *table, struct hf_err *err)
{
	enum hf_rc rc = post_rows(cli, json_object_get(table->changes, "accounts"), false, err);

	return rc == HF_OK ? post_rows(cli, json_object_get(table->changes, "people"), true, err) : rc;
}

void hf_beside_table_done(struct hf_beside_table *table)
{
	json_decref(table->held);
	json_decref(table->rows);
	json_decref(table->said);
	json_decref(table->changes);
	json_decref(table->shown);
	*table = (struct hf_beside_table){0};
}
