/* SPDX-License-Identifier: MIT */
/*
 * posting_windows.h - the posting windows of this device: a window is of one lockdown, account, person and text, and
 * opens once; pure
 *
 * Time is the boot-time clock, which no user can set and which goes on while the device sleeps. What is on disk says
 * how much is left after the time that is paid for: a window is open only while its time is paid for, and paid for only
 * when that is on disk. So no restart, reboot or clock can make it longer; a reboot takes what was paid and not used.
 */
#ifndef HOLDFAST_AGENT_RULES_POSTING_WINDOWS_H
#define HOLDFAST_AGENT_RULES_POSTING_WINDOWS_H

#include <holdfast/claims.h>
#include <holdfast/posture.h>

#define HF_POSTING_WINDOWS_MAX 64 /* kept for 30 days after their lockdowns; no more are given then */
#define HF_BOOT_ID_SIZE 37	  /* what names one boot of the machine, with its end mark */
#define HF_MINUTE_MS 60000

struct hf_posting_window {
	struct hf_digest lockdown;
	char account[HF_ACCOUNT_SIZE];
	char person[HF_ID_SIZE];
	enum hf_posting_state state;
	struct hf_wall at; /* when this state began */
	char post[HF_POST_SIZE];
	char why[HF_WHY_SIZE];
	struct hf_digest text; /* of the message; zeros: of before texts were told apart, any */
	/* when it was opened */
	struct hf_wall opened;
	int64_t minutes;
	char boot[HF_BOOT_ID_SIZE]; /* the boot that end_ms counts in */
	int64_t end_ms;
	int64_t left_ms; /* after what is paid: it is paid until end_ms - left_ms */
	/* not on disk: how long it waits for the council's word */
	int64_t wait_ms; /* until then, by the boot-time clock; 0: it does not wait */
	bool waited;	 /* it has, and nothing came */
};

/* In the order of their last change, the newest last. Start it zeroed. */
struct hf_posting_windows {
	struct hf_posting_window *v; /* room for HF_POSTING_WINDOWS_MAX, or NULL */
	size_t n;
};

/* This machine's time, as far as windows go by it. */
struct hf_posting_time {
	struct hf_boot_ms boot;
	const char *boot_id; /* "": it cannot be read, which is another boot each time */
	struct hf_wall wall;
};

/*
 * hf_posting_windows_find - the window of this lockdown, account, person and text; else one of before texts were told
 * apart
 *
 * Owner     belongs to the set, until it is changed
 * Returns   NULL when there is none
 */
struct hf_posting_window *hf_posting_windows_find(const struct hf_posting_windows *windows,
						  const struct hf_posting *which);

/*
 * hf_posting_windows_used_by_another - who else had the window of this text on this device
 *
 * Returns   belongs to the set; NULL when nobody had
 * Source    proto/README.md "Posting"
 */
const struct hf_posting_window *hf_posting_windows_used_by_another(const struct hf_posting_windows *windows,
								   const struct hf_posting *which);

/*
 * hf_posting_windows_add - a new window, in this state
 *
 * @which    its lockdown, account, person, text and state are copied
 * @ret      belongs to the set, until it is changed; untouched unless HF_OK
 * Owner     the set owns its array
 * Returns   HF_OK; HF_E_FORK there is one already: each is given once; HF_E_SIZE HF_POSTING_WINDOWS_MAX of them;
 * HF_E_MEMORY Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_posting_windows_add(struct hf_posting_windows *windows, const struct hf_posting *which,
					       struct hf_wall at, struct hf_posting_window **ret);

/*
 * hf_posting_windows_move - a window goes on to another state, if hf_posting_follows; it becomes the newest
 *
 * @window   of the set; afterwards it lies elsewhere
 * Returns   the window, where it lies now; NULL it may not go there, and nothing has changed
 * Source    proto/README.md "Posting"
 */
struct hf_posting_window *hf_posting_windows_move(struct hf_posting_windows *windows, struct hf_posting_window *window,
						  enum hf_posting_state state, struct hf_wall at);

/*
 * hf_posting_windows_drop - forget a window that was never open: another device has it
 *
 * Source    proto/README.md "Posting"
 */
void hf_posting_windows_drop(struct hf_posting_windows *windows, struct hf_posting_window *window);

/*
 * hf_posting_window_open - a claimed window opens now, for so many minutes, the first paid_ms of them paid
 *
 * Source    policy D9.3
 */
void hf_posting_window_open(struct hf_posting_window *window, int64_t minutes, int64_t paid_ms,
			    const struct hf_posting_time *now);

/*
 * hf_posting_window_left_ms - how long it is still open; 0: it is not; hf_posting_window_is_open - and paid for
 *
 * Returns   milliseconds; true or false
 * Source    policy D9.3
 */
int64_t hf_posting_window_left_ms(const struct hf_posting_window *window, const struct hf_posting_time *now);
bool hf_posting_window_is_open(const struct hf_posting_window *window, const struct hf_posting_time *now);

/*
 * hf_posting_windows_pay - pay for the next paid_ms of every open window
 *
 * Counts only once the set is on disk: keep a copy, and go back to it when it cannot be written.
 * Returns   true if anything is to be written
 */
bool hf_posting_windows_pay(struct hf_posting_windows *windows, int64_t paid_ms, const struct hf_posting_time *now);

/*
 * hf_posting_windows_resume - after a start of the agent: go on where the last life left off
 *
 * In the same boot nothing changes. After another: what was paid is gone, and the wall clock can shorten what is left,
 * never lengthen it; nothing is paid for yet.
 * Returns   true if anything is to be written before it counts
 */
bool hf_posting_windows_resume(struct hf_posting_windows *windows, const struct hf_posting_time *now);

/* Which windows are to be closed by law. */
struct hf_posting_law {
	const struct hf_lockdowns *lockdowns;
	const struct hf_claims *claims;
	const struct hf_versions *versions;
	const char *device;
	const struct hf_orders *orders;
	const struct hf_trust *trust;
	const struct hf_register *reg; /* NULL: nobody holds anything */
	struct hf_wall last;	       /* the later of the two clocks: what a holder may do ends with the first past it */
};

/*
 * hf_posting_windows_close - end the windows whose time is over, whose lockdown is, whose poster or text is another one
 * now, whose poster does not hold the account any more (policy D2.9), that one approval could not give (windows.h), that the council's record gives to another device, or of which it knows a later state; forget those that were only
 * claimed
 *
 * Returns   true if anything changed
 * Source    policy D9.3
 */
bool hf_posting_windows_close(struct hf_posting_windows *windows, const struct hf_posting_law *law,
			      const struct hf_posting_time *now);

/*
 * hf_posting_windows_open - the windows that are open now: of live lockdowns in force alone, since an exercise opens
 * nothing
 *
 * @ret      room for HF_POSTING_WINDOWS_MAX
 * Returns   how many
 * Source    policy D9.3
 */
size_t hf_posting_windows_open(const struct hf_posting_windows *windows, const struct hf_lockdowns *lockdowns,
			       const struct hf_posting_time *now, struct hf_pass *ret);

/*
 * hf_posting_windows_next_ms - when is there something to do: a window ends, is no longer paid for, or has waited
 * enough
 *
 * @ret_ms   by the boot-time clock; untouched unless true
 * Returns   true if there is such a time
 */
bool hf_posting_windows_next_ms(const struct hf_posting_windows *windows, const struct hf_posting_time *now,
				int64_t *ret_ms);

/*
 * hf_holding_of - the holding message of an account in a lockdown, of a body that is in force and names this poster for
 * this text
 *
 * @which    its account, person and text are looked at
 *
 * Owner     belongs to the lockdown
 * Returns   NULL when there is none
 * Source    policy D9.3
 */
const struct hf_holding *hf_holding_of(const struct hf_lockdown *lockdown, const struct hf_posting *which);

/*
 * hf_posting_windows_prune, hf_posting_windows_copy, hf_posting_windows_done - as hf_acks_prune, hf_acks_copy,
 * hf_acks_done
 *
 * Returns   as there
 */
bool hf_posting_windows_prune(struct hf_posting_windows *windows, const struct hf_lockdowns *lockdowns,
			      struct hf_now now);
HF_NODISCARD enum hf_rc hf_posting_windows_copy(const struct hf_posting_windows *windows,
						struct hf_posting_windows *ret_copy);
void hf_posting_windows_done(struct hf_posting_windows *windows);

#define hf_auto_posting_windows __attribute__((cleanup(hf_posting_windows_done)))

/*
 * hf_posting_windows_encode, hf_posting_windows_decode - the set as JSON and back
 *
 * @list     borrowed array; NULL: an empty set
 * @ret      to hf_posting_windows_done; untouched unless HF_OK
 * Owner     a new reference, the caller's; see ret
 * Returns   the array, NULL no memory; HF_OK, HF_E_SHAPE, HF_E_BASE64, HF_E_SIZE, HF_E_MEMORY
 * Source    proto/README.md "Failing"
 */
json_t *hf_posting_windows_encode(const struct hf_posting_windows *windows);
HF_NODISCARD enum hf_rc hf_posting_windows_decode(json_t *list, struct hf_posting_windows *ret, struct hf_err *err);

#endif
