/* SPDX-License-Identifier: MIT */
/*
 * channel.h - the thread of one channel: takes its messages from the controller, has them sent, says what became of each
 */
#ifndef HOLDFAST_NOTIFY_CHANNEL_H
#define HOLDFAST_NOTIFY_CHANNEL_H

#include "controller/notify/parcel.h"

struct hf_channel;

/* What a channel is. Kept, not copied. */
struct hf_channel_plan {
	const char *name;   /* "mail", "sms", or of a hook */
	const char *socket; /* of the controller */
	/* Makes what carries; once stop is true it gives up what goes on, if its last byte is not out. */
	struct hf_carrier (*make)(const void *conf, const atomic_bool *stop);
	const void *conf;
};

/*
 * hf_channel_start - begin
 *
 * @ret      to hf_channel_stop; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_channel_start(const struct hf_channel_plan *plan, struct hf_channel **ret, struct hf_err *err);

/*
 * hf_channel_stop - what is being sent is given up, or ended if its last byte is out; then the thread ends
 *
 * Accepts NULL, sets to NULL.
 */
void hf_channel_stop(struct hf_channel **channel);

#endif
