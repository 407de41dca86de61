/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast account history`, `person history` and `holder checklist`: the record of who held what (policy D2.3, D2.9).
 * Must never show what is not proven as if it were.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"
#include "controller/office/client.h"
#include "controller/office/history.h"

static void say_when(const struct hf_words *words, const json_t *event)
{
	char at[HF_WALL_TEXT_SIZE];

	fprintf(words->out, hf_text("%s, version %lld, by "), hf_london_text((struct hf_wall){hf_client_number(event, "at")}, at),
		hf_client_number(event, "version"));
	hf_words_people(words, json_object_get(event, "by"));
	fputs(json_is_true(json_object_get(event, "proven")) ? ": " : hf_text(" (NOT PROVEN): "), words->out);
}

static void say_holder_event(const struct hf_words *words, const json_t *event, const char *change)
{
	char until[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];
	const char *account = hf_client_text(event, "account", "?");
	const char *person = hf_words_who(words, hf_client_text(event, "person", "?"), who);

	hf_london_text((struct hf_wall){hf_client_number(event, "until")}, until);
	if (strcmp(change, "held") == 0)
		fprintf(words->out, hf_text("%s holds %s (%s).\n"), person, account, until);
	else if (strcmp(change, "until") == 0)
		fprintf(words->out, hf_text("the access of %s to %s was reviewed (%s).\n"), person, account, until);
	else if (strcmp(change, "withdrawn") == 0)
		fprintf(words->out, hf_text("%s holds %s no more.\n"), person, account);
	else
		fprintf(words->out, hf_text("the access of %s to %s is gone at the platform.\n"), person, account);
}

static void say_event(const struct hf_words *words, const json_t *event)
{
	const char *change = hf_client_text(event, "change", "");
	const char *account = hf_client_text(event, "account", "?"), *kind = hf_client_text(event, "kind", "?");

	say_when(words, event);
	if (json_object_get(event, "person"))
		say_holder_event(words, event, change);
	else if (strcmp(change, "added") == 0)
		fprintf(words->out, hf_text("%s is an account (%s).\n"), account, kind);
	else if (strcmp(change, "kind") == 0)
		fprintf(words->out, hf_text("%s is %s now.\n"), account, kind);
	else
		fprintf(words->out, hf_text("%s is an account no more.\n"), account);
}

/* The events whose member has this text. */
static json_t *events_of(const json_t *events, const char *member, const char *text)
{
	json_t *list = json_array(), *event;
	size_t index;

	json_array_foreach(events, index, event)
	{
		if (strcmp(hf_client_text(event, member, ""), text) == 0)
			(void)json_array_append(list, event);
	}
	return list;
}

static void say_events(const struct hf_words *words, const json_t *events)
{
	json_t *event;
	size_t index;

	json_array_foreach(events, index, event)
	{
		say_event(words, event);
	}
	if (json_array_size(events) == 0)
		fputs(hf_text("The record has nothing of that.\n"), words->out);
}

static enum hf_rc open_history(struct hf_cli *cli, struct hf_args *args, struct hf_view *view, json_t **ret_events,
			       struct hf_err *err)
{
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	for (size_t i = 0; rc == HF_OK && i < args->n_rest; i++)
		rc = hf_change_text(args->rest[i], err);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, view, err);
	return rc == HF_OK ? hf_history_read(view, ret_events, err) : rc;
}

enum hf_rc hf_cli_account_history(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	const struct hf_words words = {.out = cli->out, .view = &view};
	hf_auto_json json_t *events = NULL;
	hf_auto_json json_t *mine = NULL;
	enum hf_rc rc = open_history(cli, args, &view, &events, err);

	if (rc != HF_OK)
		return rc;
	mine = events_of(events, "account", args->rest[0]);
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:O}", "account", args->rest[0], "events", mine), err);
	say_events(&words, mine);
	return HF_OK;
}

static void say_roles(const struct hf_words *words, const json_t *roles)
{
	json_t *one;
	size_t index;

	json_array_foreach(roles, index, one)
	{
		char at[HF_WALL_TEXT_SIZE];

		fprintf(words->out, hf_text("%s, trust of epoch %lld: the roles "),
			hf_london_text((struct hf_wall){hf_client_number(one, "at")}, at), hf_client_number(one, "epoch"));
		if (json_array_size(json_object_get(one, "roles")) == 0)
			fputs(hf_text("none"), words->out);
		else
			hf_words_list(words->out, json_object_get(one, "roles"));
		fputs(".\n", words->out);
	}
}

enum hf_rc hf_cli_person_history(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	const struct hf_words words = {.out = cli->out, .view = &view};
	hf_auto_json json_t *events = NULL;
	hf_auto_json json_t *mine = NULL;
	hf_auto_json json_t *roles = NULL;
	enum hf_rc rc = open_history(cli, args, &view, &events, err);

	if (rc != HF_OK)
		return rc;
	mine = events_of(events, "person", args->rest[0]);
	roles = hf_history_roles(&view, args->rest[0]);
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:O, s:O}", "person", args->rest[0], "roles", roles, "events", mine),
				     err);
	say_roles(&words, roles);
	if (json_array_size(roles) == 0 || json_array_size(mine) > 0)
		say_events(&words, mine);
	return HF_OK;
}

enum hf_rc hf_cli_holder_checklist(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	const struct hf_words words = {.out = cli->out, .view = &view};
	hf_auto_json json_t *events = NULL;
	hf_auto_json json_t *open = NULL;
	json_t *event;
	size_t index;
	enum hf_rc rc = open_history(cli, args, &view, &events, err);

	if (rc != HF_OK)
		return rc;
	open = hf_history_open(events);
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:O}", "open", open), err);
	json_array_foreach(open, index, event)
	{
		say_event(&words, event);
		fprintf(cli->out, hf_text("    Is their access gone at the platform, too? holdfast holder confirm %s %s\n"),
			hf_client_text(event, "person", "?"), hf_client_text(event, "account", "?"));
	}
	if (json_array_size(open) == 0)
		fputs(hf_text("Nothing is open: of everybody who was withdrawn it is confirmed that their access is gone.\n"),
		      cli->out);
	return HF_OK;
}
