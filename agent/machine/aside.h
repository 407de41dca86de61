/* SPDX-License-Identifier: MIT */
/*
 * aside.h - what the kernel may not come to an end with, done in a process aside
 *
 * An ordinary user can hold a socket up for as long as they like: they send out of a file whose pages never come. Who
 * ends that socket waits for them, and no signal helps. So the agent waits for a process that does it, and not for long.
 */
#ifndef HOLDFAST_AGENT_MACHINE_ASIDE_H
#define HOLDFAST_AGENT_MACHINE_ASIDE_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/err.h>

#define HF_ASIDE_MS 1000 /* for all that is asked at once; it takes some milliseconds */

/* What it does; it may write to fd. It has its own copy of all memory. */
typedef void (*hf_aside_fn)(void *arg, int fd);

/*
 * hf_aside_start - begin it
 *
 * @ret_fd   what it writes is read here, and an end when it is done; untouched unless HF_OK
 * Owner     the caller's, to close; the process goes on by itself, and nobody need wait for it
 * Returns   HF_OK; HF_E_SYSTEM no process can be made
 * Source    fork(2)
 */
HF_NODISCARD enum hf_rc hf_aside_start(hf_aside_fn fn, void *arg, int *ret_fd);

/*
 * hf_aside_read - so many bytes of what it writes
 *
 * @buf, @n  filled whole when true
 * @wait_ms  counted down by the time that was waited
 * Returns   false: it is done, or it does not come in time
 * Source    poll(2)
 */
bool hf_aside_read(int fd, void *buf, size_t n, int *wait_ms);

#endif
