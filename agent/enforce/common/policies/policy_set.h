/* SPDX-License-Identifier: MIT */
/*
 * policy_set.h - one of our policy files in the folders of all browsers: put there, watched, and seen to be read
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_SET_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_SET_H

#include "agent/enforce/common/policies/policy_folder.h"
#include "agent/enforce/common/policies/policy_readers.h"
#include "agent/enforce/enforce.h"

struct hf_policy_set;

/*
 * hf_policy_set_open - look at what is there; hf_policy_set_close - let go; what is there stays; sets to NULL
 *
 * @file     which of our files: static text
 * @home     its changed is called when hf_policy_set_probe would say something else
 * @ret_set  untouched unless HF_OK
 * Owner     the caller's, to hf_policy_set_close
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_policy_set_open(const struct hf_layer_home *home, const char *file,
					   struct hf_policy_set **ret_set, struct hf_err *err);
void hf_policy_set_close(struct hf_policy_set **set);

/*
 * hf_policy_set_apply - from now on this text is wanted
 *
 * @text     NULL: none, and all is to be as it was; its arg must live until the next apply
 * Owner     the struct is copied
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    policy D9.2, D9.3
 */
HF_NODISCARD enum hf_rc hf_policy_set_apply(struct hf_policy_set *set, const struct hf_policy_text *text,
					    struct hf_err *err);

/*
 * hf_policy_set_probe - look, put right, say: verified when every running browser has read it; hf_policy_set_due - who
 * has
 *
 * @ret_saw  its text is "" where there is nothing to say but hf_policy_set_due
 * Returns   nothing; who has read it, which belongs to the set
 */
void hf_policy_set_probe(struct hf_policy_set *set, struct hf_saw *ret_saw);
const struct hf_readers_due *hf_policy_set_due(const struct hf_policy_set *set);

/*
 * hf_policy_set_browsers - the running browsers, as the last look found them
 *
 * Owner     the set's, until the next call of anything here
 * Returns   how many are in ret
 */
size_t hf_policy_set_browsers(const struct hf_policy_set *set, const struct hf_reader **ret);

#endif
