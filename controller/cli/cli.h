/* SPDX-License-Identifier: MIT */
/*
 * cli.h - the officer's terminal: what every command gets, how options are read, how a command answers
 */
#ifndef HOLDFAST_CLI_H
#define HOLDFAST_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <holdfast/json.h>
#include <holdfast/text.h>

#include "controller/office/compose.h"
#include "controller/office/office.h"
#include "controller/office/sentence.h"

#define HF_REST_MAX 128   /* words beside the options: as many devices as one recovery names */
#define HF_ARG_ROWS_MAX 32 /* options of one command with the general ones */

/* What every command gets. */
struct hf_cli {
	struct hf_office office;
	const char *key;       /* the officer's key file; NULL: not said */
	const char *door;      /* the socket of holdfast-joind */
	const char *scratch;   /* where what is thrown away may lie (TMPDIR) */
	int64_t passphrase_fd; /* -1: ask on the terminal */
	bool json;
	bool yes;
	bool help;
	bool version;
	FILE *out;  /* the answer */
	FILE *talk; /* what is said beside it: out, or err with --json */
	FILE *err;
	bool colour;   /* may talk be coloured */
	bool tty;      /* is talk a terminal */
	const json_t *aside; /* members that the JSON answer has besides; NULL: none */
	bool answered; /* the command has written its JSON answer */
	bool pages_said;     /* how far a long list has come stands on the terminal now */
	int64_t pages_since; /* boot-time ms at which it was asked for */
};

struct hf_command;

/* The words after the command's name, and what is left of them when the options are taken out. */
struct hf_args {
	const struct hf_command *command;
	int argc;
	char **argv; /* argv[0] is the last word of the command's name */
	const char *rest[HF_REST_MAX];
	size_t n_rest;
};

struct hf_command {
	const char *name;    /* "raise emergency" */
	const char *usage;   /* what follows the name */
	const char *summary; /* one line */
	enum hf_rc (*run)(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
	size_t least, most; /* words beside the options */
};

/* MAYBE is a text that may be left out: then it is ""; LIST takes each value whole; IDS splits it at commas; HOLDING is ACCOUNT=POSTER:TEXT. */
enum hf_arg_kind { HF_ARG_FLAG, HF_ARG_TEXT, HF_ARG_MAYBE, HF_ARG_INT, HF_ARG_LIST, HF_ARG_IDS, HF_ARG_HOLDING };

/* One option. */
struct hf_arg {
	const char *name; /* without the dashes */
	enum hf_arg_kind kind;
	void *ret;	   /* bool *, const char **, int64_t *, struct hf_list *, struct hf_holding_wishes * */
	const char *value; /* what stands for the value in the help; NULL for a flag */
	const char *help;
	char letter; /* 0: none */
};

/* The option of those commands that read a plan. */
#define HF_ARG_CATALOGUE(ret)                                                                                          \
	{                                                                                                              \
		"catalogue", HF_ARG_TEXT, ret, "FILE", HF_TEXT("posting tools (the file that the plan names)"), 0      \
	}

/* The options of those commands that take holding messages. */
#define HF_ARG_MESSAGES(ret)                                                                                           \
	{                                                                                                              \
		"holding",                                                                                             \
		HF_ARG_HOLDING,                                                                                        \
		ret,                                                                                                   \
		"ACCOUNT=POSTER:TEXT",                                                                                 \
		HF_TEXT("a message, its poster; *: every account"),                                                    \
		0},                                                                                                    \
		{"message-file", HF_ARG_TEXT, &(ret)->file, "FILE", HF_TEXT("the same, one a line"), 0},               \
		{"template",                                                                                           \
		 HF_ARG_TEXT,                                                                                          \
		 &(ret)->template_name,                                                                                \
		 "NAME",                                                                                               \
		 HF_TEXT("the same, as the council wrote them before"),                                                \
		 0},                                                                                                   \
	{                                                                                                              \
		"set", HF_ARG_LIST, &(ret)->set, "NAME=TEXT", HF_TEXT("what stands for {NAME} in the template"), 0     \
	}

/*
 * hf_args_parse - read the options of a command and the general ones
 *
 * With --help it prints the command's help, sets cli->help and fails with an empty text.
 * @rows     n_rows options of this command; ret of each is written when the option is given
 * Owner     what is written is borrowed from args->argv
 * Returns   HF_OK; HF_E_USAGE
 */
HF_NODISCARD enum hf_rc hf_args_parse(struct hf_cli *cli, struct hf_args *args, const struct hf_arg *rows,
				      size_t n_rows, struct hf_err *err);

/*
 * hf_args_general - read the options that stand before the command
 *
 * @ret_used  how many words were read, argv[0] included; untouched unless HF_OK
 * Owner     as hf_args_parse
 * Returns   HF_OK; HF_E_USAGE
 */
HF_NODISCARD enum hf_rc hf_args_general(struct hf_cli *cli, int argc, char **argv, int *ret_used, struct hf_err *err);

/*
 * hf_args_help - print the general options as lines of a help text
 */
void hf_args_help(FILE *out);

/*
 * hf_cli_answer - write a command's JSON answer
 *
 * @answer   a new reference, taken over; NULL: no memory
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_cli_answer(struct hf_cli *cli, json_t *answer, struct hf_err *err);

/*
 * hf_cli_marks - what stands around a heading on this terminal
 *
 * Returns   one a tone; NULL: nothing
 */
const struct hf_mark *hf_cli_marks(const struct hf_cli *cli);

#endif
