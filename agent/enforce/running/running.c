/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer for listed programs that run already: frozen with their connections cut, or ended.
 * Must never end what can be frozen, nor thaw before it has tried to end all connections.
 */
#include "agent/enforce/enforce.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/enforce/common/file_rules.h"
#include "agent/enforce/common/programs_folder.h"
#include "agent/enforce/common/programs_list.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/running/cleared.h"
#include "agent/enforce/running/freezer.h"
#include "agent/enforce/running/openers.h"
#include "agent/enforce/running/running_cut.h"
#include "agent/enforce/running/running_end.h"

#define LOOK_AGAIN_MS 150 /* what was being started while the others were frozen runs by then */
#define TICK_MS 1000	  /* of a countdown */
#define LOOKS 4
#define ROUNDS 8 /* one is enough unless something starts others all the time */
#define MS_PER_S 1000
#define AHEAD_MS (300 * MS_PER_S) /* while nothing is shut: who was started since waits so long to be seen clear */

struct hf_layer {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	int64_t countdown_ms;
	bool told;			/* a plan was given in this life */
	struct hf_programs_list list;	/* what the plan says */
	struct hf_programs_list all;	/* what it may say one day */
	struct hf_programs_guard guard; /* what the agent needs */
	struct hf_file_rules rules;	/* the files that the list leads to, or led to before an upgrade */
	struct hf_openers openers;	/* who opened such a file before anything was shut */
	struct hf_cleared cleared;	/* in whom nothing listed was found, while it is told who opens something */
	size_t missed;			/* of what is told, when those were found */
	bool is_told_all;
	struct hf_boot_ms ahead_at; /* when processes were looked at last before there was anything to hold */
	struct hf_freezer *freezer;
	struct hf_watch *news; /* of groups that frozen programs came from */
	struct hf_freezer_saw saw;
	struct hf_endings endings;
	struct hf_watch *timer;
	int looks;		      /* how often the timer will look again */
	char found[HF_SAW_MAX + 1];   /* what was found when it had stopped holding */
	char trouble[HF_SAW_MAX + 1]; /* what could not be done, "" when nothing */
	char hidden[HF_SAW_MAX + 1];  /* who could not be looked into, "" when all could */
	char uncut[HF_SAW_MAX + 1];   /* why connections could not be ended, "" when they were */
	bool unsettled;		      /* running programs are not yet as the plan wants them */
};

/* Which files ------------------------------------------------------------------------------------------------------ */

static bool are_same_rules(const struct hf_file_rules *a, const struct hf_file_rules *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0);
}

static enum hf_rc take_files(struct hf_layer *layer, struct hf_programs_found *found, bool *ret_changed,
			     struct hf_err *err)
{
	struct hf_file_rules rules = HF_FILE_RULES_NONE;
	enum hf_rc rc = hf_programs_keep_old(found, &layer->list, &layer->rules, err);
	size_t kept = 0;
	for (size_t i = 0; rc == HF_OK && i < found->n; i++) {
		if (!found->v[i].open_for_all)
			found->v[kept++] = found->v[i];
	}
	if (rc == HF_OK)
		rc = hf_file_rules_make(found->v, kept, &rules, err);
	if (rc != HF_OK)
		return rc;
	*ret_changed = !are_same_rules(&layer->rules, &rules);
	hf_file_rules_done(&layer->rules);
	layer->rules = rules;
	return HF_OK;
}

static enum hf_rc find_files(struct hf_layer *layer, bool *ret_changed, struct hf_err *err)
{
	struct hf_programs_found found;
	*ret_changed = false;
	if (layer->list.n == 0) {
		layer->endings.n_ended = 0;
		hf_file_rules_done(&layer->rules);
		return HF_OK;
	}
	enum hf_rc rc = hf_programs_find(&layer->list, &layer->guard, &found, err);
	if (rc != HF_OK)
		return rc;
	hf_saw_cut(layer->trouble, found.trouble);
	layer->is_told_all = hf_openers_mark(&layer->openers, &found);
	rc = take_files(layer, &found, ret_changed, err);
	hf_programs_found_done(&found);
	return rc;
}

/* Which processes -------------------------------------------------------------------------------------------------- */

struct look {
	struct hf_layer *layer;
	const struct hf_programs_list *list; /* what is looked for: paths, ... */
	const struct hf_file_rules *rules;   /* ... and the files that they lead to */
	hf_user ids[4];
	const char *path; /* what the last one asked about runs, as it is listed */
	bool met;	  /* something listed, whoever may use it, in the last one asked about */
	size_t n_new;	  /* frozen just now */
	size_t n_hidden;  /* of people for whom something is shut, and cannot be looked into */
	pid_t one_hidden;
	struct hf_cut cut;
	struct hf_err err;
	enum hf_rc rc;
};

static bool shuts(struct look *look, const struct hf_listed *listed)
{
	struct hf_file_rule rule = {.n_users = (uint32_t)listed->n_open_for};
	for (size_t i = 0; i < listed->n_open_for; i++)
		rule.users[i] = listed->open_for[i];
	look->met = true;
	if (hf_file_rule_allows(&rule, look->ids))
		return false;
	look->path = listed->path;
	return true;
}

/* What a program was called that was replaced or removed since it was started. */
static bool was_listed(struct look *look, const char *gone)
{
	const struct hf_programs_list *list = look->list;
	for (size_t i = 0; i < list->n; i++) {
		const char *path = list->v[i].path;
		hf_auto_free char *real = realpath(path, NULL);
		if ((hf_path_below(path, gone) || (real && hf_path_below(real, gone))) && shuts(look, &list->v[i]))
			return true;
	}
	return false;
}

static bool is_file_shut(void *arg, const struct hf_file_id *id, const char *gone)
{
	struct look *look = arg;
	const struct hf_file_rule *rule = hf_file_rules_find(look->rules, id->dev, id->ino);
	if (!rule)
		return gone && was_listed(look, gone);
	look->met = true;
	look->path = rule->path;
	return !hf_file_rule_allows(rule, look->ids);
}

/* A Python that was started with -m has none of the module's files in its command line or its memory. */
static bool runs_module(struct look *look, pid_t pid)
{
	const struct hf_programs_list *list = look->list;
	char name[256];
	if (hf_proc_module(pid, name, sizeof(name)) != HF_OK)
		return false;
	for (size_t i = 0; i < list->n; i++) {
		const char *last = strrchr(list->v[i].path, '/');
		if (last && strcmp(last + 1, name) == 0 && hf_is_folder(list->v[i].path) && shuts(look, &list->v[i]))
			return true;
	}
	return false;
}

/* The word after -m, for a file in a folder that is listed. */
static const char *module_word(const struct look *look, const char *path)
{
	const struct hf_listed *listed = hf_programs_list_of(look->list, path);
	return listed && strcmp(listed->path, path) != 0 ? strrchr(listed->path, '/') + 1 : NULL;
}

/* To have opened it is not to run it, file managers and searches do; but who was also told to, or has it open, does. */
static bool runs_what_it_opened(struct look *look, pid_t pid, pid_t by)
{
	const struct hf_file_id *file;
	for (size_t at = 0; (file = hf_openers_next(&look->layer->openers, pid, &at));) {
		look->met = true;
		if (is_file_shut(look, file, NULL) &&
		    (hf_proc_was_given(by, file, module_word(look, look->path)) || hf_proc_has_open(by, file)))
			return true;
	}
	return false;
}

static enum hf_proc_found find_in(struct look *look, pid_t pid)
{
	look->met = false;
	if (look->list->n == 0 || hf_proc_ids(pid, look->ids) != HF_OK)
		return HF_PROC_UNSEEN;
	enum hf_proc_found found = hf_proc_runs(pid, is_file_shut, look);
	pid_t by = found == HF_PROC_UNSEEN ? hf_proc_shown_by(pid) : pid;
	if (by != pid)
		found = hf_proc_runs(by, is_file_shut, look);
	if (found != HF_PROC_RUNS && (runs_module(look, by) || runs_what_it_opened(look, pid, by)))
		return HF_PROC_RUNS;
	return found == HF_PROC_CLEAR && look->met ? HF_PROC_UNSEEN : found;
}

static bool must_hold(void *arg, pid_t pid)
{
	enum hf_proc_found found = find_in(arg, pid);
	/* Whoever was frozen and cannot be looked into now is not known to be free. */
	return found == HF_PROC_RUNS || found == HF_PROC_HIDDEN;
}

static void note_hidden(struct look *look, pid_t pid)
{
	if (look->ids[0] == 0)
		return;
	look->n_hidden++;
	look->one_hidden = pid;
}

/* Once nothing listed was in it there is nothing later either, unless it is told that it opened something. */
static bool is_cleared(const struct hf_layer *layer, const struct hf_proc *proc)
{
	size_t at = 0;
	return hf_cleared_has(&layer->cleared, proc) && !hf_openers_next(&layer->openers, proc->pid, &at);
}

static bool is_free(struct look *look, const struct hf_proc *proc, uint64_t entry)
{
	bool cleared = is_cleared(look->layer, proc);
	enum hf_proc_found found = cleared ? HF_PROC_CLEAR : find_in(look, proc->pid);
	if (found == HF_PROC_HIDDEN)
		note_hidden(look, proc->pid);
	if (found == HF_PROC_CLEAR && look->layer->is_told_all)
		hf_cleared_note(&look->layer->cleared, proc, entry);
	return found != HF_PROC_RUNS;
}

/* Nothing is read of one that is known by its entry. */
static enum hf_rc start_of(const struct look *look, uint64_t entry, struct hf_proc *proc)
{
	if (hf_cleared_start(&look->layer->cleared, proc->pid, entry, &proc->start))
		return HF_OK;
	return hf_proc_start(proc->pid, &proc->start);
}

/* Whoever may have opened something unseen is looked at again. */
static void hear_openers(struct hf_layer *layer)
{
	hf_openers_drain(&layer->openers);
	if (layer->missed != layer->openers.missed)
		hf_cleared_forget(&layer->cleared);
	layer->missed = layer->openers.missed;
}

/* What it does, and not only that ---------------------------------------------------------------------------------- */

static enum hf_rc begin_ending(struct look *look, const struct hf_proc *proc)
{
	struct hf_layer *layer = look->layer;
	struct hf_ending ending = {.proc = *proc, .uid = look->ids[0], .pidfd = -1};
	ending.due.ms = hf_clock_boot().ms + layer->countdown_ms;
	enum hf_rc rc = hf_str_copy(ending.path, sizeof(ending.path), look->path);
	if (rc != HF_OK)
		return rc;
	return hf_endings_add(&layer->endings, &ending);
}

static void hold_if_listed(void *arg, pid_t pid, uint64_t entry)
{
	struct look *look = arg;
	struct hf_proc proc = {.pid = pid};
	if (start_of(look, entry, &proc) != HF_OK || is_free(look, &proc, entry) ||
	    hf_freezer_has(look->layer->freezer, pid))
		return;
	enum hf_rc rc = hf_freezer_hold(look->layer->freezer, &proc, &look->err);
	look->n_new += rc == HF_OK;
	if (rc == HF_OK)
		hf_endings_forget(&look->layer->endings, &proc);
	else if (rc != HF_E_ABSENT)
		rc = begin_ending(look, &proc);
	if (rc != HF_OK && rc != HF_E_ABSENT)
		look->rc = rc;
}

/* Again while there are some: what was started by one that was not frozen yet may have been looked at already. */
static enum hf_rc hold_all(struct look *look, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	look->n_new = 1;
	for (int round = 0; rc == HF_OK && look->n_new > 0 && round < ROUNDS; round++) {
		look->n_new = look->n_hidden = 0;
		hear_openers(look->layer);
		rc = hf_procs_each_entry(hold_if_listed, look, err);
		hf_cleared_turn(&look->layer->cleared);
	}
	return rc;
}

static void note_sockets(void *arg, pid_t pid)
{
	struct look *look = arg;
	if (hf_cut_add(&look->cut, pid) != HF_OK)
		hf_saw_cut(look->layer->uncut, "Too many connections of running programs to end all of them");
}

/*
 * Of all that is frozen or being ended: also of what is thawed next, so that it cannot send what it had queued. Where
 * it fails the frozen ones hold all the same, and an all-clear still thaws them: then they may send.
 */
static void cut_connections(struct look *look)
{
	struct hf_layer *layer = look->layer;
	struct hf_err err = {""};
	layer->uncut[0] = '\0';
	hf_freezer_each(layer->freezer, note_sockets, look);
	for (size_t i = 0; i < layer->endings.n; i++)
		note_sockets(look, layer->endings.v[i].proc.pid);
	if (hf_cut_done(&look->cut, &err) != HF_OK)
		hf_saw_cut(layer->uncut, err.text);
}

static void say_ending(void *arg, const struct hf_ending *ending, int64_t left_s)
{
	const struct hf_layer *layer = arg;
	if (layer->calls.ending)
		layer->calls.ending(layer->calls.arg, ending->uid, ending->path, ending->proc.pid, left_s);
}

static enum hf_rc put_back_and_keep(struct hf_layer *layer, struct look *look, struct hf_err *err)
{
	enum hf_rc rc = hf_freezer_keep(layer->freezer, must_hold, look, &layer->saw, err);
	hf_endings_keep(&layer->endings, must_hold, look);
	hf_endings_tick(&layer->endings, hf_clock_boot(), say_ending, layer);
	if (layer->saw.n_loose > 0)
		hf_saw_cut(layer->found, "Frozen programs had been thawed by somebody; they were frozen again");
	return rc;
}

/* What cannot be looked into is not held. */
static void say_hidden(struct hf_layer *layer, const struct look *look)
{
	char text[HF_SAW_MAX + 1];
	layer->hidden[0] = '\0';
	if (look->n_hidden > 0 &&
	    hf_str_printf(text, sizeof(text),
			  "%zu running programs cannot be looked into (process %d): the agent may not, it lacks "
			  "CAP_SYS_PTRACE",
			  look->n_hidden, (int)look->one_hidden) == HF_OK)
		hf_saw_cut(layer->hidden, text);
}

/* Freezes what must not run and puts back what may: without rules, everything. */
static enum hf_rc settle_running(struct hf_layer *layer, bool *ret_changed, struct hf_err *err)
{
	struct look look = {.layer = layer, .list = &layer->list, .rules = &layer->rules, .rc = HF_OK};
	layer->unsettled = true;
	enum hf_rc rc = find_files(layer, ret_changed, err);
	if (rc != HF_OK)
		hf_cleared_forget(&layer->cleared);
	else if (layer->list.n > 0)
		hf_cleared_look_for(&layer->cleared, &layer->rules, &layer->list);
	if (rc == HF_OK && layer->list.n > 0)
		rc = hold_all(&look, err);
	cut_connections(&look);
	if (rc == HF_OK)
		rc = put_back_and_keep(layer, &look, err);
	if (rc == HF_OK && look.rc != HF_OK)
		rc = hf_err_set(err, look.rc, "%s", look.err.text);
	say_hidden(layer, &look);
	layer->unsettled = rc != HF_OK || layer->saw.n_running > 0;
	return rc;
}

static void look_again(struct hf_layer *layer, int times)
{
	int64_t ms = times > 0 ? LOOK_AGAIN_MS : layer->endings.n > 0 ? TICK_MS : 0;
	layer->looks = times > 0 ? times : 0;
	if (hf_timer_arm(layer->timer, ms) != HF_OK)
		hf_saw_cut(layer->trouble, "The agent's timer does not run");
}

static enum hf_rc act_on_running(struct hf_layer *layer, struct hf_err *err)
{
	bool changed;
	size_t held = layer->saw.n_held;
	layer->trouble[0] = '\0';
	enum hf_rc rc = settle_running(layer, &changed, err);
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err->text);
	if (layer->list.n == 0)
		layer->looks = 0;
	/* What was frozen just now may have opened a connection after the others were ended: they are looked for again.
	 */
	if (changed || layer->unsettled || layer->saw.n_held > held)
		layer->looks = LOOKS;
	look_again(layer, layer->looks);
	return rc;
}

static void clear_one(void *arg, pid_t pid, uint64_t entry)
{
	struct hf_proc proc = {.pid = pid};
	if (start_of(arg, entry, &proc) == HF_OK)
		(void)is_free(arg, &proc, entry);
}

/*
 * While nothing is shut: who runs nothing that is listed is known before a lockdown comes, so that it need not search
 * the memory of every process. Nobody is held here, and what cannot be known now is looked at then.
 */
static void clear_ahead(struct hf_layer *layer)
{
	struct hf_programs_found found;
	hf_auto_file_rules struct hf_file_rules rules = HF_FILE_RULES_NONE;
	struct look look = {.layer = layer, .list = &layer->all, .rules = &rules};
	struct hf_err err = {""};
	layer->ahead_at = hf_clock_boot();
	if (hf_programs_find(&layer->all, &layer->guard, &found, &err) != HF_OK) {
		hf_saw_cut(layer->trouble, err.text);
		return;
	}
	layer->is_told_all = hf_openers_mark(&layer->openers, &found);
	if (layer->list.n == 0 && layer->is_told_all && found.n > 0 &&
	    hf_file_rules_make(found.v, found.n, &rules, &err) == HF_OK) {
		hear_openers(layer);
		hf_cleared_look_for(&layer->cleared, &rules, &layer->all);
		if (hf_procs_each_entry(clear_one, &look, &err) == HF_OK)
			hf_cleared_turn(&layer->cleared);
	}
	hf_programs_found_done(&found);
}

static enum hf_rc running_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	bool held = layer->list.n > 0;
	enum hf_rc rc = hf_programs_list_take(&layer->list, plan, err);
	if (rc != HF_OK)
		return rc;
	layer->told = true;
	rc = act_on_running(layer, err);
	if (held || layer->list.n > 0)
		layer->ahead_at = hf_clock_boot();
	else if (layer->all.n > 0 && hf_clock_boot().ms - layer->ahead_at.ms >= AHEAD_MS)
		clear_ahead(layer);
	return rc;
}

static void running_ready(struct hf_layer *layer, const struct hf_plan *all)
{
	struct hf_err err = {""};
	if (hf_programs_list_take(&layer->all, all, &err) == HF_OK)
		clear_ahead(layer);
	else
		hf_saw_cut(layer->trouble, err.text);
}

static void on_running_timer(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct hf_freezer_saw before = layer->saw;
	size_t ending = layer->endings.n;
	bool unsettled = layer->unsettled;
	struct hf_err err = {""};
	(void)events;
	layer->looks--;
	(void)act_on_running(layer, &err);
	if (unsettled != layer->unsettled || ending != layer->endings.n ||
	    memcmp(&before, &layer->saw, sizeof(before)) != 0)
		layer->calls.changed(layer->calls.arg);
}

static void on_freezer_news(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	hf_freezer_heard(layer->freezer);
	/* Before a plan was given nothing is known that may be put back. */
	if (layer->told)
		on_running_timer(layer, events);
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static void judge_running(const struct hf_layer *layer, struct hf_saw *saw)
{
	if (layer->hidden[0]) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->hidden);
	} else if (layer->endings.n > 0) {
		hf_saw_say(saw, HF_LAYER_ARMED,
			   "%zu running programs frozen; %zu cannot be and are ended, the first in %lld s",
			   layer->saw.n_held, layer->endings.n,
			   (long long)hf_endings_left_s(&layer->endings, hf_clock_boot()));
	} else if (layer->saw.n_running > 0) {
		hf_saw_say(saw, HF_LAYER_ARMED, "Running programs are being frozen");
	} else if (layer->uncut[0]) {
		hf_saw_say(saw, HF_LAYER_ARMED, "%zu running programs frozen, not all connections ended: %.130s",
			   layer->saw.n_held, layer->uncut);
	} else {
		hf_saw_say(saw, HF_LAYER_VERIFIED,
			   "%zu running programs frozen, their connections ended; %zu programs ended",
			   layer->saw.n_held, layer->endings.n_ended);
	}
}

static void probe_running(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_err err = {""};
	if (act_on_running(layer, &err) != HF_OK || layer->trouble[0])
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->trouble[0] ? layer->trouble : err.text);
	else
		judge_running(layer, saw);
}

static void running_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	bool holds = layer->saw.n_held > 0 || layer->unsettled;
	if (layer->told && layer->list.n > 0)
		probe_running(layer, &saw);
	else if (holds && !layer->told)
		hf_saw_say(&saw, HF_LAYER_ARMED, "What was frozen before the agent started is still frozen");
	else if (holds)
		hf_saw_say(&saw, HF_LAYER_ARMED, "%s",
			   layer->trouble[0] ? layer->trouble : "Frozen programs are being put back");
	hf_saw_found(&saw, layer->found);
	*ret_saw = saw;
}

/* Beginning and end ------------------------------------------------------------------------------------------------ */

static void running_close(struct hf_layer *layer)
{
	hf_watch_remove(&layer->timer);
	hf_watch_remove(&layer->news);
	hf_openers_close(&layer->openers);
	hf_cleared_done(&layer->cleared);
	hf_endings_done(&layer->endings);
	hf_file_rules_done(&layer->rules);
	hf_programs_list_done(&layer->list);
	hf_programs_list_done(&layer->all);
	hf_programs_guard_done(&layer->guard);
	if (layer->freezer)
		hf_freezer_close(&layer->freezer);
}

static bool keep_all(void *arg, pid_t pid)
{
	(void)arg, (void)pid;
	return true;
}

static enum hf_rc open_running_parts(struct hf_layer *layer, const struct hf_enforce_conf *conf, struct hf_err *err)
{
	enum hf_rc rc = hf_programs_guard_make(conf->self, &layer->guard, err);
	if (rc == HF_OK)
		rc = hf_freezer_open(conf->cgroup, conf->self, conf->hands, &layer->freezer, err);
	if (rc == HF_OK)
		rc = hf_freezer_keep(layer->freezer, keep_all, NULL, &layer->saw, err);
	if (rc == HF_OK && hf_loop_add_timer(layer->loop, on_running_timer, layer, &layer->timer) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "The layer running cannot have a timer: %m");
	int news = rc == HF_OK ? hf_freezer_news(layer->freezer) : -1;
	if (news >= 0 && hf_loop_add_fd(layer->loop, news, on_freezer_news, layer, &layer->news) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "The layer running cannot listen to control groups: %m");
	return rc;
}

static enum hf_rc running_open(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	layer->loop = home->loop;
	layer->calls = *home->calls;
	layer->countdown_ms = home->conf->countdown_s * MS_PER_S;
	layer->rules = HF_FILE_RULES_NONE;
	/* Where the kernel does not tell, programs are known by what they show, as ever. */
	if (hf_openers_open(&layer->openers, layer->loop, home->conf->hands, err) != HF_OK)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_SYSTEM)), "%s",
			     err->text);
	return open_running_parts(layer, home->conf, err);
}

const struct hf_layer_ops hf_layer_running = {
	.name = "running",
	.needs = "cgroup v2 to freeze programs; without it they are ended after a countdown",
	.rights = HF_RIGHT_SYS_PTRACE | HF_RIGHT_SYS_ADMIN | HF_RIGHT_KILL | HF_RIGHT_DAC_OVERRIDE,
	.size = sizeof(struct hf_layer),
	.has_work = hf_layer_any_program,
	/* Without a cgroup v2 programs are ended instead. */
	.check = hf_layer_any_machine,
	.open = running_open,
	.apply = running_apply,
	.probe = running_probe,
	.ready = running_ready,
	.close = running_close};
