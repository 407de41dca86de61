/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of the settings of a hook.
 * Must never print a secret or an address that is one, or take a file that others could have read.
 */
#include <dirent.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/fs.h>

#include "controller/notify/cap.h"
#include "controller/notify/hook_conf.h"
#include "controller/notify/hook_sign.h"
#include "controller/notify/notify_conf.h"

#define ROWS_MAX 12
#define ENDING ".conf"
#define PATH_SIZE 400
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

static enum hf_rc read_hook(const char *path, const char *proxy, struct hf_hook_conf *ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_conf_row rows[ROWS_MAX];
	char form[FORM_SIZE];
	size_t len = 0, n = rows_of(ret, form, proxy, rows);
	enum hf_rc rc = hf_fs_guarded(path, NULL, S_IRWXG | S_IRWXO, err);
	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_CONF_FILE_MAX, &text, &len, err);
	if (rc == HF_OK)
		rc = hf_conf_read(text, rows, n, err);
	if (rc == HF_OK)
		rc = settle_hook(ret, form, err);
	if (text)
		OPENSSL_cleanse(text, len);
	return rc;
}

/* NAME of NAME.conf; false: it is no file of a hook. */
static bool name_of(const char *file, char ret[HF_ID_SIZE])
{
	size_t len = strlen(file), end = strlen(ENDING);
	return len > end && strcmp(file + len - end, ENDING) == 0 &&
	       hf_str_printf(ret, HF_ID_SIZE, "%.*s", (int)(len - end), file) == HF_OK && hf_id_ok(ret);
}

static enum hf_rc add_hook(const char *folder, const char *file, const char *proxy, struct hf_hook_confs *confs,
			   struct hf_err *err)
{
	struct hf_hook_conf conf = {.form = HF_HOOK_FORM_COUNT};
	char path[PATH_SIZE];
	struct hf_err why = {""};
	enum hf_rc rc;
	if (!name_of(file, conf.name))
		return HF_OK;
	if (confs->n == HF_HOOKS_RUN_MAX)
		return hf_err_set(err, HF_E_SIZE, "%s: more than %d hooks", folder, HF_HOOKS_RUN_MAX);
	rc = hf_str_printf(path, sizeof(path), "%s/%s", folder, file);
	if (rc == HF_OK)
		rc = read_hook(path, proxy, &conf, &why);
	if (rc == HF_OK)
		confs->v[confs->n++] = conf;
	OPENSSL_cleanse(&conf, sizeof(conf));
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%.120s: %s", path, why.text);
}

enum hf_rc hf_hook_confs_read(const char *folder, const char *proxy, struct hf_hook_confs *ret, struct hf_err *err)
{
	struct dirent **files = NULL;
	int n = scandir(folder, &files, NULL, alphasort);
	enum hf_rc rc = HF_OK;
	for (int i = 0; i < n; i++) {
		if (rc == HF_OK)
			rc = add_hook(folder, files[i]->d_name, proxy, ret, err);
		free(files[i]);
	}
	free(files);
	return rc;
}

static void keep_back(char *text, size_t size)
{
	bool there = text[0];
	OPENSSL_cleanse(text, size);
	if (there)
		(void)!hf_str_copy(text, size, "(kept back)");
}

void hf_hook_conf_print(FILE *out, const struct hf_hook_conf *conf)
{
	struct hf_hook_conf shown_conf = *conf;
	struct hf_conf_row rows[ROWS_MAX];
	char form[FORM_SIZE];
	size_t n = rows_of(&shown_conf, form, "", rows);
	(void)!hf_str_copy(form, sizeof(form), hf_hook_form_name(conf->form));
	keep_back(shown_conf.url, sizeof(shown_conf.url));
	keep_back(shown_conf.secret, sizeof(shown_conf.secret));
	fprintf(out, "\n# hook %s\n", conf->name);
	hf_conf_print(out, rows, n);
}
