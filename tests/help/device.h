/* SPDX-License-Identifier: MIT */
/*
 * device.h - one device with a real keeper, a layer that only remembers, and clocks that the test sets
 *
 * Two people: comms-2 has the login nobody, comms-1 has daemon. There is one device at a time. What is in its machine
 * outlives each keeper, as marks and policy files do.
 */
#ifndef HOLDFAST_TESTS_DEVICE_H
#define HOLDFAST_TESTS_DEVICE_H

#include <limits.h>

#include "agent/keeper/keeper_inside.h"
#include "tests/help/council.h"

#define DEVICE_COMMS_2 65534 /* nobody */
#define DEVICE_COMMS_1 1     /* daemon */

/* The layer, and what it was told last. */
struct device_layer {
	size_t n_blocks;
	size_t n_applies;
	size_t least;	       /* fewest blocks that any apply has left since it was set; each start sets it */
	bool fails, hides;     /* does not do what it is told; does it, and sees nothing of it */
	struct hf_block first; /* of the last plan; its texts are gone */
};

struct device {
	struct council council;
	char state[PATH_MAX], enrolment[PATH_MAX], key[PATH_MAX]; /* its folder and files */
	int64_t rank;
	void (*here)(struct hf_present *ret_here);
	struct device_layer layer;
	struct hf_loop *loop;
	struct hf_keeper *keeper;
	struct hf_wall wall;
	struct hf_boot_ms boot;
	char boot_id[HF_BOOT_ID_SIZE];
	struct hf_serials serials; /* of the machine that its disk is in */
	bool third;		   /* its memory has a third copy, from the next start on */
	int64_t seq;		  /* of the last state */
	struct hf_report *report; /* the last; NULL: none yet */
	size_t n_reports, n_asks;
	struct hf_log_head shown[2]; /* of the signed states that it handed over last, in turn */
	size_t n_shown;
	char event[256];	/* the last for one person, with the user before it */
	size_t n_changes;	/* events that told the people to ask again */
	int64_t refused_writes; /* how many plans were told while the disk was full */
};

/*
 * device_open, device_close - enrolled and running; everything of it gone
 *
 * @rank     of the device for both people; 0: the assignment is the council's own
 * @here     who is logged in; NULL: that is not known
 * Owner     the one device
 * Returns   it
 */
struct device *device_open(int64_t rank, void (*here)(struct hf_present *ret_here));
void device_close(void);

/*
 * device_enrol - what `holdfast-agent enrol` leaves, anew
 */
void device_enrol(void);

/*
 * device_kill - kill -9: nothing is written down any more; device_start - a new life
 *
 * Returns   what the keeper says of its beginning
 */
void device_kill(void);
enum hf_rc device_start(void);

/*
 * device_restart - kill -9 and start again; device_reboot - the same, in another boot that begins at 0 ms
 */
void device_restart(void);
void device_reboot(void);

/*
 * device_disk - can anything be written from now on
 */
void device_disk(bool works);

/*
 * device_pass_time - both clocks go on, with a beat of the agent each 30 s and at the end; device_beat - one beat
 */
void device_pass_time(int64_t ms);
void device_beat(void);

/*
 * device_hear_envelope - a document that comes from the controller
 *
 * @topic_end  what stands in the topic behind the name of the council
 */
void device_hear_envelope(const char *topic_end, const struct hf_envelope *envelope);

/*
 * device_recover - the word of these officers on what this device has lost: these orders hold
 *
 * @n_live   at most 8
 */
void device_recover(struct hf_envelope **live, size_t n_live, unsigned who);

/*
 * device_hear - the next state of the controller, with these orders and claims
 */
void device_hear(struct hf_envelope **orders, size_t n_orders, const struct hf_posting *claims, size_t n_claims);

/*
 * device_ask - what a program of this user asks
 *
 * @more     address of a post, or why not; may be NULL
 * @err      the sentence of a refusal
 * Owner     a new reference, the caller's; NULL when it is refused
 * Returns   the answer
 */
json_t *device_ask(uid_t uid, const char *ask, const char *account, const char *more, struct hf_err *err);

/*
 * device_state - the state that the answer has; device_refusal - the reason why it is refused, "ok" when it is not
 *
 * Owner     static text
 * Returns   the word
 */
const char *device_state(uid_t uid, const char *ask, const char *account, const char *more);
const char *device_refusal(uid_t uid, const char *ask, const char *account, const char *more);

/*
 * device_is_shut - does the layer shut this tool for this user now
 *
 * Returns   true or false
 */
bool device_is_shut(const char *tool, uid_t uid);

/*
 * device_n_shut - how many tools the layer was told last to shut
 *
 * Returns   the number
 */
size_t device_n_shut(void);

/*
 * device_posting - the posting of an account in the view of this user
 *
 * Owner     a new reference, the caller's
 * Returns   the object, or JSON null
 */
json_t *device_posting(uid_t uid, const char *account);

/*
 * device_report - what would be reported now
 *
 * Owner     the device's
 * Returns   the report
 */
const struct hf_report *device_report(void);

#endif
