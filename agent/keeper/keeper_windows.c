/* SPDX-License-Identifier: MIT */
/*
 * Owns the posting windows while the agent runs: taking, waiting for the council's word, opening, paying, closing.
 * Must never open a window that is not on disk, or keep one open past its time.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/rules/posting_rules.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define WAIT_MS 5000  /* for the council's record: it answers within a second when it is there */
#define RETRY_MS 1000 /* to shut what could not be shut, for want of memory */
#define PAID_BEATS 2  /* so that one late beat does not shut a window */
#define LATELY_BEATS 2

/* One question about one account, with all that decides it. Start it zeroed. */
struct asking {
	struct hf_moment moment;
	struct hf_posture posture;
	struct hf_pass_ask ask;
	struct hf_posting which;
	struct hf_window *window;
};

#define auto_asking __attribute__((cleanup(asking_done)))

static void asking_done(struct asking *a)
{
	hf_posture_done(&a->posture);
	hf_moment_done(&a->moment);
}

static void read_boot_id(struct hf_keeper *k)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (k->conf.boot_id) {
		if (hf_str_copy(k->boot_id, sizeof(k->boot_id), k->conf.boot_id) != HF_OK)
			k->boot_id[0] = '\0';
	} else if (hf_fs_read(BOOT_ID_FILE, HF_BOOT_ID_SIZE, &text, &len, NULL) == HF_OK &&
		   len >= HF_BOOT_ID_SIZE - 1) {
		memcpy(k->boot_id, text, HF_BOOT_ID_SIZE - 1);
	}
	/* A boot that cannot be named: each life of the agent counts as one. */
	if (!k->boot_id[0] && hf_str_printf(k->boot_id, sizeof(k->boot_id), "life-%lld",
					    (long long)hf_keeper_pass_time(k).boot.ms) != HF_OK)
		k->boot_id[0] = '\0';
}

struct hf_pass_time hf_keeper_pass_time(const struct hf_keeper *k)
{
	return (struct hf_pass_time){
		.boot = k->conf.boot ? k->conf.boot() : hf_clock_boot(),
		.boot_id = k->boot_id,
		.wall = {k->conf.wall().s > 0 ? k->conf.wall().s : 0},
	};
}

/* What cannot be written down is not held in memory either, so it opens nothing. */
static enum hf_rc keep(struct hf_keeper *k, struct hf_passes *before, struct hf_err *err)
{
	if (hf_keeper_save(k))
		return HF_OK;
	hf_passes_done(&k->memory.passes);
	k->memory.passes = *before;
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

void hf_keeper_pass_begin(struct hf_keeper *k)
{
	struct hf_pass_time now;

	read_boot_id(k);
	now = hf_keeper_pass_time(k);
	if (hf_passes_resume(&k->memory.passes, &now)) {
		k->dirty = true;
		hf_log(HF_LOG_NOTICE, HF_EV_CHANGED,
		       "a posting window was open when this machine went down; it goes on");
	}
	hf_keeper_pass_pay(k);
}

void hf_keeper_pass_pay(struct hf_keeper *k)
{
	hf_auto_passes struct hf_passes before = {NULL, 0};
	struct hf_pass_time now = hf_keeper_pass_time(k);
	struct hf_err err = {""};

	if (hf_passes_copy(&k->memory.passes, &before) != HF_OK || !hf_passes_pay(&k->memory.passes, paid_ms(k), &now))
		return;
	if (keep(k, &before, &err) != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_STORE, "a posting window shuts soon: %s", err.text);
}

bool hf_keeper_pass_close(struct hf_keeper *k, const struct hf_lockdowns *lockdowns)
{
	const struct hf_known *known = &k->memory.known;
	const struct hf_pass_law law = {lockdowns, &known->claims, known->assignment, known->device};
	struct hf_pass_time now = hf_keeper_pass_time(k);

	if (!hf_passes_close(&k->memory.passes, &law, &now))
		return false;
	hf_log(HF_LOG_NOTICE, HF_EV_CHANGED, "a posting window is over");
	return k->dirty = k->pass_news = true;
}

static int64_t rank_of(const struct hf_keeper *k, const char *person)
{
	const struct hf_assignment *assignment = k->memory.known.assignment;

	for (size_t i = 0; assignment && i < assignment->n_people; i++) {
		if (strcmp(assignment->people[i].person, person) == 0)
			return assignment->people[i].rank > 1 ? assignment->people[i].rank : 1;
	}
	return HF_RANK_MAX;
}

static bool heard_lately(const struct hf_keeper *k)
{
	return k->heard_at.ms != 0 && hf_clock_boot().ms - k->heard_at.ms <= LATELY_BEATS * k->conf.beat_s * 1000;
}

static enum hf_claimed word_on(const struct hf_keeper *k, const struct hf_window *w)
{
	const struct hf_posting which = {.lockdown = w->lockdown, .account = w->account, .person = w->person};

	return hf_claims_word(&k->memory.known.claims, &which, k->memory.known.device);
}

/* May a window that was claimed here open: the record names this device, or is silent and this is the first device. */
static bool may_go(const struct hf_keeper *k, const struct hf_window *w)
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
static enum hf_rc open_window(struct hf_keeper *k, struct hf_window *w, int64_t minutes, struct hf_err *err)
{
	hf_auto_passes struct hf_passes before = {NULL, 0};
	struct hf_pass_time now = hf_keeper_pass_time(k);
	enum hf_rc rc;

	w->wait_ms = 0;
	w->waited = true;
	rc = hf_passes_copy(&k->memory.passes, &before);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to open your posting window: try again in a moment");
	w = hf_passes_move(&k->memory.passes, w, HF_POSTING_OPEN, now.wall);
	if (!w)
		return hf_err_set(err, HF_E_ROLLBACK, "this posting window has been open before");
	hf_window_open(w, minutes, paid_ms(k), &now);
	rc = keep(k, &before, err);
	if (rc == HF_OK) {
		k->pass_news = true;
		hf_log(HF_LOG_NOTICE, HF_EV_RELEASE, "posting window open: account=%s person=%s minutes=%lld",
		       w->account, w->person, (long long)minutes);
	}
	return rc;
}

/* One that waits, and may wait no longer. Returns whether it opened. */
static bool go_on_with(struct hf_keeper *k, struct hf_window *w, const struct hf_lockdowns *lockdowns)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(lockdowns, &w->lockdown);
	const struct hf_holding *holding = lockdown ? hf_holding_of(lockdown, w->account, w->person) : NULL;
	struct hf_err err = {""};

	if (!holding || w->wait_ms == 0)
		return false;
	if (hf_keeper_pass_time(k).boot.ms >= w->wait_ms) {
		w->wait_ms = 0;
		w->waited = k->pass_news = true;
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
	size_t n = k->memory.passes.n;

	for (size_t i = 0; i < n && !any; i++)
		any = k->memory.passes.v[i].wait_ms > 0;
	if (!any || hf_moment_of(k, &moment, NULL) != HF_OK)
		return false;
	any = false;
	/* Backwards: one that opens moves to the end. */
	for (size_t i = n; i > 0; i--)
		any = go_on_with(k, &k->memory.passes.v[i - 1], &moment.lockdowns) || any;
	return any;
}

static void arm(struct hf_keeper *k)
{
	struct hf_pass_time now = hf_keeper_pass_time(k);
	int64_t at = 0, ms = 0;

	if (hf_passes_next_ms(&k->memory.passes, &now, &at))
		ms = at > now.boot.ms ? at - now.boot.ms : RETRY_MS;
	if (hf_timer_arm(k->pass, ms) != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_FAILED, "cannot wait for the end of a posting window; each beat looks");
}

void hf_keeper_pass_go_on(struct hf_keeper *k)
{
	bool opened = open_waiting(k);

	if (k->pass_news) {
		k->pass_news = false;
		hf_keeper_tell_people(k);
	}
	if (opened)
		hf_keeper_decide(k);
	else
		arm(k);
}

static enum hf_rc look(struct hf_keeper *k, uid_t uid, const struct hf_question *question, struct asking *a,
		       struct hf_err *err)
{
	const struct hf_known *known = &k->memory.known;
	const char *person = hf_logins_person(known->assignment, &k->logins, uid);
	enum hf_rc rc = hf_moment_of(k, &a->moment, err);

	if (rc == HF_OK)
		rc = hf_posture_of(&a->moment.lockdowns, known->reg, known->assignment, &a->moment.facts, person,
				   a->moment.matter.now, &a->posture, err);
	if (rc != HF_OK)
		return rc;
	a->ask = (struct hf_pass_ask){
		.name = question->account, .person = person, .device = known->device, .posture = &a->posture};
	for (size_t i = 0; i < a->posture.n_accounts; i++) {
		if (strcmp(a->posture.accounts[i].account->id, question->account) == 0)
			a->ask.account = &a->posture.accounts[i];
	}
	if (!person || !a->ask.account || !a->ask.account->holding)
		return HF_OK;
	a->which = (struct hf_posting){
		.lockdown = a->ask.account->holding_of->lockdown->id, .account = question->account, .person = person};
	a->ask.window = a->window = hf_passes_find(&k->memory.passes, &a->which);
	a->ask.claim = hf_claims_find(&known->claims, &a->which);
	return HF_OK;
}

/* Taken for this device: written down, then told to the council. */
static enum hf_rc claim(struct hf_keeper *k, struct asking *a, struct hf_err *err)
{
	hf_auto_passes struct hf_passes before = {NULL, 0};
	enum hf_rc rc = hf_passes_copy(&k->memory.passes, &before);

	a->which.state = HF_POSTING_CLAIMED;
	if (rc == HF_OK)
		rc = hf_passes_add(&k->memory.passes, &a->which, hf_keeper_pass_time(k).wall, &a->window);
	if (rc == HF_E_SIZE)
		return hf_err_set(err, rc, "this device has kept %d posting windows and can keep no more: ring IT",
				  HF_PASSES_MAX);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for your posting window: try again in a moment");
	rc = keep(k, &before, err);
	if (rc != HF_OK)
		return rc;
	hf_log(HF_LOG_NOTICE, HF_EV_ACCEPTED, "person=%s takes the posting window of account=%s", a->window->person,
	       a->window->account);
	hf_keeper_report(k, false);
	return HF_OK;
}

static enum hf_rc not_without_the_council(const struct asking *a, struct hf_err *err)
{
	const struct hf_hold *hold = a->ask.account->holding_of;

	return hf_err_set(err, HF_E_PENDING,
			  "%sthe council's server does not answer, and without it only your first device may open this "
			  "posting window: use that one, or ring %.80s",
			  hold->exercise ? "EXERCISE: " : "", hold->body->order->body.contact);
}

/* A window that is claimed here, or is to be: opens now, waits for the record, or stays shut. */
static enum hf_rc go(struct hf_keeper *k, struct asking *a, struct hf_err *err)
{
	bool first = rank_of(k, a->ask.person) == 1, may_wait = heard_lately(k);
	enum hf_rc rc = HF_OK;

	/* A claim that nobody hears now would stand in the way of the first device later. */
	if (!a->window && !first && !may_wait)
		return not_without_the_council(a, err);
	if (!a->window)
		rc = claim(k, a, err);
	if (rc != HF_OK || a->window->wait_ms > 0)
		return rc;
	if (may_wait && !a->window->waited && word_on(k, a->window) == HF_CLAIMED_NOT) {
		a->window->wait_ms = hf_keeper_pass_time(k).boot.ms + WAIT_MS;
		hf_keeper_pass_go_on(k);
		return HF_OK;
	}
	if (!may_go(k, a->window))
		return not_without_the_council(a, err);
	rc = open_window(k, a->window, a->ask.account->holding->minutes, err);
	if (rc == HF_OK)
		hf_keeper_decide(k);
	return rc;
}

static json_t *answer(struct hf_keeper *k, const struct asking *a)
{
	const struct hf_window *w = hf_passes_find(&k->memory.passes, &a->which);
	struct hf_pass_time now = hf_keeper_pass_time(k);

	if (!w)
		return NULL;
	return json_pack("{s:s, s:s, s:I, s:I}", "account", w->account, "state", hf_posting_state_name(w->state),
			 "left_s", (json_int_t)((hf_window_left_ms(w, &now) + 999) / 1000), "minutes",
			 (json_int_t)a->ask.account->holding->minutes);
}

json_t *hf_keeper_answer_pass(struct hf_keeper *k, uid_t uid, const struct hf_question *question)
{
	auto_asking struct asking a = {.window = NULL};
	struct hf_err err = {""};
	enum hf_rc rc = look(k, uid, question, &a, &err);

	if (rc == HF_OK)
		rc = hf_pass_may_open(&a.ask, &err);
	if (rc == HF_OK && (!a.window || a.window->state == HF_POSTING_CLAIMED))
		rc = go(k, &a, &err);
	return rc == HF_OK ? answer(k, &a) : hf_refusal_json(rc, "%s", err.text);
}

/* Shut first, then written down: a window that is closed is closed at once. */
static enum hf_rc say(struct hf_keeper *k, struct asking *a, enum hf_posting_state state,
		      const struct hf_question *question, struct hf_err *err)
{
	struct hf_wall now = hf_keeper_pass_time(k).wall;
	enum hf_rc rc = HF_OK;

	a->which.state = state;
	if (!a->window)
		rc = hf_passes_add(&k->memory.passes, &a->which, now, &a->window);
	else if (a->window->state != state)
		a->window = hf_passes_move(&k->memory.passes, a->window, state, now);
	if (rc == HF_E_SIZE)
		return hf_err_set(err, rc, "this device can keep no more of what was posted: ring IT");
	if (rc != HF_OK || !a->window)
		return hf_err_set(err, HF_E_MEMORY, "no memory to keep what you said: try again in a moment");
	if (state == HF_POSTING_POSTED && question->site[0])
		rc = hf_str_copy(a->window->post, sizeof(a->window->post), question->site);
	if (rc == HF_OK && state == HF_POSTING_CANNOT && question->why[0])
		rc = hf_str_copy(a->window->why, sizeof(a->window->why), question->why);
	k->dirty = k->pass_news = true;
	hf_log(HF_LOG_NOTICE, HF_EV_ACCEPTED, "person=%s says of account=%s: %s", a->window->person, a->window->account,
	       hf_posting_state_name(state));
	hf_keeper_decide(k);
	if (rc == HF_OK && k->dirty)
		rc = hf_err_set(err, HF_E_SYSTEM,
				"it is shut, but this device cannot write that down (%.160s): say it again in a "
				"moment, and ring IT",
				k->trouble);
	return rc;
}

static json_t *answer_said(struct hf_keeper *k, uid_t uid, const struct hf_question *question,
			   enum hf_posting_state state)
{
	auto_asking struct asking a = {.window = NULL};
	struct hf_err err = {""};
	enum hf_rc rc = look(k, uid, question, &a, &err);

	if (rc == HF_OK)
		rc = hf_pass_may_say(&a.ask, state, &err);
	if (rc == HF_OK && question->site[0])
		rc = hf_post_address_check(question->site, &err);
	if (rc == HF_OK)
		rc = say(k, &a, state, question, &err);
	if (rc != HF_OK)
		return hf_refusal_json(rc, "%s", err.text);
	return json_pack("{s:s, s:s}", "account", question->account, "state", hf_posting_state_name(state));
}

json_t *hf_keeper_answer_posted(struct hf_keeper *k, uid_t uid, const struct hf_question *question)
{
	return answer_said(k, uid, question, HF_POSTING_POSTED);
}

json_t *hf_keeper_answer_cannot(struct hf_keeper *k, uid_t uid, const struct hf_question *question)
{
	return answer_said(k, uid, question, HF_POSTING_CANNOT);
}
