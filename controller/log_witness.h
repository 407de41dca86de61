/* SPDX-License-Identifier: MIT */
/*
 * log_witness.h - what devices have seen of this controller's journal, against the journal itself
 */
#ifndef HOLDFAST_CONTROLLER_LOG_WITNESS_H
#define HOLDFAST_CONTROLLER_LOG_WITNESS_H

#include "controller/controller.h"

/*
 * hf_log_witness - does this device's last report show that a journal was cut or made anew, and nobody said so
 *
 * Its row of this controller is compared with the journal as it was at that size; in rows of other controllers only what contradicted
 * itself is looked at. What somebody accepted (`holdfastd --accept-journal`) is no news.
 * @key      keyid of this controller's key
 * Returns   the row; belongs to the report; NULL: all is well, or it says nothing
 * Source    proto/README.md "Report"
 */
const struct hf_log_row *hf_log_witness(const struct hf_controller *c, const char *key, const struct hf_report *report);

#endif
