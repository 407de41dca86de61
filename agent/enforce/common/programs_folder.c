/* SPDX-License-Identifier: MIT */
/*
 * Owns the walk through a listed folder.
 * Must never open a file, follow a link below the folder, or go on without an end.
 */
#include "agent/enforce/common/programs_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "agent/enforce/common/file_rules.h"

/* Folders of many programs: to shut one of them would shut what nobody meant. */
static const char *const EVERYBODYS[] = {
	"/",
	"/bin",
	"/boot",
	"/dev",
	"/etc",
	HF_ETC,
	"/home",
	"/lib",
	"/lib64",
	"/media",
	"/mnt",
	"/opt",
	"/proc",
	"/root",
	"/run",
	"/sbin",
	"/snap",
	"/srv",
	"/sys",
	"/tmp",
	"/usr",
	"/usr/bin",
	"/usr/games",
	"/usr/lib",
	"/usr/lib64",
	"/usr/libexec",
	"/usr/local",
	"/usr/local/bin",
	"/usr/local/lib",
	"/usr/local/share",
	"/usr/sbin",
	"/usr/share",
	"/usr/lib/python3",
	"/usr/lib/python3/dist-packages",
	"/usr/lib/x86_64-linux-gnu",
	"/usr/lib/aarch64-linux-gnu",
	"/var",
	"/var/lib",
	"/var/lib/flatpak",
	"/var/lib/snapd",
	"/var/tmp",
};

struct walk {
	const struct hf_folder_calls *calls;
	char path[HF_FILE_PATH_SIZE];
	dev_t disk;
	size_t seen;
	int depth;
};

bool hf_is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool hf_folder_is_everybodys(const char *real)
{
	for (size_t i = 0; i < HF_LEN(EVERYBODYS); i++) {
		if (strcmp(EVERYBODYS[i], real) == 0)
			return true;
	}
	return false;
}

bool hf_path_below(const char *folder, const char *path)
{
	size_t len = strlen(folder);
	return len > 0 && strncmp(folder, path, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/' || folder[len - 1] == '/');
}

static enum hf_rc walk_in(struct walk *w, int fd);

static enum hf_rc go_below(struct walk *w, int fd, const char *name)
{
	if (w->depth == HF_FOLDER_DEPTH_MAX)
		return HF_E_SIZE;
	int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return HF_OK; /* it went meanwhile */
	w->depth++;
	enum hf_rc rc = walk_in(w, below);
	w->depth--;
	return rc;
}

static enum hf_rc look_at_entry(struct walk *w, int fd, const char *name)
{
	struct stat st;
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return HF_OK;
	if (S_ISDIR(st.st_mode))
		return st.st_dev == w->disk ? go_below(w, fd, name) : HF_OK;
	if (!S_ISREG(st.st_mode))
		return HF_OK;
	const struct hf_file_id id = {.dev = st.st_dev, .ino = st.st_ino};
	return w->calls->file(w->calls->arg, w->path, &id) ? HF_OK : HF_E_SYSTEM;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes over fd. */
static enum hf_rc walk_in(struct walk *w, int fd)
{
	size_t len = strlen(w->path);
	enum hf_rc rc = w->calls->folder(w->calls->arg, w->path) ? HF_OK : HF_E_SYSTEM;
	DIR *dir = rc == HF_OK ? fdopendir(fd) : NULL;
	struct dirent *entry;
	if (!dir)
		close(fd);
	while (dir && rc == HF_OK && (entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		if (++w->seen > HF_FOLDER_FILES_MAX ||
		    hf_str_printf(w->path + len, sizeof(w->path) - len, "/%s", entry->d_name) != HF_OK)
			rc = HF_E_SIZE;
		else
			rc = look_at_entry(w, fd, entry->d_name);
		w->path[len] = '\0';
	}
	if (dir)
		closedir(dir);
	return rc;
}

enum hf_rc hf_folder_walk(const char *path, const struct hf_folder_calls *calls)
{
	struct walk w = {.calls = calls};
	struct stat st;
	hf_auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return HF_E_ABSENT;
	w.disk = st.st_dev;
	if (hf_str_copy(w.path, sizeof(w.path), path) != HF_OK)
		return HF_E_SIZE;
	return walk_in(&w, hf_steal_fd(&fd));
}
