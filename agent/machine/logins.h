/* SPDX-License-Identifier: MIT */
/*
 * logins.h - the local users of the people whom the assignments name
 */
#ifndef HOLDFAST_AGENT_MACHINE_LOGINS_H
#define HOLDFAST_AGENT_MACHINE_LOGINS_H

#include <sys/types.h>

#include "agent/rules/users.h"

/*
 * hf_logins_find - look up the login names of the device's people on this machine
 *
 * @logins      filled anew; a name that cannot be looked up now is not there
 * Returns      true if anything is other than it was
 * Source       proto/README.md "Assignment"
 */
bool hf_logins_find(const struct hf_pairs *pairs, struct hf_logins *logins);

/*
 * hf_login_uid - the user of a login name
 *
 * @ret_uid  untouched unless true
 * Returns   true if this device has such a user
 */
bool hf_login_uid(const char *name, uid_t *ret_uid);

#endif
