/* SPDX-License-Identifier: MIT */
/*
 * read_instructions.h - `holdfast-agent instructions` and `holdfast-agent acknowledge` (policy D10)
 */
#ifndef HOLDFAST_AGENT_TERMINAL_READ_INSTRUCTIONS_H
#define HOLDFAST_AGENT_TERMINAL_READ_INSTRUCTIONS_H

#include <stdbool.h>

#include <holdfast/err.h>

/*
 * hf_read_instructions - ask the agent of this device for the instructions, and show them as plain text
 *
 * @socket   the agent's person.socket
 * @prefix   the beginning of a lockdown's id; NULL: all that are in force or planned
 * @json     as JSON, for programs; else they count as opened by this person
 * Returns   HF_OK; as hf_people_ask; HF_E_SYSTEM they cannot be written out
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_read_instructions(const char *socket, const char *prefix, bool json, struct hf_err *err);

/*
 * hf_read_acknowledge - show what this person has still to acknowledge, and acknowledge it
 *
 * @socket, @prefix  as above
 * @yes      it was read before: do not show it, do not ask for the word
 * Returns   HF_OK, also when there is nothing to do; HF_E_USAGE not confirmed, or no terminal to ask on; as
 *           hf_people_ask
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_read_acknowledge(const char *socket, const char *prefix, bool yes, struct hf_err *err);

#endif
