/* SPDX-License-Identifier: MIT */
/*
 * view_attention.h - what a person at a device is to tell IT, beside what is in force
 */
#ifndef HOLDFAST_AGENT_RULES_VIEW_ATTENTION_H
#define HOLDFAST_AGENT_RULES_VIEW_ATTENTION_H

#include "agent/rules/case.h"
#include "agent/rules/memory.h"

/*
 * hf_view_attention - sentences, without a full stop; none: nothing is out of the ordinary
 *
 * Pure.
 * Owner     a new reference, the caller's
 * Returns   the array; NULL no memory
 * Source    proto/README.md "Report"
 */
json_t *hf_view_attention(const struct hf_case *matter, const struct hf_memory *memory);

#endif
