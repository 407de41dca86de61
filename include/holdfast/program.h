/* SPDX-License-Identifier: MIT */
/*
 * program.h - what the programs that a service manager runs are asked for: which settings, and to run or to show them
 */
#ifndef HOLDFAST_PROGRAM_H
#define HOLDFAST_PROGRAM_H

#include <stdbool.h>

#include <holdfast/log.h>
#include <holdfast/loop.h>

/* The level of the log that a file of settings names; untouched unless HF_OK. */
typedef enum hf_rc (*hf_program_level_fn)(const char *file, enum hf_log_level *ret, struct hf_err *err);

/* Of such a program. */
struct hf_program {
	const char *name;	   /* as it is called */
	const char *help;	   /* what --help prints */
	const char *file;	   /* its settings; -f names others */
	bool print;		   /* -n: they are printed, and it ends */
	hf_program_level_fn level; /* for hf_program_signal */
	struct hf_loop *loop;	   /* the caller's, likewise */
};

/*
 * hf_program_read - take what it was started with: -f FILE, -n, --help, --version
 *
 * @program  name, help and the file that counts without -f; file and print are filled in, and file may point into argv
 * Returns   -1: go on; else the exit status, after what was asked for or the error has been printed
 */
int hf_program_read(int argc, char **argv, struct hf_program *program);

/*
 * hf_program_signal - for hf_loop_add_signals: a hang-up reads the level of the log again and ends nothing, any other
 * signal stops the loop
 *
 * @program  a struct hf_program with level and loop
 */
void hf_program_signal(void *program, uint32_t number);

/*
 * hf_program_end - the log's last line: what failed, or why it ends
 *
 * @why      it ends; read if rc is HF_OK
 * Returns   the exit status
 */
int hf_program_end(enum hf_rc rc, const struct hf_err *err, const char *why);

#endif
