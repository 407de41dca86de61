/* SPDX-License-Identifier: MIT */
/*
 * refusal_book.h - what was refused at the door goes on the record: each envelope that somebody with a say in it signed, in a
 * share of that person; all else as counts, one entry an hour
 */
#ifndef HOLDFAST_CONTROLLER_REFUSAL_BOOK_H
#define HOLDFAST_CONTROLLER_REFUSAL_BOOK_H

#include <holdfast/err.h>
#include <holdfast/str.h>
#include <holdfast/time.h>
#include <holdfast/trust.h>

#define HF_REFUSALS_OF_ONE_MAX 16 /* entries of one person at once; then one each HF_REFUSALS_EACH_S */
#define HF_REFUSALS_EACH_S 900
#define HF_REFUSALS_COUNTED_S 3600 /* between two entries of counts */

/* How many more of one person may be recorded, and since when. */
struct hf_refusal_share {
	char person[HF_ID_SIZE]; /* "": free */
	int64_t left;
	struct hf_boot_ms at;
};

/* Start it zeroed. */
struct hf_refusals {
	struct hf_refusal_share shares[HF_PEOPLE_MAX];
	int64_t counts[HF_RC_COUNT]; /* refused, and not recorded one by one */
	int64_t all[HF_RC_COUNT];    /* refused in this life, one by one or not */
	struct hf_wall since;	     /* the first of them; 0: none */
};

struct hf_controller;
struct hf_envelope;

/*
 * hf_refusals_take - may one more refusal of this person be recorded now
 *
 * @now      since boot: a clock that is set neither opens a share nor shuts it
 * Owner     the share is changed
 * Returns   true or false
 */
bool hf_refusals_take(struct hf_refusals *refusals, const char *person, struct hf_boot_ms now);

/*
 * hf_refusals_note - this was refused at the door
 *
 * @posted   NULL: what came was no envelope
 * @why      what whoever brought it is told
 * Source    controller/API.md "The journal"
 */
void hf_refusals_note(struct hf_controller *c, const struct hf_envelope *posted, enum hf_rc rc, const char *why);

/*
 * hf_refusals_say - record the counts, if there are any for an hour, or it ends
 *
 * Source    controller/API.md "The journal"
 */
void hf_refusals_say(struct hf_controller *c, struct hf_wall now, bool ends);

#endif
