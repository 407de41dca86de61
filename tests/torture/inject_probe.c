/* SPDX-License-Identifier: MIT */
/*
 * Owns a program that counts the system calls of another, and at one of them kills it or makes it fail.
 * Must never be installed, nor touch a process that it was not given.
 *
 * inject_probe PID kill N: the process dies at its N-th call from now on, which is not made any more
 * inject_probe PID sync N: it dies at the call after its N-th fsync or fdatasync: what it wrote down is all that is left
 * inject_probe PID ENOSPC|EIO N [M]: from the N-th call on that writes, the next M (1) such calls fail and are not made
 * inject_probe PID count: nothing happens
 *
 * It prints `attached` when it counts, and at SIGTERM or when the process is gone `calls writes failed syncs`. Once it has
 * ended the process goes on unwatched.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)

struct work {
	pid_t pid;
	long kill_at, sync_at, fail_at, fail_until; /* 0: never */
	int error;
	long calls, writes, failed, syncs;
};

static volatile sig_atomic_t stopped;

static void on_term(int number)
{
	(void)number;
	stopped = 1;
}

/* Calls that change what is on a disk, and for which a full or broken one has an answer. */
static bool writes(const struct __ptrace_syscall_info *info)
{
	static const long numbers[] = {
		SYS_write,     SYS_pwrite64, SYS_writev,   SYS_fsync,	  SYS_fdatasync, SYS_rename, SYS_renameat,
		SYS_renameat2, SYS_mkdir,    SYS_mkdirat,  SYS_ftruncate, SYS_fallocate, SYS_unlink, SYS_unlinkat,
		SYS_rmdir,     SYS_link,     SYS_linkat,   SYS_symlink,	  SYS_symlinkat, SYS_chmod,  SYS_fchmod,
		SYS_fchmodat,  SYS_fchown,   SYS_fchownat, SYS_utimensat,
	};
	if (info->entry.nr == SYS_openat)
		return (info->entry.args[2] & (O_CREAT | O_WRONLY | O_RDWR | O_TMPFILE)) != 0;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if ((long)info->entry.nr == numbers[i])
			return true;
	}
	return false;
}

static void set_register(pid_t tid, size_t at, long value)
{
	ptrace(PTRACE_POKEUSER, tid, (void *)at, (void *)value);
}

/* True when the process is to die now. */
static bool on_entry(struct work *work, pid_t tid, const struct __ptrace_syscall_info *info, bool *ret_fails)
{
	work->calls++;
	*ret_fails = false;
	if (work->calls == work->kill_at || (work->sync_at > 0 && work->syncs >= work->sync_at))
		return true;
	work->syncs += info->entry.nr == SYS_fsync || info->entry.nr == SYS_fdatasync;
	if (!writes(info))
		return false;
	work->writes++;
	*ret_fails = work->fail_at > 0 && work->writes >= work->fail_at && work->writes < work->fail_until;
	/* A call of this number is none; its answer is given when it returns. */
	if (*ret_fails)
		set_register(tid, offsetof(struct user_regs_struct, orig_rax), -1);
	return false;
}

static void on_call(struct work *work, pid_t tid)
{
	static bool fails; /* of the thread that has entered a call; the others wait for nothing here */
	static pid_t failing;
	struct __ptrace_syscall_info info;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		if (on_entry(work, tid, &info, &fails))
			kill(work->pid, SIGKILL);
		failing = fails ? tid : 0;
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && failing == tid) {
		set_register(tid, offsetof(struct user_regs_struct, rax), -work->error);
		work->failed++;
		failing = 0;
	}
}

static void on_stop(struct work *work, pid_t tid, int status)
{
	int sig = WSTOPSIG(status);
	bool call = sig == (SIGTRAP | 0x80), event = status >> 16 != 0;
	if (call)
		on_call(work, tid);
	if (event && status >> 16 == PTRACE_EVENT_STOP && sig != SIGTRAP)
		ptrace(PTRACE_LISTEN, tid, NULL, NULL);
	else
		ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)(call || event ? 0 : sig));
}

static bool attach(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *dir = opendir(path);
	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		pid_t tid = atoi(entry->d_name);
		if (tid > 0 && (ptrace(PTRACE_SEIZE, tid, NULL, (void *)OPTIONS) < 0 ||
				ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)) {
			closedir(dir);
			return false;
		}
	}
	closedir(dir);
	return true;
}

static void watch(struct work *work)
{
	bool said = false;
	while (!stopped) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0 || (tid == work->pid && (WIFEXITED(status) || WIFSIGNALED(status))))
			return;
		if (WIFSTOPPED(status))
			on_stop(work, tid, status);
		if (!said) {
			said = true;
			printf("attached\n");
			fflush(stdout);
		}
	}
}

static bool read_words(int argc, char **argv, struct work *work)
{
	if (argc < 3)
		return false;
	work->pid = atoi(argv[1]);
	long n = argc > 3 ? atol(argv[3]) : 0;
	work->error = strcmp(argv[2], "ENOSPC") == 0 ? ENOSPC : strcmp(argv[2], "EIO") == 0 ? EIO : 0;
	if (strcmp(argv[2], "kill") == 0)
		work->kill_at = n;
	else if (strcmp(argv[2], "sync") == 0)
		work->sync_at = n;
	else if (work->error)
		work->fail_at = n;
	else if (strcmp(argv[2], "count") != 0)
		return false;
	work->fail_until = work->fail_at + (argc > 4 ? atol(argv[4]) : 1);
	return work->pid > 0;
}

int main(int argc, char **argv)
{
	struct work work = {.pid = 0};
	if (!read_words(argc, argv, &work)) {
		fprintf(stderr, "usage: inject_probe PID kill|sync N | ENOSPC|EIO N [M] | count\n");
		return 2;
	}
	const struct sigaction term = {.sa_handler = on_term};
	sigaction(SIGTERM, &term, NULL);
	if (!attach(work.pid)) {
		fprintf(stderr, "inject_probe: process %d cannot be traced: %s\n", (int)work.pid, strerror(errno));
		return 1;
	}
	watch(&work);
	printf("%ld %ld %ld %ld\n", work.calls, work.writes, work.failed, work.syncs);
	return 0;
}
