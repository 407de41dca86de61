/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast account import`: accounts and holders of a table become a draft of the register (policy D2.3), and the
 * rest of it is kept beside.
 * Must never take a table in part: what is wrong in it is named by its line and column, and nothing is done.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/csv.h>
#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/commands/beside_table.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/named_ids.h"
#include "controller/cli/register_edit.h"
#include "controller/office/account_link.h"
#include "controller/office/own_file.h"
#include "controller/office/register_change.h"
#include "controller/office/times.h"

#define TABLE_MAX (8 * 1024 * 1024) /* every holder of every account, at the longest, in quotes, twice over */
#define NO_COLUMN HF_CSV_CELLS_MAX

/* What a column can be: of the signed register, of an account beside it, of a person beside it. The others of
 * `account list --csv` say nothing new. */
enum column {
	COLUMN_ACCOUNT,
	COLUMN_KIND,
	COLUMN_PERSON,
	COLUMN_UNTIL,
	COLUMN_SERVICE,
	COLUMN_ADDRESS,
	COLUMN_OWNER,
	COLUMN_SCHEDULER,
	COLUMN_RECOVERY,
	COLUMN_REVIEWED,
	COLUMN_ADMINS,
	COLUMN_STATEMENT,
	COLUMN_TRAINED,
	COLUMN_COUNT
};
static const char *const COLUMNS[COLUMN_COUNT] = {"account",   "kind",	    "person",	"until",  "service",
						  "address",   "owner",	    "scheduler", "recovery", "reviewed",
						  "admins",    "statement", "trained"};
static const char *const PASSED_OVER[] = {"until_local", "access"};

struct table {
	const char *path;
	char *text;
	struct hf_csv csv;
	size_t places[COLUMN_COUNT]; /* NO_COLUMN: it has none */
	bool whole;		     /* what it does not name is taken out */
	json_t *seen;		     /* {account: {person: line}} */
	struct hf_cli *cli;
	char account[HF_ACCOUNT_SIZE]; /* of this row, where its cell is a link */
	struct hf_beside_table beside;
	bool besides; /* it has a column of the register beside */
	bool dry_run;
	json_t *aside;
};

static const char *cell_of(const struct table *table, const struct hf_csv_row *row, enum column column)
{
	return table->places[column] == NO_COLUMN ? "" : row->cells[table->places[column]];
}

/* "line 3, column 2 (kind): ..." */
static enum hf_rc wrong_cell(const struct table *table, const struct hf_csv_row *row, enum column column,
			     const struct hf_err *why, struct hf_err *err)
{
	if (table->places[column] == NO_COLUMN)
		return hf_err_set(err, HF_E_SHAPE, "%s, line %zu, where a column %s is missing: %s", table->path, row->line,
				  COLUMNS[column], why->text);
	return hf_err_set(err, HF_E_SHAPE, "%s, line %zu, column %zu (%s): %s", table->path, row->line,
			  table->places[column] + 1, COLUMNS[column], why->text);
}

static bool is_passed_over(const char *name)
{
	for (size_t i = 0; i < HF_LEN(PASSED_OVER); i++)
		if (strcmp(PASSED_OVER[i], name) == 0)
			return true;
	return name[0] == '\0';
}

static enum hf_rc take_heading(struct table *table, const struct hf_csv_row *row, size_t i, struct hf_err *err)
{
	for (int c = 0; c < COLUMN_COUNT; c++) {
		if (strcmp(COLUMNS[c], row->cells[i]) != 0)
			continue;
		if (table->places[c] != NO_COLUMN)
			return hf_err_set(err, HF_E_SHAPE, "%s, line %zu, column %zu: there is a column %s already.",
					  table->path, row->line, i + 1, COLUMNS[c]);
		table->places[c] = i;
		return HF_OK;
	}
	if (is_passed_over(row->cells[i]))
		return HF_OK;
	return hf_err_set(err, HF_E_SHAPE,
			  "%s, line %zu, column %zu: `%.60s` is no column: `holdfast account import --help` lists them.",
			  table->path, row->line, i + 1, row->cells[i]);
}

static enum hf_rc table_headings(struct table *table, struct hf_err *err)
{
	struct hf_csv_row row;
	struct hf_err why = {0};
	bool more = false;
	enum hf_rc rc = hf_csv_next(&table->csv, &row, &more, &why);

	for (int c = 0; c < COLUMN_COUNT; c++)
		table->places[c] = NO_COLUMN;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s, %s", table->path, why.text);
	for (size_t i = 0; more && rc == HF_OK && i < row.n; i++)
		rc = take_heading(table, &row, i, err);
	if (rc == HF_OK && table->places[COLUMN_ACCOUNT] == NO_COLUMN)
		return hf_err_set(err, HF_E_SHAPE,
				  "%s: its first line must name the columns: account, and kind, person, until as far as "
				  "there are any.",
				  table->path);
	return rc;
}

/* A link to a profile stands for its account. */
static enum hf_rc take_link(struct table *table, struct hf_csv_row *row, struct hf_err *err)
{
	const char **cell = &row->cells[table->places[COLUMN_ACCOUNT]];
	struct hf_err why = {0};

	if (!hf_account_is_link(*cell))
		return HF_OK;
	if (hf_account_from_link(*cell, table->account) != HF_OK) {
		(void)hf_err_set(&why, HF_E_SHAPE, "`%.100s` is no link to a profile that is known here: write platform:handle.",
				 *cell);
		return wrong_cell(table, row, COLUMN_ACCOUNT, &why, err);
	}
	*cell = table->account;
	return HF_OK;
}

static enum hf_rc take_beside_cells(struct table *table, const struct hf_csv_row *row, struct hf_err *err)
{
	for (int c = COLUMN_SERVICE; c < COLUMN_COUNT; c++) {
		bool person = c >= COLUMN_STATEMENT;
		const struct hf_beside_cell cell = {person, cell_of(table, row, person ? COLUMN_PERSON : COLUMN_ACCOUNT), COLUMNS[c],
						    cell_of(table, row, (enum column)c)};
		struct hf_err why = {0};
		enum hf_rc rc = HF_OK;

		if (table->places[c] == NO_COLUMN || (!cell.name[0] && !cell.text[0]))
			continue;
		if (cell.name[0])
			rc = hf_beside_table_put(&table->beside, &cell, &why);
		else
			rc = hf_err_set(&why, HF_E_SHAPE, "there is nobody whose it is.");
		if (rc != HF_OK)
			return wrong_cell(table, row, (enum column)c, &why, err);
	}
	return HF_OK;
}

static enum hf_rc take_account_cells(struct table *table, struct hf_change *change, const struct hf_csv_row *row,
				     struct hf_err *err)
{
	const char *account = cell_of(table, row, COLUMN_ACCOUNT), *kind = cell_of(table, row, COLUMN_KIND);
	bool known = hf_json_with(change->accounts, "id", account);
	struct hf_err why = {0};
	enum hf_rc rc = HF_OK;

	if (!hf_account_ok(account)) {
		(void)hf_err_set(&why, HF_E_SHAPE, "`%.100s` is no account: write platform:handle.", account);
		return wrong_cell(table, row, COLUMN_ACCOUNT, &why, err);
	}
	if (known && kind[0])
		rc = hf_change_account_kind(change, account, kind, &why);
	else if (!known)
		rc = hf_change_account(change, account, kind, &why);
	return rc == HF_OK ? rc : wrong_cell(table, row, rc == HF_E_USAGE ? COLUMN_KIND : COLUMN_ACCOUNT, &why, err);
}

/* One that ended stays as the register has it, and no other end may be past. */
static enum hf_rc hold_or_review(struct hf_change *change, const struct hf_holder_wish *wish, struct hf_err *err)
{
	json_t *account = hf_json_with(change->accounts, "id", wish->account);
	json_t *held = hf_json_with(json_object_get(account, "holders"), "person", wish->person);

	if (!held)
		return hf_change_hold(change, wish, err);
	if (json_integer_value(json_object_get(held, "until")) == wish->until.s)
		return HF_OK;
	return hf_change_review(change, wish, err);
}

static enum hf_rc take_holder_cells(struct table *table, struct hf_change *change, const struct hf_csv_row *row,
				    struct hf_err *err)
{
	struct hf_holder_wish wish = {cell_of(table, row, COLUMN_ACCOUNT), cell_of(table, row, COLUMN_PERSON), {0}};
	const char *until = cell_of(table, row, COLUMN_UNTIL);
	struct hf_err why = {0};
	enum hf_rc rc;

	if (!wish.person[0] && until[0]) {
		(void)hf_err_set(&why, HF_E_SHAPE, "there is an end, and nobody whose it is.");
		return wrong_cell(table, row, COLUMN_PERSON, &why, err);
	}
	if (!wish.person[0])
		return HF_OK;
	if (until[0] && hf_times_last(hf_text("end of the access"), until, &wish.until, &why) != HF_OK)
		return wrong_cell(table, row, COLUMN_UNTIL, &why, err);
	if (!hf_id_ok(wish.person)) {
		(void)hf_err_set(&why, HF_E_SHAPE, "`%.60s` is no person: write small letters, digits and -.",
				 wish.person);
		return wrong_cell(table, row, COLUMN_PERSON, &why, err);
	}
	rc = hold_or_review(change, &wish, &why);
	return rc == HF_OK ? rc : wrong_cell(table, row, COLUMN_UNTIL, &why, err);
}

static enum hf_rc note_seen(struct table *table, const struct hf_csv_row *row, struct hf_err *err)
{
	const char *account = cell_of(table, row, COLUMN_ACCOUNT), *person = cell_of(table, row, COLUMN_PERSON);
	json_t *people = json_object_get(table->seen, account), *line = json_object_get(people, person);
	struct hf_err why = {0};

	if (line) {
		(void)hf_err_set(&why, HF_E_SHAPE, "the same stands in line %lld.", (long long)json_integer_value(line));
		return wrong_cell(table, row, COLUMN_PERSON, &why, err);
	}
	if (!people) {
		people = json_object();
		if (json_object_set_new(table->seen, account, people) != 0)
			return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	}
	return json_object_set_new(people, person, json_integer((json_int_t)row->line)) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static void drop_unseen_holders(json_t *holders, const json_t *people)
{
	for (size_t i = json_array_size(holders); i > 0; i--) {
		const char *person = json_string_value(json_object_get(json_array_get(holders, i - 1), "person"));

		if (!json_object_get(people, person ? person : ""))
			(void)json_array_remove(holders, i - 1);
	}
}

/* Backwards: those behind one that goes move up. */
static void drop_unseen(const struct table *table, struct hf_change *change)
{
	for (size_t i = json_array_size(change->accounts); i > 0; i--) {
		json_t *account = json_array_get(change->accounts, i - 1);
		const char *id = json_string_value(json_object_get(account, "id"));
		json_t *people = json_object_get(table->seen, id ? id : "");

		if (people && table->places[COLUMN_PERSON] == NO_COLUMN)
			continue;
		if (people)
			drop_unseen_holders(json_object_get(account, "holders"), people);
		else
			(void)json_array_remove(change->accounts, i - 1);
	}
}

static bool has_beside(const struct table *table)
{
	for (int c = COLUMN_SERVICE; c < COLUMN_COUNT; c++)
		if (table->places[c] != NO_COLUMN)
			return true;
	return false;
}

static enum hf_rc take_row(struct table *table, struct hf_change *change, struct hf_csv_row *row, struct hf_err *err)
{
	enum hf_rc rc = take_link(table, row, err);

	if (rc == HF_OK)
		rc = take_account_cells(table, change, row, err);
	if (rc == HF_OK)
		rc = note_seen(table, row, err);
	if (rc == HF_OK)
		rc = take_holder_cells(table, change, row, err);
	return rc == HF_OK ? take_beside_cells(table, row, err) : rc;
}

/* What is beside is not signed: it is shown before what is. */
static enum hf_rc show_beside(struct table *table, struct hf_err *err)
{
	struct hf_words words = {.out = table->cli->talk, .marks = hf_cli_marks(table->cli)};
	enum hf_rc rc = hf_beside_table_compare(&table->beside, err);

	if (rc != HF_OK)
		return rc;
	hf_beside_table_show(&table->beside, &words);
	table->aside = json_pack("{s:O}", "beside", table->beside.shown);
	table->cli->aside = table->aside;
	return HF_OK;
}

static enum hf_rc take_table(struct hf_change *change, void *arg, struct hf_err *err)
{
	struct table *table = arg;
	struct hf_csv_row row;
	struct hf_err why = {0};
	bool more = true;
	enum hf_rc rc = table_headings(table, err);

	table->besides = rc == HF_OK && has_beside(table);
	table->beside.whole = table->whole;
	if (table->besides && !table->dry_run && geteuid() != 0)
		return hf_err_set(err, HF_E_ROLE,
				  "%s has columns that are kept beside the register, which only root of the council's server "
				  "may change: leave them out, or say --dry-run.", table->path);
	if (table->besides)
		rc = hf_beside_table_open(table->cli, &table->beside, err);
	while (rc == HF_OK && more) {
		rc = hf_csv_next(&table->csv, &row, &more, &why);
		if (rc != HF_OK)
			return hf_err_set(err, rc, "%s, %s", table->path, why.text);
		if (more)
			rc = take_row(table, change, &row, err);
	}
	if (rc == HF_OK)
		hf_named_ids_of_table(&table->cli->office, table->seen, change->held);
	if (rc == HF_OK && table->whole)
		drop_unseen(table, change);
	return rc == HF_OK && table->besides ? show_beside(table, err) : rc;
}

static enum hf_rc read_table(struct hf_cli *cli, struct hf_edit *edit, struct table *table, struct hf_err *err)
{
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(table->path, TABLE_MAX, &table->text, &len, err);
	const char *begin;

	if (rc != HF_OK)
		return rc;
	if (strlen(table->text) != len || hf_change_text(table->text, NULL) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "%s is no table: save it as CSV (UTF-8).", table->path);
	begin = hf_own_text(table->text, &len);
	table->csv = hf_csv_begin(table->text + (begin - table->text));
	table->seen = json_object();
	if (!table->seen)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_edit_register(cli, edit, err);
}

static void print_columns(FILE *out)
{
	fputs(hf_text("\nColumns, in any order, the first line names them: account (or a link to its profile), kind, person,\n"
		      "until, of the signed register; service, address, owner, scheduler, recovery, reviewed, admins (addresses of\n"
		      "administrators outside the council), statement and trained (days of that person), kept beside it on the\n"
		      "server. An empty cell changes nothing, \"none\" takes out what is kept. Days: 2027-05-06 or 06/05/2027.\n"),
	      out);
}

/* What is signed goes first: if that is not taken, nothing of the table is. */
static enum hf_rc import_table(struct hf_cli *cli, struct hf_edit *edit, struct table *table, struct hf_err *err)
{
	enum hf_rc rc = read_table(cli, edit, table, err);

	if (rc != HF_OK || !table->besides || edit->preview)
		return rc;
	return hf_beside_table_post(cli, &table->beside, err);
}

enum hf_rc hf_cli_account_import(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct table table = {.path = NULL, .cli = cli};
	struct hf_edit edit = {.apply = take_table, .arg = &table};
	const struct hf_arg rows[] = {
		{"dry-run", HF_ARG_FLAG, &edit.preview, NULL, HF_TEXT("show what would change, and send nothing"), 0},
		{"whole", HF_ARG_FLAG, &table.whole, NULL, HF_TEXT("take out accounts and holders that it does not name"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK) {
		if (cli->help)
			print_columns(cli->out);
		return rc;
	}
	table.path = args->rest[0];
	table.dry_run = edit.preview;
	rc = import_table(cli, &edit, &table, err);
	cli->aside = NULL;
	json_decref(table.aside);
	hf_beside_table_done(&table.beside);
	json_decref(table.seen);
	free(table.text);
	return rc;
}
