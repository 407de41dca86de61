/* SPDX-License-Identifier: MIT */
/*
 * story_fold.h - a story while it is read
 *
 * For the files of the story alone.
 */
#ifndef HOLDFAST_OFFICE_STORY_FOLD_H
#define HOLDFAST_OFFICE_STORY_FOLD_H

#include <holdfast/order.h>
#include <holdfast/trust.h>

#include "controller/office/story_devices.h"

struct hf_story {
	struct hf_digest id;
	char hex[HF_DIGEST_HEX_SIZE];
	struct hf_trust *trust; /* the newest */
	struct hf_story_devices devices;
	struct hf_story_scope scope;
	struct hf_envelope *raise; /* NULL: it was not raised yet */
	struct hf_order **bodies;  /* raise and amendments, in the order of the record */
	size_t n_bodies, bodies_room;
	json_t *papers; /* digest: true, of every document of the lockdown and every draft of one */
	json_t *head;	/* what the raise says */
	json_t *timeline, *posts, *messages, *refusals, *checks, *notes, *registers;
	json_t *parts;	      /* digest: a part of a register that was read */
	json_t *register_now; /* the register in force */
	struct hf_wall raised, released, release_begun;
	int64_t release_record;
	int64_t read, unread; /* entries in all, and of these such that cannot be read */
	int64_t refused_signed, refused_other;
	bool was_part; /* the entry before the one that is read now is part of the story */
	bool lost; /* memory ran out: something is missing */
};

/*
 * hf_story_put, hf_story_add - a member or a row more; what there is no memory for is noted
 *
 * @value    taken over
 */
void hf_story_put(struct hf_story *story, json_t *object, const char *name, json_t *value);
void hf_story_add(struct hf_story *story, json_t *array, json_t *value);

/*
 * hf_story_event - a row more in the time line
 *
 * @what     one word
 * @more     an object with what else is to be said, taken over; NULL: nothing
 */
void hf_story_event(struct hf_story *story, const struct hf_story_record *record, const char *what, json_t *more);

/*
 * hf_story_text - something that a person wrote, as a row of `texts`
 *
 * @texts    where it goes; not when it is empty or NULL
 */
void hf_story_text(struct hf_story *story, json_t *texts, const struct hf_story_record *record, const char *what,
		   const char *text);

/*
 * hf_story_take_order, hf_story_take_report, hf_story_take_register, hf_story_take_word - what one kind of entry means
 * for the story
 *
 * @envelope, @word  what the entry has
 * Returns   is it part of the story
 */
bool hf_story_take_order(struct hf_story *story, const struct hf_story_record *record,
			 const struct hf_envelope *envelope);
bool hf_story_take_report(struct hf_story *story, const struct hf_story_record *record,
			  const struct hf_envelope *envelope);
void hf_story_take_register(struct hf_story *story, const struct hf_story_record *record,
			    const struct hf_envelope *envelope);
bool hf_story_take_word(struct hf_story *story, const struct hf_story_record *record, const json_t *word);

/*
 * hf_story_settle_all - how does every device stand now
 */
void hf_story_settle_all(struct hf_story *story, const struct hf_story_record *record);

/*
 * hf_story_has_paper - is this digest that of a document of the lockdown, or of a draft of one
 *
 * Returns   true or false
 */
bool hf_story_has_paper(const struct hf_story *story, const char *hex);

#endif
