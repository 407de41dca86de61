/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-notify: conf -> log -> loop -> channels.
 * Must never hold a key of the controller, or decide who is told.
 */
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/loop.h>
#include <holdfast/notify.h>
#include <holdfast/paths.h>
#include <holdfast/program.h>
#include <holdfast/str.h>
#include <holdfast/watchdog.h>

#include "controller/notify/channel.h"
#include "controller/notify/govuk.h"
#include "controller/notify/hook.h"
#include "controller/notify/pauser.h"
#include "controller/notify/smtp.h"

#define CHANNELS_MAX (2 + HF_HOOKS_RUN_MAX)
#define KEY_FILE_MAX 4096

static const char help[] = "holdfast-notify - hands the controller's messages to mail servers, GOV.UK Notify and webhooks, and pauses schedulers\n"
			   "\n"
			   "  holdfast-notify [-f FILE]      run (settings: " HF_NOTIFY_CONF ")\n"
			   "  holdfast-notify [-f FILE] -n   print the settings as they are in force, and end\n"
			   "  holdfast-notify --help | --version\n";

static enum hf_rc level_of_notify(const char *file, enum hf_log_level *ret, struct hf_err *err)
{
	struct hf_notify_conf conf;
	enum hf_rc rc = hf_notify_conf_read(file, &conf, err);
	if (rc == HF_OK)
		*ret = (enum hf_log_level)conf.log_level;
	return rc;
}

/* All that the settings have; channels point into it. */
struct channels {
	struct hf_notify_conf conf;
	struct hf_hook_confs hooks;
	struct hf_scheduler_confs schedulers;
	struct hf_govuk_key key;
	struct hf_govuk_way mail, sms;
	struct hf_channel_plan plans[CHANNELS_MAX];
	struct hf_channel *running[CHANNELS_MAX];
	size_t n;
	struct hf_pauser *pausers[HF_SCHEDULERS_RUN_MAX];
};

static void plan_channel(struct channels *all, const char *name,
			 struct hf_carrier (*make)(const void *conf, const atomic_bool *stop), const void *conf)
{
	all->plans[all->n++] = (struct hf_channel_plan){name, all->conf.socket, make, conf};
}

static enum hf_rc read_key(struct channels *all, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	const char *path = all->conf.govuk_key;
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc = hf_fs_guarded(path, NULL, S_IRWXG | S_IRWXO, &why);
	if (rc == HF_OK)
		rc = hf_fs_read(path, KEY_FILE_MAX, &text, &len, &why);
	if (rc == HF_OK)
		rc = hf_govuk_key_read(text, &all->key, &why);
	if (text)
		OPENSSL_cleanse(text, len);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%.120s: %s", path, why.text);
}

static enum hf_rc read_all(struct channels *all, const char *file, struct hf_err *err)
{
	enum hf_rc rc = hf_notify_conf_read(file, &all->conf, err);
	if (rc == HF_OK)
		rc = hf_hook_confs_read(all->conf.hooks, all->conf.proxy, &all->hooks, err);
	if (rc == HF_OK)
		rc = hf_scheduler_confs_read(all->conf.schedulers, all->conf.proxy, &all->schedulers, err);
	return rc == HF_OK && all->conf.govuk_key[0] ? read_key(all, err) : rc;
}

static void plan_all(struct channels *all)
{
	all->mail = (struct hf_govuk_way){&all->conf, &all->key, false};
	all->sms = (struct hf_govuk_way){&all->conf, &all->key, true};
	if (all->conf.host[0])
		plan_channel(all, "mail", hf_smtp_carrier, &all->conf);
	if (all->conf.govuk_mail[0])
		plan_channel(all, "mail", hf_govuk_carrier, &all->mail);
	if (all->conf.govuk_sms[0])
		plan_channel(all, "sms", hf_govuk_carrier, &all->sms);
	for (size_t i = 0; i < all->hooks.n; i++)
		plan_channel(all, all->hooks.v[i].name, hf_hook_carrier, &all->hooks.v[i]);
}

static enum hf_rc start_all(struct channels *all, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	plan_all(all);
	if (all->n + all->schedulers.n == 0)
		return hf_err_set(err, HF_E_SHAPE, "no channel is set: mail.host, govuk.mail, govuk.sms, a hook or a scheduler");
	for (size_t i = 0; i < all->n && rc == HF_OK; i++) {
		rc = hf_channel_start(&all->plans[i], &all->running[i], err);
		if (rc == HF_OK)
			hf_log(HF_LOG_NOTICE, HF_EV_START, "channel=%s", all->plans[i].name);
	}
	for (size_t i = 0; i < all->schedulers.n && rc == HF_OK; i++) {
		rc = hf_pauser_start(&all->schedulers.v[i], all->conf.socket, &all->pausers[i], err);
		if (rc == HF_OK)
			hf_log(HF_LOG_NOTICE, HF_EV_START, "scheduler=%s", all->schedulers.v[i].name);
	}
	return rc;
}

static void stop_all(struct channels *all)
{
	for (size_t i = 0; i < all->n; i++)
		hf_channel_stop(&all->running[i]);
	for (size_t i = 0; i < all->schedulers.n; i++)
		hf_pauser_stop(&all->pausers[i]);
	OPENSSL_cleanse(&all->key, sizeof(all->key));
}

static enum hf_rc run(struct channels *all, struct hf_program *program, struct hf_err *err)
{
	struct hf_watchdog watchdog = {0};
	enum hf_rc rc = hf_loop_new(&program->loop, err);
	if (rc == HF_OK && hf_loop_add_signals(program->loop, hf_program_signal, program) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot wait for signals");
	if (rc == HF_OK && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "the library for mail cannot be made ready");
	if (rc == HF_OK)
		rc = hf_watchdog_start(&watchdog, program->loop, err);
	if (rc == HF_OK)
		rc = start_all(all, err);
	if (rc == HF_OK) {
		(void)!hf_notify(HF_NOTIFY_READY, NULL);
		rc = hf_loop_run(program->loop, err);
		(void)!hf_notify(HF_NOTIFY_STOPPING, NULL);
	}
	stop_all(all);
	hf_loop_free(&program->loop);
	return rc;
}

static void print_all(const struct channels *all)
{
	hf_notify_conf_print(stdout, &all->conf);
	for (size_t i = 0; i < all->hooks.n; i++)
		hf_hook_conf_print(stdout, &all->hooks.v[i]);
	for (size_t i = 0; i < all->schedulers.n; i++)
		hf_scheduler_conf_print(stdout, &all->schedulers.v[i]);
}

int main(int argc, char **argv)
{
	struct hf_program program = {.name = "holdfast-notify", .help = help, .file = HF_NOTIFY_CONF, .level = level_of_notify};
	static struct channels all;
	struct hf_err err = {""};
	int status = hf_program_read(argc, argv, &program);
	enum hf_rc rc;
	if (status >= 0)
		return status;
	hf_loop_hold_hangup();
	hf_log_init(HF_LOG_NOTICE);
	rc = read_all(&all, program.file, &err);
	if (rc == HF_OK && program.print) {
		print_all(&all);
		return 0;
	}
	if (rc == HF_OK) {
		hf_log_init((enum hf_log_level)all.conf.log_level);
		rc = run(&all, &program, &err);
	}
	return hf_program_end(rc, &err, "asked to");
}
