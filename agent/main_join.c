/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-join: it asks the council's door until the device is taken in.
 * Must never hold a right, nor a private key: it carries a question and its answer.
 */
#include <curl/curl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/program.h>
#include <holdfast/names.h>
#include <holdfast/paths.h>

#include "agent/join/joining.h"

static const char help[] =
	"holdfast-join - asks the council's door to take this device in, until it is\n"
	"\n"
	"  holdfast-join ASK -o BUNDLE   ASK: what `holdfast-agent request --join` wrote\n"
	"  holdfast-join --help | --version\n";

struct arguments {
	const char *ask, *bundle;
};

/* Returns -1 to go on, else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "o:hV", options, NULL)) != -1) {
		if (c == 'o')
			ret->bundle = optarg;
		else if (c == 'h')
			return fputs(help, stdout) < 0;
		else if (c == 'V')
			return puts("holdfast-join " HF_VERSION) < 0;
		else
			return 2;
	}
	if (optind < argc)
		ret->ask = argv[optind++];
	if (optind == argc && ret->ask && ret->bundle)
		return -1;
	fprintf(stderr, "holdfast-join: say what to ask and where the answer goes: see holdfast-join --help\n");
	return 2;
}

static enum hf_rc keep_bundle(const char *path, json_t *bundle, struct hf_err *err)
{
	hf_auto_json json_t *own = bundle;
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_json_bytes(own, &text, &len);

	return rc == HF_OK ? hf_fs_replace(path, text, len, 0600, err) : hf_err_set(err, rc, "no memory for the answer");
}

static enum hf_rc ask_on(const struct hf_joining *joining, const char *bundle, struct hf_err *err)
{
	struct hf_joined joined = {0};
	unsigned tries = 0;
	enum hf_rc rc = HF_OK;

	while (rc == HF_OK && !joined.approved) {
		rc = hf_joining_ask(joining, tries, &joined, err);
		if (rc != HF_OK || joined.approved)
			break;
		tries = joined.why[0] ? tries + 1 : 0;
		if (joined.why[0])
			hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = "absent"), "not yet, again in %lld s: %s",
				     (long long)joined.retry_s, joined.why);
		else
			hf_log(HF_LOG_INFO, HF_EV_CHANGED, "it waits to be approved; again in %lld s", (long long)joined.retry_s);
		poll(NULL, 0, (int)(joined.retry_s * 1000));
	}
	return rc == HF_OK ? keep_bundle(bundle, joined.bundle, err) : rc;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	hf_auto_joining struct hf_joining joining = {0};
	struct hf_err err = {""};
	int status = read_arguments(argc, argv, &arguments);
	enum hf_rc rc;

	if (status >= 0)
		return status;
	hf_log_init(HF_LOG_NOTICE);
	rc = hf_joining_read(arguments.ask, &joining, &err);
	if (rc == HF_OK && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		rc = hf_err_set(&err, HF_E_SYSTEM, "the library for the question cannot be made ready");
	if (rc == HF_OK)
		hf_log(HF_LOG_NOTICE, HF_EV_START, "this device asks to join %s: %s", joining.token.council, joining.words);
	if (rc == HF_OK)
		rc = ask_on(&joining, arguments.bundle, &err);
	return hf_program_end(rc, &err, "this device is answered");
}
