/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of clock.c.
 * Must never change the machine's clock.
 */
#include <holdfast/clock.h>

#include <time.h>

#include <criterion/criterion.h>

Test(clock, wall_is_utc_seconds_of_this_machine)
{
	int64_t before = (int64_t)time(NULL);
	struct hf_wall now = hf_clock_wall();

	cr_assert_geq(now.s, before, "protocol.md Time: whole seconds since 1970");
	cr_assert_leq(now.s, (int64_t)time(NULL));
}

/* A timer on the other clock would sleep through a lockdown's beginning on a laptop with its lid closed. */
Test(clock, boot_is_the_clock_that_counts_through_suspend)
{
	struct timespec before, after;
	struct hf_boot_ms now;

	cr_assert_eq(clock_gettime(CLOCK_BOOTTIME, &before), 0);
	now = hf_clock_boot();
	cr_assert_eq(clock_gettime(CLOCK_BOOTTIME, &after), 0);
	cr_assert_geq(now.ms, before.tv_sec * 1000 + before.tv_nsec / 1000000);
	cr_assert_leq(now.ms, after.tv_sec * 1000 + after.tv_nsec / 1000000);
}

Test(clock, boot_never_goes_back)
{
	struct hf_boot_ms last = hf_clock_boot();

	for (int i = 0; i < 10000; i++) {
		struct hf_boot_ms now = hf_clock_boot();

		cr_assert_geq(now.ms, last.ms, "waiting must end whatever the wall clock does");
		last = now;
	}
}
