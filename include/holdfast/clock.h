/* SPDX-License-Identifier: MIT */
/*
 * clock.h - the only place where time comes from the machine
 */
#ifndef HOLDFAST_CLOCK_H
#define HOLDFAST_CLOCK_H

#include <holdfast/time.h>

/*
 * hf_clock_wall - UTC now, as this machine believes; hf_clock_boot - time since boot, counted through suspend
 *
 * Returns   the time; a clock before 1970 gives 0
 * Source    proto/README.md "Time"
 */
struct hf_wall hf_clock_wall(void);
struct hf_boot_ms hf_clock_boot(void);

#endif
