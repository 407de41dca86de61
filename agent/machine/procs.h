/* SPDX-License-Identifier: MIT */
/*
 * procs.h - running processes as /proc shows them: who they are, whose, and what they run
 *
 * Nothing here opens a program's file: a listed one is blocked for whoever opens it, and nobody here may wait for that.
 */
#ifndef HOLDFAST_AGENT_MACHINE_PROCS_H
#define HOLDFAST_AGENT_MACHINE_PROCS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/err.h>

#define HF_PROC_TEXT_SIZE 8192 /* a command line is looked at up to here */

/* One process. A number that was given to another process has another start. */
struct hf_proc {
	pid_t pid;
	uint64_t start; /* clock ticks after boot */
};

/* What a process was started with. */
struct hf_command {
	char exe[PATH_MAX];	      /* path of its program; may end in " (deleted)" */
	char args[HF_PROC_TEXT_SIZE]; /* each with an end mark, as in /proc/PID/cmdline */
	size_t len;
};

/* What a file is, whatever its names. */
struct hf_file_id {
	uint64_t dev;
	uint64_t ino;
};

/*
 * hf_proc_start_parse - the start time in the text of /proc/PID/stat, whatever the program calls itself
 *
 * @ret_start  clock ticks after boot; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_proc_start_parse(const char *stat, uint64_t *ret_start);

/*
 * hf_proc_ids_parse - real, effective, saved and file-system user id in the text of /proc/PID/status
 *
 * @ret_ids  untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_proc_ids_parse(const char *status, uid_t ret_ids[4]);

/*
 * hf_proc_cgroup_parse - the cgroup v2 path in the text of /proc/PID/cgroup
 *
 * @ret_path  room for size; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT there is none; HF_E_SIZE
 * Source    cgroups(7)
 */
HF_NODISCARD enum hf_rc hf_proc_cgroup_parse(const char *text, char *ret_path, size_t size);

/*
 * hf_cgroup2_mount_parse - where cgroup v2 is mounted, in the text of /proc/self/mountinfo
 *
 * @ret_path  room for size; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it is mounted nowhere; HF_E_SIZE
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_cgroup2_mount_parse(const char *mountinfo, char *ret_path, size_t size);

/*
 * hf_proc_text - what a small file of /proc/PID says
 *
 * @what     "stat", "status", "cgroup", "cmdline" ...
 * @buf      room for size; cut at its end, with an end mark
 * @ret_len  may be NULL; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such process
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_proc_text(pid_t pid, const char *what, char *buf, size_t size, size_t *ret_len);

/*
 * hf_proc_start, hf_proc_ids, hf_proc_cgroup - the same, of a running process
 *
 * Owner     the caller's buffers; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such process; as the parsers
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_proc_start(pid_t pid, uint64_t *ret_start);
HF_NODISCARD enum hf_rc hf_proc_ids(pid_t pid, uid_t ret_ids[4]);
HF_NODISCARD enum hf_rc hf_proc_cgroup(pid_t pid, char *ret_path, size_t size);

/*
 * hf_proc_exe - the path of a running program
 *
 * @ret_path  room for size; ends in " (deleted)" when the file was replaced or removed
 * Owner     the caller's buffer; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such process, or one of the kernel's; HF_E_SIZE
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_proc_exe(pid_t pid, char *ret_path, size_t size);

/*
 * hf_proc_command - path and arguments of a running program
 *
 * @ret      filled in part when it fails
 * Returns   as hf_proc_exe
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_proc_command(pid_t pid, struct hf_command *ret);

/*
 * hf_proc_sees - is there anything at this path, as the process itself would find it
 *
 * @folder, @len  of it, the first len bytes
 * Returns   true or false; false when the process has gone
 * Source    proc(5)
 */
bool hf_proc_sees(pid_t pid, const char *folder, int len, const char *name);

/*
 * hf_procs_each - call fn for every process that is there, but this one
 *
 * Nothing of it has been read: of most of them one look at the program's path is enough.
 * Returns   HF_OK; HF_E_SYSTEM /proc cannot be read
 * Source    proc(5)
 */
typedef void (*hf_pid_fn)(void *arg, pid_t pid);
HF_NODISCARD enum hf_rc hf_procs_each(hf_pid_fn fn, void *arg, struct hf_err *err);

/*
 * hf_procs_each_entry - the same, with the number of its entry in /proc: where that is the same again, and not 0, it is
 * the same process, and nothing of it need be read to know it
 *
 * Returns   as hf_procs_each
 * Source    tests/FACTS.md "The device"
 */
typedef void (*hf_entry_fn)(void *arg, pid_t pid, uint64_t entry);
HF_NODISCARD enum hf_rc hf_procs_each_entry(hf_entry_fn fn, void *arg, struct hf_err *err);

/*
 * hf_file_id - what a path leads to, through links; opens nothing
 *
 * @ret_id   untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT nothing is there; HF_E_TYPE something that is no regular file
 */
HF_NODISCARD enum hf_rc hf_file_id(const char *path, struct hf_file_id *ret_id);

/* Asks what an argument of a command line leads to; as hf_file_id. */
typedef enum hf_rc (*hf_resolve_fn)(void *arg, const char *argument, struct hf_file_id *ret_id);

/*
 * hf_script_of - the script that an interpreter was started with
 *
 * The first argument that is a file and no option; after -c, -e or -m there is none.
 * @command  only known interpreters run scripts
 * @ret_id   untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it runs no script
 * Source    policy D9.2: a posting tool can be a script
 */
HF_NODISCARD enum hf_rc hf_script_of(const struct hf_command *command, hf_resolve_fn resolve, void *arg,
				     struct hf_file_id *ret_id);

/*
 * hf_module_of - the name after -m with which a Python was started: the module's own folder or file bears it
 *
 * @ret_name  room for size; up to the first dot; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it runs no module; HF_E_SIZE
 * Source    policy D9.2: a posting tool can be a package
 */
HF_NODISCARD enum hf_rc hf_module_of(const struct hf_command *command, char *ret_name, size_t size);

/*
 * hf_proc_module - the same, of a running process
 *
 * Owner     the caller's buffer; untouched unless HF_OK
 * Returns   as hf_module_of
 * Source    proc(5)
 */
HF_NODISCARD enum hf_rc hf_proc_module(pid_t pid, char *ret_name, size_t size);

/*
 * hf_proc_was_given - was a running program started with an argument that leads to this file, or that is this word
 *
 * @word     NULL: only the file
 * Returns   true or false; false when the process has gone
 * Source    proc(5)
 */
bool hf_proc_was_given(pid_t pid, const struct hf_file_id *id, const char *word);

/*
 * hf_proc_has_open - has a process this file open now, as its standard input or whatever it is to it
 *
 * Returns   true or false; false when the process has gone
 * Source    proc(5)
 */
bool hf_proc_has_open(pid_t pid, const struct hf_file_id *id);

/* What a look at one process found. */
enum hf_proc_found {
	HF_PROC_RUNS,	/* a file that is listed */
	HF_PROC_CLEAR,	/* all that it runs was seen, and nothing of it is listed */
	HF_PROC_UNSEEN, /* it has gone, or not all could be seen; nothing of what was is listed */
	HF_PROC_HIDDEN, /* it is there, and may not be looked into */
};

/*
 * hf_proc_runs - does a process run a file, as a program, as a script, or as something the loader put into its memory
 *
 * @is_listed  called with each of these files until it says yes; gone is the name of a program that was replaced or
 *             removed since it was started, else NULL
 * Source    policy D9.2
 */
typedef bool (*hf_listed_fn)(void *arg, const struct hf_file_id *id, const char *gone);
enum hf_proc_found hf_proc_runs(pid_t pid, hf_listed_fn is_listed, void *arg);

/*
 * hf_proc_shown_by - the thread by whose number /proc shows what a process runs and has open
 *
 * A process goes on when its first thread has ended, and by its own number it then shows neither.
 * Returns   a thread's number; that of the process, where that shows it or none does
 * Source    proc(5), pthread_exit(3)
 */
pid_t hf_proc_shown_by(pid_t pid);

/*
 * hf_proc_of_thread - the process that a thread is of
 *
 * @ret_pid  untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it has gone; HF_E_SHAPE
 * Source    proc(5) status, Tgid
 */
HF_NODISCARD enum hf_rc hf_proc_of_thread(pid_t tid, pid_t *ret_pid);

#endif
