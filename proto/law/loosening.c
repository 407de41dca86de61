/* SPDX-License-Identifier: MIT */
/*
 * Owns the one answer to "does this amendment loosen anything".
 * Must never look at who signed, at time, or at words meant for people.
 *
 * The law
 *  1. Policy D9.1-9.2: what an emergency takes away is given back by an all-clear alone.
 *  2. One person may tighten, two must loosen.
 *  3. An amendment loosens if it has a weaker level, a later start, an earlier end, leaves out an account or group,
 *     or adds an exempt person.
 *  4. Words, contact and holding messages loosen nothing: the posters are for the raising officer to name (D9.3).
 *
 * How we read it
 *  3 is asked bit by bit, so that whoever approves is told what would be loosened. An `until` of 0 is the latest end
 *  there is. "*" covers every account or group; a list that happens to name all of today's does not cover "*", since
 *  tomorrow's are left out.
 */
#include <holdfast/approval.h>

static bool ends_earlier(struct hf_wall before, struct hf_wall after)
{
	if (after.s == 0)
		return false;
	return before.s == 0 || after.s < before.s;
}

static bool leaves_out(const struct hf_strs *before, const struct hf_strs *after)
{
	for (size_t i = 0; i < before->n; i++)
		if (!hf_strs_covers(after, before->v[i]))
			return true;
	return false;
}

static bool adds(const struct hf_strs *before, const struct hf_strs *after)
{
	for (size_t i = 0; i < after->n; i++)
		if (!hf_strs_has(before, after->v[i]))
			return true;
	return false;
}

unsigned hf_loosening_of(const struct hf_body *before, const struct hf_body *after)
{
	unsigned loosens = HF_LOOSENS_NOTHING;

	if (after->level < before->level)
		loosens |= HF_LOOSENS_LEVEL;
	if (after->from.s > before->from.s || ends_earlier(before->until, after->until))
		loosens |= HF_LOOSENS_TIME;
	if (leaves_out(&before->accounts, &after->accounts))
		loosens |= HF_LOOSENS_ACCOUNTS;
	if (leaves_out(&before->groups, &after->groups))
		loosens |= HF_LOOSENS_GROUPS;
	if (adds(&before->exempt, &after->exempt))
		loosens |= HF_LOOSENS_EXEMPT;
	return loosens;
}
