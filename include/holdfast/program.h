/* SPDX-License-Identifier: MIT */
/*
 * program.h - what the programs that a service manager runs are asked for: which settings, and to run or to show them
 */
#ifndef HOLDFAST_PROGRAM_H
#define HOLDFAST_PROGRAM_H

#include <stdbool.h>

/* Of such a program. */
struct hf_program {
	const char *name; /* as it is called */
	const char *help; /* what --help prints */
	const char *file; /* its settings; -f names others */
	bool print;	  /* -n: they are printed, and it ends */
};

/*
 * hf_program_read - take what it was started with: -f FILE, -n, --help, --version
 *
 * @program  name, help and the file that counts without -f; file and print are filled in, and file may point into argv
 * Returns   -1: go on; else the exit status, after what was asked for or the error has been printed
 */
int hf_program_read(int argc, char **argv, struct hf_program *program);

#endif
