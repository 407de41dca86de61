/* SPDX-License-Identifier: MIT */
/*
 * user.h - a local user, by the number that the operating system knows them by
 */
#ifndef HOLDFAST_USER_H
#define HOLDFAST_USER_H

#include <stdint.h>

typedef uint32_t hf_user; /* POSIX's uid_t where there is one */

#endif
