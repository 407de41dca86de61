/* SPDX-License-Identifier: MIT */
/*
 * reports.h - what devices say, verified, kept, and recorded when it is of account
 */
#ifndef HOLDFAST_CONTROLLER_REPORTS_H
#define HOLDFAST_CONTROLLER_REPORTS_H

#include "controller/controller.h"

/*
 * hf_reports_start - begin to take the last reports from the projection; the journal has been replayed
 *
 *
 * Owner     the timers belong to the loop
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_reports_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_reports_message - one message from the topics of devices: whose it is, what it says, what follows
 * It is read at once, or by c->readers while the loop goes on; those of one device are taken in the order in which they came.
 * @topic, @buf, @len  as they came; nothing of it is believed
 * What is refused is counted by its reason.
 * Source    proto/README.md "Bus"
 */
void hf_reports_message(struct hf_controller *c, const char *topic, const void *buf, size_t len);

/*
 * hf_reports_flush - write to disk what was taken in since the last time
 *
 * What fails is logged; the projection is written again with each device's next report.
 * Source    tests/FACTS.md "Storage": batch reports per 100 ms
 */
void hf_reports_flush(struct hf_controller *c);

#endif
