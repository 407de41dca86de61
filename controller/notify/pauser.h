/* SPDX-License-Identifier: MIT */
/*
 * pauser.h - the thread of one scheduler: asks the controller what is to be paused there, does it, and reads it back
 */
#ifndef HOLDFAST_NOTIFY_PAUSER_H
#define HOLDFAST_NOTIFY_PAUSER_H

#include "controller/notify/scheduler_conf.h"

struct hf_pauser;

/*
 * hf_pauser_start - begin
 *
 * @conf     kept, not copied
 * @socket   of the controller; kept
 * @ret      to hf_pauser_stop; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D4.1
 */
HF_NODISCARD enum hf_rc hf_pauser_start(const struct hf_scheduler_conf *conf, const char *socket, struct hf_pauser **ret,
					struct hf_err *err);

/*
 * hf_pauser_stop - what goes on is ended; then the thread ends
 *
 * Accepts NULL, sets to NULL.
 */
void hf_pauser_stop(struct hf_pauser **pauser);

#endif
