/* SPDX-License-Identifier: MIT */
/*
 * Owns one of our policy files in the folders of all browsers, and sees each browser read it.
 * Must never say that a policy holds before every running browser has read it.
 */
#include "agent/enforce/common/policies/policy_set.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "agent/enforce/common/frozen.h"
#include "agent/enforce/common/hands.h"
#include "agent/enforce/common/saw.h"
#include "agent/machine/browsers.h"
#include "agent/machine/proc_paths.h"

#define FOLDER_EVENTS                                                                                                  \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF |           \
	 IN_MOVE_SELF | IN_ONLYDIR)

struct hf_policy_set {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	struct hf_hands *hands; /* borrowed */
	const char *file;
	bool told; /* something was applied in this life */
	struct hf_policy_folder folders[HF_POLICY_BROWSERS];
	size_t n_folders;
	struct hf_policy_text text; /* no fn: none is wanted */
	struct hf_readers readers;
	struct hf_readers_due due;
	bool settled;	/* nothing wanted and nothing there: nothing is watched */
	bool was_fresh; /* the file bears the time of a prod */
	int opens;	/* fanotify: who opens files of the folders; -1 none */
	int edits;	/* inotify: what changes in the folders; -1 none */
	struct hf_watch *opens_watch;
	struct hf_watch *edits_watch;
	struct hf_watch *timer;
	char found[HF_SAW_MAX + 1];
	char trouble[HF_SAW_MAX + 1];
};

static bool is_text_wanted(const struct hf_policy_set *set)
{
	return set->text.fn;
}

static bool file_there(const struct hf_policy_set *set)
{
	for (size_t i = 0; i < set->n_folders; i++) {
		if (set->folders[i].name[0])
			return true;
	}
	return false;
}

/* Who has read it -------------------------------------------------------------------------------------------------- */

static struct hf_reader *reader_of(struct hf_policy_set *set, const struct hf_proc *proc)
{
	return hf_readers_saw(&set->readers, proc, hf_clock_boot(), sysconf(_SC_CLK_TCK));
}

static void add_browser(void *arg, pid_t pid, const char *exe)
{
	struct hf_policy_set *set = arg;
	struct hf_proc proc = {.pid = pid};
	/* A frozen one shows nothing and sends nothing; it reads when it is thawed. */
	if (hf_browser_runs(pid, exe) && !hf_proc_frozen(pid) && hf_proc_start(pid, &proc.start) == HF_OK)
		reader_of(set, &proc);
}

static void look_for_browsers(struct hf_policy_set *set)
{
	struct hf_err err = {""};
	hf_readers_begin(&set->readers);
	if (hf_proc_paths_each(add_browser, set, &err) != HF_OK)
		hf_saw_cut(set->trouble, err.text);
	else
		hf_readers_end(&set->readers);
}

static bool has_wanted_text(const struct hf_policy_set *set, int fd)
{
	for (size_t i = 0; i < set->n_folders; i++) {
		const char *want = set->folders[i].text;
		size_t len = want ? strlen(want) : 0;
		hf_auto_free char *text = malloc(len + 2);
		if (want && text && pread(fd, text, len + 1, 0) == (ssize_t)len && memcmp(text, want, len) == 0)
			return true;
	}
	return false;
}

/* The name that the file had in its folder; a file that was replaced meanwhile has a word behind it. */
static void name_of_open(int fd, char name[PATH_MAX])
{
	char link[64];
	char path[PATH_MAX];
	name[0] = '\0';
	ssize_t n = -1;
	if (hf_str_printf(link, sizeof(link), "/proc/self/fd/%d", fd) == HF_OK)
		n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return;
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	char *word = strstr(path, " (deleted)");
	if (word)
		*word = '\0';
	if (slash && hf_str_copy(name, PATH_MAX, slash + 1) != HF_OK)
		name[0] = '\0';
}

static void on_open(struct hf_policy_set *set, const struct fanotify_event_metadata *event)
{
	char name[PATH_MAX];
	struct hf_proc proc = {.pid = event->pid};
	if (event->fd < 0 || event->pid <= 0 || event->pid == getpid())
		return;
	name_of_open(event->fd, name);
	bool lockdown = hf_policy_is(name, set->file);
	if ((!lockdown && strcmp(name, HF_POLICY_BASE) != 0) || hf_proc_start(proc.pid, &proc.start) != HF_OK ||
	    !hf_browser_runs(proc.pid, NULL))
		return;
	struct hf_reader_opened opened = {
		.locked = is_text_wanted(set), .lockdown = lockdown, .right = has_wanted_text(set, event->fd)};
	hf_readers_opened(reader_of(set, &proc), &opened, hf_clock_boot());
}

static void drain_opens(struct hf_policy_set *set)
{
	_Alignas(struct fanotify_event_metadata) char buf[4096];
	ssize_t left;
	while (set->opens >= 0 && (left = read(set->opens, buf, sizeof(buf))) > 0) {
		for (struct fanotify_event_metadata *event = (void *)buf; FAN_EVENT_OK(event, left);
		     event = FAN_EVENT_NEXT(event, left)) {
			on_open(set, event);
			if (event->fd >= 0)
				close(event->fd);
		}
	}
}

/* What was opened before the change must not count as reading what came with it. */
static void all_must_read(struct hf_policy_set *set)
{
	drain_opens(set);
	hf_readers_change(&set->readers, hf_clock_boot());
	set->was_fresh = false;
}

/* Watching --------------------------------------------------------------------------------------------------------- */

static void on_opens(void *arg, uint32_t events);
static void on_policy_edits(void *arg, uint32_t events);

static enum hf_rc watch_policies(struct hf_policy_set *set, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	if (set->edits < 0) {
		set->edits = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		rc = hf_loop_add_fd(set->loop, set->edits, on_policy_edits, set, &set->edits_watch);
	}
	if (rc == HF_OK && set->opens < 0) {
		set->opens = hf_watch_group(set->hands, FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK,
					    O_RDONLY | O_LARGEFILE | O_CLOEXEC);
		if (set->opens >= 0)
			rc = hf_loop_add_fd(set->loop, set->opens, on_opens, set, &set->opens_watch);
	}
	for (size_t i = 0; rc == HF_OK && i < set->n_folders; i++) {
		if (inotify_add_watch(set->edits, set->folders[i].path, FOLDER_EVENTS) < 0)
			rc = HF_E_SYSTEM;
		/* Without it nothing can be seen to hold while a browser runs; what is blocked is blocked. */
		if (set->opens >= 0)
			(void)hf_watch_mark(set->hands, set->opens, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD,
					    set->folders[i].path);
	}
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The browser policy folders cannot be watched: %s", strerror(errno));
	return HF_OK;
}

static void unwatch_policies(struct hf_policy_set *set)
{
	hf_watch_remove(&set->opens_watch);
	hf_watch_remove(&set->edits_watch);
	hf_fd_close(&set->opens);
	hf_fd_close(&set->edits);
	hf_readers_done(&set->readers);
	set->due = (struct hf_readers_due){0};
}

static void arm_policy_timer(struct hf_policy_set *set)
{
	if (hf_timer_arm(set->timer, set->due.next_ms) != HF_OK)
		hf_saw_cut(set->trouble, "The agent's timer does not run");
}

static void prod(struct hf_policy_set *set)
{
	struct hf_err err = {""};
	for (size_t i = 0; i < set->n_folders; i++) {
		enum hf_rc rc = is_text_wanted(set) ? hf_policy_folder_write(&set->folders[i], set->due.fresh, &err)
						    : hf_policy_folder_stir(&set->folders[i], &err);
		if (rc != HF_OK)
			hf_saw_cut(set->trouble, err.text);
	}
	set->was_fresh = set->was_fresh || (set->due.fresh && is_text_wanted(set));
}

/* Once all have read it: the time that makes the release quick; or, when nothing is wanted, nothing is watched. */
static void settle_policy(struct hf_policy_set *set)
{
	if (set->due.n_waiting > 0 || set->due.next_ms > 0)
		return;
	for (size_t i = 0; set->was_fresh && i < set->n_folders; i++)
		hf_policy_folder_age(&set->folders[i]);
	set->was_fresh = false;
	if (is_text_wanted(set))
		return;
	unwatch_policies(set);
	set->settled = true;
}

/* Says so when a probe would now answer otherwise. */
static void review_readers(struct hf_policy_set *set)
{
	struct hf_readers_due before = set->due;
	bool settled = set->settled;
	if (settled && !is_text_wanted(set))
		return;
	drain_opens(set);
	hf_readers_due(&set->readers, hf_clock_boot(), &set->due);
	if (set->due.prod)
		prod(set);
	settle_policy(set);
	arm_policy_timer(set);
	if (before.n_waiting != set->due.n_waiting || settled != set->settled)
		set->calls.changed(set->calls.arg);
}

static void on_opens(void *arg, uint32_t events)
{
	(void)events;
	review_readers(arg);
}

static void on_policy_timer(void *arg, uint32_t events)
{
	(void)events;
	look_for_browsers(arg);
	review_readers(arg);
}

/* What is there ---------------------------------------------------------------------------------------------------- */

static void note_policy_tampered(struct hf_policy_set *set, const struct hf_policy_folder *folder,
				 enum hf_policy_there there)
{
	snprintf(set->found, sizeof(set->found), "The browser policy in %.100s had been %s; it was put right",
		 folder->path, there == HF_POLICY_GONE ? "removed" : "changed");
}

/* Also after somebody else's policy has changed: ours must go on saying what that says. */
static enum hf_rc put_policy_right(struct hf_policy_set *set, bool *ret_changed, struct hf_err *err)
{
	*ret_changed = false;
	for (size_t i = 0; i < set->n_folders; i++) {
		struct hf_policy_folder *folder = &set->folders[i];
		enum hf_policy_there there = folder->name[0] ? hf_policy_folder_look(folder) : HF_POLICY_SAME;
		bool changed = false;
		enum hf_rc rc = hf_policy_folder_put(folder, &set->text, &changed, err);
		if (rc != HF_OK)
			return rc;
		if (there != HF_POLICY_SAME && set->told)
			note_policy_tampered(set, folder, there);
		*ret_changed = *ret_changed || changed;
	}
	return watch_policies(set, err);
}

static void drain_edits(int fd)
{
	char buf[4096];
	while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
		continue;
}

/* The agent's own writing is noticed here too; then nothing is found to be other than it should be. */
static void on_policy_edits(void *arg, uint32_t events)
{
	struct hf_policy_set *set = arg;
	struct hf_err err = {""};
	bool changed = false;
	(void)events;
	drain_edits(set->edits);
	if (!is_text_wanted(set) || !set->told)
		return;
	enum hf_rc rc = put_policy_right(set, &changed, &err);
	if (rc != HF_OK)
		hf_saw_cut(set->trouble, err.text);
	if (changed)
		all_must_read(set);
	if (changed || rc != HF_OK)
		review_readers(set);
	/* Also when it was another file of ours: who owns that looks. */
	set->calls.changed(set->calls.arg);
}

/* What is wanted --------------------------------------------------------------------------------------------------- */

static enum hf_rc put_policy(struct hf_policy_set *set, struct hf_err *err)
{
	bool changed;
	bool watched = set->edits >= 0;
	/* Marks before the file: a browser that is quick is seen reading it. */
	enum hf_rc rc = watch_policies(set, err);
	if (rc != HF_OK)
		return rc;
	look_for_browsers(set);
	set->settled = false;
	rc = put_policy_right(set, &changed, err);
	if (rc != HF_OK)
		return rc;
	if (changed || !watched)
		all_must_read(set);
	/* Of a lockdown that an earlier life left it is not known who has read it: they are made to read it again. */
	if (!changed && !watched && set->readers.n > 0)
		prod(set);
	return HF_OK;
}

static enum hf_rc clear_policy(struct hf_policy_set *set, struct hf_err *err)
{
	bool there = file_there(set);
	if (!there && set->edits < 0) {
		set->settled = true;
		return HF_OK;
	}
	enum hf_rc rc = watch_policies(set, err);
	if (rc != HF_OK)
		return rc;
	/* A file that could not be removed the last time was settled without it. */
	set->settled = false;
	look_for_browsers(set);
	if (there)
		all_must_read(set);
	for (size_t i = 0; i < set->n_folders; i++) {
		enum hf_rc one = hf_policy_folder_clear(&set->folders[i], err);
		rc = one == HF_OK ? rc : one;
	}
	return rc;
}

enum hf_rc hf_policy_set_apply(struct hf_policy_set *set, const struct hf_policy_text *text, struct hf_err *err)
{
	set->text = text ? *text : (struct hf_policy_text){.fn = NULL};
	set->trouble[0] = '\0';
	enum hf_rc rc = is_text_wanted(set) ? put_policy(set, err) : clear_policy(set, err);
	set->told = true;
	review_readers(set);
	if (rc != HF_OK)
		hf_saw_cut(set->trouble, err->text);
	return rc;
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static void probe_wanted(struct hf_policy_set *set, struct hf_saw *saw)
{
	struct hf_err err = {""};
	bool changed;
	if (put_policy_right(set, &changed, &err) != HF_OK) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", err.text);
		return;
	}
	set->trouble[0] = '\0';
	if (changed)
		all_must_read(set);
	look_for_browsers(set);
	review_readers(set);
	saw->state = set->due.n_waiting > 0 ? HF_LAYER_ARMED : HF_LAYER_VERIFIED;
}

static void probe_unwanted(struct hf_policy_set *set, struct hf_saw *saw)
{
	saw->state = set->settled ? HF_LAYER_IDLE : HF_LAYER_ARMED;
	if (file_there(set)) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", set->trouble);
	} else if (!set->settled) {
		snprintf(saw->text, sizeof(saw->text), "Released; running browsers that have not read that yet: %zu of %zu",
			 set->due.n_waiting, set->due.n_running);
	}
}

void hf_policy_set_probe(struct hf_policy_set *set, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	if (!set->told) {
		saw.state = file_there(set) ? HF_LAYER_ARMED : HF_LAYER_IDLE;
		if (file_there(set))
			hf_saw_cut(saw.text, "What was blocked before the agent started is still blocked");
	} else if (is_text_wanted(set)) {
		probe_wanted(set, &saw);
	} else {
		probe_unwanted(set, &saw);
	}
	hf_saw_found(&saw, set->found);
	*ret_saw = saw;
}

void hf_policy_set_close(struct hf_policy_set **address)
{
	struct hf_policy_set *set = *address;
	if (!set)
		return;
	unwatch_policies(set);
	hf_watch_remove(&set->timer);
	for (size_t i = 0; i < set->n_folders; i++)
		hf_policy_folder_close(&set->folders[i]);
	free(set);
	*address = NULL;
}

enum hf_rc hf_policy_set_open(const struct hf_layer_home *home, const char *file, struct hf_policy_set **ret_set,
			      struct hf_err *err)
{
	struct hf_policy_set *set = calloc(1, sizeof(*set));
	if (!set)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the browsers' policies");
	set->loop = home->loop;
	set->calls = *home->calls;
	set->hands = home->conf->hands;
	set->file = file;
	set->opens = set->edits = -1;
	enum hf_rc rc = hf_policy_folders_open(home->conf, file, set->folders, &set->n_folders, err);
	if (rc == HF_OK && hf_loop_add_timer(set->loop, on_policy_timer, set, &set->timer) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "The browsers' policies cannot have a timer: %m");
	if (rc != HF_OK) {
		hf_policy_set_close(&set);
		return rc;
	}
	*ret_set = set;
	return HF_OK;
}

const struct hf_readers_due *hf_policy_set_due(const struct hf_policy_set *set)
{
	return &set->due;
}

size_t hf_policy_set_browsers(const struct hf_policy_set *set, const struct hf_reader **ret)
{
	*ret = set->readers.v;
	return set->readers.n;
}
