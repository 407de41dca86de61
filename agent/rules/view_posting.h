/* SPDX-License-Identifier: MIT */
/*
 * view_posting.h - who was asked to post the holding message of an account, and how far it is; pure
 */
#ifndef HOLDFAST_AGENT_RULES_VIEW_POSTING_H
#define HOLDFAST_AGENT_RULES_VIEW_POSTING_H

#include "agent/rules/memory.h"

/*
 * hf_view_posting - the posting of one account, for whoever holds it or is to post it
 *
 * Pure. What this device knows itself goes before the council's record.
 * @now      NULL: no time is left of any window
 * Owner     a new reference, the caller's
 * Returns   {"lockdown", "mode", "text", "poster", "you", "minutes", "state", "device", "at", "left_s", "post"}, JSON
 *           null when nothing in force has a message for it; NULL no memory
 * Source    policy D9.3
 */
json_t *hf_view_posting(const struct hf_account_posture *account, const struct hf_memory *memory,
			const struct hf_posting_time *now);

#endif
