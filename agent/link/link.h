/* SPDX-License-Identifier: MIT */
/*
 * link.h - between the broker and the agent's socket: carries, and knows nothing
 */
#ifndef HOLDFAST_AGENT_LINK_LINK_H
#define HOLDFAST_AGENT_LINK_LINK_H

#include <holdfast/loop.h>

#include "agent/conf/agent_conf.h"

struct hf_link;

#define hf_auto_link __attribute__((cleanup(hf_link_free)))

/*
 * hf_link_drop - give up every right that the link does not need
 *
 * Started as root it becomes the configured user; in any case it can gain no right any more.
 * Owner     the whole process is changed
 * Returns   HF_OK; HF_E_ABSENT no such user; HF_E_SYSTEM
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_link_drop(const char *user, struct hf_err *err);

/*
 * hf_link_new - connect to the agent's socket, and, once it is there, to the broker
 *
 * The broker is joined anew with each agent, so that an agent that was away hears everything retained again.
 * @conf     copied
 * @ret_link to hf_link_free; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Who is trusted with what", "Bus"
 */
HF_NODISCARD enum hf_rc hf_link_new(struct hf_loop *loop, const struct hf_link_conf *conf, struct hf_link **ret_link,
				    struct hf_err *err);

/*
 * hf_link_reload - leave agent and broker and join both anew with these settings, and certificates as they are now
 *
 * @conf     copied; its user is not looked at
 * Returns   HF_OK; HF_E_SIZE the settings make no topics: nothing is changed
 */
HF_NODISCARD enum hf_rc hf_link_reload(struct hf_link *link, const struct hf_link_conf *conf, struct hf_err *err);

/*
 * hf_link_free - leave both; sets to NULL, accepts NULL
 *
 * @link     address of the pointer
 */
void hf_link_free(struct hf_link **link);

#endif
