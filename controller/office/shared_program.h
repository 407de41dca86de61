/* SPDX-License-Identifier: MIT */
/*
 * shared_program.h - programs that more runs by than one posting tool: to shut one shuts the rest along
 */
#ifndef HOLDFAST_OFFICE_SHARED_PROGRAM_H
#define HOLDFAST_OFFICE_SHARED_PROGRAM_H

/* What else a path is. */
enum hf_shared {
	HF_SHARED_NOT,
	HF_SHARED_RUNNER, /* an interpreter or a shell: whatever it is given runs by it */
	HF_SHARED_SYSTEM, /* a program that the system, or logging in, needs */
	HF_SHARED_FOLDER, /* a folder of many programs */
};

/*
 * hf_shared_of - what else is this path of a tool's program, by its name alone
 *
 * Pure: the officer's machine need not have it. A runner by any version of its name, such as python3.11.
 * Returns   the first that fits
 * Source    policy D9.1: whoever is exempt goes on working
 */
enum hf_shared hf_shared_of(const char *path);

#endif
