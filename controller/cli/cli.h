/* SPDX-License-Identifier: MIT */
/*
 * cli.h - the officer's terminal: what every command gets, how commands are found, how options are read
 *
 * Room controller/cli.  The terminal trusts the council folder, never the controller.
 */
#ifndef HOLDFAST_CLI_H
#define HOLDFAST_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <holdfast/err.h>

#define HF_LIST_MAX 256	   /* values of one option: more than accounts in a register */
#define HF_REST_MAX 4	   /* words beside the options; no command takes more */
#define HF_ARG_ROWS_MAX 32 /* options of one command with the general ones */

/* What every command gets. */
struct hf_cli {
	const char *council;   /* the council folder; NULL: not said */
	const char *socket;    /* of the controller */
	const char *key;       /* the officer's key file; NULL: not said */
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
	bool answered; /* the command has written its JSON answer */
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

/* Values of an option that may be given more than once. Borrowed from the command line. */
struct hf_list {
	const char *v[HF_LIST_MAX];
	size_t n;
};

/* LIST takes each value whole; IDS splits it at commas. */
enum hf_arg_kind { HF_ARG_FLAG, HF_ARG_TEXT, HF_ARG_INT, HF_ARG_LIST, HF_ARG_IDS };

/* One option. */
struct hf_arg {
	const char *name; /* without the dashes */
	enum hf_arg_kind kind;
	void *ret;	   /* bool *, const char **, int64_t *, struct hf_list * */
	const char *value; /* what stands for the value in the help; NULL for a flag */
	const char *help;
	char letter; /* 0: none */
};

/*
 * hf_cli_run - one call of `holdfast`
 *
 * @argc, @argv  of main(); argv is permuted and split in place
 * Owner     argv's texts must live until it returns
 * Returns   the exit code: 0 done, 1 failed, 2 called wrongly
 * Source    proto/README.md "Who is trusted with what"
 */
int hf_cli_run(int argc, char **argv);

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
 * hf_cli_warn - say something that the officer must know and that stops nothing
 */
void hf_cli_warn(struct hf_cli *cli, const char *fmt, ...) HF_PRINTF(2, 3);

/*
 * hf_cli_council_init ... - the commands, one function each
 *
 * Owner     nothing outlives the call
 * Returns   HF_OK done; HF_E_USAGE called wrongly; any other: failed, with a sentence, or with an empty text when
 *           the answer itself has said it
 * Source    the manual page holdfast(1)
 */
enum hf_rc hf_cli_council_init(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_device_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_device_first(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_raise_emergency(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_raise_purdah(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_extend(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_bring_forward(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_cancel(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_acknowledgements(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_timetable(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_release(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_amend(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_approve(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_drafts(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_status(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_devices(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_verify(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_key_new(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_key_passphrase(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);
enum hf_rc hf_cli_key_public(struct hf_cli *cli, struct hf_args *args, struct hf_err *err);

#endif
