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

#define ROWS_MAX 32
#define GOVUK_URL "https://api.notifications.service.gov.uk"

/* clang-format off */
static size_t rows_of(struct hf_notify_conf *c, struct hf_conf_row rows[ROWS_MAX])
{
	const struct hf_conf_row all[] = {
		{ "controller.socket", HF_CONF_PATH, 1, 107,   HF_CONTROLLER_SOCKET, c->socket },
		{ "mail.host",         HF_CONF_TEXT, 0, 253,   "",                   c->host },
		{ "mail.port",         HF_CONF_INT,  1, 65535, "587",                &c->port },
		{ "mail.tls",          HF_CONF_TEXT, 1, 16,    "starttls",           c->tls },
		{ "mail.ca",           HF_CONF_PATH, 1, 255,   HF_NOTIFY_CA,         c->ca },
		{ "mail.user",         HF_CONF_TEXT, 0, 255,   "",                   c->user },
		{ "mail.password",     HF_CONF_TEXT, 0, 255,   "",                   c->password },
		{ "mail.from",         HF_CONF_TEXT, 0, 255,   "",                   c->from },
		{ "govuk.key",         HF_CONF_PATH, 0, 255,   "",                   c->govuk_key },
		{ "govuk.url",         HF_CONF_TEXT, 9, 255,   GOVUK_URL,            c->govuk_url },
		{ "govuk.ca",          HF_CONF_PATH, 1, 255,   HF_NOTIFY_CA,         c->govuk_ca },
		{ "govuk.mail",        HF_CONF_TEXT, 0, 36,    "",                   c->govuk_mail },
		{ "govuk.sms",         HF_CONF_TEXT, 0, 36,    "",                   c->govuk_sms },
		{ "govuk.subject",     HF_CONF_TEXT, 1, 64,    "subject",            c->govuk_subject },
		{ "govuk.body",        HF_CONF_TEXT, 1, 64,    "body",               c->govuk_body },
		{ "hooks.folder",      HF_CONF_PATH, 1, 200,   HF_ETC "/hooks",      c->hooks },
		{ "schedulers.folder", HF_CONF_PATH, 1, 200,   HF_ETC "/schedulers", c->schedulers },
		{ "https.proxy",       HF_CONF_TEXT, 0, 255,   "",                   c->proxy },
		{ "log.level",         HF_CONF_INT,  3, 7,     "5",                  &c->log_level },
	};
	memcpy(rows, all, sizeof(all));
	return HF_LEN(all);
}
/* clang-format on */

static enum hf_rc settle_mail(struct hf_notify_conf *conf, struct hf_err *err)
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

static enum hf_rc settle(struct hf_notify_conf *conf, struct hf_err *err)
{
	bool govuk = conf->govuk_mail[0] || conf->govuk_sms[0];
	if (govuk && !conf->govuk_key[0])
		return hf_err_set(err, HF_E_SHAPE, "govuk.key is missing: the file that has the API key of GOV.UK Notify");
	if (strncmp(conf->govuk_url, "https://", 8) != 0)
		return hf_err_set(err, HF_E_SHAPE, "govuk.url must begin with https://");
	if (conf->host[0] && conf->govuk_mail[0])
		return hf_err_set(err, HF_E_SHAPE, "e-mail goes by mail.host or by govuk.mail: give one of the two");
	return conf->host[0] ? settle_mail(conf, err) : HF_OK;
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
