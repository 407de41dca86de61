/* SPDX-License-Identifier: MIT */
/*
 * waiting.h - the program of one session: waits for the agent to have something to say, and has the window's program then
 */
#ifndef HOLDFAST_AGENT_WAITING_WAITING_H
#define HOLDFAST_AGENT_WAITING_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/err.h>

#include "agent/waiting/session.h"

#define HF_WINDOW_PROGRAM "holdfast-desk-window" /* beside this program */

#define HF_DESK_LINGER_S 30

struct hf_waiting_options {
	const char *socket; /* the agent's person.socket */
	bool show;	    /* open the window now */
	int64_t linger_s;   /* for the window: see its desk.h */
	struct hf_session_place place;
	char *const *environment; /* of the session, for the window */
};

/*
 * hf_waiting_run - be the one program of this session, until it ends; a second one tells the first, and ends
 *
 * Returns   HF_OK; HF_E_ABSENT there is no screen; HF_E_SIZE; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D9.1-D9.3, D10
 */
HF_NODISCARD enum hf_rc hf_waiting_run(const struct hf_waiting_options *options, struct hf_err *err);

#endif
