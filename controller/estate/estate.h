/* SPDX-License-Identifier: MIT */
/*
 * estate.h - the council's devices and how each lockdown stands on each: one row a device
 *
 * Pure: no clock, no I/O. What a device said is kept here; what it means is worked out anew
 * each time from assignment, last report, lockdowns and time.
 */
#ifndef HOLDFAST_CONTROLLER_ESTATE_H
#define HOLDFAST_CONTROLLER_ESTATE_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/lockdowns.h>
#include <holdfast/known.h>
#include <holdfast/recover.h>
#include <holdfast/report.h>
#include <holdfast/versions.h>

#include "controller/estate/log_waits.h"

#define HF_ESTATE_MAX 20000 /* devices; a county's councils together, and what a broker was measured with */

/* The ten states, weakest first: of several the first is shown. No two are ever merged. */
#define HF_DEVICE_STATE_LIST(X)                                                                                        \
	X(HF_DEVICE_TAMPERED, "tampered")                                                                              \
	X(HF_DEVICE_UNREACHED, "unreached")                                                                            \
	X(HF_DEVICE_STALE, "stale")                                                                                    \
	X(HF_DEVICE_RECEIVED, "received")                                                                              \
	X(HF_DEVICE_ENFORCED_UNVERIFIED, "enforced-unverified")                                                        \
	X(HF_DEVICE_RELEASED_UNVERIFIED, "released-unverified")                                                        \
	X(HF_DEVICE_ENFORCED_VERIFIED, "enforced-verified")                                                            \
	X(HF_DEVICE_MESSAGE_SEEN, "message-seen")                                                                      \
	X(HF_DEVICE_EXEMPT, "exempt")                                                                                  \
	X(HF_DEVICE_RELEASED_VERIFIED, "released-verified")
#define HF_DEVICE_STATE_ENUM(code, name) code,
enum hf_device_state { HF_DEVICE_STATE_LIST(HF_DEVICE_STATE_ENUM) HF_DEVICE_STATE_COUNT };
#undef HF_DEVICE_STATE_ENUM

/* Which states of this controller a machine's reports have named. */
struct hf_states_named {
	int64_t newest;
	int64_t least; /* that a report may name whose counter is higher: no less since a counter began anew */
};

/* One device. */
struct hf_device {
	struct hf_versions versions;		/* of its assignment: all that are in effect */
	const struct hf_assignment *assignment; /* the newest of them */
	int64_t *said; /* versions that were published beside the newest, so that they can be cleared */
	size_t n_said, said_room;
	struct hf_report *report;    /* its last; NULL: it never reported */
	struct hf_envelope *recover; /* the newest recover document that names it; NULL: none */
	struct hf_digest recovers;   /* the loss that it names */
	struct hf_glass_held glass[HF_GLASS_SIDES]; /* the newest halves of each side */
	struct hf_digest *halves; /* every document of halves that was recorded for it: somebody may write about one that is over */
	size_t n_halves, halves_room;
	struct hf_wall heard;	     /* when that report came, by this controller's clock */
	size_t row;		     /* the number of its last row among all that ever waited for the disk */
	bool kept;		     /* its last report is on disk, or on its way there */
	bool lost_row;		     /* what it said last is looked for in the journal */
	bool repeats;		     /* it was heard since, and said nothing new: when is not on disk yet */
	bool untold, asks;	     /* its assignment, or an answer, is still to be said to it */
	struct hf_boot_ms answered;
	struct hf_report *other; /* the last of another machine with the same key; NULL: there is none */
	struct hf_wall other_heard;
	struct {
		char boot[HF_REPORT_BOOT_MAX + 1];
		int64_t counter;
	} before;				   /* the boot before this one, and its last report; "": not known */
	struct hf_states_named named, other_named; /* by each machine */
	struct hf_boot_ms disowned;  /* when somebody spoke for it with another key than its own; 0: never */
	bool apart;		     /* its counter went back, though it had lost nothing: two speak with one voice */
	struct hf_log_wait log_wait; /* for a proof of the log */
	int64_t bucket;		     /* reports that may still be recorded, see controller/reports.c */
	struct hf_boot_ms bucket_at; /* 0: none was recorded yet */
};

/* Sorted by device id. Start it zeroed. */
struct hf_estate {
	struct hf_device *v;
	size_t n;
	size_t room;
	uint64_t *keys; /* the first bytes of each key that a device has or had, sorted: most are looked for in vain */
	size_t n_keys, keys_room;
};

/* Which of two machines with one key speaks. */
enum hf_voice { HF_VOICE_MAIN, HF_VOICE_OTHER };

/* Who hears a report. */
struct hf_listener {
	const char *council, *controller;
	int64_t seq;   /* of its last state */
	int64_t since; /* of its last state before this life */
};

/* What the estate is judged by. */
struct hf_estate_view {
	const struct hf_lockdowns *lockdowns;
	struct hf_wall now;
	int64_t stale_s; /* a report older than this says nothing about now */
};

/*
 * hf_device_state_name - "unreached" ...
 *
 * Source    controller/API.md "Which of the ten states"
 */
const char *hf_device_state_name(enum hf_device_state state);

/*
 * hf_estate_find, hf_estate_find_key - the device with this id, or with this key
 *
 * Owner     belongs to the estate; until the next hf_estate_assign
 * Returns   NULL when there is none
 */
struct hf_device *hf_estate_find(const struct hf_estate *estate, const char *id);
struct hf_device *hf_estate_find_key(const struct hf_estate *estate, const struct hf_pub *pub);

/*
 * hf_estate_assign - add a device, or give it its new assignment, or new approvals of one that it has
 *
 * Its report stays, unless the device has a new key: then it has said nothing yet.
 * @version  of hf_edition_weigh; taken over
 * Owner     the estate
 * Returns   HF_OK; HF_E_SIZE HF_ESTATE_MAX devices; HF_E_MEMORY; as hf_versions_join
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_estate_assign(struct hf_estate *estate, const struct hf_trust *trust,
					 struct hf_edition *version, struct hf_err *err);

/*
 * hf_estate_prove - keep the proof of an assignment that is in effect here, and nothing else of this envelope
 *
 * @envelope  of type HF_DOC_ASSIGNMENT, borrowed
 * Returns   true: it has a proof that is true by this trust, and was not here yet
 * Source    proto/README.md "When people change"
 */
bool hf_estate_prove(struct hf_estate *estate, const struct hf_trust *trust, const struct hf_envelope *envelope);

/*
 * hf_estate_rejudge - judge all assignments anew, because the trust has changed
 *
 * Source    proto/README.md "When people change"
 */
void hf_estate_rejudge(struct hf_estate *estate, const struct hf_trust *trust);

/*
 * hf_estate_recover - keep this recover document for every device that it names
 *
 * Owner     copied
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_estate_recover(struct hf_estate *estate, const struct hf_recover *recover,
					  const struct hf_envelope *envelope);

/*
 * hf_estate_glass - keep the halves of one side for their device
 *
 * @glass    decoded from envelope; taken over
 * Owner     the estate; the envelope is copied
 * Returns   HF_OK, also where there is no such device; HF_E_MEMORY
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_estate_glass(struct hf_estate *estate, struct hf_glass **glass,
					const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_estate_had_halves - were halves of some device recorded by this document, good yet or not
 *
 * Returns   true or false
 */
bool hf_estate_had_halves(const struct hf_estate *estate, const struct hf_digest *document);

/*
 * hf_report_read - read a report, and see that it was signed with this key
 *
 * Pure, and the same on every thread: all that takes long.
 * @ret_report  the caller's, to hf_report_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_TYPE; HF_E_SIGNATURE; as hf_report_decode
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_report_read(const struct hf_envelope *envelope, const struct hf_pub *pub,
				       struct hf_report **ret_report, struct hf_err *err);

/*
 * hf_report_follows - is this report, read with the device's key, its next one
 *
 * Returns   HF_OK; HF_E_COUNCIL; HF_E_DEVICE it speaks for another; HF_E_ROLLBACK it was said before the last
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_report_follows(const struct hf_report *report, const struct hf_device *device,
					  const struct hf_listener *listener, struct hf_err *err);

/*
 * hf_report_open - both: read it with the key of this device, and see whether it is the next
 *
 * @device   the row of the device that the topic names
 * @ret_report  the caller's, to hf_report_free; untouched unless HF_OK
 * Returns   as hf_report_read and hf_report_follows
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_report_open(const struct hf_envelope *envelope, const struct hf_device *device,
				       const struct hf_listener *listener, struct hf_report **ret_report,
				       struct hf_err *err);

/*
 * hf_device_names_state - note which state this report names, before it is heard
 *
 * @report   of hf_report_open
 * Source    proto/README.md "Report"
 */
void hf_device_names_state(struct hf_device *device, const struct hf_listener *listener,
			   const struct hf_report *report);

/*
 * hf_device_voice - whose report is this: of the machine that was heard first, or of another one with the same key
 *
 * By the machine (two of three parts, see machine.h); where that cannot be told, by the boot: of two that run at once
 * the older one speaks on, with counters of its own. A report that is sent again is of neither kind.
 * @report   verified
 * Source    proto/README.md "Report"
 */
enum hf_voice hf_device_voice(const struct hf_device *device, const struct hf_report *report);

/*
 * hf_device_said - the last report of the machine that made this one
 *
 * Owner     belongs to the device
 * Returns   NULL: it has said nothing yet
 */
const struct hf_report *hf_device_said(const struct hf_device *device, const struct hf_report *report);

/*
 * hf_device_heard - this is the last report of its machine now
 *
 * @report   taken over and set to NULL
 * @at       when it came
 * Owner     the device
 * Source    proto/README.md "Report"
 */
void hf_device_heard(struct hf_device *device, struct hf_report **report, struct hf_wall at);

/*
 * hf_report_of_lockdown - what a report says of a lockdown
 *
 * @report   NULL: none
 * Returns   belongs to the report; NULL when it says nothing
 */
const struct hf_report_lockdown *hf_report_of_lockdown(const struct hf_report *report, const struct hf_digest *id);

/*
 * hf_device_in_scope - does this lockdown bear on this device, by its groups
 *
 * Source    proto/README.md "Order"
 */
bool hf_device_in_scope(const struct hf_device *device, const struct hf_lockdown *lockdown);

/*
 * hf_device_bears - does any live lockdown in force bear on this device
 *
 * Source    proto/README.md "Order"
 */
bool hf_device_bears(const struct hf_device *device, const struct hf_estate_view *view);

/*
 * hf_device_standing - how one lockdown stands on one device
 *
 * A report counts only for the lockdown, kind, mode and revision that it names: a device that has not said anything
 * about this one is unreached. What it said longer ago than stale_s is stale, but that it was tampered with, and
 * that a released lockdown was seen to be gone: a release is for ever.
 * Source    controller/API.md "Which of the ten states"
 */
enum hf_device_state hf_device_standing(const struct hf_device *device, const struct hf_lockdown *lockdown,
					struct hf_wall now, int64_t stale_s);

/*
 * hf_device_state_of - the one state that is shown for a device
 *
 * The weakest over the live lockdowns in force that bear on it; when there is none, over the exercises in force; then
 * over those that were released and that it spoke of, live before exercises; then `received`: it is in touch and has
 * nothing to do. A device that never reported is unreached, one that fell silent is stale.
 * @ret_not_enforced  true if a live lockdown in force bears on it and is not seen to hold; in quiet times, if it is
 *                    unreached, stale, tampered or retired
 * Source    controller/API.md "Which of the ten states"
 */
enum hf_device_state hf_device_state_of(const struct hf_device *device, const struct hf_estate_view *view,
					bool *ret_not_enforced);

/*
 * hf_device_silent - was nothing heard of it lately, whatever it said of which lockdown
 *
 * Returns   true or false
 * Source    controller/API.md "Devices"
 */
bool hf_device_silent(const struct hf_device *device, const struct hf_estate_view *view);

/*
 * hf_device_twins - does another machine speak with this device's key, and did it lately
 *
 * Once seen it stays, until the device is enrolled anew with another key.
 * @ret_lately  true if both were heard within stale_s; may be NULL
 * Returns   true or false
 * Source    controller/API.md "Device"
 */
bool hf_device_twins(const struct hf_device *device, const struct hf_estate_view *view, bool *ret_lately);

/*
 * hf_device_disowned - has somebody spoken for this device with another key than its own, within so many seconds
 *
 * One of IT alone may give a device another key: then who holds that speaks in its name, and the laptop for nobody.
 * Source    controller/API.md "Device"
 */
bool hf_device_disowned(const struct hf_device *device, struct hf_boot_ms now, int64_t lately_s);

/*
 * hf_device_damaged - was what this device keeps damaged or taken away lately, so that its third copy stood in
 *
 * Of two machines with its key, either.
 * Returns   true or false
 * Source    controller/API.md "Device"
 */
bool hf_device_damaged(const struct hf_device *device, struct hf_wall now);

/* What a device says of break-glass, the graver last; what is over is said for 14 days. */
enum hf_glass_seen { HF_GLASS_SEEN_NOT, HF_GLASS_SEEN_TRIED, HF_GLASS_SEEN_OPENED, HF_GLASS_SEEN_OPEN };

/*
 * hf_device_glass - was it opened by break-glass, or did somebody try
 *
 * Returns   of two machines with its key the graver
 * Source    proto/README.md "Break-glass"
 */
enum hf_glass_seen hf_device_glass(const struct hf_device *device, struct hf_wall now);

/*
 * hf_device_retired - was the last that this device said that its agent leaves it
 *
 * It bears on nothing that is counted: a device on which nothing is enforced is one, whatever it says.
 * Returns   true or false
 * Source    proto/README.md "Report"
 */
bool hf_device_retired(const struct hf_device *device);

/*
 * hf_device_partly - which layers of a device that is partly enforced do not hold
 *
 * A device is partly enforced when some of its layers are seen to hold what is locked, and others failed or are off.
 * @report     its newest; NULL: none
 * @state      as hf_device_state_of said
 * @ret_names  names of those layers
 * Owner     names belong to the report
 * Returns   how many; 0: it is not partly enforced
 * Source    controller/API.md "Device"
 */
size_t hf_device_partly(const struct hf_report *report, enum hf_device_state state,
			const char *ret_names[HF_LAYERS_MAX]);

/*
 * hf_estate_count - distinct devices in each state for one lockdown
 *
 * @ret_counts  add up to what is returned
 * Returns   how many devices are in its scope
 * Source    controller/API.md "Which of the ten states"
 */
size_t hf_estate_count(const struct hf_estate *estate, const struct hf_lockdown *lockdown, struct hf_wall now,
		       int64_t stale_s, size_t ret_counts[HF_DEVICE_STATE_COUNT]);

/*
 * hf_report_news - does this report say something of account that the one before it did not
 *
 * The standing of a lockdown, a posting, a count of refused messages, or that knowledge was lost.
 * @before   NULL: none
 * Source    policy D5.6-5.7
 */
bool hf_report_news(const struct hf_report *before, const struct hf_report *after);

/*
 * hf_device_may_record - may one more report of this device be recorded now: so many at once, then one each 15 s
 *
 * @now      since boot: a clock that is set neither stops the recording nor opens it
 * Owner     the device's bucket is changed
 * Returns   true or false
 * Source    policy D5.6-5.7
 */
bool hf_device_may_record(struct hf_device *device, struct hf_boot_ms now);

/*
 * hf_estate_done - free all, zero the struct
 */
void hf_estate_done(struct hf_estate *estate);

#endif
