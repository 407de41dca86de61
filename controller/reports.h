/* SPDX-License-Identifier: MIT */
/*
 * reports.h - what devices say, verified, kept, and recorded when it is of account
 *
 * Room controller.
 */
#ifndef HOLDFAST_CONTROLLER_REPORTS_H
#define HOLDFAST_CONTROLLER_REPORTS_H

#include "controller/controller.h"

/*
 * hf_report_open - is this the next report of this device
 *
 * Pure. Decodes, and checks type, device, signature, council, counter.
 * @device   the row of the device that the topic names
 * @ret_report  the caller's, to hf_report_free; untouched unless HF_OK
 * Owner     see ret_report
 * Returns   HF_OK; HF_E_TYPE; HF_E_SIGNATURE not by this device's key; HF_E_COUNCIL; HF_E_DEVICE it speaks for
 *           another; HF_E_ROLLBACK its counter is not higher than the last; as hf_report_decode
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_report_open(const struct hf_envelope *envelope, const struct hf_device *device,
				       const char *council, struct hf_report **ret_report, struct hf_err *err);

/*
 * hf_reports_start - take the last reports from the projection; the journal has been replayed
 *
 * Owner     the timer belongs to the loop
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    architecture.md "Choices already made"
 */
HF_NODISCARD enum hf_rc hf_reports_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_recall_report - know again a report that was recorded
 *
 * Owner     nothing is kept of the envelope
 * Returns   HF_OK; as hf_report_open; HF_E_DEVICE no such device
 * Source    architecture.md "Choices already made"
 */
HF_NODISCARD enum hf_rc hf_recall_report(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_wall at,
					 struct hf_err *err);

/*
 * hf_recall_acks, hf_recall_postings - take the acknowledgements, and the postings,
 * from their tables, before the journal is replayed
 *
 * @ret_upto  number of the last record that the table was made from; untouched unless HF_OK
 * Owner     the controller's
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_recall_acks(struct hf_controller *c, int64_t *ret_upto, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_recall_postings(struct hf_controller *c, int64_t *ret_upto, struct hf_err *err);

/*
 * hf_recall_again - take acknowledgements and postings from a report of the journal that a table lacks
 *
 * Its signature was verified before it was recorded; the chain says that it is the same.
 * Owner     nothing is kept of the entry
 * Returns   HF_OK; HF_E_DEVICE no such device now; reasons of the decoders; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_recall_again(struct hf_controller *c, const struct hf_entry *entry, struct hf_err *err);

/*
 * hf_reports_message - one message from the topics of devices
 *
 * @topic, @buf, @len  as they came; nothing of it is believed
 * Owner     nothing is kept of it
 * Returns   nothing: what is refused is counted by its reason
 * Source    proto/README.md "Bus"
 */
void hf_reports_message(struct hf_controller *c, const char *topic, const void *buf, size_t len);

/*
 * hf_reports_flush - write to disk what was taken in since the last time
 *
 * Returns   nothing: what fails is logged; the projection is written again with each device's next report
 * Source    facts.md "Storage": batch reports per 100 ms
 */
void hf_reports_flush(struct hf_controller *c);

#endif
