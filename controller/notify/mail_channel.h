/* SPDX-License-Identifier: MIT */
/*
 * mail_channel.h - the thread of e-mail: takes messages from the controller, sends them, says what became of each
 */
#ifndef HOLDFAST_NOTIFY_MAIL_CHANNEL_H
#define HOLDFAST_NOTIFY_MAIL_CHANNEL_H

#include "controller/notify/notify_conf.h"

struct hf_mail_channel;

/*
 * hf_mail_channel_start - begin
 *
 * @conf     kept, not copied
 * @ret      to hf_mail_channel_stop; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_mail_channel_start(const struct hf_notify_conf *conf, struct hf_mail_channel **ret,
					      struct hf_err *err);

/*
 * hf_mail_channel_stop - what is being sent is given up, or ended if its last byte is out; then the thread ends
 *
 * Accepts NULL, sets to NULL.
 */
void hf_mail_channel_stop(struct hf_mail_channel **channel);

#endif
