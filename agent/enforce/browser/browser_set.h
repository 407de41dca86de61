/* SPDX-License-Identifier: MIT */
/*
 * browser_set.h - one of our policy files in the folders of all browsers: put there, watched, and seen to be read
 */
#ifndef HOLDFAST_AGENT_ENFORCE_BROWSER_BROWSER_SET_H
#define HOLDFAST_AGENT_ENFORCE_BROWSER_BROWSER_SET_H

#include "agent/enforce/browser/browser_folder.h"
#include "agent/enforce/browser/browser_readers.h"
#include "agent/enforce/enforce.h"

struct hf_policy_set;

/*
 * hf_policy_set_open - look at what is there; hf_policy_set_close - let go; what is there stays; sets to NULL
 *
 * @file     which of our files: static text
 * @calls    changed is called when hf_policy_set_probe would say something else
 * @ret_set  to hf_policy_set_close; untouched unless HF_OK
 * Owner     see ret_set
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    facts.md "The device"
 */
HF_NODISCARD enum hf_rc hf_policy_set_open(struct hf_loop *loop, const struct hf_enforce_conf *conf, const char *file,
					   const struct hf_layer_calls *calls, struct hf_policy_set **ret_set,
					   struct hf_err *err);
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
 * hf_policy_set_probe - look, put right, say: verified when every running browser has read it; hf_policy_set_due - who has
 *
 * @ret_saw  its text is "" where there is nothing to say but hf_policy_set_due
 * Owner     the caller's struct
 * Returns   nothing; who has read it, which belongs to the set
 * Source    mission.md "Enforced and verified"
 */
void hf_policy_set_probe(struct hf_policy_set *set, struct hf_saw *ret_saw);
const struct hf_readers_due *hf_policy_set_due(const struct hf_policy_set *set);

/*
 * hf_browser_runs - is this process the main one of a running browser that obeys these policies
 *
 * Returns   true or false; false when it has gone
 * Source    facts.md "The device"
 */
bool hf_browser_runs(pid_t pid);

/*
 * hf_policy_set_browsers - the running browsers, as the last look found them
 *
 * Owner     the set's, until the next call of anything here
 * Returns   how many are in ret
 */
size_t hf_policy_set_browsers(const struct hf_policy_set *set, const struct hf_reader **ret);

#endif
