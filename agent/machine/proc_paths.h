/* SPDX-License-Identifier: MIT */
/*
 * proc_paths.h - which program each process runs: one look serves all layers of a decision
 */
#ifndef HOLDFAST_AGENT_MACHINE_PROC_PATHS_H
#define HOLDFAST_AGENT_MACHINE_PROC_PATHS_H

#include <stdbool.h>
#include <sys/types.h>

#include <holdfast/err.h>

/*
 * hf_proc_paths_share - from now on, until it is said to be over, all see what the first sees who looks
 *
 * Whoever must not miss what is started in between looks by hf_procs_each.
 * @on       false: what was seen is forgotten, and each looks for itself
 */
void hf_proc_paths_share(bool on);

/*
 * hf_proc_paths_each - call fn for every process that runs a program, but this one
 *
 * What it runs may be another program by the time of the call: who acts on it looks again.
 * Returns   HF_OK; HF_E_SYSTEM /proc cannot be read; HF_E_MEMORY
 * Source    proc(5)
 */
typedef void (*hf_path_fn)(void *arg, pid_t pid, const char *exe);
HF_NODISCARD enum hf_rc hf_proc_paths_each(hf_path_fn fn, void *arg, struct hf_err *err);

#endif
