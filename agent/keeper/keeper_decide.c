/* SPDX-License-Identifier: MIT */
/*
 * Owns the order in which things happen: tighten, write down, loosen.
 * Must never loosen anything that was not written down first, nor wait with tightening.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/machine/proc_paths.h"
#include "agent/rules/view.h"

#define LOOK_FIRST_MS 50  /* a browser reads its policy within a tenth of a second */
#define LOOK_LAST_MS 10000 /* so soon at the latest while one is not as it should be: a beat may be an hour */
#define AGAIN_MS 500	  /* memory may be had again soon */

static void tell_layers(struct hf_keeper *k, struct hf_own_plan *plan, bool lets_go)
{
	struct hf_own_plan before = k->told;

	hf_layers_apply(k->layers, &plan->plan, lets_go);
	k->retold = true;
	hf_log(HF_LOG_NOTICE, lets_go ? HF_EV_RELEASE : HF_EV_ENFORCE, "blocks=%zu before=%zu", plan->plan.n_blocks,
	       before.plan.n_blocks);
	k->told = *plan;
	hf_plan_done(&before);
	memset(plan, 0, sizeof(*plan));
	if (k->told.plan.n_blocks > 0)
		hf_keeper_ask_names(k);
}

/* The first plan of a life follows from what is on disk, so nothing has to be written down before it. */
static void carry_out_first(struct hf_keeper *k, struct hf_own_plan *wanted)
{
	tell_layers(k, wanted, wanted->plan.n_blocks == 0);
	k->begun = true;
	if (k->dirty)
		hf_keeper_save(k);
}

/*
 * What is held while a release is being written down is all that was held and all that must be. So a raise is
 * enforced at once and then written down; a release is written down and then opens. Written down is what is appended.
 */
static enum hf_rc carry_out(struct hf_keeper *k, struct hf_own_plan *wanted, bool ticked, struct hf_err *err)
{
	hf_auto_plan struct hf_own_plan both = {0};
	bool loosens;
	enum hf_rc rc = hf_plan_join(&k->told.plan, &wanted->plan, &both, err);

	if (rc != HF_OK)
		return rc;
	if (!hf_plan_same(&k->told.plan, &both.plan))
		tell_layers(k, &both, false);
	loosens = !hf_plan_same(&k->told.plan, &wanted->plan);
	if (loosens && ticked)
		k->news = NULL; /* what began or ended by a clock stands in no message */
	if ((k->dirty || loosens) && !hf_keeper_write_down(k)) {
		k->waiting = loosens;
		return HF_OK;
	}
	k->waiting = false;
	if (loosens) {
		tell_layers(k, wanted, true);
		k->minor = true;
	}
	return HF_OK;
}

static void wait_for_change(struct hf_keeper *k, const struct hf_moment *m)
{
	struct hf_wall at;
	int64_t s = 0;

	/* Later than the next beat: that beat will wait for it. */
	if (hf_lockdowns_next_change(&m->lockdowns, m->matter.now, &at) && at.s - m->local.s <= k->conf.beat_s)
		s = at.s > m->local.s ? at.s - m->local.s : 1;
	if (hf_timer_arm(k->change, s * 1000) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait for the next change; each beat looks for it");
}

/* What was read of lockdowns that are long gone. */
static void forget_readers(struct hf_keeper *k, const struct hf_moment *m)
{
	bool shown = hf_acks_prune(&k->memory.shown, &m->lockdowns, m->matter.now);
	bool acked = hf_acks_prune(&k->memory.acked, &m->lockdowns, m->matter.now);

	bool passed = hf_posting_windows_prune(&k->memory.windows, &m->lockdowns, m->matter.now);

	hf_view_forget(&m->lockdowns, &k->memory.seen);
	hf_view_forget(&m->lockdowns, &k->opened);
	k->minor = k->minor || shown || acked || passed;
}

static void on_session(void *arg)
{
	struct hf_keeper *k = arg;

	if (hf_timer_arm(k->change, 1) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait for a change of who is logged in; each beat looks");
}

/* Who is here matters only while something is blocked; then it is watched. */
static enum hf_rc plan_now(struct hf_keeper *k, const struct hf_case *matter, struct hf_own_plan *ret,
			   struct hf_err *err)
{
	struct hf_present here;
	enum hf_rc rc = hf_plan_make(matter, &k->logins, ret, err);

	if (rc != HF_OK || ret->plan.n_blocks == 0 || !k->conf.here) {
		hf_presence_free(&k->presence);
		return rc;
	}
	if (!k->presence && hf_presence_watch(k->loop, on_session, k, &k->presence) != HF_OK)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = "watch"),
			     "who logs in is seen with the next beat only");
	k->conf.here(&here);
	hf_logins_mark(&here, &k->logins);
	hf_plan_done(ret);
	return hf_plan_make(matter, &k->logins, ret, err);
}

static enum hf_rc plan_and_carry_out(struct hf_keeper *k, struct hf_err *err)
{
	hf_auto_moment struct hf_moment moment = {0};
	hf_auto_plan struct hf_own_plan wanted = {0};
	bool begun = false;
	enum hf_rc rc = hf_known_tick(&k->memory.known, k->conf.wall(), &begun, err);

	k->dirty = k->dirty || begun;
	if (rc == HF_OK)
		rc = hf_moment_of(k, &moment, err);
	if (rc == HF_OK && hf_keeper_windows_close(k, &moment.lockdowns)) {
		hf_moment_done(&moment);
		k->news = NULL;
		rc = hf_moment_of(k, &moment, err);
	}
	if (rc == HF_OK)
		moment.facts.glass = hf_keeper_glass_holds(k, &moment.lockdowns);
	if (rc == HF_OK)
		rc = plan_now(k, &moment.matter, &wanted, err);
	if (rc == HF_OK && !k->begun)
		carry_out_first(k, &wanted);
	else if (rc == HF_OK)
		rc = carry_out(k, &wanted, begun, err);
	if (rc == HF_OK) {
		k->undecided = false;
		wait_for_change(k, &moment);
		forget_readers(k, &moment);
	}
	return rc;
}

/* What could not be thought through is no plan, and is not called one. */
static void stay_undecided(struct hf_keeper *k, enum hf_rc rc, const struct hf_err *why)
{
	hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)),
		     "cannot decide, so nothing is changed: %s", why->text);
	k->undecided = true;
	if (rc == HF_E_MEMORY && hf_timer_arm(k->change, AGAIN_MS) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait to decide again; each beat does");
}

/* Asked anew each time: a directory that needs the network knows nobody at first. */
static void find_logins(struct hf_keeper *k)
{
	size_t before = hf_logins_unknown(&k->logins), n;
	struct hf_pairs pairs;

	hf_versions_pairs(&k->memory.known.versions, &pairs);
	hf_logins_find(&pairs, &k->logins);
	n = hf_logins_unknown(&k->logins);
	if (n != before)
		hf_log(n > 0 ? HF_LOG_WARNING : HF_LOG_NOTICE, HF_EV_CHANGED,
		       "logins of this device's people that the machine does not know yet, and shuts: %zu", n);
}

static void decide_once(struct hf_keeper *k)
{
	struct hf_err err = {""};
	bool news = k->undecided || k->waiting;
	enum hf_rc rc;

	k->retold = false;
	hf_proc_paths_share(true);
	find_logins(k);
	rc = plan_and_carry_out(k, &err);
	if (rc != HF_OK)
		stay_undecided(k, rc, &err);
	hf_keeper_get_ready(k);
	k->look_ms = LOOK_FIRST_MS;
	hf_keeper_look(k);
	if (news || k->retold)
		hf_keeper_tell_people(k);
}

/* A window that waited and opens now is decided about once more; each opens once. */
void hf_keeper_decide(struct hf_keeper *k)
{
	do
		decide_once(k);
	while (hf_keeper_windows_go_on(k));
}

void hf_keeper_look(struct hf_keeper *k)
{
	int64_t pause = 0;

	hf_proc_paths_share(true); /* what was blocked may have changed who runs */
	hf_layers_probe(k->layers, hf_clock_boot(), k->conf.beat_s * 1000);
	hf_proc_paths_share(false);
	if (hf_layers_unsettled(k->layers)) {
		pause = k->look_ms;
		k->look_ms = pause * 2 < LOOK_LAST_MS ? pause * 2 : LOOK_LAST_MS;
	}
	if (hf_timer_arm(k->look, pause) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait for a layer; each beat looks at it");
	hf_keeper_report(k, false);
}
