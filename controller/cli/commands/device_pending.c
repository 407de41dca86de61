/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast device pending`: which laptops ask to join.
 * Must never show what a laptop says of itself as more than that.
 */
#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/door_ask.h"
#include "controller/office/client.h"
#include "controller/office/join_match.h"

static void say_pending(FILE *out, const json_t *row)
{
	const char *replaces = hf_client_text(row, "replaces", ""), *serial = hf_client_text(row, "serial", "");
	char text[HF_WALL_TEXT_SIZE];

	fprintf(out, hf_text("%s: serial number %s, calls itself %s, came from %s with %s, asks since %s"),
		hf_client_text(row, "words", "?"), serial[0] ? serial : hf_text("not known"), hf_client_text(row, "name", "?"),
		hf_client_text(row, "source", "?"), hf_client_text(row, "batch", "?"),
		hf_london_text((struct hf_wall){hf_client_number(row, "first")}, text));
	if (json_is_true(json_object_get(row, "contested")))
		fputs(hf_text("; CONTESTED: another key asks for the same laptop"), out);
	if (replaces[0])
		fprintf(out, hf_text("; replaces %s"), replaces);
	fputc('\n', out);
}

static void say_all_pending(FILE *out, const json_t *shown)
{
	const json_t *rows = json_object_get(shown, "requests");
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		say_pending(out, row);
	fprintf(out, hf_text_n("%zu laptop asks to join.\n", "%zu laptops ask to join.\n", json_array_size(rows)),
		json_array_size(rows));
	if (hf_client_number(shown, "refused") > 0)
		fprintf(out, hf_text("Refused for their token since the door was opened: %lld.\n"), hf_client_number(shown, "refused"));
	if (hf_client_number(shown, "full") > 0)
		fprintf(out, hf_text("Sent away because too many came from one place: %lld. Who are these?\n"),
			hf_client_number(shown, "full"));
}

enum hf_rc hf_cli_device_pending(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *shown = NULL;
	hf_auto_matched struct hf_join_matched matched = {0};
	const struct hf_assets no_list = {0};
	const struct hf_assigned nobody = {0};
	const struct hf_arg rows[] = {HF_ARG_DOOR(cli)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_door_get(cli, "/v1/joins", &shown, err);
	/* Each line is one, and each four words are those of their keys, or nothing of it comes on the screen. */
	if (rc == HF_OK)
		rc = hf_join_match(json_incref(shown), &no_list, &nobody, &matched, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_incref(shown), err);
	say_all_pending(cli->out, shown);
	return HF_OK;
}
