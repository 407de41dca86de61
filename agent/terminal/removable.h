/* SPDX-License-Identifier: MIT */
/*
 * removable.h - `holdfast-agent removable`
 */
#ifndef HOLDFAST_AGENT_TERMINAL_REMOVABLE_H
#define HOLDFAST_AGENT_TERMINAL_REMOVABLE_H

#include <holdfast/err.h>

/*
 * hf_removable - may this agent be removed from its device: nothing is shut here, by whatever it may be; says so on
 * standard output
 *
 * @etc      the folder of the agent's settings; a device that was never taken in is shut by nothing
 * @socket   the agent's person.socket
 * Returns   HF_OK; HF_E_PENDING something is shut here; HF_E_ABSENT no agent runs that could say so; HF_E_SYSTEM;
 *           HF_E_SIZE; HF_E_JSON; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_removable(const char *etc, const char *socket, struct hf_err *err);

#endif
