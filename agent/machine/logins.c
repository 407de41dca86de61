/* SPDX-License-Identifier: MIT */
/*
 * Owns the step from login names to the users of this machine.
 * Must never take a person for somebody else: who cannot be looked up is nobody.
 */
#include "agent/machine/logins.h"

#include <pwd.h>
#include <string.h>

bool hf_login_uid(const char *name, uid_t *ret_uid)
{
	char room[4096];
	struct passwd entry, *found = NULL;

	if (getpwnam_r(name, &entry, room, sizeof(room), &found) != 0 || !found)
		return false;
	*ret_uid = found->pw_uid;
	return true;
}

bool hf_logins_find(const struct hf_pairs *pairs, struct hf_logins *logins)
{
	struct hf_logins now;
	bool changed;

	/* Whole, gaps too, since the two are compared as bytes. */
	memset(&now, 0, sizeof(now));
	now.n = pairs->n;
	for (size_t i = 0; i < now.n; i++)
		now.v[i].there = hf_login_uid(pairs->v[i].user, &now.v[i].uid);
	changed = memcmp(&now, logins, sizeof(now)) != 0;
	memcpy(logins, &now, sizeof(now));
	return changed;
}
