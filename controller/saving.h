/* SPDX-License-Identifier: MIT */
/*
 * saving.h - when what devices said goes to disk
 */
#ifndef HOLDFAST_CONTROLLER_SAVING_H
#define HOLDFAST_CONTROLLER_SAVING_H

#include "controller/controller.h"

/*
 * hf_saving_start - what was made anew from the journal goes to disk; the timers begin
 *
 * Owner     the timers belong to the loop
 * Returns   HF_OK; as hf_journal_save; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_saving_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_saving_flush, hf_saving_later - write all that waits (c->pending, and what people have done) now; or soon, with
 * what else comes until then, so many at a time that officers are answered in between
 *
 * What fails is logged, and what was to be recorded counts for nothing: a device that says it again is heard again.
 * Source    tests/FACTS.md "Storage": batch reports per 100 ms
 */
void hf_saving_flush(struct hf_controller *c);
void hf_saving_later(struct hf_controller *c);

/*
 * hf_saving_people - the last record says what people have done: it goes to disk now, before all that waits
 *
 * Source    tests/FACTS.md "Storage": what people acknowledge or post goes first
 */
void hf_saving_people(struct hf_controller *c);

/*
 * hf_saving_repeat, hf_saving_heard - this device was heard and said nothing new: when goes to disk some minutes later;
 * write that down now
 *
 * Source    tests/FACTS.md "Storage": a report that only repeats the last is not written
 */
void hf_saving_repeat(struct hf_controller *c, struct hf_device *device);
void hf_saving_heard(struct hf_controller *c);

#endif
