/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the people file.
 * Must never let one bad line keep anybody else from being told.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/csv.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>

#include "controller/telling/contacts.h"
#include "controller/telling/id_names.h"

#define MOBILE_DIGITS_MIN 8
#define MOBILE_DIGITS_MAX 15

static bool is_several(const char *person)
{
	return strcmp(person, HF_CONTACT_LIST) == 0 || strcmp(person, HF_CONTACT_MEMBER) == 0;
}

const struct hf_contact *hf_contacts_find(const struct hf_contacts *contacts, const char *person)
{
	for (size_t i = 0; i < contacts->n; i++)
		if (strcmp(contacts->v[i].person, person) == 0)
			return &contacts->v[i];
	return NULL;
}

static enum hf_rc check_line(const struct hf_contacts *contacts, const struct hf_csv_row *row, struct hf_err *err)
{
	const char *person = row->cells[0];
	if (!is_several(person) && !hf_id_ok(person))
		return hf_err_set(err, HF_E_SHAPE, "line %zu: '%.80s' is neither a person's id, %s nor %s", row->line,
				  person, HF_CONTACT_LIST, HF_CONTACT_MEMBER);
	if (!is_several(person) && hf_contacts_find(contacts, person))
		return hf_err_set(err, HF_E_SHAPE, "line %zu: %s stands there twice", row->line, person);
	if (row->cells[5][0] && strcmp(row->cells[5], "yes") != 0)
		return hf_err_set(err, HF_E_SHAPE, "line %zu: consent is `yes` or nothing, not '%.80s'", row->line,
				  row->cells[5]);
	if (is_several(person) && !row->cells[3][0])
		return hf_err_set(err, HF_E_SHAPE, "line %zu: %s has no address of e-mail", row->line, person);
	return HF_OK;
}

static enum hf_rc fill_contact(const struct hf_contacts *contacts, const struct hf_csv_row *row,
			       struct hf_contact *ret, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = check_line(contacts, row, err);
	if (rc != HF_OK)
		return rc;
	if (row->cells[3][0] && hf_mail_address(row->cells[3], ret->mail, &why) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "line %zu: %.150s", row->line, why.text);
	ret->person = row->cells[0];
	ret->name = row->cells[1];
	ret->title = row->cells[2];
	ret->consents = strcmp(row->cells[5], "yes") == 0;
	return HF_OK;
}

enum hf_rc hf_contacts_mobile(const char *text, char ret[HF_MOBILE_SIZE], struct hf_err *err)
{
	char number[HF_MOBILE_SIZE];
	size_t len = 0, digits = 0;
	for (const char *at = text; *at; at++) {
		bool digit = *at >= '0' && *at <= '9';
		if (strchr(" -.()", *at))
			continue;
		if ((!digit && !(*at == '+' && len == 0)) || len + 1 == sizeof(number))
			return hf_err_set(err, HF_E_SHAPE, "'%.40s' is no number of a mobile telephone", text);
		number[len++] = *at;
		digits += digit;
	}
	number[len] = '\0';
	if (digits < MOBILE_DIGITS_MIN || digits > MOBILE_DIGITS_MAX)
		return hf_err_set(err, HF_E_SHAPE, "'%.40s' is no number of a mobile telephone", text);
	memcpy(ret, number, len + 1);
	return HF_OK;
}

/* Whose number cannot be read is told by e-mail all the same. */
static void take_mobile(struct hf_contacts *contacts, const struct hf_csv_row *row, struct hf_contact *contact)
{
	struct hf_err why = {""};
	if (row->cells[4][0] && hf_contacts_mobile(row->cells[4], contact->mobile, &why) != HF_OK &&
	    contacts->n_bad++ == 0)
		(void)hf_err_set(&contacts->bad, HF_E_SHAPE, "line %zu: %.150s", row->line, why.text);
}

static bool is_heading(const struct hf_csv_row *row)
{
	return row->line == 1 && strcmp(row->cells[0], "person") == 0;
}

static enum hf_rc take_line(struct hf_contacts *contacts, const struct hf_csv_row *row, struct hf_err *err)
{
	struct hf_err why = {""};
	struct hf_contact *contact;
	if (is_heading(row) || row->cells[0][0] == '#')
		return HF_OK;
	if (contacts->n == HF_CONTACTS_MAX)
		return hf_err_set(err, HF_E_SIZE, "the people file has more than %d people", HF_CONTACTS_MAX);
	if (hf_rows_reserve(&contacts->v, &contacts->room, contacts->n + 1, sizeof(*contacts->v)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the people file");
	contact = &contacts->v[contacts->n];
	*contact = (struct hf_contact){0};
	if (fill_contact(contacts, row, contact, &why) != HF_OK) {
		if (contacts->n_bad++ == 0)
			contacts->bad = why;
		return HF_OK;
	}
	take_mobile(contacts, row, contact);
	contacts->n++;
	if (hf_id_says_name(contact->person, contact->name) && contacts->n_named++ == 0)
		contacts->named = contact->person;
	return HF_OK;
}

enum hf_rc hf_contacts_add(struct hf_contacts *contacts, const char *person, const char *mail)
{
	struct hf_contact contact = {.person = person, .name = "", .title = ""};
	if (hf_mail_address(mail, contact.mail, NULL) != HF_OK)
		return HF_OK;
	if (hf_rows_reserve(&contacts->v, &contacts->room, contacts->n + 1, sizeof(*contacts->v)) != HF_OK)
		return HF_E_MEMORY;
	contacts->v[contacts->n++] = contact;
	return HF_OK;
}

enum hf_rc hf_contacts_read(char *text, struct hf_contacts *ret, struct hf_err *err)
{
	struct hf_csv csv = hf_csv_begin(text);
	struct hf_csv_row row;
	bool more = true;
	enum hf_rc rc = HF_OK;
	ret->text = text;
	while (rc == HF_OK && more) {
		/* Behind an unended quote nothing can be told apart: those before it are told. */
		if (hf_csv_next(&csv, &row, &more, &ret->bad) != HF_OK) {
			ret->n_bad++;
			return HF_OK;
		}
		if (more)
			rc = take_line(ret, &row, err);
	}
	return rc;
}

void hf_contacts_done(struct hf_contacts *contacts)
{
	free(contacts->text);
	free(contacts->v);
	*contacts = (struct hf_contacts){0};
}
