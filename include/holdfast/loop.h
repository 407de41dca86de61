/* SPDX-License-Identifier: MIT */
/*
 * loop.h - the one small event loop of a program
 */
#ifndef HOLDFAST_LOOP_H
#define HOLDFAST_LOOP_H

#include <stdint.h>

#include <holdfast/err.h>
#include <holdfast/time.h>

struct hf_loop;
struct hf_watch; /* a file descriptor, timer or signal that is being watched */

/* What a watch waits for, and what came. */
enum {
	HF_LOOP_READ = 1,  /* there is something to read or to accept, or the other end has closed */
	HF_LOOP_WRITE = 2, /* there is room to write */
	HF_LOOP_GONE = 4,  /* the other end is gone or the descriptor is broken; comes without being asked for */
};

typedef void (*hf_watch_fn)(void *arg, uint32_t events);
typedef void (*hf_post_fn)(void *arg);

/*
 * hf_loop_new, hf_loop_free - make and end a loop
 *
 * @ret_loop  to hf_loop_free (sets to NULL, accepts NULL); frees all watches; untouched unless HF_OK
 * Owner     see ret_loop
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_loop_new(struct hf_loop **ret_loop, struct hf_err *err);
void hf_loop_free(struct hf_loop **loop);

/*
 * hf_loop_add_fd - call fn when there is something to read
 *
 * @fd       stays the caller's; remove the watch before closing it
 * @ret_watch  to hf_watch_remove, which may be called inside any callback; may be NULL
 * Owner     the loop owns the watch
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_loop_add_fd(struct hf_loop *loop, int fd, hf_watch_fn fn, void *arg,
				       struct hf_watch **ret_watch);

/*
 * hf_watch_events - watch for other events from now on: HF_LOOP_READ, HF_LOOP_WRITE, or neither
 *
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_watch_events(struct hf_watch *watch, uint32_t events);

/*
 * hf_loop_add_timer - a timer on the boot-time clock (it counts through suspend), not yet armed
 *
 * Owner     the loop owns the watch
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Time"
 */
HF_NODISCARD enum hf_rc hf_loop_add_timer(struct hf_loop *loop, hf_watch_fn fn, void *arg, struct hf_watch **ret_watch);

/*
 * hf_timer_arm - fire once in ms milliseconds (0: disarm), instead of whatever was armed
 *
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_timer_arm(struct hf_watch *timer, int64_t ms);

/*
 * hf_loop_add_clock - call fn when somebody sets the wall clock
 *
 * @ret_watch  as hf_loop_add_fd
 * Owner     the loop owns the watch
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Time"
 */
HF_NODISCARD enum hf_rc hf_loop_add_clock(struct hf_loop *loop, hf_watch_fn fn, void *arg, struct hf_watch **ret_watch);

/*
 * hf_loop_hold_hangup - a hang-up waits for hf_loop_add_signals from now on, and does not end a program that begins
 */
void hf_loop_hold_hangup(void);

/*
 * hf_loop_add_signals - call fn from the loop for SIGTERM, SIGINT and SIGHUP (the number is in events)
 *
 * Blocks them for the whole process: call it before any thread is made.
 * Owner     the loop owns the watch
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_loop_add_signals(struct hf_loop *loop, hf_watch_fn fn, void *arg);

/*
 * hf_watch_remove - stop watching; accepts NULL; sets to NULL
 *
 * Owner     ends
 */
void hf_watch_remove(struct hf_watch **watch);

/*
 * hf_loop_post - from any thread: run fn(arg) on the loop's thread, in order of posting
 *
 * The one way back from a thread. At most 65536 wait; then the poster is told.
 * @arg      handed over; fn frees it. What still waits when the loop is freed is run then, with the loop stopped.
 * Owner     see arg
 * Returns   HF_OK; HF_E_SIZE full; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_loop_post(struct hf_loop *loop, hf_post_fn fn, void *arg);

/*
 * hf_loop_run - until hf_loop_stop; hf_loop_stop - from the loop's thread
 *
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_loop_run(struct hf_loop *loop, struct hf_err *err);
void hf_loop_stop(struct hf_loop *loop);

#endif
