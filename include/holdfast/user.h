/* SPDX-License-Identifier: MIT */
/*
 * user.h - a local user, by the number that the operating system knows them by
 */
#ifndef HOLDFAST_USER_H
#define HOLDFAST_USER_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t hf_user; /* POSIX's uid_t where there is one */

/*
 * hf_user_before - the users stand in a ring, by number: does a come before b, after the one who had the last turn
 *
 * Whoever takes turns by it answers, between two requests of one user, each other user who waits.
 */
bool hf_user_before(hf_user last, hf_user a, hf_user b);

#endif
