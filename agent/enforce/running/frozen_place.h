/* SPDX-License-Identifier: MIT */
/*
 * frozen_place.h - a process that keeps the place of frozen ones in the group that they came from
 *
 * A service manager forgets a group that its last process leaves, and what it cannot see it cannot end. So while its
 * programs are frozen elsewhere a process stays there that does nothing, and belongs to the user whose group it is: he
 * ends it as he would end them.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_RUNNING_FROZEN_PLACE_H
#define HOLDFAST_AGENT_ENFORCE_RUNNING_FROZEN_PLACE_H

#include <holdfast/err.h>

#include "agent/enforce/common/hands.h"
#include "agent/machine/procs.h"

/*
 * hf_frozen_place_start - start one in this group, written down in this note; it outlives the agent
 *
 * @self     path of the agent's program
 * @hands    whose child it is, where they are
 * @origin   the group's folder; its owner is who the process belongs to
 * @note     the folder that bears it as an attribute before anybody relies on it
 * @ret_proc untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT the group is root's, and needs none; HF_E_SYSTEM
 * Source    systemd.scope(5)
 */
HF_NODISCARD enum hf_rc hf_frozen_place_start(const char *self, struct hf_hands *hands, const char *origin,
					      const char *note, struct hf_proc *ret_proc);

/*
 * hf_frozen_place_order - start one for another process, as an order to the hands and its answer: which process it is
 *
 * Returns   true; false: the order is none, or it cannot be started
 */
bool hf_frozen_place_order(struct hf_hands_message *message);

/*
 * hf_frozen_place_read - who keeps the place, as that note says; its pid is 0 when nobody does
 */
void hf_frozen_place_read(const char *note, struct hf_proc *ret);

/*
 * hf_frozen_place_lives - does it still keep the place
 *
 * Returns   true or false
 */
bool hf_frozen_place_lives(const struct hf_proc *proc);

/*
 * hf_frozen_place_end - its programs are back; accepts one that has ended
 */
void hf_frozen_place_end(const struct hf_proc *proc);

/*
 * hf_frozen_place_main - what that process does: nothing, until it is ended
 */
int hf_frozen_place_main(void);

#endif
