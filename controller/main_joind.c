/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-joind: conf -> log -> loop -> the door.
 * Must never hold a key but that of its own TLS.
 */
#include <curl/curl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include <holdfast/log.h>
#include <holdfast/loop.h>
#include <holdfast/names.h>
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

struct running {
	const char *file;
	struct hf_loop *loop;
};

/* A hang-up ends nothing. */
static void read_level(const char *file)
{
	struct hf_join_conf conf;
	struct hf_err err = {""};
	enum hf_rc rc = hf_join_conf_read(file, &conf, &err);

	if (rc == HF_OK)
		hf_log_init((enum hf_log_level)conf.log_level);
	hf_log(rc == HF_OK ? HF_LOG_NOTICE : HF_LOG_ERROR, HF_EV_RELOAD, "%s",
	       rc == HF_OK ? "the level of the log is read again; other settings are read at the start" : err.text);
}

static void on_signal(void *arg, uint32_t number)
{
	const struct running *running = arg;

	if (number == SIGHUP)
		read_level(running->file);
	else
		hf_loop_stop(running->loop);
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

static enum hf_rc run(const struct hf_join_conf *conf, const char *file, struct hf_err *err)
{
	struct running running = {file, NULL};
	enum hf_rc rc = hf_loop_new(&running.loop, err);

	if (rc == HF_OK && hf_loop_add_signals(running.loop, on_signal, &running) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot wait for signals");
	if (rc == HF_OK && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "the library for questions to the controller cannot be made ready");
	if (rc == HF_OK)
		rc = serve(running.loop, conf, err);
	hf_loop_free(&running.loop);
	return rc;
}

int main(int argc, char **argv)
{
	struct hf_program program = {.name = "holdfast-joind", .help = help, .file = HF_JOIND_CONF};
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
		rc = run(&conf, program.file, &err);
	}
	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "%s", err.text);
	else
		hf_log(HF_LOG_NOTICE, HF_EV_STOP, "asked to");
	return rc == HF_OK ? 0 : 1;
}
