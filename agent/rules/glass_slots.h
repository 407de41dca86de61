/* SPDX-License-Identifier: MIT */
/*
 * glass_slots.h - break-glass on one device: which slots are used, how often somebody typed wrong, and what is open; pure
 */
#ifndef HOLDFAST_AGENT_RULES_GLASS_SLOTS_H
#define HOLDFAST_AGENT_RULES_GLASS_SLOTS_H

#include <holdfast/known.h>

#include "agent/rules/posting_windows.h"

#define HF_GLASS_SILENT_S (30 * 60) /* so long without a fresh state before a device can be opened: somebody else may be as good as on the way */
#define HF_GLASS_TRIES 5	    /* wrong ones, and then it waits */
#define HF_GLASS_WAIT_S (15 * 60)

/* What a device must not forget of it. Start it zeroed. */
struct hf_glass_slots {
	int64_t set;	      /* the highest in which a slot was used; 0: none was */
	int64_t used;	      /* of that set, slot 1 in the lowest bit */
	struct hf_wall since; /* what was known was lost then: sets that were made before open nothing */
	int64_t wrong;	      /* tries since enrolment */
	struct hf_wall tried; /* when the last was, right or wrong, by this machine's clock */
	int64_t tries;	      /* wrong ones since one was right, or since the last wait */
	int64_t wait_ms;      /* boot-time ms until which it waits, in the boot that is named; 0: it does not */
	int64_t slot;	      /* that was opened last, in `set`; 0: none ever was */
	struct hf_wall at;    /* when that was, by this machine's clock */
	int64_t until_ms;     /* boot-time ms until which it is open, in the boot that is named; 0: it is shut */
	char boot[HF_BOOT_ID_SIZE];
};

/* What is asked of it. Borrowed. */
struct hf_glass_case {
	const struct hf_known *known;
	const struct hf_glass_slots *slots;
	const struct hf_pub *pub; /* the device's own key; NULL: it is lost */
	struct hf_posting_time time;
	struct hf_boot_ms fresh; /* when the last fresh state came, or this life of the agent began */
	bool shut;		 /* anything is, on this device */
	bool whole;		 /* what is in force is known, and nobody's share is full */
};

/* What may be opened with which halves. */
struct hf_glass_offer {
	int64_t set, slot, minutes;
	int64_t wait_s; /* until it may be tried; 0: now */
};

/*
 * hf_glass_offer_of - may this device be opened by two halves now, and by those of which slot
 *
 * @ret      set and slot are there also where it must be waited (HF_E_PENDING); untouched else unless HF_OK
 * Returns   HF_OK; HF_E_PENDING not yet: wait_s says how long; HF_E_ABSENT nothing is shut, or all slots are used;
 *           HF_E_OTHER what is in force is not known here; reasons of hf_glass_now
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_offer_of(const struct hf_glass_case *matter, struct hf_glass_offer *ret,
					  struct hf_err *err);

/*
 * hf_glass_is_open, hf_glass_left_ms - is it open now, by the clock that nobody sets; for how long yet
 *
 * Returns   true or false; ms, 0: it is shut
 * Source    proto/README.md "Break-glass"
 */
bool hf_glass_is_open(const struct hf_glass_slots *slots, const struct hf_posting_time *time);
int64_t hf_glass_left_ms(const struct hf_glass_slots *slots, const struct hf_posting_time *time);

/*
 * hf_glass_count_try - before halves are looked at: this try counts as a wrong one, until it was right
 *
 * To be written down before it is looked at.
 * Source    proto/README.md "Break-glass"
 */
void hf_glass_count_try(struct hf_glass_slots *slots, const struct hf_posting_time *time);

/*
 * hf_glass_open_slot - both halves were right: the slot is used, and it is open, once that is written down
 *
 * Source    proto/README.md "Break-glass"
 */
void hf_glass_open_slot(struct hf_glass_slots *slots, const struct hf_glass_offer *offer,
			const struct hf_posting_time *time);

/*
 * hf_glass_shut - it is over; hf_glass_resume - after a start of the agent: another boot shuts it, and waits anew
 *
 * Returns   true if anything changed: write it down
 * Source    proto/README.md "Break-glass"
 */
bool hf_glass_shut(struct hf_glass_slots *slots);
bool hf_glass_resume(struct hf_glass_slots *slots, const struct hf_posting_time *time);

/*
 * hf_glass_slots_encode, hf_glass_slots_decode - as JSON and back
 *
 * Owner     a new reference, the caller's; ret is untouched unless HF_OK
 * Returns   NULL no memory; HF_OK; HF_E_SHAPE
 * Source    proto/README.md "Failing"
 */
json_t *hf_glass_slots_encode(const struct hf_glass_slots *slots);
HF_NODISCARD enum hf_rc hf_glass_slots_decode(json_t *json, struct hf_glass_slots *ret, struct hf_err *err);

#endif
