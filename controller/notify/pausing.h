/* SPDX-License-Identifier: MIT */
/*
 * pausing.h - which posts of a scheduler are changed next, and how an account stands
 *
 * Pure: a function of what the scheduler says, what we hold, what is wanted, and time.
 */
#ifndef HOLDFAST_NOTIFY_PAUSING_H
#define HOLDFAST_NOTIFY_PAUSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/json.h>

#define HF_POST_SIZE 65	      /* [A-Za-z0-9_-]{1,64}, as the controller takes them */
#define HF_POSTS_MAX 8192     /* of one answer, which has their texts, too */
#define HF_RESUME_MARGIN_S 60 /* one that is due so soon might go out before anybody sees it: it stays a draft */

enum hf_post_state { HF_POST_QUEUED, HF_POST_DRAFT, HF_POST_GONE };

/* One post of the scheduler. */
struct hf_scheduled_post {
	char id[HF_POST_SIZE], channel[HF_POST_SIZE];
	struct hf_wall due;   /* when it goes out next */
	struct hf_wall first; /* by what it is scheduled again: the first time of one that comes again */
	enum hf_post_state state;
};

struct hf_posts {
	struct hf_scheduled_post *v;
	size_t n, room;
};

/* What is to be done with one account. Borrowed from what the controller said. */
struct hf_pausing_work {
	const char *account, *channel;
	bool pause; /* else what we hold is scheduled again */
	const json_t *held;
};

/* One change. */
struct hf_pausing_step {
	const struct hf_pausing_work *work;
	char post[HF_POST_SIZE];
	struct hf_wall due;
};

struct hf_pausing_steps {
	struct hf_pausing_step *v;
	size_t n, room;
};

/*
 * hf_pausing_plan - all changes that are to be made, what is due first before the others
 *
 * What is paused is whatever is queued on a channel; what is scheduled again are drafts that we hold, and whose time
 * has not passed.
 * @ret      zeroed before; free its v
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D4.1
 */
HF_NODISCARD enum hf_rc hf_pausing_plan(const struct hf_posts *posts, const struct hf_pausing_work *works, size_t n_works,
					struct hf_wall now, struct hf_pausing_steps *ret);

/* How an account stands. */
struct hf_pausing_stand {
	int64_t queued, held;
	struct hf_wall next;
};

/*
 * hf_pausing_look - how it stands, by what the scheduler said last
 */
struct hf_pausing_stand hf_pausing_look(const struct hf_posts *posts, const struct hf_pausing_work *work);

/*
 * hf_pausing_ended - those of what we hold that we need hold no more: they are out of our hands
 *
 * @back     those that are scheduled again, or went out; else drafts whose time has passed, and those that are there no more
 * Owner     a new array of their names, the caller's
 * Returns   NULL no memory
 */
json_t *hf_pausing_ended(const struct hf_posts *posts, const struct hf_pausing_work *work, struct hf_wall now, bool back);

/*
 * hf_posts_find - the post of this name
 *
 * Owner     belongs to the posts
 * Returns   NULL there is none
 */
struct hf_scheduled_post *hf_posts_find(const struct hf_posts *posts, const char *id);

/*
 * hf_posts_done - free, zero
 */
void hf_posts_done(struct hf_posts *posts);

#endif
