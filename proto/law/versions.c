/* SPDX-License-Identifier: MIT */
/*
 * Owns which assignments of one device count, and what they come to together.
 * Must never let one person open a device to anybody, or let the order of hearing decide.
 *
 * The law
 *  1. V is the highest version that two approved by the rule to loosen; without one, the lowest version. V and all
 *     that follow it are in effect; those below are not, nor those of V that one person alone approved.
 *  2. The device is of every group that any of them names. A login is of every person that any of them gives it, and
 *     is shut if one of these is.
 *  3. Exemption, posting window and rank are a person's on a login only if an assignment of version V that two approved
 *     says so. A later one can only raise the rank.
 *
 * How we read it
 *  1: one person may tighten, so what one approved is in effect at once, beside what it would change and never in its
 *  place. Two assignments of one version both count, and are reported as a fork. What two approved takes the place of
 *  its own version too: above the highest there is, two could write nothing.
 *  3: nor do they count on a login that one person alone gave to somebody else beside: it is shut if that one is.
 *  A login that one person alone gave to somebody who has another here speaks for nobody: or it would acknowledge in
 *  that person's name.
 *  What the roots set aside stands for the number below the one that may follow it. It counts whole until a successor is
 *  there; from then on it gives nobody anything, and what it shuts stays shut until two approved a successor: one person
 *  alone must not loosen by an act of the roots either.
 *  Of more than there is room for the newest stay, which is the same whatever came first. What fell out could only have
 *  tightened: so the device is then of every group, shut for everybody, and nobody counts.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/sorted.h>

#include "proto/law/law.h"

enum hf_rc hf_edition_weigh(const struct hf_trust *trust, const struct hf_envelope *envelope,
			    struct hf_edition *ret_version, struct hf_err *err)
{
	hf_auto_edition struct hf_edition version = {0};
	struct hf_sifted sifted;
	struct hf_verdict verdict;
	enum hf_rc rc = hf_approval_document(trust, envelope, &verdict, err);

	if (rc == HF_OK)
		rc = hf_assignment_decode(envelope, &version.doc, err);
	if (rc != HF_OK)
		return rc;
	if (hf_envelope_copy(envelope, &version.envelope) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the new assignment.");
	hf_signers_sift(trust, envelope, &sifted);
	if (!verdict.affirmed)
		hf_sifted_only(&sifted, version.envelope);
	if (version.envelope->proof && !hf_approval_proven(trust, envelope))
		hf_envelope_unprove(version.envelope);
	version.two = hf_approval_loosening(trust, envelope, &verdict, NULL) == HF_OK;
	*ret_version = version;
	memset(&version, 0, sizeof(version));
	return HF_OK;
}

enum hf_rc hf_versions_reserve(struct hf_versions *versions)
{
	return hf_rows_reserve(&versions->v, &versions->room, versions->n + 1, sizeof(*versions->v));
}

static int by_version(const void *key, const void *row)
{
	const struct hf_edition *a = key, *b = row;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return hf_digest_cmp(&a->doc->digest, &b->doc->digest);
}

/* Law 1: the place of the assignment that all are counted from. */
static size_t anchor_of(const struct hf_versions *versions)
{
	size_t anchor = versions->n;

	for (size_t i = versions->n; i > 0; i--)
		if (versions->v[i - 1].two && (anchor == versions->n || versions->v[i - 1].number ==
										versions->v[anchor].number))
			anchor = i - 1;
	return anchor < versions->n ? anchor : 0;
}

static void take_out(struct hf_versions *versions, size_t i)
{
	hf_edition_done(&versions->v[i]);
	memmove(&versions->v[i], &versions->v[i + 1], (versions->n - i - 1) * sizeof(*versions->v));
	versions->n--;
}

static int64_t version_of(int64_t number)
{
	return (number + 1) / 2;
}

/* Does one of this number, approved by two or not, take the place of that? */
static bool is_overtaken(const struct hf_edition *edition, int64_t number, bool two)
{
	return edition->number < number || (edition->number == number && two && !edition->two);
}

/* What two have overtaken, and what there is no room for. */
static void settle(struct hf_versions *versions)
{
	const struct hf_edition *anchor = &versions->v[anchor_of(versions)];
	const int64_t base = anchor->number;
	const bool two = anchor->two;

	for (size_t i = versions->n; i > 0; i--)
		if (is_overtaken(&versions->v[i - 1], base, two))
			take_out(versions, i - 1);
	if (versions->over < version_of(base) || (two && versions->over == version_of(base)))
		versions->over = 0;
	while (versions->n > HF_VERSIONS_MAX) {
		size_t lowest = anchor_of(versions) == 0 ? 1 : 0;

		if (version_of(versions->v[lowest].number) > versions->over)
			versions->over = version_of(versions->v[lowest].number);
		take_out(versions, lowest);
	}
}

static void give_number(const struct hf_trust *trust, struct hf_edition *edition)
{
	const struct hf_void *aside = hf_trust_void(trust, &edition->doc->digest);

	edition->aside = aside;
	edition->number = aside ? 2 * aside->from_version - 1 : 2 * edition->doc->version;
}

const struct hf_edition *hf_versions_find(const struct hf_versions *versions, const struct hf_digest *digest)
{
	for (size_t i = 0; i < versions->n; i++)
		if (hf_digest_cmp(&versions->v[i].doc->digest, digest) == 0)
			return &versions->v[i];
	return NULL;
}

/* The proof of the newest trust, in place of one of a trust before it. */
static bool join_proof(struct hf_envelope *mine, struct hf_envelope *fresh)
{
	struct hf_proof *before = mine->proof;

	if (!fresh->proof || (before && memcmp(before, fresh->proof, sizeof(*before)) == 0))
		return false;
	mine->proof = fresh->proof;
	fresh->proof = before;
	return true;
}

bool hf_versions_prove(struct hf_versions *versions, const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	struct hf_verdict verdict;

	for (size_t i = 0; i < versions->n; i++) {
		struct hf_edition *mine = &versions->v[i];
		const struct hf_proof *before = mine->envelope->proof;

		if (hf_digest_cmp(&mine->doc->digest, &envelope->digest) != 0)
			continue;
		if (!envelope->proof || (before && memcmp(before, envelope->proof, sizeof(*before)) == 0) ||
		    !hf_approval_proven(trust, envelope) || hf_envelope_prove(mine->envelope, envelope->proof) != HF_OK)
			return false;
		mine->two = mine->two || hf_approval_loosening(trust, mine->envelope, &verdict, NULL) == HF_OK;
		settle(versions);
		return true;
	}
	return false;
}

static void join_approvals(struct hf_edition *mine, const struct hf_trust *trust, struct hf_edition *fresh,
			   bool *ret_new)
{
	struct hf_verdict verdict;
	bool was_two = mine->two;
	bool grew = hf_envelope_join(&mine->envelope, &fresh->envelope, fresh->two && !mine->two);

	grew = join_proof(mine->envelope, fresh->envelope) || grew;
	mine->two = mine->two || fresh->two ||
		    (grew && hf_approval_loosening(trust, mine->envelope, &verdict, NULL) == HF_OK);
	*ret_new = grew || mine->two != was_two;
}

static size_t count_of(const struct hf_versions *versions, int64_t number)
{
	size_t n = 0;

	for (size_t i = 0; i < versions->n; i++)
		n += versions->v[i].number == number;
	return n;
}

static enum hf_rc insert_version(struct hf_versions *versions, size_t at, struct hf_edition *fresh, bool *ret_new,
				 struct hf_err *err)
{
	const struct hf_digest digest = fresh->doc->digest;
	const int64_t version = fresh->number, over = versions->over;

	memmove(&versions->v[at + 1], &versions->v[at], (versions->n - at) * sizeof(*versions->v));
	versions->v[at] = *fresh;
	memset(fresh, 0, sizeof(*fresh));
	versions->n++;
	settle(versions);
	*ret_new = hf_versions_find(versions, &digest) || versions->over != over;
	if (versions->over > 0 && versions->over != over)
		return hf_err_set(err, HF_E_SIZE,
				  "One person alone has approved more than %d changes of this device: it stays shut in "
				  "every lockdown until two approve its assignment.",
				  HF_VERSIONS_MAX);
	if (*ret_new && count_of(versions, version) > 1)
		return hf_err_set(err, HF_E_FORK, "Version %lld is known here with other content: both count.",
				  (long long)version_of(version));
	return HF_OK;
}

enum hf_rc hf_versions_join(struct hf_versions *versions, const struct hf_trust *trust, struct hf_edition *fresh,
			    bool *ret_new, struct hf_err *err)
{
	const struct hf_edition *anchor = versions->n > 0 ? &versions->v[anchor_of(versions)] : NULL;
	enum hf_rc rc = HF_OK;
	size_t at;

	*ret_new = false;
	give_number(trust, fresh);
	at = hf_sorted_place(fresh, versions->v, versions->n, sizeof(*versions->v), by_version);
	if (at < versions->n && by_version(fresh, &versions->v[at]) == 0) {
		join_approvals(&versions->v[at], trust, fresh, ret_new);
		settle(versions);
	} else if (anchor && anchor->two && is_overtaken(fresh, anchor->number, true)) {
		rc = hf_err_set(err, HF_E_ROLLBACK,
				"Version %lld is not newer than version %lld, which two have approved here.",
				(long long)version_of(fresh->number), (long long)version_of(anchor->number));
	} else {
		rc = insert_version(versions, at, fresh, ret_new, err);
	}
	hf_edition_done(fresh);
	return rc;
}

void hf_versions_rejudge(struct hf_versions *versions, const struct hf_trust *trust)
{
	for (size_t i = 0; i < versions->n; i++) {
		struct hf_verdict verdict;

		if (versions->v[i].envelope->proof && !hf_approval_proven(trust, versions->v[i].envelope))
			hf_envelope_unprove(versions->v[i].envelope);
		if (!versions->v[i].two &&
		    hf_approval_loosening(trust, versions->v[i].envelope, &verdict, NULL) == HF_OK)
			versions->v[i].two = true;
		give_number(trust, &versions->v[i]);
	}
	if (versions->n > 1)
		qsort(versions->v, versions->n, sizeof(*versions->v), by_version);
	if (versions->n > 0)
		settle(versions);
}

const struct hf_edition *hf_versions_newest(const struct hf_versions *versions)
{
	const struct hf_edition *newest = versions->n > 0 ? &versions->v[versions->n - 1] : NULL;

	while (newest > versions->v && newest[-1].number == newest->number)
		newest--;
	return newest;
}

static void add_pair(struct hf_pairs *pairs, const struct hf_device_person *p, bool approved)
{
	for (size_t i = 0; i < pairs->n; i++) {
		struct hf_pair *held = &pairs->v[i];

		if (strcmp(held->person, p->person) != 0 || strcmp(held->user, p->user) != 0)
			continue;
		held->rank = p->rank > held->rank ? p->rank : held->rank;
		held->approved = held->approved || approved;
		return;
	}
	if (pairs->n == HF_PAIRS_MAX)
		pairs->over = true;
	else
		pairs->v[pairs->n++] = (struct hf_pair){p->person, p->user, p->rank, approved, false, false};
}

static void put_approved_first(struct hf_pairs *pairs)
{
	size_t n = 0;

	for (size_t i = 0; i < pairs->n; i++) {
		struct hf_pair pair = pairs->v[i];

		if (!pair.approved)
			continue;
		memmove(&pairs->v[n + 1], &pairs->v[n], (i - n) * sizeof(pair));
		pairs->v[n++] = pair;
	}
}

/* A login that is shared with somebody who does not count is as little theirs as his. */
static bool is_shared_with_one_who_does_not(const struct hf_pairs *pairs, const struct hf_pair *pair)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (!pairs->v[i].approved && strcmp(pairs->v[i].user, pair->user) == 0)
			return true;
	return false;
}

static bool has_another_login(const struct hf_pairs *pairs, const struct hf_pair *pair)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (&pairs->v[i] != pair && strcmp(pairs->v[i].person, pair->person) == 0)
			return true;
	return false;
}

/* By two; and of what the roots set aside only while nothing has followed it. */
static bool gives(const struct hf_versions *versions, const struct hf_edition *version)
{
	return version->two && (!version->aside || versions->v[versions->n - 1].number == version->number);
}

void hf_versions_pairs(const struct hf_versions *versions, struct hf_pairs *ret_pairs)
{
	int64_t base = versions->n > 0 ? versions->v[anchor_of(versions)].number : 0;

	ret_pairs->n = 0;
	ret_pairs->over = versions->over > 0;
	for (size_t i = versions->n; i > 0; i--) {
		const struct hf_edition *version = &versions->v[i - 1];

		for (size_t p = 0; p < version->doc->n_people; p++)
			add_pair(ret_pairs, &version->doc->people[p], version->number == base && gives(versions, version));
	}
	for (size_t i = 0; i < ret_pairs->n; i++)
		ret_pairs->v[i].counts =
			!ret_pairs->over && !is_shared_with_one_who_does_not(ret_pairs, &ret_pairs->v[i]);
	put_approved_first(ret_pairs);
	for (size_t i = 0; i < ret_pairs->n; i++) {
		struct hf_pair *pair = &ret_pairs->v[i];

		pair->speaks = pair->approved || !has_another_login(ret_pairs, pair);
	}
}

/* More is known of it than there is room for. Counted anew each time: pairs that do not fit say that much is over. */
static bool is_crowded(const struct hf_versions *versions)
{
	struct hf_pairs pairs;

	if (versions->over > 0 || versions->n * HF_DEVICE_PEOPLE_MAX <= HF_PAIRS_MAX)
		return versions->over > 0;
	hf_versions_pairs(versions, &pairs);
	return pairs.over;
}

bool hf_versions_in(const struct hf_versions *versions, const struct hf_strs *groups)
{
	if (hf_strs_has(groups, "*") || is_crowded(versions))
		return true;
	for (size_t i = 0; i < versions->n; i++)
		for (size_t g = 0; g < versions->v[i].doc->groups.n; g++)
			if (hf_strs_has(groups, versions->v[i].doc->groups.v[g]))
				return true;
	return false;
}

static bool keeps_pair(const struct hf_assignment *next, const struct hf_pair *pair)
{
	for (size_t i = 0; i < next->n_people; i++) {
		const struct hf_device_person *p = &next->people[i];

		if (strcmp(p->person, pair->person) == 0 && strcmp(p->user, pair->user) == 0)
			return p->rank >= pair->rank;
	}
	return false;
}

bool hf_versions_loosen(const struct hf_versions *versions, const struct hf_assignment *next)
{
	struct hf_pairs pairs;

	hf_versions_pairs(versions, &pairs);
	for (size_t i = 0; i < pairs.n; i++)
		if (!keeps_pair(next, &pairs.v[i]))
			return true;
	for (size_t i = 0; i < versions->n; i++)
		for (size_t g = 0; g < versions->v[i].doc->groups.n; g++)
			if (!hf_strs_has(&next->groups, versions->v[i].doc->groups.v[g]))
				return true;
	return pairs.over;
}

void hf_edition_done(struct hf_edition *version)
{
	hf_envelope_free(&version->envelope);
	hf_assignment_free(&version->doc);
	memset(version, 0, sizeof(*version));
}

void hf_versions_done(struct hf_versions *versions)
{
	for (size_t i = 0; i < versions->n; i++)
		hf_edition_done(&versions->v[i]);
	free(versions->v);
	memset(versions, 0, sizeof(*versions));
}
