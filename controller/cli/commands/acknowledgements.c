/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast acknowledgements`: who has read the instructions, and who has not (policy D10).
 * Must never write a cell that a spreadsheet would take for a formula.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/csv.h"
#include "controller/office/sentence.h"
#include "controller/office/times.h"

/* The four lists that a row can stand in, in the order of the screen. */
/* clang-format off */
enum place { PLACE_NOT_YET, PLACE_DONE, PLACE_EXEMPT, PLACE_FORMER, PLACE_COUNT };
static const struct { const char *heading, *word; } PLACES[PLACE_COUNT] = {
	[PLACE_NOT_YET] = { HF_TEXT("NOT YET"),                                             "not-yet"      },
	[PLACE_DONE]    = { HF_TEXT("Acknowledged"),                                        "acknowledged" },
	[PLACE_EXEMPT]  = { HF_TEXT("Exempt, and not asked"),                               "exempt"       },
	[PLACE_FORMER]  = { HF_TEXT("Acknowledged, and no longer assigned to that device"), "former"       },
};
/* clang-format on */

static struct hf_wall time_of(const json_t *row, const char *name)
{
	return (struct hf_wall){json_integer_value(json_object_get(row, name))};
}

static enum place row_place(const json_t *row)
{
	if (!json_is_true(json_object_get(row, "assigned")))
		return PLACE_FORMER;
	if (json_is_true(json_object_get(row, "acknowledged")))
		return PLACE_DONE;
	return json_is_true(json_object_get(row, "exempt")) ? PLACE_EXEMPT : PLACE_NOT_YET;
}

static void csv_time(FILE *out, struct hf_wall t, const char *end)
{
	char text[HF_TIMES_UTC_SIZE];

	hf_csv_cell(out, t.s > 0 ? hf_times_utc(t, text) : "", end);
}

static void say_csv(FILE *out, const json_t *answer)
{
	char local[HF_WALL_TEXT_SIZE];
	json_t *row;
	size_t i;

	fputs("lockdown,person,device,state,acknowledged_utc,acknowledged_local,received_utc\r\n", out);
	json_array_foreach(json_object_get(answer, "rows"), i, row)
	{
		struct hf_wall at = time_of(row, "at");

		hf_csv_cell(out, hf_client_text(answer, "lockdown", "?"), ",");
		hf_csv_cell(out, hf_client_text(row, "person", "?"), ",");
		hf_csv_cell(out, hf_client_text(row, "device", "?"), ",");
		hf_csv_cell(out, PLACES[row_place(row)].word, ",");
		csv_time(out, at, ",");
		hf_csv_cell(out, at.s > 0 ? hf_london_text(at, local) : "", ",");
		csv_time(out, time_of(row, "heard"), "\r\n");
	}
}

static void say_place(const struct hf_words *words, const json_t *answer, enum place place)
{
	bool any = false;
	char at[HF_TIMES_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, "rows"), i, row)
	{
		if (row_place(row) != place)
			continue;
		if (!any)
			hf_words_line(words, "%s:", hf_text(PLACES[place].heading));
		any = true;
		hf_words_begin(words);
		fprintf(words->out, hf_text("  %-24s on %-20s %s\n"), hf_words_who(words, hf_client_text(row, "person", "?"), who),
			hf_client_text(row, "device", "?"),
			json_is_true(json_object_get(row, "acknowledged")) ? hf_times_text(time_of(row, "at"), at)
									   : "");
	}
}

static void say_people(const struct hf_words *words, const struct hf_lockdown *lockdown, const json_t *answer)
{
	const struct hf_order *raise = lockdown->raise->order;
	char id[HF_SHORT_ID + 1];

	hf_words_heading(words, words->exercise ? HF_TONE_EXERCISE : HF_TONE_PLAIN, "%s %s",
			 hf_words_name(raise->kind, raise->mode), hf_words_short(&lockdown->id, id));
	hf_words_line(words, "%lld of %lld people have acknowledged the instructions, as the controller shows it.",
		      (long long)json_integer_value(json_object_get(answer, "acknowledged")),
		      (long long)json_integer_value(json_object_get(answer, "people")));
	for (int place = 0; place < PLACE_COUNT; place++)
		say_place(words, answer, (enum place)place);
}

static enum hf_rc ask_controller(const struct hf_view *view, const struct hf_lockdown *lockdown, json_t **ret,
				 struct hf_err *err)
{
	char path[128], id[HF_DIGEST_HEX_SIZE];

	if (lockdown->raise->order->kind != HF_KIND_PURDAH)
		return hf_err_set(err, HF_E_USAGE, "That is an emergency: nobody is asked to acknowledge it.");
	if (hf_str_printf(path, sizeof(path), "/v1/acknowledgements?lockdown=%s", hf_digest_hex(&lockdown->id, id)) !=
	    HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The id of the lockdown is too long.");
	return hf_client_get(view->office, path, ret, err);
}

enum hf_rc hf_cli_acknowledgements(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_json json_t *answer = NULL;
	const struct hf_lockdown *lockdown = NULL;
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli), .view = &view};
	bool csv = false;
	const struct hf_arg rows[] = {
		{"csv", HF_ARG_FLAG, &csv, NULL, HF_TEXT("as a table for a spreadsheet"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && csv && cli->json)
		return hf_err_set(err, HF_E_USAGE, "Say either --csv or --json.");
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = hf_view_lockdown(&view, args->rest[0], &lockdown, err);
	if (rc == HF_OK)
		rc = ask_controller(&view, lockdown, &answer, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_incref(answer), err);
	words.exercise = lockdown->raise->order->mode == HF_MODE_EXERCISE;
	if (csv)
		say_csv(cli->out, answer);
	else
		say_people(&words, lockdown, answer);
	return HF_OK;
}
