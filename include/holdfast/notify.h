/* SPDX-License-Identifier: MIT */
/*
 * notify.h - tell the service manager how it goes (the sd_notify protocol, by hand)
 */
#ifndef HOLDFAST_NOTIFY_H
#define HOLDFAST_NOTIFY_H

#include <stdint.h>

#include <holdfast/err.h>

#define HF_NOTIFY_READY "READY=1"
#define HF_NOTIFY_STOPPING "STOPPING=1"
#define HF_NOTIFY_WATCHDOG "WATCHDOG=1"

/*
 * hf_notify - send one message to the service manager that started this program
 *
 * @state    one of HF_NOTIFY_*, or "STATUS=text"; several are parted by newlines
 * Returns   HF_OK; HF_E_ABSENT nobody asked to be told; HF_E_SIZE its address is too long; HF_E_SYSTEM
 * Source    sd_notify(3)
 */
HF_NODISCARD enum hf_rc hf_notify(const char *state, struct hf_err *err);

/*
 * hf_notify_watchdog_ms - how often to send HF_NOTIFY_WATCHDOG
 *
 * Returns   milliseconds, half of what the service manager grants; 0: it does not ask for it
 * Source    sd_watchdog_enabled(3)
 */
int64_t hf_notify_watchdog_ms(void);

#endif
