/* SPDX-License-Identifier: MIT */
/*
 * recall.h - what is known again at the start
 */
#ifndef HOLDFAST_CONTROLLER_RECALL_H
#define HOLDFAST_CONTROLLER_RECALL_H

#include "controller/controller.h"

/*
 * hf_recall_journal - read the journal: check it, and know again all that was known but the devices' last reports
 *
 * @c        journal opened; nothing known
 * Returns   HF_OK, also for an empty journal (then begun is false); as hf_journal_replay
 * Source    policy D5.6-5.7
 */
HF_NODISCARD enum hf_rc hf_recall_journal(struct hf_controller *c, struct hf_err *err);

/* The table of last reports has a row for each machine: of a second one with the same key behind this mark. */
#define HF_REPORT_NAME_SIZE (HF_ID_SIZE + 1)

/*
 * hf_report_row_name - under which name the last report of a device's machine is kept
 *
 * Owner     the caller's buffer
 * Returns   name
 */
const char *hf_report_row_name(const char *device, bool other, char name[HF_REPORT_NAME_SIZE]);

/*
 * hf_recall_reports - the last report of each device, from the table beside the journal; from the journal what that
 * lacks
 *
 * @c        after hf_recall_journal, or an import
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_recall_reports(struct hf_controller *c, struct hf_err *err);

#endif
