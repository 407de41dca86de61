/* SPDX-License-Identifier: MIT */
/*
 * desk.h - the program of one session: listens to the agent, and has a window when there is something to say
 */
#ifndef HOLDFAST_AGENT_WINDOW_DESK_H
#define HOLDFAST_AGENT_WINDOW_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/err.h>

#define HF_DESK_APPLICATION "holdfast.Desk"
#define HF_DESK_LINGER_S 30

struct hf_desk_options {
	const char *socket; /* the agent's person.socket */
	bool show;	    /* open the window now */
	int64_t linger_s;   /* how long an all-clear stays when the person is not in the window */
};

/*
 * hf_desk_run - be the one program of this session, until it ends; a second one tells the first, and ends
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    policy D9.1-D9.3, D10
 */
HF_NODISCARD enum hf_rc hf_desk_run(const struct hf_desk_options *options, struct hf_err *err);

#endif
