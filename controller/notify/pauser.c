/* SPDX-License-Identifier: MIT */
/*
 * Owns the thread of a scheduler.
 * Must never change a post before the controller has it on the record, or call an account paused that was not read back.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/notify/bell.h"
#include "controller/notify/pauser.h"
#include "controller/notify/pausing.h"
#include "controller/notify/postiz.h"
#include "controller/office/client.h"

#define PATH "/v1/schedulers"
#define ASK_MS 2000
#define HOUR_S 3600
#define BEFORE_S (2 * 24 * 3600)  /* what is stuck since then goes out as soon as the scheduler runs again */
#define SPAN_S (366 * 24 * 3600)  /* nobody schedules for longer */
#define SPAN_LEAST_S 3600
#define LEAST 3			  /* requests: a look, one change, and a look at what came of it */
#define MANY 12			  /* that are waited for, while nothing is due: two of three are looks else */
#define LATER_S 30
#define STOPPED_S 300
#define FAILS_MOST 3		  /* one after the other: it is not that post */
#define WORKS_MOST 256		  /* accounts */

struct hf_pauser {
	const struct hf_scheduler_conf *conf;
	struct hf_office office;
	struct hf_postiz *postiz;
	struct hf_bell bell;
	int64_t asked[HF_REQUESTS_MAX]; /* when, by the seconds since boot, oldest first */
	size_t n_asked;
	int64_t look;	/* when it is looked at next, by the same */
	int64_t span_s; /* what is looked at: all, unless that is too long for one answer */
	json_t *wanted; /* what was to be done, when it was looked at last */
	bool silent;	/* it was said that the controller does not answer */
};

/* What is to be done, as the controller said it. */
struct pauser_round {
	struct hf_pauser *p;
	json_t *said; /* owned */
	struct hf_pausing_work works[WORKS_MOST];
	size_t n;
	struct hf_posts posts;
	size_t n_left; /* changes for which there was no request left */
};

static int64_t boot_s(void)
{
	return hf_clock_boot().ms / 1000;
}

static size_t requests_left(struct hf_pauser *p)
{
	size_t gone = 0;
	while (gone < p->n_asked && p->asked[gone] + HOUR_S <= boot_s())
		gone++;
	p->n_asked -= gone;
	memmove(p->asked, p->asked + gone, p->n_asked * sizeof(*p->asked));
	return (size_t)p->conf->requests - p->n_asked;
}

static void note_request(struct hf_pauser *p)
{
	if (p->n_asked < HF_LEN(p->asked))
		p->asked[p->n_asked++] = boot_s();
}

/* When so many requests are left. */
static int64_t time_of_requests(struct hf_pauser *p, size_t n)
{
	size_t left = requests_left(p);
	size_t most = n < (size_t)p->conf->requests ? n : (size_t)p->conf->requests;
	return left >= most ? boot_s() : p->asked[most - left - 1] + HOUR_S;
}

static enum hf_rc post_word(struct hf_pauser *p, json_t *said, json_t **ret, struct hf_err *err)
{
	if (said)
		json_object_set_new(said, "scheduler", json_string(p->conf->name));
	return hf_client_say(&p->office, PATH, said, ret, err);
}

static void tell_trouble(struct hf_pauser *p, const char *why)
{
	hf_auto_json json_t *answer = NULL;
	(void)!post_word(p, json_pack("{s:s, s:s}", "act", "trouble", "why", why), &answer, NULL);
}

static void note_silence(struct hf_pauser *p, enum hf_rc rc, const char *why)
{
	if ((rc != HF_OK) != p->silent)
		hf_log(rc == HF_OK ? HF_LOG_NOTICE : HF_LOG_WARNING, rc == HF_OK ? HF_EV_START : HF_EV_FAILED,
		       "scheduler=%s controller=%s %s", p->conf->name, rc == HF_OK ? "answers" : "does-not-answer", why);
	p->silent = rc != HF_OK;
}

static bool take_works(struct pauser_round *round)
{
	hf_auto_json json_t *answer = NULL;
	struct hf_err err = {""};
	const json_t *one;
	size_t i;
	enum hf_rc rc = post_word(round->p, json_pack("{s:s}", "act", "take"), &answer, &err);
	note_silence(round->p, rc, err.text);
	if (rc != HF_OK)
		return false;
	json_decref(round->said);
	round->said = json_incref(json_object_get(answer, "work"));
	round->n = 0;
	json_array_foreach(round->said, i, one)
		if (round->n < WORKS_MOST)
			round->works[round->n++] = (struct hf_pausing_work){
				hf_client_text(one, "account", ""), hf_client_text(one, "channel", ""),
				strcmp(hf_client_text(one, "want", ""), "pause") == 0, json_object_get(one, "held")};
	return true;
}

/* Something else is wanted than at the last look. */
static bool wants_other(struct pauser_round *round)
{
	hf_auto_json json_t *now = json_array();
	bool other;
	for (size_t i = 0; i < round->n; i++)
		json_array_append_new(now, json_pack("[s, s, b]", round->works[i].account, round->works[i].channel,
						     round->works[i].pause));
	other = !json_equal(now, round->p->wanted);
	json_decref(round->p->wanted);
	round->p->wanted = json_incref(now);
	return other;
}

static void put_off_look(struct hf_pauser *p, const struct hf_parcel_answer *answer)
{
	bool soon = answer->result == HF_PARCEL_LATER && answer->code != 429;
	p->look = boot_s() + (soon ? LATER_S : STOPPED_S);
	if (answer->result == HF_PARCEL_GIVEN_UP)
		p->look = 0;
	else
		tell_trouble(p, answer->line);
	hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = "scheduler"), "scheduler=%s code=%ld", p->conf->name,
		     answer->code);
}

/* False: it is looked at later. */
static bool list_posts(struct pauser_round *round)
{
	struct hf_pauser *p = round->p;
	struct hf_wall now = hf_clock_wall();
	const struct hf_postiz_span span = {{now.s - BEFORE_S}, {now.s + p->span_s}, now};
	struct hf_parcel_answer answer;
	hf_posts_done(&round->posts);
	note_request(p);
	hf_postiz_list(p->postiz, &span, &round->posts, &answer);
	if (answer.result == HF_PARCEL_SENT)
		return true;
	if (answer.result == HF_PARCEL_REFUSED && p->span_s > SPAN_LEAST_S) {
		p->span_s /= 4;
		p->look = 0;
		return false;
	}
	put_off_look(p, &answer);
	return false;
}

struct pauser_change {
	struct hf_pauser *p;
	const struct hf_pausing_step *step;
};

/* It is on the record before its first byte goes out; or it is still to be put back. */
static bool may_change(void *arg)
{
	const struct pauser_change *change = arg;
	hf_auto_json json_t *answer = NULL;
	const struct hf_pausing_work *work = change->step->work;
	return post_word(change->p, json_pack("{s:s, s:s, s:[s]}", "act", work->pause ? "hold" : "may-resume", "account", work->account,
					 "posts", change->step->post),
		    &answer, NULL) == HF_OK;
}

static void change_post(struct hf_pauser *p, const struct hf_pausing_step *step, struct hf_parcel_answer *ret)
{
	struct pauser_change change = {p, step};
	const struct hf_postiz_change how = {step->post, step->work->pause, may_change, &change};
	note_request(p);
	hf_postiz_set(p->postiz, &how, ret);
}

/* True: one at least was changed, or may have been. One post that fails keeps no other from its turn. */
static bool change_posts(struct pauser_round *round, const struct hf_pausing_steps *steps)
{
	struct hf_pauser *p = round->p;
	size_t i, n_failed = 0, n_changed = 0;
	for (i = 0; i < steps->n && n_failed < FAILS_MOST && requests_left(p) > 1 && !p->bell.stop; i++) {
		struct hf_parcel_answer answer;
		change_post(p, &steps->v[i], &answer);
		if (answer.result == HF_PARCEL_GIVEN_UP)
			break;
		n_changed++;
		n_failed = answer.result == HF_PARCEL_SENT || answer.result == HF_PARCEL_REFUSED ? 0 : n_failed + 1;
		if (answer.result == HF_PARCEL_STOPPED || answer.code == 429)
			break;
	}
	round->n_left = steps->n - i;
	return n_changed > 0;
}

static void tell_ended(const struct pauser_round *round, const struct hf_pausing_work *work, bool back)
{
	hf_auto_json json_t *answer = NULL;
	hf_auto_json json_t *posts = hf_pausing_ended(&round->posts, work, hf_clock_wall(), back);
	if (json_array_size(posts) > 0)
		(void)!post_word(round->p, json_pack("{s:s, s:s, s:O, s:b}", "act", "free", "account", work->account, "posts", posts,
						"back", back),
			    &answer, NULL);
}

static void tell_stand(const struct pauser_round *round, const struct hf_pausing_work *work)
{
	hf_auto_json json_t *answer = NULL;
	struct hf_pausing_stand stand = hf_pausing_look(&round->posts, work);
	bool whole = round->p->span_s == SPAN_S;
	if (!work->pause) {
		tell_ended(round, work, true);
		if (whole)
			tell_ended(round, work, false);
	}
	(void)!post_word(round->p, json_pack("{s:s, s:s, s:I, s:I, s:I, s:b}", "act", "stand", "account", work->account, "queued",
					(json_int_t)stand.queued, "held", (json_int_t)stand.held, "next",
					(json_int_t)(stand.next.s > 0 ? stand.next.s : 0), "whole", whole),
		    &answer, NULL);
}

/* What is left is done as soon as there are requests for it; else what is new is looked for now and then. */
static void set_next_look(const struct pauser_round *round)
{
	struct hf_pauser *p = round->p;
	int64_t many = time_of_requests(p, MANY);
	p->look = boot_s() + 5 * (int64_t)HOUR_S / p->conf->requests;
	if (round->n_left == 0)
		return;
	p->look = many;
	for (size_t i = 0; i < round->posts.n; i++)
		if (round->posts.v[i].state == HF_POST_QUEUED && round->posts.v[i].due.s - hf_clock_wall().s < many - boot_s())
			p->look = time_of_requests(p, LEAST);
}

static void do_round(struct pauser_round *round)
{
	struct hf_pausing_steps steps = {0};
	enum hf_rc rc;
	if (!list_posts(round))
		return;
	rc = hf_pausing_plan(&round->posts, round->works, round->n, hf_clock_wall(), &steps);
	if (rc == HF_OK && steps.n > 0 && change_posts(round, &steps) && !list_posts(round))
		rc = HF_E_ABSENT;
	free(steps.v);
	/* What we hold is more by now. */
	if (rc != HF_OK || !take_works(round))
		return;
	set_next_look(round);
	for (size_t i = 0; i < round->n; i++)
		tell_stand(round, &round->works[i]);
	tell_trouble(round->p, "");
	hf_log(HF_LOG_INFO, HF_EV_ACCEPTED, "scheduler=%s accounts=%zu left=%zu", round->p->conf->name, round->n, round->n_left);
}

static void turn_pauser(struct hf_pauser *p)
{
	struct pauser_round *round = calloc(1, sizeof(*round));
	if (!round)
		return;
	round->p = p;
	if (take_works(round) && wants_other(round)) {
		p->look = 0;
		p->span_s = SPAN_S;
	}
	if (round->n > 0 && boot_s() >= p->look && requests_left(p) >= LEAST)
		do_round(round);
	json_decref(round->said);
	hf_posts_done(&round->posts);
	free(round);
}

static void *run_pauser(void *arg)
{
	struct hf_pauser *p = arg;
	while (!p->bell.stop) {
		turn_pauser(p);
		hf_bell_wait(&p->bell, ASK_MS);
	}
	return NULL;
}

static void pauser_free(struct hf_pauser *p)
{
	hf_postiz_free(&p->postiz);
	json_decref(p->wanted);
	free(p);
}

enum hf_rc hf_pauser_start(const struct hf_scheduler_conf *conf, const char *socket, struct hf_pauser **ret,
			   struct hf_err *err)
{
	struct hf_pauser *p = calloc(1, sizeof(*p));
	enum hf_rc rc = HF_E_MEMORY;
	if (!p)
		return hf_err_set(err, rc, "no memory for a scheduler");
	p->conf = conf;
	p->office.socket = socket;
	p->span_s = SPAN_S;
	p->postiz = hf_postiz_new(conf, &p->bell.stop);
	rc = p->postiz ? hf_bell_start(&p->bell, run_pauser, p, err) : hf_err_set(err, rc, "no memory for a scheduler");
	if (rc == HF_OK)
		*ret = p;
	else
		pauser_free(p);
	return rc;
}

void hf_pauser_stop(struct hf_pauser **pauser)
{
	if (!*pauser)
		return;
	hf_bell_stop(&(*pauser)->bell);
	pauser_free(*pauser);
	*pauser = NULL;
}
