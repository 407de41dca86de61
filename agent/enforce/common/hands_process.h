/* SPDX-License-Identifier: MIT */
/*
 * hands_process.h - the process that does, for the agent, what needs rights which the agent's unit has not
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_HANDS_PROCESS_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_HANDS_PROCESS_H

#include <stdbool.h>

#include "agent/enforce/common/hands.h"

/* A trial that a layer knows how to make; makes the answer of the order, and false if that is none. */
struct hf_hands_trial {
	enum hf_hands_word word;
	bool (*fn)(struct hf_hands_message *message);
};

/*
 * hf_hands_main - the whole life of `holdfast-agent hands`, which the service manager starts (holdfast-hands.socket)
 *
 * Does what root alone asks for, one order after the other, and ends when nobody asks any more. It decides nothing.
 * @trials, @n   what else than the calls of the system it can do
 * Returns   the exit status: 0 nobody asks any more; 2 not started by the service manager
 * Source    policy D9.2
 */
int hf_hands_main(const struct hf_hands_trial *trials, size_t n);

#endif
