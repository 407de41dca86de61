/* SPDX-License-Identifier: MIT */
/*
 * Owns how the programs that a service manager runs are started, signalled and ended.
 * Must never start one with a word that it does not know, or end one by a hang-up.
 */
#include <holdfast/program.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>

#include <holdfast/names.h>

int hf_program_read(int argc, char **argv, struct hf_program *program)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "f:nhV", options, NULL)) != -1) {
		if (c == 'f')
			program->file = optarg;
		else if (c == 'n')
			program->print = true;
		else if (c == 'h')
			return fputs(program->help, stdout) < 0;
		else if (c == 'V')
			return printf("%s %s\n", program->name, HF_VERSION) < 0;
		else
			return 2;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: '%s' is not expected here: see %s --help\n", program->name, argv[optind], program->name);
	return 2;
}

static void read_level(const struct hf_program *program)
{
	enum hf_log_level level;
	struct hf_err err = {""};
	enum hf_rc rc = program->level(program->file, &level, &err);

	if (rc == HF_OK)
		hf_log_init(level);
	hf_log(rc == HF_OK ? HF_LOG_NOTICE : HF_LOG_ERROR, HF_EV_RELOAD, "%s",
	       rc == HF_OK ? "the level of the log is read again; other settings are read at the start" : err.text);
}

void hf_program_signal(void *program, uint32_t number)
{
	const struct hf_program *signalled = program;

	if (number == SIGHUP)
		read_level(signalled);
	else
		hf_loop_stop(signalled->loop);
}

int hf_program_end(enum hf_rc rc, const struct hf_err *err, const char *why)
{
	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "%s", err->text);
	else
		hf_log(HF_LOG_NOTICE, HF_EV_STOP, "%s", why);
	return rc == HF_OK ? 0 : 1;
}
