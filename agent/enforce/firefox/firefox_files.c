/* SPDX-License-Identifier: MIT */
/*
 * Owns our files in Firefox's folder of system settings.
 * Must never lose a file of another vendor, nor be without one of the two while something is blocked.
 */
#include "agent/enforce/firefox/firefox_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/traces.h"

#define ENGINE "holdfast.cfg"
#define LOCK "holdfast.json"
#define PREFS "defaults/pref"
#define PREF PREFS "/!holdfast.js" /* of several files the first in name has the last word */
#define POLICIES "policies/policies.json"
#define THEIRS "policies/.holdfast-theirs.json"
#define PREF_FILES_MAX 256 /* a machine has a handful */

static const char PREF_TEXT[] = "// Holdfast: the first line is not read.\n"
				"pref(\"general.config.filename\", \"" ENGINE "\");\n"
				"pref(\"general.config.obscure_value\", 0);\n"
				"pref(\"general.config.sandbox_enabled\", false);\n";

/* Paths ------------------------------------------------------------------------------------------------------------ */

static enum hf_rc path_below(const char *folder, const char *name, char path[PATH_MAX], struct hf_err *err)
{
	if (hf_str_printf(path, PATH_MAX, "%s/%s", folder, name) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "The path of %s in %.100s... is too long", name, folder);
}

/* NULL when it is not there or cannot be read. */
static char *text_in(const char *folder, const char *name, size_t *ret_len)
{
	char path[PATH_MAX];
	char *text = NULL;
	struct hf_err ignored = {""};
	if (path_below(folder, name, path, &ignored) != HF_OK ||
	    hf_fs_read(path, HF_FIREFOX_FILE_MAX, &text, ret_len, &ignored) != HF_OK)
		return NULL;
	return text;
}

static bool there(const char *folder, const char *name, struct stat *st)
{
	char path[PATH_MAX];
	struct hf_err ignored = {""};
	return path_below(folder, name, path, &ignored) == HF_OK && lstat(path, st) == 0;
}

/* With the text that it should have, and readable for every person's browser. */
static bool stands(const struct hf_firefox_files *files, const char *name, const char *want)
{
	char path[PATH_MAX];
	return path_below(files->folder, name, path, NULL) == HF_OK && hf_fs_holds(path, want, strlen(want), 0644);
}

static enum hf_rc replace_file(const struct hf_firefox_files *files, const char *name, const char *text,
			       struct hf_err *err)
{
	char path[PATH_MAX];
	enum hf_rc rc = path_below(files->folder, name, path, err);
	return rc == HF_OK ? hf_fs_replace(path, text, strlen(text), 0644, err) : rc;
}

static enum hf_rc drop_file(const struct hf_firefox_files *files, const char *name, struct hf_err *err)
{
	char path[PATH_MAX];
	enum hf_rc rc = path_below(files->folder, name, path, err);
	if (rc == HF_OK && unlink(path) != 0 && errno != ENOENT)
		rc = hf_err_set(err, HF_E_SYSTEM, "%s cannot be removed: %s", path, strerror(errno));
	return rc;
}

static void sync_places(const struct hf_firefox_files *files)
{
	for (int i = 0; i < HF_FIREFOX_FOLDERS; i++) {
		hf_auto_fd int fd = open(files->places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)
			fsync(fd);
	}
}

static void note_found(struct hf_firefox_files *files, const char *name)
{
	snprintf(files->found, sizeof(files->found),
		 "Firefox's file %.100s/%s had been removed or changed; it was put right", files->folder, name);
}

/* What stands there was this and is to be that, which is taken over. */
static enum hf_rc keep_file(struct hf_firefox_files *files, const char *name, char **was, char *want,
			    struct hf_err *err)
{
	if (*was && !stands(files, name, *was))
		note_found(files, name);
	enum hf_rc rc = stands(files, name, want) ? HF_OK : replace_file(files, name, want, err);
	free(rc == HF_OK ? *was : want);
	if (rc == HF_OK)
		*was = want;
	return rc;
}

/* What is there for good ------------------------------------------------------------------------------------------- */

static int last_first(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a);
}

/* As Firefox reads them: from the last in name to the first, so that the first has the last word. */
static void read_prefs(const char *folder, struct hf_firefox_auto *found)
{
	char path[PATH_MAX];
	char *names[PREF_FILES_MAX];
	size_t n = 0;
	struct hf_err ignored = {""};
	struct dirent *entry;
	DIR *dir = path_below(folder, PREFS, path, &ignored) == HF_OK ? opendir(path) : NULL;
	while (dir && n < PREF_FILES_MAX && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		if (dot && strcmp(dot, ".js") == 0 && strcmp(entry->d_name, strrchr(PREF, '/') + 1) != 0 &&
		    (names[n] = strdup(entry->d_name)))
			n++;
	}
	if (dir)
		closedir(dir);
	if (n > 0)
		qsort(names, n, sizeof(*names), last_first);
	for (size_t i = 0; i < n; i++) {
		size_t len;
		hf_auto_free char *text = text_in(path, names[i], &len);
		if (text)
			hf_firefox_auto_read(text, found);
		free(names[i]);
	}
}

static enum hf_rc engine_text(const struct hf_firefox_files *files, char **ret, struct hf_err *err)
{
	struct hf_firefox_auto found = {.name = "", .shift = HF_FIREFOX_SHIFT};
	struct stat st;
	char lock[PATH_MAX];
	char policies[PATH_MAX];
	char theirs[PATH_MAX] = "";
	read_prefs(files->install, &found);
	read_prefs(files->folder, &found);
	enum hf_rc rc = path_below(files->folder, LOCK, lock, err);
	if (rc == HF_OK)
		rc = path_below(files->folder, POLICIES, policies, err);
	if (rc == HF_OK && found.name[0] && strcmp(found.name, ENGINE) != 0)
		rc = path_below(there(files->install, found.name, &st) ? files->install : files->folder, found.name,
				theirs, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_firefox_paths paths = {lock, files->socket, policies, theirs, found.shift};
	if (hf_firefox_engine(&paths, ret) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "No memory for what Firefox is to run");
	return HF_OK;
}

enum hf_rc hf_firefox_files_base(struct hf_firefox_files *files, struct hf_err *err)
{
	hf_auto_free char *engine = NULL;
	enum hf_rc rc = HF_OK;
	for (int i = 0; rc == HF_OK && i < HF_FIREFOX_FOLDERS; i++)
		rc = hf_traces_folder(files->places[i], err);
	if (rc == HF_OK)
		rc = engine_text(files, &engine, err);
	if (rc != HF_OK)
		return rc;
	if (files->engine && !stands(files, ENGINE, files->engine))
		note_found(files, ENGINE);
	if (!stands(files, ENGINE, engine))
		rc = replace_file(files, ENGINE, engine, err);
	if (rc == HF_OK && !stands(files, PREF, PREF_TEXT)) {
		if (files->engine)
			note_found(files, PREF);
		rc = replace_file(files, PREF, PREF_TEXT, err);
	}
	if (rc == HF_OK) {
		free(files->engine);
		files->engine = hf_steal_ptr(&engine);
	}
	return rc;
}

/* Policies --------------------------------------------------------------------------------------------------------- */

/* To take ours for theirs would keep it for ever, so whoever cannot tell does nothing. */
static enum hf_rc policies_are_ours(const struct hf_firefox_files *files, bool *ret_ours, struct hf_err *err)
{
	char path[PATH_MAX];
	hf_auto_free char *text = NULL;
	size_t len;
	enum hf_rc rc = path_below(files->folder, POLICIES, path, err);
	*ret_ours = false;
	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_FIREFOX_FILE_MAX, &text, &len, err);
	if (rc == HF_OK)
		rc = hf_firefox_policies_ours(text, len, ret_ours);
	if (rc != HF_E_MEMORY)
		return HF_OK;
	return hf_err_set(err, rc, "No memory to see whose Firefox's policies are");
}

/* Theirs is kept under another name, with all that a file has; a crash leaves both names or the first. */
static enum hf_rc put_aside(const struct hf_firefox_files *files, struct hf_err *err)
{
	char path[PATH_MAX];
	char aside[PATH_MAX];
	struct stat now, kept;
	bool ours;
	if (!there(files->folder, POLICIES, &now))
		return HF_OK;
	enum hf_rc rc = policies_are_ours(files, &ours, err);
	if (rc != HF_OK || ours)
		return rc;
	if (there(files->folder, THEIRS, &kept) && kept.st_ino == now.st_ino && kept.st_dev == now.st_dev)
		return HF_OK;
	rc = drop_file(files, THEIRS, err);
	if (rc == HF_OK)
		rc = path_below(files->folder, POLICIES, path, err);
	if (rc == HF_OK)
		rc = path_below(files->folder, THEIRS, aside, err);
	if (rc != HF_OK)
		return rc;
	/* A disk without second names: then there is a moment with none. */
	if (link(path, aside) != 0 && rename(path, aside) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s cannot be put aside: %s", path, strerror(errno));
	sync_places(files);
	return HF_OK;
}

/* What cannot be read blocks nothing in Firefox either, unless it cannot be read for want of memory. */
static enum hf_rc read_theirs(const char *folder, const char *name, char **ret_text, size_t *ret_len)
{
	char path[PATH_MAX];
	struct hf_err ignored = {""};
	enum hf_rc rc = path_below(folder, name, path, &ignored);
	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_FIREFOX_FILE_MAX, ret_text, ret_len, &ignored);
	return rc == HF_E_MEMORY ? rc : HF_OK;
}

static enum hf_rc put_policies(struct hf_firefox_files *files, const struct hf_strs *addresses, struct hf_err *err)
{
	struct hf_firefox_text theirs = {NULL, 0};
	hf_auto_free char *text = NULL;
	char *want = NULL;
	struct stat st;
	enum hf_rc rc = put_aside(files, err);
	if (rc != HF_OK)
		return rc;
	/* Where /etc has none, Firefox reads the one of its own folder; ours would hide it. */
	rc = there(files->folder, THEIRS, &st)
		     ? read_theirs(files->folder, THEIRS, &text, &theirs.len)
		     : read_theirs(files->install, "distribution/policies.json", &text, &theirs.len);
	theirs.text = text;
	if (rc != HF_OK || hf_firefox_policies(&theirs, addresses, &want) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "No memory for Firefox's policies");
	return keep_file(files, POLICIES, &files->policies, want, err);
}

static enum hf_rc restore_policies(struct hf_firefox_files *files, struct hf_err *err)
{
	char path[PATH_MAX];
	char aside[PATH_MAX];
	struct stat st;
	enum hf_rc rc = path_below(files->folder, POLICIES, path, err);
	if (rc == HF_OK)
		rc = path_below(files->folder, THEIRS, aside, err);
	if (rc != HF_OK)
		return rc;
	bool ours;
	rc = policies_are_ours(files, &ours, err);
	if (rc != HF_OK)
		return rc;
	ours = ours || !there(files->folder, POLICIES, &st);
	bool kept = there(files->folder, THEIRS, &st);
	if (ours && kept && rename(aside, path) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s cannot be moved back: %s", path, strerror(errno));
	if (ours && !kept)
		rc = drop_file(files, POLICIES, err);
	/* They have written another one meanwhile: that is theirs now. */
	if (!ours && kept)
		rc = drop_file(files, THEIRS, err);
	if (rc != HF_OK)
		return rc;
	free(files->policies);
	files->policies = NULL;
	return HF_OK;
}

/* Block and release ------------------------------------------------------------------------------------------------ */

static enum hf_rc put_lock(struct hf_firefox_files *files, const char *lock, struct hf_err *err)
{
	char *want = strdup(lock);
	if (!want)
		return hf_err_set(err, HF_E_MEMORY, "No memory for what Firefox is told");
	return keep_file(files, LOCK, &files->lock, want, err);
}

enum hf_rc hf_firefox_files_put(struct hf_firefox_files *files, const char *lock, const struct hf_strs *addresses,
				struct hf_err *err)
{
	enum hf_rc rc = hf_firefox_files_base(files, err);
	if (rc == HF_OK)
		rc = put_lock(files, lock, err);
	if (rc == HF_OK)
		rc = addresses->n > 0 ? put_policies(files, addresses, err) : restore_policies(files, err);
	return rc;
}

enum hf_rc hf_firefox_files_clear(struct hf_firefox_files *files, struct hf_err *err)
{
	enum hf_rc rc = restore_policies(files, err);
	if (rc == HF_OK)
		rc = drop_file(files, LOCK, err);
	if (rc != HF_OK)
		return rc;
	free(files->lock);
	files->lock = NULL;
	sync_places(files);
	return HF_OK;
}

/* What a life that was killed while it wrote left beside our files. */
static void sweep(const struct hf_firefox_files *files)
{
	static const char *const names[] = {ENGINE, LOCK, PREF, POLICIES};
	char path[PATH_MAX];
	for (size_t i = 0; i < HF_LEN(names); i++) {
		if (path_below(files->folder, names[i], path, NULL) == HF_OK)
			hf_fs_sweep(path);
	}
}

/* A life that ended between putting theirs aside and writing ours: what they write from now on is theirs. */
static enum hf_rc forget_stale(const struct hf_firefox_files *files, struct hf_err *err)
{
	struct stat st;
	bool ours = true;
	enum hf_rc rc = HF_OK;
	if (there(files->folder, THEIRS, &st) && there(files->folder, POLICIES, &st))
		rc = policies_are_ours(files, &ours, err);
	return rc == HF_OK && !ours ? drop_file(files, THEIRS, err) : rc;
}

/* Life ------------------------------------------------------------------------------------------------------------- */

static enum hf_rc set_places(struct hf_firefox_files *files, const char *folder, struct hf_err *err)
{
	static const char *const below[HF_FIREFOX_FOLDERS] = {"", ("/" PREFS), "/policies"};
	enum hf_rc rc = hf_str_copy(files->folder, sizeof(files->folder), folder);
	for (int i = 0; rc == HF_OK && i < HF_FIREFOX_FOLDERS; i++)
		rc = hf_str_printf(files->places[i], sizeof(files->places[i]), "%s%s", folder, below[i]);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "A path of Firefox's settings is too long: %.100s...", folder);
}

enum hf_rc hf_firefox_files_open(struct hf_firefox_files *files, const char *folder, const char *install,
				 const char *socket, struct hf_err *err)
{
	struct hf_firefox_files fresh = {.engine = NULL};
	size_t len;
	enum hf_rc rc = set_places(&fresh, folder, err);
	if (rc == HF_OK && (hf_str_copy(fresh.install, sizeof(fresh.install), install) != HF_OK ||
			    hf_str_copy(fresh.socket, sizeof(fresh.socket), socket) != HF_OK))
		rc = hf_err_set(err, HF_E_SIZE, "A path of Firefox's settings is too long: %.100s...", install);
	if (rc != HF_OK)
		return rc;
	sweep(&fresh);
	rc = hf_firefox_files_base(&fresh, err);
	if (rc == HF_OK)
		rc = forget_stale(&fresh, err);
	if (rc != HF_OK) {
		hf_firefox_files_close(&fresh);
		return rc;
	}
	fresh.lock = text_in(folder, LOCK, &len);
	*files = fresh;
	return HF_OK;
}

enum hf_rc hf_firefox_files_forget(const char *folder, struct hf_err *err)
{
	static const char *const names[] = {PREF, ENGINE};
	struct hf_firefox_files files = {.engine = NULL};
	enum hf_rc rc = set_places(&files, folder, err);
	if (rc == HF_OK)
		rc = hf_firefox_files_clear(&files, err);
	for (size_t i = 0; rc == HF_OK && i < HF_LEN(names); i++)
		rc = hf_fs_remove_in(folder, names[i], err);
	for (int i = HF_FIREFOX_FOLDERS; i-- > 0;)
		hf_traces_clear(files.places[i]);
	return rc;
}

void hf_firefox_files_close(struct hf_firefox_files *files)
{
	free(files->engine);
	free(files->lock);
	free(files->policies);
	files->engine = files->lock = files->policies = NULL;
}
