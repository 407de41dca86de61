/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-link: conf -> log -> drop rights -> loop -> link.
 * Must never hold a right that carrying messages does not need.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/notify.h>
#include <holdfast/paths.h>
#include <holdfast/program.h>
#include <holdfast/sock.h>
#include <holdfast/str.h>
#include <holdfast/watchdog.h>

#include "agent/conf/agent_conf.h"
#include "agent/link/link.h"

static const char help[] = "holdfast-link - carries messages between the council's broker and this device's agent\n"
			   "\n"
			   "  holdfast-link [-f FILE]      run (settings: " HF_LINK_CONF ")\n"
			   "  holdfast-link [-f FILE] -n   print the settings as they are in force, and end\n"
			   "  holdfast-link --help | --version\n";

struct running {
	const char *file;
	struct hf_loop *loop;
	struct hf_link *link;
};

static enum hf_rc read_conf(const char *file, struct hf_link_conf *ret_conf, struct hf_err *err)
{
	enum hf_log_level level = HF_LOG_NOTICE;
	enum hf_rc rc = hf_link_conf_read(file, ret_conf, err);

	if (rc == HF_OK)
		rc = hf_log_level_named(ret_conf->log, &level, err);
	if (rc == HF_OK)
		hf_log_init(level);
	return rc;
}

/* Whom the link is cannot be changed any more: that needs the rights that it gave up. */
static void reload(struct running *running)
{
	struct hf_link_conf conf;
	struct hf_err err = {""};
	enum hf_rc rc = read_conf(running->file, &conf, &err);

	if (rc == HF_OK)
		rc = hf_link_reload(running->link, &conf, &err);
	if (rc != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_RELOAD, "the settings stay as they were: %s", err.text);
}

static void on_signal(void *arg, uint32_t number)
{
	struct running *running = arg;

	if (number == SIGHUP && running->link)
		reload(running);
	else if (number != SIGHUP)
		hf_loop_stop(running->loop);
}

/* Two links with one certificate take the broker from each other for ever. */
static enum hf_rc start_alone(const struct hf_link_conf *conf, int *ret_fd, struct hf_err *err)
{
	char place[sizeof(conf->socket) + sizeof(conf->host) + 64], hex[HF_DIGEST_HEX_SIZE], name[HF_DIGEST_HEX_SIZE + 32];
	struct hf_digest digest;
	enum hf_rc rc = hf_str_printf(place, sizeof(place), "%s %s:%" PRId64, conf->socket, conf->host, conf->port);

	if (rc == HF_OK)
		rc = hf_digest_of(place, strlen(place), &digest);
	if (rc == HF_OK)
		rc = hf_str_printf(name, sizeof(name), "holdfast-link %s", hf_digest_hex(&digest, hex));
	if (rc != HF_OK)
		return hf_err_set(err, rc, "cannot find out whether another link runs");
	if (hf_sock_claim(name, ret_fd, NULL) == HF_E_USAGE)
		return hf_err_set(err, HF_E_USAGE, "another holdfast-link joins %s port %" PRId64 " already: stop it first",
				  conf->host, conf->port);
	if (*ret_fd < 0)
		hf_log(HF_LOG_WARNING, HF_EV_START, "another link could begin beside this one: its name is taken");
	return HF_OK;
}

static enum hf_rc run(const char *file, const struct hf_link_conf *conf, struct hf_err *err)
{
	struct running running = {.file = file};
	struct hf_watchdog watchdog = {0};
	hf_auto_fd int alone = -1;
	enum hf_rc rc = hf_link_drop(conf->user, err);

	hf_log_device(conf->device);
	if (rc == HF_OK)
		rc = start_alone(conf, &alone, err);
	if (rc == HF_OK)
		rc = hf_loop_new(&running.loop, err);
	if (rc == HF_OK && hf_loop_add_signals(running.loop, on_signal, &running) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot wait for signals");
	if (rc == HF_OK)
		rc = hf_link_new(running.loop, conf, &running.link, err);
	if (rc == HF_OK)
		rc = hf_watchdog_start(&watchdog, running.loop, err);
	if (rc == HF_OK) {
		hf_log(HF_LOG_NOTICE, HF_EV_START, "broker=%s", conf->host);
		if (hf_notify(HF_NOTIFY_READY, NULL) == HF_E_SYSTEM)
			hf_log(HF_LOG_WARNING, HF_EV_START,
			       "the service manager cannot be told that the link is ready");
		rc = hf_loop_run(running.loop, err);
	}
	hf_link_free(&running.link);
	hf_loop_free(&running.loop);
	hf_log(HF_LOG_NOTICE, HF_EV_STOP, "stopped");
	return rc;
}

int main(int argc, char **argv)
{
	struct hf_program program = {.name = "holdfast-link", .help = help, .file = HF_LINK_CONF};
	struct hf_link_conf conf;
	struct hf_err err = {""};
	int status = hf_program_read(argc, argv, &program);
	enum hf_rc rc;

	if (status >= 0)
		return status;
	hf_loop_hold_hangup();
	hf_log_init(HF_LOG_NOTICE);
	rc = read_conf(program.file, &conf, &err);
	if (rc == HF_OK && program.print) {
		hf_link_conf_print(stdout, &conf);
		return 0;
	}
	if (rc == HF_OK)
		rc = run(program.file, &conf, &err);
	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "%s", err.text);
	return rc == HF_OK ? 0 : 1;
}
