/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-desk: its options, its session, and who may be it.
 * Must never run with more rights than the person's own.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/log.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/tongue.h>

#include "agent/conf/agent_conf.h"
#include "agent/conf/places.h"
#include "agent/waiting/waiting.h"

static const char help[] = HF_TEXT(
	"holdfast-desk - the window in which a person sees what is in force, and what they are asked to do\n"
	"\n"
	"  holdfast-desk [--show] [--linger SECONDS] [--etc DIR]\n"
	"  holdfast-desk help | --help | --version\n"
	"\n"
	"  --show             open the window now; without it, it comes when there is something to say\n"
	"  --linger SECONDS   how long an all-clear stays when you are not in the window (30); ten times that when you "
	"are\n"
	"  --etc DIR          settings of the agent (%s)\n"
	"\n"
	"One runs in each session; a second one tells the first, and ends. In a terminal holdfast-agent does the "
	"same.\n");

struct arguments {
	const char *etc;
	struct hf_waiting_options options;
};

static int say_help(void)
{
	return printf(hf_text(help), HF_ETC) < 0;
}

/* It has no commands: `show` is one of its options. */
static int say_unexpected(const char *word, const struct option *options)
{
	if (strcmp(word, "help") == 0)
		return say_help();
	for (; options->name; options++) {
		if (hf_str_slips(word, options->name) > HF_STR_SLIPS)
			continue;
		fprintf(stderr, hf_text("holdfast-desk: '%s' is not expected here: did you mean --%s?\n"), word, options->name);
		return 2;
	}
	fprintf(stderr, hf_text("holdfast-desk: '%s' is not expected here: see holdfast-desk --help\n"), word);
	return 2;
}

/* Returns -1 to go on, else the exit status. */
static int take_option(int c, struct arguments *a)
{
	switch (c) {
	case 's':
		a->options.show = true;
		return -1;
	case 'e':
		a->etc = optarg;
		return -1;
	case 'l':
		a->options.linger_s = hf_str_digits(optarg, strnlen(optarg, 6));
		if (a->options.linger_s >= 1 && a->options.linger_s <= 3600)
			return -1;
		fputs(hf_text("holdfast-desk: --linger takes 1 to 3600 seconds\n"), stderr);
		return 2;
	case 'h':
		return say_help();
	case 'V':
		return puts("holdfast-desk " HF_VERSION) < 0;
	}
	return 2;
}

static int read_arguments(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{"show", no_argument, NULL, 's'},      {"linger", required_argument, NULL, 'l'},
		{"etc", required_argument, NULL, 'e'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},   {NULL, 0, NULL, 0},
	};
	int c, status = -1;

	while (status < 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		status = take_option(c, a);
	if (status >= 0 || optind == argc)
		return status;
	return say_unexpected(argv[optind], options);
}

static enum hf_rc read_conf(const char *etc, struct hf_agent_conf *conf, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	enum hf_rc rc = hf_place(etc, "agent.conf", path, err);

	if (rc == HF_OK)
		rc = hf_agent_conf_read(path, conf, err);
	return rc == HF_E_ABSENT ? hf_agent_conf_read(NULL, conf, err) : rc;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static struct hf_session_place session_of_person(void)
{
	return (struct hf_session_place){.run = variable("XDG_RUNTIME_DIR"),
					 .state = variable("XDG_STATE_HOME"),
					 .home = variable("HOME"),
					 .wayland = variable("WAYLAND_DISPLAY"),
					 .x = variable("DISPLAY")};
}

int main(int argc, char **argv)
{
	struct arguments a = {HF_ETC, {.linger_s = HF_DESK_LINGER_S, .place = session_of_person(), .environment = environ}};
	struct hf_agent_conf conf;
	struct hf_err err = {""};
	enum hf_rc rc;
	int status;

	hf_tongue_begin("holdfast-desk");
	status = read_arguments(argc, argv, &a);
	if (status >= 0)
		return status;
	if (getuid() == 0 || geteuid() == 0)
		rc = hf_err_set(&err, HF_E_USAGE, "run this as the person at this device, not as root");
	else
		rc = read_conf(a.etc, &conf, &err);
	if (rc == HF_OK) {
		a.options.socket = conf.person_socket;
		hf_log_init(HF_LOG_WARNING);
		rc = hf_waiting_run(&a.options, &err);
	}
	if (rc != HF_OK)
		fprintf(stderr, "holdfast-desk: %s\n", err.text);
	return rc == HF_OK ? 0 : rc == HF_E_USAGE ? 2 : 1;
}
