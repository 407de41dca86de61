/* SPDX-License-Identifier: MIT */
/*
 * frozen.h - where frozen programs are, and whether one is
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_FROZEN_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_FROZEN_H

#include <stdbool.h>
#include <sys/types.h>

/* Of control groups, below the mount point of cgroup v2: the slice of systemd's naming, and where it was before that. */
#define HF_FROZEN_SLICE "holdfast.slice"
#define HF_FROZEN_FOLDER HF_FROZEN_SLICE "/holdfast-frozen.slice"
#define HF_FROZEN_OLD_FOLDER "holdfast"
#define HF_FROZEN_PREFIX "frozen-"	   /* of each group in it */
#define HF_FROZEN_INSIDE "holdfast-frozen" /* of a group inside the one that its processes came from */

/*
 * hf_group_is_roots - may only root move processes into this control group and out of it, and thaw it
 *
 * Of a group that was handed to somebody, or lies in one that was, its user may do both.
 * @mount    of cgroup v2
 * @group    a folder at or below it
 * Returns   true or false
 * Source    tests/FACTS.md "The device"
 */
bool hf_group_is_roots(const char *mount, const char *group);

/*
 * hf_proc_frozen - has the layer running frozen this process
 */
bool hf_proc_frozen(pid_t pid);

#endif
