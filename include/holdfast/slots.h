/* SPDX-License-Identifier: MIT */
/*
 * slots.h - a value on disk that survives a torn write and a full disk
 *
 * Two preallocated files written in turn; each carries its length, generation and SHA-256. Loading takes the newest
 * that is whole.
 */
#ifndef HOLDFAST_SLOTS_H
#define HOLDFAST_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>

struct hf_slots;

#define HF_SLOT_FIRST "slot-0" /* names of the two files */
#define HF_SLOT_SECOND "slot-1"

#define hf_auto_slots __attribute__((cleanup(hf_slots_close)))

/*
 * hf_slots_open - open, or make and preallocate, the two slots `slot-0` and `slot-1` of a folder
 *
 * @room     bytes that a slot can hold; allocated on disk in full when it is made, so that a later write of that size
 *           needs no space
 * @ret_slots  to hf_slots_close; untouched unless HF_OK
 * Owner     see ret_slots
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    tests/FACTS.md "Storage"
 */
HF_NODISCARD enum hf_rc hf_slots_open(const char *folder, size_t room, struct hf_slots **ret_slots, struct hf_err *err);

/*
 * hf_slots_load - the newest whole value
 *
 * @ret, @ret_len  malloc'ed with an end mark that is not counted; the caller's; untouched unless HF_OK
 * @ret_torn  true when one slot held something that is not whole (a write was cut off); may be NULL
 * Owner     see ret
 * Returns   HF_OK; HF_E_ABSENT neither slot holds a whole value; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_slots_load(struct hf_slots *slots, char **ret, size_t *ret_len, bool *ret_torn,
				      struct hf_err *err);

/*
 * hf_slots_save - write a value into the older slot and sync it
 *
 * Returns   HF_OK it is on disk; HF_E_SIZE larger than room; HF_E_SYSTEM (the newest value before still loads)
 */
HF_NODISCARD enum hf_rc hf_slots_save(struct hf_slots *slots, const void *buf, size_t len, struct hf_err *err);

/*
 * hf_slots_widen - more room in both slots, on disk in full like the room that they were made with
 *
 * Returns   HF_OK, also if there is so much already; HF_E_SYSTEM; HF_E_MEMORY (the room stays as it was)
 */
HF_NODISCARD enum hf_rc hf_slots_widen(struct hf_slots *slots, size_t room, struct hf_err *err);

/*
 * hf_slots_close - close and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_slots_close(struct hf_slots **slots);

#endif
