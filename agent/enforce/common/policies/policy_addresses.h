/* SPDX-License-Identifier: MIT */
/*
 * policy_addresses.h - the addresses that browsers are to refuse, and which filters would open one
 *
 * Pure.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_ADDRESSES_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_ADDRESSES_H

#include "agent/enforce/enforce.h"

/*
 * hf_policy_opens - would this entry of a URLAllowlist open an address that is blocked, or a part of it
 *
 * @entry    [scheme://][.]host[:port][/path][?query]
 * @address  bare lower-case host name
 * Returns   true or false
 * Source    Chromium's documentation of URL filters: of two that fit, the longer host wins, and at equal ones allow
 */
bool hf_policy_opens(const char *entry, const char *address);

/*
 * hf_policy_addresses - join lists of addresses: sorted, no one twice, none that a shorter one covers
 *
 * @addresses  in and out
 * Owner     the strings stay their owner's
 * Source    proto/README.md "Register": an address covers its subdomains
 */
void hf_policy_addresses(struct hf_strs *addresses);

/*
 * hf_policy_addresses_of - what a plan blocks for everybody, joined as above; hf_policy_addresses_done - free it
 *
 * @ret      in place of what was in it, which is freed; untouched unless HF_OK
 * Owner     its texts are copies; hf_policy_addresses_done ends them
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_policy_addresses_of(const struct hf_plan *plan, struct hf_strs *ret);
void hf_policy_addresses_done(struct hf_strs *addresses);

#endif
