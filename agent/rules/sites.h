/* SPDX-License-Identifier: MIT */
/*
 * sites.h - what a browser of one person is to refuse, and the words that it shows in place of it; pure
 */
#ifndef HOLDFAST_AGENT_RULES_SITES_H
#define HOLDFAST_AGENT_RULES_SITES_H

#include <jansson.h>

#include "agent/rules/memory.h"
#include "agent/rules/plan.h"

/*
 * hf_sites_make - the answer to HF_ASK_SITES
 *
 * {"version", "locked", "blocks": [{"tool", "name", "hosts": [], "platforms": []}], "exercise": false, "title", "why",
 * "contact", "since", "until", "council", "device", "messages": [what hf_view_posting says, and "account"]}. An
 * exercise blocks nothing, so it is never in it. Messages are those of accounts that this person holds or is to post
 * to. The version is the same for the same content, and another for any other, but for the messages: how far a posting
 * is shuts and opens nothing.
 * @memory   how far postings are; NULL: no messages
 * @plan     what the layers were told
 * @who      who the user is; NULL: nobody of the device
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    policy D9.1, D9.2
 */
json_t *hf_sites_make(const struct hf_case *matter, const struct hf_memory *memory, const struct hf_plan *plan,
		      hf_user uid, const struct hf_pair *who);

/*
 * hf_sites_version - the version of such an answer; hf_sites_tool - the tool whose block shuts a host
 *
 * @host     lower case
 * Owner     belongs to the plan
 * Returns   0 it has none; NULL no tool
 */
int64_t hf_sites_version(const json_t *sites);
const struct hf_block *hf_sites_tool(const struct hf_plan *plan, const char *host);

#endif
