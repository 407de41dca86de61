/* SPDX-License-Identifier: MIT */
/*
 * Owns reading files with a bound and replacing them whole.
 * Must never leave a part of a file under its own name, nor a temp file behind.
 */
#include <holdfast/fs.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "proto/host/open.h"

#define FIRST_READ 4096
#define TEMP_END ".XXXXXX" /* as mkostemp wants it */

void hf_fd_close(int *fd)
{
	int keep = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = keep;
}

int hf_steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static ssize_t read_some(int fd, char *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Room for at least one byte more and the end mark, never more than max + 1 bytes and the end mark. */
static enum hf_rc grow(char **buf, size_t *size, size_t len, size_t max, struct hf_err *err)
{
	size_t want = *size == 0 ? FIRST_READ : *size * 2;
	char *bigger;

	if (len < *size)
		return HF_OK;
	if (want > max + 1)
		want = max + 1;
	bigger = realloc(*buf, want + 1);
	if (!bigger)
		return hf_err_set(err, HF_E_MEMORY, "no memory to read %zu bytes", want);
	*buf = bigger;
	*size = want;
	return HF_OK;
}

enum hf_rc hf_fs_read_fd(int fd, size_t max, char **ret, size_t *ret_len, struct hf_err *err)
{
	hf_auto_free char *buf = NULL;
	size_t size = 0, len = 0;
	enum hf_rc rc;
	ssize_t n;

	if (max > SSIZE_MAX - 2)
		return hf_err_set(err, HF_E_USAGE, "a bound of %zu bytes is no bound", max);
	do {
		rc = grow(&buf, &size, len, max, err);
		if (rc != HF_OK)
			return rc;
		n = read_some(fd, buf + len, size - len);
		if (n < 0)
			return hf_err_set(err, HF_E_SYSTEM, "cannot read: %m");
		len += (size_t)n;
		if (len > max)
			return hf_err_set(err, HF_E_SIZE, "there are more than %zu bytes, which is the limit", max);
	} while (n > 0);
	buf[len] = '\0';
	*ret = hf_steal_ptr(&buf);
	*ret_len = len;
	return HF_OK;
}

/* What whoever starts a program hands it, as a shell's `<(...)` does: it ends when they say so. */
static bool is_handed_on(const char *path)
{
	return strncmp(path, "/dev/fd/", 8) == 0 || strcmp(path, "/dev/stdin") == 0;
}

/* A pipe of somebody's, or a device, might never end, and is nobody's file: a folder is told by read(2). */
static enum hf_rc may_be_read(int fd, const char *path, struct hf_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !is_handed_on(path)))
		return hf_err_set(err, HF_E_SYSTEM, "%s is no file but a pipe or a device, which is not read", path);
	(void)fcntl(fd, F_SETFL, 0); /* to be waited for from here on */
	return HF_OK;
}

enum hf_rc hf_fs_read(const char *path, size_t max, char **ret, size_t *ret_len, struct hf_err *err)
{
	hf_auto_fd int fd = open(path, O_RDONLY | HF_OPEN | O_NOCTTY | O_NONBLOCK);
	struct hf_err why = {{0}};
	enum hf_rc rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hf_err_set(err, HF_E_ABSENT, "there is no file %s", path);
	if (fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot open %s: %m", path);
	rc = may_be_read(fd, path, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_fs_read_fd(fd, max, ret, ret_len, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s: %s", path, why.text);
	return HF_OK;
}

enum hf_rc hf_fs_write(int fd, const void *buf, size_t len)
{
	const char *at = buf;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return HF_E_SYSTEM;
		at += n;
		len -= (size_t)n;
	}
	return HF_OK;
}

static bool reads_as(int fd, const char *at, size_t len)
{
	char part[FIRST_READ];

	for (;;) {
		ssize_t n = read(fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && len == 0;
		if ((size_t)n > len || memcmp(part, at, (size_t)n) != 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
}

bool hf_fs_holds(const char *path, const void *buf, size_t len, mode_t mode)
{
	hf_auto_fd int fd = open(path, O_RDONLY | HF_OPEN | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07777) == mode &&
	       st.st_uid == geteuid() && (size_t)st.st_size == len && reads_as(fd, buf, len);
}

enum hf_rc hf_fs_guarded(const char *path, const hf_user *user, mode_t denied, struct hf_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return hf_err_set(err, errno == ENOENT ? HF_E_ABSENT : HF_E_SYSTEM, "%s: %m", path);
	if (st.st_uid != 0 && st.st_uid != geteuid() && !(user && st.st_uid == *user))
		return hf_err_set(err, HF_E_KEY,
				  "%s belongs to another user (%u): look what was done with it, then take it back with "
				  "`chown`",
				  path, (unsigned)st.st_uid);
	if (st.st_mode & denied)
		return hf_err_set(err, HF_E_KEY,
				  "%s can be read by everybody or written by others: look what was done with it, then "
				  "take it back with `chmod %s`",
				  path, S_ISDIR(st.st_mode) ? "700" : "600");
	return HF_OK;
}

/* "folder/name" -> "folder" and "folder/.name.XXXXXX". */
static enum hf_rc temp_names(const char *path, char folder[PATH_MAX], char temp[PATH_MAX], struct hf_err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = !slash ? path : slash + 1;
	size_t n = !slash ? 0 : (size_t)(slash - path);

	if (n >= PATH_MAX || hf_str_printf(temp, PATH_MAX, "%.*s.%s" TEMP_END, (int)(name - path), path, name) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "the path %.64s... is too long", path);
	if (hf_str_printf(folder, PATH_MAX, "%.*s", !slash || n == 0 ? 1 : (int)n, !slash ? "." : path) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "the path %.64s... is too long", path);
}

static enum hf_rc fill_file(int fd, const void *buf, size_t len, mode_t mode)
{
	if (fchmod(fd, mode) != 0 || hf_fs_write(fd, buf, len) != HF_OK || fsync(fd) != 0)
		return HF_E_SYSTEM;
	return HF_OK;
}

enum hf_rc hf_fs_replace(const char *path, const void *buf, size_t len, mode_t mode, struct hf_err *err)
{
	char folder[PATH_MAX], temp[PATH_MAX];
	hf_auto_fd int folder_fd = -1;
	hf_auto_fd int fd = -1;
	enum hf_rc rc = temp_names(path, folder, temp, err);

	if (rc != HF_OK)
		return rc;
	/* Opened before the rename, so that after it only the sync itself can fail. */
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot open the folder %s: %m", folder);
	fd = mkostemp(temp, HF_OPEN);
	if (fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot make a file in %s: %m", folder);
	if (fill_file(fd, buf, len, mode) != HF_OK || rename(temp, path) != 0) {
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot write %s: %m; what was there is as it was", path);
		unlink(temp);
		return rc;
	}
	if (fsync(folder_fd) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot sync the folder %s: %m", folder);
	return HF_OK;
}

/* Is this entry named as the temp file that mkostemp made of it? */
static bool is_temp(const char *entry, const char *temp)
{
	size_t len = strlen(temp);

	return strlen(entry) == len && strncmp(entry, temp, len - strlen(TEMP_END) + 1) == 0;
}

void hf_fs_sweep(const char *path)
{
	char folder[PATH_MAX], temp[PATH_MAX];
	struct dirent *entry;
	DIR *dir = temp_names(path, folder, temp, NULL) == HF_OK ? opendir(folder) : NULL;
	const char *slash = strrchr(temp, '/');

	while (dir && (entry = readdir(dir))) {
		if (is_temp(entry->d_name, slash ? slash + 1 : temp))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

enum hf_rc hf_fs_remove(const char *path, struct hf_err *err)
{
	hf_fs_sweep(path);
	if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "cannot remove %s: %m", path);
}

enum hf_rc hf_fs_remove_in(const char *folder, const char *name, struct hf_err *err)
{
	char path[PATH_MAX];

	if (hf_str_printf(path, sizeof(path), "%s/%s", folder, name) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "the path of %s in %.100s... is too long", name, folder);
	return hf_fs_remove(path, err);
}

static enum hf_rc make_one(const char *path, mode_t mode, struct hf_err *err)
{
	struct stat st;

	/* chmod: the folder shall have its mode whatever the umask. */
	if (mkdir(path, mode) == 0)
		return chmod(path, mode) == 0 ? HF_OK
					      : hf_err_set(err, HF_E_SYSTEM, "cannot set the mode of %s: %m", path);
	if (errno != EEXIST)
		return hf_err_set(err, HF_E_SYSTEM, "cannot make the folder %s: %m", path);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return hf_err_set(err, HF_E_SYSTEM, "%s is there already and is no folder: move it away", path);
	return HF_OK;
}

enum hf_rc hf_fs_mkdirs(const char *path, mode_t mode, struct hf_err *err)
{
	char part[PATH_MAX];
	enum hf_rc rc;

	if (hf_str_copy(part, sizeof(part), path) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "the path %.64s... is too long", path);
	for (char *at = part + 1; part[0] != '\0' && *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		rc = make_one(part, mode, err);
		*at = '/';
		if (rc != HF_OK)
			return rc;
	}
	return make_one(part, mode, err);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void hf_fs_remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
