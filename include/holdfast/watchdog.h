/* SPDX-License-Identifier: MIT */
/*
 * watchdog.h - a program that hangs is ended and started anew by the service manager: as long as its loop turns, it says so
 */
#ifndef HOLDFAST_WATCHDOG_H
#define HOLDFAST_WATCHDOG_H

#include <holdfast/loop.h>

struct hf_watchdog {
	struct hf_watch *timer; /* the loop owns it */
	int64_t ms;
};

/*
 * hf_watchdog_start - from now on say HF_NOTIFY_WATCHDOG from the loop, twice in the time that is granted
 *
 * @watchdog  the caller's; it lives as long as the loop does
 * Returns   HF_OK, also when the service manager asks for nothing; HF_E_SYSTEM; HF_E_MEMORY
 * Source    sd_watchdog_enabled(3)
 */
HF_NODISCARD enum hf_rc hf_watchdog_start(struct hf_watchdog *watchdog, struct hf_loop *loop, struct hf_err *err);

#endif
