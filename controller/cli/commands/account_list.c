/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast account list`: the authorised users of each account (policy D2.3), and whose access ends.
 * Must never show anything but the register in force.
 */
#include <stdlib.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"
#include "controller/office/access.h"
#include "controller/office/csv.h"
#include "controller/office/times.h"

struct listing {
	bool holders, ending, csv;
};

static void print_end(FILE *out, const struct hf_holder *holder, struct hf_wall now)
{
	enum hf_access access = hf_access_of(holder, now);
	char until[HF_WALL_TEXT_SIZE];

	if (holder->until.s == 0)
		fputs(hf_text("without an end\n"), out);
	else
		fprintf(out,
			access == HF_ACCESS_ENDED    ? hf_text("ENDED on %s\n")
			: access == HF_ACCESS_ENDING ? hf_text("until %s, which is soon\n")
						     : hf_text("until %s\n"),
			hf_london_text(holder->until, until));
}

static void list_accounts(FILE *out, const struct hf_view *view, bool holders)
{
	const struct hf_register *reg = view->known.reg;
	char who[HF_PERSON_TEXT_SIZE];

	for (size_t i = 0; i < reg->n_accounts; i++) {
		const struct hf_account *account = &reg->accounts[i];

		fprintf(out, hf_text_n("%-40s  %-12s  %zu holder\n", "%-40s  %-12s  %zu holders\n", account->n_holders),
			account->id, hf_account_kind_name(account->kind), account->n_holders);
		for (size_t h = 0; holders && h < account->n_holders; h++) {
			fprintf(out, "    %-36s  ", hf_trust_person_text(view->known.trust, account->holders[h].person, who));
			print_end(out, &account->holders[h], view->now);
		}
	}
	fprintf(out, hf_text("Register version %lld of %s.\n"), (long long)reg->version, reg->council);
}

static void csv_row(FILE *out, const struct hf_account *account, const struct hf_holder *holder, struct hf_wall now)
{
	char utc[HF_TIMES_UTC_SIZE], local[HF_WALL_TEXT_SIZE];
	bool ends = holder && holder->until.s > 0;

	hf_csv_cell(out, account->id, ",");
	hf_csv_cell(out, hf_account_kind_name(account->kind), ",");
	hf_csv_cell(out, holder ? holder->person : "", ",");
	hf_csv_cell(out, ends ? hf_times_utc(holder->until, utc) : "", ",");
	hf_csv_cell(out, ends ? hf_london_text(holder->until, local) : "", ",");
	hf_csv_cell(out, holder ? hf_access_name(hf_access_of(holder, now)) : "", "\r\n");
}

static void csv_begin(FILE *out)
{
	fputs("account,kind,person,until,until_local,access\r\n", out);
}

/* An account that nobody holds has a row, too. */
static void csv_accounts(FILE *out, const struct hf_view *view)
{
	const struct hf_register *reg = view->known.reg;

	csv_begin(out);
	for (size_t i = 0; i < reg->n_accounts; i++) {
		for (size_t h = 0; h < reg->accounts[i].n_holders; h++)
			csv_row(out, &reg->accounts[i], &reg->accounts[i].holders[h], view->now);
		if (reg->accounts[i].n_holders == 0)
			csv_row(out, &reg->accounts[i], NULL, view->now);
	}
}

static void list_ending(FILE *out, const struct hf_view *view, const struct hf_access_rows *rows, bool csv)
{
	char who[HF_PERSON_TEXT_SIZE];

	if (csv)
		csv_begin(out);
	for (size_t i = 0; csv && i < rows->n; i++)
		csv_row(out, rows->v[i].account, rows->v[i].holder, view->now);
	for (size_t i = 0; !csv && i < rows->n; i++) {
		fprintf(out, "%-24s  %-40s  ", hf_trust_person_text(view->known.trust, rows->v[i].holder->person, who),
			rows->v[i].account->id);
		print_end(out, rows->v[i].holder, view->now);
	}
	if (rows->n == 0 && !csv)
		fprintf(out, hf_text("Nobody's access ends within %d days, or has ended.\n"), HF_ACCESS_SOON_DAYS);
}

static json_t *holders_json(const struct hf_account *account, struct hf_wall now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < account->n_holders; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "person", account->holders[i].person,
							    "until", (json_int_t)account->holders[i].until.s, "access",
							    hf_access_name(hf_access_of(&account->holders[i], now))));
	return list;
}

static json_t *people_json(const struct hf_trust *trust)
{
	json_t *list = json_array();

	for (size_t i = 0; i < trust->n_people; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:s?, s:o}", "id", trust->people[i].id, "name",
							    trust->people[i].name, "roles",
							    hf_json_from_strs(&trust->people[i].roles)));
	return list;
}

static json_t *list_json(const struct hf_view *view, const struct hf_access_rows *rows)
{
	const struct hf_register *reg = view->known.reg;
	json_t *list = json_array();

	for (size_t i = 0; i < reg->n_accounts; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "id", reg->accounts[i].id, "kind",
							    hf_account_kind_name(reg->accounts[i].kind), "holders",
							    holders_json(&reg->accounts[i], view->now)));
	return json_pack("{s:I, s:I, s:o, s:o, s:o}", "version", (json_int_t)reg->version, "now", (json_int_t)view->now.s,
			 "accounts", list, "people", people_json(view->known.trust), "ending", hf_access_json(rows));
}

static enum hf_rc show_list(struct hf_cli *cli, const struct hf_view *view, const struct listing *how,
			    struct hf_err *err)
{
	struct hf_access_rows rows = {.n = 0};
	enum hf_rc rc = hf_access_list(view->known.reg, view->now, &rows);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is not enough memory.");
	if (cli->json)
		rc = hf_cli_answer(cli, list_json(view, &rows), err);
	else if (how->ending)
		list_ending(cli->out, view, &rows, how->csv);
	else if (how->csv)
		csv_accounts(cli->out, view);
	else
		list_accounts(cli->out, view, how->holders);
	free(rows.v);
	return rc;
}

enum hf_rc hf_cli_account_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	struct listing how = {.csv = false};
	const struct hf_arg rows[] = {
		{"holders", HF_ARG_FLAG, &how.holders, NULL, HF_TEXT("who holds each, and until when"), 0},
		{"ending", HF_ARG_FLAG, &how.ending, NULL, HF_TEXT("those alone whose access ends within 30 days, or has"), 0},
		{"csv", HF_ARG_FLAG, &how.csv, NULL, HF_TEXT("as a table for a spreadsheet, with the holders"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && how.csv && cli->json)
		return hf_err_set(err, HF_E_USAGE, "Say either --csv or --json.");
	if (rc == HF_OK)
		rc = hf_edit_open(cli, &view, err);
	return rc == HF_OK ? show_list(cli, &view, &how, err) : rc;
}
