/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer that refuses to open or start listed programs.
 * Must never open a listed file itself, nor let a block go before its plan says so.
 */
#include "agent/enforce/enforce.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <holdfast/conf.h>
#include <holdfast/fs.h>

#include "agent/enforce/programs/fence/fence_link.h"
#include "agent/enforce/programs/fence/fence_wire.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/programs/programs_list.h"
#include "agent/enforce/programs/programs_probe.h"
#include "agent/enforce/programs/programs_watch.h"

#define MARKS (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM)
#define ROUNDS 4	 /* a path may lead elsewhere while it is being marked; an upgrade does that once */
#define HEARD_AT_ONCE 16 /* attempts; the loop has other things to do */
#define TRY_AGAIN_MS 150 /* a fence that could not be started */

struct hf_layer {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	char socket[HF_CONF_TEXT_SIZE];
	char self[HF_CONF_TEXT_SIZE];
	bool told;			/* a plan was given in this life */
	struct hf_programs_list list;	/* what the plan says */
	struct hf_programs_guard guard; /* what must not be marked */
	struct hf_fence_link link;
	struct hf_fence_rules rules; /* what the fence holds */
	struct hf_fence_rules freed; /* what it held, until an ordinary user has been seen to open it */
	bool marked;		     /* all of these were, in this life; a probe looks whether they still are */
	int inotify;		     /* -1: nothing is watched */
	struct hf_watch *fence_watch;
	struct hf_watch *ears_watch;
	pid_t prober; /* the process of the last probe: its attempts are no person's */
	struct hf_watch *folder_watch;
	struct hf_watch *timer;
	size_t probed;		      /* where the next probe begins, when there are more files than one probe tries */
	char found[HF_SAW_MAX + 1];   /* what was found when it had stopped holding */
	char trouble[HF_SAW_MAX + 1]; /* what could not be done, "" when nothing */
};

/* Starting programs ----------------------------------------------------------------------------------------------- */

static void on_fence(void *arg, uint32_t events);

static bool hear_one(struct hf_layer *layer)
{
	struct hf_fence_message heard;
	if (hf_fence_receive(layer->link.ears, 0, &heard, NULL) != HF_OK)
		return false;
	hf_fence_message_done(&heard);
	if (heard.word == HF_FENCE_HURT) {
		hf_saw_cut(layer->found,
			   "One of the two processes that keep listed programs shut had been ended; it was "
			   "started again");
		layer->calls.changed(layer->calls.arg);
	}
	const struct hf_fence_rule *rule = hf_fence_rules_find(&layer->rules, heard.who.dev, heard.who.ino);
	if (heard.word == HF_FENCE_TRIED && heard.who.pid != layer->prober && rule)
		layer->calls.blocked(layer->calls.arg, heard.who.uid, rule->path);
	return true;
}

static void on_ears(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct pollfd p = {.fd = layer->link.ears, .events = POLLIN};
	(void)events;
	for (int i = 0; i < HEARD_AT_ONCE && poll(&p, 1, 0) == 1; i++) {
		if (!hear_one(layer)) {
			hf_watch_remove(&layer->ears_watch);
			hf_fd_close(&layer->link.ears);
			return;
		}
	}
}

/* What nobody hears is refused all the same: a window that does not come up is no reason to fail. */
static void prick_up_ears(struct hf_layer *layer)
{
	hf_watch_remove(&layer->ears_watch);
	if (hf_fence_listen(&layer->link, NULL) == HF_OK &&
	    hf_loop_add_fd(layer->loop, layer->link.ears, EPOLLIN | EPOLLRDHUP, on_ears, layer, &layer->ears_watch) !=
		    HF_OK)
		hf_fd_close(&layer->link.ears);
}

static enum hf_rc watch_fence(struct hf_layer *layer, struct hf_err *err)
{
	hf_watch_remove(&layer->fence_watch);
	layer->marked = false;
	prick_up_ears(layer);
	if (hf_loop_add_fd(layer->loop, layer->link.fd, EPOLLIN | EPOLLRDHUP, on_fence, layer, &layer->fence_watch) ==
	    HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "The fence cannot be watched: %s", strerror(errno));
}

static enum hf_rc start_fence(struct hf_layer *layer, struct hf_err *err)
{
	hf_watch_remove(&layer->fence_watch);
	enum hf_rc rc;
	struct hf_fence_rules theirs = HF_FENCE_RULES_NONE;
	/* The other one of the pair, or one of an earlier life that could not be taken over when this one began. */
	rc = hf_fence_find(&layer->link, &theirs, err);
	if (rc == HF_OK && layer->rules.fd < 0)
		layer->rules = theirs;
	else
		hf_fence_rules_done(&theirs);
	if (rc != HF_OK && (rc == HF_E_ABSENT || layer->link.group >= 0))
		rc = hf_fence_start(&layer->link, err);
	if (rc == HF_OK && layer->rules.fd >= 0)
		rc = hf_fence_set(&layer->link, &layer->rules, err);
	return rc == HF_OK ? watch_fence(layer, err) : rc;
}

/* The path is looked up once, without opening the file, and that very file is marked. */
static bool mark(struct hf_layer *layer, unsigned int how, const struct hf_fence_rule *rule)
{
	char link[64];
	struct hf_file_id id;
	hf_auto_fd int fd = open(rule->path, O_PATH | O_CLOEXEC);
	if (fd < 0 || hf_str_printf(link, sizeof(link), "/proc/self/fd/%d", fd) != HF_OK ||
	    hf_file_id(link, &id) != HF_OK || id.dev != rule->dev || id.ino != rule->ino)
		return false;
	return fanotify_mark(layer->link.group, how, MARKS, AT_FDCWD, link) == 0;
}

static bool is_wanted(const struct hf_programs_found *found, const struct hf_fence_rule *rule)
{
	for (size_t i = 0; i < found->n; i++) {
		if (found->v[i].dev == rule->dev && found->v[i].ino == rule->ino)
			return true;
	}
	return false;
}

/* Before their rules go, since a marked file without a rule is shut for everybody. */
static enum hf_rc unmark_unlisted(struct hf_layer *layer, const struct hf_programs_found *found, struct hf_err *err)
{
	hf_auto_free struct hf_fence_rule *left = calloc(layer->rules.n + 1, sizeof(*left));
	struct hf_fence_rules rules = HF_FENCE_RULES_NONE;
	size_t n = 0;
	if (!left)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of blocked programs");
	for (size_t i = 0; i < layer->rules.n; i++) {
		const struct hf_fence_rule *rule = &layer->rules.v[i];
		if (is_wanted(found, rule) || hf_programs_list_of(&layer->list, rule->path) ||
		    !mark(layer, FAN_MARK_REMOVE, rule))
			left[n++] = *rule;
	}
	if (n == layer->rules.n)
		return HF_OK;
	enum hf_rc rc = hf_fence_rules_make(left, n, &rules, err);
	if (rc != HF_OK)
		return rc;
	hf_fence_rules_done(&layer->rules);
	layer->rules = rules;
	return HF_OK;
}

static bool same_rules(const struct hf_fence_rules *rules, const struct hf_programs_found *found)
{
	size_t n = found->n;
	if (rules->n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct hf_fence_rule *rule = hf_fence_rules_find(rules, found->v[i].dev, found->v[i].ino);
		if (!rule || memcmp(rule, &found->v[i], sizeof(*rule)) != 0)
			return false;
	}
	return true;
}

/* A fence of another version does not understand these rules; it is a process of ours all the same. */
static enum hf_rc set_or_replace(struct hf_layer *layer, const struct hf_fence_rules *rules, struct hf_err *err)
{
	enum hf_rc rc = hf_fence_set(&layer->link, rules, err);
	if (rc != HF_E_SYSTEM)
		return rc;
	hf_watch_remove(&layer->fence_watch);
	hf_watch_remove(&layer->ears_watch);
	rc = hf_fence_replace(&layer->link, err);
	if (rc == HF_OK)
		rc = hf_fence_set(&layer->link, rules, err);
	return rc == HF_OK ? watch_fence(layer, err) : rc;
}

/* Rules first, marks after: a mark never meets a fence that does not know the file. */
static enum hf_rc put_rules(struct hf_layer *layer, struct hf_programs_found *found, struct hf_err *err)
{
	struct hf_fence_rules rules = HF_FENCE_RULES_NONE;
	if (same_rules(&layer->rules, found) && layer->rules.fd >= 0)
		return HF_OK;
	enum hf_rc rc = hf_fence_rules_make(found->v, found->n, &rules, err);
	if (rc == HF_OK)
		rc = set_or_replace(layer, &rules, err);
	if (rc != HF_OK) {
		hf_fence_rules_done(&rules);
		return rc;
	}
	hf_fence_rules_done(&layer->rules);
	layer->rules = rules;
	layer->marked = false;
	return HF_OK;
}

static size_t mark_all(struct hf_layer *layer)
{
	size_t failed = 0;
	for (size_t i = 0; i < layer->rules.n; i++) {
		const struct hf_fence_rule *rule = &layer->rules.v[i];
		struct hf_file_id id;
		/* A rule for a file that its path does not lead to any more is of an earlier one, marked long since. */
		if (!rule->open_for_all && !mark(layer, FAN_MARK_ADD, rule) && hf_file_id(rule->path, &id) == HF_OK &&
		    id.ino == rule->ino)
			failed++;
	}
	layer->marked = failed == 0;
	return failed;
}

static enum hf_rc shut_once(struct hf_layer *layer, bool *ret_again, struct hf_err *err)
{
	struct hf_programs_found found;
	enum hf_rc rc = hf_programs_find(&layer->list, &layer->guard, &found, err);
	if (rc != HF_OK)
		return rc;
	*ret_again = false;
	hf_saw_cut(layer->trouble, found.trouble);
	if (found.n > 0 || layer->link.group >= 0) {
		size_t before = layer->rules.n;
		if (layer->link.fd < 0)
			rc = start_fence(layer, err);
		if (rc == HF_OK)
			rc = unmark_unlisted(layer, &found, err);
		if (rc == HF_OK)
			rc = hf_programs_keep_old(&found, &layer->list, &layer->rules, err);
		*ret_again = rc == HF_OK && (before != layer->rules.n || !same_rules(&layer->rules, &found));
		if (rc == HF_OK)
			rc = put_rules(layer, &found, err);
		if (rc == HF_OK && !layer->marked && mark_all(layer) > 0)
			rc = hf_err_set(err, HF_E_SYSTEM, "A listed program cannot be marked: %s", strerror(errno));
	}
	hf_programs_found_done(&found);
	return rc;
}

static void on_folder(void *arg, uint32_t events);

static enum hf_rc watch_folders(struct hf_layer *layer, struct hf_err *err)
{
	bool first = layer->inotify < 0;
	enum hf_rc rc = hf_programs_watch(layer->inotify, &layer->list, &layer->inotify, err);
	if (rc != HF_OK || !first)
		return rc;
	return hf_loop_add_fd(layer->loop, layer->inotify, EPOLLIN, on_folder, layer, &layer->folder_watch);
}

/* Looks again as long as what is there is not what was there the last time. */
static enum hf_rc shut(struct hf_layer *layer, bool *ret_changed, struct hf_err *err)
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
	bool dead = layer->link.group >= 0 && layer->link.fd < 0;
	if (hf_timer_arm(layer->timer, dead ? TRY_AGAIN_MS : 0) != HF_OK)
		hf_saw_cut(layer->trouble, "The agent's timer does not run");
}

static void release(struct hf_layer *layer)
{
	hf_watch_remove(&layer->folder_watch);
	hf_fd_close(&layer->inotify);
	hf_watch_remove(&layer->fence_watch);
	hf_watch_remove(&layer->ears_watch);
	hf_fence_end(&layer->link);
	if (layer->rules.n > 0) {
		hf_fence_rules_done(&layer->freed);
		layer->freed = layer->rules;
		layer->rules = HF_FENCE_RULES_NONE;
	}
	hf_fence_rules_done(&layer->rules);
	layer->trouble[0] = '\0';
	try_again(layer);
}

static enum hf_rc act(struct hf_layer *layer, bool *ret_changed, struct hf_err *err)
{
	*ret_changed = false;
	if (layer->list.n == 0) {
		release(layer);
		return HF_OK;
	}
	hf_fence_rules_done(&layer->freed);
	enum hf_rc rc = shut(layer, ret_changed, err);
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err->text);
	return rc;
}

static enum hf_rc layer_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	struct hf_err own;
	bool changed;
	enum hf_rc rc = hf_programs_list_take(&layer->list, plan, &own);
	if (rc == HF_OK) {
		layer->told = true;
		layer->marked = false;
		rc = act(layer, &changed, &own);
	}
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s", own.text);
}

/* Without a fence nobody answers: who starts a listed program waits, so it is tried until one runs. */
static void revive(struct hf_layer *layer)
{
	struct hf_err err;
	bool changed;
	enum hf_rc rc = layer->told ? act(layer, &changed, &err) : start_fence(layer, &err);
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
	try_again(layer);
}

static void on_fence(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	(void)events; /* it says nothing unasked: whatever comes is its end */
	hf_watch_remove(&layer->fence_watch);
	hf_fd_close(&layer->link.fd);
	hf_saw_cut(layer->found, "The process that keeps listed programs shut had been ended; another took over");
	revive(layer);
	layer->calls.changed(layer->calls.arg);
}

static void on_folder(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct hf_err err;
	bool changed = false;
	(void)events;
	hf_programs_watch_drain(layer->inotify);
	enum hf_rc rc = act(layer, &changed, &err);
	if (rc != HF_OK || changed)
		layer->calls.changed(layer->calls.arg);
}

static void on_timer(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	(void)events;
	if (layer->link.group < 0 || layer->link.fd >= 0)
		return;
	revive(layer);
	layer->calls.changed(layer->calls.arg);
}

/* Probing --------------------------------------------------------------------------------------------------------- */

static bool marks_hold(struct hf_layer *layer)
{
	struct hf_err err;
	size_t missing;
	if (layer->rules.n == 0)
		return true;
	if (layer->link.group < 0)
		return false;
	if (hf_programs_marked(layer->link.group, &layer->rules, &missing, &err) != HF_OK) {
		hf_saw_cut(layer->trouble, err.text);
		return false;
	}
	if (missing == 0)
		return true;
	hf_saw_cut(layer->found, "Marks of listed programs had been taken away; they were put back");
	return mark_all(layer) == 0;
}

static void judge_probe(const struct hf_layer *layer, const struct hf_programs_probe *probe, struct hf_saw *saw)
{
	const struct hf_fence_rules *rules = &layer->rules;
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

static void probe_locked(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_programs_probe probe;
	struct hf_err err;
	bool changed;
	bool marked = marks_hold(layer);
	bool done = act(layer, &changed, &err) == HF_OK;
	if (!done || !marked || layer->trouble[0]) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->trouble[0] ? layer->trouble : "The marks do not hold");
		return;
	}
	if (layer->rules.n == 0) {
		hf_saw_say(saw, HF_LAYER_VERIFIED, "None of the listed programs is installed here");
		return;
	}
	hf_programs_probe(&layer->rules, layer->probed, &probe);
	layer->prober = probe.pid;
	layer->probed = (layer->probed + HF_PROBE_OPENS_MAX) % layer->rules.n;
	judge_probe(layer, &probe, saw);
}

/* That nothing of ours refuses is one thing; that an ordinary user comes in is what an all-clear promises. */
static void probe_freed(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_programs_probe probe;
	if (layer->freed.n == 0)
		return;
	hf_programs_probe(&layer->freed, 0, &probe);
	if (!probe.answered) {
		hf_saw_say(saw, HF_LAYER_ARMED, "Released; that listed programs start again could not be tried");
	} else if (probe.n_refused > 0) {
		hf_saw_say(saw, HF_LAYER_ARMED, "Released, and an ordinary user still cannot open %.120s",
			   layer->freed.v[probe.first_refused].path);
	} else {
		hf_fence_rules_done(&layer->freed);
	}
}

static void layer_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	if (layer->told && layer->list.n > 0)
		probe_locked(layer, &saw);
	else if (layer->link.group >= 0)
		hf_saw_say(&saw, HF_LAYER_ARMED, "What was blocked before the agent started is still blocked");
	else
		probe_freed(layer, &saw);
	hf_saw_found(&saw, layer->found);
	*ret_saw = saw;
}

static enum hf_rc take_over(struct hf_layer *layer, struct hf_err *err)
{
	/* A socket that nobody listens at is of a pair that was killed: told to end, it takes its socket with it. */
	bool there = access(layer->socket, F_OK) == 0;
	enum hf_rc rc = hf_fence_find(&layer->link, &layer->rules, err);
	if (rc == HF_OK)
		return watch_fence(layer, err);
	if (rc == HF_E_ABSENT && there)
		hf_saw_cut(layer->found,
			   "All processes that keep listed programs shut had been ended at once: until the agent "
			   "came back they could be opened");
	return rc == HF_E_ABSENT ? HF_OK : rc;
}

static void layer_close(struct hf_layer **address)
{
	struct hf_layer *layer = *address;
	if (!layer)
		return;
	hf_watch_remove(&layer->fence_watch);
	hf_watch_remove(&layer->ears_watch);
	hf_watch_remove(&layer->folder_watch);
	hf_watch_remove(&layer->timer);
	hf_fd_close(&layer->inotify);
	hf_fence_leave(&layer->link);
	hf_fence_rules_done(&layer->rules);
	hf_fence_rules_done(&layer->freed);
	hf_programs_list_done(&layer->list);
	hf_programs_guard_done(&layer->guard);
	free(layer);
	*address = NULL;
}

static enum hf_rc open_parts(struct hf_layer *layer, const struct hf_enforce_conf *conf, struct hf_err *err)
{
	if (hf_str_copy(layer->socket, sizeof(layer->socket), conf->fence_socket) != HF_OK ||
	    hf_str_copy(layer->self, sizeof(layer->self), conf->self) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "A path of the settings of programs is too long");
	enum hf_rc rc = hf_programs_guard_make(conf->self, &layer->guard, err);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(layer->loop, on_timer, layer, &layer->timer);
	return rc == HF_OK ? take_over(layer, err) : rc;
}

static enum hf_rc layer_open(struct hf_loop *loop, const struct hf_enforce_conf *conf,
			     const struct hf_layer_calls *calls, struct hf_layer **ret_layer, struct hf_err *err)
{
	struct hf_layer *layer = calloc(1, sizeof(*layer));
	if (!layer)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the layer of programs");
	layer->loop = loop;
	layer->calls = *calls;
	layer->inotify = -1;
	layer->rules = layer->freed = HF_FENCE_RULES_NONE;
	layer->link =
		(struct hf_fence_link){.socket = layer->socket, .self = layer->self, .group = -1, .fd = -1, .ears = -1};
	enum hf_rc rc = open_parts(layer, conf, err);
	if (rc != HF_OK) {
		layer_close(&layer);
		return rc;
	}
	*ret_layer = layer;
	return HF_OK;
}

static bool has_work(const struct hf_block *block)
{
	return block->programs->n > 0;
}

static enum hf_rc check(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	hf_auto_fd int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);
	(void)conf;
	if (group >= 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "This machine's kernel refuses to watch files: %s", strerror(errno));
}

const struct hf_layer_ops hf_layer_programs = {.name = "programs",
					       .needs = "fanotify with permission events, and the right to use it",
					       .has_work = has_work,
					       .check = check,
					       .open = layer_open,
					       .apply = layer_apply,
					       .probe = layer_probe,
					       .close = layer_close};
