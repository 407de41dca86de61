/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of the settings of a hook.
 * Must never print a secret or an address that is one, or take a file that others could have read.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "controller/notify/cap.h"
#include "controller/notify/conf_folder.h"
#include "controller/notify/hook_conf.h"
#include "controller/notify/hook_sign.h"
#include "controller/notify/notify_conf.h"

#define ROWS_MAX 12
#define FORM_SIZE HF_CONF_TEXT_SIZE
#define RESTRICTION "The council's officers and staff, and those whom they alert"

/* clang-format off */
static size_t rows_of(struct hf_hook_conf *c, char form[FORM_SIZE], const char *proxy, struct hf_conf_row rows[ROWS_MAX])
{
	const struct hf_conf_row all[] = {
		{ "form",        HF_CONF_TEXT, 1, 16,   NULL,         form },
		{ "url",         HF_CONF_LONG, 0, 1000, "",           c->url },
		{ "folder",      HF_CONF_PATH, 0, 255,  "",           c->folder },
		{ "secret",      HF_CONF_TEXT, 0, 255,  "",           c->secret },
		{ "ca",          HF_CONF_PATH, 1, 255,  HF_NOTIFY_CA, c->ca },
		{ "proxy",       HF_CONF_TEXT, 0, 255,  proxy,        c->proxy },
		{ "sender",      HF_CONF_TEXT, 0, 200,  "",           c->sender },
		{ "restriction", HF_CONF_TEXT, 1, 255,  RESTRICTION,  c->restriction },
	};
	memcpy(rows, all, sizeof(all));
	return HF_LEN(all);
}
/* clang-format on */

static enum hf_rc settle_url(const struct hf_hook_conf *conf, struct hf_err *err)
{
	bool needs = conf->form == HF_HOOK_EVENT || conf->form == HF_HOOK_CAP;
	if (strncmp(conf->url, "https://", 8) != 0 || strpbrk(conf->url, " \"<>"))
		return hf_err_set(err, HF_E_SHAPE, "url must begin with https://");
	if (needs && !conf->secret[0])
		return hf_err_set(err, HF_E_SHAPE, "secret is missing: who gets these messages must be able to tell that they are yours");
	return conf->secret[0] ? hf_hook_secret_ok(conf->secret, err) : HF_OK;
}

static enum hf_rc settle_hook(struct hf_hook_conf *conf, const char *form, struct hf_err *err)
{
	conf->form = hf_hook_form_from_name(form);
	if (conf->form == HF_HOOK_FORM_COUNT)
		return hf_err_set(err, HF_E_SHAPE, "form must be event, teams, slack or cap");
	if (!conf->url[0] == !conf->folder[0])
		return hf_err_set(err, HF_E_SHAPE, "give url or folder, one of the two");
	if (conf->form == HF_HOOK_CAP && hf_cap_word_ok(conf->sender, err) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "sender of an alert is a name without blank, comma, < and &, such as "
						   "holdfast@council.gov.uk");
	return conf->url[0] ? settle_url(conf, err) : HF_OK;
}

/* Where they are put. */
struct hook_confs_reading {
	const char *proxy;
	struct hf_hook_confs *confs;
};

static enum hf_rc take_hook(void *arg, const char *name, const char *text, struct hf_err *err)
{
	struct hook_confs_reading *reading = arg;
	struct hf_hook_conf conf = {.form = HF_HOOK_FORM_COUNT};
	struct hf_conf_row rows[ROWS_MAX];
	char form[FORM_SIZE];
	size_t n = rows_of(&conf, form, reading->proxy, rows);
	enum hf_rc rc;
	if (reading->confs->n == HF_HOOKS_RUN_MAX)
		return hf_err_set(err, HF_E_SIZE, "more than %d hooks", HF_HOOKS_RUN_MAX);
	rc = hf_conf_read(text, rows, n, err);
	if (rc == HF_OK)
		rc = settle_hook(&conf, form, err);
	if (rc == HF_OK && hf_str_copy(conf.name, sizeof(conf.name), name) == HF_OK)
		reading->confs->v[reading->confs->n++] = conf;
	OPENSSL_cleanse(&conf, sizeof(conf));
	return rc;
}

enum hf_rc hf_hook_confs_read(const char *folder, const char *proxy, struct hf_hook_confs *ret, struct hf_err *err)
{
	struct hook_confs_reading reading = {proxy, ret};
	return hf_conf_folder_each(folder, take_hook, &reading, err);
}

void hf_hook_conf_print(FILE *out, const struct hf_hook_conf *conf)
{
	struct hf_hook_conf shown_conf = *conf;
	struct hf_conf_row rows[ROWS_MAX];
	char form[FORM_SIZE];
	size_t n = rows_of(&shown_conf, form, "", rows);
	(void)!hf_str_copy(form, sizeof(form), hf_hook_form_name(conf->form));
	hf_conf_keep_back(shown_conf.url, sizeof(shown_conf.url));
	hf_conf_keep_back(shown_conf.secret, sizeof(shown_conf.secret));
	fprintf(out, "\n# hook %s\n", conf->name);
	hf_conf_print(out, rows, n);
}
