/* SPDX-License-Identifier: MIT */
/*
 * Owns the watches on folders of listed programs.
 * Must never decide from an event: it only says that it is time to look.
 */
#include "agent/enforce/programs/programs_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/programs_folder.h"

#define ROUNDS 64 /* folders that are being made one in the other */
#define EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* The nearest folder above that is there; @path becomes its path. */
static bool watch_above(int fd, char *path)
{
	for (char *slash = strrchr(path, '/'); slash; slash = strrchr(path, '/')) {
		bool top = slash == path;
		slash[top ? 1 : 0] = '\0';
		if (inotify_add_watch(fd, path, EVENTS) >= 0)
			return true;
		if (top || (errno != ENOENT && errno != ENOTDIR))
			return false;
	}
	return false;
}

/* Again until it is the same folder twice: one below it may have been made before the watch was there. */
static bool watch_nearest(int fd, const char *file)
{
	char before[PATH_MAX] = "";
	char path[PATH_MAX];
	for (int round = 0; round < ROUNDS; round++) {
		if (hf_str_copy(path, sizeof(path), file) != HF_OK || !watch_above(fd, path))
			return false;
		if (strcmp(path, before) == 0)
			return true;
		memcpy(before, path, sizeof(before));
	}
	return true;
}

/* A folder that has gone meanwhile is noticed by the watch on the one above it. */
static bool watch_one_folder(void *arg, const char *path)
{
	const int *fd = arg;
	return inotify_add_watch(*fd, path, EVENTS) >= 0 || errno == ENOENT || errno == ENOTDIR;
}

static bool pass_file(void *arg, const char *path, const struct hf_file_id *id)
{
	(void)arg, (void)path, (void)id;
	return true;
}

static bool watch_below(int fd, const char *listed, const char *real)
{
	const struct hf_folder_calls calls = {.folder = watch_one_folder, .file = pass_file, .arg = &fd};
	return !hf_is_folder(real) || hf_folder_is_everybodys(real) || hf_folder_walk(listed, &calls) != HF_E_SYSTEM;
}

static bool watch_path(int fd, const char *listed)
{
	hf_auto_free char *real = realpath(listed, NULL);
	bool ok = !real || strcmp(real, listed) == 0 || watch_nearest(fd, real);
	return watch_nearest(fd, listed) && ok && (!real || watch_below(fd, listed, real));
}

enum hf_rc hf_programs_watch(int fd, const struct hf_programs_list *list, int *ret_fd, struct hf_err *err)
{
	hf_auto_fd int made = fd < 0 ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1;
	int use = fd < 0 ? made : fd;
	for (size_t i = 0; i < list->n; i++) {
		if (use < 0 || !watch_path(use, list->v[i].path))
			return hf_err_set(err, HF_E_SYSTEM, "An upgrade of %s could not be noticed: %s",
					  list->v[i].path, strerror(errno));
	}
	hf_steal_fd(&made);
	*ret_fd = use;
	return HF_OK;
}

void hf_programs_watch_drain(int fd)
{
	char buf[4096];
	while (read(fd, buf, sizeof(buf)) > 0)
		continue;
}
