/* SPDX-License-Identifier: MIT */
/*
 * reports.h - what devices say, verified, kept, and recorded when it is of account
 */
#ifndef HOLDFAST_CONTROLLER_REPORTS_H
#define HOLDFAST_CONTROLLER_REPORTS_H

#include "controller/controller.h"

/*
 * hf_reports_start - take the last reports from the projection; the journal has been replayed
 *
 * Owner     the timer belongs to the loop
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_reports_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_reports_message - one message from the topics of devices
 *
 * @topic, @buf, @len  as they came; nothing of it is believed
 * Returns   nothing: what is refused is counted by its reason
 * Source    proto/README.md "Bus"
 */
void hf_reports_message(struct hf_controller *c, const char *topic, const void *buf, size_t len);

/*
 * hf_reports_flush - write to disk what was taken in since the last time
 *
 * Returns   nothing: what fails is logged; the projection is written again with each device's next report
 * Source    tests/FACTS.md "Storage": batch reports per 100 ms
 */
void hf_reports_flush(struct hf_controller *c);

#endif
