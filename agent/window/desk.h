/* SPDX-License-Identifier: MIT */
/*
 * desk.h - the program that has the window: told by the one that waits, gone when all was seen
 */
#ifndef HOLDFAST_AGENT_WINDOW_DESK_H
#define HOLDFAST_AGENT_WINDOW_DESK_H

#include <stdint.h>

#include <holdfast/err.h>

#define HF_DESK_APPLICATION "holdfast.Desk"

struct hf_desk_options {
	const char *socket; /* the agent's person.socket */
	int64_t linger_s;   /* how long an all-clear stays when the person is not in the window */
};

/*
 * hf_desk_run - have the window until there is nothing to say, or standard input, where it is told what the agent says, has ended
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    policy D9.1-D9.3, D10
 */
HF_NODISCARD enum hf_rc hf_desk_run(const struct hf_desk_options *options, struct hf_err *err);

#endif
