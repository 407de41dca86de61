/* SPDX-License-Identifier: MIT */
/*
 * Owns the commands of holdfast-agent: their options, and which function does what.
 * Must never do anything that was not asked for in so many words.
 */
#include "agent/terminal/agent_commands.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/tongue.h>

#include "agent/terminal/break_glass.h"
#include "agent/terminal/check_draft.h"
#include "agent/terminal/named_poster.h"
#include "agent/terminal/out.h"
#include "agent/terminal/read_instructions.h"
#include "agent/terminal/removable.h"
#include "agent/terminal/retire.h"
#include "agent/terminal/status.h"

#define MANAGER "/run/systemd/system" /* sd_booted(3) */
#define START_MS 20000

static const char help[] = HF_TEXT(
	"holdfast-agent - keeps this device as the council's officers have approved\n"
	"\n"
	"  holdfast-agent status [--json]              what is in force here, why, and whom to ring\n"
	"  holdfast-agent instructions [LOCKDOWN] [--json]   the instructions of the pre-election period (purdah)\n"
	"  holdfast-agent acknowledge [LOCKDOWN] [--yes]     say that you have read them: then your tools open\n"
	"  holdfast-agent check-draft [FILE] [--json]        mark words that need a second look (not sent, not kept)\n"
	"  holdfast-agent pass ACCOUNT [--json]              the named poster: open the posting window, once\n"
	"  holdfast-agent posted ACCOUNT [--at URL] [--json] say that the holding message is posted; it closes\n"
	"  holdfast-agent cannot ACCOUNT [--why TEXT] [--json]   say that you cannot post it; it closes\n"
	"  holdfast-agent glass [HALVES] [--json]            open this device by the halves of two officers, if nobody hears the council\n"
	"  holdfast-agent request --device ID [--out FILE]   make this device's keys; say what the council needs\n"
	"  holdfast-agent request --join TOKEN --out FILE [--words FILE]   make them, for holdfast-join to ask with\n"
	"  holdfast-agent enrol BUNDLE [--yes] [--again] [--token TOKEN]   keep what the council answered\n"
	"  holdfast-agent doctor [--json]              say what is wrong with this device, and what to do\n"
	"  holdfast-agent run                          keep this device (as root, by the service manager)\n"
	"  holdfast-agent removable                    may the agent be removed? not while anything is shut here\n"
	"  holdfast-agent retire [--yes] [--json]      remove it from this device: not while anything is shut here\n"
	"  holdfast-agent conf                         print the settings as they are in force\n"
	"  holdfast-agent help | --help | --version\n"
	"\n"
	"Options for every command:\n"
	"  --etc DIR     settings, certificates and keys (%s)\n"
	"  --state DIR   for enrol: the agent's memory (%s)\n"
	"  --user NAME   for request: who runs holdfast-link (%s)\n");

struct arguments {
	struct hf_places places;
	struct hf_enrol_how how;
	const char *device, *out, *user, *join, *words;
	const char *operand;
	const char *post, *why;
	bool json;
	bool said; /* what is wrong has been said */
	struct hf_agent_conf conf;
	const struct hf_agent_parts *parts;
};

static enum hf_rc do_status(struct arguments *a, struct hf_err *err)
{
	return hf_status(a->conf.person_socket, a->json, err);
}

static enum hf_rc do_instructions(struct arguments *a, struct hf_err *err)
{
	return hf_read_instructions(a->conf.person_socket, a->operand, a->json, err);
}

static enum hf_rc do_acknowledge(struct arguments *a, struct hf_err *err)
{
	return hf_read_acknowledge(a->conf.person_socket, a->operand, a->how.yes, err);
}

static enum hf_rc do_check_draft(struct arguments *a, struct hf_err *err)
{
	return hf_check_draft(a->conf.person_socket, a->operand, a->json, err);
}

static struct hf_post_how post_how(const struct arguments *a)
{
	return (struct hf_post_how){a->conf.person_socket, a->operand, a->post, a->why, a->json};
}

static enum hf_rc do_pass(struct arguments *a, struct hf_err *err)
{
	const struct hf_post_how how = post_how(a);

	return hf_post_pass(&how, err);
}

static enum hf_rc do_posted(struct arguments *a, struct hf_err *err)
{
	const struct hf_post_how how = post_how(a);

	return hf_post_posted(&how, err);
}

static enum hf_rc do_cannot(struct arguments *a, struct hf_err *err)
{
	const struct hf_post_how how = post_how(a);

	return hf_post_cannot(&how, err);
}

static enum hf_rc do_glass(struct arguments *a, struct hf_err *err)
{
	return hf_break_glass(a->conf.person_socket, a->operand, a->json, err);
}

static enum hf_rc do_request(struct arguments *a, struct hf_err *err)
{
	enum hf_rc rc;

	if (a->join && a->device)
		return hf_err_set(err, HF_E_USAGE, "say --device or --join, not both: who joins is named by the council");
	if (a->join)
		return hf_join_request(&a->places, &(const struct hf_join_how){a->join, a->user, a->out, a->words}, err);
	if (!a->device)
		return hf_err_set(err, HF_E_USAGE, "say which device this is: --device ID");
	rc = hf_request(&a->places, a->device, a->user, a->out, err);
	if (rc == HF_OK && a->out)
		printf(hf_text("The keys of %s are on this device, and stay here. Next: bring %s, which has none of them, to the council's server: "
			       "`holdfast device add --request`.\n"),
		       a->device, a->out);
	return rc;
}

static enum hf_rc read_conf(struct arguments *a, struct hf_err *err);

static enum hf_rc do_doctor(struct arguments *a, struct hf_err *err)
{
	hf_auto_findings struct hf_findings found = {0};
	enum hf_rc rc = a->parts->look(&a->places, &a->conf, 0, &found, err);

	if (rc != HF_OK)
		return rc;
	if (a->json) {
		hf_auto_json json_t *answer = hf_findings_json(&found);

		rc = answer ? hf_out_json(answer, err) : hf_err_set(err, HF_E_MEMORY, "no memory to say what was found");
	} else {
		hf_findings_say(stdout, &found);
	}
	a->said = rc == HF_OK && !hf_findings_well(&found);
	return a->said ? hf_err_set(err, HF_E_SHAPE, "%s", "") : rc;
}

/* What is found undoes nothing. Where a service manager starts the agent, that is waited for. */
static void end_with_doctor(struct arguments *a)
{
	hf_auto_findings struct hf_findings found = {0};
	struct hf_err why = {""};
	const bool starts = access(MANAGER, F_OK) == 0;

	if (read_conf(a, &why) != HF_OK || a->parts->look(&a->places, &a->conf, starts ? START_MS : 0, &found, &why) != HF_OK) {
		fprintf(stderr, "holdfast-agent: %s\n", why.text);
		return;
	}
	fputs(hf_text("What `holdfast-agent doctor` finds now:\n"), stdout);
	hf_findings_say(stdout, &found);
}

static enum hf_rc do_enrol(struct arguments *a, struct hf_err *err)
{
	enum hf_rc rc;

	a->how.bundle = a->operand;
	if (!a->how.bundle)
		return hf_err_set(err, HF_E_USAGE, "say which bundle: holdfast-agent enrol BUNDLE");
	rc = hf_enrol(&a->places, &a->how, err);
	if (rc != HF_OK)
		return rc;
	puts(hf_text("This device is enrolled, and its agent and link start by themselves where systemd runs. Next: `holdfast devices` on the "
		     "council's server says when it has come."));
	fflush(stdout);
	end_with_doctor(a);
	return rc;
}

static enum hf_rc do_run(struct arguments *a, struct hf_err *err)
{
	return a->parts->run(&a->places, &a->conf, err);
}

static enum hf_rc do_removable(struct arguments *a, struct hf_err *err)
{
	return hf_removable(a->places.etc, a->conf.person_socket, err);
}

static enum hf_rc do_retire(struct arguments *a, struct hf_err *err)
{
	const struct hf_retire_how how = {a->conf.person_socket, a->how.yes, a->json};
	bool told = false, enrolled = false;
	enum hf_rc rc = hf_retire_agree(a->places.etc, &how, &enrolled, err);

	if (rc == HF_OK && enrolled)
		rc = hf_retire_leave(&how, &told, err);
	if (rc == HF_OK)
		rc = a->parts->forget(&a->places, &a->conf, err);
	return rc == HF_OK ? hf_retire_say(&how, enrolled, told, err) : rc;
}

static enum hf_rc do_conf(struct arguments *a, struct hf_err *err)
{
	(void)err;
	hf_agent_conf_print(stdout, &a->conf);
	return HF_OK;
}

/* clang-format off */
static const struct command {
	const char *name;
	enum hf_rc (*fn)(struct arguments *arguments, struct hf_err *err);
	bool needs_conf;
	bool has_operand;
} commands[] = {
	{ "status",       do_status,       true,  false },
	{ "instructions", do_instructions, true,  true },
	{ "acknowledge",  do_acknowledge,  true,  true },
	{ "check-draft",  do_check_draft,  true,  true },
	{ "pass",         do_pass,         true,  true },
	{ "posted",       do_posted,       true,  true },
	{ "cannot",       do_cannot,       true,  true },
	{ "glass",        do_glass,        true,  true },
	{ "request",      do_request,      false, false },
	{ "enrol",        do_enrol,        false, true },
	{ "doctor",       do_doctor,       true,  false },
	{ "run",          do_run,          true,  false },
	{ "removable",    do_removable,    true,  false },
	{ "retire",       do_retire,       true,  false },
	{ "conf",         do_conf,         true,  false },
};

static const struct option options[] = {
	{ "etc",     required_argument, NULL, 'e' },
	{ "state",   required_argument, NULL, 's' },
	{ "device",  required_argument, NULL, 'd' },
	{ "out",     required_argument, NULL, 'o' },
	{ "user",    required_argument, NULL, 'u' },
	{ "at",      required_argument, NULL, 't' },
	{ "why",     required_argument, NULL, 'w' },
	{ "join",    required_argument, NULL, 'J' },
	{ "token",   required_argument, NULL, 'k' },
	{ "words",   required_argument, NULL, 'W' },
	{ "json",    no_argument,       NULL, 'j' },
	{ "yes",     no_argument,       NULL, 'y' },
	{ "again",   no_argument,       NULL, 'a' },
	{ "help",    no_argument,       NULL, 'h' },
	{ "version", no_argument,       NULL, 'V' },
	{ NULL,      0,                 NULL, 0 },
};
/* clang-format on */

/* The command that was most likely meant; NULL: none is near. */
static const char *nearest_command(const char *said)
{
	const char *best = NULL;
	size_t least = HF_STR_SLIPS + 1;

	for (size_t i = 0; i < HF_LEN(commands); i++) {
		size_t slips = hf_str_slips(said, commands[i].name);

		if (slips < least) {
			least = slips;
			best = commands[i].name;
		}
	}
	return best;
}

static int say_commands(const char *said)
{
	const char *near = said ? nearest_command(said) : NULL;

	if (near)
		fprintf(stderr, hf_text("holdfast-agent: there is no command '%s': did you mean holdfast-agent %s?\n"), said,
			near);
	else
		fprintf(stderr,
			hf_text("holdfast-agent: say what to do: status, instructions, acknowledge, check-draft, "
				"pass, posted, cannot, glass, request, enrol, doctor, run, removable, retire or conf (see "
				"--help)\n"));
	return 2;
}

static int say_help(void)
{
	return printf(hf_text(help), HF_ETC, HF_AGENT_STATE, HF_LINK_USER) < 0;
}

static bool take_option(int c, struct arguments *a)
{
	/* clang-format off */
	const struct { int c; const char **text; bool *yes; } rows[] = {
		{ 'e', &a->places.etc, NULL }, { 's', &a->places.state, NULL }, { 'd', &a->device, NULL },
		{ 'o', &a->out, NULL },        { 'u', &a->user, NULL },         { 't', &a->post, NULL },
		{ 'w', &a->why, NULL },        { 'j', NULL, &a->json },         { 'y', NULL, &a->how.yes },
		{ 'a', NULL, &a->how.again },  { 'J', &a->join, NULL },         { 'k', &a->how.token, NULL },
		{ 'W', &a->words, NULL },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (rows[i].c != c)
			continue;
		if (rows[i].text)
			*rows[i].text = optarg;
		else
			*rows[i].yes = true;
		return true;
	}
	return false;
}

/* Returns -1 to go on, else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *a, const struct command **ret_command)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h')
			return say_help();
		if (c == 'V')
			return puts("holdfast-agent " HF_VERSION) < 0;
		if (!take_option(c, a))
			return 2;
	}
	for (size_t i = 0; i < HF_LEN(commands) && optind < argc; i++) {
		if (strcmp(argv[optind], commands[i].name) == 0)
			*ret_command = &commands[i];
	}
	if (!*ret_command && optind < argc && strcmp(argv[optind], "help") == 0)
		return say_help();
	if (!*ret_command)
		return say_commands(argv[optind]);
	optind++;
	if ((*ret_command)->has_operand && optind < argc)
		a->operand = argv[optind++];
	if (optind == argc)
		return -1;
	fprintf(stderr, hf_text("holdfast-agent: '%s' is not expected here (see --help)\n"), argv[optind]);
	return 2;
}

/* A device has settings from its enrolment on; before, each has its default. */
static enum hf_rc read_conf(struct arguments *a, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	enum hf_log_level level = HF_LOG_NOTICE;
	enum hf_rc rc = hf_place(a->places.etc, "agent.conf", path, err);

	if (rc == HF_OK)
		rc = hf_agent_conf_read(path, &a->conf, err);
	if (rc == HF_E_ABSENT)
		rc = hf_agent_conf_read(NULL, &a->conf, err);
	if (rc == HF_OK)
		rc = hf_log_level_named(a->conf.log, &level, err);
	hf_log_init(level);
	return rc;
}

/* It speaks to a log and to other programs, in the language of nobody. */
static bool is_service(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "run") == 0)
			return true;
	return false;
}

int hf_commands_main(int argc, char **argv, const struct hf_agent_parts *parts)
{
	struct arguments arguments = {.places = {HF_ETC, HF_AGENT_STATE}, .user = HF_LINK_USER, .parts = parts};
	const struct command *command = NULL;
	struct hf_err err = {""};
	enum hf_rc rc = HF_OK;
	int status;

	if (!is_service(argc, argv))
		hf_tongue_begin("holdfast-agent");
	status = read_arguments(argc, argv, &arguments, &command);
	if (status >= 0)
		return status;
	if (command->needs_conf)
		rc = read_conf(&arguments, &err);
	if (rc == HF_OK)
		rc = command->fn(&arguments, &err);
	/* A service says it to its log, which never waits. */
	if (rc != HF_OK && command->fn == do_run)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "%s", err.text);
	else if (rc != HF_OK && !arguments.said)
		fprintf(stderr, "holdfast-agent: %s\n", err.text);
	return rc == HF_OK ? 0 : rc == HF_E_USAGE ? 2 : 1;
}
