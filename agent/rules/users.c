/* SPDX-License-Identifier: MIT */
/*
 * Owns whose user of this device is whose, and who of them is here.
 * Must never take a person for somebody else, nor a stranger for nobody.
 */
#include "agent/rules/users.h"

const struct hf_pair *hf_logins_pair(const struct hf_pairs *pairs, const struct hf_logins *logins, hf_user uid)
{
	for (size_t i = 0; i < pairs->n && i < logins->n; i++) {
		if (logins->v[i].there && logins->v[i].uid == uid && pairs->v[i].speaks)
			return &pairs->v[i];
	}
	return NULL;
}

size_t hf_logins_unknown(const struct hf_logins *logins)
{
	size_t n = 0;

	for (size_t i = 0; i < logins->n; i++)
		n += !logins->v[i].there;
	return n;
}

void hf_present_add(struct hf_present *users, hf_user uid)
{
	for (size_t i = 0; i < users->n; i++) {
		if (users->v[i] == uid)
			return;
	}
	if (users->n < HF_PRESENT_MAX)
		users->v[users->n++] = uid;
	else
		users->more = true;
}

void hf_logins_mark(const struct hf_present *here, struct hf_logins *logins)
{
	logins->strangers = here->more;
	for (size_t p = 0; p < logins->n; p++)
		logins->v[p].in = false;
	for (size_t i = 0; i < here->n; i++) {
		bool known = false;

		for (size_t p = 0; p < logins->n; p++) {
			if (!logins->v[p].there || logins->v[p].uid != here->v[i])
				continue;
			known = logins->v[p].in = true;
		}
		if (!known && here->v[i] >= HF_UID_PERSON && here->v[i] != HF_UID_NOBODY)
			logins->strangers = true;
	}
}
