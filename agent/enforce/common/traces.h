/* SPDX-License-Identifier: MIT */
/*
 * traces.h - folders that a layer makes for files of its own, and takes away again when the agent leaves the device
 *
 * Each folder that is made bears a mark, which lives exactly as long as the folder: one that somebody else made, also an
 * empty one, is never taken away.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_TRACES_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_TRACES_H

#include <holdfast/err.h>

/*
 * hf_traces_folder - make a folder and those above it, open for everybody to read, and mark those that were not there
 *
 * @path     absolute
 * Returns   HF_OK (also when it is there, and where a disk keeps no marks: then it stays in the end); HF_E_SYSTEM
 * Source    xattr(7)
 */
HF_NODISCARD enum hf_rc hf_traces_folder(const char *path, struct hf_err *err);

/*
 * hf_traces_clear - take away this folder and those above it, as far as they are ours and empty
 *
 * Whatever else is in one keeps it.
 */
void hf_traces_clear(const char *path);

#endif
