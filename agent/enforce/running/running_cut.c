/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from a process to its sockets.
 * Must never end a connection of a process that it was not given.
 */
#include "agent/enforce/running/running_cut.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>

#include "agent/enforce/common/outlive.h"
#include "agent/machine/procs.h"
#include "agent/machine/sockets.h"

#define WAIT_MS 1000 /* it takes a millisecond; the agent's loop stands meanwhile */

static bool add_inode(struct hf_cut *cut, uint64_t inode)
{
	if (hf_rows_reserve(&cut->inodes, &cut->room, cut->n + 1, sizeof(*cut->inodes)) != HF_OK)
		return false;
	cut->inodes[cut->n++] = inode;
	return true;
}

static bool is_socket(DIR *dir, const char *name, uint64_t *ret_inode)
{
	char link[64];
	ssize_t n = readlinkat(dirfd(dir), name, link, sizeof(link) - 1);
	if (n <= 0)
		return false;
	link[n] = '\0';
	return sscanf(link, "socket:[%" SCNu64 "]", ret_inode) == 1;
}

static enum hf_rc add_sockets(struct hf_cut *cut, pid_t pid)
{
	char path[64];
	uint64_t inode;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *dir = rc == HF_OK ? opendir(path) : NULL;
	struct dirent *entry;
	while (dir && rc == HF_OK && (entry = readdir(dir))) {
		if (is_socket(dir, entry->d_name, &inode) && !add_inode(cut, inode))
			rc = HF_E_MEMORY;
	}
	if (dir)
		closedir(dir);
	return rc;
}

static bool is_elsewhere(pid_t pid)
{
	char path[64];
	struct stat ours;
	struct stat theirs;
	return hf_str_printf(path, sizeof(path), "/proc/%d/ns/net", (int)pid) == HF_OK && stat(path, &theirs) == 0 &&
	       stat("/proc/self/ns/net", &ours) == 0 && ours.st_ino != theirs.st_ino;
}

enum hf_rc hf_cut_add(struct hf_cut *cut, pid_t pid)
{
	pid = hf_proc_shown_by(pid);
	if (!is_elsewhere(pid))
		return add_sockets(cut, pid);
	if (cut->n_elsewhere == HF_CUT_ELSEWHERE_MAX)
		return HF_E_SIZE;
	cut->elsewhere[cut->n_elsewhere++] = pid;
	return HF_OK;
}

static _Noreturn void cut_there(pid_t pid)
{
	char path[64];
	struct hf_cut cut = {.n = 0};
	size_t n;
	hf_child_keep(-1);
	if (hf_str_printf(path, sizeof(path), "/proc/%d/ns/net", (int)pid) != HF_OK)
		_exit(1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) != 0 || add_sockets(&cut, pid) != HF_OK)
		_exit(1);
	_exit(cut.n == 0 || hf_sockets_destroy_inodes(cut.inodes, cut.n, &n, NULL) == HF_OK ? 0 : 1);
}

/* The kernel ends sockets of the caller's network alone, so a process of ours goes there. */
static bool cut_elsewhere(pid_t pid)
{
	int status = 1;
	pid_t child = fork();
	if (child == 0)
		cut_there(pid);
	hf_auto_fd int pidfd = child > 0 ? (int)syscall(SYS_pidfd_open, child, 0) : -1;
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	if (child < 0)
		return false;
	if (pidfd < 0 || poll(&p, 1, WAIT_MS) != 1)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status == 0 || kill(pid, 0) != 0;
}

enum hf_rc hf_cut_done(struct hf_cut *cut, struct hf_err *err)
{
	size_t n;
	enum hf_rc rc = cut->n > 0 ? hf_sockets_destroy_inodes(cut->inodes, cut->n, &n, err) : HF_OK;
	for (size_t i = 0; i < cut->n_elsewhere; i++) {
		if (!cut_elsewhere(cut->elsewhere[i]) && rc == HF_OK)
			rc = hf_err_set(err, HF_E_SYSTEM, "Process %d has a network of its own that cannot be entered",
					(int)cut->elsewhere[i]);
	}
	free(cut->inodes);
	*cut = (struct hf_cut){.inodes = NULL};
	return rc;
}
