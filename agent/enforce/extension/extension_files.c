/* SPDX-License-Identifier: MIT */
/*
 * Owns the packed extension of this device, where browsers look for it, and its host's manifests.
 * Must never let anybody but root change what browsers install.
 */
#include "agent/enforce/extension/extension_files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/names.h>
#include <holdfast/paths.h>

#include "agent/enforce/common/traces.h"

#define ZIP_MAX 1048576
#define KEY_MAX 16384
#define KEY_FILE "extension.key"
#define PACKED "holdfast.crx"
#define UPDATES "updates.xml"

/* Beside the agent's program, whether that is installed or stands in a build folder. */
static enum hf_rc beside(const struct hf_enforce_conf *conf, const char *name, char path[PATH_MAX])
{
	const char *slash = strrchr(conf->self, '/');
	return hf_str_printf(path, PATH_MAX, "%.*s/%s", slash ? (int)(slash - conf->self) : 0, conf->self, name);
}

static enum hf_rc zip_path(const struct hf_enforce_conf *conf, char path[PATH_MAX])
{
	enum hf_rc rc = beside(conf, HF_EXTENSION_ZIP, path);
	if (rc == HF_OK && access(path, R_OK) != 0)
		rc = hf_str_copy(path, PATH_MAX, HF_EXTENSION_DATA HF_EXTENSION_ZIP);
	return rc;
}

enum hf_rc hf_extension_files_check(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	char path[PATH_MAX];
	if (zip_path(conf, path) != HF_OK || access(path, R_OK) != 0)
		return hf_err_set(err, HF_E_ABSENT, "The browser extension is not installed (%s)",
				  HF_EXTENSION_DATA HF_EXTENSION_ZIP);
	if (beside(conf, HF_BROWSER_PROGRAM, path) != HF_OK || access(path, X_OK) != 0)
		return hf_err_set(err, HF_E_ABSENT, "The browser extension's program is not installed (%.150s)", path);
	return HF_OK;
}

static enum hf_rc signing_key(const struct hf_enforce_conf *conf, char **ret_pem, struct hf_err *err)
{
	char path[PATH_MAX];
	size_t len;
	if (hf_str_printf(path, sizeof(path), "%s/" KEY_FILE, conf->state) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The path of the agent's memory is too long");
	enum hf_rc rc = hf_fs_read(path, KEY_MAX, ret_pem, &len, err);
	if (rc != HF_E_ABSENT)
		return rc;
	hf_auto_free char *pem = NULL;
	rc = hf_crx_key_make(&pem, err);
	if (rc == HF_OK)
		rc = hf_fs_replace(path, pem, strlen(pem), 0600, err);
	if (rc == HF_OK)
		*ret_pem = hf_steal_ptr(&pem);
	return rc;
}

/* Takes the bytes over. */
static enum hf_rc add_file(struct hf_extension_files *files, char *bytes, size_t len, const char *folder,
			   const char *name)
{
	struct hf_made_file *file = &files->v[files->n];
	if (!bytes)
		return HF_E_MEMORY;
	file->bytes = bytes;
	file->len = len;
	files->n++;
	return hf_str_printf(file->path, sizeof(file->path), "%s/%s", folder, name);
}

static enum hf_rc add_text_file(struct hf_extension_files *files, const char *text, const char *folder,
				const char *name)
{
	char *copy = strdup(text);
	return add_file(files, copy, strlen(text), folder, name);
}

static enum hf_rc add_packed(const struct hf_enforce_conf *conf, const char *pem, struct hf_extension_files *files,
			     struct hf_err *err)
{
	char path[PATH_MAX];
	hf_auto_free char *zip = NULL;
	char *crx = NULL;
	size_t len;
	size_t crx_len;
	enum hf_rc rc = zip_path(conf, path);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of the browser extension is too long");
	rc = hf_fs_read(path, ZIP_MAX, &zip, &len, err);
	if (rc == HF_OK)
		rc = hf_crx_pack(pem, &(struct hf_crx_zip){zip, len}, &crx, &crx_len, err);
	if (rc == HF_OK && add_file(files, crx, crx_len, conf->extension, PACKED) != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "The path of the packed extension is too long");
	return rc;
}

static enum hf_rc add_updates(const struct hf_enforce_conf *conf, struct hf_extension_files *files)
{
	char text[PATH_MAX + 512];
	enum hf_rc rc = hf_str_printf(text, sizeof(text),
				      "<?xml version='1.0' encoding='UTF-8'?>\n"
				      "<gupdate xmlns='http://www.google.com/update2/response' protocol='2.0'>\n"
				      " <app appid='%s'>\n"
				      "  <updatecheck codebase='file://%s/" PACKED "' version='" HF_VERSION "'/>\n"
				      " </app>\n"
				      "</gupdate>\n",
				      files->id, conf->extension);
	if (rc == HF_OK)
		rc = add_text_file(files, text, conf->extension, UPDATES);
	if (rc == HF_OK)
		rc = hf_str_printf(files->updates, sizeof(files->updates), "file://%s/" UPDATES, conf->extension);
	return rc;
}

/* .../policies/managed -> .../native-messaging-hosts */
static enum hf_rc hosts_folder(const char *policies, char folder[PATH_MAX])
{
	size_t len = strlen(policies);
	for (int up = 0; up < 2; up++) {
		while (len > 0 && policies[--len] != '/')
			continue;
	}
	return hf_str_printf(folder, PATH_MAX, "%.*s/native-messaging-hosts", (int)len, policies);
}

static enum hf_rc add_manifest(const struct hf_enforce_conf *conf, const char *policies,
			       struct hf_extension_files *files)
{
	char folder[PATH_MAX];
	char program[PATH_MAX];
	enum hf_rc rc = hosts_folder(policies, folder);
	if (rc == HF_OK)
		rc = beside(conf, HF_BROWSER_PROGRAM, program);
	if (rc != HF_OK)
		return rc;
	hf_auto_json json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:[s++]}", "name", HF_BROWSER_HOST, "description",
					     "Tells the Holdfast extension what is in force", "path", program, "type",
					     "stdio", "allowed_origins", "chrome-extension://", files->id, "/");
	hf_auto_free char *text = NULL;
	rc = hf_json_text(doc, JSON_INDENT(1), &text);
	return rc == HF_OK ? add_text_file(files, text, folder, HF_BROWSER_HOST ".json") : rc;
}

enum hf_rc hf_extension_files_make(const struct hf_enforce_conf *conf, struct hf_extension_files *ret_files,
				   struct hf_err *err)
{
	struct hf_extension_files files = {.n = 0};
	hf_auto_free char *pem = NULL;
	enum hf_rc rc = hf_extension_files_check(conf, err);
	if (rc == HF_OK)
		rc = signing_key(conf, &pem, err);
	if (rc == HF_OK)
		rc = hf_crx_id(pem, files.id, err);
	if (rc == HF_OK)
		rc = add_packed(conf, pem, &files, err);
	if (pem)
		explicit_bzero(pem, strlen(pem));
	if (rc == HF_OK && (rc = add_updates(conf, &files)) != HF_OK)
		hf_err_set(err, rc, "No memory for the browser extension, or the path %.100s is too long",
			   conf->extension);
	for (size_t i = 0; rc == HF_OK && i < HF_POLICY_BROWSERS; i++) {
		if (conf->policies[i] && conf->policies[i][0])
			rc = add_manifest(conf, conf->policies[i], &files);
		if (rc != HF_OK)
			hf_err_set(err, rc, "No memory for the extension's manifest, or the path %.100s is too long",
				   conf->policies[i]);
	}
	if (rc != HF_OK) {
		hf_extension_files_done(&files);
		return rc;
	}
	*ret_files = files;
	return HF_OK;
}

static enum hf_rc put_file(const struct hf_made_file *file, struct hf_err *err)
{
	char folder[PATH_MAX];
	enum hf_rc rc = hf_str_copy(folder, sizeof(folder), file->path);
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	if (rc == HF_OK)
		rc = hf_traces_folder(folder, err);
	return rc == HF_OK ? hf_fs_replace(file->path, file->bytes, file->len, 0644, err) : rc;
}

enum hf_rc hf_extension_files_put(const struct hf_extension_files *files, const char **ret_found, struct hf_err *err)
{
	const char *found = NULL;
	for (size_t i = 0; i < files->n; i++) {
		if (hf_fs_holds(files->v[i].path, files->v[i].bytes, files->v[i].len, 0644))
			continue;
		enum hf_rc rc = put_file(&files->v[i], err);
		if (rc != HF_OK)
			return rc;
		found = files->v[i].path;
	}
	*ret_found = found;
	return HF_OK;
}

enum hf_rc hf_extension_files_forget(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	char folder[PATH_MAX];
	enum hf_rc rc = hf_fs_remove_in(conf->extension, PACKED, err);
	if (rc == HF_OK)
		rc = hf_fs_remove_in(conf->extension, UPDATES, err);
	if (rc == HF_OK)
		rc = hf_fs_remove_in(conf->state, KEY_FILE, err);
	(void)!rmdir(conf->extension);
	for (size_t i = 0; rc == HF_OK && i < HF_POLICY_BROWSERS; i++) {
		if (!conf->policies[i] || !conf->policies[i][0])
			continue;
		if (hosts_folder(conf->policies[i], folder) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "The path %.100s... is too long", conf->policies[i]);
		rc = hf_fs_remove_in(folder, HF_BROWSER_HOST ".json", err);
		hf_traces_clear(folder);
	}
	return rc;
}

void hf_extension_files_done(struct hf_extension_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->v[i].bytes);
	*files = (struct hf_extension_files){.n = 0};
}
