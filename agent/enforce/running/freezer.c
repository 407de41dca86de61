/* SPDX-License-Identifier: MIT */
/*
 * Owns how running processes come into the groups of frozen ones, and out of them.
 * Must never move a process that it did not mean, nor lose where a process came from.
 */
#include "agent/enforce/running/freezer.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/common/programs_folder.h"
#include "agent/enforce/running/frozen_note.h"

#define MOUNTINFO_MAX 262144 /* a laptop has some dozens of mounts of about 100 bytes */
#define ROUNDS 8	     /* a process that was thawed by somebody may fork while it is put back */

struct hf_freezer {
	char mount[PATH_MAX]; /* of cgroup v2; "" when there is none */
	char home[PATH_MAX];  /* the slice in which our notes are */
	char old[PATH_MAX];   /* where the version before made its groups: read, and emptied as ever */
	const char *self;
	struct hf_hands *hands;
	int news; /* inotify */
};

static bool find_homes(struct hf_freezer *freezer, const char *cgroup)
{
	hf_auto_free char *text = NULL;
	size_t len;
	struct hf_err ignored = {""};
	if (hf_fs_read("/proc/self/mountinfo", MOUNTINFO_MAX, &text, &len, &ignored) != HF_OK ||
	    hf_cgroup2_mount_parse(text, freezer->mount, sizeof(freezer->mount)) != HF_OK)
		return false;
	const char *top = cgroup[0] ? cgroup : freezer->mount;
	return hf_str_printf(freezer->home, sizeof(freezer->home), "%s/" HF_FROZEN_FOLDER, top) == HF_OK &&
	       hf_str_printf(freezer->old, sizeof(freezer->old), "%s/" HF_FROZEN_OLD_FOLDER, top) == HF_OK;
}

enum hf_rc hf_freezer_open(const char *cgroup, const char *self, struct hf_hands *hands,
			   struct hf_freezer **ret_freezer, struct hf_err *err)
{
	struct hf_freezer *freezer = calloc(1, sizeof(*freezer));
	if (!freezer)
		return hf_err_set(err, HF_E_MEMORY, "No memory to look after running programs");
	freezer->self = self;
	freezer->hands = hands;
	freezer->news = -1;
	if (!find_homes(freezer, cgroup))
		freezer->mount[0] = '\0';
	else
		freezer->news = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	*ret_freezer = freezer;
	return HF_OK;
}

void hf_freezer_close(struct hf_freezer **freezer)
{
	hf_fd_close(&(*freezer)->news);
	free(*freezer);
	*freezer = NULL;
}

int hf_freezer_news(const struct hf_freezer *freezer)
{
	return freezer->news;
}

void hf_freezer_heard(struct hf_freezer *freezer)
{
	char events[4096];
	while (read(freezer->news, events, sizeof(events)) > 0)
		continue;
}

static bool put_into(const char *group, pid_t pid)
{
	char word[32];
	return hf_str_printf(word, sizeof(word), "%d", (int)pid) == HF_OK && hf_group_tell(group, "cgroup.procs", word);
}

static bool is_frozen_group(const struct hf_freezer *freezer, const char *cgroup)
{
	char path[PATH_MAX];
	const char *last = strrchr(cgroup, '/');
	if (hf_str_printf(path, sizeof(path), "%s%s", freezer->mount, cgroup) != HF_OK)
		return false;
	return hf_path_below(freezer->home, path) || hf_path_below(freezer->old, path) ||
	       (last && strcmp(last + 1, HF_FROZEN_INSIDE) == 0 && hf_group_is_roots(freezer->mount, path));
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
	struct hf_frozen_note note;
	uint64_t start;
	if (!freezer->mount[0])
		return hf_err_set(err, HF_E_SYSTEM,
				  "Running programs cannot be frozen: no cgroup v2 is mounted on this machine");
	if (hf_proc_start(proc->pid, &start) != HF_OK || start != proc->start ||
	    hf_proc_cgroup(hf_proc_shown_by(proc->pid), cgroup, sizeof(cgroup)) != HF_OK)
		return hf_err_set(err, HF_E_ABSENT, "Process %d is gone", (int)proc->pid);
	if (is_frozen_group(freezer, cgroup))
		return HF_OK;
	if (hf_str_printf(origin, sizeof(origin), "%s%s", freezer->mount, cgroup) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "The control group of process %d has too long a name",
				  (int)proc->pid);
	enum hf_rc rc = hf_frozen_note_for(freezer->home, freezer->mount, origin, &note, err);
	if (rc != HF_OK)
		return rc;
	hf_frozen_note_keep_place(&note, freezer->self, freezer->hands);
	return move_checked(proc, note.group, origin, err);
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

struct keeping {
	const struct hf_freezer *freezer;
	hf_must_hold_fn must_hold;
	void *arg;
	const char *origin;
	size_t held; /* left in the group */
	size_t moved;
	size_t stuck; /* to be put back, but could not be */
};

/* However many there are: one that was not read would never be put back. */
static enum hf_rc each_number(const char *group, const char *list, hf_held_fn fn, void *arg, struct hf_err *err)
{
	char path[PATH_MAX];
	FILE *file;
	int pid;
	bool failed;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "%s/%s", group, list);
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

struct others {
	hf_held_fn fn;
	void *arg;
	pid_t last;
};

static void pass_process(void *arg, pid_t tid)
{
	struct others *others = arg;
	pid_t pid;
	if (hf_proc_of_thread(tid, &pid) != HF_OK || pid == tid || pid == others->last || hf_proc_shown_by(pid) == pid)
		return;
	others->last = pid;
	others->fn(others->arg, pid);
}

/* The kernel moves no thread that has ended, and lists a process by its first: of one without it the others stand there. */
static enum hf_rc each_of(const char *group, hf_held_fn fn, void *arg, struct hf_err *err)
{
	struct others others = {.fn = fn, .arg = arg};
	enum hf_rc rc = each_number(group, "cgroup.procs", fn, arg, err);
	if (rc == HF_OK)
		(void)!each_number(group, "cgroup.threads", pass_process, &others, NULL);
	return rc;
}

/* Its first thread ended in the group and is shown there for ever; it itself is elsewhere. */
static bool has_left(const struct keeping *k, pid_t pid)
{
	return hf_proc_shown_by(pid) != pid && !hf_freezer_has(k->freezer, pid);
}

static void keep_one(void *arg, pid_t pid)
{
	struct keeping *k = arg;
	if (has_left(k, pid))
		return;
	if (k->must_hold && k->must_hold(k->arg, pid))
		k->held++;
	else if (put_back_into(k->origin, pid))
		k->moved++;
	else
		k->stuck++;
}

static enum hf_rc keep_round(struct keeping *k, const char *group, struct hf_err *err)
{
	k->held = k->moved = k->stuck = 0;
	enum hf_rc rc = each_of(group, keep_one, k, err);
	/* Its service manager removed it with all that was in it. */
	return rc == HF_E_ABSENT ? HF_OK : rc;
}

/* A process that is just dying is shown no more, and is still there for a moment: whoever looks comes again. */
static bool is_removed(const struct hf_frozen_note *note, struct hf_freezer_saw *saw)
{
	if (hf_frozen_note_end(note))
		return true;
	saw->n_running += errno == EBUSY;
	return errno == EBUSY;
}

static enum hf_rc freeze_again(const struct hf_frozen_note *note, size_t held, struct hf_freezer_saw *saw,
			       struct hf_err *err)
{
	if (!hf_group_says(note->group, "cgroup.events", "frozen 1"))
		saw->n_running += held;
	if (hf_group_says(note->group, "cgroup.freeze", "1"))
		return HF_OK;
	saw->n_loose += held;
	if (hf_group_tell(note->group, "cgroup.freeze", "1"))
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "The control group %s does not freeze: %s", note->group, strerror(errno));
}

static enum hf_rc keep_group(const struct hf_frozen_note *note, struct keeping *k, struct hf_freezer_saw *saw,
			     struct hf_err *err)
{
	k->origin = note->origin;
	enum hf_rc rc = keep_round(k, note->group, err);
	for (int round = 0; rc == HF_OK && k->moved > 0 && round < ROUNDS; round++)
		rc = keep_round(k, note->group, err);
	if (rc != HF_OK)
		return rc;
	saw->n_held += k->held + k->stuck;
	if (k->held + k->stuck + k->moved == 0 && !is_removed(note, saw))
		return hf_err_set(err, HF_E_SYSTEM, "The empty control group %s cannot be removed: %s", note->group,
				  strerror(errno));
	rc = k->held > 0 ? freeze_again(note, k->held, saw, err) : HF_OK;
	if (rc != HF_OK)
		return rc;
	/* One that is just dying lets itself be moved, and stands there still: whoever looks comes again. */
	saw->n_running += k->moved;
	if (k->stuck == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "%zu frozen programs could not be put back into %s yet",
			  k->stuck + k->moved, k->origin);
}

static void end_one(void *arg, pid_t pid)
{
	size_t *n = arg;
	*n += kill(pid, SIGKILL) == 0;
}

/* They cannot hear a request to end, and would go on in no unit: what is stopped ends, as it does for systemd. */
static enum hf_rc end_stopped(const struct hf_frozen_note *note, struct hf_freezer_saw *saw, struct hf_err *err)
{
	size_t n = 0;
	enum hf_rc rc = each_of(note->group, end_one, &n, err);
	saw->n_held += n;
	saw->n_running += n;
	if (n == 0 && rc == HF_OK)
		(void)is_removed(note, saw);
	return rc;
}

static void listen_to(const struct hf_freezer *freezer, const struct hf_frozen_note *note)
{
	char path[PATH_MAX];
	if (note->place.pid > 0 && freezer->news >= 0 &&
	    hf_str_printf(path, sizeof(path), "%s/cgroup.events", note->origin) == HF_OK)
		inotify_add_watch(freezer->news, path, IN_MODIFY);
}

struct keeping_all {
	struct hf_freezer *freezer;
	struct keeping keeping;
	struct hf_freezer_saw saw;
	struct hf_err *err;
	enum hf_rc worst;
};

static void keep_noted(void *arg, const struct hf_frozen_note *note)
{
	struct keeping_all *all = arg;
	enum hf_rc rc;
	listen_to(all->freezer, note);
	if (hf_frozen_note_is_stopped(note))
		rc = end_stopped(note, &all->saw, all->err);
	else
		rc = keep_group(note, &all->keeping, &all->saw, all->err);
	if (rc != HF_OK)
		all->worst = rc;
}

typedef void (*note_fn)(void *arg, const struct hf_frozen_note *note);

static enum hf_rc each_note_of(const struct hf_freezer *freezer, const char *home, note_fn fn, void *arg)
{
	char path[PATH_MAX];
	struct hf_frozen_note note;
	DIR *dir = freezer->mount[0] ? opendir(home) : NULL;
	enum hf_rc worst = HF_OK;
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, HF_FROZEN_PREFIX, strlen(HF_FROZEN_PREFIX)) != 0)
			continue;
		enum hf_rc rc = hf_str_printf(path, sizeof(path), "%s/%s", home, entry->d_name);
		if (rc == HF_OK)
			rc = hf_frozen_note_read(path, freezer->mount, &note);
		if (rc == HF_OK)
			fn(arg, &note);
		else
			worst = rc;
	}
	if (dir)
		closedir(dir);
	return worst;
}

static enum hf_rc each_note(const struct hf_freezer *freezer, note_fn fn, void *arg)
{
	enum hf_rc old = each_note_of(freezer, freezer->old, fn, arg);
	enum hf_rc rc = each_note_of(freezer, freezer->home, fn, arg);
	return rc == HF_OK ? old : rc;
}

/* Once nothing is in them; systemd never made them. */
static void remove_homes(const struct hf_freezer *freezer)
{
	char slice[PATH_MAX];
	if (!freezer->mount[0])
		return;
	rmdir(freezer->old);
	/* One may have gone before, and the other stayed. */
	if ((rmdir(freezer->home) == 0 || errno == ENOENT) && hf_str_copy(slice, sizeof(slice), freezer->home) == HF_OK) {
		*strrchr(slice, '/') = '\0';
		rmdir(slice);
	}
}

enum hf_rc hf_freezer_keep(struct hf_freezer *freezer, hf_must_hold_fn must_hold, void *arg,
			   struct hf_freezer_saw *ret_saw, struct hf_err *err)
{
	struct keeping_all all = {
		.freezer = freezer, .keeping = {.freezer = freezer, .must_hold = must_hold, .arg = arg}, .err = err};
	enum hf_rc rc = each_note(freezer, keep_noted, &all);
	remove_homes(freezer);
	*ret_saw = all.saw;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of the control group %s is too long", freezer->home);
	return all.worst;
}

struct each_held {
	hf_held_fn fn;
	void *arg;
};

static void pass_held(void *arg, const struct hf_frozen_note *note)
{
	const struct each_held *each = arg;
	(void)!each_of(note->group, each->fn, each->arg, NULL);
}

void hf_freezer_each(struct hf_freezer *freezer, hf_held_fn fn, void *arg)
{
	struct each_held each = {fn, arg};
	(void)!each_note(freezer, pass_held, &each);
}

bool hf_freezer_has(const struct hf_freezer *freezer, pid_t pid)
{
	char cgroup[PATH_MAX];
	return freezer->mount[0] && hf_proc_cgroup(hf_proc_shown_by(pid), cgroup, sizeof(cgroup)) == HF_OK &&
	       is_frozen_group(freezer, cgroup);
}
