/* SPDX-License-Identifier: MIT */
/*
 * command.h - what a process was started with, as tests write it down
 */
#ifndef HOLDFAST_TESTS_COMMAND_H
#define HOLDFAST_TESTS_COMMAND_H

#include "agent/machine/procs.h"

/*
 * test_command - a program and its arguments
 *
 * @args     a bar stands for each end mark
 * Returns   it; zeroed behind the arguments
 */
struct hf_command test_command(const char *exe, const char *args);

#endif
