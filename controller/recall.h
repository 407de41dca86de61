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

#endif
