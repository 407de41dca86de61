/* SPDX-License-Identifier: MIT */
/*
 * Owns what the register beside may say, and how rows of it are replaced.
 * Must never take a row in part, or know what an account is posted with beyond its words.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/claims.h>
#include <holdfast/day.h>
#include <holdfast/register.h>

#include "controller/telling/beside.h"
#include "controller/telling/mail_address.h"

#define NAME_MAX_BYTES 100 /* of a service, an owner, a scheduler */
#define TEXT_MAX_BYTES 300 /* of an address, of how an account is got back */

static enum hf_rc check_day(const char *whose, const char *name, const char *text, struct hf_err *err)
{
	struct hf_day day;
	if (!text[0] || hf_day_parse(text, &day) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SHAPE, "%.97s: '%s' must be a day such as 2027-05-06", whose, name);
}

static enum hf_rc check_admins(const struct hf_beside_account *row, struct hf_err *err)
{
	char mail[HF_MAIL_SIZE];
	struct hf_err why = {""};
	for (size_t i = 0; i < row->admins.n; i++)
		if (hf_mail_address(row->admins.v[i], mail, &why) != HF_OK)
			return hf_err_set(err, HF_E_SHAPE, "%.97s: an administrator outside of the council: %.150s", row->account,
					  why.text);
	return HF_OK;
}

static enum hf_rc read_account(json_t *json, struct hf_beside_account *ret, struct hf_err *err)
{
	struct hf_beside_account row = {"", "", "", "", "", "", "", {0}};
	const struct hf_json_member members[] = {
		{"account", HF_JSON_LINE, &row.account, HF_ACCOUNT_SIZE, false},
		{"service", HF_JSON_LINE, &row.service, NAME_MAX_BYTES, true},
		{"address", HF_JSON_LINE, &row.address, TEXT_MAX_BYTES, true},
		{"owner", HF_JSON_LINE, &row.owner, NAME_MAX_BYTES, true},
		{"scheduler", HF_JSON_LINE, &row.scheduler, NAME_MAX_BYTES, true},
		{"recovery", HF_JSON_LINE, &row.recovery, TEXT_MAX_BYTES, true},
		{"reviewed", HF_JSON_LINE, &row.reviewed, HF_DAY_TEXT_SIZE, true},
		{"admins", HF_JSON_LINES, &row.admins, HF_BESIDE_ADMINS_MAX, true},
	};
	struct hf_err why = {""};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), &why);
	*ret = row;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%.97s: %.150s", row.account[0] ? row.account : "an account", why.text);
	if (!hf_account_ok(row.account))
		return hf_err_set(err, HF_E_SHAPE, "'%.97s' is no account", row.account);
	rc = check_day(row.account, "reviewed", row.reviewed, err);
	return rc == HF_OK ? check_admins(&row, err) : rc;
}

static enum hf_rc read_person(json_t *json, struct hf_beside_person *ret, struct hf_err *err)
{
	struct hf_beside_person row = {"", "", ""};
	const struct hf_json_member members[] = {
		{"person", HF_JSON_ID, &row.person, 0, false},
		{"statement", HF_JSON_LINE, &row.statement, HF_DAY_TEXT_SIZE, true},
		{"trained", HF_JSON_LINE, &row.trained, HF_DAY_TEXT_SIZE, true},
	};
	struct hf_err why = {""};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%.64s: %.150s", row.person[0] ? row.person : "a person", why.text);
	rc = check_day(row.person, "statement", row.statement, err);
	if (rc == HF_OK)
		rc = check_day(row.person, "trained", row.trained, err);
	*ret = row;
	return rc;
}

static enum hf_rc read_accounts(const json_t *list, struct hf_beside *ret, struct hf_err *err)
{
	json_t *row;
	size_t i;
	enum hf_rc rc = HF_OK;
	ret->v = calloc(json_array_size(list) + 1, sizeof(*ret->v));
	if (!ret->v)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the register beside");
	json_array_foreach(list, i, row)
	{
		rc = read_account(row, &ret->v[ret->n], err);
		if (rc == HF_OK && hf_beside_find(ret, ret->v[ret->n].account))
			rc = hf_err_set(err, HF_E_SHAPE, "%s stands there twice", ret->v[ret->n].account);
		ret->n++;
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

static enum hf_rc read_people(const json_t *list, struct hf_beside *ret, struct hf_err *err)
{
	json_t *row;
	size_t i;
	enum hf_rc rc = HF_OK;
	ret->people = calloc(json_array_size(list) + 1, sizeof(*ret->people));
	if (!ret->people)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the register beside");
	json_array_foreach(list, i, row)
	{
		struct hf_beside_person person;
		rc = read_person(row, &person, err);
		if (rc == HF_OK && hf_beside_person(ret, person.person))
			rc = hf_err_set(err, HF_E_SHAPE, "%s stands there twice", person.person);
		if (rc != HF_OK)
			return rc;
		ret->people[ret->n_people++] = person;
	}
	return HF_OK;
}

enum hf_rc hf_beside_read(json_t *json, struct hf_beside *ret, struct hf_err *err)
{
	json_t *accounts = NULL, *people = NULL;
	const struct hf_json_member members[] = {
		{"accounts", HF_JSON_ARRAY, &accounts, HF_ACCOUNTS_MAX, false},
		{"people", HF_JSON_ARRAY, &people, HF_BESIDE_PEOPLE_MAX, false},
	};
	enum hf_rc rc;
	ret->json = json;
	if (!json)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the register beside");
	rc = hf_json_take(json, members, HF_LEN(members), err);
	if (rc == HF_OK)
		rc = read_accounts(accounts, ret, err);
	return rc == HF_OK ? read_people(people, ret, err) : rc;
}

/* Where it stands, or would: rows are in the order of their names. */
static size_t place_of(const json_t *list, const char *key, const char *name, bool *ret_there)
{
	size_t at = 0, n = json_array_size(list);
	int cmp = 1;
	while (at < n && (cmp = strcmp(json_string_value(json_object_get(json_array_get(list, at), key)), name)) < 0)
		at++;
	*ret_there = at < n && cmp == 0;
	return at;
}

static enum hf_rc put_rows(json_t *list, const json_t *rows, const char *key)
{
	json_t *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		bool there = false;
		size_t at = place_of(list, key, json_string_value(json_object_get(row, key)), &there);
		if (there && json_array_remove(list, at) != 0)
			return HF_E_MEMORY;
		if (json_object_size(row) > 1 && json_array_insert(list, at, row) != 0)
			return HF_E_MEMORY;
	}
	return HF_OK;
}

enum hf_rc hf_beside_merge(const struct hf_beside *held, const json_t *changes, struct hf_beside *ret,
			   struct hf_err *err)
{
	hf_auto_beside struct hf_beside said = {0};
	json_t *next = held->json ? json_deep_copy(held->json)
				  : json_pack("{s:[], s:[]}", "accounts", "people");
	enum hf_rc rc = hf_beside_read(json_deep_copy(changes), &said, err);
	if (rc == HF_OK && next &&
	    (put_rows(json_object_get(next, "accounts"), json_object_get(said.json, "accounts"), "account") != HF_OK ||
	     put_rows(json_object_get(next, "people"), json_object_get(said.json, "people"), "person") != HF_OK))
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for the register beside");
	if (rc == HF_OK)
		return hf_beside_read(next, ret, err);
	json_decref(next);
	return rc;
}

const struct hf_beside_account *hf_beside_find(const struct hf_beside *beside, const char *account)
{
	for (size_t i = 0; i < beside->n; i++)
		if (strcmp(beside->v[i].account, account) == 0)
			return &beside->v[i];
	return NULL;
}

const struct hf_beside_person *hf_beside_person(const struct hf_beside *beside, const char *person)
{
	for (size_t i = 0; i < beside->n_people; i++)
		if (strcmp(beside->people[i].person, person) == 0)
			return &beside->people[i];
	return NULL;
}

void hf_beside_done(struct hf_beside *beside)
{
	for (size_t i = 0; i < beside->n; i++)
		hf_strs_done(&beside->v[i].admins);
	free(beside->v);
	free(beside->people);
	json_decref(beside->json);
	*beside = (struct hf_beside){0};
}
