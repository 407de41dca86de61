/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of the controller's settings and their defaults.
 * Must never put a default in place of a setting that is wrong.
 */
#include <string.h>

#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/conf/settings.h"

#define SCHEDULERS "/usr/share/holdfast/catalogue/schedulers.json"
#define ROWS_MAX 32

/* clang-format off */
static size_t rows_of(struct hf_settings *s, struct hf_conf_row rows[ROWS_MAX])
{
	const struct hf_conf_row all[] = {
		{ "council.folder",  HF_CONF_PATH, 1, 255,   HF_ETC "/council",    s->council_folder },
		{ "state.folder",    HF_CONF_PATH, 1, 200,   HF_CONTROLLER_STATE,  s->state_folder },
		{ "mark.folder",     HF_CONF_PATH, 0, 255,   "",                   s->mark_folder },
		{ "socket.path",     HF_CONF_PATH, 1, 107,   HF_CONTROLLER_SOCKET, s->socket_path },
		{ "socket.group",    HF_CONF_TEXT, 0, 64,    "",                   s->socket_group },
		{ "controller.id",   HF_CONF_TEXT, 1, 64,    "c1",                 s->controller_id },
		{ "controller.key",  HF_CONF_PATH, 1, 255,   NULL,                 s->controller_key },
		{ "bus.host",        HF_CONF_TEXT, 1, 253,   "localhost",          s->bus_host },
		{ "bus.port",        HF_CONF_INT,  1, 65535, "8883",               &s->bus_port },
		{ "bus.ca",          HF_CONF_PATH, 1, 255,   NULL,                 s->bus_ca },
		{ "bus.certificate", HF_CONF_PATH, 1, 255,   NULL,                 s->bus_certificate },
		{ "bus.key",         HF_CONF_PATH, 1, 255,   NULL,                 s->bus_key },
		{ "bus.protocol",    HF_CONF_INT,  5, 311,   "5",                  &s->bus_protocol },
		{ "bus.keepalive_s", HF_CONF_INT,  5, 600,   "30",                 &s->bus_keepalive_s },
		{ "beat_s",          HF_CONF_INT,  1, 900,   "30",                 &s->beat_s },
		{ "device.report_s", HF_CONF_INT,  1, 86400, "60",                 &s->report_s },
		{ "log.level",       HF_CONF_INT,  3, 7,     "5",                  &s->log_level },
		{ "notify.user",     HF_CONF_TEXT, 0, 64,    "",                   s->notify_user },
		{ "notify.people",   HF_CONF_PATH, 0, 255,   "",                   s->notify_people },
		{ "notify.templates", HF_CONF_PATH, 1, 200,  HF_ETC "/templates",  s->notify_templates },
		{ "notify.sms",      HF_CONF_TEXT, 0, 255,   "",                   s->notify_sms },
		{ "notify.hooks",    HF_CONF_TEXT, 0, 255,   "",                   s->notify_hooks },
		{ "notify.alerts",   HF_CONF_TEXT, 0, 255,   "",                   s->notify_alerts },
		{ "notify.schedulers", HF_CONF_TEXT, 0, 255, "",                   s->notify_schedulers },
		{ "notify.remind_days", HF_CONF_INT, 0, 60,  "3",                  &s->notify_remind_days },
		{ "check.standing",  HF_CONF_PATH, 1, 255,   HF_ETC "/standing.csv", s->check_standing },
		{ "check.schedulers", HF_CONF_PATH, 1, 255,  SCHEDULERS,           s->check_schedulers },
		{ "join.user",       HF_CONF_TEXT, 0, 64,    "holdfast-joind",     s->join_user },
		{ "metrics.port",    HF_CONF_INT,  0, 65535, "0",                  &s->metrics_port },
		{ "metrics.broker_certificate", HF_CONF_PATH, 0, 255, HF_ETC "/broker/server.crt", s->metrics_broker_certificate },
		{ "user",            HF_CONF_TEXT, 0, 64,    "",                   s->user },
	};
	memcpy(rows, all, sizeof(all));
	return HF_LEN(all);
}
/* clang-format on */

/* What follows from the state folder, unless it is said. */
static enum hf_rc settle_paths(struct hf_settings *s, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	if (!s->mark_folder[0])
		rc = hf_str_printf(s->mark_folder, sizeof(s->mark_folder), "%s-mark", s->state_folder);
	if (rc == HF_OK && !s->notify_people[0])
		rc = hf_str_printf(s->notify_people, sizeof(s->notify_people), "%s/people.csv", s->state_folder);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "state.folder is too long");
}

enum hf_rc hf_settings_read(const char *text, struct hf_settings *ret_settings, struct hf_err *err)
{
	struct hf_conf_row rows[ROWS_MAX];
	size_t n = rows_of(ret_settings, rows);
	enum hf_rc rc = hf_conf_read(text, rows, n, err);
	if (rc != HF_OK)
		return rc;
	if (ret_settings->bus_protocol != 5 && ret_settings->bus_protocol != 311)
		return hf_err_set(err, HF_E_SHAPE, "bus.protocol must be 5 or 311");
	if (!hf_id_ok(ret_settings->controller_id))
		return hf_err_set(err, HF_E_SHAPE, "controller.id must be made of a-z, 0-9 and '-'");
	return settle_paths(ret_settings, err);
}

void hf_settings_print(FILE *out, struct hf_settings *settings)
{
	struct hf_conf_row rows[ROWS_MAX];
	hf_conf_print(out, rows, rows_of(settings, rows));
}
