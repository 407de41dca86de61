/* SPDX-License-Identifier: MIT */
/*
 * Owns the seeded dice of the tests.
 * Must never depend on the machine or the moment.
 */
#include "tests/help/dice.h"

#include <stdlib.h>

uint64_t dice_at;

uint64_t dice(void)
{
	uint64_t z = (dice_at += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

size_t below(size_t n)
{
	return (size_t)(dice() % n);
}

bool one_in(size_t n)
{
	return below(n) == 0;
}

uint64_t number_from(const char *name, uint64_t by_default)
{
	const char *text = getenv(name);

	return text && *text != '\0' ? strtoull(text, NULL, 10) : by_default;
}
