/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast devices`: the controller's word about each device.
 * Must never show an exercise as the real thing, or two states of a device as one.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/sentence.h"

/* Each lockdown that the device spoke of, and did not say to be gone: emergency, period and exercise told apart. */
static void say_standings(FILE *out, const json_t *device)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(device, "lockdowns"), index, one)
	{
		bool purdah = strcmp(hf_client_text(one, "kind", "?"), "purdah") == 0;

		if (strcmp(hf_client_text(one, "standing", "?"), "released-verified") == 0)
			continue;
		fprintf(out, "; %s%s %.*s: %s",
			strcmp(hf_client_text(one, "mode", "?"), "exercise") == 0 ? hf_text("EXERCISE of ") : "",
			purdah ? hf_text("pre-election period (purdah)") : hf_text("emergency"), HF_SHORT_ID,
			hf_client_text(one, "id", "?"), hf_client_text(one, "standing", "?"));
	}
}

/* With what it saw, if that is something. */
static void say_layer(FILE *out, const char *before, const json_t *layer)
{
	const char *saw = hf_client_text(layer, "saw", "?");

	fprintf(out, saw[0] ? "%s%s %s (%s)" : "%s%s %s%s", before, hf_client_text(layer, "name", "?"),
		hf_client_text(layer, "state", "?"), saw);
}

/* Which layers do not hold, and why: a device is not merely "not yet" enforced then. */
static void say_partly(FILE *out, const json_t *device)
{
	const json_t *partly = json_object_get(device, "partly");
	json_t *one, *name;
	size_t index, i;

	json_array_foreach(partly, i, name)
	{
		json_array_foreach(json_object_get(device, "layers"), index, one)
		{
			if (json_equal(json_object_get(one, "name"), name))
				say_layer(out, i ? ", " : hf_text("; PARTLY ENFORCED: "), one);
		}
	}
}

/* What the controller found at it, and what to do. A word that this program does not know is shown as it came. */
static void say_attention(FILE *out, const json_t *device)
{
	static const struct {
		const char *word, *means;
	} rows[] = {
		{"two-machines",
		 HF_TEXT("two machines speak with its key, as from a copied disk: find both, and enrol each anew")},
		{"other-key", HF_TEXT("somebody speaks for it with another key than its assignment names: if it was "
				      "not just enrolled anew, find out who gave it that key")},
		{"memory-damaged", HF_TEXT("where it keeps what it knows was damaged, or tampered with; it forgot "
					   "nothing: find out who was there")},
		{"retired", HF_TEXT("Holdfast was removed from it: nothing is enforced there, until it is enrolled "
				    "anew")},
		{"glass-open", HF_TEXT("IT IS OPEN by break-glass, with the halves of two officers: nothing is enforced there "
				       "until its minutes are up")},
		{"glass-opened", HF_TEXT("it was opened by break-glass: see on the record who gave the halves")},
		{"glass-tried", HF_TEXT("somebody typed halves of break-glass there that were wrong: find out who")},
		{"log-fork", HF_TEXT("it saw that a controller's journal was cut or made anew: tell IT")},
	};
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(device, "attention"), index, one)
	{
		const char *word = json_is_string(one) ? json_string_value(one) : "?", *means = word;

		for (size_t i = 0; i < HF_LEN(rows); i++)
			if (strcmp(rows[i].word, word) == 0)
				means = hf_text(rows[i].means);
		fprintf(out, hf_text("; ATTENTION: %s"), means);
	}
}

/* What to do is the officers' to say: the device cannot tell whether somebody took its memory or a disk did. */
static void say_lost(const struct hf_words *words, const json_t *device)
{
	const json_t *open_for = json_object_get(device, "open_for");

	fprintf(words->out,
		hf_text("; LOCKED: it lost what it knew: tampered with, or replaced? Look, then `holdfast recover %s`"),
		hf_client_text(device, "device", "?"));
	if (json_array_size(open_for) > 0) {
		fputs(hf_text("; open all the same for "), words->out);
		hf_words_people(words, open_for);
	}
}

/* Is the one state that is shown of an exercise: no live lockdown shuts anything there, and an exercise is on? */
static bool is_of_exercise(const json_t *device)
{
	bool exercise = false;
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(device, "lockdowns"), index, one)
	{
		const char *standing = hf_client_text(one, "standing", "?");

		if (strncmp(standing, "released", strlen("released")) == 0 || strcmp(standing, "received") == 0)
			continue;
		if (strcmp(hf_client_text(one, "mode", "?"), "exercise") != 0)
			return false;
		exercise = true;
	}
	return exercise;
}

static void say_device(const struct hf_words *words, const json_t *device)
{
	char at[HF_WALL_TEXT_SIZE], state[64], who[HF_PERSON_TEXT_SIZE];
	FILE *out = words->out;
	const struct hf_wall last = {hf_client_number(device, "last_report")};
	json_t *one;
	size_t index;

	if (hf_str_printf(state, sizeof(state), "%s%.40s", is_of_exercise(device) ? hf_text("EXERCISE ") : "",
			  hf_client_text(device, "state", "?")) != HF_OK)
		state[0] = '\0';
	fprintf(out, "%-20s %-20s ", hf_client_text(device, "device", "?"), state);
	fprintf(out, "%-24s ", last.s > 0 ? hf_london_text(last, at) : hf_text("never heard"));
	hf_words_people(words, json_object_get(device, "people"));
	json_array_foreach(json_object_get(device, "layers"), index, one)
	{
		fprintf(out, "%s%s %s", index ? ", " : "; ", hf_client_text(one, "name", "?"),
			hf_client_text(one, "state", "?"));
	}
	say_attention(out, device);
	say_partly(out, device);
	say_standings(out, device);
	if (json_is_true(json_object_get(device, "unknown")))
		say_lost(words, device);
	json_array_foreach(json_object_get(device, "over"), index, one)
		fprintf(out, hf_text("; LOCKED: %s is over"), hf_words_who(words, hf_client_text(one, "person", "?"), who));
	json_array_foreach(json_object_get(device, "refused"), index, one)
	{
		fprintf(out, "%s%s %lld", index ? ", " : hf_text("; refused: "), hf_client_text(one, "reason", "?"),
			hf_client_number(one, "count"));
	}
	fputc('\n', out);
}

static void add_rows(json_t *sorted, json_t *rows, bool not_enforced)
{
	json_t *one;
	size_t index;

	json_array_foreach(rows, index, one)
	{
		if (json_is_true(json_object_get(one, "not_enforced")) == not_enforced)
			(void)json_array_append(sorted, one);
	}
}

/* Those that are not enforced first; within each part in order of their ids, as they came. */
static enum hf_rc sort_rows(json_t *answer, struct hf_err *err)
{
	json_t *sorted = json_array(), *rows = json_object_get(answer, "devices");

	add_rows(sorted, rows, true);
	add_rows(sorted, rows, false);
	if (json_array_size(sorted) == json_array_size(rows) && json_object_set_new(answer, "devices", sorted) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static void say_devices(const struct hf_words *words, const json_t *answer, bool not_enforced)
{
	const json_t *rows = json_object_get(answer, "devices");
	json_t *one;
	size_t index;

	if (json_array_size(rows) == 0) {
		fputs(not_enforced ? hf_text("No live lockdown bears on a device that is not seen to enforce it.\n")
				   : hf_text("There are no devices yet.\n"),
		      words->out);
		return;
	}
	json_array_foreach(rows, index, one)
	{
		say_device(words, one);
	}
	fputs(hf_text("All of this is the controller's word; `holdfast status` verifies what is in force.\n"), words->out);
}

/* People by the names that the trust gives them; without a council folder by their ids. */
static enum hf_rc name_devices(const struct hf_cli *cli, const json_t *answer, bool not_enforced, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	const struct hf_words words = {.out = cli->out, .view = &view}, nameless = {.out = cli->out};
	bool said = cli->office.folder && cli->office.folder[0];
	enum hf_rc rc = said ? hf_view_folder(&cli->office, &view, err) : HF_OK;
	bool named = said && rc == HF_OK;

	if (named)
		rc = hf_view_ask_trusts(&view, err);
	if (rc != HF_OK && rc != HF_E_ABSENT)
		return rc;
	say_devices(named ? &words : &nameless, answer, not_enforced);
	return HF_OK;
}

enum hf_rc hf_cli_devices(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	bool not_enforced = false;
	const struct hf_arg rows[] = {
		{"not-enforced", HF_ARG_FLAG, &not_enforced, NULL,
		 HF_TEXT("those alone on which a live lockdown bears and is not seen to hold"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_client_pages(&cli->office, not_enforced ? "/v1/devices?not-enforced=1&bears=1" : "/v1/devices",
				     &answer, err);
	if (rc == HF_OK)
		rc = sort_rows(answer, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_incref(answer), err);
	return name_devices(cli, answer, not_enforced, err);
}
