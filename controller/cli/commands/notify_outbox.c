/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast notify`: whom the controller tells, how far each message is, and what somebody decides about one.
 * Must never say of a message that may not have arrived that it did.
 */
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/times.h"

#define LOOK_MS 500
#define TEST_S 60 /* a mail server that takes longer is one to ask about */

static enum hf_rc ask_outbox(const struct hf_cli *cli, long long after, json_t **ret, struct hf_err *err)
{
	char path[64];
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/v1/outbox?after=%lld", after);

	return rc == HF_OK ? hf_client_get(&cli->office, path, ret, err) : rc;
}

/* All pages, in the first one's list. */
static enum hf_rc all_pages(const struct hf_cli *cli, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *first = NULL;
	enum hf_rc rc = ask_outbox(cli, 0, &first, err);
	long long next = rc == HF_OK ? hf_client_number(first, "next") : 0;

	while (rc == HF_OK && next > 0) {
		hf_auto_json json_t *page = NULL;

		rc = ask_outbox(cli, next, &page, err);
		if (rc != HF_OK)
			break;
		if (json_array_extend(json_object_get(first, "outbox"), json_object_get(page, "outbox")) != 0)
			return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
		next = hf_client_number(page, "next");
	}
	if (rc == HF_OK)
		*ret = json_incref(first);
	return rc;
}

/* clang-format off */
static const struct { const char *word, *shown; } STATES[] = {
	{ "waiting",   HF_TEXT("waits") },
	{ "sending",   HF_TEXT("goes out") },
	{ "sent",      HF_TEXT("sent") },
	{ "unknown",   HF_TEXT("MAY OR MAY NOT have arrived") },
	{ "failed",    HF_TEXT("FAILED") },
	{ "cancelled", HF_TEXT("not sent: it was over before") },
	{ "dropped",   HF_TEXT("dropped") },
};
/* clang-format on */

static const char *state_text(const json_t *row)
{
	const char *word = hf_client_text(row, "state", "");

	for (size_t i = 0; i < HF_LEN(STATES); i++)
		if (strcmp(STATES[i].word, word) == 0)
			return hf_text(STATES[i].shown);
	return "?";
}

static bool is_open(const json_t *row)
{
	const char *word = hf_client_text(row, "state", "");

	return strcmp(word, "sent") != 0 && strcmp(word, "cancelled") != 0 && strcmp(word, "dropped") != 0;
}

static void say_row(const struct hf_words *words, const json_t *row)
{
	char at[HF_TIMES_TEXT_SIZE];
	const char *line = hf_client_text(row, "line", "");

	hf_words_line(words, "%lld, %s to %s <%s>, of %s: %s", hf_client_number(row, "id"), hf_client_text(row, "what", "?"),
		      hf_client_text(row, "person", "?"), hf_client_text(row, "address", "?"),
		      hf_times_text((struct hf_wall){hf_client_number(row, "made")}, at), state_text(row));
	if (line[0])
		hf_words_text(words, hf_text("the first refusal: "), line);
}

static void say_one_channel(const struct hf_words *words, const json_t *channel)
{
	const char *name = hf_client_text(channel, "channel", "?"), *state = hf_client_text(channel, "state", "?");
	const char *why = hf_client_text(channel, "why", "");

	if (strcmp(state, "up") == 0)
		return;
	if (strcmp(state, "stopped") != 0)
		hf_words_line(words, "holdfast-notify does not run, or has no channel %s: nothing goes out by it.", name);
	else if (strcmp(name, "mail") == 0)
		hf_words_heading(words, HF_TONE_LIVE, "NO E-MAIL GOES OUT: %s", why);
	else if (strcmp(name, "sms") == 0)
		hf_words_heading(words, HF_TONE_LIVE, "NO TEXT MESSAGE GOES OUT: %s", why);
	else
		hf_words_heading(words, HF_TONE_LIVE, "NOTHING GOES OUT BY THE HOOK %s: %s", name, why);
}

static void say_channel(const struct hf_words *words, const json_t *answer)
{
	const json_t *people = json_object_get(answer, "people");
	const char *trouble = hf_client_text(answer, "trouble", "");
	const json_t *channel;
	size_t i;
	unsigned long bad = (unsigned long)hf_client_number(people, "bad"), named = (unsigned long)hf_client_number(people, "named");

	if (!json_is_true(json_object_get(answer, "on")))
		hf_words_line(words, "Nobody is told of anything: notify.user is not set on the server.");
	else
		json_array_foreach(json_object_get(answer, "channels"), i, channel)
			say_one_channel(words, channel);
	if (trouble[0])
		hf_words_text(words, hf_text("Not as you want it: "), trouble);
	if (bad > 0)
		hf_words_line(words, hf_text_n("%lu line of the people file counts for nothing: %s",
					       "%lu lines of the people file count for nothing; the first: %s", bad),
			      bad, hf_client_text(people, "why", ""));
	if (named > 0)
		hf_words_line(words,
			      hf_text_n("%lu id says a person's name, and goes into signed documents and onto devices: %s",
					"%lu ids say people's names, and go into signed documents and onto devices; the first: %s",
					named),
			      named, hf_client_text(people, "first", ""));
}

static void say_outbox(const struct hf_words *words, const json_t *answer, bool all)
{
	const json_t *row;
	size_t i, n = 0;

	say_channel(words, answer);
	json_array_foreach(json_object_get(answer, "outbox"), i, row)
	{
		if (!all && !is_open(row))
			continue;
		say_row(words, row);
		n++;
	}
	if (n == 0)
		hf_words_line(words, all ? hf_text("No message was ever written.")
					 : hf_text("No message waits, and none has failed; --all shows those that are sent."));
}

static enum hf_rc mark_seen(const struct hf_cli *cli, struct hf_err *err)
{
	hf_auto_json json_t *said = NULL;

	return hf_client_tell(&cli->office, json_pack("{s:s}", "act", "seen"), &said, err);
}

enum hf_rc hf_cli_notify_outbox(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli)};
	bool all = false, seen = false;
	const struct hf_arg rows[] = {
		{"all", HF_ARG_FLAG, &all, NULL, HF_TEXT("also those that are sent or cancelled"), 0},
		{"seen", HF_ARG_FLAG, &seen, NULL, HF_TEXT("you have seen what failed: no screen says it any more"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = all_pages(cli, &answer, err);
	if (rc == HF_OK && seen)
		rc = mark_seen(cli, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_incref(answer), err);
	say_outbox(&words, answer, all);
	return HF_OK;
}

static enum hf_rc find_message(const struct hf_cli *cli, long long id, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *page = NULL;
	enum hf_rc rc = ask_outbox(cli, id - 1, &page, err);

	if (rc == HF_OK)
		*ret = json_incref(json_array_get(json_object_get(page, "outbox"), 0));
	return rc;
}

/* Until it is settled, or for a minute. */
static enum hf_rc await_message(const struct hf_cli *cli, long long id, json_t **ret, struct hf_err *err)
{
	int64_t until = hf_clock_boot().ms + TEST_S * 1000;
	hf_auto_json json_t *row = NULL;
	enum hf_rc rc;
	const char *state;

	do {
		json_decref(row);
		row = NULL;
		rc = find_message(cli, id, &row, err);
		state = hf_client_text(row, "state", "");
		if (rc != HF_OK || (strcmp(state, "waiting") != 0 && strcmp(state, "sending") != 0) || hf_client_text(row, "line", "")[0])
			break;
		poll(NULL, 0, LOOK_MS);
	} while (hf_clock_boot().ms < until);
	if (rc == HF_OK)
		*ret = json_incref(row);
	return rc;
}

enum hf_rc hf_cli_notify_test(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *said = NULL, *row = NULL, *page = NULL;
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli)};
	bool sms = false;
	const struct hf_arg rows[] = {
		{"sms", HF_ARG_FLAG, &sms, NULL, HF_TEXT("a person by text message, not by e-mail"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_client_tell(&cli->office, json_pack("{s:s, s:s, s:b}", "act", "test", "to", args->rest[0], "sms", sms),
				    &said, err);
	if (rc == HF_OK)
		rc = await_message(cli, hf_client_number(said, "id"), &row, err);
	if (rc == HF_OK)
		rc = ask_outbox(cli, LLONG_MAX >> 16, &page, err);
	if (rc == HF_OK && cli->json)
		rc = hf_cli_answer(cli, json_incref(row), err);
	if (rc != HF_OK)
		return rc;
	if (!cli->json) {
		say_channel(&words, page);
		say_row(&words, row);
	}
	if (strcmp(hf_client_text(row, "state", ""), "sent") == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "The test message has not been sent.");
}

static enum hf_rc decide_one(const struct hf_cli *cli, const char *act, const char *word, struct hf_err *err)
{
	hf_auto_json json_t *said = NULL;
	char *end = NULL;
	long long id = strtoll(word, &end, 10);

	if (id < 1 || *end)
		return hf_err_set(err, HF_E_USAGE, "'%s' is no number of a message: `holdfast notify outbox` shows them.", word);
	return hf_client_tell(&cli->office, json_pack("{s:s, s:I}", "act", act, "id", (json_int_t)id), &said, err);
}

static enum hf_rc decide_all(struct hf_cli *cli, struct hf_args *args, const char *act, struct hf_err *err)
{
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli)};
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	for (size_t i = 0; i < args->n_rest && rc == HF_OK; i++)
		rc = decide_one(cli, act, args->rest[i], err);
	if (rc == HF_OK && cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:i}", "act", act, "messages", (int)args->n_rest), err);
	if (rc == HF_OK)
		hf_words_line(&words, strcmp(act, "retry") == 0
					      ? hf_text_n("%zu message is sent again.", "%zu messages are sent again.", args->n_rest)
					      : hf_text_n("%zu message is dropped.", "%zu messages are dropped.", args->n_rest),
			      args->n_rest);
	return rc;
}

enum hf_rc hf_cli_notify_retry(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return decide_all(cli, args, "retry", err);
}

enum hf_rc hf_cli_notify_drop(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return decide_all(cli, args, "drop", err);
}
