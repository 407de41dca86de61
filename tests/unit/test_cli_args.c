/* SPDX-License-Identifier: MIT */
/*
 * Owns options by a table: what is taken, what is refused, and with which words.
 * Must never take a wrong option for an absent one.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/cli/cli.h"

struct wanted {
	bool flag;
	const char *text;
	int64_t number;
	struct hf_list ids, list;
	struct hf_holding_wishes holding;
};

static const struct hf_command command = {.name = "test", .usage = "FILE", .least = 0, .most = 1};

/* The line is cut at spaces, in place. */
static enum hf_rc parse(struct hf_cli *cli, char *line, struct wanted *ret, struct hf_args *args, struct hf_err *err)
{
	static char *argv[20];
	const struct hf_arg rows[] = {
		{"flag", HF_ARG_FLAG, &ret->flag, NULL, "-", 0},   {"text", HF_ARG_TEXT, &ret->text, "T", "-", 'o'},
		{"number", HF_ARG_INT, &ret->number, "N", "-", 0}, {"ids", HF_ARG_IDS, &ret->ids, "ID", "-", 0},
		{"list", HF_ARG_LIST, &ret->list, "X", "-", 0},
		{"holding", HF_ARG_HOLDING, &ret->holding, "ACCOUNT=POSTER:TEXT", "-", 0},
	};
	int argc = 0;

	memset(ret, 0, sizeof(*ret));
	argv[argc++] = (char *)(uintptr_t) "test";
	for (char *word; (word = strsep(&line, " ")) != NULL;)
		argv[argc++] = word;
	argv[argc] = NULL;
	*args = (struct hf_args){.command = &command, .argc = argc, .argv = argv};
	return hf_args_parse(cli, args, rows, HF_LEN(rows), err);
}

Test(cli_args, all_kinds_are_taken_wherever_they_stand)
{
	char line[] = "file --ids a,b --flag -o=x --ids c --list x:a,two --holding x:a=p:one,two:= --number 7 --passphrase-fd 3 "
		      "--yes";
	struct hf_cli cli = {.passphrase_fd = -1};
	struct wanted got;
	struct hf_args args;
	struct hf_err err = {0};

	cr_assert_eq(parse(&cli, line, &got, &args, &err), HF_OK, "%s", err.text);
	cr_expect(got.flag && cli.yes);
	cr_expect_str_eq(got.text, "=x");
	cr_expect_eq(got.number, 7);
	cr_expect_eq(cli.passphrase_fd, 3);
	cr_assert_eq(got.ids.n, 3);
	cr_expect_str_eq(got.ids.v[2], "c");
	cr_assert_eq(got.list.n, 1, "a list keeps its commas");
	cr_expect_str_eq(got.list.v[0], "x:a,two");
	cr_assert_eq(got.holding.n, 1);
	cr_expect_str_eq(got.holding.v[0].account, "x:a");
	cr_expect_str_eq(got.holding.v[0].poster, "p");
	cr_expect_str_eq(got.holding.v[0].text, "one,two:=", "D9.3: the message is kept as it is written");
	cr_assert_eq(args.n_rest, 1);
	cr_expect_str_eq(args.rest[0], "file");
}

Test(cli_args, what_is_wrong_is_refused_with_its_name)
{
	static const struct {
		const char *what, *line, *says;
	} rows[] = {
		{"an unknown option", "--nothing", "--nothing"},
		{"a value that is missing", "--text", "--text"},
		{"a number that is none", "--number 7x", "--number"},
		{"a negative number", "--number -1", "--number"},
		{"a number past its bound", "--number 99999999999", "--number"},
		{"an empty name in a list", "--ids a,,b", "--ids"},
		{"a message without its poster", "--holding x:a=Hi", "ACCOUNT=POSTER:TEXT"},
		{"a message of an empty poster", "--holding x:a=:Hi", "ACCOUNT=POSTER:TEXT"},
		{"a message without its account", "--holding =p:Hi", "ACCOUNT=POSTER:TEXT"},
		{"a word too many", "one two", "Usage"},
		{"a passphrase as an argument", "--passphrase secret", "--passphrase"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_cli cli = {.passphrase_fd = -1};
		struct wanted got;
		struct hf_args args;
		struct hf_err err = {0};
		char line[64];

		cr_assert_eq(hf_str_copy(line, sizeof(line), rows[i].line), HF_OK);
		cr_expect_eq(parse(&cli, line, &got, &args, &err), HF_E_USAGE, "%s", rows[i].what);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}
