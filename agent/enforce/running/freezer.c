/* SPDX-License-Identifier: MIT */
/*
 * Owns the control groups below <cgroup>/holdfast.
 * Must never move a process that it did not mean, nor lose where a process came from.
 */
#include "agent/enforce/running/freezer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/common/frozen.h"

#define ORIGIN "trusted.holdfast.origin"
#define GROUPS_MAX 4096	     /* as many origins as processes, and far more than a person starts */
#define MOUNTINFO_MAX 262144 /* a laptop has some dozens of mounts of about 100 bytes */
#define STATE_MAX 4096	     /* bytes of the files that say a few words */
#define ROUNDS 8	     /* a process that was thawed by somebody may fork while it is put back */

struct hf_freezer {
	char mount[PATH_MAX]; /* of cgroup v2; "" when there is none */
	char home[PATH_MAX];  /* <cgroup>/holdfast */
};

enum hf_rc hf_freezer_open(const char *cgroup, struct hf_freezer **ret_freezer, struct hf_err *err)
{
	struct hf_freezer *freezer = calloc(1, sizeof(*freezer));
	if (!freezer)
		return hf_err_set(err, HF_E_MEMORY, "No memory to look after running programs");
	hf_auto_free char *text = NULL;
	size_t len;
	enum hf_rc rc = hf_fs_read("/proc/self/mountinfo", MOUNTINFO_MAX, &text, &len, err);
	if (rc == HF_OK)
		rc = hf_cgroup2_mount_parse(text, freezer->mount, sizeof(freezer->mount));
	if (rc == HF_OK)
		rc = hf_str_printf(freezer->home, sizeof(freezer->home), "%s/" HF_FROZEN_FOLDER,
				   cgroup[0] ? cgroup : freezer->mount);
	if (rc != HF_OK)
		freezer->mount[0] = '\0';
	*ret_freezer = freezer;
	return HF_OK;
}

void hf_freezer_close(struct hf_freezer **freezer)
{
	free(*freezer);
	*freezer = NULL;
}

/* One write is one command to the kernel: it is done whole or fails. */
static bool tell_group(const char *group, const char *file, const char *word)
{
	char path[PATH_MAX];
	if (hf_str_printf(path, sizeof(path), "%s/%s", group, file) != HF_OK)
		return false;
	hf_auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word);
}

static bool put_into(const char *group, pid_t pid)
{
	char word[32];
	return hf_str_printf(word, sizeof(word), "%d", (int)pid) == HF_OK && tell_group(group, "cgroup.procs", word);
}

static bool origin_of(const char *group, char *ret_origin, size_t size)
{
	ssize_t n = getxattr(group, ORIGIN, ret_origin, size - 1);
	if (n <= 0)
		return false;
	ret_origin[n] = '\0';
	return true;
}

/* Makes a group that is frozen before anything is in it: what enters stops at once. */
static enum hf_rc make_frozen_group(const char *group, const char *origin, struct hf_err *err)
{
	bool made = mkdir(group, 0755) == 0;
	if (made && setxattr(group, ORIGIN, origin, strlen(origin), XATTR_CREATE) == 0 &&
	    tell_group(group, "cgroup.freeze", "1"))
		return HF_OK;
	int why = errno;
	if (made)
		rmdir(group);
	return hf_err_set(err, HF_E_SYSTEM, "A control group for frozen programs cannot be made at %s: %s", group,
			  strerror(why));
}

/* The group for processes that come from origin; made when there is none yet. */
static enum hf_rc group_for(const struct hf_freezer *freezer, const char *origin, char *ret_group, size_t size,
			    struct hf_err *err)
{
	char known[PATH_MAX];
	if (mkdir(freezer->home, 0755) != 0 && errno != EEXIST)
		return hf_err_set(err, HF_E_SYSTEM, "The control group %s cannot be made: %s", freezer->home,
				  strerror(errno));
	for (int i = 1; i <= GROUPS_MAX; i++) {
		enum hf_rc rc = hf_str_printf(ret_group, size, "%s/" HF_FROZEN_PREFIX "%d", freezer->home, i);
		if (rc != HF_OK)
			return hf_err_set(err, rc, "The path of the control group %s is too long", freezer->home);
		if (access(ret_group, F_OK) != 0)
			return make_frozen_group(ret_group, origin, err);
		if (origin_of(ret_group, known, sizeof(known)) && strcmp(known, origin) == 0)
			return tell_group(ret_group, "cgroup.freeze", "1")
				       ? HF_OK
				       : hf_err_set(err, HF_E_SYSTEM, "The control group %s does not freeze: %s",
						    ret_group, strerror(errno));
	}
	return hf_err_set(err, HF_E_SIZE, "Too many groups of frozen programs at %s", freezer->home);
}

static bool is_frozen_group(const struct hf_freezer *freezer, const char *cgroup)
{
	char path[PATH_MAX];
	size_t len = strlen(freezer->home);
	return hf_str_printf(path, sizeof(path), "%s%s", freezer->mount, cgroup) == HF_OK &&
	       strncmp(path, freezer->home, len) == 0 && path[len] == '/';
}

/* A pidfd opened before the look at the start time, and alive after the move, proves that it was that process. */
static enum hf_rc move_checked(const struct hf_proc *proc, const char *group, const char *origin, struct hf_err *err)
{
	uint64_t start;
	hf_auto_fd int pidfd = (int)syscall(SYS_pidfd_open, proc->pid, 0);
	if (pidfd < 0 || hf_proc_start(proc->pid, &start) != HF_OK || start != proc->start)
		return hf_err_set(err, HF_E_ABSENT, "Process %d is gone", (int)proc->pid);
	if (!put_into(group, proc->pid))
		return hf_err_set(err, errno == ESRCH ? HF_E_ABSENT : HF_E_SYSTEM,
				  "Process %d cannot be moved into %s: %s", (int)proc->pid, group, strerror(errno));
	/* Who may not send it a signal is told so of one that is alive. */
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0 || errno == EPERM)
		return HF_OK;
	(void)put_into(origin, proc->pid);
	return hf_err_set(err, HF_E_ABSENT, "Process %d is gone", (int)proc->pid);
}

enum hf_rc hf_freezer_hold(struct hf_freezer *freezer, const struct hf_proc *proc, struct hf_err *err)
{
	char cgroup[PATH_MAX];
	char origin[PATH_MAX];
	char group[PATH_MAX];
	uint64_t start;
	if (!freezer->mount[0])
		return hf_err_set(err, HF_E_SYSTEM,
				  "Running programs cannot be frozen: no cgroup v2 is mounted on this machine");
	if (hf_proc_start(proc->pid, &start) != HF_OK || start != proc->start ||
	    hf_proc_cgroup(proc->pid, cgroup, sizeof(cgroup)) != HF_OK)
		return hf_err_set(err, HF_E_ABSENT, "Process %d is gone", (int)proc->pid);
	if (is_frozen_group(freezer, cgroup))
		return HF_OK;
	if (hf_str_printf(origin, sizeof(origin), "%s%s", freezer->mount, cgroup) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "The control group of process %d has too long a name",
				  (int)proc->pid);
	enum hf_rc rc = group_for(freezer, origin, group, sizeof(group), err);
	return rc == HF_OK ? move_checked(proc, group, origin, err) : rc;
}

/* A service manager removes a group when its last process leaves; then it is made again under its name. */
static bool put_back_into(const char *origin, pid_t pid)
{
	if (put_into(origin, pid) || errno == ESRCH)
		return true;
	struct hf_err ignored = {""};
	return errno == ENOENT && hf_fs_mkdirs(origin, 0755, &ignored) == HF_OK &&
	       (put_into(origin, pid) || errno == ESRCH);
}

static enum hf_rc read_group(const char *group, const char *file, char **ret, struct hf_err *err)
{
	char path[PATH_MAX];
	size_t len;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "%s/%s", group, file);
	return rc == HF_OK ? hf_fs_read(path, STATE_MAX, ret, &len, err) : rc;
}

struct keeping {
	hf_must_hold_fn must_hold;
	void *arg;
	const char *group;
	const char *origin;
	size_t held; /* left in the group */
	size_t moved;
	size_t stuck; /* to be put back, but could not be */
};

/* However many there are: one that was not read would never be put back. */
static enum hf_rc each_of(const char *group, hf_held_fn fn, void *arg, struct hf_err *err)
{
	char path[PATH_MAX];
	FILE *file;
	int pid;
	bool failed;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "%s/cgroup.procs", group);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of the control group %s is too long", group);
	file = fopen(path, "re");
	if (!file)
		return hf_err_set(err, errno == ENOENT ? HF_E_ABSENT : HF_E_SYSTEM, "%s cannot be read: %m", path);
	while (fscanf(file, "%d", &pid) == 1)
		fn(arg, (pid_t)pid);
	failed = ferror(file);
	fclose(file);
	return failed ? hf_err_set(err, HF_E_SYSTEM, "%s cannot be read to its end", path) : HF_OK;
}

static void keep_one(void *arg, pid_t pid)
{
	struct keeping *k = arg;
	if (k->must_hold && k->must_hold(k->arg, pid))
		k->held++;
	else if (put_back_into(k->origin, pid))
		k->moved++;
	else
		k->stuck++;
}

static enum hf_rc keep_round(struct keeping *k, struct hf_err *err)
{
	k->held = k->moved = k->stuck = 0;
	return each_of(k->group, keep_one, k, err);
}

static bool says(const char *group, const char *file, const char *word)
{
	hf_auto_free char *text = NULL;
	struct hf_err ignored = {""};
	return read_group(group, file, &text, &ignored) == HF_OK && strstr(text, word);
}

/* A process that is just dying is shown no more, and is still there for a moment: whoever looks comes again. */
static bool is_removed(const char *group, struct hf_freezer_saw *saw)
{
	if (rmdir(group) == 0 || errno == ENOENT)
		return true;
	saw->n_running += errno == EBUSY;
	return errno == EBUSY;
}

static enum hf_rc keep_group(struct keeping *k, struct hf_freezer_saw *saw, struct hf_err *err)
{
	enum hf_rc rc = keep_round(k, err);
	for (int round = 0; rc == HF_OK && k->moved > 0 && round < ROUNDS; round++)
		rc = keep_round(k, err);
	if (rc != HF_OK)
		return rc;
	saw->n_held += k->held + k->stuck;
	if (k->held + k->stuck + k->moved == 0 && !is_removed(k->group, saw))
		return hf_err_set(err, HF_E_SYSTEM, "The empty control group %s cannot be removed: %s", k->group,
				  strerror(errno));
	if (k->held > 0 && !says(k->group, "cgroup.events", "frozen 1"))
		saw->n_running += k->held;
	if (k->held > 0 && !says(k->group, "cgroup.freeze", "1")) {
		saw->n_loose += k->held;
		if (!tell_group(k->group, "cgroup.freeze", "1"))
			return hf_err_set(err, HF_E_SYSTEM, "The control group %s does not freeze: %s", k->group,
					  strerror(errno));
	}
	/* One that is just dying lets itself be moved, and stands there still: whoever looks comes again. */
	saw->n_running += k->moved;
	if (k->stuck == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "%zu frozen programs could not be put back into %s yet",
			  k->stuck + k->moved, k->origin);
}

/* Without its note (which only a torn start leaves out) the processes are put back beside our groups. */
static enum hf_rc keep_named(struct hf_freezer *freezer, const char *name, struct keeping *k,
			     struct hf_freezer_saw *saw, struct hf_err *err)
{
	char group[PATH_MAX];
	char origin[PATH_MAX];
	enum hf_rc rc = hf_str_printf(group, sizeof(group), "%s/%s", freezer->home, name);
	if (rc == HF_OK && !origin_of(group, origin, sizeof(origin)))
		rc = hf_str_copy(origin, sizeof(origin), freezer->mount);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of the control group %s is too long", freezer->home);
	k->group = group;
	k->origin = origin;
	return keep_group(k, saw, err);
}

enum hf_rc hf_freezer_keep(struct hf_freezer *freezer, hf_must_hold_fn must_hold, void *arg,
			   struct hf_freezer_saw *ret_saw, struct hf_err *err)
{
	struct keeping keeping = {.must_hold = must_hold, .arg = arg};
	struct hf_freezer_saw saw = {0, 0, 0};
	DIR *dir = freezer->mount[0] ? opendir(freezer->home) : NULL;
	enum hf_rc worst = HF_OK;
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, HF_FROZEN_PREFIX, strlen(HF_FROZEN_PREFIX)) != 0)
			continue;
		enum hf_rc rc = keep_named(freezer, entry->d_name, &keeping, &saw, err);
		if (rc != HF_OK)
			worst = rc;
	}
	if (dir) {
		closedir(dir);
		rmdir(freezer->home);
	}
	*ret_saw = saw;
	return worst;
}

void hf_freezer_each(struct hf_freezer *freezer, hf_held_fn fn, void *arg)
{
	char group[PATH_MAX];
	DIR *dir = freezer->mount[0] ? opendir(freezer->home) : NULL;
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, HF_FROZEN_PREFIX, strlen(HF_FROZEN_PREFIX)) == 0 &&
		    hf_str_printf(group, sizeof(group), "%s/%s", freezer->home, entry->d_name) == HF_OK)
			(void)!each_of(group, fn, arg, NULL);
	}
	if (dir)
		closedir(dir);
}

bool hf_freezer_has(const struct hf_freezer *freezer, pid_t pid)
{
	char cgroup[PATH_MAX];
	return freezer->mount[0] && hf_proc_cgroup(pid, cgroup, sizeof(cgroup)) == HF_OK &&
	       is_frozen_group(freezer, cgroup);
}
