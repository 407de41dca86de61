/* SPDX-License-Identifier: MIT */
/*
 * Owns which folders of this device are there for our files alone.
 * Must never take away a folder that somebody else made, nor one with anything in it.
 */
#include "agent/enforce/common/traces.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define MARK "user.holdfast.made"

static void mark_folder(const char *path)
{
	/* A disk without such marks keeps the folder for good; it is empty then. */
	(void)!setxattr(path, MARK, "1", 1, 0);
}

static bool is_marked(const char *path)
{
	char value[2];
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && getxattr(path, MARK, value, sizeof(value)) == 1;
}

/* Is one of these folders not there? The path is cut after the first. */
static bool cut_at_missing(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (access(path, F_OK) != 0)
			return true;
		*at = '/';
	}
	return access(path, F_OK) != 0;
}

enum hf_rc hf_traces_folder(const char *path, struct hf_err *err)
{
	char part[PATH_MAX];
	while (hf_str_copy(part, sizeof(part), path) == HF_OK && path[0] == '/' && cut_at_missing(part)) {
		enum hf_rc rc = hf_fs_mkdirs(part, 0755, err);
		if (rc != HF_OK)
			return rc;
		mark_folder(part);
	}
	return hf_fs_mkdirs(path, 0755, err);
}

void hf_traces_clear(const char *path)
{
	char part[PATH_MAX];
	char *slash;
	if (hf_str_copy(part, sizeof(part), path) != HF_OK)
		return;
	while (is_marked(part) && rmdir(part) == 0 && (slash = strrchr(part, '/')) && slash != part)
		*slash = '\0';
}
