/* SPDX-License-Identifier: MIT */
/*
 * bell.h - how a thread waits, and is told to end
 */
#ifndef HOLDFAST_NOTIFY_BELL_H
#define HOLDFAST_NOTIFY_BELL_H

#include <pthread.h>
#include <stdatomic.h>

#include <holdfast/err.h>

/* Of one thread. Start it with hf_bell_start. */
struct hf_bell {
	pthread_t thread;
	int fd;
	atomic_bool stop;
};

/*
 * hf_bell_start - make the thread
 *
 * @bell     zeroed; must live until hf_bell_stop
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_bell_start(struct hf_bell *bell, void *(*run)(void *arg), void *arg, struct hf_err *err);

/*
 * hf_bell_wait - so many ms, or until it is to stop
 */
void hf_bell_wait(const struct hf_bell *bell, int ms);

/*
 * hf_bell_stop - tell it to stop, and wait until it has
 */
void hf_bell_stop(struct hf_bell *bell);

#endif
