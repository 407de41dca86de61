/* SPDX-License-Identifier: MIT */
/*
 * device.h - one device with a real keeper, a layer that only remembers, and clocks that the test sets
 *
 * Two people: comms-2 has the login nobody, comms-1 has daemon. There is one device at a time.
 */
#ifndef HOLDFAST_TESTS_DEVICE_H
#define HOLDFAST_TESTS_DEVICE_H

#include "agent/keeper_inside.h"
#include "council.h"

#define DEVICE_COMMS_2 65534 /* nobody */
#define DEVICE_COMMS_1 1     /* daemon */

struct device {
	struct council council;
	struct hf_loop *loop;
	struct hf_keeper *keeper;
	struct hf_wall wall;
	struct hf_boot_ms boot;
	char boot_id[HF_BOOT_ID_SIZE];
	int64_t seq;		  /* of the last state */
	struct hf_report *report; /* the last; NULL: none yet */
	size_t n_changes;	  /* events that told the people to ask again */
	size_t least;		  /* fewest tools that any plan has shut since the test set it */
	int64_t refused_writes;	  /* how many plans were told while the disk was full */
};

/*
 * device_open, device_close - enrolled and running; everything of it gone
 *
 * @rank     of the device for both people
 * Owner     the one device
 * Returns   it
 * Source    -
 */
struct device *device_open(int64_t rank);
void device_close(void);

/*
 * device_restart - kill -9 and start again; device_reboot - the same, in another boot that begins at 0 ms
 *
 * Owner     -
 * Returns   nothing
 * Source    -
 */
void device_restart(void);
void device_reboot(void);

/*
 * device_disk - can anything be written from now on
 *
 * Owner     -
 * Returns   nothing
 * Source    -
 */
void device_disk(bool works);

/*
 * device_pass_time - both clocks go on, with a beat of the agent each 30 s and at the end; device_beat - one beat
 *
 * Owner     -
 * Returns   nothing
 * Source    -
 */
void device_pass_time(int64_t ms);
void device_beat(void);

/*
 * device_hear - the next state of the controller, with these orders and claims
 *
 * Owner     nothing is kept
 * Returns   nothing
 * Source    -
 */
void device_hear(struct hf_envelope **orders, size_t n_orders, const struct hf_posting *claims, size_t n_claims);

/*
 * device_ask - what a program of this user asks
 *
 * @more     address of a post, or why not; may be NULL
 * @err      the sentence of a refusal
 * Owner     a new reference, the caller's; NULL when it is refused
 * Returns   the answer
 * Source    -
 */
json_t *device_ask(uid_t uid, const char *ask, const char *account, const char *more, struct hf_err *err);

/*
 * device_state - the state that the answer has; device_refusal - the reason why it is refused, "ok" when it is not
 *
 * Owner     static text
 * Returns   the word
 * Source    -
 */
const char *device_state(uid_t uid, const char *ask, const char *account, const char *more);
const char *device_refusal(uid_t uid, const char *ask, const char *account, const char *more);

/*
 * device_is_shut - does the layer shut this tool for this user now
 *
 * Owner     -
 * Returns   true or false
 * Source    -
 */
bool device_is_shut(const char *tool, uid_t uid);

/*
 * device_n_shut - how many tools the layer was told last to shut
 *
 * Owner     -
 * Returns   the number
 * Source    -
 */
size_t device_n_shut(void);

/*
 * device_posting - the posting of an account in the view of this user
 *
 * Owner     a new reference, the caller's
 * Returns   the object, or JSON null
 * Source    -
 */
json_t *device_posting(uid_t uid, const char *account);

/*
 * device_report - what would be reported now
 *
 * Owner     the device's
 * Returns   the report
 * Source    -
 */
const struct hf_report *device_report(void);

#endif
