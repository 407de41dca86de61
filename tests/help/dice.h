/* SPDX-License-Identifier: MIT */
/*
 * dice.h - seeded dice for tests: the same seed, the same throws, on every machine
 */
#ifndef TESTS_HELP_DICE_H
#define TESTS_HELP_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the dice stand: set it to begin anew, keep it to go on later. */
extern uint64_t dice_at;

/*
 * dice, below, one_in - the next throw: any number, one of 0 .. n - 1, true once in n times
 *
 * @n        at least 1
 * Returns   the throw
 * Source    splitmix64
 */
uint64_t dice(void);
size_t below(size_t n);
bool one_in(size_t n);

/*
 * number_from - a number that whoever runs the tests may set
 *
 * @name     of an environment variable
 * Returns   its value; by_default when it is not set or empty
 */
uint64_t number_from(const char *name, uint64_t by_default);

#endif
