/* SPDX-License-Identifier: MIT */
/*
 * Owns the names of the control groups in which programs are frozen.
 * Must never take a group of somebody else's for one of them.
 */
#include "agent/enforce/common/frozen.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/machine/procs.h"

#define MOUNTINFO_MAX 262144 /* a laptop has some dozens of mounts of about 100 bytes */

static bool is_written_by_root_alone(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool hf_group_is_roots(const char *mount, const char *group)
{
	char path[PATH_MAX];
	char procs[PATH_MAX];
	size_t top = strlen(mount);
	if (strncmp(group, mount, top) != 0 || hf_str_copy(path, sizeof(path), group) != HF_OK)
		return false;
	/* Whoever may write to one of them may move what is below it. */
	for (char *slash; strlen(path) > top; *slash = '\0') {
		if (!is_written_by_root_alone(path) ||
		    hf_str_printf(procs, sizeof(procs), "%s/cgroup.procs", path) != HF_OK ||
		    !is_written_by_root_alone(procs))
			return false;
		slash = strrchr(path, '/');
		if (!slash)
			return false;
	}
	return true;
}

static bool is_named_frozen(const char *cgroup)
{
	const char *last = strrchr(cgroup, '/');
	return (last && strcmp(last + 1, HF_FROZEN_INSIDE) == 0) ||
	       strstr(cgroup, "/" HF_FROZEN_FOLDER "/" HF_FROZEN_PREFIX) ||
	       strstr(cgroup, "/" HF_FROZEN_OLD_FOLDER "/" HF_FROZEN_PREFIX);
}

static enum hf_rc mount_of_groups(char *ret_mount, size_t size)
{
	hf_auto_free char *text = NULL;
	size_t len;
	struct hf_err ignored = {""};
	enum hf_rc rc = hf_fs_read("/proc/self/mountinfo", MOUNTINFO_MAX, &text, &len, &ignored);
	return rc == HF_OK ? hf_cgroup2_mount_parse(text, ret_mount, size) : rc;
}

bool hf_proc_frozen(pid_t pid)
{
	char cgroup[PATH_MAX];
	char mount[PATH_MAX];
	char group[PATH_MAX];
	return hf_proc_cgroup(pid, cgroup, sizeof(cgroup)) == HF_OK && is_named_frozen(cgroup) &&
	       mount_of_groups(mount, sizeof(mount)) == HF_OK &&
	       hf_str_printf(group, sizeof(group), "%s%s", mount, cgroup) == HF_OK && hf_group_is_roots(mount, group);
}
