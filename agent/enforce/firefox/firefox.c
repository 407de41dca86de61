/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer that blocks addresses in Firefox, and hears each running one say that it refuses them.
 * Must never say that a block holds in a Firefox whose engine has not seen a request refused.
 */
#include "agent/enforce/enforce.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "agent/enforce/common/frozen.h"
#include "agent/enforce/common/policies/policy_addresses.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/common/traces.h"
#include "agent/enforce/firefox/firefox_files.h"
#include "agent/enforce/firefox/firefox_link.h"
#include "agent/machine/browsers.h"
#include "agent/machine/proc_paths.h"

#define LOOK_MS 500	  /* while somebody has not answered */
#define PATIENCE_MS 10000 /* a Firefox takes up to some seconds to start, also on a slow device */
#define FOLDER_EVENTS                                                                                                  \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF |           \
	 IN_MOVE_SELF | IN_ONLYDIR)

/* The running Firefoxes, counted by what their engines said. */
struct tally {
	size_t n_running;
	size_t n_waiting;
	bool late;		   /* one has had time enough */
	pid_t one;		   /* that waits; one that is late if there is any */
	enum hf_firefox_hold hold; /* of that one */
};

struct hf_layer {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	const char *extension;
	bool told; /* a plan was given in this life */
	struct hf_firefox_files files;
	struct hf_firefox_link *link;
	char *line; /* the plan, for engines; NULL: nothing is blocked */
	size_t n_addresses;
	struct hf_strs everybody; /* addresses that are blocked for everybody; the strings are ours too */
	struct hf_boot_ms changed;
	struct tally tally;
	bool was_locked; /* before the last release */
	bool settled;	 /* nothing wanted and nothing there: nothing is watched */
	int edits;	 /* inotify; -1 none */
	struct hf_watch *edits_watch;
	struct hf_watch *timer;
	char found[HF_SAW_MAX + 1];
	char trouble[HF_SAW_MAX + 1];
};

static bool is_blocked(const struct hf_layer *layer)
{
	return layer->line;
}

/* Who holds it ----------------------------------------------------------------------------------------------------- */

static bool has_had_time(const struct hf_layer *layer, const struct hf_proc *proc)
{
	int64_t start = (int64_t)(proc->start * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
	int64_t from = start > layer->changed.ms ? start : layer->changed.ms;
	return hf_clock_boot().ms - from >= PATIENCE_MS;
}

static void count_firefox(void *arg, pid_t pid, const char *exe)
{
	struct hf_layer *layer = arg;
	struct tally *tally = &layer->tally;
	struct hf_proc proc = {.pid = pid};
	/* A frozen one sends nothing. */
	if (!hf_firefox_runs(pid, exe) || hf_proc_frozen(pid) || hf_proc_start(pid, &proc.start) != HF_OK)
		return;
	tally->n_running++;
	enum hf_firefox_hold hold = hf_firefox_link_hold(layer->link, &proc);
	bool late = has_had_time(layer, &proc);
	/* Where there is no engine, also not after a while, nothing was blocked by it that could be opened again. */
	if (hold == HF_FIREFOX_REFUSED ||
	    (hold == HF_FIREFOX_ABSENT && !is_blocked(layer) && (late || !layer->was_locked)))
		return;
	tally->n_waiting++;
	if (tally->one && !(late && !tally->late))
		return;
	tally->one = pid;
	tally->hold = hold;
	tally->late = tally->late || late;
}

static void count_firefoxes(struct hf_layer *layer)
{
	struct hf_err err = {""};
	layer->tally = (struct tally){.n_running = 0};
	if (hf_proc_paths_each(count_firefox, layer, &err) != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
}

/* Watching --------------------------------------------------------------------------------------------------------- */

static void on_settings_edited(void *arg, uint32_t events);

static enum hf_rc watch_settings(struct hf_layer *layer, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	if (layer->edits < 0) {
		layer->edits = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		rc = hf_loop_add_fd(layer->loop, layer->edits, on_settings_edited, layer, &layer->edits_watch);
	}
	for (int i = 0; rc == HF_OK && i < HF_FIREFOX_FOLDERS; i++) {
		if (inotify_add_watch(layer->edits, layer->files.places[i], FOLDER_EVENTS) < 0)
			rc = HF_E_SYSTEM;
	}
	if (rc != HF_OK)
		return hf_err_set(err, rc, "Firefox's settings in %.100s cannot be watched: %s", layer->files.folder,
				  strerror(errno));
	return HF_OK;
}

static void unwatch_settings(struct hf_layer *layer)
{
	hf_watch_remove(&layer->edits_watch);
	hf_fd_close(&layer->edits);
}

/* Says so when a probe would now answer otherwise. */
static void review_engines(struct hf_layer *layer)
{
	struct tally before = layer->tally;
	bool settled = layer->settled;
	count_firefoxes(layer);
	if (!is_blocked(layer) && layer->tally.n_waiting == 0) {
		unwatch_settings(layer);
		layer->settled = true;
	}
	if (hf_timer_arm(layer->timer, layer->tally.n_waiting > 0 && !layer->tally.late ? LOOK_MS : 0) != HF_OK)
		hf_saw_cut(layer->trouble, "The agent's timer does not run");
	if (before.n_waiting != layer->tally.n_waiting || before.late != layer->tally.late || settled != layer->settled)
		layer->calls.changed(layer->calls.arg);
}

static void on_engines(void *arg)
{
	struct hf_layer *layer = arg;
	if (layer->told && !(layer->settled && !is_blocked(layer)))
		review_engines(layer);
}

static void on_firefox_timer(void *arg, uint32_t events)
{
	(void)events;
	review_engines(arg);
}

/* What is there ---------------------------------------------------------------------------------------------------- */

static void take_found(struct hf_layer *layer)
{
	if (layer->files.found[0])
		hf_saw_cut(layer->found, layer->files.found);
	layer->files.found[0] = '\0';
}

static enum hf_rc put_settings_right(struct hf_layer *layer, struct hf_err *err)
{
	enum hf_rc rc = hf_firefox_files_put(&layer->files, layer->line, &layer->everybody, err);
	take_found(layer);
	return rc == HF_OK ? watch_settings(layer, err) : rc;
}

static void drain(int fd)
{
	char buf[4096];
	while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
		continue;
}

/* The agent's own writing is noticed here too; then nothing is found to be other than it should be. */
static void on_settings_edited(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct hf_err err = {""};
	(void)events;
	drain(layer->edits);
	if (!is_blocked(layer))
		return;
	enum hf_rc rc = put_settings_right(layer, &err);
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
	if (rc != HF_OK || layer->found[0])
		layer->calls.changed(layer->calls.arg);
}

/* The plan --------------------------------------------------------------------------------------------------------- */

static size_t count_addresses(const struct hf_plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n_blocks; i++)
		n += plan->blocks[i].addresses->n;
	return n;
}

static enum hf_rc lock_firefox(struct hf_layer *layer, char *line, const char *id, struct hf_err *err)
{
	bool same = layer->line && strcmp(layer->line, line) == 0;
	free(layer->line);
	layer->line = line;
	layer->settled = false;
	if (!same)
		layer->changed = hf_clock_boot();
	enum hf_rc rc = put_settings_right(layer, err);
	/* Also when a file could not be written: what can be blocked is. */
	enum hf_rc said = hf_firefox_link_tell(layer->link, layer->line, id, err);
	return rc != HF_OK ? rc : said;
}

static enum hf_rc unlock_firefox(struct hf_layer *layer, char *line, const char *id, struct hf_err *err)
{
	hf_auto_free char *open = line;
	bool was = layer->line || layer->files.lock;
	enum hf_rc rc = hf_firefox_files_clear(&layer->files, err);
	if (rc != HF_OK)
		return rc;
	if (was) {
		layer->changed = hf_clock_boot();
		layer->was_locked = true;
	}
	free(layer->line);
	layer->line = NULL;
	layer->n_addresses = 0;
	return hf_firefox_link_tell(layer->link, open, id, err);
}

static enum hf_rc firefox_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	char id[HF_DIGEST_HEX_SIZE];
	char *line = NULL;
	size_t n = count_addresses(plan);
	enum hf_rc rc = hf_policy_addresses_of(plan, &layer->everybody);
	layer->trouble[0] = '\0';
	if (rc == HF_OK)
		rc = hf_firefox_lock(plan, layer->extension, &line, id);
	if (rc != HF_OK)
		hf_err_set(err, rc, "No memory for what Firefox is told");
	if (rc == HF_OK) {
		layer->n_addresses = n;
		rc = n > 0 ? lock_firefox(layer, line, id, err) : unlock_firefox(layer, line, id, err);
		layer->told = true;
		review_engines(layer);
	}
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err->text);
	return rc;
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static void say_waiting(const struct hf_layer *layer, struct hf_saw *saw)
{
	const struct tally *tally = &layer->tally;
	const char *why = "has not said yet that it holds";
	if (tally->hold == HF_FIREFOX_OPEN)
		why = "tried, and was not refused";
	else if (tally->hold == HF_FIREFOX_ABSENT && tally->late)
		why = "runs without Holdfast: close it and start it again";
	hf_saw_say(saw, tally->late || tally->hold == HF_FIREFOX_OPEN ? HF_LAYER_FAILED : HF_LAYER_ARMED,
		   "%zu of %zu running Firefoxes do not hold; process %d %s", tally->n_waiting, tally->n_running,
		   (int)tally->one, why);
}

static void probe_firefox_locked(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_err err = {""};
	if (put_settings_right(layer, &err) != HF_OK) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", err.text);
		return;
	}
	layer->trouble[0] = '\0';
	count_firefoxes(layer);
	if (layer->tally.n_waiting > 0) {
		say_waiting(layer, saw);
		return;
	}
	hf_saw_say(saw, HF_LAYER_VERIFIED, "%zu addresses blocked; %zu running Firefoxes saw a request refused",
		   layer->n_addresses, layer->tally.n_running);
	hf_firefox_link_again(layer->link);
}

static void probe_firefox_open(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_err err = {""};
	saw->state = layer->settled ? HF_LAYER_IDLE : HF_LAYER_ARMED;
	if (layer->files.lock || layer->files.policies) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->trouble);
	} else if (!layer->settled) {
		snprintf(saw->text, sizeof(saw->text), "Released; %zu of %zu running Firefoxes have not said so yet",
			 layer->tally.n_waiting, layer->tally.n_running);
	} else if (hf_firefox_files_base(&layer->files, &err) != HF_OK) {
		hf_saw_cut(saw->text, err.text);
	}
	take_found(layer);
}

static void firefox_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	if (!layer->told) {
		saw.state = layer->files.lock ? HF_LAYER_ARMED : HF_LAYER_IDLE;
		if (layer->files.lock)
			hf_saw_cut(saw.text, "What was blocked before the agent started is still blocked");
	} else if (is_blocked(layer)) {
		probe_firefox_locked(layer, &saw);
	} else {
		probe_firefox_open(layer, &saw);
	}
	hf_saw_found(&saw, layer->found);
	*ret_saw = saw;
}

/* Life ------------------------------------------------------------------------------------------------------------- */

static void firefox_close(struct hf_layer *layer)
{
	unwatch_settings(layer);
	hf_watch_remove(&layer->timer);
	hf_firefox_link_free(&layer->link);
	hf_firefox_files_close(&layer->files);
	hf_policy_addresses_done(&layer->everybody);
	free(layer->line);
}

static enum hf_rc firefox_open(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	const struct hf_enforce_conf *conf = home->conf;
	const struct hf_layer_calls own = {.changed = on_engines, .arg = layer};
	layer->loop = home->loop;
	layer->calls = *home->calls;
	layer->extension = conf->firefox_extension;
	layer->edits = -1;
	layer->tally.hold = HF_FIREFOX_ABSENT;
	enum hf_rc rc = hf_firefox_files_open(&layer->files, conf->firefox_folder, conf->firefox_install,
					      conf->firefox_socket, err);
	if (rc == HF_OK)
		rc = hf_firefox_link_new(layer->loop, conf->firefox_socket, &own, &layer->link, err);
	if (rc == HF_OK && hf_loop_add_timer(layer->loop, on_firefox_timer, layer, &layer->timer) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "The layer firefox cannot have a timer: %m");
	return rc;
}

static enum hf_rc firefox_forget(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	enum hf_rc rc = hf_firefox_files_forget(conf->firefox_folder, err);
	return rc == HF_OK ? hf_fs_remove(conf->firefox_socket, err) : rc;
}

/* It tells users apart, so it blocks also what is open for some. */
const struct hf_layer_ops hf_layer_firefox = {.name = "firefox",
					      .needs = "a Firefox that reads its settings from /etc/firefox",
					      .rights = HF_RIGHT_SYS_PTRACE,
					      .size = sizeof(struct hf_layer),
					      .has_work = hf_layer_any_address,
					      .check = hf_layer_any_machine,
					      .open = firefox_open,
					      .apply = firefox_apply,
					      .probe = firefox_probe,
					      .close = firefox_close,
					      .forget = firefox_forget};
