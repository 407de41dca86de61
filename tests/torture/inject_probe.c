/* SPDX-License-Identifier: MIT */
/*
 * Owns a program that counts the system calls of another, and at one of them kills it or makes it fail.
 * Must never be installed, nor touch a process that it was not given.
 *
 * inject_probe PID kill N: the process dies at its N-th call from now on, which is not made any more
 * inject_probe PID sync N: it dies at the call after its N-th fsync or fdatasync: what it wrote down is all that is
 * left inject_probe PID write N: it dies at its N-th call that writes, which is not made any more inject_probe PID
 * ENOSPC|EIO N [M]: from the N-th call on that writes, the next M (1) such calls fail and are not made inject_probe PID
 * count: nothing happens
 *
 * With `under FOLDER` at the end only what lies there is written to; sockets and logs are not counted then.
 *
 * It prints `attached` when it counts, and at SIGTERM or when the process is gone `calls writes failed syncs`. Once it
 * has ended the process goes on unwatched.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
	long kill_at, sync_at, die_at, fail_at, fail_until; /* 0: never */
	const char *under;				    /* NULL: everywhere */
	int error;
	long calls, writes, failed, syncs;
};

static volatile sig_atomic_t stopped;

static void on_term(int number)
{
	(void)number;
	stopped = 1;
}

/* Calls that change what is on a disk, and for which a full or broken one has an answer; where each says on what, -1:
 * not so. */
static const struct call {
	long number;
	int fd, path;
} calls[] = {
	{SYS_write, 0, -1},	{SYS_pwrite64, 0, -1}, {SYS_writev, 0, -1},    {SYS_fsync, 0, -1},
	{SYS_fdatasync, 0, -1}, {SYS_rename, -1, 0},   {SYS_renameat, 0, 1},   {SYS_renameat2, 0, 1},
	{SYS_mkdir, -1, 0},	{SYS_mkdirat, 0, 1},   {SYS_ftruncate, 0, -1}, {SYS_fallocate, 0, -1},
	{SYS_unlink, -1, 0},	{SYS_unlinkat, 0, 1},  {SYS_rmdir, -1, 0},     {SYS_link, -1, 0},
	{SYS_linkat, 0, 1},	{SYS_symlink, -1, 1},  {SYS_symlinkat, 1, 2},  {SYS_chmod, -1, 0},
	{SYS_fchmod, 0, -1},	{SYS_fchmodat, 0, 1},  {SYS_fchown, 0, -1},    {SYS_fchownat, 0, 1},
	{SYS_utimensat, 0, 1},	{SYS_openat, 0, 1},
};

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Not those that are relative to where the process stands: it stands nowhere near what it writes. */
static bool fd_lies_under(pid_t pid, int fd, const char *folder)
{
	char name[64], path[PATH_MAX];
	ssize_t len;
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)pid, fd);
	len = readlink(name, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	return starts_with(path, folder);
}

static bool path_lies_under(pid_t pid, uint64_t at, const char *folder)
{
	char name[64], path[PATH_MAX] = "";
	ssize_t len;
	int fd;
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	len = fd >= 0 ? pread(fd, path, sizeof(path) - 1, (off_t)at) : 0; /* as much of it as there is memory */
	path[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return starts_with(path, folder);
}

static bool lies_under(const struct work *work, const struct call *call, const struct __ptrace_syscall_info *info)
{
	if (!work->under)
		return true;
	if (call->path >= 0 && path_lies_under(work->pid, info->entry.args[call->path], work->under))
		return true;
	return call->fd >= 0 && fd_lies_under(work->pid, (int)info->entry.args[call->fd], work->under);
}

static bool writes(const struct work *work, const struct __ptrace_syscall_info *info)
{
	if (info->entry.nr == SYS_openat && !(info->entry.args[2] & (O_CREAT | O_WRONLY | O_RDWR | O_TMPFILE)))
		return false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if ((long)info->entry.nr == calls[i].number)
			return lies_under(work, &calls[i], info);
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
	if (!writes(work, info))
		return false;
	work->writes++;
	if (work->writes == work->die_at)
		return true;
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
	if (argc > 4 && strcmp(argv[argc - 2], "under") == 0) {
		work->under = argv[argc - 1];
		argc -= 2;
	}
	if (argc < 3)
		return false;
	work->pid = atoi(argv[1]);
	long n = argc > 3 ? atol(argv[3]) : 0;
	work->error = strcmp(argv[2], "ENOSPC") == 0 ? ENOSPC : strcmp(argv[2], "EIO") == 0 ? EIO : 0;
	if (strcmp(argv[2], "kill") == 0)
		work->kill_at = n;
	else if (strcmp(argv[2], "sync") == 0)
		work->sync_at = n;
	else if (strcmp(argv[2], "write") == 0)
		work->die_at = n;
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
		fprintf(stderr,
			"usage: inject_probe PID kill|sync|write N | ENOSPC|EIO N [M] | count [under FOLDER]\n");
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
