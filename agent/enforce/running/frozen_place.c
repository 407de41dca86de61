/* SPDX-License-Identifier: MIT */
/*
 * Owns the process that keeps the place of frozen ones.
 * Must never have a right of the agent's, nor end a process that is not its own.
 */
#include "agent/enforce/running/frozen_place.h"

#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/host.h>
#include <holdfast/str.h>

#include "agent/enforce/common/outlive.h"

#define PLACE "user.holdfast.place" /* in root's folder */
#define STAT_SIZE 1024

/* In the child: only calls that are safe after a fork. It goes on once it is written down, and ends if it never is. */
static _Noreturn void become_place(const char *self, const struct stat *owner, int go)
{
	char word;
	char name[] = "holdfast-agent";
	char what[] = "place";
	char *const argv[] = {name, what, NULL};
	char *const environ_none[] = {NULL};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	hf_child_keep(go);
	if (read(go, &word, 1) != 1)
		_exit(1);
	hf_child_keep(-1);
	if (setgroups(0, NULL) != 0 || setresgid(owner->st_gid, owner->st_gid, owner->st_gid) != 0 ||
	    setresuid(owner->st_uid, owner->st_uid, owner->st_uid) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		_exit(1);
	execve(self, argv, environ_none);
	_exit(127);
}

static bool put_place_into(const char *origin, pid_t pid)
{
	char path[PATH_MAX];
	char word[32];
	if (hf_str_printf(path, sizeof(path), "%s/cgroup.procs", origin) != HF_OK ||
	    hf_str_printf(word, sizeof(word), "%d", (int)pid) != HF_OK)
		return false;
	hf_auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word);
}

static bool is_written_down(const char *note, const struct hf_proc *proc)
{
	char word[64];
	return hf_str_printf(word, sizeof(word), "%d %" PRIu64, (int)proc->pid, proc->start) == HF_OK &&
	       setxattr(note, PLACE, word, strlen(word), 0) == 0;
}

void hf_frozen_place_read(const char *note, struct hf_proc *ret)
{
	char text[64];
	int pid;
	ssize_t n = getxattr(note, PLACE, text, sizeof(text) - 1);
	*ret = (struct hf_proc){0};
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%d %" SCNu64, &pid, &ret->start) == 2)
		ret->pid = pid;
}

bool hf_frozen_place_order(struct hf_hands_message *message)
{
	const struct stat owner = {.st_uid = (uid_t)message->first, .st_gid = (gid_t)message->second};
	char self[PATH_MAX];
	if (message->n_fds != 1 || message->first == 0 || message->first > UINT32_MAX || message->second > UINT32_MAX ||
	    hf_host_program(self, sizeof(self)) != HF_OK)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		become_place(self, &owner, message->fds[0]);
	message->first = (uint64_t)pid;
	message->len = 0;
	return pid > 0;
}

static pid_t start_place(const char *self, struct hf_hands *hands, const struct stat *owner, int wait_end)
{
	struct hf_hands_message order = {
		.word = HF_HANDS_PLACE, .first = owner->st_uid, .second = owner->st_gid, .fds = {wait_end}, .n_fds = 1};
	enum hf_rc rc = hf_hands_ask(hands, &order);
	if (rc != HF_E_ABSENT)
		return rc == HF_OK && order.error == 0 ? (pid_t)order.first : -1;
	pid_t pid = fork();
	if (pid == 0)
		become_place(self, owner, wait_end);
	return pid;
}

enum hf_rc hf_frozen_place_start(const char *self, struct hf_hands *hands, const char *origin, const char *note,
				 struct hf_proc *ret_proc)
{
	struct stat owner;
	struct hf_proc proc;
	int ends[2];
	/* Of a place that nobody keeps it cannot be said that it was given up. */
	removexattr(note, PLACE);
	if (stat(origin, &owner) != 0)
		return HF_E_SYSTEM;
	if (owner.st_uid == 0)
		return HF_E_ABSENT;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return HF_E_SYSTEM;
	hf_auto_fd int wait_end = ends[0];
	hf_auto_fd int go_end = ends[1];
	proc.pid = start_place(self, hands, &owner, wait_end);
	if (proc.pid > 0 && hf_proc_start(proc.pid, &proc.start) == HF_OK && put_place_into(origin, proc.pid) &&
	    is_written_down(note, &proc) && write(go_end, "g", 1) == 1) {
		*ret_proc = proc;
		return HF_OK;
	}
	if (proc.pid > 0) {
		kill(proc.pid, SIGKILL);
		waitpid(proc.pid, NULL, 0);
		removexattr(note, PLACE);
	}
	return HF_E_SYSTEM;
}

static bool is_that_one(const struct hf_proc *proc)
{
	uint64_t start;
	return proc->pid > 0 && hf_proc_start(proc->pid, &start) == HF_OK && start == proc->start;
}

/* One of this life's is shown until it is waited for. */
bool hf_frozen_place_lives(const struct hf_proc *proc)
{
	char text[STAT_SIZE];
	if (!is_that_one(proc) || hf_proc_text(proc->pid, "stat", text, sizeof(text), NULL) != HF_OK)
		return false;
	const char *name_end = strrchr(text, ')');
	if (name_end && name_end[1] == ' ' && name_end[2] != 'Z' && name_end[2] != 'X')
		return true;
	(void)waitpid(proc->pid, NULL, WNOHANG);
	return false;
}

/* A pidfd opened before the look at the start time is that of the process that was meant. */
void hf_frozen_place_end(const struct hf_proc *proc)
{
	hf_auto_fd int pidfd = proc->pid > 0 ? (int)syscall(SYS_pidfd_open, proc->pid, 0) : -1;
	if (pidfd < 0 || !is_that_one(proc))
		return;
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	/* Of an earlier life of the agent the first process of the machine buries it. */
	(void)waitpid(proc->pid, NULL, 0);
}

int hf_frozen_place_main(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "holdfast-place");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (chdir("/") != 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return EXIT_FAILURE;
	signal(SIGHUP, SIG_DFL);
	for (;;)
		pause();
}
