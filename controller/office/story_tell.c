/* SPDX-License-Identifier: MIT */
/*
 * Owns the story as it is told: the figures, the time line with the counts of each moment, the tables.
 * Must never tell a figure that cannot be made again from the entries.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/office/story_fold.h"

#define NONE (-1)

/* The moments at which so many of those who are meant were verified. */
struct milestone {
	const char *name, *event;
	size_t percent; /* 0: the first */
};
static const struct milestone MILESTONES[] = {
	{"first_s", "first-verified", 0},
	{"half_s", "half-verified", 50},
	{"most_s", "most-verified", 95},
};

static json_t *seconds_or_null(int64_t seconds)
{
	return seconds == NONE ? json_null() : json_integer((json_int_t)seconds);
}

static int by_record(const void *a, const void *b)
{
	const struct hf_story_device *const *x = a, *const *y = b;

	return (*x)->verified_record < (*y)->verified_record ? -1 : (*x)->verified_record > (*y)->verified_record;
}

/* Those in scope in the end that were ever seen to hold, the first of them first. */
static size_t list_verified(const struct hf_story *story, const struct hf_story_device **list)
{
	size_t n = 0;

	for (size_t i = 0; i < story->devices.n; i++)
		if (story->devices.v[i].state != HF_STORY_OUT && story->devices.v[i].verified.s != 0)
			list[n++] = &story->devices.v[i];
	qsort(list, n, sizeof(*list), by_record);
	return n;
}

static size_t count_meant(const struct hf_story *story)
{
	size_t n = 0;

	for (size_t i = 0; i < story->devices.n; i++)
		n += story->devices.v[i].state != HF_STORY_OUT;
	return n;
}

/* How many must be verified for a milestone: rounded up, and one at least. */
static size_t wanted(const struct milestone *milestone, size_t meant)
{
	size_t n = (meant * milestone->percent + 99) / 100;

	return n > 0 ? n : 1;
}

static void add_milestones(struct hf_story *story, json_t *figures)
{
	const struct hf_story_device **list = calloc(story->devices.n + 1, sizeof(*list));
	size_t meant = count_meant(story), n = list ? list_verified(story, list) : 0;

	story->lost = story->lost || !list;
	hf_story_put(story, figures, "devices", json_integer((json_int_t)meant));
	hf_story_put(story, figures, "verified", json_integer((json_int_t)n));
	for (size_t i = 0; i < HF_LEN(MILESTONES); i++) {
		size_t want = wanted(&MILESTONES[i], meant);
		const struct hf_story_device *device = list && want <= n ? list[want - 1] : NULL;
		struct hf_story_record record = {.seq = device ? device->verified_record : 0};

		hf_story_put(story, figures, MILESTONES[i].name,
			     seconds_or_null(device ? device->verified.s - story->raised.s : NONE));
		if (!device)
			continue;
		record.at = device->verified;
		hf_story_event(story, &record, MILESTONES[i].event,
			       json_pack("{s:s, s:I}", "device", device->id, "seconds",
					 (json_int_t)(device->verified.s - story->raised.s)));
	}
	free(list);
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Of an even number the mean of the two in the middle, rounded down. */
static int64_t median_of(int64_t *v, size_t n)
{
	if (n == 0)
		return NONE;
	qsort(v, n, sizeof(*v), by_number);
	return (v[(n - 1) / 2] + v[n / 2]) / 2;
}

static bool is(const json_t *object, const char *name, const char *text)
{
	const char *said = json_string_value(json_object_get(object, name));

	return said && strcmp(said, text) == 0;
}

static void add_post_figures(struct hf_story *story, json_t *figures)
{
	int64_t *took = calloc(json_array_size(story->posts) + 1, sizeof(*took));
	size_t n = 0, i;
	json_t *post;

	story->lost = story->lost || !took;
	json_array_foreach(story->posts, i, post)
	{
		if (took && is(post, "state", "posted"))
			took[n++] = json_integer_value(json_object_get(post, "heard")) - story->raised.s;
	}
	hf_story_put(story, figures, "posts_asked", json_integer((json_int_t)json_array_size(story->posts)));
	hf_story_put(story, figures, "posts_made", json_integer((json_int_t)n));
	hf_story_put(story, figures, "post_median_s", seconds_or_null(took ? median_of(took, n) : NONE));
	free(took);
}

/* Distinct persons; an address of the council's list, or of a Member, has no id and is counted as a message alone. */
static void add_people_figures(struct hf_story *story, json_t *figures)
{
	json_t *asked = json_object(), *told = json_object(), *row;
	size_t i, sent = 0, failed = 0, unknown = 0;

	json_array_foreach(story->messages, i, row)
	{
		const char *person = json_string_value(json_object_get(row, "person"));
		bool has_id = person && person[0] && person[0] != '*';

		if (has_id)
			hf_story_put(story, asked, person, json_true());
		if (has_id && is(row, "state", "sent"))
			hf_story_put(story, told, person, json_true());
		sent += is(row, "state", "sent");
		failed += is(row, "state", "failed");
		unknown += is(row, "state", "unknown");
	}
	hf_story_put(story, figures, "people_asked", json_integer((json_int_t)json_object_size(asked)));
	hf_story_put(story, figures, "people_told", json_integer((json_int_t)json_object_size(told)));
	hf_story_put(story, figures, "messages_sent", json_integer((json_int_t)sent));
	hf_story_put(story, figures, "messages_failed", json_integer((json_int_t)failed));
	hf_story_put(story, figures, "messages_unknown", json_integer((json_int_t)unknown));
	json_decref(asked);
	json_decref(told);
}

static void add_release_figures(struct hf_story *story, json_t *figures)
{
	bool released = story->released.s != 0;
	int64_t last = NONE;
	size_t n = 0;

	for (size_t i = 0; i < story->devices.n; i++) {
		const struct hf_story_device *device = &story->devices.v[i];

		if (device->state == HF_STORY_OUT || device->released.s == 0)
			continue;
		n++;
		if (device->released.s - story->released.s > last)
			last = device->released.s - story->released.s;
	}
	hf_story_put(story, figures, "allclear_s", seconds_or_null(released ? story->released.s - story->raised.s : NONE));
	hf_story_put(story, figures, "allclear_signing_s",
		     seconds_or_null(released ? story->released.s - story->release_begun.s : NONE));
	hf_story_put(story, figures, "released_verified", json_integer((json_int_t)n));
	hf_story_put(story, figures, "released_last_s", seconds_or_null(last));
}

/* Accounts whose scheduler was ticked off as paused, and not taken back. */
static size_t count_schedulers(struct hf_story *story)
{
	json_t *paused = json_object(), *check;
	size_t n, i;

	json_array_foreach(story->checks, i, check)
	{
		const char *account = json_string_value(json_object_get(check, "account"));

		if (!is(check, "item", "pause") || !account)
			continue;
		if (is(check, "state", "done"))
			hf_story_put(story, paused, account, json_true());
		else
			json_object_del(paused, account);
	}
	n = json_object_size(paused);
	json_decref(paused);
	return n;
}

static void add_figures(struct hf_story *story)
{
	json_t *figures = json_object();

	add_milestones(story, figures);
	add_post_figures(story, figures);
	add_people_figures(story, figures);
	hf_story_put(story, figures, "schedulers_paused", json_integer((json_int_t)count_schedulers(story)));
	hf_story_put(story, figures, "refused_signed", json_integer((json_int_t)story->refused_signed));
	hf_story_put(story, figures, "refused_other", json_integer((json_int_t)story->refused_other));
	add_release_figures(story, figures);
	hf_story_put(story, story->head, "figures", figures);
}

struct row {
	int64_t record;
	size_t place;
	json_t *event;
};

static int by_entry(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void put_counts(struct hf_story *story, struct hf_story_counter *counter, json_t *event)
{
	const struct hf_story_moment moment = {json_integer_value(json_object_get(event, "record")),
					       {json_integer_value(json_object_get(event, "at"))}};
	size_t n[HF_STORY_STATE_COUNT], meant = 0;
	json_t *counts = json_object();

	if (hf_story_count(counter, &moment, n) != HF_OK) {
		story->lost = true;
		json_decref(counts);
		return;
	}
	for (size_t i = HF_STORY_OUT + 1; i < HF_STORY_STATE_COUNT; i++) {
		hf_story_put(story, counts, hf_story_state_name((enum hf_story_state)i), json_integer((json_int_t)n[i]));
		meant += n[i];
	}
	hf_story_put(story, counts, "devices", json_integer((json_int_t)meant));
	hf_story_put(story, event, "counts", counts);
}

/* In the order of the record, each with what stood on the screens right after it. */
static void order_timeline(struct hf_story *story)
{
	struct hf_story_counter counter = {.devices = &story->devices};
	size_t n = json_array_size(story->timeline);
	struct row *rows = calloc(n + 1, sizeof(*rows));
	json_t *sorted = json_array();

	story->lost = story->lost || !rows;
	for (size_t i = 0; rows && i < n; i++) {
		rows[i].event = json_array_get(story->timeline, i);
		rows[i].place = i;
		rows[i].record = json_integer_value(json_object_get(rows[i].event, "record"));
	}
	if (rows)
		qsort(rows, n, sizeof(*rows), by_entry);
	for (size_t i = 0; rows && i < n; i++) {
		put_counts(story, &counter, rows[i].event);
		hf_story_add(story, sorted, json_incref(rows[i].event));
	}
	hf_story_counter_done(&counter);
	free(rows);
	json_decref(story->timeline);
	story->timeline = sorted;
}

static json_t *silences_of(struct hf_story *story, size_t place)
{
	json_t *list = json_array();

	for (size_t i = 0; i < story->devices.n_silences; i++) {
		const struct hf_story_silence *silence = &story->devices.silences[i];

		if (silence->device == place)
			hf_story_add(story, list,
				     json_pack("{s:I, s:I, s:I}", "record", (json_int_t)silence->record, "since",
					       (json_int_t)silence->since.s, "back", (json_int_t)silence->back.s));
	}
	return list;
}

static json_t *since_raise(const struct hf_story *story, struct hf_wall at)
{
	return seconds_or_null(at.s ? at.s - story->raised.s : NONE);
}

static json_t *list_devices(struct hf_story *story)
{
	json_t *list = json_array();

	for (size_t i = 0; i < story->devices.n; i++) {
		const struct hf_story_device *device = &story->devices.v[i];

		if (device->state == HF_STORY_OUT)
			continue;
		hf_story_add(story, list,
			     json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:o}", "device", device->id, "state",
				       hf_story_state_name(device->state), "received_s", since_raise(story, device->received),
				       "verified_s", since_raise(story, device->verified), "released_s",
				       device->released.s ? json_integer((json_int_t)(device->released.s - story->released.s))
							  : json_null(),
				       "tampered", (json_int_t)device->tampered, "silent", silences_of(story, i)));
	}
	return list;
}

enum hf_rc hf_story_tell(struct hf_story *story, json_t **ret, struct hf_err *err)
{
	if (!story->raise)
		return hf_err_set(err, HF_E_ABSENT, "The record has no lockdown with the id %s.", story->hex);
	add_figures(story);
	order_timeline(story);
	hf_story_put(story, story->head, "lockdown", json_string(story->hex));
	hf_story_put(story, story->head, "stale_s", json_integer(HF_STORY_STALE_S));
	hf_story_put(story, story->head, "read", json_integer((json_int_t)story->read));
	hf_story_put(story, story->head, "unread", json_integer((json_int_t)story->unread));
	hf_story_put(story, story->head, "timeline", json_incref(story->timeline));
	hf_story_put(story, story->head, "posts", json_incref(story->posts));
	hf_story_put(story, story->head, "devices", list_devices(story));
	hf_story_put(story, story->head, "messages", json_incref(story->messages));
	hf_story_put(story, story->head, "refusals", json_incref(story->refusals));
	hf_story_put(story, story->head, "checks", json_incref(story->checks));
	hf_story_put(story, story->head, "notes", json_incref(story->notes));
	hf_story_put(story, story->head, "registers", json_incref(story->registers));
	if (story->lost)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the story of a lockdown.");
	*ret = json_incref(story->head);
	return HF_OK;
}
