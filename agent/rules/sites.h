/* SPDX-License-Identifier: MIT */
/*
 * sites.h - what a browser of one person is to refuse, and the words that it shows in place of it; pure
 */
#ifndef HOLDFAST_AGENT_RULES_SITES_H
#define HOLDFAST_AGENT_RULES_SITES_H

#include <jansson.h>

#include "agent/rules/plan.h"

/*
 * hf_sites_make - the answer to HF_ASK_SITES
 *
 * {"version", "locked", "blocks": [{"tool", "name", "hosts": []}], "exercise": false, "title", "why", "contact",
 * "since", "until", "council", "device"}. An exercise blocks nothing, so it is never in it. The version is the same
 * for the same content, and another for any other.
 * @plan     what the layers were told
 * @who      who the user is; NULL: nobody of the device
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    policy D9.1, D9.2
 */
json_t *hf_sites_make(const struct hf_case *matter, const struct hf_plan *plan, hf_user uid,
		      const struct hf_pair *who);

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
