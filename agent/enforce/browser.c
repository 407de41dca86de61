/* SPDX-License-Identifier: MIT */
/*
 * browser.c - owns the layer that blocks addresses in Chromium and Chrome, and sees each browser read that.
 * Room: agent/enforce.
 * Must never say that a block holds before every running browser has read it.
 */
#include "enforce.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "browser_folder.h"
#include "browser_readers.h"

#define FOLDERS 2
#define FOLDER_EVENTS                                                                                                  \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF |           \
	 IN_MOVE_SELF | IN_ONLYDIR)

struct hf_layer {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	bool told; /* a plan was given in this life */
	struct hf_policy_folder folders[FOLDERS];
	struct hf_strs addresses; /* what the plan blocks; the strings are ours too */
	struct hf_readers readers;
	struct hf_readers_due due;
	bool settled;	/* nothing wanted and nothing there: nothing is watched */
	bool was_fresh; /* the file bears the time of a prod */
	int opens;	/* fanotify: who opens files of the folders; -1 none */
	int edits;	/* inotify: what changes in the folders; -1 none */
	struct hf_watch *opens_watch;
	struct hf_watch *edits_watch;
	struct hf_watch *timer;
	bool tampered;
	char found[HF_SAW_MAX + 1];
	char trouble[HF_SAW_MAX + 1];
};

static void cut(char text[HF_SAW_MAX + 1], const char *from)
{
	snprintf(text, HF_SAW_MAX + 1, "%.*s", HF_SAW_MAX, from);
}

static bool locked(const struct hf_layer *layer)
{
	return layer->addresses.n > 0;
}

static bool file_there(const struct hf_layer *layer)
{
	return layer->folders[0].name[0] || layer->folders[1].name[0];
}

/* Who has read it -------------------------------------------------------------------------------------------------- */

static bool is_browser(pid_t pid)
{
	char link[64];
	char exe[PATH_MAX];
	char cmdline[HF_PROC_TEXT_SIZE];
	size_t len;
	if (hf_str_printf(link, sizeof(link), "/proc/%d/exe", (int)pid) != HF_OK)
		return false;
	ssize_t n = readlink(link, exe, sizeof(exe) - 1);
	if (n <= 0)
		return false;
	exe[n] = '\0';
	return hf_proc_text(pid, "cmdline", cmdline, sizeof(cmdline), &len) == HF_OK &&
	       hf_browser_is(exe, cmdline, len);
}

/* A frozen browser shows nothing and sends nothing; it reads when it is thawed. */
static bool is_frozen(pid_t pid)
{
	char cgroup[PATH_MAX];
	return hf_proc_cgroup(pid, cgroup, sizeof(cgroup)) == HF_OK && strstr(cgroup, "/holdfast/frozen-");
}

static struct hf_reader *reader_of(struct hf_layer *layer, const struct hf_proc *proc)
{
	return hf_readers_saw(&layer->readers, proc, hf_clock_boot(), sysconf(_SC_CLK_TCK));
}

static void add_browser(void *arg, const struct hf_proc *proc)
{
	struct hf_layer *layer = arg;
	if (is_browser(proc->pid) && !is_frozen(proc->pid))
		reader_of(layer, proc);
}

static void look_for_browsers(struct hf_layer *layer)
{
	struct hf_err err;
	hf_readers_begin(&layer->readers);
	if (hf_procs_each(add_browser, layer, &err) != HF_OK)
		cut(layer->trouble, err.text);
	else
		hf_readers_end(&layer->readers);
}

static bool has_wanted_text(const struct hf_layer *layer, int fd)
{
	for (int i = 0; i < FOLDERS; i++) {
		const char *want = layer->folders[i].text;
		size_t len = want ? strlen(want) : 0;
		hf_auto_free char *text = malloc(len + 2);
		if (want && text && pread(fd, text, len + 1, 0) == (ssize_t)len && memcmp(text, want, len) == 0)
			return true;
	}
	return false;
}

/* The name that the file had in its folder; a file that was replaced meanwhile has a word behind it. */
static void name_of(int fd, char name[PATH_MAX])
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

static void on_open(struct hf_layer *layer, const struct fanotify_event_metadata *event)
{
	char name[PATH_MAX];
	struct hf_proc proc = {.pid = event->pid};
	if (event->fd < 0 || event->pid <= 0 || event->pid == getpid())
		return;
	name_of(event->fd, name);
	bool lockdown = hf_policy_is_lockdown(name);
	if ((!lockdown && strcmp(name, HF_POLICY_BASE) != 0) || hf_proc_start(proc.pid, &proc.start) != HF_OK ||
	    !is_browser(proc.pid))
		return;
	struct hf_reader_opened opened = {
		.locked = locked(layer), .lockdown = lockdown, .right = has_wanted_text(layer, event->fd)};
	hf_readers_opened(reader_of(layer, &proc), &opened, hf_clock_boot());
}

static void drain_opens(struct hf_layer *layer)
{
	_Alignas(struct fanotify_event_metadata) char buf[4096];
	ssize_t left;
	while (layer->opens >= 0 && (left = read(layer->opens, buf, sizeof(buf))) > 0) {
		for (struct fanotify_event_metadata *event = (void *)buf; FAN_EVENT_OK(event, left);
		     event = FAN_EVENT_NEXT(event, left)) {
			on_open(layer, event);
			if (event->fd >= 0)
				close(event->fd);
		}
	}
}

/* What was opened before the change must not count as reading what came with it. */
static void all_must_read(struct hf_layer *layer)
{
	drain_opens(layer);
	hf_readers_change(&layer->readers, hf_clock_boot());
	layer->was_fresh = false;
}

/* Watching --------------------------------------------------------------------------------------------------------- */

static void on_opens(void *arg, uint32_t events);
static void on_edits(void *arg, uint32_t events);

static enum hf_rc start_watching(struct hf_layer *layer, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	if (layer->edits < 0) {
		layer->edits = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		rc = hf_loop_add_fd(layer->loop, layer->edits, EPOLLIN, on_edits, layer, &layer->edits_watch);
	}
	if (rc == HF_OK && layer->opens < 0) {
		layer->opens =
			fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY | O_LARGEFILE | O_CLOEXEC);
		if (layer->opens >= 0)
			rc = hf_loop_add_fd(layer->loop, layer->opens, EPOLLIN, on_opens, layer, &layer->opens_watch);
	}
	for (int i = 0; rc == HF_OK && i < FOLDERS; i++) {
		if (inotify_add_watch(layer->edits, layer->folders[i].path, FOLDER_EVENTS) < 0)
			rc = HF_E_SYSTEM;
		/* Without it nothing can be seen to hold while a browser runs; what is blocked is blocked. */
		if (layer->opens >= 0)
			(void)fanotify_mark(layer->opens, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD,
					    layer->folders[i].path);
	}
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The browser policy folders cannot be watched: %s", strerror(errno));
	return HF_OK;
}

static void stop_watching(struct hf_layer *layer)
{
	hf_watch_remove(&layer->opens_watch);
	hf_watch_remove(&layer->edits_watch);
	hf_fd_close(&layer->opens);
	hf_fd_close(&layer->edits);
	hf_readers_done(&layer->readers);
	layer->due = (struct hf_readers_due){0};
}

static void arm(struct hf_layer *layer)
{
	if (hf_timer_arm(layer->timer, layer->due.next_ms) != HF_OK)
		cut(layer->trouble, "The agent's timer does not run");
}

static void prod(struct hf_layer *layer)
{
	struct hf_err err;
	for (int i = 0; i < FOLDERS; i++) {
		enum hf_rc rc = locked(layer) ? hf_policy_folder_write(&layer->folders[i], layer->due.fresh, &err)
					      : hf_policy_folder_stir(&layer->folders[i], &err);
		if (rc != HF_OK)
			cut(layer->trouble, err.text);
	}
	layer->was_fresh = layer->was_fresh || (layer->due.fresh && locked(layer));
}

/* Once all have read it: the time that makes the release quick; or, when nothing is wanted, nothing is watched. */
static void settle(struct hf_layer *layer)
{
	if (layer->due.n_waiting > 0 || layer->due.next_ms > 0)
		return;
	for (int i = 0; layer->was_fresh && i < FOLDERS; i++)
		hf_policy_folder_age(&layer->folders[i]);
	layer->was_fresh = false;
	if (locked(layer))
		return;
	stop_watching(layer);
	layer->settled = true;
}

/* Says so when a probe would now answer otherwise. */
static void review(struct hf_layer *layer)
{
	struct hf_readers_due before = layer->due;
	bool settled = layer->settled;
	if (settled && !locked(layer))
		return;
	drain_opens(layer);
	hf_readers_due(&layer->readers, hf_clock_boot(), &layer->due);
	if (layer->due.prod)
		prod(layer);
	settle(layer);
	arm(layer);
	if (before.n_waiting != layer->due.n_waiting || settled != layer->settled)
		layer->calls.changed(layer->calls.arg);
}

static void on_opens(void *arg, uint32_t events)
{
	(void)events;
	review(arg);
}

static void on_timer(void *arg, uint32_t events)
{
	(void)events;
	look_for_browsers(arg);
	review(arg);
}

/* What is there ---------------------------------------------------------------------------------------------------- */

static void note_tampered(struct hf_layer *layer, const struct hf_policy_folder *folder, enum hf_policy_there there)
{
	layer->tampered = true;
	snprintf(layer->found, sizeof(layer->found), "The browser policy in %.100s had been %s; it was put right",
		 folder->path, there == HF_POLICY_GONE ? "removed" : "changed");
}

/* Also after somebody else's policy has changed: ours must go on saying what that says. */
static enum hf_rc put_right(struct hf_layer *layer, bool *ret_changed, struct hf_err *err)
{
	*ret_changed = false;
	for (int i = 0; i < FOLDERS; i++) {
		struct hf_policy_folder *folder = &layer->folders[i];
		enum hf_policy_there there = folder->name[0] ? hf_policy_folder_look(folder) : HF_POLICY_SAME;
		bool changed = false;
		enum hf_rc rc = hf_policy_folder_put(folder, &layer->addresses, &changed, err);
		if (rc != HF_OK)
			return rc;
		if (there != HF_POLICY_SAME && layer->told)
			note_tampered(layer, folder, there);
		*ret_changed = *ret_changed || changed;
	}
	return start_watching(layer, err);
}

static void drain_edits(int fd)
{
	char buf[4096];
	while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
		continue;
}

/* The agent's own writing is noticed here too; then nothing is found to be other than it should be. */
static void on_edits(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct hf_err err;
	bool changed = false;
	(void)events;
	drain_edits(layer->edits);
	if (!locked(layer) || !layer->told)
		return;
	enum hf_rc rc = put_right(layer, &changed, &err);
	if (rc != HF_OK)
		cut(layer->trouble, err.text);
	if (changed)
		all_must_read(layer);
	if (changed || rc != HF_OK) {
		review(layer);
		layer->calls.changed(layer->calls.arg);
	}
}

/* The plan --------------------------------------------------------------------------------------------------------- */

static void addresses_done(struct hf_strs *addresses)
{
	for (size_t i = 0; i < addresses->n; i++)
		free((void *)(uintptr_t)addresses->v[i]);
	hf_strs_done(addresses);
}

static size_t borrow_addresses(const struct hf_plan *plan, const char **v)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		for (size_t j = 0; block->machine_wide && j < block->addresses->n; j++) {
			if (v)
				v[n] = block->addresses->v[j];
			n++;
		}
	}
	return n;
}

static enum hf_rc take_addresses(const struct hf_plan *plan, struct hf_strs *ret, struct hf_err *err)
{
	struct hf_strs list = {.v = calloc(borrow_addresses(plan, NULL) + 1, sizeof(*list.v)), .n = 0};
	bool whole = list.v;
	if (whole) {
		list.n = borrow_addresses(plan, list.v);
		hf_policy_addresses(&list);
	}
	for (size_t i = 0; whole && i < list.n; i++) {
		list.v[i] = strdup(list.v[i]);
		whole = list.v[i];
		if (!whole)
			list.n = i;
	}
	if (whole) {
		*ret = list;
		return HF_OK;
	}
	addresses_done(&list);
	return hf_err_set(err, HF_E_MEMORY, "No memory for the blocked addresses");
}

static enum hf_rc lock(struct hf_layer *layer, struct hf_err *err)
{
	bool changed;
	bool watched = layer->edits >= 0;
	/* Marks before the file: a browser that is quick is seen reading it. */
	enum hf_rc rc = start_watching(layer, err);
	if (rc != HF_OK)
		return rc;
	look_for_browsers(layer);
	layer->settled = false;
	rc = put_right(layer, &changed, err);
	if (rc != HF_OK)
		return rc;
	if (changed || !watched)
		all_must_read(layer);
	/* Of a lockdown that an earlier life left it is not known who has read it: they are made to read it again. */
	if (!changed && !watched && layer->readers.n > 0)
		prod(layer);
	return HF_OK;
}

static enum hf_rc unlock(struct hf_layer *layer, struct hf_err *err)
{
	bool there = file_there(layer);
	if (!there && layer->edits < 0) {
		layer->settled = true;
		return HF_OK;
	}
	enum hf_rc rc = start_watching(layer, err);
	if (rc != HF_OK)
		return rc;
	look_for_browsers(layer);
	if (there)
		all_must_read(layer);
	for (int i = 0; i < FOLDERS; i++) {
		enum hf_rc one = hf_policy_folder_clear(&layer->folders[i], err);
		rc = one == HF_OK ? rc : one;
	}
	return rc;
}

static enum hf_rc layer_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	struct hf_strs fresh;
	struct hf_err own;
	enum hf_rc rc = take_addresses(plan, &fresh, &own);
	if (rc == HF_OK) {
		addresses_done(&layer->addresses);
		layer->addresses = fresh;
		layer->trouble[0] = '\0';
		rc = locked(layer) ? lock(layer, &own) : unlock(layer, &own);
		layer->told = true;
		review(layer);
	}
	if (rc != HF_OK)
		cut(layer->trouble, own.text);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s", own.text);
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static void say_locked(const struct hf_layer *layer, struct hf_saw *saw)
{
	const struct hf_readers_due *due = &layer->due;
	saw->state = due->n_waiting > 0 ? HF_LAYER_ARMED : HF_LAYER_VERIFIED;
	if (layer->addresses.n > HF_POLICY_ADDRESSES_MAX) {
		saw->state = HF_LAYER_FAILED;
		snprintf(saw->text, sizeof(saw->text), "%zu addresses are to be blocked; browsers take only %d",
			 layer->addresses.n, HF_POLICY_ADDRESSES_MAX);
	} else if (due->n_waiting > 0) {
		snprintf(saw->text, sizeof(saw->text),
			 "%zu addresses blocked; %zu of %zu running browsers have not read that yet (process %d)",
			 layer->addresses.n, due->n_waiting, due->n_running, (int)due->one_waiting);
	} else {
		snprintf(saw->text, sizeof(saw->text), "%zu addresses blocked; %zu running browsers have read that",
			 layer->addresses.n, due->n_running);
	}
}

static void probe_locked(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_err err;
	bool changed;
	if (put_right(layer, &changed, &err) != HF_OK) {
		saw->state = HF_LAYER_FAILED;
		cut(saw->text, err.text);
		return;
	}
	layer->trouble[0] = '\0';
	if (changed)
		all_must_read(layer);
	look_for_browsers(layer);
	review(layer);
	say_locked(layer, saw);
}

static void probe_open(struct hf_layer *layer, struct hf_saw *saw)
{
	saw->state = layer->settled ? HF_LAYER_IDLE : HF_LAYER_ARMED;
	if (file_there(layer)) {
		saw->state = HF_LAYER_FAILED;
		cut(saw->text, layer->trouble);
	} else if (!layer->settled) {
		snprintf(saw->text, sizeof(saw->text), "Released; %zu of %zu running browsers have not read that yet",
			 layer->due.n_waiting, layer->due.n_running);
	}
}

static void layer_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	if (!layer->told) {
		saw.state = file_there(layer) ? HF_LAYER_ARMED : HF_LAYER_IDLE;
		if (file_there(layer))
			cut(saw.text, "What was blocked before the agent started is still blocked");
	} else if (locked(layer)) {
		probe_locked(layer, &saw);
	} else {
		probe_open(layer, &saw);
	}
	if (layer->tampered) {
		saw.tampered = true;
		cut(saw.text, layer->found);
		layer->tampered = false;
	}
	*ret_saw = saw;
}

static void layer_close(struct hf_layer **address)
{
	struct hf_layer *layer = *address;
	if (!layer)
		return;
	stop_watching(layer);
	hf_watch_remove(&layer->timer);
	for (int i = 0; i < FOLDERS; i++)
		hf_policy_folder_close(&layer->folders[i]);
	addresses_done(&layer->addresses);
	free(layer);
	*address = NULL;
}

static enum hf_rc layer_open(struct hf_loop *loop, const struct hf_enforce_conf *conf,
			     const struct hf_layer_calls *calls, struct hf_layer **ret_layer, struct hf_err *err)
{
	struct hf_layer *layer = calloc(1, sizeof(*layer));
	if (!layer)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the layer of browsers");
	layer->loop = loop;
	layer->calls = *calls;
	layer->opens = layer->edits = -1;
	enum hf_rc rc = hf_policy_folder_open(&layer->folders[0], conf->chromium_policies, err);
	if (rc == HF_OK)
		rc = hf_policy_folder_open(&layer->folders[1], conf->chrome_policies, err);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(loop, on_timer, layer, &layer->timer);
	if (rc != HF_OK) {
		layer_close(&layer);
		return rc;
	}
	*ret_layer = layer;
	return HF_OK;
}

static bool has_work(const struct hf_block *block)
{
	return block->machine_wide && block->addresses->n > 0;
}

static enum hf_rc check(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	(void)conf;
	(void)err;
	return HF_OK;
}

const struct hf_layer_ops hf_layer_browser = {.name = "browser",
					      .needs = "a browser that reads managed policies from a folder",
					      .has_work = has_work,
					      .check = check,
					      .open = layer_open,
					      .apply = layer_apply,
					      .probe = layer_probe,
					      .close = layer_close};
