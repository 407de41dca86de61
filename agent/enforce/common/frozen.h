/* SPDX-License-Identifier: MIT */
/*
 * frozen.h - where frozen programs are, and whether one is
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_FROZEN_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_FROZEN_H

#include <stdbool.h>
#include <sys/types.h>

#define HF_FROZEN_FOLDER "holdfast" /* of control groups, below the mount point of cgroup v2 */
#define HF_FROZEN_PREFIX "frozen-"  /* of each group in it */

/*
 * hf_proc_frozen - has the layer running frozen this process
 */
bool hf_proc_frozen(pid_t pid);

#endif
