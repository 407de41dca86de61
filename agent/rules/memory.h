/* SPDX-License-Identifier: MIT */
/*
 * memory.h - all that an agent must not forget, and its form on disk
 */
#ifndef HOLDFAST_AGENT_RULES_MEMORY_H
#define HOLDFAST_AGENT_RULES_MEMORY_H

#include <holdfast/known.h>
#include <holdfast/machine.h>

#include "agent/rules/acks.h"
#include "agent/rules/brokers_met.h"
#include "agent/rules/glass_slots.h"
#include "agent/rules/posting_windows.h"

#define HF_MEMORY_MAX                                                                                                  \
	(HF_KNOWN_MAX + 1048576) /* bytes: what is known; beside it counts, 1024 digests, 2048 rows of acks.h, 64 of   \
				     posting_windows.h */
#define HF_MEMORY_READ_MAX (64 * 1024 * 1024) /* a memory that has grown beyond that is damaged: more than all keys fill */
#define HF_COUNTER_AHEAD 1000	 /* report counters reserved by one save, so that not every report needs a write */

struct hf_memory {
	struct hf_known known;
	bool holding;		      /* when this was saved, something was blocked */
	bool unknown;		      /* what was known is lost: all is blocked until people say what holds */
	bool moved;		      /* it was made on another machine: unknown until the device is enrolled anew */
	struct hf_machine machine;    /* on which it was made; nothing of it: by a version that did not ask */
	struct hf_digest nonce;	      /* of this loss; zeros: none is made yet, or nothing is lost */
	struct hf_envelope *recover;  /* the newest word on it that waits for what it names as live; not on disk */
	struct hf_wall restored;      /* when the third copy last stood in for the two slots; 0: never */
	int64_t saves;		      /* the number of the last save; 0 in a memory of before they were counted */
	int64_t counter;	      /* of the last report */
	int64_t counter_saved;	      /* the highest counter that what is on disk allows */
	int64_t refused[HF_RC_COUNT]; /* messages and orders refused since enrolment, by reason */
	struct hf_started seen;	      /* lockdowns that a person of this device has been shown */
	struct hf_acks shown;	      /* instructions that a person of this device has opened */
	struct hf_acks acked;	      /* instructions that a person of this device has acknowledged */
	struct hf_brokers_met brokers; /* which ones this device may join */
	struct hf_glass_slots glass;   /* which halves of break-glass are used, and what is open by them */
	struct hf_posting_windows windows; /* posting windows that this device has taken */
};

#define hf_auto_memory __attribute__((cleanup(hf_memory_done)))

/*
 * hf_memory_encode - all of it as JSON
 *
 * @copy     1 or 2: which of the two writes of the same memory this is
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Failing"
 */
json_t *hf_memory_encode(const struct hf_memory *memory, int copy);

/*
 * hf_memory_decode - back from JSON; every signature is verified again
 *
 * @ret_memory  to hf_memory_done; untouched unless HF_OK
 * @ret_copy    untouched unless HF_OK
 * Returns      HF_OK; the first reason why it is not whole
 * Source       proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_memory_decode(json_t *json, struct hf_memory *ret_memory, int *ret_copy, struct hf_err *err);

/*
 * hf_memory_counter_begin - go on counting reports from where no report has been
 *
 * Never lower than this machine's clock in seconds, so that counters go on although all memory was lost.
 * @local    this machine's clock
 * Owner     memory is changed
 * Source    proto/README.md "Report"
 */
void hf_memory_counter_begin(struct hf_memory *memory, struct hf_wall local);

/*
 * hf_memory_on - this memory is used on this machine: does it belong here
 *
 * One that was made on another machine (two of its three parts differ, see machine.h) is `moved`, and so unknown: that
 * ends with an enrolment anew. One that never asked belongs here from now on; a part that was repaired is taken over.
 * @machine  this one
 * Owner     memory is changed
 * Returns   true if anything of the memory changed
 * Source    proto/README.md "Failing"
 */
bool hf_memory_on(struct hf_memory *memory, const struct hf_machine *machine);

/*
 * hf_memory_take_recover - keep a recover document that is for this device and this loss, until all that it names is held
 *
 * @envelope  one that hf_known_hear has heard; copied; of two the newer is kept, and one that ends the loss now
 * Returns   HF_OK, also if it is not for this device or loss; HF_E_MEMORY; reasons of hf_recover_open
 * Source    proto/README.md "Recovering"
 */
HF_NODISCARD enum hf_rc hf_memory_take_recover(struct hf_memory *memory, const struct hf_envelope *envelope,
					       struct hf_err *err);

/*
 * hf_memory_recover - does this device know again what it had lost; asked after each message
 *
 * Returns   true if it has just ended: persist, and decide
 * Source    proto/README.md "Recovering"
 */
bool hf_memory_recover(struct hf_memory *memory);

/*
 * hf_memory_nonce - has this loss its number
 *
 * Returns   true or false
 */
bool hf_memory_nonce(const struct hf_memory *memory);

/*
 * hf_memory_done - free all, zero the struct
 *
 * @memory   may be zeroed
 */
void hf_memory_done(struct hf_memory *memory);

#endif
