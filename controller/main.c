/* SPDX-License-Identifier: MIT */
/*
 * Owns the order in which holdfastd comes up and goes down.
 * Must never decide anything about an order.
 */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/notify.h>
#include <holdfast/paths.h>
#include <holdfast/program.h>
#include <holdfast/watchdog.h>

#include "controller/begin.h"
#include "controller/beside_book.h"
#include "controller/check_journal.h"
#include "controller/notices.h"
#include "controller/schedulers.h"
#include "controller/own_words.h"
#include "controller/publish.h"
#include "controller/readers.h"
#include "controller/reports.h"
#include "controller/rereading.h"
#include "controller/web/web.h"

#define KEY_FILE_MAX 4096

/* All that is started, in the order in which it is. */
struct program {
	const char *conf_path;
	bool only_check, accepts, rebuilds, looks;
	const char *copy; /* of the journal, to be looked at beside it; NULL: none */
	struct hf_settings settings;
	const struct passwd *user; /* whom to become; NULL: nobody else */
	int lock; /* of the folder of the journal */
	struct hf_controller c;
	struct hf_doors doors;
	struct hf_web *web;
};

static const char *const help =
	"holdfastd - the controller of Holdfast\n"
	"\n"
	"Takes orders and their approvals over a Unix socket, checks and records them, and "
	"publishes what is in force.\n"
	"\n"
	"  -f FILE     settings (" HF_CONTROLLER_CONF ")\n"
	"  -n          check the settings, print all of them and exit\n"
	"  --accept-journal\n"
	"              take the journal as it is now, restored from a backup or gone, and exit\n"
	"  --rebuild   make the tables beside the journal again from its records, and exit\n"
	"  --check-journal [--copy FILE]\n"
	"              read the journal to its end, and a copy of it, say as JSON whether they are whole, and exit\n"
	"  --help      this text\n"
	"  --version   the version\n";

static enum hf_rc read_conf(const char *path, struct hf_settings *ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, HF_CONF_FILE_MAX, &text, &len, &why);
	if (rc == HF_OK)
		rc = hf_settings_read(text, ret, &why);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s: %s", path, why.text);
}

static enum hf_rc start_conf(struct program *p, struct hf_err *err)
{
	return read_conf(p->conf_path, &p->settings, err);
}

static enum hf_rc find_user(struct program *p, struct hf_err *err)
{
	if (!p->settings.user[0] || geteuid() != 0)
		return HF_OK;
	p->user = getpwnam(p->settings.user);
	if (!p->user)
		return hf_err_set(err, HF_E_ABSENT, "user: there is no user '%s' on this machine: make it",
				  p->settings.user);
	return HF_OK;
}

static enum hf_rc start_key(struct program *p, struct hf_err *err)
{
	const char *path = p->settings.controller_key;
	hf_auto_free char *pem = NULL;
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc = hf_fs_guarded(path, p->user ? &p->user->pw_uid : NULL, S_IRWXO | S_IWGRP, &why);
	if (rc == HF_E_ABSENT)
		return hf_err_set(err, rc, "%s: it is made by `holdfast council init`", why.text);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s", why.text);
	rc = hf_fs_read(path, KEY_FILE_MAX, &pem, &len, &why);
	if (rc == HF_OK)
		rc = hf_key_from_pem(pem, len, NULL, &p->c.key, &why);
	if (pem)
		OPENSSL_cleanse(pem, len);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s: %s", path, why.text);
}

static void check_own_key(const struct program *p)
{
	const struct hf_controller_key *mine = hf_trust_controller(p->c.known.trust, p->settings.controller_id);
	struct hf_pub pub = hf_key_pub(p->c.key);
	if (!mine || memcmp(mine->pub.b, pub.b, sizeof(pub.b)) != 0)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "trust"),
			     "controller=%s the trust names no such controller with this key: devices will refuse what "
			     "it says until a new trust does",
			     p->settings.controller_id);
}

static struct hf_keeper_of_files files_keeper(const struct program *p)
{
	return (struct hf_keeper_of_files){
		.gives = p->user, .uid = p->user ? p->user->pw_uid : 0, .gid = p->user ? p->user->pw_gid : 0};
}

/* Before anything is touched: a second controller leaves the first one's journal and socket alone. */
static enum hf_rc start_alone(struct program *p, struct hf_err *err)
{
	const struct hf_keeper_of_files whose = files_keeper(p);
	return hf_begin_alone(&p->settings, &whose, &p->lock, err);
}

static enum hf_rc start_journal(struct program *p, struct hf_err *err)
{
	const struct hf_keeper_of_files whose = files_keeper(p);
	enum hf_rc rc = hf_begin(&p->c, &whose, err);
	if (rc == HF_OK)
		check_own_key(p);
	return rc;
}

/* Root is never narrowed: it may be everybody anyway. */
static void look_for_joiner(struct program *p)
{
	const struct passwd *user = p->settings.join_user[0] ? getpwnam(p->settings.join_user) : NULL;
	p->c.joiner = user ? user->pw_uid : 0;
}

static enum hf_rc start_notices(struct program *p, struct hf_err *err)
{
	enum hf_rc rc = hf_notices_start(&p->c, err);
	look_for_joiner(p);
	return rc == HF_OK ? hf_schedulers_start(&p->c, err) : rc;
}

static enum hf_rc start_beside(struct program *p, struct hf_err *err)
{
	(void)err;
	hf_beside_start(&p->c);
	return HF_OK;
}

static enum hf_rc start_sock(struct program *p, struct hf_err *err)
{
	enum hf_rc rc = hf_web_listen(&p->settings, p->user ? p->user->pw_uid : (hf_user)-1, &p->doors.fd, err);
	struct hf_err why = {""};
	/* Figures are wanted; orders are needed. */
	if (rc == HF_OK && hf_web_listen_port(&p->settings, &p->doors.port_fd, &why) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "metrics"), "%s", why.text);
	return rc;
}

static enum hf_rc drop_root(struct program *p, struct hf_err *err)
{
	if (!p->user)
		return HF_OK;
	if (initgroups(p->user->pw_name, p->user->pw_gid) != 0 || setgid(p->user->pw_gid) != 0 ||
	    setuid(p->user->pw_uid) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "becoming the user %s: %s", p->user->pw_name, strerror(errno));
	if (setuid(0) == 0)
		return hf_err_set(err, HF_E_SYSTEM, "the rights of root could not be given up");
	return HF_OK;
}

static void on_bus_up(void *arg)
{
	struct hf_controller *c = arg;
	c->bus_up = true;
	c->listens_since = hf_clock_wall();
	hf_log(HF_LOG_NOTICE, HF_EV_BUS, "up");
	hf_publish_all(c);
	hf_own_start(c);
}

static void on_bus_down(void *arg, const char *why)
{
	struct hf_controller *c = arg;
	if (c->bus_up)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "down %s", why);
	else
		hf_log(HF_LOG_INFO, HF_EV_BUS, "not reached %s", why);
	c->bus_up = false;
	c->listens_since = (struct hf_wall){0};
}

static void on_bus_message(void *arg, const struct hf_bus_message *m)
{
	struct hf_controller *c = arg;
	hf_reports_message(c, m->topic, m->buf, m->len);
}

static enum hf_rc start_bus(struct program *p, struct hf_err *err)
{
	const struct hf_settings *s = &p->settings;
	char client[HF_ID_SIZE + 16], report[HF_ID_SIZE + 64], ask[HF_ID_SIZE + 64];
	const char *topics[] = {report, ask};
	const struct hf_bus_conf conf = {.host = s->bus_host,
					 .port = (int)s->bus_port,
					 .ca_file = s->bus_ca,
					 .cert_file = s->bus_certificate,
					 .key_file = s->bus_key,
					 .client_id = client,
					 .protocol = (int)s->bus_protocol,
					 .keepalive_s = (int)s->bus_keepalive_s,
					 .message_max = HF_MESSAGE_MAX,
					 .topics = topics,
					 .n_topics = HF_LEN(topics)};
	const struct hf_bus_calls calls = {on_bus_up, on_bus_down, on_bus_message, &p->c};
	if (hf_str_printf(client, sizeof(client), "controller:%s", s->controller_id) != HF_OK ||
	    hf_str_printf(report, sizeof(report), HF_TOPIC_ROOT "/%s/device/+/report", p->c.known.council) != HF_OK ||
	    hf_str_printf(ask, sizeof(ask), HF_TOPIC_ROOT "/%s/device/+/ask", p->c.known.council) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "the name of the council is too long");
	return hf_bus_new(p->c.loop, &conf, &calls, &p->c.bus, err);
}

/* The connection is made anew, with certificates as they are now; one that cannot be made leaves the old one. */
static enum hf_rc reopen_bus(struct program *p, struct hf_err *err)
{
	struct hf_bus *before = p->c.bus;
	enum hf_rc rc;
	p->c.bus = NULL;
	rc = start_bus(p, err);
	if (rc == HF_OK)
		hf_bus_free(&before);
	else
		p->c.bus = before;
	return rc;
}

/* What else stands in the settings is read at the start: folders, the socket, the key, whom to become. */
static void reload(struct program *p)
{
	struct hf_settings now;
	struct hf_err err = {""};
	enum hf_rc rc = read_conf(p->conf_path, &now, &err);
	if (rc == HF_OK) {
		p->settings.log_level = now.log_level;
		hf_log_init((enum hf_log_level)now.log_level);
	} else {
		hf_log(HF_LOG_ERROR, HF_EV_RELOAD, "the settings stay as they were: %s", err.text);
	}
	rc = reopen_bus(p, &err);
	if (rc == HF_OK)
		hf_log(HF_LOG_NOTICE, HF_EV_RELOAD, "the level of the log is read and the broker is joined anew");
	else
		hf_log(HF_LOG_ERROR, HF_EV_RELOAD, "the connection to the broker stays as it was: %s", err.text);
}

static void on_signal(void *arg, uint32_t number)
{
	struct program *p = arg;
	if (number != SIGHUP)
		hf_loop_stop(p->c.loop);
	else if (p->web) /* it has begun */
		reload(p);
}

static enum hf_rc start_loop(struct program *p, struct hf_err *err)
{
	enum hf_rc rc = hf_loop_new(&p->c.loop, err);
	if (rc == HF_OK)
		rc = hf_loop_add_signals(p->c.loop, on_signal, p);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "the program's loop cannot be made");
}

static enum hf_rc start_reports(struct program *p, struct hf_err *err)
{
	return hf_reports_start(&p->c, err);
}

static enum hf_rc start_readers(struct program *p, struct hf_err *err)
{
	return hf_readers_new(&p->c, &p->c.readers, err);
}

static enum hf_rc start_publish(struct program *p, struct hf_err *err)
{
	return hf_publish_start(&p->c, err);
}

static enum hf_rc start_web(struct program *p, struct hf_err *err)
{
	enum hf_rc rc = hf_web_new(&p->c, &p->doors, &p->web, err);
	if (rc == HF_OK)
		p->doors = (struct hf_doors){-1, -1};
	return rc;
}

/* Until it is asked to stop: posted -> door -> judge -> enter -> publish; heard -> reports. */
static enum hf_rc serve(struct program *p, struct hf_err *err)
{
	struct hf_watchdog watchdog = {0};
	enum hf_rc rc = hf_watchdog_start(&watchdog, p->c.loop, err);

	if (rc != HF_OK)
		return rc;
	hf_log(HF_LOG_NOTICE, HF_EV_START, "council=%s controller=%s records=%" PRIu64 " devices=%zu",
	       p->c.known.council, p->settings.controller_id, hf_journal_tree(p->c.journal)->size, p->c.estate.n);
	(void)!hf_notify(HF_NOTIFY_READY, NULL);
	/* A loop that was stopped before it ran would run all the same. */
	if (p->c.fatal == HF_OK)
		rc = hf_loop_run(p->c.loop, err);
	if (rc == HF_OK && p->c.fatal != HF_OK)
		rc = hf_err_set(err, p->c.fatal, "it cannot go on (%s): see the lines above", hf_rc_name(p->c.fatal));
	if (rc == HF_OK) {
		hf_own_start(&p->c);
		hf_refusals_say(&p->c, hf_clock_wall(), true);
		hf_own_stop(&p->c);
	}
	(void)!hf_notify(HF_NOTIFY_STOPPING, NULL);
	return rc;
}

/* In this order; stop() undoes it backwards. */
static enum hf_rc start(struct program *p, struct hf_err *err)
{
	enum hf_rc (*const steps[])(struct program *, struct hf_err *) = {
		find_user,     start_loop,    start_alone,   start_key, start_journal, start_sock, drop_root,
		start_notices, start_beside,  start_readers, start_reports, start_publish, start_bus, start_web,
	};
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < HF_LEN(steps) && rc == HF_OK; i++)
		rc = steps[i](p, err);
	return rc;
}

static void stop(struct program *p)
{
	hf_web_free(&p->web);
	hf_bus_free(&p->c.bus);
	hf_readers_free(&p->c.readers);
	if (p->c.journal)
		hf_reports_flush(&p->c);
	hf_fd_close(&p->doors.fd);
	hf_fd_close(&p->doors.port_fd);
	hf_rereading_done(&p->c);
	hf_controller_done(&p->c);
	hf_journal_close(&p->c.journal);
	hf_key_free(&p->c.key);
	hf_loop_free(&p->c.loop);
	hf_fd_close(&p->lock);
}

/* The controller must not run meanwhile: it would refuse to write after another one. */
static enum hf_rc accept_journal(struct program *p, struct hf_err *err)
{
	struct hf_keeper_of_files whose;
	int64_t n = 0;
	enum hf_rc rc = find_user(p, err);
	whose = files_keeper(p);
	if (rc == HF_OK)
		rc = start_alone(p, err);
	if (rc == HF_OK)
		rc = hf_begin_accept(&p->c, &whose, &n, err);
	if (rc == HF_OK)
		printf("The journal in %s is taken as it is now: %" PRId64 " records.%s\n", p->settings.state_folder, n,
		       n ? "" : " The next start begins with the council folder.");
	hf_journal_close(&p->c.journal);
	hf_fd_close(&p->lock);
	return rc;
}

/* Without threads and without a broker: all of it is done when the reports have been read. */
static enum hf_rc rebuild_tables(struct program *p, struct hf_err *err)
{
	enum hf_rc (*const steps[])(struct program *, struct hf_err *) = {
		find_user, start_loop, start_alone, start_key, start_journal, start_reports,
	};
	enum hf_rc rc = HF_OK;
	p->c.rebuilds = true;
	for (size_t i = 0; i < HF_LEN(steps) && rc == HF_OK; i++)
		rc = steps[i](p, err);
	if (rc != HF_OK)
		return rc;
	hf_own_start(&p->c);
	hf_own_stop(&p->c);
	printf("The tables beside the journal in %s are made again from its %" PRIu64 " records.\n",
	       p->settings.state_folder, hf_journal_tree(p->c.journal)->size);
	return HF_OK;
}

/* Beside a controller that runs. The copy may be root's alone, the journal is read as its own user. */
static enum hf_rc look_at_journal(struct program *p, struct hf_err *err)
{
	hf_auto_json json_t *copy = NULL, *answer = NULL;
	bool whole = false;
	enum hf_rc rc = find_user(p, err);

	if (rc == HF_OK && p->copy)
		rc = hf_check_copy(p->copy, &copy, err);
	if (rc == HF_OK)
		rc = drop_root(p, err);
	if (rc == HF_OK)
		rc = hf_check_journal(&p->settings, copy, &answer, &whole, err);
	if (rc != HF_OK)
		return rc;
	if (json_dumpf(answer, stdout, JSON_INDENT(2)) != 0 || puts("") == EOF)
		return hf_err_set(err, HF_E_SYSTEM, "what the journal has could not be written");
	return whole ? HF_OK : hf_err_set(err, HF_E_SHAPE, "not all of it is whole: see the answer");
}

/* Returns -1 to go on, else the exit status. */
static int read_arguments(struct program *p, int argc, char **argv)
{
	static const struct option names[] = {{"help", no_argument, NULL, 'h'},
					      {"version", no_argument, NULL, 'v'},
					      {"accept-journal", no_argument, NULL, 'a'},
					      {"rebuild", no_argument, NULL, 'r'},
					      {"check-journal", no_argument, NULL, 'c'},
					      {"copy", required_argument, NULL, 'b'},
					      {0}};
	int c;
	while ((c = getopt_long(argc, argv, "f:n", names, NULL)) != -1) {
		switch (c) {
		case 'f':
			p->conf_path = optarg;
			break;
		case 'n':
			p->only_check = true;
			break;
		case 'a':
			p->accepts = true;
			break;
		case 'r':
			p->rebuilds = true;
			break;
		case 'c':
			p->looks = true;
			break;
		case 'b':
			p->copy = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		case 'v':
			puts("holdfastd " HF_VERSION);
			return 0;
		default:
			fputs("holdfastd: see `holdfastd --help`\n", stderr);
			return 2;
		}
	}
	if (optind == argc && (!p->copy || p->looks))
		return -1;
	if (optind == argc) {
		fputs("holdfastd: --copy is of --check-journal: see `holdfastd --help`\n", stderr);
		return 2;
	}
	fprintf(stderr, "holdfastd: '%s' is not an argument of this program: see `holdfastd --help`\n", argv[optind]);
	return 2;
}

static enum hf_rc run_program(struct program *p, struct hf_err *err)
{
	enum hf_rc rc;
	if (p->looks)
		return look_at_journal(p, err);
	if (p->accepts)
		return accept_journal(p, err);
	if (p->rebuilds)
		return rebuild_tables(p, err);
	rc = start(p, err);
	return rc == HF_OK ? serve(p, err) : rc;
}

int main(int argc, char **argv)
{
	static struct program program = {.conf_path = HF_CONTROLLER_CONF, .lock = -1, .doors = {-1, -1}};
	struct hf_err err = {""};
	int status = read_arguments(&program, argc, argv);
	enum hf_rc rc;
	if (status >= 0)
		return status;
	hf_loop_hold_hangup();
	hf_log_init(HF_LOG_NOTICE);
	rc = start_conf(&program, &err);
	if (rc == HF_OK && program.only_check) {
		hf_settings_print(stdout, &program.settings);
		return 0;
	}
	if (rc == HF_OK) {
		hf_log_init((enum hf_log_level)program.settings.log_level);
		program.c.settings = &program.settings;
		rc = run_program(&program, &err);
		stop(&program);
	}
	if (rc == HF_OK && (program.accepts || program.rebuilds || program.looks))
		return 0;
	return hf_program_end(rc, &err, "asked to");
}
