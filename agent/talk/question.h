/* SPDX-License-Identifier: MIT */
/*
 * question.h - what a person's program may ask the agent of its device
 */
#ifndef HOLDFAST_AGENT_TALK_QUESTION_H
#define HOLDFAST_AGENT_TALK_QUESTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/bytes.h>
#include <holdfast/json.h>
#include <holdfast/posting.h>
#include <holdfast/str.h>

#define HF_QUESTION_MAX 2048 /* bytes */

/* The questions: a closed list. */
#define HF_ASK_STATUS "status"		   /* hf_view_make */
#define HF_ASK_INSTRUCTIONS "instructions" /* hf_readings_json */
#define HF_ASK_ACKNOWLEDGE "acknowledge"   /* of one text; see hf_keeper_answer */
#define HF_ASK_WORDS "words"		   /* those that need a second look, for the draft check */
#define HF_ASK_RETIRE "retire"		   /* by root: tell the council that the agent leaves; with `reads`: it leaves */
#define HF_ASK_GLASS "glass"		   /* `text`: the halves of two officers; none: how it stands with them */
#define HF_ASK_WATCH "watch"		   /* the connection stays: an event of people.h comes with each change */
#define HF_ASK_SITES "sites"		   /* what a browser of this person is to block, and the text to show */
#define HF_ASK_TRIED "tried"		   /* a browser of this person was kept from `site`: their window is told */
#define HF_ASK_TOLD "told"		   /* a browser of this person holds `version` of what it was told */
#define HF_ASK_PASS "pass"		   /* open the posting window of `account` */
#define HF_ASK_POSTED "posted"		   /* the holding message of `account` is posted, at `site` if they like */
#define HF_ASK_CANNOT "cannot"		   /* it cannot be posted; `why` if they like */
#define HF_SITE_SIZE HF_POST_SIZE

struct hf_question {
	char ask[HF_ID_SIZE];
	bool reads;			   /* a person reads the answer now */
	char lockdown[HF_DIGEST_HEX_SIZE]; /* the beginning of its id; "": any */
	char text[HF_DIGEST_HEX_SIZE];	   /* digest of the instructions that were read, or two halves as they were typed; "": none */
	char account[HF_ID_SIZE * 2];	   /* platform:handle; "": none */
	char site[HF_SITE_SIZE];	   /* a host, or the address of a post; "": none */
	char why[HF_WHY_SIZE];		   /* one line; "": none */
	int64_t version;		   /* of an answer to `sites`; 0: none */
	pid_t pid;			   /* of the program that asks, as the kernel says; never in a frame */
};

/*
 * hf_question_decode, hf_question_encode - a question from its bytes, and as JSON
 *
 * @buf, @len     one frame of the socket
 * @ret_question  untouched unless HF_OK
 * Owner     the caller's struct; a new reference, the caller's
 * Returns   HF_OK, or why it is no question; the object, NULL no memory
 */
HF_NODISCARD enum hf_rc hf_question_decode(const char *buf, size_t len, struct hf_question *ret_question);
json_t *hf_question_encode(const struct hf_question *question);

/*
 * hf_refusal_json - the answer that a question is refused; hf_refusal_of - is this answer one
 *
 * @why      one sentence for people: what, and what to do
 * Owner     a new reference, the caller's
 * Returns   the object, NULL no memory; HF_OK it is an answer, else the code, with the sentence in err
 */
json_t *hf_refusal_json(enum hf_rc rc, const char *why, ...) HF_PRINTF(2, 3);
HF_NODISCARD enum hf_rc hf_refusal_of(const json_t *answer, struct hf_err *err);

#endif
