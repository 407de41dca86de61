/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of the settings of holdfast-notify.
 * Must never print the password, or take settings that others could have written.
 */
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/notify/notify_conf.h"
#include "controller/telling/mail_address.h"

#define ROWS_MAX 16
#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

/* clang-format off */
static size_t rows_of(struct hf_notify_conf *c, struct hf_conf_row rows[ROWS_MAX])
{
	const struct hf_conf_row all[] = {
		{ "controller.socket", HF_CONF_PATH, 1, 107,   HF_CONTROLLER_SOCKET, c->socket },
		{ "mail.host",         HF_CONF_TEXT, 1, 253,   NULL,                 c->host },
		{ "mail.port",         HF_CONF_INT,  1, 65535, "587",                &c->port },
		{ "mail.tls",          HF_CONF_TEXT, 1, 16,    "starttls",           c->tls },
		{ "mail.ca",           HF_CONF_PATH, 1, 255,   SYSTEM_CA,            c->ca },
		{ "mail.user",         HF_CONF_TEXT, 0, 255,   "",                   c->user },
		{ "mail.password",     HF_CONF_TEXT, 0, 255,   "",                   c->password },
		{ "mail.from",         HF_CONF_TEXT, 3, 255,   NULL,                 c->from },
		{ "log.level",         HF_CONF_INT,  3, 7,     "5",                  &c->log_level },
	};
	memcpy(rows, all, sizeof(all));
	return HF_LEN(all);
}
/* clang-format on */

static enum hf_rc settle(struct hf_notify_conf *conf, struct hf_err *err)
{
	char from[HF_MAIL_SIZE];
	enum hf_rc rc = hf_mail_address(conf->from, from, err);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "mail.from must be an address of e-mail");
	if (strcmp(conf->tls, "starttls") != 0 && strcmp(conf->tls, "implicit") != 0)
		return hf_err_set(err, HF_E_SHAPE, "mail.tls must be starttls or implicit");
	if (strpbrk(conf->host, "/@:?# "))
		return hf_err_set(err, HF_E_SHAPE, "mail.host must be the name of a machine alone");
	if (!conf->user[0] != !conf->password[0])
		return hf_err_set(err, HF_E_SHAPE, "mail.user and mail.password belong together");
	rc = hf_str_copy(conf->from, sizeof(conf->from), from);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "mail.from is too long");
}

enum hf_rc hf_notify_conf_read(const char *path, struct hf_notify_conf *ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_notify_conf conf;
	struct hf_conf_row rows[ROWS_MAX];
	struct hf_err why = {""};
	size_t len = 0, n = rows_of(&conf, rows);
	enum hf_rc rc = hf_fs_guarded(path, NULL, S_IRWXO | S_IWGRP, &why);
	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_CONF_FILE_MAX, &text, &len, &why);
	if (rc == HF_OK)
		rc = hf_conf_read(text, rows, n, &why);
	if (rc == HF_OK)
		rc = settle(&conf, &why);
	if (text)
		OPENSSL_cleanse(text, len);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s: %s", path, why.text);
	*ret = conf;
	return HF_OK;
}

void hf_notify_conf_print(FILE *out, const struct hf_notify_conf *conf)
{
	struct hf_notify_conf shown = *conf;
	struct hf_conf_row rows[ROWS_MAX];
	OPENSSL_cleanse(shown.password, sizeof(shown.password));
	if (conf->password[0])
		(void)!hf_str_copy(shown.password, sizeof(shown.password), "(kept back)");
	hf_conf_print(out, rows, rows_of(&shown, rows));
}
