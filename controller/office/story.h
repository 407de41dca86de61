/* SPDX-License-Identifier: MIT */
/*
 * story.h - what happened in one lockdown, made of the entries of the record alone
 *
 * Pure: no clock, no I/O. Whoever has the record can make it again.
 */
#ifndef HOLDFAST_OFFICE_STORY_H
#define HOLDFAST_OFFICE_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/bytes.h>
#include <holdfast/err.h>
#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/time.h>

#define HF_STORY_STALE_S 180 /* a device that was not heard for longer counts as silent: three times device.report_s */

/* How a device stands, in the words of the screens; "out": the lockdown does not bear on it. */
#define HF_STORY_STATE_LIST(X)                                                                                         \
	X(HF_STORY_OUT, "out")                                                                                         \
	X(HF_STORY_TAMPERED, "tampered")                                                                               \
	X(HF_STORY_UNREACHED, "unreached")                                                                             \
	X(HF_STORY_STALE, "stale")                                                                                     \
	X(HF_STORY_RECEIVED, "received")                                                                               \
	X(HF_STORY_ENFORCED_UNVERIFIED, "enforced-unverified")                                                         \
	X(HF_STORY_RELEASED_UNVERIFIED, "released-unverified")                                                         \
	X(HF_STORY_ENFORCED_VERIFIED, "enforced-verified")                                                             \
	X(HF_STORY_MESSAGE_SEEN, "message-seen")                                                                       \
	X(HF_STORY_EXEMPT, "exempt")                                                                                   \
	X(HF_STORY_RELEASED_VERIFIED, "released-verified")
#define HF_STORY_STATE_ENUM(code, name) code,
enum hf_story_state { HF_STORY_STATE_LIST(HF_STORY_STATE_ENUM) HF_STORY_STATE_COUNT };
#undef HF_STORY_STATE_ENUM

/* One entry of the record. Borrowed. */
struct hf_story_record {
	int64_t seq;
	struct hf_wall at;
	const char *kind;
	struct hf_digest digest;
	const char *body;
	size_t body_len;
};

struct hf_story;

#define hf_auto_story __attribute__((cleanup(hf_story_free)))

/*
 * hf_story_state_name - "enforced-verified" ...
 *
 * Owner     static text
 * Returns   the word
 * Source    controller/API.md "Which of the ten states"
 */
const char *hf_story_state_name(enum hf_story_state state);

/*
 * hf_story_new - the story of this lockdown, of which nothing was read yet
 *
 * @id       of its raise
 * @ret      the caller's, to hf_story_free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_story_new(const struct hf_digest *id, struct hf_story **ret, struct hf_err *err);

/*
 * hf_story_take - read the next entry of the record, from its first
 *
 * An entry that cannot be read counts for nothing, and is counted.
 * @ret_part  does the story need it: whoever has these entries alone can make the same story; untouched unless HF_OK
 * Owner     nothing of the entry is kept
 * Returns   HF_OK; HF_E_MEMORY
 * Source    controller/API.md "The journal", "The story"
 */
HF_NODISCARD enum hf_rc hf_story_take(struct hf_story *story, const struct hf_story_record *record, bool *ret_part,
				      struct hf_err *err);

/*
 * hf_story_key - the key that a device signs with, by the last assignment that was read
 *
 * Owner     belongs to the story
 * Returns   NULL: there is no such device
 */
const struct hf_pub *hf_story_key(const struct hf_story *story, const char *device);

/*
 * hf_story_tell - the story, as JSON; nothing can be taken after it
 *
 * Persons and devices stand in it by their ids. What people wrote stands in members `texts` alone:
 * [{"record", "what", "text"}...].
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_ABSENT the record has no such lockdown; HF_E_MEMORY
 * Source    controller/API.md "The story"
 */
HF_NODISCARD enum hf_rc hf_story_tell(struct hf_story *story, json_t **ret, struct hf_err *err);

/*
 * hf_story_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_story_free(struct hf_story **story);

#endif
