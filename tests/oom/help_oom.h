/* SPDX-License-Identifier: MIT */
/*
 * help_oom.h - makes the n-th allocation fail: ours, jansson's and OpenSSL's, counted together
 */
#ifndef HOLDFAST_TESTS_OOM_H
#define HOLDFAST_TESTS_OOM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * oom_arm - from now on count allocations and let one of them fail; oom_arm_from - that one and all after it
 *
 * @fail_at  1 for the next one; 0: none fails, all are counted
 */
void oom_arm(size_t fail_at);
void oom_arm_from(size_t fail_from);

/*
 * oom_disarm - stop counting
 *
 * @ret_count  allocations since oom_arm; may be NULL
 * Returns   whether one of them was made to fail
 */
bool oom_disarm(size_t *ret_count);

/*
 * oom_hooked - do jansson and OpenSSL allocate through the counter
 *
 * Returns   false when OpenSSL had allocated before it could be hooked: then no test here means anything
 */
bool oom_hooked(void);

#endif
