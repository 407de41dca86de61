/* SPDX-License-Identifier: MIT */
/*
 * Owns the record of which sentences a program has looked up: HF_REACHED names a folder for it (tests/reached.py).
 * Must never write without being asked.
 */
#include "tests/help/reached.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEEN 4096 /* places for what was written already; whoever has lost its place is written again */

static int record = -1;

void test_reached(const char *english)
{
	static const char *seen[SEEN];
	const char **place = &seen[(size_t)english / 8 % SEEN];

	if (record < 0 || *place == english)
		return;
	*place = english;
	(void)!write(record, english, strlen(english) + 1);
}

__attribute__((constructor)) static void begin(void)
{
	const char *folder = getenv("HF_REACHED");
	char path[512];

	if (folder && snprintf(path, sizeof(path), "%s/%s.%u", folder, program_invocation_short_name,
			       (unsigned)getuid()) < (int)sizeof(path))
		record = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}
