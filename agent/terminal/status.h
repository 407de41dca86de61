/* SPDX-License-Identifier: MIT */
/*
 * status.h - `holdfast-agent status`
 */
#ifndef HOLDFAST_AGENT_TERMINAL_STATUS_H
#define HOLDFAST_AGENT_TERMINAL_STATUS_H

#include <stdbool.h>

#include <holdfast/err.h>

/*
 * hf_status - ask the agent of this device and say on standard output what it answers
 *
 * @socket   the agent's person.socket
 * @json     as JSON, for programs; else in sentences, and then what is in force counts as shown to this person
 * Returns   HF_OK; HF_E_ABSENT no agent is running; HF_E_SYSTEM; HF_E_JSON; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_status(const char *socket, bool json, struct hf_err *err);

#endif
