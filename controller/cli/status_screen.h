/* SPDX-License-Identifier: MIT */
/*
 * status_screen.h - what `holdfast status` says: first what holds, last what is usual
 *
 * Lockdowns are those that the law bears out; counts and devices are the controller's word.
 */
#ifndef HOLDFAST_CLI_STATUS_SCREEN_H
#define HOLDFAST_CLI_STATUS_SCREEN_H

#include "controller/office/arrival.h"
#include "controller/office/sentence.h"

#define HF_SCREEN_COLUMNS 80	 /* unless the screen is narrower: wider lines are hard to read */
#define HF_SCREEN_COLUMNS_MIN 20 /* of a narrower one the terminal breaks the lines */

/*
 * hf_status_say - write the screen, no line longer than HF_SCREEN_COLUMNS, or what words->columns says
 *
 * What holds, in three lines each, emergencies first; on which devices it does not; what needs attention; what waits
 * for approval; all else.
 * @words    its view has been opened
 * @all      also what has been released or is over
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_status_say(const struct hf_words *words, bool all);

/*
 * hf_screen_wrap - write a text, its lines broken between words and set in where they go on
 *
 * @columns  of the screen; 0, or more than HF_SCREEN_COLUMNS: that many
 */
void hf_screen_wrap(FILE *out, const char *text, size_t columns);

/*
 * hf_status_wanting - the devices in scope on which a lockdown does not stand as it should
 *
 * Nobody is asked when the controller's counts say that there are none.
 * @most     how many are named; 0: all
 * @ret      to hf_look_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT the controller gives no counts of it as it holds now; as hf_arrival_look
 * Source    controller/API.md "Status"
 */
HF_NODISCARD enum hf_rc hf_status_wanting(const struct hf_view *view, const struct hf_lockdown *lockdown, size_t most,
					  struct hf_look *ret, struct hf_err *err);

#endif
