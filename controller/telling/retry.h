/* SPDX-License-Identifier: MIT */
/*
 * retry.h - when a message that could not be handed over is tried again
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_RETRY_H
#define HOLDFAST_TELLING_RETRY_H

#include <stdbool.h>

#include <holdfast/time.h>

#define HF_RETRY_ALL_S (4 * 3600) /* then it has failed: what was to be done at once is old */
#define HF_PROBE_S 300		  /* between two looks at a channel whose login fails: more would lock the account */
#define HF_AGAIN_S 30		  /* until what may have arrived is sent once more */

/*
 * hf_retry_next - when the next try is, after so many that came to nothing
 *
 * After 5 s, 30 s, 2 min, 10 min, and then every 30 min; up to a tenth more, so that a crowd does not come back at once.
 * @tries    at least 1
 * @first    when the first try was
 * @chance   any number: which part of a tenth
 * @ret      untouched unless true
 * Returns   false: it would be more than HF_RETRY_ALL_S after the first
 * Source    RFC 5321 section 4.5.4.1
 */
bool hf_retry_next(int64_t tries, struct hf_wall first, struct hf_wall now, uint32_t chance, struct hf_wall *ret);

#endif
