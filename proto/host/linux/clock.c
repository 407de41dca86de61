/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of this machine's clocks.
 * Must never judge a time or remember one.
 */
#include <holdfast/clock.h>

#include <time.h>

struct hf_wall hf_clock_wall(void)
{
	struct timespec ts = {0};
	struct hf_wall now = {0};

	if (clock_gettime(CLOCK_REALTIME, &ts) == 0 && ts.tv_sec > 0)
		now.s = (int64_t)ts.tv_sec;
	return now;
}

struct hf_boot_ms hf_clock_boot(void)
{
	struct timespec ts = {0};
	struct hf_boot_ms now = {0};

	if (clock_gettime(CLOCK_BOOTTIME, &ts) == 0)
		now.ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	return now;
}
