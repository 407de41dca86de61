/* SPDX-License-Identifier: MIT */
/*
 * story_devices.h - the devices of a story: how each stood, and when that changed
 *
 * For the files of the story alone. Pure.
 */
#ifndef HOLDFAST_OFFICE_STORY_DEVICES_H
#define HOLDFAST_OFFICE_STORY_DEVICES_H

#include <holdfast/report.h>
#include <holdfast/versions.h>

#include "controller/office/story.h"

/* One device. */
struct hf_story_device {
	char *id;
	struct hf_versions versions;
	struct hf_pub key;
	bool said; /* its last report names the lockdown */
	int64_t rev;
	enum hf_standing standing;
	enum hf_story_state state;
	struct hf_wall received, verified, released; /* when it first stood so; 0: never */
	int64_t verified_record;
	int64_t tampered; /* how often it came to stand so */
};

/* From this entry on a device stands so. */
struct hf_story_change {
	int64_t record;
	size_t device;
	enum hf_story_state state;
};

/* A device was not heard from `since`, until this entry. */
struct hf_story_silence {
	int64_t record;
	size_t device;
	struct hf_wall since, back;
};

/* By which orders it is judged who is meant. */
struct hf_story_scope {
	const struct hf_strs *groups[64]; /* of the bodies that hold side by side */
	size_t n;
	int64_t rev;
	bool released;
};

struct hf_story_devices {
	struct hf_story_device *v; /* in order of their first assignment */
	size_t n, room;
	json_t *places; /* id: place */
	struct hf_story_change *changes;
	size_t n_changes, changes_room;
	struct hf_story_silence *silences;
	size_t n_silences, silences_room;
};

/* What a moment of the record is: its entry, and when that was. */
struct hf_story_moment {
	int64_t record;
	struct hf_wall at;
};

/*
 * hf_story_devices_find - the place of a device
 *
 * Returns   false: there is none
 */
bool hf_story_devices_find(const struct hf_story_devices *devices, const char *id, size_t *ret);

/*
 * hf_story_devices_assign - add a device, or its next assignment
 *
 * @ret      its place; untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY; reasons of hf_edition_weigh: it counts for nothing
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_story_devices_assign(struct hf_story_devices *devices, const struct hf_trust *trust,
						const struct hf_envelope *envelope, size_t *ret, struct hf_err *err);

/*
 * hf_story_devices_settle - how does this device stand now; what is new is kept as a change
 *
 * @scope    n 0: nothing is raised yet
 * Returns   HF_OK; HF_E_MEMORY
 * Source    controller/API.md "Which of the ten states"
 */
HF_NODISCARD enum hf_rc hf_story_devices_settle(struct hf_story_devices *devices, size_t place,
						const struct hf_story_scope *scope,
						const struct hf_story_moment *moment);

/*
 * hf_story_devices_silent - keep that a device was not heard for a while
 *
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_story_devices_silent(struct hf_story_devices *devices,
						const struct hf_story_silence *silence);

/* How many stood how, moment by moment. Start it zeroed but for devices. */
struct hf_story_counter {
	const struct hf_story_devices *devices;
	enum hf_story_state *now; /* of each */
	size_t n[HF_STORY_STATE_COUNT];
	size_t next; /* change */
};

/*
 * hf_story_count, hf_story_counter_done - the counts right after this entry; moments come in the order of the record
 *
 * @counter  to hf_story_counter_done
 * @ret      each state; whoever was silent then stands as such
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_story_count(struct hf_story_counter *counter, const struct hf_story_moment *moment,
				       size_t ret[HF_STORY_STATE_COUNT]);
void hf_story_counter_done(struct hf_story_counter *counter);

/*
 * hf_story_holds - is a device that stands so seen to do what is asked of it
 *
 * Returns   true or false
 * Source    controller/API.md "Which of the ten states"
 */
bool hf_story_holds(enum hf_story_state state);

/*
 * hf_story_devices_done - free all, zero
 */
void hf_story_devices_done(struct hf_story_devices *devices);

#endif
