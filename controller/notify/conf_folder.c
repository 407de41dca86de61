/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of a folder of settings that have secrets.
 * Must never take a file that others could have read, or leave what it said in memory.
 */
#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/conf.h>
#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/notify/conf_folder.h"

#define ENDING ".conf"
#define PATH_SIZE 400

/* NAME of NAME.conf; false: it is no file of settings. */
static bool name_of_conf(const char *file, char ret[HF_ID_SIZE])
{
	size_t len = strlen(file), end = strlen(ENDING);
	return len > end && strcmp(file + len - end, ENDING) == 0 &&
	       hf_str_printf(ret, HF_ID_SIZE, "%.*s", (int)(len - end), file) == HF_OK && hf_id_ok(ret);
}

static enum hf_rc read_conf(const char *path, const char *name, hf_conf_file_fn fn, void *arg, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct hf_err why = {""};
	enum hf_rc rc = hf_fs_guarded(path, NULL, S_IRWXG | S_IRWXO, &why);
	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_CONF_FILE_MAX, &text, &len, &why);
	if (rc == HF_OK)
		rc = fn(arg, name, text, &why);
	if (text)
		OPENSSL_cleanse(text, len);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%.120s: %s", path, why.text);
}

enum hf_rc hf_conf_folder_each(const char *folder, hf_conf_file_fn fn, void *arg, struct hf_err *err)
{
	struct dirent **files = NULL;
	int n = scandir(folder, &files, NULL, alphasort);
	enum hf_rc rc = HF_OK;
	if (n < 0 && errno != ENOENT)
		return hf_err_set(err, HF_E_SYSTEM, "%.120s cannot be read: %s", folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		char name[HF_ID_SIZE], path[PATH_SIZE];
		if (rc == HF_OK && name_of_conf(files[i]->d_name, name)) {
			rc = hf_str_printf(path, sizeof(path), "%s/%s", folder, files[i]->d_name);
			rc = rc == HF_OK ? read_conf(path, name, fn, arg, err) : hf_err_set(err, rc, "%.120s: its name is too long", folder);
		}
		free(files[i]);
	}
	free(files);
	return rc;
}

void hf_conf_keep_back(char *text, size_t size)
{
	bool there = text[0];
	OPENSSL_cleanse(text, size);
	if (there)
		(void)!hf_str_copy(text, size, "(kept back)");
}
