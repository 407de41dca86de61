/* SPDX-License-Identifier: MIT */
/*
 * acks.h - which instructions the people of this device have been shown, and which they have acknowledged (policy D10)
 */
#ifndef HOLDFAST_AGENT_RULES_ACKS_H
#define HOLDFAST_AGENT_RULES_ACKS_H

#include <holdfast/json.h>
#include <holdfast/posture.h>

#define HF_ACKS_MAX 1024 /* as many people as a device can have, each with 32 texts */
#define HF_ACKS_KEPT_S                                                                                                 \
	(30 * 86400) /* how long one is kept after the end of its lockdown: the council has heard it by then */

/* A set of rows, none twice, in the order in which they came. Start it zeroed. */
struct hf_acks {
	struct hf_ack *v; /* room for HF_ACKS_MAX, or NULL */
	size_t n;
};

/*
 * hf_acks_find - has this person a row for this text of this lockdown
 *
 * @what     its time is not looked at
 * Owner     belongs to the set; good until it is changed
 * Returns   NULL when there is none
 * Source    proto/README.md "Acknowledging"
 */
const struct hf_ack *hf_acks_find(const struct hf_acks *acks, const struct hf_ack *what);

/*
 * hf_acks_add - add a row; one that is there already stays as it was
 *
 * Of more than HF_ACKS_MAX the oldest is let go: then that person is asked again, and stays shut until then.
 * @ret_new  true if the set is another one now; untouched unless HF_OK
 * Owner     the set owns its array
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_acks_add(struct hf_acks *acks, const struct hf_ack *what, bool *ret_new);

/*
 * hf_acks_copy - the same set once more
 *
 * @ret_copy  to hf_acks_done; untouched unless HF_OK
 * Returns    HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_acks_copy(const struct hf_acks *acks, struct hf_acks *ret_copy);

/*
 * hf_acks_gone - is what was done for this lockdown to be let go: it is not known any more, or ended HF_ACKS_KEPT_S ago
 *
 * Pure.
 * @lockdown  may be NULL: not known
 * @now       an end counts from the earlier of its two times
 * Returns    true or false
 * Source    proto/README.md "Acknowledging", "Posting"
 */
bool hf_acks_gone(const struct hf_lockdown *lockdown, struct hf_now now);

/*
 * hf_acks_prune - let go of rows whose lockdown is not known any more, or has ended HF_ACKS_KEPT_S ago
 *
 * Pure but for the set.
 * @now      an end counts from the earlier of its two times
 * Owner     the set stays the caller's
 * Returns   true if any was let go
 * Source    proto/README.md "Acknowledging"
 */
bool hf_acks_prune(struct hf_acks *acks, const struct hf_lockdowns *lockdowns, struct hf_now now);

/*
 * hf_acks_encode, hf_acks_decode - the set as JSON and back
 *
 * @list     borrowed array; NULL: an empty set
 * @ret_acks to hf_acks_done; untouched unless HF_OK
 * Owner     a new reference, the caller's; see ret_acks
 * Returns   the array, NULL no memory; HF_OK, HF_E_SHAPE, HF_E_BASE64, HF_E_SIZE, HF_E_MEMORY
 * Source    proto/README.md "Failing"
 */
json_t *hf_acks_encode(const struct hf_acks *acks);
HF_NODISCARD enum hf_rc hf_acks_decode(json_t *list, struct hf_acks *ret_acks, struct hf_err *err);

/*
 * hf_acks_done - free all, zero the struct
 *
 * @acks     may be zeroed
 */
void hf_acks_done(struct hf_acks *acks);

#define hf_auto_acks __attribute__((cleanup(hf_acks_done)))

#endif
