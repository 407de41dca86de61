/* SPDX-License-Identifier: MIT */
/*
 * frozen_note.h - what is remembered of the processes of one control group, before any of them is frozen
 *
 * A note is a control group of its own in our slice, and bears what it says as attributes: they live exactly as long
 * as what they speak of, so they need no disk and cannot be out of date.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_RUNNING_FROZEN_NOTE_H
#define HOLDFAST_AGENT_ENFORCE_RUNNING_FROZEN_NOTE_H

#include "agent/enforce/common/frozen.h"
#include "agent/enforce/common/hands.h"
#include "agent/machine/procs.h"

struct hf_frozen_note {
	char path[PATH_MAX];   /* of the note */
	char origin[PATH_MAX]; /* the group that the processes came from */
	char group[PATH_MAX];  /* in which they are frozen: the note's own, or one inside origin */
	bool inside;
	struct hf_proc place; /* keeps their place in origin; its pid is 0 when nobody does */
};

/*
 * hf_frozen_note_read - what a note says
 *
 * Without its origin (which only a torn start leaves out) its processes came from the top.
 * @mount    of cgroup v2
 * Returns   HF_OK; HF_E_SIZE
 */
HF_NODISCARD enum hf_rc hf_frozen_note_read(const char *path, const char *mount, struct hf_frozen_note *ret);

/*
 * hf_frozen_note_for - the note for processes of this origin, made when there is none, and its group: frozen
 *
 * @home     folder of the notes
 * Returns   HF_OK; HF_E_SIZE; HF_E_SYSTEM
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_frozen_note_for(const char *home, const char *mount, const char *origin,
					   struct hf_frozen_note *ret, struct hf_err *err);

/*
 * hf_frozen_note_keep_place - its place is kept from now on, where it has to be; what cannot be is forgotten as ever
 *
 * @self     path of the agent's program
 * @hands    whose child it is, where they are
 */
void hf_frozen_note_keep_place(struct hf_frozen_note *note, const char *self, struct hf_hands *hands);

/*
 * hf_frozen_note_is_stopped - did somebody end all that was left in the origin, with the process that kept the place
 */
bool hf_frozen_note_is_stopped(const struct hf_frozen_note *note);

/*
 * hf_frozen_note_end - nobody is in its group any more: group, place and note go
 *
 * Returns   true; false, with errno, when one cannot go yet
 */
bool hf_frozen_note_end(const struct hf_frozen_note *note);

/*
 * hf_group_tell, hf_group_says - write to, and look for a word in, one file of a control group
 *
 * Returns   true or false; errno says why nothing was written
 * Source    cgroups(7)
 */
bool hf_group_tell(const char *group, const char *file, const char *word);
bool hf_group_says(const char *group, const char *file, const char *word);

#endif
