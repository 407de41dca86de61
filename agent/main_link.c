/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-link: conf -> log -> drop rights -> loop -> link.
 * Must never hold a right that carrying messages does not need.
 */
#include <getopt.h>
#include <stdio.h>

#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/notify.h>
#include <holdfast/paths.h>

#include "agent/conf/agent_conf.h"
#include "agent/link/link.h"

static const char help[] = "holdfast-link - carries messages between the council's broker and this device's agent\n"
			   "\n"
			   "  holdfast-link [-f FILE]      run (settings: " HF_LINK_CONF ")\n"
			   "  holdfast-link [-f FILE] -n   print the settings as they are in force, and end\n"
			   "  holdfast-link --help | --version\n";

struct arguments {
	const char *file;
	bool print;
};

/* Returns -1 to go on, else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "f:nhV", options, NULL)) != -1) {
		if (c == 'f')
			ret->file = optarg;
		else if (c == 'n')
			ret->print = true;
		else if (c == 'h')
			return fputs(help, stdout) < 0;
		else if (c == 'V')
			return puts("holdfast-link " HF_VERSION) < 0;
		else
			return 2;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "holdfast-link: '%s' is not expected here: see holdfast-link --help\n", argv[optind]);
	return 2;
}

static void on_signal(void *arg, uint32_t number)
{
	(void)number;
	hf_loop_stop(arg);
}

static enum hf_rc run(const struct hf_link_conf *conf, struct hf_err *err)
{
	struct hf_loop *loop = NULL;
	struct hf_link *link = NULL;
	enum hf_rc rc = hf_link_drop(conf->user, err);

	if (rc == HF_OK)
		rc = hf_loop_new(&loop, err);
	if (rc == HF_OK && hf_loop_add_signals(loop, on_signal, loop) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot wait for signals");
	if (rc == HF_OK)
		rc = hf_link_new(loop, conf, &link, err);
	if (rc == HF_OK) {
		hf_log(HF_LOG_NOTICE, HF_EV_START, "device=%s broker=%s", conf->device, conf->host);
		if (hf_notify(HF_NOTIFY_READY, NULL) == HF_E_SYSTEM)
			hf_log(HF_LOG_WARNING, HF_EV_START,
			       "the service manager cannot be told that the link is ready");
		rc = hf_loop_run(loop, err);
	}
	hf_link_free(&link);
	hf_loop_free(&loop);
	hf_log(HF_LOG_NOTICE, HF_EV_STOP, "stopped");
	return rc;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.file = HF_LINK_CONF};
	struct hf_link_conf conf;
	enum hf_log_level level = HF_LOG_NOTICE;
	struct hf_err err = {""};
	int status = read_arguments(argc, argv, &arguments);
	enum hf_rc rc;

	if (status >= 0)
		return status;
	rc = hf_link_conf_read(arguments.file, &conf, &err);
	if (rc == HF_OK && arguments.print) {
		hf_link_conf_print(stdout, &conf);
		return 0;
	}
	if (rc == HF_OK)
		rc = hf_log_level_named(conf.log, &level, &err);
	hf_log_init("holdfast-link", level);
	if (rc == HF_OK)
		rc = run(&conf, &err);
	if (rc != HF_OK)
		fprintf(stderr, "holdfast-link: %s\n", err.text);
	return rc == HF_OK ? 0 : 1;
}
