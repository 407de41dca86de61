/* SPDX-License-Identifier: MIT */
/*
 * Owns the plan that is made of what somebody says of a council's people.
 * Must never judge whether they are enough: who makes the council does.
 */
#include <ctype.h>
#include <string.h>

#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/trust.h>

#include "controller/cli/ask.h"
#include "controller/cli/setup/setup_people.h"

#define CATALOGUE "/usr/share/holdfast/catalogue/posting-tools.json"
#define LOGIN_MAX 32 /* useradd(8) */
#define EMPTY_MAX 2 /* lines of nothing where roles are asked: a terminal that has ended gives no other */
#define ROLES_HELP HF_TEXT("their roles, with commas between them (comms, accounts, monitoring, elections, it)")
#define NOT_AN_ID                                                                                                      \
	HF_TEXT("`%s` cannot be a name here: it has small letters, digits and hyphens alone, at most 64 of them.")

enum hf_rc hf_setup_pair(const char *option, const char *pair, char id[HF_ID_SIZE], const char **ret,
			 struct hf_err *err)
{
	const char *sign = strchr(pair, '=');

	if (!sign || !sign[1])
		return hf_err_set(err, HF_E_USAGE, "--%s %s: say PERSON=..., with something behind the sign.", option,
				  pair);
	if (hf_str_printf(id, HF_ID_SIZE, "%.*s", (int)(sign - pair), pair) != HF_OK || !hf_id_ok(id))
		return hf_err_set(err, HF_E_USAGE,
				  "--%s %s: a person has small letters, digits and hyphens alone, at most 64 of them.",
				  option, pair);
	*ret = sign + 1;
	return HF_OK;
}

static enum hf_rc take_role(const char *role, size_t len, json_t *roles, struct hf_err *err)
{
	char id[HF_ID_SIZE];

	while (len > 0 && role[0] == ' ') {
		role++;
		len--;
	}
	while (len > 0 && role[len - 1] == ' ')
		len--;
	if (hf_str_printf(id, sizeof(id), "%.*s", (int)len, role) != HF_OK || !hf_id_ok(id))
		return hf_err_set(err, HF_E_USAGE, "`%.*s` is no role: roles are comms, accounts, monitoring, elections, "
						   "it, with commas between them.", (int)len, role);
	return json_array_append_new(roles, json_string(id)) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc take_person(const char *id, const char *said, json_t *people, struct hf_err *err)
{
	hf_auto_json json_t *roles = json_array();
	enum hf_rc rc = HF_OK;

	if (hf_json_with(people, "id", id))
		return hf_err_set(err, HF_E_USAGE, "%s is there twice.", id);
	while (rc == HF_OK && said) {
		size_t len = strcspn(said, ",");

		rc = take_role(said, len, roles, err);
		said = said[len] ? said + len + 1 : NULL;
	}
	if (rc != HF_OK)
		return rc;
	return json_array_append_new(people, json_pack("{s:s, s:O}", "id", id, "roles", roles)) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc give_plan(const char *council, json_t *people, json_t **ret, struct hf_err *err)
{
	json_t *plan = json_pack("{s:s, s:O, s:[], s:s}", "council", council, "people", people, "accounts", "catalogue",
				 CATALOGUE);

	if (!plan)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	*ret = plan;
	return HF_OK;
}

enum hf_rc hf_setup_people_plan(const char *council, const struct hf_list *people, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *rows = json_array();
	enum hf_rc rc = HF_OK;

	if (!hf_id_ok(council))
		return hf_err_set(err, HF_E_USAGE, hf_text(NOT_AN_ID), council);
	for (size_t i = 0; rc == HF_OK && i < people->n; i++) {
		char id[HF_ID_SIZE];
		const char *roles = NULL;

		rc = hf_setup_pair("person", people->v[i], id, &roles, err);
		if (rc == HF_OK)
			rc = take_person(id, roles, rows, err);
	}
	return rc == HF_OK ? give_plan(council, rows, ret, err) : rc;
}

/* Until it is an id, or nothing: Enter alone ends a list. */
static enum hf_rc ask_id(struct hf_cli *cli, const char *prompt, char ret[HF_ASKED_SIZE], struct hf_err *err)
{
	for (;;) {
		enum hf_rc rc = hf_ask_line(cli, prompt, hf_text("--plan FILE, or --council and --person"), ret, err);

		if (rc != HF_OK || !ret[0] || hf_id_ok(ret))
			return rc;
		fprintf(cli->talk, hf_text(NOT_AN_ID), ret);
		fputc('\n', cli->talk);
	}
}

static enum hf_rc ask_roles(struct hf_cli *cli, const char *id, json_t *people, struct hf_err *err)
{
	char roles[HF_ASKED_SIZE];
	enum hf_rc rc;

	for (int empty = 0;; empty += !roles[0]) {
		rc = hf_ask_line(cli, hf_text(ROLES_HELP), hf_text("--person PERSON=ROLES"), roles, err);
		if (rc == HF_OK)
			rc = take_person(id, roles, people, err);
		if (rc != HF_E_USAGE || empty == EMPTY_MAX)
			return rc;
		fprintf(cli->talk, "%s\n", err->text);
	}
}

enum hf_rc hf_setup_login_ok(const char *login, struct hf_err *err)
{
	bool good = islower((unsigned char)login[0]) || login[0] == '_';

	for (size_t i = 0; good && login[i]; i++)
		good = i < LOGIN_MAX && (islower((unsigned char)login[i]) || isdigit((unsigned char)login[i]) ||
					 strchr("_-.", login[i]));
	return good ? HF_OK
		    : hf_err_set(err, HF_E_USAGE,
				 "`%s` cannot be a login here: it begins with a small letter and has small letters, digits, "
				 "dots, _ and -, at most %d of them.", login, LOGIN_MAX);
}

static enum hf_rc ask_login(struct hf_cli *cli, const char *id, json_t *logins, struct hf_err *err)
{
	char login[HF_ASKED_SIZE], pair[HF_ID_SIZE + HF_ASKED_SIZE];
	enum hf_rc rc = HF_E_USAGE;

	while (rc == HF_E_USAGE) {
		rc = hf_ask_line(cli, hf_text("their login on this server, which is made if it is missing (Enter: none)"),
				 hf_text("--login PERSON=LOGIN"), login, err);
		if (rc != HF_OK || !login[0])
			return rc;
		rc = hf_setup_login_ok(login, err);
		if (rc == HF_E_USAGE)
			fprintf(cli->talk, "%s\n", err->text);
	}
	rc = hf_str_printf(pair, sizeof(pair), "%s=%s", id, login);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The login %s is too long.", login);
	return json_array_append_new(logins, json_string(pair)) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc ask_name(struct hf_cli *cli, json_t *person, struct hf_err *err)
{
	char name[HF_ASKED_SIZE];
	enum hf_rc rc = hf_ask_line(cli, hf_text("their name as screens say it, such as Anna Price (Enter: none)"),
				    hf_text("--person PERSON=ROLES"), name, err);

	if (rc != HF_OK || !name[0])
		return rc;
	return json_object_set_new(person, "name", json_string(name)) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_USAGE, "`%s` is no name: it is UTF-8 text of one line.", name);
}

static enum hf_rc ask_people(struct hf_cli *cli, json_t *people, json_t *logins, struct hf_err *err)
{
	char id[HF_ASKED_SIZE];
	enum hf_rc rc;

	fprintf(cli->talk, hf_text("\nNow the people who have a role, one after another; Enter alone ends the list. Any two of comms\n"
				   "and monitoring give an all-clear, so there are three of them at least.\n"));
	while (true) {
		rc = ask_id(cli, hf_text("\nA short name of a person, such as anna or comms-1"), id, err);
		if (rc != HF_OK || !id[0])
			return rc;
		rc = ask_roles(cli, id, people, err);
		if (rc == HF_OK)
			rc = ask_name(cli, json_array_get(people, json_array_size(people) - 1), err);
		if (rc == HF_OK)
			rc = ask_login(cli, id, logins, err);
		if (rc != HF_OK)
			return rc;
	}
}

enum hf_rc hf_setup_people_ask(struct hf_cli *cli, json_t **ret, json_t **ret_logins, struct hf_err *err)
{
	hf_auto_json json_t *people = json_array(), *logins = json_array();
	char council[HF_ASKED_SIZE];
	enum hf_rc rc = ask_id(cli, hf_text("A short name of the council, such as north-moor"), council, err);

	if (rc == HF_OK && !council[0])
		return hf_err_set(err, HF_E_ABSENT, "No council was named: nothing has been done.");
	if (rc == HF_OK)
		rc = ask_people(cli, people, logins, err);
	if (rc == HF_OK)
		rc = give_plan(council, people, ret, err);
	if (rc == HF_OK)
		*ret_logins = json_incref(logins);
	return rc;
}
