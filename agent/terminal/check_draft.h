/* SPDX-License-Identifier: MIT */
/*
 * check_draft.h - `holdfast-agent check-draft`: words of a person's own draft that need a second look (policy D10)
 */
#ifndef HOLDFAST_AGENT_TERMINAL_CHECK_DRAFT_H
#define HOLDFAST_AGENT_TERMINAL_CHECK_DRAFT_H

#include <stdbool.h>

#include <holdfast/err.h>

/*
 * hf_check_draft - ask the agent for the words, and mark them in a draft in this process
 *
 * The draft goes nowhere: not to the agent, not to the council, not to a file; its memory is wiped.
 * @socket   the agent's person.socket
 * @path     of the draft; NULL: standard input
 * @json     as JSON, for programs
 * Returns   HF_OK it was looked through, whatever was marked; HF_E_ABSENT no such file, or no agent; HF_E_SIZE longer
 *           than HF_DRAFT_MAX; HF_E_SYSTEM; HF_E_JSON; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_check_draft(const char *socket, const char *path, bool json, struct hf_err *err);

#endif
