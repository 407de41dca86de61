/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of the settings of holdfast-joind.
 * Must never name a key of the council.
 */
#include "controller/join/join_conf.h"

#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#define ROWS_MAX 16

/* clang-format off */
static size_t rows_for(struct hf_join_conf *c, struct hf_conf_row rows[ROWS_MAX])
{
	const struct hf_conf_row all[] = {
		{ "listen.address",    HF_CONF_TEXT, 0, 63,    "",                       c->address },
		{ "listen.port",       HF_CONF_INT,  1, 65535, "8884",                   &c->port },
		{ "tls.certificate",   HF_CONF_PATH, 1, 255,   HF_ETC "/join/joind.crt", c->certificate },
		{ "tls.key",           HF_CONF_PATH, 1, 255,   HF_ETC "/join/joind.key", c->key },
		{ "state.folder",      HF_CONF_PATH, 1, 200,   HF_JOIN_STATE,            c->state },
		{ "socket.path",       HF_CONF_PATH, 1, 107,   HF_JOIN_SOCKET,           c->socket },
		{ "socket.group",      HF_CONF_TEXT, 0, 32,    "",                       c->group },
		{ "controller.socket", HF_CONF_PATH, 1, 107,   HF_CONTROLLER_SOCKET,     c->controller },
		{ "retry_s",           HF_CONF_INT,  1, 3600,  "30",                     &c->retry_s },
		{ "log.level",         HF_CONF_INT,  3, 7,     "5",                      &c->log_level },
	};
	memcpy(rows, all, sizeof(all));
	return HF_LEN(all);
}
/* clang-format on */

enum hf_rc hf_join_conf_read(const char *path, struct hf_join_conf *ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_join_conf conf;
	struct hf_conf_row rows[ROWS_MAX];
	struct hf_err why = {""};
	size_t len = 0, n = rows_for(&conf, rows);
	enum hf_rc rc = hf_fs_read(path, HF_CONF_FILE_MAX, &text, &len, &why);

	if (rc == HF_OK)
		rc = hf_conf_read(text, rows, n, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s: %s", path, why.text);
	*ret = conf;
	return HF_OK;
}

void hf_join_conf_print(FILE *out, const struct hf_join_conf *conf)
{
	struct hf_join_conf shown = *conf;
	struct hf_conf_row rows[ROWS_MAX];

	hf_conf_print(out, rows, rows_for(&shown, rows));
}
