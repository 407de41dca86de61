/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-joind: conf -> log -> loop -> the door.
 * Must never hold a key but that of its own TLS.
 */
#include <curl/curl.h>
#include <stdio.h>

#include <holdfast/log.h>
#include <holdfast/loop.h>
#include <holdfast/notify.h>
#include <holdfast/paths.h>
#include <holdfast/program.h>
#include <holdfast/watchdog.h>

#include "controller/join/join_serve.h"

static const char help[] = "holdfast-joind - the door by which laptops ask to join the council\n"
			   "\n"
			   "  holdfast-joind [-f FILE]      run (settings: " HF_JOIND_CONF ")\n"
			   "  holdfast-joind [-f FILE] -n   print the settings as they are in force, and end\n"
			   "  holdfast-joind --help | --version\n";

static enum hf_rc level_of_joind(const char *file, enum hf_log_level *ret, struct hf_err *err)
{
	struct hf_join_conf conf;
	enum hf_rc rc = hf_join_conf_read(file, &conf, err);

	if (rc == HF_OK)
		*ret = (enum hf_log_level)conf.log_level;
	return rc;
}

static enum hf_rc serve(struct hf_loop *loop, const struct hf_join_conf *conf, struct hf_err *err)
{
	struct hf_join_serve *door = NULL;
	struct hf_watchdog watchdog = {0};
	enum hf_rc rc = hf_watchdog_start(&watchdog, loop, err);

	if (rc == HF_OK)
		rc = hf_join_serve_new(loop, conf, &door, err);
	if (rc == HF_OK) {
		hf_log(HF_LOG_NOTICE, HF_EV_START, "port=%lld", (long long)conf->port);
		(void)!hf_notify(HF_NOTIFY_READY, NULL);
		rc = hf_loop_run(loop, err);
		(void)!hf_notify(HF_NOTIFY_STOPPING, NULL);
	}
	if (rc == HF_OK && hf_join_serve_failed(door))
		rc = hf_err_set(err, HF_E_SYSTEM, "what was answered could not be written to %s", conf->state);
	hf_join_serve_free(&door);
	return rc;
}

static enum hf_rc run(const struct hf_join_conf *conf, struct hf_program *program, struct hf_err *err)
{
	enum hf_rc rc = hf_loop_new(&program->loop, err);

	if (rc == HF_OK && hf_loop_add_signals(program->loop, hf_program_signal, program) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot wait for signals");
	if (rc == HF_OK && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "the library for questions to the controller cannot be made ready");
	if (rc == HF_OK)
		rc = serve(program->loop, conf, err);
	hf_loop_free(&program->loop);
	return rc;
}

int main(int argc, char **argv)
{
	struct hf_program program = {.name = "holdfast-joind", .help = help, .file = HF_JOIND_CONF, .level = level_of_joind};
	static struct hf_join_conf conf;
	struct hf_err err = {""};
	int status = hf_program_read(argc, argv, &program);
	enum hf_rc rc;

	if (status >= 0)
		return status;
	hf_loop_hold_hangup();
	hf_log_init(HF_LOG_NOTICE);
	rc = hf_join_conf_read(program.file, &conf, &err);
	if (rc == HF_OK && program.print) {
		hf_join_conf_print(stdout, &conf);
		return 0;
	}
	if (rc == HF_OK) {
		hf_log_init((enum hf_log_level)conf.log_level);
		rc = run(&conf, &program, &err);
	}
	return hf_program_end(rc, &err, "asked to");
}
