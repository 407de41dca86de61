/* SPDX-License-Identifier: MIT */
/*
 * remarks.h - what officers said of drafts: whose approval is taken back, who has refused what and why
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_REMARKS_H
#define HOLDFAST_CONTROLLER_REMARKS_H

#include <stdbool.h>

#include <holdfast/approval.h>
#include <holdfast/remark.h>
#include <holdfast/str.h>

#include "controller/estate/estate.h"
#include "controller/waiting_drafts.h"

#define HF_WITHDRAWN_OF_ONE_MAX 256 /* approvals that one person has taken back; each is remembered for ever */
#define HF_REFUSED_OF_ONE_MAX 256   /* drafts that one person refuses and that still wait */
#define HF_NOTES_OF_ONE_MAX 1024     /* by one person of one thing: one in a minute for a long night and a day */
#define HF_CONFIRMED_OF_ONE_MAX 1024 /* by one person of one register: more than leave at once */

/* One approval that counts no more. */
struct hf_withdrawn {
	struct hf_digest draft;
	char person[HF_ID_SIZE];
	enum hf_doc_type type;
	struct hf_wall at; /* when it was recorded */
	bool gone;	   /* nobody else had approved it */
};

/* One refusal of a draft that waits, or of an assignment that waits for a second person. */
struct hf_refused_draft {
	struct hf_digest draft;
	char person[HF_ID_SIZE];
	char device[HF_ID_SIZE]; /* of an assignment; "": of something else */
	struct hf_wall at;
	char *reason;
};

/* Whose access at the platform is gone, as somebody has said of the newest register that anything was said of. */
struct hf_confirmed {
	struct hf_digest reg;
	char by[HF_ID_SIZE], person[HF_ID_SIZE], account[2 * HF_ID_SIZE];
};

/* One note for the record; what it says stands there alone. */
struct hf_noted {
	struct hf_digest note, of;
	char person[HF_ID_SIZE];
};

/* In order of their records. Start it zeroed. */
struct hf_remarks {
	struct hf_withdrawn *withdrawn;
	size_t n_withdrawn, withdrawn_room;
	struct hf_refused_draft *refused;
	size_t n_refused, refused_room;
	struct hf_confirmed *confirmed;
	size_t n_confirmed, confirmed_room;
	struct hf_noted *noted;
	size_t n_noted, noted_room;
};

/*
 * hf_remarks_find - what this person has said of this draft
 *
 * Returns   true when they have taken back their approval, or have refused it, as @act asks
 */
bool hf_remarks_find(const struct hf_remarks *book, const struct hf_digest *draft, const char *person,
		     enum hf_remark_act act);

/*
 * hf_remarks_count - how much of that sort there is of this person
 */
size_t hf_remarks_count(const struct hf_remarks *book, const char *person, enum hf_remark_act act);

/*
 * hf_remarks_put - one more; what is there already stays as it was first said
 *
 * @of       the document that waits; its approvals are not looked at
 * @at       when it was recorded
 * Owner     texts are copied
 * Returns   HF_OK; HF_E_MEMORY nothing is changed
 */
HF_NODISCARD enum hf_rc hf_remarks_put(struct hf_remarks *book, const struct hf_envelope *of, const char *person,
				       const struct hf_remark *remark, struct hf_wall at);

/*
 * hf_remarks_sift - take off the approvals of this document that were taken back
 *
 * What the trust affirms stays as it is.
 * @ret_person  whose was taken off, the last one; NULL: nothing was; belongs to the trust
 * Owner     the envelope stays the caller's
 * Source    proto/README.md "Remark"
 */
void hf_remarks_sift(const struct hf_remarks *book, const struct hf_trust *trust, struct hf_envelope *envelope,
		     const char **ret_person);

/*
 * hf_remarks_confirmed, hf_remarks_confirms - was this confirmed of this very register, by whomever; how often by this person
 *
 * @remark   a confirmation
 */
bool hf_remarks_confirmed(const struct hf_remarks *book, const struct hf_remark *remark);
size_t hf_remarks_confirms(const struct hf_remarks *book, const struct hf_digest *reg, const char *by);

/*
 * hf_remarks_confirm - one more; those of other registers are forgotten, for the journal has them
 *
 * Owner     texts are copied
 * Returns   HF_OK; HF_E_MEMORY nothing is changed
 */
HF_NODISCARD enum hf_rc hf_remarks_confirm(struct hf_remarks *book, const char *by, const struct hf_remark *remark);

/*
 * hf_remarks_noted, hf_remarks_notes - is this very note recorded; how many are by this person of this thing
 */
bool hf_remarks_noted(const struct hf_remarks *book, const struct hf_digest *note);
size_t hf_remarks_notes(const struct hf_remarks *book, const struct hf_digest *of, const char *person);

/*
 * hf_remarks_note - one note more
 *
 * Owner     texts are copied
 * Returns   HF_OK; HF_E_MEMORY nothing is changed
 */
HF_NODISCARD enum hf_rc hf_remarks_note(struct hf_remarks *book, const char *person, const struct hf_remark *remark);

/*
 * hf_remarks_gone - after this person's approval was taken off, nothing of the draft waits any more
 */
void hf_remarks_gone(struct hf_remarks *book, const struct hf_digest *draft);

/*
 * hf_remarks_settle - forget refusals of what waits no more
 */
void hf_remarks_settle(struct hf_remarks *book, struct hf_drafts *drafts, const struct hf_estate *estate);

/*
 * hf_remarks_done - free all, zero the struct
 */
void hf_remarks_done(struct hf_remarks *book);

#endif
