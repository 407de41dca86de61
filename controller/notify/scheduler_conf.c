/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of the settings of a scheduler.
 * Must never print its key: whoever has it can post.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "controller/notify/conf_folder.h"
#include "controller/notify/notify_conf.h"
#include "controller/notify/scheduler_conf.h"

#define ROWS_MAX 8
#define FORM "postiz" /* the one interface that is spoken */

/* clang-format off */
static size_t scheduler_rows(struct hf_scheduler_conf *c, char form[HF_CONF_TEXT_SIZE], const char *proxy,
			     struct hf_conf_row rows[ROWS_MAX])
{
	const struct hf_conf_row all[] = {
		{ "form",     HF_CONF_TEXT, 1, 16,              FORM,         form },
		{ "url",      HF_CONF_LONG, 9, 800,             NULL,         c->url },
		{ "key",      HF_CONF_TEXT, 1, 255,             NULL,         c->key },
		{ "ca",       HF_CONF_PATH, 1, 255,             HF_NOTIFY_CA, c->ca },
		{ "proxy",    HF_CONF_TEXT, 0, 255,             proxy,        c->proxy },
		{ "requests", HF_CONF_INT,  3, HF_REQUESTS_MAX, "30",         &c->requests },
	};
	memcpy(rows, all, sizeof(all));
	return HF_LEN(all);
}
/* clang-format on */

static enum hf_rc settle_scheduler(struct hf_scheduler_conf *conf, const char *form, struct hf_err *err)
{
	size_t len = strlen(conf->url);
	if (strcmp(form, FORM) != 0)
		return hf_err_set(err, HF_E_SHAPE, "form must be " FORM);
	if (strncmp(conf->url, "https://", 8) != 0 || strpbrk(conf->url, " \"<>?#"))
		return hf_err_set(err, HF_E_SHAPE, "url must begin with https://, and end with /public/v1");
	if (conf->url[len - 1] == '/')
		conf->url[len - 1] = '\0';
	for (const char *at = conf->key; *at; at++)
		if (*at <= ' ' || *at > '~')
			return hf_err_set(err, HF_E_SHAPE, "key has a character that no key has");
	return HF_OK;
}

struct scheduler_confs_reading {
	const char *proxy;
	struct hf_scheduler_confs *confs;
};

static enum hf_rc take_scheduler(void *arg, const char *name, const char *text, struct hf_err *err)
{
	struct scheduler_confs_reading *reading = arg;
	struct hf_scheduler_conf conf = {.requests = 0};
	struct hf_conf_row rows[ROWS_MAX];
	char form[HF_CONF_TEXT_SIZE];
	size_t n = scheduler_rows(&conf, form, reading->proxy, rows);
	enum hf_rc rc;
	if (reading->confs->n == HF_SCHEDULERS_RUN_MAX)
		return hf_err_set(err, HF_E_SIZE, "more than %d schedulers", HF_SCHEDULERS_RUN_MAX);
	rc = hf_conf_read(text, rows, n, err);
	if (rc == HF_OK)
		rc = settle_scheduler(&conf, form, err);
	if (rc == HF_OK && hf_str_copy(conf.name, sizeof(conf.name), name) == HF_OK)
		reading->confs->v[reading->confs->n++] = conf;
	OPENSSL_cleanse(&conf, sizeof(conf));
	return rc;
}

enum hf_rc hf_scheduler_confs_read(const char *folder, const char *proxy, struct hf_scheduler_confs *ret, struct hf_err *err)
{
	struct scheduler_confs_reading reading = {proxy, ret};
	return hf_conf_folder_each(folder, take_scheduler, &reading, err);
}

void hf_scheduler_conf_print(FILE *out, const struct hf_scheduler_conf *conf)
{
	struct hf_scheduler_conf shown = *conf;
	struct hf_conf_row rows[ROWS_MAX];
	char form[HF_CONF_TEXT_SIZE] = FORM;
	size_t n = scheduler_rows(&shown, form, "", rows);
	hf_conf_keep_back(shown.key, sizeof(shown.key));
	fprintf(out, "\n# scheduler %s\n", conf->name);
	hf_conf_print(out, rows, n);
}
