/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast account review`: the accounts and people that somebody must look at (policy D2.9).
 * Must never show anything but the register in force, and what is kept beside it.
 */
#include <stdlib.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"
#include "controller/office/access.h"
#include "controller/office/client.h"
#include "controller/office/csv.h"
#include "controller/office/times.h"
#include "controller/telling/review.h"

/* Everything that is looked at. */
struct looking {
	struct hf_view view;
	struct hf_beside beside;
	struct hf_access_rows ending;
	struct hf_reviews rows;
};

#define auto_looking __attribute__((cleanup(looking_done)))

static void looking_done(struct looking *looking)
{
	free(looking->ending.v);
	hf_reviews_done(&looking->rows);
	hf_beside_done(&looking->beside);
	hf_view_done(&looking->view);
}

static enum hf_rc look(struct hf_cli *cli, struct looking *ret, struct hf_err *err)
{
	json_t *kept = NULL;
	enum hf_rc rc = hf_edit_open(cli, &ret->view, err);

	if (rc == HF_OK)
		rc = hf_client_get(&cli->office, "/v1/beside", &kept, err);
	if (rc == HF_OK)
		rc = hf_beside_read(kept, &ret->beside, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_access_list(ret->view.known.reg, ret->view.now, &ret->ending);
	if (rc == HF_OK)
		rc = hf_review_find(ret->view.known.reg, &ret->beside, ret->view.now, &ret->rows);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is not enough memory.");
}

static void say_review(const struct hf_words *words, const struct hf_review_row *row)
{
	unsigned long n = row->n;

	switch (row->why) {
	case HF_REVIEW_OLD:
		if (row->day[0])
			hf_words_line(words, "%s was last reviewed on %s, more than 12 months ago.", row->of, row->day);
		else
			hf_words_line(words, "%s was never reviewed.", row->of);
		break;
	case HF_REVIEW_CROWDED:
		hf_words_line(words, "%s has %lu administrators: more than %d are too many to know.", row->of, n,
			      HF_REVIEW_ADMINS);
		break;
	case HF_REVIEW_OUTSIDE:
		hf_words_line(words,
			      hf_text_n("%s is NOT ENFORCEABLE for %lu administrator outside the council, who is told by e-mail.",
					"%s is NOT ENFORCEABLE for %lu administrators outside the council, who are told by e-mail.",
					n),
			      row->of, n);
		break;
	case HF_REVIEW_STRAY:
		hf_words_line(words, "%s is kept beside the register, and is not in it.", row->of);
		break;
	case HF_REVIEW_STATEMENT:
		hf_words_line(words, "%s holds an account and has signed no statement.", row->of);
		break;
	case HF_REVIEW_TRAINING:
		hf_words_line(words, "%s holds an account and was not trained.", row->of);
		break;
	case HF_REVIEW_COUNT:
		break;
	}
}

static void say_looking(const struct hf_cli *cli, const struct looking *looking)
{
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli)};
	char until[HF_WALL_TEXT_SIZE];

	for (size_t i = 0; i < looking->ending.n; i++) {
		const struct hf_access_row *row = &looking->ending.v[i];

		hf_words_line(&words,
			      row->access == HF_ACCESS_ENDED ? hf_text("The access of %s to %s has ENDED on %s.")
							     : hf_text("The access of %s to %s ends on %s."),
			      row->holder->person, row->account->id, hf_london_text(row->holder->until, until));
	}
	for (size_t i = 0; i < looking->rows.n; i++)
		say_review(&words, &looking->rows.v[i]);
	if (looking->ending.n + looking->rows.n == 0)
		hf_words_line(&words, "There is nothing to look at.");
}

static void csv_line(FILE *out, const char *const cells[4], size_t n)
{
	for (size_t i = 0; i < 4; i++)
		hf_csv_cell(out, cells[i], ",");
	if (n > 0)
		fprintf(out, "%zu", n);
	fputs("\r\n", out);
}

static void csv_looking(FILE *out, const struct looking *looking)
{
	char until[HF_TIMES_UTC_SIZE];

	fputs("why,account,person,day,admins\r\n", out);
	for (size_t i = 0; i < looking->ending.n; i++) {
		const struct hf_access_row *row = &looking->ending.v[i];

		csv_line(out,
			 (const char *[4]){hf_access_name(row->access), row->account->id, row->holder->person,
					   hf_times_utc(row->holder->until, until)},
			 0);
	}
	for (size_t i = 0; i < looking->rows.n; i++) {
		const struct hf_review_row *row = &looking->rows.v[i];
		bool person = row->why == HF_REVIEW_STATEMENT || row->why == HF_REVIEW_TRAINING;

		csv_line(out, (const char *[4]){hf_review_name(row->why), person ? "" : row->of, person ? row->of : "", row->day},
			 row->n);
	}
}

static json_t *looking_json(const struct looking *looking)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < looking->rows.n; i++) {
		const struct hf_review_row *row = &looking->rows.v[i];

		(void)json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:I}", "why", hf_review_name(row->why), "of", row->of,
							    "day", row->day, "admins", (json_int_t)row->n));
	}
	return json_pack("{s:o, s:o}", "ending", hf_access_json(&looking->ending), "rows", rows);
}

enum hf_rc hf_cli_account_review(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	auto_looking struct looking looking = {.rows = {.n = 0}};
	bool csv = false;
	const struct hf_arg rows[] = {
		{"csv", HF_ARG_FLAG, &csv, NULL, HF_TEXT("as a table for a spreadsheet"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && csv && cli->json)
		return hf_err_set(err, HF_E_USAGE, "Say either --csv or --json.");
	if (rc == HF_OK)
		rc = look(cli, &looking, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, looking_json(&looking), err);
	if (csv)
		csv_looking(cli->out, &looking);
	else
		say_looking(cli, &looking);
	return HF_OK;
}
