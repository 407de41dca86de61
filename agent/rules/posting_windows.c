/* SPDX-License-Identifier: MIT */
/*
 * Owns the posting windows of this device and how they come to an end.
 * Must never give more time than was asked for, once, whatever clocks, restarts and reboots do.
 */
#include "agent/rules/posting_windows.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/windows.h>

#include "agent/rules/acks.h"

static bool is_of_account(const struct hf_posting_window *w, const struct hf_posting *which)
{
	return hf_digest_cmp(&w->lockdown, &which->lockdown) == 0 && strcmp(w->account, which->account) == 0;
}

static struct hf_posting_window *find_window(const struct hf_posting_windows *windows, const struct hf_posting *which,
					     const struct hf_digest *text)
{
	for (size_t i = 0; i < windows->n; i++) {
		struct hf_posting_window *w = &windows->v[i];

		if (is_of_account(w, which) && strcmp(w->person, which->person) == 0 &&
		    hf_digest_cmp(&w->text, text) == 0)
			return w;
	}
	return NULL;
}

struct hf_posting_window *hf_posting_windows_find(const struct hf_posting_windows *windows,
						  const struct hf_posting *which)
{
	static const struct hf_digest any = {0};
	struct hf_posting_window *w = find_window(windows, which, &which->text);

	return w ? w : find_window(windows, which, &any);
}

const struct hf_posting_window *hf_posting_windows_used_by_another(const struct hf_posting_windows *windows,
								   const struct hf_posting *which)
{
	for (size_t i = 0; i < windows->n; i++) {
		const struct hf_posting_window *w = &windows->v[i];

		if (is_of_account(w, which) && strcmp(w->person, which->person) != 0 &&
		    hf_digest_cmp(&w->text, &which->text) == 0 && w->opened.s > 0)
			return w;
	}
	return NULL;
}

static enum hf_rc make_windows_room(struct hf_posting_windows *windows)
{
	if (!windows->v)
		windows->v = calloc(HF_POSTING_WINDOWS_MAX, sizeof(*windows->v));
	return windows->v ? HF_OK : HF_E_MEMORY;
}

enum hf_rc hf_posting_windows_add(struct hf_posting_windows *windows, const struct hf_posting *which, struct hf_wall at,
				  struct hf_posting_window **ret)
{
	struct hf_posting_window w = {
		.lockdown = which->lockdown, .state = which->state, .at = at, .text = which->text};
	enum hf_rc rc;

	if (hf_posting_windows_find(windows, which))
		return HF_E_FORK;
	if (windows->n == HF_POSTING_WINDOWS_MAX)
		return HF_E_SIZE;
	rc = make_windows_room(windows);
	if (rc == HF_OK)
		rc = hf_str_copy(w.account, sizeof(w.account), which->account);
	if (rc == HF_OK)
		rc = hf_str_copy(w.person, sizeof(w.person), which->person);
	if (rc != HF_OK)
		return rc;
	windows->v[windows->n] = w;
	*ret = &windows->v[windows->n++];
	return HF_OK;
}

static void take_out(struct hf_posting_windows *windows, size_t i)
{
	memmove(&windows->v[i], &windows->v[i + 1], (windows->n - i - 1) * sizeof(*windows->v));
	windows->n--;
}

struct hf_posting_window *hf_posting_windows_move(struct hf_posting_windows *windows, struct hf_posting_window *window,
						  enum hf_posting_state state, struct hf_wall at)
{
	struct hf_posting_window w = *window;

	if (!hf_posting_follows(w.state, state))
		return NULL;
	w.state = state;
	w.at = at;
	w.wait_ms = 0;
	take_out(windows, (size_t)(window - windows->v));
	windows->v[windows->n] = w;
	return &windows->v[windows->n++];
}

void hf_posting_windows_drop(struct hf_posting_windows *windows, struct hf_posting_window *window)
{
	take_out(windows, (size_t)(window - windows->v));
}

static int64_t at_least_0(int64_t ms)
{
	return ms > 0 ? ms : 0;
}

void hf_posting_window_open(struct hf_posting_window *window, int64_t minutes, int64_t paid_ms,
			    const struct hf_posting_time *now)
{
	window->opened = now->wall;
	window->minutes = minutes;
	window->end_ms = now->boot.ms + minutes * HF_MINUTE_MS;
	window->left_ms = at_least_0(minutes * HF_MINUTE_MS - paid_ms);
	memset(window->boot, 0, sizeof(window->boot));
	memcpy(window->boot, now->boot_id, strnlen(now->boot_id, sizeof(window->boot) - 1));
}

/* A boot that cannot be named is no boot that was. */
static bool same_boot(const struct hf_posting_window *w, const struct hf_posting_time *now)
{
	return now->boot_id[0] && strcmp(w->boot, now->boot_id) == 0;
}

/* Nor is there time left where the clock of this very boot shows less than when it was opened. */
static bool is_sound(const struct hf_posting_window *w, const struct hf_posting_time *now)
{
	return same_boot(w, now) && w->end_ms - now->boot.ms <= w->minutes * HF_MINUTE_MS;
}

int64_t hf_posting_window_left_ms(const struct hf_posting_window *window, const struct hf_posting_time *now)
{
	if (window->state != HF_POSTING_OPEN || !is_sound(window, now))
		return 0;
	return at_least_0(window->end_ms - now->boot.ms);
}

bool hf_posting_window_is_open(const struct hf_posting_window *window, const struct hf_posting_time *now)
{
	return hf_posting_window_left_ms(window, now) > 0 && now->boot.ms < window->end_ms - window->left_ms;
}

bool hf_posting_windows_pay(struct hf_posting_windows *windows, int64_t paid_ms, const struct hf_posting_time *now)
{
	bool any = false;

	for (size_t i = 0; i < windows->n; i++) {
		struct hf_posting_window *w = &windows->v[i];
		int64_t left = at_least_0(hf_posting_window_left_ms(w, now) - paid_ms);

		if (w->state != HF_POSTING_OPEN || left >= w->left_ms)
			continue;
		w->left_ms = left;
		any = true;
	}
	return any;
}

static void resume_one(struct hf_posting_window *w, const struct hf_posting_time *now)
{
	int64_t elapsed = at_least_0(now->wall.s - w->opened.s);
	int64_t by_wall = elapsed > w->minutes * 60 ? 0 : w->minutes * HF_MINUTE_MS - elapsed * 1000;

	w->left_ms = by_wall < w->left_ms ? by_wall : w->left_ms;
	w->end_ms = now->boot.ms + w->left_ms;
	memset(w->boot, 0, sizeof(w->boot));
	memcpy(w->boot, now->boot_id, strnlen(now->boot_id, sizeof(w->boot) - 1));
}

bool hf_posting_windows_resume(struct hf_posting_windows *windows, const struct hf_posting_time *now)
{
	bool any = false;

	for (size_t i = 0; i < windows->n; i++) {
		if (windows->v[i].state != HF_POSTING_OPEN || same_boot(&windows->v[i], now))
			continue;
		resume_one(&windows->v[i], now);
		any = true;
	}
	return any;
}

const struct hf_holding *hf_holding_of(const struct hf_lockdown *lockdown, const struct hf_posting *which)
{
	for (size_t b = 0; b < lockdown->n_bodies; b++) {
		const struct hf_holding *h;

		if (lockdown->phases[b] != HF_PHASE_IN_FORCE)
			continue;
		h = hf_order_holding(lockdown->bodies[b]->order, which->account);
		if (h && strcmp(h->poster, which->person) == 0 && hf_holding_says(h, &which->text))
			return h;
	}
	return NULL;
}

static bool has_person(const struct hf_versions *versions, const char *person)
{
	struct hf_pairs pairs;

	hf_versions_pairs(versions, &pairs);
	for (size_t i = 0; i < pairs.n; i++) {
		if (pairs.v[i].counts && strcmp(pairs.v[i].person, person) == 0)
			return true;
	}
	return false;
}

static struct hf_posting which_of(const struct hf_posting_window *w)
{
	return (struct hf_posting){
		.lockdown = w->lockdown, .account = w->account, .person = w->person, .text = w->text};
}

/* Policy D2.9: whoever has lost the account has lost its window. */
static bool still_holds(const struct hf_posting_window *w, const struct hf_posting_law *law)
{
	const struct hf_account *account = law->reg ? hf_register_account(law->reg, w->account) : NULL;

	return account && hf_account_held_by(account, w->person, law->last);
}

static bool is_lawful(const struct hf_posting_window *w, const struct hf_posting_law *law)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(law->lockdowns, &w->lockdown);
	const struct hf_posting which = which_of(w);
	const struct hf_claim *claim = hf_claims_find(law->claims, &which);
	const struct hf_holding *holding = lockdown ? hf_holding_of(lockdown, &which) : NULL;

	/* The record knows more of this device than it does itself: a memory of yesterday was put back. */
	if (claim && claim->state > w->state)
		return false;
	return holding && lockdown->phase == HF_PHASE_IN_FORCE &&
	       hf_window_granted(law->orders, law->trust, lockdown->raise->order, holding) &&
	       has_person(law->versions, w->person) && still_holds(w, law) &&
	       hf_claims_word(law->claims, &which, law->device) != HF_CLAIMED_ELSEWHERE;
}

bool hf_posting_windows_close(struct hf_posting_windows *windows, const struct hf_posting_law *law,
			      const struct hf_posting_time *now)
{
	bool any = false;

	/* Backwards: one that moves to the end was looked at before. */
	for (size_t i = windows->n; i > 0; i--) {
		struct hf_posting_window *w = &windows->v[i - 1];
		bool lawful = is_lawful(w, law);

		if (w->state == HF_POSTING_CLAIMED && !lawful)
			hf_posting_windows_drop(windows, w);
		else if (w->state == HF_POSTING_OPEN && (!lawful || hf_posting_window_left_ms(w, now) == 0))
			hf_posting_windows_move(windows, w, HF_POSTING_ENDED, now->wall);
		else
			continue;
		any = true;
	}
	return any;
}

size_t hf_posting_windows_open(const struct hf_posting_windows *windows, const struct hf_lockdowns *lockdowns,
			       const struct hf_posting_time *now, struct hf_pass *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < windows->n; i++) {
		const struct hf_posting_window *w = &windows->v[i];
		const struct hf_lockdown *lockdown = hf_lockdowns_find(lockdowns, &w->lockdown);
		const struct hf_posting which = which_of(w);

		if (!hf_posting_window_is_open(w, now) || !lockdown || lockdown->raise->order->mode != HF_MODE_LIVE ||
		    !hf_holding_of(lockdown, &which))
			continue;
		memcpy(ret[n].account, w->account, sizeof(ret[n].account));
		memcpy(ret[n].person, w->person, sizeof(ret[n].person));
		n++;
	}
	return n;
}

bool hf_posting_windows_next_ms(const struct hf_posting_windows *windows, const struct hf_posting_time *now,
				int64_t *ret_ms)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < windows->n; i++) {
		const struct hf_posting_window *w = &windows->v[i];
		int64_t at = INT64_MAX;

		if (w->state == HF_POSTING_CLAIMED && w->wait_ms > 0)
			at = w->wait_ms;
		else if (hf_posting_window_is_open(w, now))
			at = w->end_ms - w->left_ms;
		else if (w->state == HF_POSTING_OPEN)
			at = w->end_ms;
		next = at < next ? at : next;
	}
	if (next == INT64_MAX)
		return false;
	*ret_ms = next;
	return true;
}

bool hf_posting_windows_prune(struct hf_posting_windows *windows, const struct hf_lockdowns *lockdowns,
			      struct hf_now now)
{
	size_t kept = 0, before = windows->n;

	for (size_t i = 0; i < before; i++) {
		if (!hf_acks_gone(hf_lockdowns_find(lockdowns, &windows->v[i].lockdown), now))
			windows->v[kept++] = windows->v[i];
	}
	windows->n = kept;
	return kept != before;
}

enum hf_rc hf_posting_windows_copy(const struct hf_posting_windows *windows, struct hf_posting_windows *ret_copy)
{
	struct hf_posting_windows copy = {NULL, 0};

	if (windows->n > 0) {
		enum hf_rc rc = make_windows_room(&copy);

		if (rc != HF_OK)
			return rc;
		memcpy(copy.v, windows->v, windows->n * sizeof(*windows->v));
		copy.n = windows->n;
	}
	*ret_copy = copy;
	return HF_OK;
}

void hf_posting_windows_done(struct hf_posting_windows *windows)
{
	free(windows->v);
	memset(windows, 0, sizeof(*windows));
}

static json_t *encode_window(const struct hf_posting_window *w)
{
	const struct hf_posting said = {w->lockdown, w->account, w->person, NULL, w->state, w->at, w->post, w->why,
					w->text};

	return json_pack("{s:o, s:I, s:I, s:s, s:I, s:I}", "said", hf_posting_put(&said, HF_POSTING_REPORTED), "opened",
			 (json_int_t)w->opened.s, "minutes", (json_int_t)w->minutes, "boot", w->boot, "end_ms",
			 (json_int_t)w->end_ms, "left_ms", (json_int_t)w->left_ms);
}

json_t *hf_posting_windows_encode(const struct hf_posting_windows *windows)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < windows->n; i++) {
		json_t *row = encode_window(&windows->v[i]);

		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

static enum hf_rc decode_window(json_t *json, struct hf_posting_windows *windows, struct hf_err *err)
{
	struct hf_posting said;
	struct hf_posting_window read = {.minutes = 0}, *w = NULL;
	const char *boot = NULL;
	json_t *row = NULL;
	const struct hf_json_member members[] = {
		{.name = "said", .kind = HF_JSON_OBJECT, .ret = &row},
		{.name = "opened", .kind = HF_JSON_WALL, .ret = &read.opened},
		{.name = "minutes", .kind = HF_JSON_INT, .ret = &read.minutes, .max = HF_MINUTES_MAX},
		{.name = "boot", .kind = HF_JSON_LINE0, .ret = &boot, .max = HF_BOOT_ID_SIZE - 1},
		{.name = "end_ms", .kind = HF_JSON_INT, .ret = &read.end_ms, .max = HF_JSON_INT_MAX},
		{.name = "left_ms",
		 .kind = HF_JSON_INT,
		 .ret = &read.left_ms,
		 .max = HF_MINUTES_MAX * (int64_t)HF_MINUTE_MS},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	if (rc == HF_OK)
		rc = hf_posting_take(row, HF_POSTING_REPORTED, &said, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_posting_windows_add(windows, &said, said.at, &w);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "A posting window that was kept cannot be taken up.");
	w->opened = read.opened;
	w->minutes = read.minutes;
	w->end_ms = read.end_ms;
	w->left_ms = read.left_ms;
	rc = hf_str_copy(w->boot, sizeof(w->boot), boot);
	if (rc == HF_OK)
		rc = hf_str_copy(w->post, sizeof(w->post), said.post);
	if (rc == HF_OK)
		rc = hf_str_copy(w->why, sizeof(w->why), said.why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "What was said of a posting window is too long.");
}

enum hf_rc hf_posting_windows_decode(json_t *list, struct hf_posting_windows *ret, struct hf_err *err)
{
	hf_auto_posting_windows struct hf_posting_windows windows = {NULL, 0};
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		enum hf_rc rc = decode_window(row, &windows, err);

		if (rc != HF_OK)
			return hf_err_set(err, rc, "the list of posting windows is damaged");
	}
	*ret = windows;
	memset(&windows, 0, sizeof(windows));
	return HF_OK;
}
