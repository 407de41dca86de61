/* SPDX-License-Identifier: MIT */
/*
 * log_witness.h - what devices have seen of this controller's journal, against the journal itself
 */
#ifndef HOLDFAST_CONTROLLER_LOG_WITNESS_H
#define HOLDFAST_CONTROLLER_LOG_WITNESS_H

#include "controller/controller.h"

/*
 * hf_log_witness - does this device's last report say that a journal was cut or made anew
 *
 * Its row of this controller is compared with the journal as it was at that size; in rows of other controllers only what contradicted
 * itself is looked at. It is that device's word, and proves nothing.
 * @key      keyid of this controller's key
 * Returns   the row; belongs to the report; NULL: all is well, or it says nothing
 * Source    proto/README.md "Report"
 */
const struct hf_log_row *hf_log_witness(const struct hf_controller *c, const char *key, const struct hf_report *report);

/*
 * hf_log_witness_hear - a device has handed over something: is it a state of this controller's key that does not fit its
 * journal
 *
 * Who brings it does not matter.
 * @buf      any bytes
 * Returns   HF_OK it does not fit, and is said on every screen; HF_E_ABSENT it fits; HF_E_CONTROLLER of another key; reasons
 *           of hf_envelope_decode and hf_state_decode; HF_E_SYSTEM
 * Source    proto/README.md "State"
 */
enum hf_rc hf_log_witness_hear(struct hf_controller *c, const void *buf, size_t len, struct hf_err *err);

/*
 * hf_log_witness_proved - was it shown that this journal is not the one that was told, and have the roots not acted since
 *
 * Returns   true or false
 */
bool hf_log_witness_proved(const struct hf_controller *c);

/*
 * hf_log_witness_wait - what a device waits for now, by a report that was just taken
 *
 * Source    proto/README.md "State"
 */
void hf_log_witness_wait(struct hf_controller *c, struct hf_device *device);

/*
 * hf_log_witness_turn - whose turn it is to be answered by the state that is said next
 *
 * Returns   none, without memory
 * Source    proto/README.md "State"
 */
struct hf_log_turn hf_log_witness_turn(struct hf_controller *c);

/*
 * hf_log_witness_prove - the answers to them, by the journal as it is now
 *
 * @ret      HF_LOG_FROM_MAX; one that cannot be proved is left out
 * Returns   how many
 * Source    proto/README.md "State"
 */
size_t hf_log_witness_prove(struct hf_controller *c, const struct hf_log_turn *turn, struct hf_log_from *ret);

#endif
