/* SPDX-License-Identifier: MIT */
/*
 * hook.h - a channel to one machine: signed posts over HTTPS, or files in a folder
 */
#ifndef HOLDFAST_NOTIFY_HOOK_H
#define HOLDFAST_NOTIFY_HOOK_H

#include "controller/notify/hook_conf.h"
#include "controller/notify/parcel.h"

/*
 * hf_hook_carrier - messages to a machine
 *
 * @conf     a struct hf_hook_conf; kept, not copied
 * Owner     the caller's, to its own free
 * Returns   a carrier; its self NULL: no memory
 * Source    Standard Webhooks 1.0; RFC 9110
 */
struct hf_carrier hf_hook_carrier(const void *conf, const atomic_bool *stop);

#endif
