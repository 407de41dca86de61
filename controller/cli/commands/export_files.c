/* SPDX-License-Identifier: MIT */
/*
 * Owns the folder of an export while it is filled.
 * Must never leave half of one where a whole one is looked for.
 */
#include "controller/cli/commands/export_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#define ONLY_OURS 0600
#define MARK ".holdfast-export-"

static bool is_empty(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	if (!folder)
		return false;
	while ((entry = readdir(folder)) != NULL)
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(folder);
	return n == 0;
}

/* What another holds is being filled. */
static void sweep_left(const char *place)
{
	char pattern[PATH_MAX];
	glob_t found = {0};

	if (strpbrk(place, "*?[\\") || hf_str_printf(pattern, sizeof(pattern), "%s" MARK "??????", place) != HF_OK ||
	    glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int lock = -1;

		if (hf_fs_lock(found.gl_pathv[i], "holdfast", &lock, NULL) != HF_OK)
			continue;
		hf_fs_remove_tree(found.gl_pathv[i]);
		close(lock);
	}
	globfree(&found);
}

/* DIR/ is DIR. */
static enum hf_rc name_place(const char *place, struct hf_export_folder *ret, struct hf_err *err)
{
	size_t len;

	if (hf_str_copy(ret->place, sizeof(ret->place), place) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The name of the folder is too long.");
	for (len = strlen(ret->place); len > 1 && ret->place[len - 1] == '/'; len--)
		ret->place[len - 1] = '\0';
	if (hf_str_printf(ret->path, sizeof(ret->path), "%s" MARK "XXXXXX", ret->place) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The name of the folder is too long.");
	return HF_OK;
}

enum hf_rc hf_export_folder_make(const char *place, struct hf_export_folder *ret, struct hf_err *err)
{
	struct stat st;
	enum hf_rc rc = name_place(place, ret, err);

	if (rc != HF_OK)
		return rc;
	if (lstat(ret->place, &st) == 0 && !(S_ISDIR(st.st_mode) && is_empty(ret->place)))
		return hf_err_set(err, HF_E_USAGE, "%s is there already, and is no empty folder.", ret->place);
	sweep_left(ret->place);
	ret->lock = -1;
	if (!mkdtemp(ret->path))
		return hf_err_set(err, HF_E_SYSTEM, "A folder beside %s: %m.", ret->place);
	ret->is_made = true;
	return hf_fs_lock(ret->path, "holdfast", &ret->lock, err);
}

enum hf_rc hf_export_open(const struct hf_export_folder *folder, const char *name, FILE **ret, struct hf_err *err)
{
	char path[PATH_MAX];
	FILE *file = NULL;
	int fd = -1;

	if (hf_str_printf(path, sizeof(path), "%s/%s", folder->path, name) == HF_OK)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ONLY_OURS);
	if (fd >= 0 && !(file = fdopen(fd, "w")))
		close(fd);
	if (!file)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m.", name);
	*ret = file;
	return HF_OK;
}

enum hf_rc hf_export_close(FILE *file, enum hf_rc rc, struct hf_err *err)
{
	bool bad = fflush(file) != 0 || ferror(file) != 0 || fsync(fileno(file)) != 0;
	int why = errno;

	if (fclose(file) != 0 && !bad) {
		bad = true;
		why = errno;
	}
	errno = why;
	return rc == HF_OK && bad ? hf_err_set(err, HF_E_SYSTEM, "The export cannot be written: %m.") : rc;
}

enum hf_rc hf_export_folder_place(struct hf_export_folder *folder, struct hf_err *err)
{
	if (fsync(folder->lock) != 0 || rename(folder->path, folder->place) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m.", folder->place);
	folder->is_made = false;
	close(folder->lock);
	return HF_OK;
}

void hf_export_folder_done(struct hf_export_folder *folder)
{
	if (folder->is_made) {
		hf_fs_remove_tree(folder->path);
		close(folder->lock);
	}
	folder->is_made = false;
}
