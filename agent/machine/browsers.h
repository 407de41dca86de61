/* SPDX-License-Identifier: MIT */
/*
 * browsers.h - which process is which browser, and where it came from
 */
#ifndef HOLDFAST_AGENT_MACHINE_BROWSERS_H
#define HOLDFAST_AGENT_MACHINE_BROWSERS_H

#include "agent/machine/procs.h"

#define HF_SNAP_ROOTS 2

/* Where the programs of Snap lie. */
extern const char *const hf_snap_roots[HF_SNAP_ROOTS];

/*
 * hf_browser_is - is this the main process of a browser of Chromium's family, which obeys managed policies;
 * hf_firefox_is - of a Firefox, wherever it was installed
 *
 * Pure.
 * Returns   true or false; false for the helpers of either
 * Source    tests/FACTS.md "The device"
 */
bool hf_browser_is(const struct hf_command *command);
bool hf_firefox_is(const struct hf_command *command);

/*
 * hf_browser_from_snap, hf_browser_from_flatpak - where a program came from, by its path, and by its process's root;
 * hf_browser_packed - from either: our policies, engine and sockets do not reach it
 *
 * @exe      path of its program
 * Returns   true or false
 */
bool hf_browser_from_snap(const char *exe);
bool hf_browser_from_flatpak(pid_t pid);
bool hf_browser_packed(pid_t pid, const char *exe);

/*
 * hf_browser_runs, hf_firefox_runs - is this process such a browser, and not packed; hf_any_firefox_runs - or packed
 *
 * @exe      path of its program, as it was seen a moment ago: where it may be a browser's it is looked at anew; NULL: it was not
 * Returns   true or false; false when it has gone
 */
bool hf_browser_runs(pid_t pid, const char *exe);
bool hf_firefox_runs(pid_t pid, const char *exe);
bool hf_any_firefox_runs(pid_t pid, const char *exe);

#endif
