/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast check`: what people must do by hand at a raise and at the all-clear, and what of it is done.
 * Must never show an item of an exercise as one of the real thing.
 */
#include <pwd.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/times.h"

#define PATH "/v1/checks"
#define SHORT 12 /* characters of a lockdown's id that are shown */
#define LEAST 4	 /* that are enough to mean one */
#define WHO_SIZE 80
#define COUNT_MOST 1000000

/* Whoever it was on this machine; by number where no login has it. */
static const char *user_text(long long uid, char room[WHO_SIZE])
{
	const struct passwd *user = uid >= 0 ? getpwuid((uid_t)uid) : NULL;

	if (user)
		return hf_str_copy(room, WHO_SIZE, user->pw_name) == HF_OK ? room : "?";
	return hf_str_printf(room, WHO_SIZE, "%lld", uid) == HF_OK ? room : "?";
}

static void say_done(const struct hf_words *words, const json_t *item)
{
	const json_t *last = json_object_get(item, "last");
	char at[HF_TIMES_TEXT_SIZE], who[WHO_SIZE];
	long long count = json_is_object(last) ? hf_client_number(last, "count") : -1;
	const char *note = hf_client_text(last, "note", "");

	if (json_is_true(json_object_get(item, "open")))
		return;
	hf_words_line(words, "Done %s by %s.", hf_times_text((struct hf_wall){hf_client_number(last, "at")}, at),
		      user_text(hf_client_number(last, "uid"), who));
	if (count >= 0)
		hf_words_line(words, hf_text_n("%lld post is held.", "%lld posts are held.", (unsigned long)count), count);
	if (note[0])
		hf_words_text(words, hf_text("Note: "), note);
}

static void say_people(const struct hf_words *words, const json_t *item)
{
	const json_t *holders = json_object_get(item, "holders");
	const json_t *one;
	size_t i;

	if (json_array_size(holders) == 0)
		return;
	fputs(hf_text("For whoever holds it: "), words->out);
	json_array_foreach(holders, i, one)
		hf_words_item(words->out, i, json_array_size(holders), json_string_value(one));
	fputs(".\n", words->out);
}

/* What Holdfast does by itself, where the scheduler lets it; people are quicker, and may. */
static void say_by_itself(const struct hf_words *words, const json_t *item)
{
	const json_t *api = json_object_get(item, "api");
	long long held, back, left, queued;
	char at[HF_TIMES_TEXT_SIZE];

	if (!json_is_object(api) || strcmp(hf_client_text(item, "mode", "?"), "exercise") == 0)
		return;
	held = hf_client_number(api, "held");
	back = hf_client_number(api, "back");
	left = hf_client_number(api, "left");
	queued = json_integer_value(json_object_get(api, "queued"));
	if (hf_client_text(api, "why", "")[0])
		hf_words_text(words, hf_text("Holdfast cannot do it by itself: "), hf_client_text(api, "why", ""));
	if (strcmp(hf_client_text(item, "what", ""), "pause") != 0)
		hf_words_line(words, "By itself: %lld are scheduled again, %lld stay drafts because their time has passed, %lld are to be put back.",
			      back, left, held);
	else if (queued > 0)
		hf_words_line(words, "By itself: %lld are held as drafts, %lld will still go out, the next %s.", held, queued,
			      hf_times_text((struct hf_wall){hf_client_number(api, "next")}, at));
	else
		hf_words_line(words, "By itself: %lld are held as drafts.", held);
}

static void say_scheduler(const struct hf_words *words, const json_t *item)
{
	const char *scheduler = hf_client_text(item, "scheduler", "?"), *account = hf_client_text(item, "account", "?"),
		   *where = hf_client_text(item, "where", "");
	bool pause = strcmp(hf_client_text(item, "what", ""), "pause") == 0;

	if (!pause)
		hf_words_line(words, "In %s, delete what is out of date on %s, then resume it.", scheduler, account);
	else if (strcmp(hf_client_text(item, "mode", "?"), "exercise") == 0)
		hf_words_line(words, "Look where you would pause %s for %s. Pause nothing.", scheduler, account);
	else
		hf_words_line(words, "In %s, pause what is scheduled on %s. Posts due within a minute may go out.", scheduler, account);
	if (where[0])
		hf_words_text(words, hf_text("Where: "), where);
	else
		hf_words_line(words, "Where to click in %s is not known here.", scheduler);
	say_people(words, item);
	say_by_itself(words, item);
}

static void say_item(const struct hf_words *words, const json_t *item)
{
	const char *id = hf_client_text(item, "id", "?"), *who = hf_client_text(item, "who", "");
	bool open = json_is_true(json_object_get(item, "open"));
	bool exercise = strcmp(hf_client_text(item, "mode", "?"), "exercise") == 0;

	fprintf(words->out, open ? "\n[ ] %s  %s" : "\n[x] %s  %s", id, exercise ? hf_text("EXERCISE: ") : "");
	if (hf_client_text(item, "account", "")[0])
		say_scheduler(words, item);
	else
		hf_words_text(words, "", hf_client_text(item, "text", "?"));
	if (who[0])
		hf_words_text(words, hf_text("By: "), who);
	if (open)
		hf_words_line(words,
			      hf_client_text(item, "account", "")[0] ? hf_text("Then: holdfast check done %s --count N")
								     : hf_text("Then: holdfast check done %s"),
			      id);
	say_done(words, item);
}

static void say_heading(const struct hf_words *words, const json_t *item)
{
	const char *id = hf_client_text(item, "lockdown", "?"), *phase = hf_client_text(item, "phase", "?");
	bool exercise = strcmp(hf_client_text(item, "mode", "?"), "exercise") == 0;
	bool purdah = strcmp(hf_client_text(item, "kind", "?"), "purdah") == 0;

	fputc('\n', words->out);
	hf_words_heading(words, exercise ? HF_TONE_EXERCISE : HF_TONE_PLAIN,
			 exercise ? (purdah ? hf_text("EXERCISE, a pre-election period, %.*s: %s") : hf_text("EXERCISE, an emergency, %.*s: %s"))
				  : (purdah ? hf_text("Pre-election period %.*s: %s") : hf_text("Emergency %.*s: %s")),
			 SHORT, id, strcmp(phase, "in force") == 0 ? hf_text("in force") : hf_text("over"));
}

static bool is_wanted(const json_t *item, const char *lockdown)
{
	return !lockdown || strncmp(hf_client_text(item, "lockdown", ""), lockdown, strlen(lockdown)) == 0;
}

static void say_outside(const struct hf_words *words, const json_t *answer)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "outside"), i, one)
	{
		unsigned long n = (unsigned long)hf_client_number(one, "admins");

		hf_words_line(words,
			      hf_text_n("NOT ENFORCEABLE: %lu administrator of %s is outside the council, and was told by e-mail.",
					"NOT ENFORCEABLE: %lu administrators of %s are outside the council, and were told by e-mail.", n),
			      n, hf_client_text(one, "account", "?"));
	}
}

static size_t say_list(const struct hf_words *words, const json_t *answer, const char *lockdown)
{
	const char *trouble = hf_client_text(answer, "trouble", ""), *before = "";
	const json_t *item;
	size_t i, n = 0;

	if (trouble[0])
		hf_words_text(words, hf_text("A standing item counts for nothing: "), trouble);
	say_outside(words, answer);
	json_array_foreach(json_object_get(answer, "items"), i, item)
	{
		const char *id = hf_client_text(item, "lockdown", "");

		if (!is_wanted(item, lockdown))
			continue;
		if (strcmp(before, id) != 0)
			say_heading(words, item);
		before = id;
		say_item(words, item);
		n++;
	}
	return n;
}

/* The items of one lockdown alone, in the answer, too. */
static void drop_others(json_t *answer, const char *lockdown)
{
	json_t *items = json_object_get(answer, "items");

	for (size_t i = json_array_size(items); i > 0; i--)
		if (!is_wanted(json_array_get(items, i - 1), lockdown))
			(void)json_array_remove(items, i - 1);
}

enum hf_rc hf_cli_check_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli)};
	const char *lockdown;
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc != HF_OK)
		return rc;
	lockdown = args->n_rest ? args->rest[0] : NULL;
	if (lockdown && (strlen(lockdown) < LEAST || strspn(lockdown, "0123456789abcdef") != strlen(lockdown)))
		return hf_err_set(err, HF_E_USAGE, "'%.70s' is no lockdown: say the beginning of its id, at least %d characters.", lockdown,
				  LEAST);
	rc = hf_client_get(&cli->office, PATH, &answer, err);
	if (rc != HF_OK)
		return rc;
	drop_others(answer, lockdown);
	if (cli->json)
		return hf_cli_answer(cli, json_incref(answer), err);
	if (say_list(&words, answer, lockdown) == 0)
		hf_words_line(&words, "Nothing is to be done by hand.");
	return HF_OK;
}

static enum hf_rc say_check(struct hf_cli *cli, json_t *said, const char *item, bool done, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli)};
	enum hf_rc rc = hf_client_say(&cli->office, PATH, said, &answer, err);

	if (rc == HF_OK && cli->json)
		return hf_cli_answer(cli, json_incref(answer), err);
	if (rc == HF_OK)
		hf_words_line(&words, done ? hf_text("%s is done, and that is on the record.")
					   : hf_text("%s is open again, and that is on the record."), item);
	return rc;
}

static enum hf_rc right_item(const char *item, struct hf_err *err)
{
	if (strlen(item) == 8 && strspn(item, "0123456789abcdef") == 8)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "'%.60s' is no item: `holdfast check list` shows their eight characters.", item);
}

enum hf_rc hf_cli_check_done(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	const char *note = NULL;
	int64_t count = -1;
	json_t *said;
	const struct hf_arg rows[] = {
		{"count", HF_ARG_INT, &count, "N", HF_TEXT("how many posts are held, or were taken out"), 0},
		{"note", HF_ARG_TEXT, &note, "TEXT", HF_TEXT("what is to be known of it, one line"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = right_item(args->rest[0], err);
	if (rc != HF_OK)
		return rc;
	if (count > COUNT_MOST || count < -1)
		return hf_err_set(err, HF_E_USAGE, "--count must be 0 to %d.", COUNT_MOST);
	said = json_pack("{s:s, s:s}", "act", "done", "item", args->rest[0]);
	if (said && count >= 0)
		(void)json_object_set_new(said, "count", json_integer(count));
	if (said && note && json_object_set_new(said, "note", json_string(note)) != 0) {
		json_decref(said);
		return hf_err_set(err, HF_E_USAGE, "The note cannot be recorded: it is no text in UTF-8.");
	}
	return say_check(cli, said, args->rest[0], true, err);
}

enum hf_rc hf_cli_check_undo(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = right_item(args->rest[0], err);
	if (rc != HF_OK)
		return rc;
	return say_check(cli, json_pack("{s:s, s:s}", "act", "undo", "item", args->rest[0]), args->rest[0], false, err);
}
