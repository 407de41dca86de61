/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of commands, and how a call ends.
 * Must never decide anything about an order.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/json.h>
#include <holdfast/names.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/cli/commands/commands.h"

#define EXIT_USAGE 2

/* clang-format off */
static const struct hf_command COMMANDS[] = {
	{ "council init", "DIR [--plan FILE]", "make a council folder: keys, people, register, certificates",
	  hf_cli_council_init, 1, 1 },
	{ "device add", "--request FILE -o BUNDLE", "take a device in: its assignment, its certificate, its bundle",
	  hf_cli_device_add, 0, 0 },
	{ "device first", "--device ID --person PERSON", "make a device the first of a person, in place of another",
	  hf_cli_device_first, 0, 0 },
	{ "raise emergency", "--reason TEXT", "stop posting on the council's accounts at once",
	  hf_cli_raise_emergency, 0, 0 },
	{ "raise purdah", "--poll DATE --kind KIND --instructions FILE --level LEVEL --reason TEXT",
	  "schedule a pre-election period (purdah)", hf_cli_raise_purdah, 0, 0 },
	{ "extend", "ID --until WHEN --reason TEXT", "end a pre-election period later", hf_cli_extend, 1, 1 },
	{ "bring-forward", "ID --from WHEN --reason TEXT", "start a pre-election period earlier",
	  hf_cli_bring_forward, 1, 1 },
	{ "cancel", "ID --reason TEXT --message TEXT", "end a pre-election period whose poll is countermanded or abandoned",
	  hf_cli_cancel, 1, 1 },
	{ "acknowledgements", "ID [--csv]", "who has read the instructions, and who has not",
	  hf_cli_acknowledgements, 1, 1 },
	{ "timetable", "--poll DATE --kind KIND", "the last lawful dates before a poll, and the period that follows",
	  hf_cli_timetable, 0, 0 },
	{ "amend", "ID", "change a lockdown that is in force", hf_cli_amend, 1, 1 },
	{ "release", "[ID | --person PERSON] --reason TEXT --message TEXT", "give the all-clear", hf_cli_release, 0, 1 },
	{ "recover", "DEVICE...", "let devices that lost what they knew believe again what is in force",
	  hf_cli_recover, 1, HF_RECOVER_DEVICES_MAX },
	{ "approve", "DIGEST", "approve a draft that waits for you", hf_cli_approve, 1, 1 },
	{ "drafts", "", "list what waits for approval", hf_cli_drafts, 0, 0 },
	{ "status", "[--watch]", "what is in force, and on how many devices", hf_cli_status, 0, 0 },
	{ "devices", "[--not-enforced]", "list the devices, those that are not enforced first", hf_cli_devices, 0, 0 },
	{ "verify", "FILE", "say what a message says, who approved it, and whether that is enough",
	  hf_cli_verify, 1, 1 },
	{ "key new", "FILE", "make a key with a passphrase", hf_cli_key_new, 1, 1 },
	{ "key passphrase", "FILE", "change the passphrase of a key", hf_cli_key_passphrase, 1, 1 },
	{ "key public", "FILE", "show the public part of a key", hf_cli_key_public, 1, 1 },
};
/* clang-format on */

/* How many words of argv are this command's name; 0: it is not this command. */
static int name_words(const char *name, int argc, char **argv)
{
	const char *second = strchr(name, ' ');
	size_t first_len = second ? (size_t)(second - name) : strlen(name);

	if (argc < 1 || strlen(argv[0]) != first_len || strncmp(name, argv[0], first_len) != 0)
		return 0;
	if (!second)
		return 1;
	return argc >= 2 && strcmp(second + 1, argv[1]) == 0 ? 2 : 0;
}

static const struct hf_command *find_command(int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; i < HF_LEN(COMMANDS); i++) {
		int words = name_words(COMMANDS[i].name, argc, argv);

		if (words > 0) {
			*ret_words = words;
			return &COMMANDS[i];
		}
	}
	return NULL;
}

static void print_overview(FILE *out)
{
	fputs("holdfast - the officer's terminal\n\nUsage: holdfast COMMAND [options]\n\nCommands:\n", out);
	for (size_t i = 0; i < HF_LEN(COMMANDS); i++)
		fprintf(out, "  %-16s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
	fputs("\nOptions of every command:\n", out);
	hf_args_help(out);
	fputs("\n`holdfast COMMAND --help` says more. Exit: 0 done, 1 failed, 2 called wrongly.\n", out);
}

static enum hf_rc no_command(int argc, char **argv, struct hf_err *err)
{
	if (argc < 1)
		return hf_err_set(err, HF_E_USAGE, "Say what to do: `holdfast --help` lists the commands.");
	return hf_err_set(err, HF_E_USAGE, "There is no command `%s%s%s`: `holdfast --help` lists them.", argv[0],
			  argc > 1 && argv[1][0] != '-' ? " " : "", argc > 1 && argv[1][0] != '-' ? argv[1] : "");
}

static enum hf_rc dispatch(struct hf_cli *cli, int argc, char **argv, struct hf_err *err)
{
	struct hf_args args = {0};
	int used = 0, words = 0;
	enum hf_rc rc = hf_args_general(cli, argc, argv, &used, err);

	if (rc != HF_OK)
		return rc;
	argc -= used;
	argv += used;
	if (cli->help || cli->version) {
		if (cli->help)
			print_overview(cli->out);
		else
			fprintf(cli->out, "holdfast %s\n", HF_VERSION);
		return HF_OK;
	}
	args.command = find_command(argc, argv, &words);
	if (!args.command)
		return no_command(argc, argv, err);
	args.argc = argc - words + 1;
	args.argv = argv + words - 1;
	return args.command->run(cli, &args, err);
}

static int finish(struct hf_cli *cli, enum hf_rc rc, const struct hf_err *err)
{
	if (rc == HF_OK || cli->help)
		return EXIT_SUCCESS;
	if (cli->json && !cli->answered && err->text[0]) {
		hf_auto_json json_t *answer = json_pack("{s:s, s:s}", "error", hf_rc_name(rc), "message", err->text);

		if (answer && json_dumpf(answer, cli->out, JSON_COMPACT) == 0)
			fputc('\n', cli->out);
	}
	if (err->text[0])
		fprintf(cli->err, "holdfast: %s\n", err->text);
	return rc == HF_E_USAGE ? EXIT_USAGE : EXIT_FAILURE;
}

static void on_warning(void *arg, const char *text)
{
	const struct hf_cli *cli = arg;

	fprintf(cli->err, "holdfast: warning: %s\n", text);
}

int hf_cli_run(int argc, char **argv)
{
	struct hf_cli cli = {.passphrase_fd = -1, .out = stdout, .talk = stdout, .err = stderr};
	struct hf_err err = {0};
	const char *socket = getenv(HF_ENV_SOCKET);
	const char *no_colour = getenv("NO_COLOR");
	int exit_code;

	cli.office = (struct hf_office){.folder = getenv(HF_ENV_COUNCIL),
					.socket = socket && socket[0] ? socket : HF_CONTROLLER_SOCKET,
					.on_warning = on_warning,
					.arg = &cli};
	cli.key = getenv(HF_ENV_KEY);
	cli.tty = isatty(STDOUT_FILENO) == 1;
	cli.colour = cli.tty && !(no_colour && no_colour[0]);
	exit_code = finish(&cli, dispatch(&cli, argc, argv, &err), &err);
	if (fflush(stdout) != 0 && exit_code == EXIT_SUCCESS) {
		fputs("holdfast: The answer could not be written.\n", stderr);
		exit_code = EXIT_FAILURE;
	}
	return exit_code;
}
