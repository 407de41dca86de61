/* SPDX-License-Identifier: MIT */
/*
 * programs_watch.h - notices that a listed path may lead to another file: an upgrade, an installation
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_PROGRAMS_WATCH_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_PROGRAMS_WATCH_H

#include "agent/enforce/common/programs_list.h"

/*
 * hf_programs_watch - watch the folders of all listed paths, and of the files that links lead to, and every folder
 * below one that is listed
 *
 * Of a folder that is not there the nearest one above it is watched. Adding the same ones again changes nothing.
 * @fd       -1 the first time
 * @ret_fd   non-blocking inotify; the caller's to close; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    tests/FACTS.md "The device"
 */
HF_NODISCARD enum hf_rc hf_programs_watch(int fd, const struct hf_programs_list *list, int *ret_fd, struct hf_err *err);

/*
 * hf_programs_watch_drain - read what has been noticed
 */
void hf_programs_watch_drain(int fd);

#endif
