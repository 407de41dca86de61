/* SPDX-License-Identifier: MIT */
/*
 * presence.h - who is logged in at this device
 *
 * Somebody is: who has a session (systemd's or in utmp), a terminal, or a browser that runs. A job of cron has none.
 */
#ifndef HOLDFAST_AGENT_MACHINE_PRESENCE_H
#define HOLDFAST_AGENT_MACHINE_PRESENCE_H

#include <holdfast/loop.h>

#include "agent/rules/users.h"

/*
 * hf_session_open - does the text of /run/systemd/users/UID say that this user has a session
 *
 * Pure. A user who lingers has none.
 * Returns   true or false
 * Source    logind.conf(5), sd_uid_get_state(3)
 */
bool hf_session_open(const char *text);

/*
 * hf_presence_find - look now
 *
 * @ret_here  filled in; of what cannot be read nobody is taken
 * Source    policy D9.1, D9.2
 */
void hf_presence_find(struct hf_present *ret_here);

struct hf_presence;

/*
 * hf_presence_watch, hf_presence_free - be told when sessions come or go; free sets to NULL and accepts NULL in it
 *
 * @fn       called on the loop's thread
 * @ret      untouched unless HF_OK
 * Owner     the caller's, to hf_presence_free
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_presence_watch(struct hf_loop *loop, void (*fn)(void *arg), void *arg,
					  struct hf_presence **ret);
void hf_presence_free(struct hf_presence **presence);

#endif
