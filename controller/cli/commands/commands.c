/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of commands, and how a call ends.
 * Must never decide anything about an order.
 */
#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/json.h>
#include <holdfast/names.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/tongue.h>
#include <holdfast/trust.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"

#define EXIT_USAGE 2
#define PATIENCE_MS 1000
#define ERASE_LINE "\r\033[K"

/* clang-format off */
static const struct hf_command COMMANDS[] = {
	{ "setup", "[--broker-name HOST] [--login PERSON=LOGIN]", HF_TEXT("make this machine the council's server"), hf_cli_setup, 0, 0 },
	{ "doctor", "[--backup FILE]", HF_TEXT("say what is wrong with the council's server, and what to do"), hf_cli_doctor, 0, 0 },
	{ "council init", "DIR [--plan FILE]", HF_TEXT("make a council folder: keys, people, register, certificates"),
	  hf_cli_council_init, 1, 1 },
	{ "register propose", "PLAN", HF_TEXT("write the next version of the register: accounts, tools, words of a plan"),
	  hf_cli_register_propose, 1, 1 },
	{ "account list", "[--holders] [--csv] [--ending]", HF_TEXT("the accounts, who holds each, and whose access ends"),
	  hf_cli_account_list, 0, 0 },
	{ "account add", "ACCOUNT --kind KIND", HF_TEXT("a new account of the council"), hf_cli_account_add, 1, 1 },
	{ "account change", "ACCOUNT --kind KIND", HF_TEXT("another kind of an account"), hf_cli_account_change, 1, 1 },
	{ "account retire", "ACCOUNT", HF_TEXT("take an account out of the register"), hf_cli_account_retire, 1, 1 },
	{ "account import", "FILE.csv [--dry-run] [--whole]", HF_TEXT("take over a table of accounts and holders"), hf_cli_account_import, 1, 1 },
	{ "account review", "[--csv]", HF_TEXT("accounts and people that somebody must look at"), hf_cli_account_review, 0, 0 },
	{ "account history", "ACCOUNT", HF_TEXT("what became of an account, by the record"), hf_cli_account_history, 1, 1 },
	{ "person history", "PERSON", HF_TEXT("what a person held and may do, by the record"), hf_cli_person_history, 1, 1 },
	{ "holder add", "PERSON ACCOUNT...", HF_TEXT("let a person hold accounts, for a while or without an end"),
	  hf_cli_holder_add, 2, HF_REST_MAX },
	{ "holder review", "PERSON ACCOUNT... --until WHEN", HF_TEXT("end a person's access at another time"),
	  hf_cli_holder_review, 2, HF_REST_MAX },
	{ "holder withdraw", "PERSON ACCOUNT...|--all", HF_TEXT("take accounts away from a person, on every device"),
	  hf_cli_holder_withdraw, 1, HF_REST_MAX },
	{ "holder checklist", "", HF_TEXT("whose access at the platform is still to be taken away"), hf_cli_holder_checklist, 0, 0 },
	{ "holder confirm", "PERSON ACCOUNT...", HF_TEXT("say that an access at the platform is gone"), hf_cli_holder_confirm, 2,
	  HF_REST_MAX },
	{ "tool add", "TOOL --platform PLATFORM --address HOST", HF_TEXT("a posting tool that lockdowns shut"), hf_cli_tool_add, 1, 1 },
	{ "tool change", "TOOL", HF_TEXT("other lists of a posting tool"), hf_cli_tool_change, 1, 1 },
	{ "tool remove", "TOOL", HF_TEXT("take a posting tool out of the register"), hf_cli_tool_remove, 1, 1 },
	{ "catalogue update", "", HF_TEXT("take over the posting tools of a newer catalogue"), hf_cli_catalogue_update, 0, 0 },
	{ "words list", "[--kind KIND]", HF_TEXT("the words that the draft check marks"), hf_cli_words_list, 0, 0 },
	{ "words add", "WORD... --kind KIND", HF_TEXT("words more that the draft check marks"), hf_cli_words_add, 1, HF_REST_MAX },
	{ "words remove", "WORD... [--kind KIND]", HF_TEXT("words less that the draft check marks"), hf_cli_words_remove, 1,
	  HF_REST_MAX },
	{ "backup", "FILE", HF_TEXT("copy the journal while the controller runs, sealed so that only a root's key opens it"), hf_cli_backup, 1, 1 },
	{ "restore", "FILE --root-key FILE --check|--out DIR", HF_TEXT("try whether a backup is good, or open it"), hf_cli_restore, 1, 1 },
	{ "put-back", "FILE...", HF_TEXT("bring the controller a trust, register, assignment, order or list of brokers that its journal has lost"), hf_cli_put_back, 1,
	  HF_REST_MAX },
	{ "device add", "--request FILE -o BUNDLE", HF_TEXT("take a device in: its assignment, its certificate, its bundle"),
	  hf_cli_device_add, 0, 0 },
	{ "device pending", "[--join-socket PATH]", HF_TEXT("which laptops ask to join, with their four words"), hf_cli_device_pending, 0, 0 },
	{ "device approve", "[WORDS] --csv FILE", HF_TEXT("take in the laptops that ask and are in the council's list; or one, by its words"),
	  hf_cli_device_approve, 0, 1 },
	{ "join-token make", "--batch NAME --uses N --address HOST -o FILE", HF_TEXT("what laptops are given to ask with, for so many of them"),
	  hf_cli_join_token_make, 0, 0 },
	{ "join-token list", "[--join-socket PATH]", HF_TEXT("which tokens count, how often each was used, and until when"),
	  hf_cli_join_token_list, 0, 0 },
	{ "join-token end", "BATCH", HF_TEXT("a token counts no more: lost, stolen, or the batch is done"), hf_cli_join_token_end, 1, 1 },
	{ "join-token server", "HOST... -o FOLDER", HF_TEXT("the certificate of holdfast-joind, by which laptops know it"),
	  hf_cli_join_token_server, 1, HF_REST_MAX },
	{ "device first", "--device ID --person PERSON", HF_TEXT("make a device the first of a person, in place of another"),
	  hf_cli_device_first, 0, 0 },
	{ "broker list", "", HF_TEXT("where devices find the council's server, and how many know"), hf_cli_broker_list, 0, 0 },
	{ "broker add", "NAME HOST [--port N] [--ca FILE]", HF_TEXT("one more place where devices find the council's server"),
	  hf_cli_broker_add, 2, 2 },
	{ "broker remove", "NAME", HF_TEXT("a place where the council's server is no more"), hf_cli_broker_remove, 1, 1 },
	{ "broker replace", "OLD NAME HOST [--port N] [--ca FILE]", HF_TEXT("another place for the council's server, in place of one"),
	  hf_cli_broker_replace, 3, 3 },
	{ "certificate broker", "HOST... -o DIR [--ca-key FILE]", HF_TEXT("another certificate for the broker, under these names"),
	  hf_cli_certificate_broker, 1, HF_REST_MAX },
	{ "certificate controller", "ID -o DIR [--ca-key FILE]", HF_TEXT("another certificate by which a controller speaks to the broker"),
	  hf_cli_certificate_controller, 1, 1 },
	{ "raise emergency", "--reason TEXT", HF_TEXT("stop posting on the council's accounts at once"),
	  hf_cli_raise_emergency, 0, 0 },
	{ "raise purdah", "--poll DATE --kind KIND --instructions FILE --level LEVEL --reason TEXT",
	  HF_TEXT("schedule a pre-election period (purdah)"), hf_cli_raise_purdah, 0, 0 },
	{ "extend", "ID --until WHEN --reason TEXT", HF_TEXT("end a pre-election period later"), hf_cli_extend, 1, 1 },
	{ "bring-forward", "ID --from WHEN --reason TEXT", HF_TEXT("start a pre-election period earlier"),
	  hf_cli_bring_forward, 1, 1 },
	{ "cancel", "ID --reason TEXT --message TEXT", HF_TEXT("end a pre-election period whose poll is countermanded or abandoned"),
	  hf_cli_cancel, 1, 1 },
	{ "acknowledgements", "ID [--csv]", HF_TEXT("who has read the instructions, and who has not"),
	  hf_cli_acknowledgements, 1, 1 },
	{ "timetable", "--poll DATE --kind KIND", HF_TEXT("the last lawful dates before a poll, and the period that follows"),
	  hf_cli_timetable, 0, 0 },
	{ "amend", "ID", HF_TEXT("change a lockdown that is in force"), hf_cli_amend, 1, 1 },
	{ "release", "[ID | --person PERSON] --reason TEXT --message TEXT", HF_TEXT("give the all-clear"), hf_cli_release, 0, 1 },
	{ "recover", "DEVICE...", HF_TEXT("let devices that lost what they knew believe again what is in force"),
	  hf_cli_recover, 1, HF_RECOVER_DEVICES_MAX },
	{ "glass prepare", "[DEVICE...] --glass-key FILE",
	  HF_TEXT("break-glass: make your side's halves of devices"), hf_cli_glass_prepare, 0, HF_REST_MAX },
	{ "glass half", "--device DEVICE --slot N --glass-key FILE",
	  HF_TEXT("break-glass: your side's half of one device, without a network"), hf_cli_glass_half, 0, 0 },
	{ "glass notes", "--glass-key FILE", HF_TEXT("break-glass: post the notes of halves that were given"), hf_cli_glass_notes, 0, 0 },
	{ "trust set-aside", "register|device:ID|DIGEST... [--from-version N]",
	  HF_TEXT("by the roots: set aside a register or assignments that must not stand"), hf_cli_trust_set_aside, 1,
	  HF_VOIDS_MAX },
	{ "trust propose", "CHANGE... -o FILE", HF_TEXT("write what the roots are to sign: people, keys, controllers, roots"),
	  hf_cli_trust_propose, 0, 0 },
	{ "trust show", "FILE", HF_TEXT("what a proposed trust changes, and who must sign it yet"), hf_cli_trust_show, 1, 1 },
	{ "trust sign", "FILE --root-key FILE", HF_TEXT("sign a proposed trust with a root's key, on a machine without a network"),
	  hf_cli_trust_sign, 1, 1 },
	{ "trust publish", "FILE...", HF_TEXT("make a trust count that enough roots have signed, and see devices take it"),
	  hf_cli_trust_publish, 1, 8 },
	{ "trust --practice", "", HF_TEXT("play a whole ceremony with spare keys: nothing of it can ever count"), hf_cli_trust_practice, 0, 0 },
	{ "approve", "DIGEST", HF_TEXT("approve a draft that waits for you"), hf_cli_approve, 1, 1 },
	{ "drafts withdraw", "ID [--reason TEXT]", HF_TEXT("take back your approval of a draft"), hf_cli_drafts_withdraw, 1, 1 },
	{ "drafts refuse", "ID --reason TEXT", HF_TEXT("say that you refuse a draft, and why"), hf_cli_drafts_refuse, 1, 1 },
	{ "drafts", "", HF_TEXT("list what waits for approval"), hf_cli_drafts, 0, 0 },
	{ "status", "[--all] [--watch]", HF_TEXT("what is in force, and on how many devices"), hf_cli_status, 0, 0 },
	{ "devices", "[--not-enforced]", HF_TEXT("list the devices, those that are not enforced first"), hf_cli_devices, 0, 0 },
	{ "audit story", "ID", HF_TEXT("what happened in a lockdown, by the record"), hf_cli_audit_story, 1, 1 },
	{ "audit export", "[--lockdown ID] --out DIR", HF_TEXT("hand out a lockdown's record, with all that proves it"),
	  hf_cli_audit_export, 0, 0 },
	{ "audit verify", "[DIR|FILE]", HF_TEXT("is the record, or a copy of it, whole and as others saw it"), hf_cli_audit_verify, 0, 1 },
	{ "audit heads", "", HF_TEXT("which devices have signed heads of the record that fit"), hf_cli_audit_heads, 0, 0 },
	{ "audit prove", "N", HF_TEXT("the proof that record N is in the record, for other tools"), hf_cli_audit_prove, 1, 1 },
	{ "audit checkpoint", "", HF_TEXT("the signed head of the record, for other tools"), hf_cli_audit_checkpoint, 0, 0 },
	{ "audit show", "[--lockdown ID]", HF_TEXT("what the record says, by time, person, account, device or lockdown"), hf_cli_audit_show, 0, 0 },
	{ "audit note", "ID TEXT", HF_TEXT("write on the record why something was decided"), hf_cli_audit_note, 2, 2 },
	{ "audit erase", "NUMBER... --why TEXT", HF_TEXT("have erased what some records say: two officers"), hf_cli_audit_erase, 1, HF_REST_MAX },
	{ "audit retention", "[--dry-run]", HF_TEXT("have erased what is older than the council keeps it: two officers"), hf_cli_audit_retention, 0, 0 },
	{ "check list", "[LOCKDOWN]", HF_TEXT("what is to be done by hand in a lockdown and after it, and what is done"), hf_cli_check_list, 0, 1 },
	{ "check done", "ITEM [--count N] [--note TEXT]", HF_TEXT("say that an item of a checklist is done"), hf_cli_check_done, 1, 1 },
	{ "check undo", "ITEM", HF_TEXT("say that an item of a checklist is not done after all"), hf_cli_check_undo, 1, 1 },
	{ "notify outbox", "[--all] [--seen]", HF_TEXT("who is told of what, and how far each message is"), hf_cli_notify_outbox, 0, 0 },
	{ "notify test", "PERSON|ADDRESS|NUMBER|HOOK [--sms]", HF_TEXT("send one message to try whether a channel works"), hf_cli_notify_test, 1, 1 },
	{ "notify retry", "NUMBER...", HF_TEXT("send messages again that failed"), hf_cli_notify_retry, 1, HF_REST_MAX },
	{ "notify drop", "NUMBER...", HF_TEXT("send messages no more that wait or failed"), hf_cli_notify_drop, 1, HF_REST_MAX },
	{ "verify", "FILE", HF_TEXT("say what a message says, who approved it, and whether that is enough"),
	  hf_cli_verify, 1, 1 },
	{ "key new", "FILE", HF_TEXT("make a key with a passphrase"), hf_cli_key_new, 1, 1 },
	{ "key passphrase", "FILE", HF_TEXT("change the passphrase of a key"), hf_cli_key_passphrase, 1, 1 },
	{ "key public", "FILE", HF_TEXT("show the public part of a key"), hf_cli_key_public, 1, 1 },
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
	fputs(hf_text("holdfast - the officer's terminal\n\nUsage: holdfast COMMAND [options]\n\nCommands:\n"), out);
	for (size_t i = 0; i < HF_LEN(COMMANDS); i++)
		fprintf(out, "  %-17s %s\n", COMMANDS[i].name, hf_text(COMMANDS[i].summary));
	fputs(hf_text("\nOptions of every command:\n"), out);
	hf_args_help(out);
	fputs(hf_text("\n`holdfast COMMAND --help` says more. Exit: 0 done, 1 failed, 2 called wrongly.\n"), out);
}

#define NAME_SIZE 64

/* Two words of what was called, as one: "drafts withdrw". */
static enum hf_rc call_text(int argc, char **argv, char text[NAME_SIZE])
{
	bool second = argc > 1 && argv[1][0] != '-';

	return hf_str_printf(text, NAME_SIZE, "%s%s%s", argv[0], second ? " " : "", second ? argv[1] : "");
}

/* The command that was most likely meant; NULL: none is near. One that was called by its very name was not meant. */
static const char *meant(int argc, char **argv)
{
	const char *best = NULL;
	size_t least = HF_STR_SLIPS + 1;
	char said[2][NAME_SIZE];

	if (hf_str_copy(said[0], NAME_SIZE, argv[0]) != HF_OK || call_text(argc, argv, said[1]) != HF_OK)
		return NULL;
	for (size_t i = 0; i < HF_LEN(COMMANDS); i++) {
		size_t slips = hf_str_slips(said[strchr(COMMANDS[i].name, ' ') != NULL], COMMANDS[i].name);

		if (slips > 0 && slips < least) {
			least = slips;
			best = COMMANDS[i].name;
		}
	}
	return best;
}

static bool is_of_group(const struct hf_command *command, const char *word)
{
	size_t len = strlen(word);

	return strncmp(command->name, word, len) == 0 && command->name[len] == ' ';
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < HF_LEN(COMMANDS); i++)
		if (is_of_group(&COMMANDS[i], word))
			return true;
	return false;
}

/* The commands that begin with this word; false: none does. */
static bool print_group(FILE *out, const char *word)
{
	size_t n = 0;

	for (size_t i = 0; i < HF_LEN(COMMANDS); i++) {
		if (!is_of_group(&COMMANDS[i], word))
			continue;
		if (n++ == 0)
			fprintf(out, hf_text("Usage: holdfast %s COMMAND [options]\n\nCommands:\n"), word);
		fprintf(out, "  %-17s %s\n", COMMANDS[i].name, hf_text(COMMANDS[i].summary));
	}
	if (n > 0)
		fprintf(out, hf_text("\n`holdfast %s COMMAND --help` says more.\n"), word);
	return n > 0;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* `help`, `help COMMAND`, and `GROUP --help`: the words that a command's own help is asked for with. */
static bool wants_help(int argc, char **argv, char *ret_words[3], int *ret_n)
{
	static char asks[] = "--help";
	bool first = argc > 0 && strcmp(argv[0], "help") == 0;
	int n = 0;

	if (!first && !(argc == 2 && is_help(argv[1])))
		return false;
	for (int i = first; i < argc && n < 2 && argv[i][0] != '-'; i++)
		ret_words[n++] = argv[i];
	ret_words[n] = asks;
	*ret_n = n;
	return true;
}

/* "`raise emergency`, `raise purdah`"; "" it is no group. As many as there is room for. */
static void list_group(const char *word, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < HF_LEN(COMMANDS); i++) {
		if (!is_of_group(&COMMANDS[i], word))
			continue;
		if (hf_str_printf(text + len, size - len, "%s`%s`", len ? ", " : "", COMMANDS[i].name) != HF_OK)
			return;
		len += strlen(text + len);
	}
}

static enum hf_rc no_command(int argc, char **argv, struct hf_err *err)
{
	const char *near = argc > 0 ? meant(argc, argv) : NULL;
	char said[NAME_SIZE], group[4 * NAME_SIZE] = "";

	if (argc < 1)
		return hf_err_set(err, HF_E_USAGE, "Say what to do: `holdfast --help` lists the commands.");
	if (call_text(argc, argv, said) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "There is no such command: `holdfast --help` lists them.");
	if (near)
		return hf_err_set(err, HF_E_USAGE, "There is no command `%s`: did you mean `holdfast %s`?",
				  strchr(near, ' ') ? said : argv[0], near);
	list_group(argv[0], group, sizeof(group));
	return hf_err_set(err, HF_E_USAGE, "There is no command `%s`: %s%s.", said,
			  group[0] ? hf_text("there is ") : hf_text("`holdfast --help` lists them"), group);
}

/* `drafts withdrw ID` is none of `drafts`, which takes no word. */
static const struct hf_command *command_of(int argc, char **argv, int *ret_words)
{
	const struct hf_command *found = find_command(argc, argv, ret_words);
	bool more = argc > 1 && argv[1][0] != '-';

	return found && *ret_words == 1 && found->most == 0 && more && is_group(argv[0]) ? NULL : found;
}

static enum hf_rc dispatch(struct hf_cli *cli, int argc, char **argv, struct hf_err *err)
{
	struct hf_args args = {0};
	char *asked[3];
	int used = 0, words = 0, n_asked = 0;
	bool helps;
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
	helps = wants_help(argc, argv, asked, &n_asked);
	if (helps && n_asked == 0) {
		print_overview(cli->out);
		return HF_OK;
	}
	if (helps && n_asked == 1 && !find_command(1, asked, &words) && print_group(cli->out, asked[0]))
		return HF_OK;
	if (helps) {
		argc = n_asked + 1;
		argv = asked;
	}
	args.command = command_of(argc, argv, &words);
	if (!args.command)
		return no_command(argc, argv, err);
	args.argc = argc - words + 1;
	args.argv = argv + words - 1;
	rc = args.command->run(cli, &args, err);
	if (helps && n_asked == 1 && is_group(asked[0])) {
		fputc('\n', cli->out);
		(void)print_group(cli->out, asked[0]);
	}
	return rc;
}

/* Whoever asked for JSON gets it also where the call was wrong before that option was read. */
static bool asks_json(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
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

/* How the terminal does what an error of the office asks for. */
static const char *const HINTS[HF_HINT_COUNT] = {
	[HF_HINT_FOLDER] = HF_TEXT(": --council DIR or HOLDFAST_COUNCIL"),
	[HF_HINT_SOCKET] = HF_TEXT(", or say with --socket PATH or HOLDFAST_SOCKET where it does"),
	[HF_HINT_LOCKDOWNS] = HF_TEXT(": `holdfast status` lists them"),
	[HF_HINT_BROKERS] = HF_TEXT(": `holdfast broker list` shows them"),
	[HF_HINT_DEVICES] = HF_TEXT(": `holdfast devices` lists them"),
	[HF_HINT_TEMPLATES] = HF_TEXT(": --template NAME"),
	[HF_HINT_PLACES] = HF_TEXT(": --set NAME=TEXT"),
	[HF_HINT_AGAIN] = HF_TEXT(
		"; if that fails too, IT must look at the controller's disk: `journalctl -u holdfast-controller`"),
	[HF_HINT_UNSURE] = HF_TEXT(": `holdfast status` and `holdfast drafts` say it then"),
	[HF_HINT_POLLS] = HF_TEXT(": --poll YYYY-MM-DD --kind KIND"),
};

/* Rows of a long list, told on a terminal once they take longer than a person waits without asking why. */
static void on_pages(void *arg, size_t n, size_t of)
{
	struct hf_cli *cli = arg;
	int64_t now = hf_clock_boot().ms;

	if (of == 0)
		cli->pages_since = now;
	if (of == 0 || isatty(STDERR_FILENO) != 1 || (!cli->pages_said && now - cli->pages_since < PATIENCE_MS))
		return;
	cli->pages_said = n < of;
	fputs(ERASE_LINE, cli->err);
	fprintf(cli->err, hf_text("%zu of %zu devices%s"), n, of, n < of ? " ..." : ERASE_LINE);
	fflush(cli->err);
}

/* On a terminal how often; else once, for whoever reads it later. */
static void on_again(void *arg, size_t n, size_t of)
{
	struct hf_cli *cli = arg;
	bool tty = isatty(STDERR_FILENO) == 1;

	if (of > 0 && (tty || n == 1)) {
		fputs(tty ? ERASE_LINE : "holdfast: ", cli->err);
		fprintf(cli->err,
			hf_text("The controller did not say what became of it. It is asked again: %zu of %zu times at "
				"most ..."),
			n, of);
		fputs(tty ? "" : "\n", cli->err);
	}
	if (of == 0 && tty)
		fputs(ERASE_LINE, cli->err);
	fflush(cli->err);
}

static void on_warning(void *arg, const char *text)
{
	const struct hf_cli *cli = arg;

	fprintf(cli->err, hf_text("holdfast: warning: %s\n"), text);
}

int hf_cli_run(int argc, char **argv)
{
	struct hf_cli cli = {.passphrase_fd = -1, .out = stdout, .talk = stdout, .err = stderr};
	struct hf_err err = {0};
	struct hf_line *line = hf_line_new();
	const char *socket = getenv(HF_ENV_SOCKET);
	const char *door = getenv(HF_ENV_JOIN_SOCKET);
	const char *no_colour = getenv("NO_COLOR");
	enum hf_rc rc;
	int exit_code;

	hf_tongue_begin("holdfast");
	/* Rows of a long list are given back one by one, and joined anew each time, unless small ones are joined at
	 * once. */
	(void)mallopt(M_MXFAST, 0);
	cli.office = (struct hf_office){.folder = getenv(HF_ENV_COUNCIL),
					.socket = socket && socket[0] ? socket : HF_CONTROLLER_SOCKET,
					.calendar = getenv(HF_ENV_CALENDAR),
					.hints = HINTS,
					.on_warning = on_warning,
					.on_pages = on_pages,
					.on_again = on_again,
					.line = line,
					.arg = &cli};
	cli.door = door && door[0] ? door : HF_JOIN_SOCKET;
	cli.scratch = getenv("TMPDIR");
	cli.key = getenv(HF_ENV_KEY);
	cli.tty = isatty(STDOUT_FILENO) == 1;
	cli.colour = cli.tty && !(no_colour && no_colour[0]);
	hf_ask_interrupts(HF_COME_NOWHERE);
	rc = dispatch(&cli, argc, argv, &err);
	cli.json = cli.json || (rc == HF_E_USAGE && asks_json(argc, argv));
	exit_code = finish(&cli, rc, &err);
	hf_line_free(&line);
	if (fflush(stdout) != 0 && exit_code == EXIT_SUCCESS) {
		fputs(hf_text("holdfast: The answer could not be written.\n"), stderr);
		exit_code = EXIT_FAILURE;
	}
	return exit_code;
}
