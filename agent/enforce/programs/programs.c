/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer that refuses to open or start listed programs.
 * Must never open a listed file itself, nor let a block go before its plan says so.
 */
#include "agent/enforce/enforce.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <holdfast/conf.h>
#include <holdfast/fs.h>

#include "agent/enforce/common/hands.h"
#include "agent/enforce/common/programs_list.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/programs/fence/fence_wire.h"
#include "agent/enforce/programs/programs_fence.h"
#include "agent/enforce/programs/programs_probe.h"
#include "agent/enforce/programs/programs_watch.h"

#define ROUNDS 4	 /* a path may lead elsewhere while it is being marked; an upgrade does that once */
#define TRY_AGAIN_MS 150 /* a fence that could not be started */
#define LATER_MS 10000	 /* the same of one that the service manager starts, and the agent waits for */

struct hf_layer {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	bool told;			/* a plan was given in this life */
	struct hf_programs_list list;	/* what the plan says */
	struct hf_programs_guard guard; /* what must not be marked */
	struct hf_programs_fence fence;
	struct hf_file_rules freed; /* what it held, until an ordinary user has been seen to open it */
	int inotify;		    /* -1: nothing is watched */
	pid_t prober;		    /* the process of the last probe: its attempts are no person's */
	struct hf_watch *folder_watch;
	struct hf_watch *timer;
	size_t probed;		      /* where the next probe begins, when there are more files than one probe tries */
	char found[HF_SAW_MAX + 1];   /* what was found when it had stopped holding */
	char trouble[HF_SAW_MAX + 1]; /* what could not be done, "" when nothing */
};

/* Starting programs ----------------------------------------------------------------------------------------------- */

static enum hf_rc shut_once(struct hf_layer *layer, bool *ret_again, struct hf_err *err)
{
	struct hf_programs_found found;
	enum hf_rc rc = hf_programs_find(&layer->list, &layer->guard, &found, err);
	if (rc != HF_OK)
		return rc;
	*ret_again = false;
	hf_saw_cut(layer->trouble, found.trouble);
	if (found.n > 0 || layer->fence.link.group >= 0)
		rc = hf_programs_fence_put(&layer->fence, &layer->list, &found, ret_again, err);
	hf_programs_found_done(&found);
	return rc;
}

static void on_folder_changed(void *arg, uint32_t events);

static enum hf_rc watch_folders(struct hf_layer *layer, struct hf_err *err)
{
	bool first = layer->inotify < 0;
	enum hf_rc rc = hf_programs_watch(layer->inotify, &layer->list, &layer->inotify, err);
	if (rc != HF_OK || !first)
		return rc;
	if (hf_loop_add_fd(layer->loop, layer->inotify, on_folder_changed, layer, &layer->folder_watch) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "The folders of the programs cannot be watched: %m");
}

/* Looks again as long as what is there is not what was there the last time. */
static enum hf_rc shut_programs(struct hf_layer *layer, bool *ret_changed, struct hf_err *err)
{
	bool again = true;
	layer->trouble[0] = '\0';
	*ret_changed = false;
	for (int round = 0; again && round < ROUNDS; round++) {
		enum hf_rc rc = watch_folders(layer, err);
		if (rc == HF_OK)
			rc = shut_once(layer, &again, err);
		if (rc != HF_OK)
			return rc;
		*ret_changed = *ret_changed || again;
	}
	return HF_OK;
}

/* The layer ------------------------------------------------------------------------------------------------------- */

static void try_again(struct hf_layer *layer)
{
	bool dead = layer->fence.link.group >= 0 && layer->fence.link.fd < 0;
	int64_t again = layer->fence.link.managed ? LATER_MS : TRY_AGAIN_MS;
	if (hf_timer_arm(layer->timer, dead ? again : 0) != HF_OK)
		hf_saw_cut(layer->trouble, "The agent's timer does not run");
}

static void release_all(struct hf_layer *layer)
{
	hf_watch_remove(&layer->folder_watch);
	hf_fd_close(&layer->inotify);
	struct hf_file_rules held = hf_programs_fence_end(&layer->fence);
	if (held.n > 0) {
		hf_file_rules_done(&layer->freed);
		layer->freed = held;
	} else {
		hf_file_rules_done(&held);
	}
	layer->trouble[0] = '\0';
	try_again(layer);
}

static enum hf_rc act_on_programs(struct hf_layer *layer, bool *ret_changed, struct hf_err *err)
{
	*ret_changed = false;
	if (layer->list.n == 0) {
		release_all(layer);
		return HF_OK;
	}
	hf_file_rules_done(&layer->freed);
	enum hf_rc rc = shut_programs(layer, ret_changed, err);
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err->text);
	return rc;
}

static enum hf_rc programs_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	bool changed;
	enum hf_rc rc = hf_programs_list_take(&layer->list, plan, err);
	if (rc != HF_OK)
		return rc;
	layer->told = true;
	layer->fence.marked = false;
	return act_on_programs(layer, &changed, err);
}

/* Without a fence nobody answers: who starts a listed program waits, so it is tried until one runs. */
static void revive(struct hf_layer *layer)
{
	struct hf_err err = {""};
	bool changed;
	enum hf_rc rc =
		layer->told ? act_on_programs(layer, &changed, &err) : hf_programs_fence_start(&layer->fence, &err);
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
	try_again(layer);
}

static void on_lost(void *arg)
{
	struct hf_layer *layer = arg;
	hf_saw_cut(layer->found, "The process that keeps listed programs shut had been ended; another took over");
	revive(layer);
	layer->calls.changed(layer->calls.arg);
}

static void on_hurt(void *arg)
{
	struct hf_layer *layer = arg;
	hf_saw_cut(layer->found, "One of the two processes that keep listed programs shut had been ended; it was "
				 "started again");
	layer->calls.changed(layer->calls.arg);
}

static void on_program_tried(void *arg, const struct hf_fence_who *who, const char *path)
{
	struct hf_layer *layer = arg;
	if (who->pid != layer->prober)
		layer->calls.blocked(layer->calls.arg, who->uid, path);
}

static void on_folder_changed(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct hf_err err = {""};
	bool changed = false;
	(void)events;
	hf_programs_watch_drain(layer->inotify);
	enum hf_rc rc = act_on_programs(layer, &changed, &err);
	if (rc != HF_OK || changed)
		layer->calls.changed(layer->calls.arg);
}

static void on_fence_timer(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	(void)events;
	if (layer->fence.link.group < 0 || layer->fence.link.fd >= 0)
		return;
	revive(layer);
	layer->calls.changed(layer->calls.arg);
}

/* Probing --------------------------------------------------------------------------------------------------------- */

static bool marks_hold(struct hf_layer *layer)
{
	struct hf_err err = {""};
	size_t missing;
	if (layer->fence.rules.n == 0)
		return true;
	if (layer->fence.link.group < 0)
		return false;
	if (hf_programs_marked(layer->fence.link.group, &layer->fence.rules, &missing, &err) != HF_OK) {
		hf_saw_cut(layer->trouble, err.text);
		return false;
	}
	if (missing == 0)
		return true;
	hf_saw_cut(layer->found, "Marks of listed programs had been taken away; they were put back");
	return hf_programs_fence_mark(&layer->fence) == 0;
}

static void judge_probe(const struct hf_layer *layer, const struct hf_programs_probe *probe, struct hf_saw *saw)
{
	const struct hf_file_rules *rules = &layer->fence.rules;
	if (!probe->answered) {
		hf_saw_say(saw, HF_LAYER_FAILED, "The fence does not answer: whoever starts a listed program waits");
	} else if (probe->n_opened > 0) {
		hf_saw_say(saw, HF_LAYER_FAILED, "An ordinary user could open %.120s, which is blocked",
			   rules->v[probe->first_opened].path);
	} else if (!probe->others_start) {
		hf_saw_say(saw, HF_LAYER_FAILED, "A program that is not listed did not start: /bin/true");
	} else {
		hf_saw_say(saw, HF_LAYER_VERIFIED,
			   "%zu of %zu listed files tried: refused to an ordinary user, %zu out of reach, others start",
			   probe->n_refused + probe->n_unreachable, rules->n, probe->n_unreachable);
	}
}

static void probe_programs(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_programs_probe probe;
	struct hf_err err = {""};
	bool changed;
	bool marked = marks_hold(layer);
	bool done = act_on_programs(layer, &changed, &err) == HF_OK;
	if (!done || !marked || layer->trouble[0]) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->trouble[0] ? layer->trouble : "The marks do not hold");
		return;
	}
	if (layer->fence.rules.n == 0) {
		hf_saw_say(saw, HF_LAYER_VERIFIED, "None of the listed programs is installed here");
		return;
	}
	hf_programs_probe(layer->fence.hands, &layer->fence.rules, layer->probed, &probe);
	layer->prober = probe.pid;
	layer->probed = (layer->probed + HF_PROBE_OPENS_MAX) % layer->fence.rules.n;
	judge_probe(layer, &probe, saw);
}

/* That nothing of ours refuses is one thing; that an ordinary user comes in is what an all-clear promises. */
static void probe_freed(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_programs_probe probe;
	if (layer->freed.n == 0)
		return;
	hf_programs_probe(layer->fence.hands, &layer->freed, 0, &probe);
	if (!probe.answered) {
		hf_saw_say(saw, HF_LAYER_ARMED, "Released; that listed programs start again could not be tried");
	} else if (probe.n_refused > 0) {
		hf_saw_say(saw, HF_LAYER_ARMED, "Released, and an ordinary user still cannot open %.120s",
			   layer->freed.v[probe.first_refused].path);
	} else {
		hf_file_rules_done(&layer->freed);
	}
}

static void programs_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	if (layer->told && layer->list.n > 0)
		probe_programs(layer, &saw);
	else if (layer->fence.link.group >= 0)
		hf_saw_say(&saw, HF_LAYER_ARMED, "What was blocked before the agent started is still blocked");
	else
		probe_freed(layer, &saw);
	hf_saw_found(&saw, layer->found);
	*ret_saw = saw;
}

static enum hf_rc take_over_fence(struct hf_layer *layer, struct hf_err *err)
{
	/* A socket that nobody listens at is of a pair that was killed: told to end, it takes its socket with it. */
	bool there = hf_fence_was_there(&layer->fence.link);
	enum hf_rc rc = hf_programs_fence_find(&layer->fence, err);
	if (rc == HF_E_ABSENT && there && (!layer->fence.link.managed || hf_fence_was_there(&layer->fence.link)))
		hf_saw_cut(layer->found,
			   "All processes that keep listed programs shut had been ended at once: until the agent "
			   "came back they could be opened");
	return rc == HF_E_ABSENT ? HF_OK : rc;
}

static void programs_close(struct hf_layer *layer)
{
	hf_watch_remove(&layer->folder_watch);
	hf_watch_remove(&layer->timer);
	hf_fd_close(&layer->inotify);
	hf_programs_fence_close(&layer->fence);
	hf_file_rules_done(&layer->freed);
	hf_programs_list_done(&layer->list);
	hf_programs_guard_done(&layer->guard);
}

static enum hf_rc open_programs_parts(struct hf_layer *layer, const struct hf_enforce_conf *conf, struct hf_err *err)
{
	struct hf_programs_fence *fence = &layer->fence;
	fence->loop = layer->loop;
	fence->lost = on_lost;
	fence->hurt = on_hurt;
	fence->tried = on_program_tried;
	fence->arg = layer;
	if (hf_str_copy(fence->socket, sizeof(fence->socket), conf->fence_socket) != HF_OK ||
	    hf_str_copy(fence->self, sizeof(fence->self), conf->self) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "A path of the settings of programs is too long");
	enum hf_rc rc = hf_programs_guard_make(conf->self, &layer->guard, err);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(layer->loop, on_fence_timer, layer, &layer->timer);
	return rc == HF_OK ? take_over_fence(layer, err) : rc;
}

static enum hf_rc programs_open(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	layer->loop = home->loop;
	layer->calls = *home->calls;
	layer->inotify = -1;
	layer->freed = HF_FILE_RULES_NONE;
	layer->fence.hands = home->conf->hands;
	hf_programs_fence_open(&layer->fence);
	return open_programs_parts(layer, home->conf, err);
}

static enum hf_rc programs_check(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	hf_auto_fd int group = hf_watch_group(conf->hands, FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);
	if (group >= 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "This machine's kernel refuses to watch files: %s", strerror(errno));
}

static enum hf_rc programs_forget(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	return hf_fence_forget(conf->fence_socket, err);
}

const struct hf_layer_ops hf_layer_programs = {.name = "programs",
					       .needs = "fanotify with permission events, and the right to use it",
					       .rights = HF_RIGHT_SYS_ADMIN | HF_RIGHT_SETUID | HF_RIGHT_SETGID |
							 HF_RIGHT_DAC_OVERRIDE,
					       .size = sizeof(struct hf_layer),
					       .has_work = hf_layer_any_program,
					       .check = programs_check,
					       .open = programs_open,
					       .apply = programs_apply,
					       .probe = programs_probe,
					       .close = programs_close,
					       .forget = programs_forget};
