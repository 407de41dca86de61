/* SPDX-License-Identifier: MIT */
/*
 * Owns which version of a register or an assignment may follow which, alike for both.
 * Must never compare anything but versions, digests and what the roots set aside.
 */
#include <holdfast/known.h>

enum hf_rc hf_version_follows(const struct hf_trust *trust, struct hf_version held, struct hf_version heard,
			      struct hf_err *err)
{
	const struct hf_void *aside = hf_trust_void(trust, &held.digest);
	int64_t least = aside ? aside->from_version : held.version;

	if (held.version == 0 || hf_digest_cmp(&held.digest, &heard.digest) == 0)
		return HF_OK;
	if (hf_trust_void(trust, &heard.digest))
		return hf_err_set(err, HF_E_VOID, "The roots have set version %lld aside.", (long long)heard.version);
	if (aside && heard.version < least)
		return hf_err_set(err, HF_E_ROLLBACK,
				  "Version %lld may not follow: the roots have set the one before aside, from version "
				  "%lld on.",
				  (long long)heard.version, (long long)least);
	if (heard.version < least)
		return hf_err_set(err, HF_E_ROLLBACK,
				  "Version %lld is older than version %lld, which is known here: make it version %lld.",
				  (long long)heard.version, (long long)least, (long long)least + 1);
	if (!aside && heard.version == least)
		return hf_err_set(err, HF_E_FORK,
				  "Version %lld is known here with other content: make it version %lld.",
				  (long long)least, (long long)least + 1);
	return HF_OK;
}

enum hf_rc hf_stand_follows(const struct hf_trust *trust, const struct hf_stand *held, const struct hf_stand *heard,
			    struct hf_err *err)
{
	const struct hf_version *a = &held->version, *b = &heard->version;
	bool beside = a->version > 0 && a->version == b->version && hf_digest_cmp(&a->digest, &b->digest) != 0;

	if (!beside || held->two == heard->two || hf_trust_void(trust, &a->digest) || hf_trust_void(trust, &b->digest))
		return hf_version_follows(trust, *a, *b, err);
	if (heard->two)
		return HF_OK;
	return hf_err_set(err, HF_E_ROLLBACK, "Version %lld is not newer than what two have approved: make it %lld.",
			  (long long)b->version, (long long)b->version + 1);
}
