/* SPDX-License-Identifier: MIT */
/*
 * Owns the two tables of settings of the agent's side.
 * Must never give a mistyped setting its default.
 */
#include "agent/conf/agent_conf.h"

#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#define AGENT_ROWS 31
#define LINK_ROWS 12
#define TEXT_MOST (HF_CONF_TEXT_SIZE - 1)
#define SOCKET_MOST 107 /* sockaddr_un */

/* clang-format off */
static void agent_rows(struct hf_agent_conf *c, struct hf_conf_row rows[AGENT_ROWS])
{
	const struct hf_conf_row table[AGENT_ROWS] = {
		{ "state.folder",          HF_CONF_PATH, 1, TEXT_MOST,   HF_AGENT_STATE,        c->state },
		{ "link.socket",           HF_CONF_PATH, 1, SOCKET_MOST, HF_AGENT_LINK_SOCKET,  c->link_socket },
		{ "link.user",             HF_CONF_TEXT, 1, 32,          HF_LINK_USER,          c->link_user },
		{ "person.socket",         HF_CONF_PATH, 1, SOCKET_MOST, HF_AGENT_SOCKET,       c->person_socket },
		{ "hands.socket",          HF_CONF_PATH, 1, SOCKET_MOST, HF_AGENT_HANDS_SOCKET, c->hands_socket },
		{ "beat_s",                HF_CONF_INT,  1, 3600,        "30",                  &c->beat_s },
		{ "ask_s",                 HF_CONF_INT,  1, 86400,       "90",                  &c->ask_s },
		{ "layer.network",         HF_CONF_BOOL, 0, 0,           "yes",                 &c->network },
		{ "layer.browser",         HF_CONF_BOOL, 0, 0,           "yes",                 &c->browser },
		{ "layer.firefox",         HF_CONF_BOOL, 0, 0,           "yes",                 &c->firefox },
		{ "layer.others",          HF_CONF_BOOL, 0, 0,           "yes",                 &c->others },
		{ "layer.extension",       HF_CONF_BOOL, 0, 0,           "yes",                 &c->extension },
		{ "layer.programs",        HF_CONF_BOOL, 0, 0,           "yes",                 &c->programs },
		{ "layer.running",         HF_CONF_BOOL, 0, 0,           "yes",                 &c->running },
		{ "network.names_socket",  HF_CONF_PATH, 1, SOCKET_MOST, HF_AGENT_NAMES_SOCKET, c->names_socket },
		{ "network.queue",         HF_CONF_INT,  1, 65535,       "4846",                &c->queue },
		{ "network.log_group",     HF_CONF_INT,  1, 65535,       "4846",                &c->log_group },
		{ "network.proxy",         HF_CONF_TEXT, 0, TEXT_MOST,   "",                    c->proxy },
		{ "browser.chromium",      HF_CONF_PATH, 1, TEXT_MOST,   "/etc/chromium/policies/managed",   c->chromium },
		{ "browser.chrome",        HF_CONF_PATH, 1, TEXT_MOST,   "/etc/opt/chrome/policies/managed", c->chrome },
		{ "browser.edge",          HF_CONF_PATH, 1, TEXT_MOST,   "/etc/opt/edge/policies/managed",   c->edge },
		{ "browser.brave",         HF_CONF_PATH, 1, TEXT_MOST,   "/etc/brave/policies/managed",      c->brave },
		{ "extension.folder",      HF_CONF_PATH, 1, TEXT_MOST,   HF_EXTENSION_FOLDER,   c->packed },
		{ "firefox.folder",        HF_CONF_PATH, 1, TEXT_MOST,   "/etc/firefox",        c->firefox_folder },
		{ "firefox.install",       HF_CONF_PATH, 1, TEXT_MOST,   "/usr/lib/firefox-esr", c->firefox_install },
		{ "firefox.socket",        HF_CONF_PATH, 1, SOCKET_MOST, HF_AGENT_FIREFOX_SOCKET, c->firefox_socket },
		{ "firefox.extension",     HF_CONF_TEXT, 0, TEXT_MOST,   "/usr/share/holdfast/extension-firefox.zip", c->firefox_extension },
		{ "programs.fence_socket", HF_CONF_PATH, 1, SOCKET_MOST, HF_AGENT_FENCE_SOCKET, c->fence_socket },
		{ "programs.cgroup",       HF_CONF_TEXT, 0, TEXT_MOST,   "",                    c->cgroup },
		{ "running.countdown_s",   HF_CONF_INT,  5, 3600,        "60",                  &c->countdown_s },
		{ "log",                   HF_CONF_TEXT, 1, 16,          "notice",              c->log },
	};
	memcpy(rows, table, sizeof(table));
}

static void link_rows(struct hf_link_conf *c, struct hf_conf_row rows[LINK_ROWS])
{
	const struct hf_conf_row table[LINK_ROWS] = {
		{ "device",      HF_CONF_TEXT, 1, HF_ID_MAX,   NULL,                 c->device },
		{ "council",     HF_CONF_TEXT, 1, HF_ID_MAX,   NULL,                 c->council },
		{ "host",        HF_CONF_TEXT, 1, 253,         NULL,                 c->host },
		{ "port",        HF_CONF_INT,  1, 65535,       "8883",               &c->port },
		{ "ca",          HF_CONF_PATH, 1, TEXT_MOST,   HF_ETC "/ca.crt",     c->ca },
		{ "certificate", HF_CONF_PATH, 1, TEXT_MOST,   HF_ETC "/link.crt",   c->certificate },
		{ "key",         HF_CONF_PATH, 1, TEXT_MOST,   HF_AGENT_STATE "/link.key", c->key },
		{ "protocol",    HF_CONF_INT,  5, 311,         "5",                  &c->protocol },
		{ "keepalive_s", HF_CONF_INT,  5, 600,         "30",                 &c->keepalive_s },
		{ "socket",      HF_CONF_PATH, 1, SOCKET_MOST, HF_AGENT_LINK_SOCKET, c->socket },
		{ "user",        HF_CONF_TEXT, 1, 32,          HF_LINK_USER,         c->user },
		{ "log",         HF_CONF_TEXT, 1, 16,          "notice",             c->log },
	};
	memcpy(rows, table, sizeof(table));
}
/* clang-format on */

enum hf_rc hf_log_level_named(const char *word, enum hf_log_level *ret_level, struct hf_err *err)
{
	static const char *const words[] = {"error", "warning", "notice", "info", "debug"};

	for (size_t i = 0; i < HF_LEN(words); i++) {
		if (strcmp(words[i], word) == 0) {
			*ret_level = (enum hf_log_level)(HF_LOG_ERROR + i);
			return HF_OK;
		}
	}
	return hf_err_set(err, HF_E_SHAPE, "log is '%s': use error, warning, notice, info or debug", word);
}

static enum hf_rc read_file(const char *path, const struct hf_conf_row *rows, size_t n_rows, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct hf_err why = {""};
	enum hf_rc rc;

	if (!path)
		return hf_conf_read("", rows, n_rows, err);
	rc = hf_fs_read(path, HF_CONF_FILE_MAX, &text, &len, err);
	if (rc != HF_OK)
		return rc;
	if (strlen(text) != len)
		return hf_err_set(err, HF_E_SHAPE, "%s holds a zero byte: it is not a settings file", path);
	rc = hf_conf_read(text, rows, n_rows, &why);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s: %s", path, why.text);
}

/* All rows of a file; the last of them is `log`. */
static enum hf_rc read_rows(const char *path, const struct hf_conf_row *rows, size_t n_rows, struct hf_err *err)
{
	enum hf_log_level level;
	enum hf_rc rc = read_file(path, rows, n_rows, err);

	return rc == HF_OK ? hf_log_level_named(rows[n_rows - 1].ret, &level, err) : rc;
}

enum hf_rc hf_agent_conf_read(const char *path, struct hf_agent_conf *ret_conf, struct hf_err *err)
{
	struct hf_agent_conf conf = {0};
	struct hf_conf_row rows[AGENT_ROWS];
	enum hf_rc rc;

	agent_rows(&conf, rows);
	rc = read_rows(path, rows, AGENT_ROWS, err);
	if (rc == HF_OK)
		*ret_conf = conf;
	return rc;
}

enum hf_rc hf_link_conf_read(const char *path, struct hf_link_conf *ret_conf, struct hf_err *err)
{
	struct hf_link_conf conf = {0};
	struct hf_conf_row rows[LINK_ROWS];
	enum hf_rc rc;

	link_rows(&conf, rows);
	rc = read_rows(path, rows, LINK_ROWS, err);
	if (rc == HF_OK && (!hf_id_ok(conf.device) || !hf_id_ok(conf.council)))
		rc = hf_err_set(err, HF_E_SHAPE, "%s: device and council are made of a-z, 0-9 and -", path);
	if (rc == HF_OK && conf.protocol != 5 && conf.protocol != 311)
		rc = hf_err_set(err, HF_E_SHAPE, "%s: protocol is 5 or 311 (MQTT 5 or 3.1.1)", path);
	if (rc == HF_OK)
		*ret_conf = conf;
	return rc;
}

void hf_agent_conf_print(FILE *out, struct hf_agent_conf *conf)
{
	struct hf_conf_row rows[AGENT_ROWS];

	agent_rows(conf, rows);
	hf_conf_print(out, rows, AGENT_ROWS);
}

void hf_link_conf_print(FILE *out, struct hf_link_conf *conf)
{
	struct hf_conf_row rows[LINK_ROWS];

	link_rows(conf, rows);
	hf_conf_print(out, rows, LINK_ROWS);
}
