/* SPDX-License-Identifier: MIT */
/*
 * Owns options by a table, read with getopt_long; the help is printed from the same table.
 * Must never print a secret, nor take one as an argument.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/timetable.h>

#include "controller/cli/cli.h"

#define LONG_FIRST 256 /* above every option letter */
#define GENERAL_ROWS 8 /* options of every command */

static void general_rows(struct hf_cli *cli, struct hf_arg rows[GENERAL_ROWS])
{
	const struct hf_arg all[GENERAL_ROWS] = {
		{"council", HF_ARG_TEXT, &cli->office.folder, "DIR", HF_TEXT("the council folder (HOLDFAST_COUNCIL)"),
		 0},
		{"socket", HF_ARG_TEXT, &cli->office.socket, "PATH",
		 HF_TEXT("the controller's socket (HOLDFAST_SOCKET)"), 0},
		{"key", HF_ARG_TEXT, &cli->key, "FILE", HF_TEXT("your key file (HOLDFAST_KEY)"), 0},
		{"passphrase-fd", HF_ARG_INT, &cli->passphrase_fd, "N",
		 HF_TEXT("read the passphrase from file descriptor N instead of the terminal"), 0},
		{"yes", HF_ARG_FLAG, &cli->yes, NULL, HF_TEXT("do not ask for confirmation (for scripts)"), 0},
		{"json", HF_ARG_FLAG, &cli->json, NULL, HF_TEXT("answer with JSON"), 0},
		{"help", HF_ARG_FLAG, &cli->help, NULL, HF_TEXT("say how it is used"), 'h'},
		{"version", HF_ARG_FLAG, &cli->version, NULL, HF_TEXT("say which version this is"), 0},
	};

	memcpy(rows, all, sizeof(all));
}

static void print_row(FILE *out, const struct hf_arg *row)
{
	char left[64];

	if (hf_str_printf(left, sizeof(left), "%s--%s%s%s",
			  row->letter == 'h'   ? "-h, "
			  : row->letter == 'o' ? "-o, "
					       : "",
			  row->name, row->value && row->kind != HF_ARG_MAYBE ? " " : "", row->value ? row->value : "") != HF_OK)
		left[0] = '\0';
	fprintf(out, "  %-28s %s\n", left, hf_text(row->help));
}

/* Which words an option takes that wants the kind of a poll. */
static void print_kinds(FILE *out)
{
	for (size_t i = 0; i < HF_POLL_KIND_COUNT; i++)
		fprintf(out, "%s%s",
			i % 3 > 0 ? " "
			: i > 0	  ? "\n                               "
				  : "                               ",
			hf_poll_kind_name((enum hf_poll_kind)i));
	fputc('\n', out);
}

void hf_args_help(FILE *out)
{
	struct hf_cli none = {0};
	struct hf_arg rows[GENERAL_ROWS];

	general_rows(&none, rows);
	for (size_t i = 0; i < HF_LEN(rows); i++)
		print_row(out, &rows[i]);
}

static void command_help(FILE *out, const struct hf_command *command, const struct hf_arg *rows, size_t n_rows)
{
	fprintf(out, hf_text("holdfast %s - %s\n\nUsage: holdfast %s%s%s [options]\n"), command->name,
		hf_text(command->summary), command->name, command->usage[0] ? " " : "", command->usage);
	if (n_rows > 0)
		fputs(hf_text("\nOptions:\n"), out);
	for (size_t i = 0; i < n_rows; i++) {
		print_row(out, &rows[i]);
		if (rows[i].kind == HF_ARG_LIST && strcmp(rows[i].value, "KIND") == 0)
			print_kinds(out);
	}
	fputs(hf_text("\nOptions of every command:\n"), out);
	hf_args_help(out);
}

/* With --json the answer is alone on standard output. */
static void talk_beside_json(struct hf_cli *cli)
{
	if (!cli->json)
		return;
	cli->talk = cli->err;
	cli->tty = false;
	cli->colour = false;
}

static enum hf_rc too_many(const struct hf_arg *row, struct hf_err *err)
{
	return hf_err_set(err, HF_E_USAGE, "--%s is given more than %d times.", row->name, HF_LIST_MAX);
}

static enum hf_rc list_add(struct hf_list *list, const struct hf_arg *row, const char *value, struct hf_err *err)
{
	if (list->n == HF_LIST_MAX)
		return too_many(row, err);
	list->v[list->n++] = value;
	return HF_OK;
}

static enum hf_rc take_holding(const struct hf_arg *row, char *value, struct hf_err *err)
{
	struct hf_holding_wishes *wishes = row->ret;
	char *equals = strchr(value, '=');
	char *colon = equals ? strchr(equals, ':') : NULL;

	if (!colon || equals == value || colon == equals + 1)
		return hf_err_set(err, HF_E_USAGE, "--%s wants %s, not `%s`.", row->name, row->value, value);
	if (wishes->n == HF_LIST_MAX)
		return too_many(row, err);
	*equals = *colon = '\0';
	wishes->v[wishes->n++] = (struct hf_holding_wish){value, equals + 1, colon + 1};
	return HF_OK;
}

static enum hf_rc take_ids(const struct hf_arg *row, char *value, struct hf_err *err)
{
	char *rest = value;

	for (char *word; (word = strsep(&rest, ",")) != NULL;) {
		enum hf_rc rc;

		if (word[0] == '\0')
			return hf_err_set(err, HF_E_USAGE, "--%s has an empty name in its list.", row->name);
		rc = list_add(row->ret, row, word, err);
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

static enum hf_rc take_int(const struct hf_arg *row, const char *value, struct hf_err *err)
{
	char *end = NULL;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < 0 || n > INT32_MAX)
		return hf_err_set(err, HF_E_USAGE, "--%s wants a whole number, not `%s`.", row->name, value);
	*(int64_t *)row->ret = n;
	return HF_OK;
}

static enum hf_rc take_value(const struct hf_arg *row, char *value, struct hf_err *err)
{
	switch (row->kind) {
	case HF_ARG_FLAG:
		*(bool *)row->ret = true;
		return HF_OK;
	case HF_ARG_TEXT:
		*(const char **)row->ret = value;
		return HF_OK;
	case HF_ARG_MAYBE:
		*(const char **)row->ret = value ? value : "";
		return HF_OK;
	case HF_ARG_INT:
		return take_int(row, value, err);
	case HF_ARG_LIST:
		return list_add(row->ret, row, value, err);
	case HF_ARG_IDS:
		return take_ids(row, value, err);
	case HF_ARG_HOLDING:
		return take_holding(row, value, err);
	}
	return hf_err_set(err, HF_E_USAGE, "--%s cannot be read.", row->name);
}

/* The rows as getopt_long wants them. */
struct table {
	const struct hf_arg *rows;
	size_t n_rows;
	struct option options[HF_ARG_ROWS_MAX + 1];
	char letters[2 * HF_ARG_ROWS_MAX + 3];
};

static void table_of(const struct hf_arg *rows, size_t n_rows, bool stop_at_word, struct table *ret)
{
	char *letter = ret->letters;

	*ret = (struct table){.rows = rows, .n_rows = n_rows};
	if (stop_at_word)
		*letter++ = '+';
	*letter++ = ':';
	for (size_t i = 0; i < n_rows; i++) {
		ret->options[i].name = rows[i].name;
		ret->options[i].has_arg = rows[i].kind == HF_ARG_MAYBE ? optional_argument
					  : rows[i].value	       ? required_argument
								       : no_argument;
		ret->options[i].val = LONG_FIRST + (int)i;
		if (rows[i].letter) {
			*letter++ = rows[i].letter;
			if (rows[i].value)
				*letter++ = ':';
		}
	}
}

static const struct hf_arg *arg_of(const struct table *table, int c)
{
	for (size_t i = 0; i < table->n_rows; i++)
		if (c == LONG_FIRST + (int)i || (c != 0 && c == table->rows[i].letter))
			return &table->rows[i];
	return NULL;
}

/* Reads options until the end, or the first word that is none; optind says where it stopped. */
static enum hf_rc scan_options(int argc, char **argv, const struct table *table, struct hf_err *err)
{
	opterr = 0;
	optind = 0; /* 0: begin anew, also for glibc's own memory of the last call */
	for (int c; (c = getopt_long(argc, argv, table->letters, table->options, NULL)) != -1;) {
		const struct hf_arg *row = arg_of(table, c);
		enum hf_rc rc;

		if (c == ':')
			return hf_err_set(err, HF_E_USAGE, "%s wants a value after it.", argv[optind - 1]);
		if (!row)
			return hf_err_set(err, HF_E_USAGE, "The option %s is not known here: --help lists them.",
					  argv[optind > 1 ? optind - 1 : 1]);
		rc = take_value(row, optarg, err);
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

enum hf_rc hf_args_general(struct hf_cli *cli, int argc, char **argv, int *ret_used, struct hf_err *err)
{
	struct hf_arg rows[GENERAL_ROWS];
	struct table table;
	enum hf_rc rc;

	general_rows(cli, rows);
	table_of(rows, HF_LEN(rows), true, &table);
	rc = scan_options(argc, argv, &table, err);
	talk_beside_json(cli);
	if (rc == HF_OK)
		*ret_used = optind;
	return rc;
}

static enum hf_rc take_rest(struct hf_args *args, struct hf_err *err)
{
	const struct hf_command *command = args->command;
	size_t n = (size_t)(args->argc - optind);

	if (n < command->least || n > command->most || n > HF_REST_MAX)
		return hf_err_set(err, HF_E_USAGE, "Usage: holdfast %s%s%s (--help says more).", command->name,
				  command->usage[0] ? " " : "", command->usage);
	for (args->n_rest = 0; args->n_rest < n; args->n_rest++)
		args->rest[args->n_rest] = args->argv[optind + (int)args->n_rest];
	return HF_OK;
}

enum hf_rc hf_args_parse(struct hf_cli *cli, struct hf_args *args, const struct hf_arg *rows, size_t n_rows,
			 struct hf_err *err)
{
	struct hf_arg all[HF_ARG_ROWS_MAX];
	struct table table;
	enum hf_rc rc;

	if (n_rows + GENERAL_ROWS > HF_ARG_ROWS_MAX)
		return hf_err_set(err, HF_E_SIZE, "The command %s has too many options.", args->command->name);
	for (size_t i = 0; i < n_rows; i++)
		all[i] = rows[i];
	general_rows(cli, all + n_rows);
	table_of(all, n_rows + GENERAL_ROWS, false, &table);
	rc = scan_options(args->argc, args->argv, &table, err);
	talk_beside_json(cli);
	if (cli->help) {
		command_help(cli->out, args->command, rows, n_rows);
		if (err)
			err->text[0] = '\0';
		return HF_E_USAGE;
	}
	return rc == HF_OK ? take_rest(args, err) : rc;
}
