/* SPDX-License-Identifier: MIT */
/*
 * Owns the choice of what is changed in a scheduler, and in which order.
 * Must never choose to schedule a post whose time has passed, or that somebody else made a draft.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "controller/notify/pausing.h"

struct hf_scheduled_post *hf_posts_find(const struct hf_posts *posts, const char *id)
{
	for (size_t i = 0; i < posts->n; i++)
		if (strcmp(posts->v[i].id, id) == 0)
			return &posts->v[i];
	return NULL;
}

static bool is_held(const struct hf_pausing_work *work, const char *post)
{
	const json_t *one;
	size_t i;
	json_array_foreach(work->held, i, one)
		if (strcmp(json_string_value(one), post) == 0)
			return true;
	return false;
}

static bool is_in_time(const struct hf_scheduled_post *post, struct hf_wall now)
{
	return post->first.s > now.s + HF_RESUME_MARGIN_S;
}

static bool wants_step(const struct hf_scheduled_post *post, const struct hf_pausing_work *work, struct hf_wall now)
{
	if (strcmp(post->channel, work->channel) != 0)
		return false;
	if (work->pause)
		return post->state == HF_POST_QUEUED;
	return post->state == HF_POST_DRAFT && is_held(work, post->id) && is_in_time(post, now);
}

static int by_due(const void *a, const void *b)
{
	const struct hf_pausing_step *x = a, *y = b;
	if (x->due.s != y->due.s)
		return (x->due.s > y->due.s) - (x->due.s < y->due.s);
	return strcmp(x->post, y->post);
}

enum hf_rc hf_pausing_plan(const struct hf_posts *posts, const struct hf_pausing_work *works, size_t n_works,
			   struct hf_wall now, struct hf_pausing_steps *ret)
{
	for (size_t w = 0; w < n_works; w++)
		for (size_t i = 0; i < posts->n; i++) {
			const struct hf_scheduled_post *post = &posts->v[i];
			if (!wants_step(post, &works[w], now))
				continue;
			if (hf_rows_reserve(&ret->v, &ret->room, ret->n + 1, sizeof(*ret->v)) != HF_OK)
				return HF_E_MEMORY;
			ret->v[ret->n].work = &works[w];
			memcpy(ret->v[ret->n].post, post->id, HF_POST_SIZE);
			ret->v[ret->n++].due = post->due;
		}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_due);
	return HF_OK;
}

struct hf_pausing_stand hf_pausing_look(const struct hf_posts *posts, const struct hf_pausing_work *work)
{
	struct hf_pausing_stand stand = {0};
	for (size_t i = 0; i < posts->n; i++) {
		const struct hf_scheduled_post *post = &posts->v[i];
		if (strcmp(post->channel, work->channel) != 0)
			continue;
		stand.held += post->state == HF_POST_DRAFT && is_held(work, post->id);
		stand.queued += post->state == HF_POST_QUEUED;
		if (post->state == HF_POST_QUEUED && (stand.next.s == 0 || post->due.s < stand.next.s))
			stand.next = post->due;
	}
	return stand;
}

json_t *hf_pausing_ended(const struct hf_posts *posts, const struct hf_pausing_work *work, struct hf_wall now, bool back)
{
	json_t *list = json_array();
	const json_t *one;
	size_t i;
	json_array_foreach(work->held, i, one)
	{
		const struct hf_scheduled_post *post = hf_posts_find(posts, json_string_value(one));
		bool is_back = post && post->state != HF_POST_DRAFT;
		bool waits = post && post->state == HF_POST_DRAFT && is_in_time(post, now);
		if (is_back == back && !waits)
			json_array_append_new(list, json_string(json_string_value(one)));
	}
	return list;
}

void hf_posts_done(struct hf_posts *posts)
{
	free(posts->v);
	*posts = (struct hf_posts){0};
}
