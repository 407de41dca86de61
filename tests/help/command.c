/* SPDX-License-Identifier: MIT */
/*
 * Owns how tests write down what a process was started with.
 * Must never cut anything off.
 */
#include "tests/help/command.h"

#include <assert.h>
#include <string.h>

struct hf_command test_command(const char *exe, const char *args)
{
	struct hf_command command = {.len = strlen(args)};
	assert(strlen(exe) < sizeof(command.exe) && command.len < sizeof(command.args));
	memcpy(command.exe, exe, strlen(exe));
	for (size_t i = 0; i < command.len; i++)
		command.args[i] = args[i] == '|' ? '\0' : args[i];
	return command;
}
