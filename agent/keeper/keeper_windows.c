/* SPDX-License-Identifier: MIT */
/*
 * Owns the posting windows while the agent runs: taking, waiting for the council's word, opening, paying, closing.
 * Must never open a window that is not on disk, or keep one open past its time.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/host.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/keeper/keeper_inside.h"

#define WAIT_MS 5000  /* for the council's record: it answers within a second when it is there */
#define RETRY_MS 1000 /* to shut what could not be shut, for want of memory */
#define PAID_BEATS 2  /* so that one late beat does not shut a window */
#define LATELY_BEATS 2

static void read_boot_id(struct hf_keeper *k)
{
	enum hf_rc rc = k->conf.boot_id ? hf_str_copy(k->boot_id, sizeof(k->boot_id), k->conf.boot_id)
					: hf_host_boot_id(k->boot_id, sizeof(k->boot_id));

	/* A boot that cannot be named: each life of the agent counts as one. */
	if ((rc != HF_OK || !k->boot_id[0]) && hf_str_printf(k->boot_id, sizeof(k->boot_id), "life-%lld",
							     (long long)hf_keeper_posting_time(k).boot.ms) != HF_OK)
		k->boot_id[0] = '\0';
}

/* What cannot be written down is not held in memory either, so it opens nothing. */
static enum hf_rc save_or_undo(struct hf_keeper *k, struct hf_posting_windows *before, struct hf_err *err)
{
	if (hf_keeper_save(k))
		return HF_OK;
	hf_posting_windows_done(&k->memory.windows);
	k->memory.windows = *before;
	memset(before, 0, sizeof(*before));
	return hf_err_set(err, HF_E_SYSTEM,
			  "this device cannot write down that you have taken your posting window (%.160s), so it stays "
			  "shut: try again, and ring IT",
			  k->trouble);
}

static int64_t paid_ms(const struct hf_keeper *k)
{
	return k->conf.beat_s * 1000 * PAID_BEATS;
}

void hf_keeper_windows_begin(struct hf_keeper *k)
{
	struct hf_posting_time now;

	read_boot_id(k);
	now = hf_keeper_posting_time(k);
	if (hf_posting_windows_resume(&k->memory.windows, &now)) {
		k->dirty = true;
		hf_log(HF_LOG_NOTICE, HF_EV_CHANGED,
		       "a posting window was open when this machine went down; it goes on");
	}
	hf_keeper_windows_pay(k);
}

void hf_keeper_windows_pay(struct hf_keeper *k)
{
	hf_auto_posting_windows struct hf_posting_windows before = {NULL, 0};
	struct hf_posting_time now = hf_keeper_posting_time(k);
	struct hf_err err = {""};

	if (hf_posting_windows_copy(&k->memory.windows, &before) != HF_OK ||
	    !hf_posting_windows_pay(&k->memory.windows, paid_ms(k), &now))
		return;
	if (save_or_undo(k, &before, &err) != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_STORE, "a posting window shuts soon: %s", err.text);
}

bool hf_keeper_windows_close(struct hf_keeper *k, const struct hf_lockdowns *lockdowns)
{
	const struct hf_known *known = &k->memory.known;
	struct hf_posting_time now = hf_keeper_posting_time(k);
	const struct hf_posting_law law = {
		.lockdowns = lockdowns,
		.claims = &known->claims,
		.versions = &known->versions,
		.device = known->device,
		.orders = &known->orders,
		.trust = known->trust,
		.reg = known->reg,
		.last = now.wall.s > known->issued.s ? now.wall : known->issued,
	};

	if (!hf_posting_windows_close(&k->memory.windows, &law, &now))
		return false;
	hf_log(HF_LOG_NOTICE, HF_EV_CHANGED, "a posting window is over");
	return k->dirty = k->windows_news = true;
}

static int64_t rank_of(const struct hf_keeper *k, const char *person)
{
	struct hf_pairs pairs;

	hf_versions_pairs(&k->memory.known.versions, &pairs);
	for (size_t i = 0; i < pairs.n; i++) {
		if (pairs.v[i].counts && strcmp(pairs.v[i].person, person) == 0)
			return pairs.v[i].rank;
	}
	return HF_RANK_MAX;
}

static bool heard_lately(const struct hf_keeper *k)
{
	return k->heard_at.ms != 0 && hf_clock_boot().ms - k->heard_at.ms <= LATELY_BEATS * k->conf.beat_s * 1000;
}

static struct hf_posting which_of(const struct hf_posting_window *w)
{
	return (struct hf_posting){
		.lockdown = w->lockdown, .account = w->account, .person = w->person, .text = w->text};
}

static enum hf_claimed word_on(const struct hf_keeper *k, const struct hf_posting_window *w)
{
	const struct hf_posting which = which_of(w);

	return hf_claims_word(&k->memory.known.claims, &which, k->memory.known.device);
}

/* May a window that was claimed here open: the record names this device, or is silent and this is the first device. */
static bool may_go(const struct hf_keeper *k, const struct hf_posting_window *w)
{
	switch (word_on(k, w)) {
	case HF_CLAIMED_HERE:
		return true;
	case HF_CLAIMED_ELSEWHERE:
		return false;
	case HF_CLAIMED_NOT:
		break;
	}
	return w->wait_ms == 0 && rank_of(k, w->person) == 1;
}

/* On disk, with its time, before anything opens. */
static enum hf_rc open_window(struct hf_keeper *k, struct hf_posting_window *w, int64_t minutes, struct hf_err *err)
{
	hf_auto_posting_windows struct hf_posting_windows before = {NULL, 0};
	struct hf_posting_time now = hf_keeper_posting_time(k);
	char hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc;

	w->wait_ms = 0;
	w->waited = true;
	rc = hf_posting_windows_copy(&k->memory.windows, &before);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to open your posting window: try again in a moment");
	w = hf_posting_windows_move(&k->memory.windows, w, HF_POSTING_OPEN, now.wall);
	if (!w)
		return hf_err_set(err, HF_E_ROLLBACK, "this posting window has been open before");
	hf_posting_window_open(w, minutes, paid_ms(k), &now);
	rc = save_or_undo(k, &before, err);
	if (rc == HF_OK) {
		k->windows_news = true;
		hf_log_about(HF_LOG_NOTICE, HF_EV_RELEASE, HF_ABOUT(.lockdown = hf_digest_hex(&w->lockdown, hex)),
			     "account=%s posting window open, minutes=%lld", w->account, (long long)minutes);
	}
	return rc;
}

/* One that waits, and may wait no longer. Returns whether it opened. */
static bool go_on_with(struct hf_keeper *k, struct hf_posting_window *w, const struct hf_lockdowns *lockdowns)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(lockdowns, &w->lockdown);
	const struct hf_posting which = which_of(w);
	const struct hf_holding *holding = lockdown ? hf_holding_of(lockdown, &which) : NULL;
	struct hf_err err = {""};

	if (!holding || w->wait_ms == 0)
		return false;
	if (hf_keeper_posting_time(k).boot.ms >= w->wait_ms) {
		w->wait_ms = 0;
		w->waited = k->windows_news = true;
	}
	if (!may_go(k, w))
		return false;
	if (open_window(k, w, holding->minutes, &err) == HF_OK)
		return true;
	hf_log(HF_LOG_ERROR, HF_EV_STORE, "%s", err.text);
	return false;
}

static bool open_waiting(struct hf_keeper *k)
{
	hf_auto_moment struct hf_moment moment = {0};
	bool any = false;
	size_t n = k->memory.windows.n;

	for (size_t i = 0; i < n && !any; i++)
		any = k->memory.windows.v[i].wait_ms > 0;
	if (!any || hf_moment_of(k, &moment, NULL) != HF_OK)
		return false;
	any = false;
	/* Backwards: one that opens moves to the end. */
	for (size_t i = n; i > 0; i--)
		any = go_on_with(k, &k->memory.windows.v[i - 1], &moment.lockdowns) || any;
	return any;
}

static void arm_timer(struct hf_keeper *k)
{
	struct hf_posting_time now = hf_keeper_posting_time(k);
	int64_t at = 0, ms = 0;

	if (hf_posting_windows_next_ms(&k->memory.windows, &now, &at))
		ms = at > now.boot.ms ? at - now.boot.ms : RETRY_MS;
	if (hf_timer_arm(k->windows, ms) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait for the end of a posting window; each beat looks");
}

bool hf_keeper_windows_go_on(struct hf_keeper *k)
{
	bool opened = open_waiting(k);

	if (k->windows_news) {
		k->windows_news = false;
		hf_keeper_tell_people(k);
	}
	if (!opened)
		arm_timer(k);
	return opened;
}

bool hf_keeper_windows_may_claim(const struct hf_keeper *k, const char *person)
{
	return rank_of(k, person) == 1 || heard_lately(k);
}

/* Taken for this device: written down, then told to the council. */
enum hf_rc hf_keeper_windows_claim(struct hf_keeper *k, struct hf_posting *which, struct hf_posting_window **ret,
				   struct hf_err *err)
{
	hf_auto_posting_windows struct hf_posting_windows before = {NULL, 0};
	char hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_posting_windows_copy(&k->memory.windows, &before);

	which->state = HF_POSTING_CLAIMED;
	if (rc == HF_OK)
		rc = hf_posting_windows_add(&k->memory.windows, which, hf_keeper_posting_time(k).wall, ret);
	if (rc == HF_E_SIZE)
		return hf_err_set(err, rc, "this device has kept %d posting windows and can keep no more: ring IT",
				  HF_POSTING_WINDOWS_MAX);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for your posting window: try again in a moment");
	rc = save_or_undo(k, &before, err);
	if (rc != HF_OK)
		return rc;
	hf_log_about(HF_LOG_NOTICE, HF_EV_ACCEPTED, HF_ABOUT(.lockdown = hf_digest_hex(&(*ret)->lockdown, hex)),
		     "account=%s posting window taken", (*ret)->account);
	hf_keeper_report(k, false);
	return HF_OK;
}

enum hf_rc hf_keeper_windows_try(struct hf_keeper *k, struct hf_posting_window *w, int64_t minutes, bool *ret_opened,
				 struct hf_err *err)
{
	enum hf_rc rc;

	if (w->wait_ms > 0)
		return HF_OK;
	if (heard_lately(k) && !w->waited && word_on(k, w) == HF_CLAIMED_NOT) {
		w->wait_ms = hf_keeper_posting_time(k).boot.ms + WAIT_MS;
		arm_timer(k);
		return HF_OK;
	}
	if (!may_go(k, w))
		return hf_err_set(err, HF_E_PENDING, "the council's server does not answer");
	rc = open_window(k, w, minutes, err);
	*ret_opened = rc == HF_OK;
	return rc;
}
