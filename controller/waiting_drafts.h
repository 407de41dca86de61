/* SPDX-License-Identifier: MIT */
/*
 * waiting_drafts.h - what has been proposed and waits for more approvals, oldest first
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_WAITING_DRAFTS_H
#define HOLDFAST_CONTROLLER_WAITING_DRAFTS_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/envelope.h>
#include <holdfast/lockdowns.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_DRAFTS_OF_ONE_MAX 16		 /* proposed by one person: two registers of eight parts; and as many orders */
#define HF_DRAFTS_MAX 8192		 /* both of each of the 256 people of a trust */
#define HF_DRAFT_LIFE_S (14 * 24 * 3600) /* a proposal that nobody joins in two weeks has lapsed */

struct hf_draft {
	struct hf_envelope *envelope;
	struct hf_wall since;
	char by[HF_ID_SIZE]; /* who proposed it: in whose share it is; "": roots */
	struct hf_digest *rest; /* of part 1 of a register its other parts, malloc'ed; NULL: it is no such thing */
	size_t n_rest;
};

/* Start it zeroed. */
struct hf_drafts {
	struct hf_draft v[HF_DRAFTS_MAX];
	size_t n;
};

/*
 * hf_drafts_find - the draft of this document
 *
 * Owner     belongs to the drafts; until the next change of them
 * Returns   NULL when there is none
 */
struct hf_draft *hf_drafts_find(struct hf_drafts *drafts, const struct hf_digest *digest);

/*
 * hf_drafts_of - how many drafts are in the share of this person that this one would come into
 *
 * Orders and recoveries have a share of their own: what waits of a register is in the way of no all-clear.
 * Source    controller/API.md
 */
size_t hf_drafts_of(const struct hf_drafts *drafts, const char *person, enum hf_doc_type type);

/*
 * hf_drafts_count - how many things wait: a register in parts is one, by its part 1
 *
 * Source    controller/API.md "Status"
 */
size_t hf_drafts_count(const struct hf_drafts *drafts);

/*
 * hf_drafts_put - a new draft, or more approvals for one that waits
 *
 * @by       in whose share it is; "" for roots
 * @now      drafts that have lapsed by then make room
 * Owner     the drafts own a copy
 * Returns   HF_OK; HF_E_SIZE HF_DRAFTS_MAX wait already, or too many signatures; HF_E_MEMORY
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_drafts_put(struct hf_drafts *drafts, const struct hf_envelope *envelope, const char *by,
				 struct hf_wall now);

/*
 * hf_drafts_drop - forget the draft of this document; hf_drafts_lapse - forget those older than HF_DRAFT_LIFE_S
 *
 * None to forget is no error.
 * Source    controller/API.md
 */
void hf_drafts_drop(struct hf_drafts *drafts, const struct hf_digest *digest);
void hf_drafts_lapse(struct hf_drafts *drafts, struct hf_wall now);

/*
 * hf_drafts_settle - forget what has become pointless: amendments and releases of what is all released
 *
 * Source    policy D9.3: an all-clear is given once
 */
void hf_drafts_settle(struct hf_drafts *drafts, const struct hf_lockdowns *lockdowns);

/*
 * hf_drafts_done - free all, zero the struct
 */
void hf_drafts_done(struct hf_drafts *drafts);

#endif
