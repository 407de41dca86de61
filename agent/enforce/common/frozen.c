/* SPDX-License-Identifier: MIT */
/*
 * Owns the names of the control groups in which programs are frozen.
 * Must never take a group of somebody else's for one of them.
 */
#include "agent/enforce/common/frozen.h"

#include <limits.h>
#include <string.h>

#include "agent/machine/procs.h"

bool hf_proc_frozen(pid_t pid)
{
	char cgroup[PATH_MAX];
	return hf_proc_cgroup(pid, cgroup, sizeof(cgroup)) == HF_OK &&
	       strstr(cgroup, "/" HF_FROZEN_FOLDER "/" HF_FROZEN_PREFIX);
}
