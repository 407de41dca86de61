/* SPDX-License-Identifier: MIT */
/*
 * own_words.h - what the controller itself puts on the record: that it started, by which way something came, that a
 * draft lapsed, that a device was silent, what was refused
 *
 * Such an entry is a JSON object. Its salt keeps its hash from telling what it said once its body is gone.
 */
#ifndef HOLDFAST_CONTROLLER_OWN_WORDS_H
#define HOLDFAST_CONTROLLER_OWN_WORDS_H

#include "controller/controller.h"

#define HF_NUMBER_ENDED "ended" /* beside the journal: how the last life ended, see enum hf_end */

enum hf_end { HF_END_NONE, HF_END_ORDERLY, HF_END_ACCEPTED };

/*
 * hf_own_entry - make an entry of such a kind
 *
 * @content  an object without its salt; taken over, also on a failure; NULL: no memory
 * @ret      its body is the caller's to free; untouched unless HF_OK
 * Owner     see content and ret
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SYSTEM no random bytes
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_own_entry(enum hf_record_kind kind, json_t *content, struct hf_entry *ret,
				     struct hf_err *err);

/*
 * hf_own_envelope - make an entry of a document that may have to be forgotten, or that says what is: with a salt beside it
 *
 * @kind     HF_RECORD_NOTE or HF_RECORD_ERASURE
 * @ret      as hf_own_entry
 * Owner     as hf_own_entry
 * Returns   as hf_own_entry
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_own_envelope(enum hf_record_kind kind, const struct hf_envelope *envelope,
					struct hf_entry *ret, struct hf_err *err);

/*
 * hf_own_via - the entry that says who brought the one before it
 *
 * @seq      the number of the entry that it follows
 * @ret      as hf_own_entry
 * Owner     as hf_own_entry
 * Returns   as hf_own_entry
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_own_via(int64_t seq, const struct hf_speaker *speaker, struct hf_entry *ret,
				   struct hf_err *err);

/*
 * hf_own_record - record one now, and who brought it
 *
 * @speaker  NULL: nobody did
 * @content  as hf_own_entry
 * Owner     as hf_own_entry
 * Returns   as hf_own_entry and hf_journal_append
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_own_record(struct hf_controller *c, const struct hf_speaker *speaker,
				      enum hf_record_kind kind, json_t *content, struct hf_err *err);

/*
 * hf_own_say - record one; what cannot be recorded is logged, and holds nothing up
 *
 * @content  as hf_own_entry
 * Owner     as hf_own_entry
 */
void hf_own_say(struct hf_controller *c, enum hf_record_kind kind, json_t *content);

/*
 * hf_own_start - record that it started, unless that is done: version, why it had to, how many records it found
 *
 * Devices compare a state with the last that they heard: so the first one of a life must say the journal as it was
 * found, and this is called when it is said, or before anything else is recorded.
 */
void hf_own_start(struct hf_controller *c);

/*
 * hf_own_stop - keep that it ends because it was asked to
 */
void hf_own_stop(struct hf_controller *c);

/*
 * hf_own_lapses - record the drafts that have waited too long by now, and let them go
 *
 * They are let go also where that cannot be recorded: time ends them.
 */
void hf_own_lapses(struct hf_controller *c, struct hf_wall now);

/*
 * hf_own_silence - queue that this device is heard again, after it was silent too long
 *
 * Called before its report is heard. What it missed while nobody listened here is no silence of its own.
 * Owner     the entry waits with the reports
 */
void hf_own_silence(struct hf_controller *c, const struct hf_device *device, struct hf_wall now);

/*
 * hf_own_apply - know what an entry of the journal says, that is no document
 *
 * Returns   HF_OK; HF_E_SHAPE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_own_apply(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err);

#endif
