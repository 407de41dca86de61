/* SPDX-License-Identifier: MIT */
/*
 * Owns that devices which wait for a proof of the log have their turn in order (D5.6-5.7).
 * Must never let one device's key take the turn of another.
 */
#include <criterion/criterion.h>

#include "controller/estate/log_waits.h"

#define MANY 40

static struct hf_log_wait waits[MANY], *all[MANY];
static int64_t now;

static void begin(void)
{
	now = 0;
	for (size_t i = 0; i < MANY; i++) {
		waits[i] = (struct hf_log_wait){.size = 0};
		all[i] = &waits[i];
	}
}

static void says(size_t i, int64_t size)
{
	hf_log_wait_note(&waits[i], size, false, ++now);
}

static struct hf_log_turn turn(void)
{
	return hf_log_waits_turn(all, MANY, ++now);
}

static void is_turn_of(const char *what, const int64_t *sizes, bool more)
{
	struct hf_log_turn said = turn();
	size_t n = 0;

	for (; sizes[n]; n++)
		cr_expect(n < said.n && said.v[n].size == sizes[n], "%s: the %zu. is %lld", what, n + 1,
			  n < said.n ? (long long)said.v[n].size : 0);
	cr_expect_eq(said.n, n, "%s: so many", what);
	cr_expect_eq(said.more, more, "%s: do others wait", what);
}

#define SIZES(...) ((const int64_t[]){__VA_ARGS__, 0})

Test(log_waits, the_longest_waiting_first)
{
	begin();
	cr_expect_eq(turn().n, 0, "nobody waits");
	says(0, 30);
	says(1, 10);
	says(2, 20);
	is_turn_of("as they came", SIZES(30, 10, 20), false);
	says(3, 40);
	is_turn_of("who comes later stands behind", SIZES(30, 10, 20, 40), false);
	says(0, 30);
	says(1, 11);
	is_turn_of("the same size goes on waiting, another one begins", SIZES(30, 20, 40, 11), false);
	says(3, 0);
	says(0, 0);
	is_turn_of("who waits no more has no turn", SIZES(11, 20), false);
}

Test(log_waits, one_size_is_one_turn)
{
	begin();
	for (size_t i = 0; i < MANY; i++)
		says(i, 100 + (int64_t)(i % 3));
	is_turn_of("forty devices, three sizes", SIZES(100, 101, 102), false);
}

Test(log_waits, nobody_is_passed_over)
{
	begin();
	for (size_t i = 0; i < 20; i++)
		says(i, 100 + (int64_t)i);
	is_turn_of("the first eight", SIZES(100, 101, 102, 103, 104, 105, 106, 107), true);
	is_turn_of("the next eight", SIZES(108, 109, 110, 111, 112, 113, 114, 115), true);
	is_turn_of("the last, and the first again", SIZES(116, 117, 118, 119, 100, 101, 102, 103), true);
}

/* Attack: a key invents a size with each report. */
Test(log_waits, one_device_has_one_turn)
{
	begin();
	for (size_t i = 0; i < 10; i++)
		says(i, 100 + (int64_t)i);
	for (int i = 0; i < 1000; i++)
		says(20, 5000 + i);
	is_turn_of("it waits behind all", SIZES(100, 101, 102, 103, 104, 105, 106, 107), true);
	says(20, 9000);
	is_turn_of("and each new size begins anew", SIZES(108, 109, 100, 101, 102, 103, 104, 105), true);
}
