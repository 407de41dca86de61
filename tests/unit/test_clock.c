/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of clock.c.
 * Must never change the machine's clock.
 */
#include <holdfast/clock.h>
#include <holdfast/host.h>

#include <time.h>

#include <criterion/criterion.h>
#include <string.h>

Test(clock, wall_is_utc_seconds_of_this_machine)
{
	int64_t before = (int64_t)time(NULL);
	struct hf_wall now = hf_clock_wall();

	cr_assert_geq(now.s, before, "Time: whole seconds since 1970");
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

Test(host, names_this_program_and_this_boot)
{
	char path[4096] = "", id[64] = "", again[64] = "", small[8] = "as was";

	cr_assert_eq(hf_host_program(path, sizeof(path)), HF_OK);
	cr_expect(path[0] == '/' && strstr(path, "unit_test_clock"), "%s", path);
	cr_expect_eq(hf_host_program(small, sizeof(small)), HF_E_SIZE);
	cr_assert_eq(hf_host_boot_id(id, sizeof(id)), HF_OK);
	cr_assert_eq(hf_host_boot_id(again, sizeof(again)), HF_OK);
	cr_expect_eq(strlen(id), 36, "%s", id);
	cr_expect_str_eq(id, again, "one boot, one name");
	cr_expect_eq(hf_host_boot_id(small, sizeof(small)), HF_E_SIZE);
	cr_expect_str_eq(small, "", "no part of it");
}
