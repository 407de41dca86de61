/* SPDX-License-Identifier: MIT */
/*
 * break_glass.h - the command by which somebody types the halves of two officers
 */
#ifndef HOLDFAST_AGENT_TERMINAL_BREAK_GLASS_H
#define HOLDFAST_AGENT_TERMINAL_BREAK_GLASS_H

#include <stdbool.h>

#include <holdfast/err.h>

/*
 * hf_break_glass - say how it stands; and with halves, or where somebody types them at a terminal, open this device
 *
 * @typed    both halves; NULL: they are asked for, if this device can be opened and somebody is at a terminal
 * Returns   HF_OK it is said, or it is open; HF_E_SIGNATURE wrong halves; as hf_people_ask, and what the agent refuses with
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_break_glass(const char *socket, const char *typed, bool json, struct hf_err *err);

#endif
