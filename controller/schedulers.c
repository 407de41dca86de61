/* SPDX-License-Identifier: MIT */
/*
 * Owns what may be done in schedulers that have an interface, and what we hold there.
 * Must never let a post be scheduled again that we did not take out, or while a live lockdown shuts its account.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <holdfast/clock.h>
#include <holdfast/text.h>

#include "controller/checks.h"
#include "controller/own_words.h"
#include "controller/schedulers.h"

#define SILENT_MS 60000 /* who does it asks every two seconds */

enum hf_rc hf_schedulers_start(struct hf_controller *c, struct hf_err *err)
{
	char names[HF_SCHEDULERS_MAX][HF_ID_SIZE];
	size_t n = 0;
	enum hf_rc rc = hf_ways_schedulers(c->settings->notify_schedulers, names, &n, err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		memcpy(c->schedulers.v[i].name, names[i], HF_ID_SIZE);
	c->schedulers.n = n;
	return HF_OK;
}

static struct hf_scheduler *find_scheduler(struct hf_controller *c, const char *name)
{
	for (size_t i = 0; i < c->schedulers.n; i++)
		if (strcmp(c->schedulers.v[i].name, name) == 0)
			return &c->schedulers.v[i];
	return NULL;
}

/* "postiz: CHANNEL", as it is kept beside the register. */
static const struct hf_scheduler *scheduler_of(const struct hf_controller *c, const char *scheduler)
{
	size_t len = strcspn(scheduler, ":");
	for (size_t i = 0; i < c->schedulers.n; i++)
		if (strlen(c->schedulers.v[i].name) == len && strncasecmp(c->schedulers.v[i].name, scheduler, len) == 0)
			return &c->schedulers.v[i];
	return NULL;
}

/* Its channel there; "": it says none. */
static const char *channel_of(const char *scheduler)
{
	const char *channel = strchr(scheduler, ':');
	channel = channel ? channel + 1 + strspn(channel + 1, " ") : "";
	return hf_held_post_ok(channel) ? channel : "";
}

/* Of a period that asks for no more than care nobody's posts are taken out: their holders judge each of them. */
static bool must_stop(const struct hf_lockdown *lockdown)
{
	if (lockdown->raise->order->mode != HF_MODE_LIVE)
		return false;
	if (lockdown->raise->order->kind == HF_KIND_EMERGENCY)
		return true;
	for (size_t i = 0; i < lockdown->n_bodies; i++)
		if (lockdown->phases[i] == HF_PHASE_IN_FORCE && lockdown->bodies[i]->order->body.level == HF_LEVEL_BLOCK)
			return true;
	return false;
}

static bool is_to_pause(const struct hf_check_item *item)
{
	return item->what == HF_CHECK_PAUSE && must_stop(item->lockdown);
}

/* We had it paused: by what we hold, or by our own tick where there was nothing to hold. */
static bool was_ours(const struct hf_controller *c, const struct hf_check_item *item)
{
	const struct hf_held_account *of = hf_held_book_of(&c->held, item->account);
	char paused[HF_CHECK_ID_SIZE];
	const struct hf_check_entry *entry;
	hf_check_item_id(item->lockdown, HF_CHECK_PAUSE, item->account, paused);
	entry = hf_check_book_find(&c->checks, paused);
	return (of && of->held > 0) ||
	       (entry && entry->done && c->notices.sender != (hf_user)-1 && entry->uid == (int64_t)c->notices.sender);
}

static enum hf_scheduler_want want_of(const struct hf_controller *c, const struct hf_checks *checks, const char *account)
{
	enum hf_scheduler_want want = HF_WANT_NOTHING;
	for (size_t i = 0; i < checks->list.n; i++) {
		const struct hf_check_item *item = &checks->list.v[i];
		if (item->standing || strcmp(item->account, account) != 0)
			continue;
		if (is_to_pause(item))
			return HF_WANT_PAUSE;
		if (item->what == HF_CHECK_RESUME && hf_check_is_open(item) && was_ours(c, item))
			want = HF_WANT_RESUME;
	}
	return want;
}

static enum hf_rc make_list(const struct hf_controller *c, struct hf_lockdowns *lockdowns, struct hf_checks *checks,
			    struct hf_err *err)
{
	enum hf_rc rc = hf_controller_lockdowns(c, lockdowns, err);
	return rc == HF_OK ? hf_checks_make(c, lockdowns, checks, err) : rc;
}

static json_t *held_posts(const struct hf_controller *c, const char *account)
{
	json_t *list = json_array();
	for (size_t i = 0; i < c->held.n; i++)
		if (strcmp(c->held.v[i].account, account) == 0)
			json_array_append_new(list, json_string(c->held.v[i].post));
	return list;
}

static enum hf_rc record_posts(struct hf_controller *c, const struct hf_scheduler_word *word, const char *act,
			       struct hf_err *err)
{
	hf_auto_json json_t *body = json_pack("{s:s, s:s, s:s, s:O}", "act", act, "scheduler", word->name, "account",
					      word->account, "posts", word->posts);
	enum hf_rc rc;
	if (body && strcmp(act, "free") == 0)
		json_object_set_new(body, "as", json_string(word->back ? "scheduled" : "left"));
	rc = hf_own_record(c, c->speaker, HF_RECORD_CHECK, json_incref(body), err);
	return rc == HF_OK ? hf_held_book_put(&c->held, body, err) : rc;
}

/* Somebody said that it is done by hand: what becomes of those posts is theirs. */
static enum hf_rc let_go(struct hf_controller *c, const struct hf_checks *checks, const struct hf_beside_account *kept,
			 struct hf_err *err)
{
	const struct hf_held_account *of = hf_held_book_of(&c->held, kept->account);
	hf_auto_json json_t *posts = NULL;
	bool said = false;
	for (size_t i = 0; i < checks->list.n; i++) {
		const struct hf_check_item *item = &checks->list.v[i];
		said = said || (item->what == HF_CHECK_RESUME && strcmp(item->account, kept->account) == 0 &&
				!hf_check_is_open(item));
	}
	if (!said || !of || of->held == 0)
		return HF_OK;
	posts = held_posts(c, kept->account);
	return record_posts(c, &(struct hf_scheduler_word){kept->scheduler, kept->account, posts, false}, "free", err);
}

static enum hf_rc add_work(struct hf_controller *c, const struct hf_checks *checks, const struct hf_beside_account *kept,
			   json_t *list, struct hf_err *err)
{
	enum hf_scheduler_want want = want_of(c, checks, kept->account);
	if (want == HF_WANT_NOTHING)
		return let_go(c, checks, kept, err);
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "account", kept->account, "channel",
					      channel_of(kept->scheduler), "want", want == HF_WANT_PAUSE ? "pause" : "resume",
					      "held", held_posts(c, kept->account)));
	return HF_OK;
}

enum hf_rc hf_schedulers_work(struct hf_controller *c, const char *name, json_t **ret, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_checks struct hf_checks checks = {0};
	hf_auto_json json_t *list = json_array();
	struct hf_scheduler *scheduler = find_scheduler(c, name);
	enum hf_rc rc;
	if (!scheduler)
		return hf_err_set(err, HF_E_ABSENT, "the settings of the controller have no scheduler %s", name);
	scheduler->asked = hf_clock_boot();
	rc = make_list(c, &lockdowns, &checks, err);
	for (size_t i = 0; i < c->beside.n && rc == HF_OK; i++) {
		const struct hf_beside_account *kept = &c->beside.v[i];
		if (scheduler_of(c, kept->scheduler) == scheduler && channel_of(kept->scheduler)[0])
			rc = add_work(c, &checks, kept, list, err);
	}
	if (rc == HF_OK)
		*ret = json_incref(list);
	return rc;
}

/* Is this wanted of this account, in this scheduler, at this moment. */
static enum hf_rc is_wanted_now(const struct hf_controller *c, const struct hf_scheduler_word *word,
				enum hf_scheduler_want want, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_checks struct hf_checks checks = {0};
	const struct hf_beside_account *kept = hf_beside_find(&c->beside, word->account);
	const struct hf_scheduler *scheduler = kept ? scheduler_of(c, kept->scheduler) : NULL;
	enum hf_rc rc = make_list(c, &lockdowns, &checks, err);
	if (rc != HF_OK)
		return rc;
	if (!scheduler || strcmp(scheduler->name, word->name) != 0 || want_of(c, &checks, word->account) != want)
		return hf_err_set(err, HF_E_MISMATCH, "that is not to be done with %s now", word->account);
	return HF_OK;
}

enum hf_rc hf_schedulers_hold(struct hf_controller *c, const struct hf_scheduler_word *word, struct hf_err *err)
{
	enum hf_rc rc = is_wanted_now(c, word, HF_WANT_PAUSE, err);
	const json_t *one;
	size_t i, n_new = 0;
	json_array_foreach(word->posts, i, one)
		n_new += !hf_held_book_has(&c->held, word->account, json_string_value(one));
	if (rc == HF_OK && c->held.n + n_new > HF_HELD_MAX)
		return hf_err_set(err, HF_E_SIZE, "%d posts are held, which is all that is kept", HF_HELD_MAX);
	return rc == HF_OK && n_new > 0 ? record_posts(c, word, "hold", err) : rc;
}

enum hf_rc hf_schedulers_may_resume(struct hf_controller *c, const struct hf_scheduler_word *word, struct hf_err *err)
{
	const json_t *one;
	size_t i;
	json_array_foreach(word->posts, i, one)
		if (!hf_held_book_has(&c->held, word->account, json_string_value(one)))
			return hf_err_set(err, HF_E_MISMATCH, "that post is not held here");
	return is_wanted_now(c, word, HF_WANT_RESUME, err);
}

enum hf_rc hf_schedulers_free(struct hf_controller *c, const struct hf_scheduler_word *word, struct hf_err *err)
{
	const json_t *one;
	size_t i;
	json_array_foreach(word->posts, i, one)
		if (!hf_held_book_has(&c->held, word->account, json_string_value(one)))
			return hf_err_set(err, HF_E_MISMATCH, "that post is not held here");
	return record_posts(c, word, "free", err);
}

/* Nobody's own tick is written over. */
static bool may_tick(const struct hf_controller *c, const struct hf_check_item *item)
{
	return hf_check_is_open(item) || item->entry->uid == (int64_t)c->notices.sender;
}

/* With turns of an item used up it stays as it is: that alone is no trouble. */
static enum hf_rc tick_items(struct hf_controller *c, const char *account, const struct hf_scheduler_stand *stand,
			     struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_checks struct hf_checks checks = {0};
	const struct hf_held_account *of = hf_held_book_of(&c->held, account);
	enum hf_rc rc = make_list(c, &lockdowns, &checks, err);
	for (size_t i = 0; i < checks.list.n && rc == HF_OK; i++) {
		const struct hf_check_item *item = &checks.list.v[i];
		bool pause = is_to_pause(item) && stand->whole && stand->queued == 0;
		bool resume = item->what == HF_CHECK_RESUME && hf_check_is_open(item) && was_ours(c, item) && (!of || of->held == 0);
		struct hf_check_word word = {true, item->id, pause ? stand->held : of ? of->back : 0, ""};
		bool is_new = false;
		if (strcmp(item->account, account) == 0 && (pause || resume) && may_tick(c, item))
			rc = hf_checks_say(c, &word, &is_new, err);
		if (rc == HF_E_SIZE)
			rc = HF_OK;
	}
	return rc;
}

static enum hf_rc keep_stand(struct hf_controller *c, const char *account, const struct hf_scheduler_stand *stand,
			     struct hf_err *err)
{
	if (!c->schedulers.stands)
		c->schedulers.stands = json_object();
	if (json_object_set_new(c->schedulers.stands, account,
				json_pack("{s:I, s:I}", "queued", (json_int_t)stand->queued, "next",
					  (json_int_t)stand->next.s)) != 0)
		return hf_err_set(err, HF_E_MEMORY, "no memory for how a scheduler stands");
	return HF_OK;
}

enum hf_rc hf_schedulers_stand(struct hf_controller *c, const struct hf_scheduler_word *word,
			       const struct hf_scheduler_stand *stand, struct hf_err *err)
{
	enum hf_rc rc = is_wanted_now(c, word, HF_WANT_PAUSE, NULL);
	if (rc == HF_E_MISMATCH)
		rc = is_wanted_now(c, word, HF_WANT_RESUME, err);
	if (rc == HF_OK)
		rc = keep_stand(c, word->account, stand, err);
	return rc == HF_OK ? tick_items(c, word->account, stand, err) : rc;
}

enum hf_rc hf_schedulers_trouble(struct hf_controller *c, const char *name, const char *why, struct hf_err *err)
{
	struct hf_scheduler *scheduler = find_scheduler(c, name);
	if (!scheduler)
		return hf_err_set(err, HF_E_ABSENT, "the settings of the controller have no scheduler %s", name);
	if (hf_str_copy(scheduler->why, sizeof(scheduler->why), why) != HF_OK)
		scheduler->why[0] = '\0';
	return HF_OK;
}

static int64_t number_in(const json_t *object, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(object, name));
}

json_t *hf_schedulers_show(const struct hf_controller *c, const char *account)
{
	const struct hf_beside_account *kept = hf_beside_find(&c->beside, account);
	const struct hf_scheduler *scheduler = kept ? scheduler_of(c, kept->scheduler) : NULL;
	const struct hf_held_account *of = hf_held_book_of(&c->held, account);
	const json_t *stand = json_object_get(c->schedulers.stands, account);
	if (!scheduler || !channel_of(kept->scheduler)[0])
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:s}", "held", (json_int_t)(of ? of->held : 0), "back",
			 (json_int_t)(of ? of->back : 0), "left", (json_int_t)(of ? of->left : 0), "queued",
			 (json_int_t)(stand ? number_in(stand, "queued") : -1), "next", (json_int_t)number_in(stand, "next"), "why",
			 scheduler->why);
}

static const char *trouble_of(const struct hf_scheduler *scheduler)
{
	if (scheduler->asked.ms == 0 || hf_clock_boot().ms - scheduler->asked.ms >= SILENT_MS)
		return "holdfast-notify does not ask what is to be done there: it must run on this machine, with this scheduler in "
		       "its settings";
	return scheduler->why;
}

static void say_work(const struct hf_controller *c, const struct hf_beside_account *kept, enum hf_scheduler_want want,
		     json_t *list)
{
	const struct hf_scheduler *scheduler = scheduler_of(c, kept->scheduler);
	const json_t *stand = json_object_get(c->schedulers.stands, kept->account);
	const char *why = trouble_of(scheduler);
	char at[HF_WALL_TEXT_SIZE];
	int64_t queued = number_in(stand, "queued");
	if (!channel_of(kept->scheduler)[0])
		json_array_append_new(list, json_sprintf("%s is not paused in %s by itself, for its channel there is not known: "
							 "`scheduler` must be %s: CHANNEL", kept->account, scheduler->name,
							 scheduler->name));
	else if (why[0] && want == HF_WANT_PAUSE)
		json_array_append_new(list, json_sprintf("%s IS NOT PAUSED in %s: %s; pause it by hand (`holdfast check list`)",
							 kept->account, scheduler->name, why));
	else if (why[0])
		json_array_append_new(list, json_sprintf("posts of %s are not put back in %s: %s", kept->account, scheduler->name,
							 why));
	else if (want == HF_WANT_PAUSE && queued > 0)
		json_array_append_new(list, json_sprintf("%" PRId64 " post%s of %s will still go out by %s, the next on %s: more are "
							 "paused as it lets us; be quicker by hand (`holdfast check list`)",
							 queued, queued == 1 ? "" : "s", kept->account, scheduler->name,
							 hf_wall_text((struct hf_wall){number_in(stand, "next")}, at)));
}

/* Of an account that nothing is said of any more: its scheduler was changed, or it left the register. */
static void say_forgotten(const struct hf_controller *c, json_t *list)
{
	for (size_t i = 0; i < c->held.n_accounts; i++) {
		const struct hf_held_account *of = &c->held.accounts[i];
		const struct hf_beside_account *kept = hf_beside_find(&c->beside, of->account);
		if (of->held > 0 && (!kept || !scheduler_of(c, kept->scheduler)))
			json_array_append_new(list, json_sprintf("%" PRId64 " post%s of %s stay drafts since a lockdown, and nobody puts "
								 "them back: its scheduler is known here no more", of->held,
								 of->held == 1 ? "" : "s", of->account));
	}
}

void hf_schedulers_say(const struct hf_controller *c, const struct hf_lockdowns *lockdowns, json_t *list)
{
	hf_auto_checks struct hf_checks checks = {0};
	say_forgotten(c, list);
	if (c->schedulers.n == 0 || hf_checks_make(c, lockdowns, &checks, NULL) != HF_OK)
		return;
	for (size_t i = 0; i < c->beside.n; i++) {
		enum hf_scheduler_want want = want_of(c, &checks, c->beside.v[i].account);
		if (want != HF_WANT_NOTHING && scheduler_of(c, c->beside.v[i].scheduler))
			say_work(c, &c->beside.v[i], want, list);
	}
}
