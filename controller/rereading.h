/* SPDX-License-Identifier: MIT */
/*
 * rereading.h - what each device said last is known again while officers and devices are answered already
 *
 * What is in force does not depend on it: trusts, register, assignments, orders and what people have done are known
 * from the journal before anything is said. The reports are verified anew by the threads of readers.h, each before any
 * newer one of its device.
 */
#ifndef HOLDFAST_CONTROLLER_REREADING_H
#define HOLDFAST_CONTROLLER_REREADING_H

#include "controller/reading.h"

/*
 * hf_rereading_start - begin with the table beside the journal; what that has lost comes from the journal
 *
 * Without c->readers all of it is read when this returns.
 * @c        after hf_recall_journal, or an import
 * Owner     the timer belongs to the loop
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_rereading_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_rereading_holds - must this report of a device wait, because what that device said before is still looked for
 *
 * Else whoever took the row away could have an old report believed.
 * @r        taken over, and zeroed, if it returns true
 * Returns   true or false
 */
bool hf_rereading_holds(struct hf_controller *c, struct hf_reading *r);

/*
 * hf_rereading_left - of how many devices it is not known again what they said last
 *
 * Returns   0 once all is read
 */
size_t hf_rereading_left(const struct hf_controller *c);

/*
 * hf_rereading_done - free what waits
 */
void hf_rereading_done(struct hf_controller *c);

#endif
