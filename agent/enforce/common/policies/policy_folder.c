/* SPDX-License-Identifier: MIT */
/*
 * Owns our files in a folder of managed policies.
 * Must never change, remove or shadow a file of somebody else, nor show a browser half a file.
 */
#include "agent/enforce/common/policies/policy_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/traces.h"

#define FILES_MAX 1024	       /* policy files of others; a machine has a handful */
#define FILE_MAX_BYTES 4194304 /* of one of them */
#define NEUTRAL "{}\n"
#define TEMP ".holdfast-lockdown.tmp"

/* The policy files of others, in the order in which browsers rank them. */
struct others {
	struct hf_policy_file v[FILES_MAX];
	size_t n;
	struct timespec newest; /* of all files but ours */
};

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

static enum hf_rc path_in(const struct hf_policy_folder *folder, const char *name, char path[PATH_MAX],
			  struct hf_err *err)
{
	if (hf_str_printf(path, PATH_MAX, "%s/%s", folder->path, name) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "The path of %s in %s is too long", name, folder->path);
}

/* Beside the folder, so that browsers do not see it, and on the same disk, so that it can be moved in. */
static enum hf_rc temp_path(const struct hf_policy_folder *folder, char path[PATH_MAX], struct hf_err *err)
{
	const char *slash = strrchr(folder->path, '/');
	int above = slash ? (int)(slash - folder->path) : 0;
	if (hf_str_printf(path, PATH_MAX, "%.*s/" TEMP, above, folder->path) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "The path of %s is too long", folder->path);
}

static void others_free(struct others **others)
{
	for (size_t i = 0; *others && i < (*others)->n; i++) {
		free((void *)(uintptr_t)(*others)->v[i].name);
		json_decref((json_t *)(uintptr_t)(*others)->v[i].doc);
	}
	free(*others);
	*others = NULL;
}

static int by_file_name(const void *a, const void *b)
{
	return strcmp(((const struct hf_policy_file *)a)->name, ((const struct hf_policy_file *)b)->name);
}

static enum hf_rc add_other(struct others *others, const char *path, const char *name, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	json_t *doc = NULL;
	size_t len;
	if (others->n == FILES_MAX)
		return hf_err_set(err, HF_E_SIZE, "There are more than %d policy files beside %s", FILES_MAX, path);
	enum hf_rc rc = hf_fs_read(path, FILE_MAX_BYTES, &text, &len, err);
	if (rc == HF_E_ABSENT)
		return HF_OK;
	if (rc == HF_OK)
		rc = hf_policy_parse(text, len, &doc);
	/* One that cannot be read or understood must not keep us from blocking; it still takes part in the ranking. */
	char *copy = rc != HF_E_MEMORY ? strdup(name) : NULL;
	if (!copy) {
		json_decref(doc);
		return hf_err_set(err, HF_E_MEMORY, "No memory to take the policy file %s into account", path);
	}
	others->v[others->n++] = (struct hf_policy_file){.name = copy, .doc = doc};
	return HF_OK;
}

static enum hf_rc read_foreign(const struct hf_policy_folder *folder, const char *name, struct others *others,
			       struct hf_err *err)
{
	char path[PATH_MAX];
	struct stat st;
	enum hf_rc rc = path_in(folder, name, path, err);
	if (rc != HF_OK || stat(path, &st) != 0 || !S_ISREG(st.st_mode) || hf_policy_is_ours(name))
		return rc;
	if (is_newer(&st.st_mtim, &others->newest))
		others->newest = st.st_mtim;
	return add_other(others, path, name, err);
}

static enum hf_rc others_read(const struct hf_policy_folder *folder, struct others **ret, struct hf_err *err)
{
	__attribute__((cleanup(others_free))) struct others *others = calloc(1, sizeof(*others));
	DIR *dir = opendir(folder->path);
	struct dirent *entry;
	enum hf_rc rc = others ? HF_OK
			       : hf_err_set(err, HF_E_MEMORY, "No memory to read the policy folder %s", folder->path);
	if (!dir)
		return hf_err_set(err, HF_E_SYSTEM, "The policy folder %s cannot be read: %s", folder->path,
				  strerror(errno));
	while (rc == HF_OK && (entry = readdir(dir)))
		rc = read_foreign(folder, entry->d_name, others, err);
	closedir(dir);
	if (rc != HF_OK)
		return rc;
	if (others->n > 0)
		qsort(others->v, others->n, sizeof(*others->v), by_file_name);
	*ret = hf_steal_ptr(&others);
	return HF_OK;
}

/* A second before the newest of the others: then it changes nothing in what a browser takes for the last change. */
static struct timespec older(const struct others *others)
{
	return (struct timespec){.tv_sec = others->newest.tv_sec > 0 ? others->newest.tv_sec - 1 : 0,
				 .tv_nsec = others->newest.tv_nsec};
}

static bool fill_file(int fd, const char *text, const struct timespec *mtime)
{
	const struct timespec times[2] = {mtime ? *mtime : (struct timespec){.tv_nsec = UTIME_OMIT},
					  mtime ? *mtime : (struct timespec){.tv_nsec = UTIME_OMIT}};
	return hf_fs_write(fd, text, strlen(text)) == HF_OK && fchmod(fd, 0644) == 0 && futimens(fd, times) == 0 &&
	       fsync(fd) == 0;
}

/* Written beside the folder and moved in whole. @mtime NULL: now. */
static enum hf_rc move_into_folder(const struct hf_policy_folder *folder, const char *name, const char *text,
				   const struct timespec *mtime, struct hf_err *err)
{
	char temp[PATH_MAX];
	char path[PATH_MAX];
	enum hf_rc rc = temp_path(folder, temp, err);
	if (rc == HF_OK)
		rc = path_in(folder, name, path, err);
	if (rc != HF_OK)
		return rc;
	unlink(temp);
	hf_auto_fd int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && fill_file(fd, text, mtime) && rename(temp, path) == 0)
		return HF_OK;
	int why = errno;
	unlink(temp);
	return hf_err_set(err, HF_E_SYSTEM, "The browser policy %s cannot be written: %s", path, strerror(why));
}

static void sync_folder(const struct hf_policy_folder *folder)
{
	hf_auto_fd int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
}

/* Removes this file of ours by every name but this one. */
static enum hf_rc remove_ours(const struct hf_policy_folder *folder, const char *but, struct hf_err *err)
{
	DIR *dir = opendir(folder->path);
	struct dirent *entry;
	enum hf_rc rc = HF_OK;
	if (!dir && errno == ENOENT)
		return HF_OK;
	if (!dir)
		return hf_err_set(err, HF_E_SYSTEM, "The policy folder %s cannot be read: %s", folder->path,
				  strerror(errno));
	while ((entry = readdir(dir))) {
		if (hf_policy_is(entry->d_name, folder->file) && strcmp(entry->d_name, but) != 0 &&
		    unlinkat(dirfd(dir), entry->d_name, 0) != 0 && errno != ENOENT)
			rc = hf_err_set(err, HF_E_SYSTEM, "The browser policy %s/%s cannot be removed: %s",
					folder->path, entry->d_name, strerror(errno));
	}
	closedir(dir);
	sync_folder(folder);
	return rc;
}

static enum hf_rc ensure_base(const struct hf_policy_folder *folder, struct hf_err *err)
{
	char path[PATH_MAX];
	enum hf_rc rc = hf_traces_folder(folder->path, err);
	if (rc == HF_OK)
		rc = path_in(folder, HF_POLICY_BASE, path, err);
	if (rc != HF_OK || access(path, F_OK) == 0)
		return rc;
	return move_into_folder(folder, HF_POLICY_BASE, NEUTRAL, NULL, err);
}

/* Of several (a crash while the name changed) the last in name is the one that browsers obey. */
static void find_ours(struct hf_policy_folder *folder)
{
	DIR *dir = opendir(folder->path);
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (hf_policy_is(entry->d_name, folder->file) && strcmp(entry->d_name, folder->name) > 0 &&
		    hf_str_copy(folder->name, sizeof(folder->name), entry->d_name) != HF_OK)
			folder->name[0] = '\0';
	}
	if (dir)
		closedir(dir);
}

/* What an earlier life left; a neutral file is of a stirring that was cut off, and blocks nothing. */
static enum hf_rc adopt(struct hf_policy_folder *folder, struct hf_err *err)
{
	char path[PATH_MAX];
	size_t len;
	find_ours(folder);
	if (!folder->name[0])
		return HF_OK;
	enum hf_rc rc = path_in(folder, folder->name, path, err);
	if (rc == HF_OK)
		rc = hf_fs_read(path, FILE_MAX_BYTES, &folder->text, &len, err);
	if (rc == HF_OK && strcmp(folder->text, NEUTRAL) == 0)
		rc = hf_policy_folder_clear(folder, err);
	return rc;
}

enum hf_rc hf_policy_folder_open(struct hf_policy_folder *folder, const char *path, const char *file,
				 struct hf_err *err)
{
	struct hf_policy_folder fresh = {.file = file, .name = "", .text = NULL};
	char temp[PATH_MAX];
	enum hf_rc rc = hf_str_copy(fresh.path, sizeof(fresh.path), path);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of a policy folder is too long: %.100s...", path);
	rc = ensure_base(&fresh, err);
	if (rc == HF_OK)
		rc = temp_path(&fresh, temp, err);
	if (rc != HF_OK)
		return rc;
	unlink(temp);
	rc = adopt(&fresh, err);
	if (rc != HF_OK) {
		hf_policy_folder_close(&fresh);
		return rc;
	}
	*folder = fresh;
	return HF_OK;
}

enum hf_rc hf_policy_folders_open(const struct hf_enforce_conf *conf, const char *file,
				  struct hf_policy_folder *folders, size_t *ret_n, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	*ret_n = 0;
	for (size_t i = 0; rc == HF_OK && i < HF_POLICY_BROWSERS; i++) {
		if (!conf->policies[i] || !conf->policies[i][0])
			continue;
		rc = hf_policy_folder_open(&folders[*ret_n], conf->policies[i], file, err);
		*ret_n += rc == HF_OK;
	}
	return rc;
}

enum hf_policy_there hf_policy_folder_look(const struct hf_policy_folder *folder)
{
	char path[PATH_MAX];
	hf_auto_free char *text = NULL;
	size_t len;
	struct hf_err ignored = {""};
	enum hf_rc rc = path_in(folder, folder->name, path, &ignored);
	if (rc == HF_OK)
		rc = hf_fs_read(path, FILE_MAX_BYTES, &text, &len, &ignored);
	if (rc == HF_E_ABSENT)
		return HF_POLICY_GONE;
	struct stat st;
	bool readable = stat(path, &st) == 0 && (st.st_mode & 07777) == 0644 && st.st_uid == geteuid();
	bool same = rc == HF_OK && readable && folder->text && strlen(folder->text) == len &&
		    strcmp(text, folder->text) == 0;
	return same ? HF_POLICY_SAME : HF_POLICY_OTHER;
}

enum hf_rc hf_policy_folder_write(struct hf_policy_folder *folder, bool fresh, struct hf_err *err)
{
	__attribute__((cleanup(others_free))) struct others *others = NULL;
	enum hf_rc rc = ensure_base(folder, err);
	if (rc == HF_OK)
		rc = others_read(folder, &others, err);
	if (rc != HF_OK)
		return rc;
	struct timespec mtime = older(others);
	rc = move_into_folder(folder, folder->name, folder->text, fresh ? NULL : &mtime, err);
	if (rc == HF_OK)
		rc = remove_ours(folder, folder->name, err);
	return rc;
}

enum hf_rc hf_policy_folder_put(struct hf_policy_folder *folder, const struct hf_policy_text *text, bool *ret_changed,
				struct hf_err *err)
{
	__attribute__((cleanup(others_free))) struct others *others = NULL;
	struct hf_policy_folder next = *folder;
	next.text = NULL;
	enum hf_rc rc = ensure_base(folder, err);
	if (rc == HF_OK)
		rc = others_read(folder, &others, err);
	if (rc != HF_OK)
		return rc;
	if ((rc = hf_policy_name(others->v, others->n, folder->file, next.name)) != HF_OK)
		return hf_err_set(err, rc, "No policy file of ours can rank above %s in %s; give that another name",
				  others->v[others->n - 1].name, folder->path);
	if ((rc = text->fn(text->arg, others->v, others->n, &next.text)) != HF_OK)
		return hf_err_set(err, rc, "No memory for the browser policy");
	if (folder->text && strcmp(folder->text, next.text) == 0 && strcmp(folder->name, next.name) == 0 &&
	    hf_policy_folder_look(folder) == HF_POLICY_SAME) {
		free(next.text);
		*ret_changed = false;
		return HF_OK;
	}
	rc = hf_policy_folder_write(&next, false, err);
	if (rc != HF_OK) {
		free(next.text);
		return rc;
	}
	free(folder->text);
	*folder = next;
	*ret_changed = true;
	return HF_OK;
}

void hf_policy_folder_age(struct hf_policy_folder *folder)
{
	__attribute__((cleanup(others_free))) struct others *others = NULL;
	char path[PATH_MAX];
	struct stat st;
	struct hf_err ignored = {""};
	if (!folder->name[0] || others_read(folder, &others, &ignored) != HF_OK ||
	    path_in(folder, folder->name, path, &ignored) != HF_OK || stat(path, &st) != 0 ||
	    !is_newer(&st.st_mtim, &others->newest))
		return;
	struct timespec mtime = older(others);
	utimensat(AT_FDCWD, path, (const struct timespec[2]){mtime, mtime}, 0);
}

enum hf_rc hf_policy_folder_clear(struct hf_policy_folder *folder, struct hf_err *err)
{
	enum hf_rc rc = remove_ours(folder, "", err);
	if (rc != HF_OK)
		return rc;
	free(folder->text);
	folder->text = NULL;
	folder->name[0] = '\0';
	return HF_OK;
}

enum hf_rc hf_policy_folder_stir(struct hf_policy_folder *folder, struct hf_err *err)
{
	__attribute__((cleanup(others_free))) struct others *others = NULL;
	enum hf_rc rc = others_read(folder, &others, err);
	if (rc != HF_OK)
		return rc;
	struct timespec mtime = older(others);
	rc = move_into_folder(folder, folder->file, NEUTRAL, &mtime, err);
	return rc == HF_OK ? remove_ours(folder, "", err) : rc;
}

void hf_policy_folder_close(struct hf_policy_folder *folder)
{
	free(folder->text);
	folder->text = NULL;
}

enum hf_rc hf_policy_folder_forget(const char *path, struct hf_err *err)
{
	static const char *const files[] = {HF_POLICY_LOCKDOWN, HF_POLICY_TOLD, HF_POLICY_EXTENSION};
	struct hf_policy_folder folder = {.name = "", .text = NULL};
	char temp[PATH_MAX];
	enum hf_rc rc = hf_str_copy(folder.path, sizeof(folder.path), path);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of a policy folder is too long: %.100s...", path);
	for (size_t i = 0; rc == HF_OK && i < HF_LEN(files); i++) {
		folder.file = files[i];
		rc = hf_policy_folder_clear(&folder, err);
	}
	if (rc == HF_OK)
		rc = hf_fs_remove_in(path, HF_POLICY_BASE, err);
	if (rc == HF_OK)
		rc = temp_path(&folder, temp, err);
	if (rc == HF_OK)
		rc = hf_fs_remove(temp, err);
	hf_traces_clear(path);
	return rc;
}
