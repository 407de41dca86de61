/* SPDX-License-Identifier: MIT */
/*
 * Owns the word to the service manager that a program's loop turns.
 * Must never be said from anywhere but the loop: a thread beside it would say it of a program that hangs.
 */
#include <stddef.h>

#include <holdfast/notify.h>
#include <holdfast/watchdog.h>

static void on_turn(void *arg, uint32_t events)
{
	struct hf_watchdog *w = arg;

	(void)events;
	(void)!hf_notify(HF_NOTIFY_WATCHDOG, NULL);
	(void)!hf_timer_arm(w->timer, w->ms);
}

enum hf_rc hf_watchdog_start(struct hf_watchdog *watchdog, struct hf_loop *loop, struct hf_err *err)
{
	enum hf_rc rc;

	watchdog->ms = hf_notify_watchdog_ms();
	if (watchdog->ms == 0)
		return HF_OK;
	rc = hf_loop_add_timer(loop, on_turn, watchdog, &watchdog->timer);
	if (rc == HF_OK)
		rc = hf_timer_arm(watchdog->timer, watchdog->ms);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the service manager cannot be told that this program goes on");
}
