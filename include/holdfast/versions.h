/* SPDX-License-Identifier: MIT */
/*
 * versions.h - the assignments of one device that count together: the newest that two approved, and all that follow it
 *
 * A join: what is in effect is the same in whatever order they were heard.
 */
#ifndef HOLDFAST_VERSIONS_H
#define HOLDFAST_VERSIONS_H

#include <holdfast/approval.h>
#include <holdfast/assignment.h>

#define HF_VERSIONS_MAX 64 /* changes of one device that one person approved: years of them between two looks by two */
#define HF_PAIRS_MAX 64	   /* of login and person together: two assignments that share nobody */

/* One assignment that was heard, and the approvals of it. */
struct hf_edition {
	struct hf_envelope *envelope;
	struct hf_assignment *doc;
	bool two; /* it met the rule to loosen, when it was heard or later: it stays so when an approver leaves */
	int64_t number; /* in which order it stands: its version twice; of one that the roots set aside, below what may follow */
	bool aside;	/* the roots set it aside: it gives nothing once a successor is there */
};

/* In order of number, then digest. Start it zeroed. */
struct hf_versions {
	struct hf_edition *v;
	size_t n, room;
	int64_t over; /* the highest version that there was no room for; 0: there was for all */
};

/* One login name and one person whom some assignment in effect names together. */
struct hf_pair {
	const char *person;
	const char *user;
	int64_t rank; /* the highest that is said */
	bool approved; /* by two */
	bool counts; /* and so is all else on this login: exemption, posting window and rank are this person's here */
	bool speaks; /* who has this login may speak for this person */
};

/* Those that two approved first, then by version, the newest first. */
struct hf_pairs {
	struct hf_pair v[HF_PAIRS_MAX];
	size_t n;
	bool over; /* more is known than there is room for: every lockdown bears on everybody here, and no pair counts */
};

/*
 * hf_edition_weigh - is this assignment approved, and did two approve it
 *
 * Approvals that do not verify are left out.
 * @ret_version  the caller's, to hf_edition_done; untouched unless HF_OK
 * Owner     see ret_version
 * Returns   HF_OK; as hf_approval_document; as hf_assignment_decode
 * Source    proto/README.md "Approval"
 */
HF_NODISCARD enum hf_rc hf_edition_weigh(const struct hf_trust *trust, const struct hf_envelope *envelope,
					 struct hf_edition *ret_version, struct hf_err *err);

/*
 * hf_versions_reserve - make room for one more, so that hf_versions_join needs no memory
 *
 * Owner     the set owns its array
 * Returns   HF_OK; HF_E_MEMORY (nothing changed)
 */
HF_NODISCARD enum hf_rc hf_versions_reserve(struct hf_versions *versions);

/*
 * hf_versions_join - take in one assignment of this device, or its new approvals; needs no memory
 *
 * Once two have approved a version, those below it are let go of. Of more than HF_VERSIONS_MAX the newest stay, and
 * the one that all are counted from.
 * @fresh    of hf_edition_weigh; taken over and zeroed
 * @ret_new  true if anything is known that was not; filled always
 * Owner     fresh passes to the set
 * Returns   HF_OK; HF_E_ROLLBACK below the version that two approved: nothing is new; HF_E_FORK another of this version
 *           is known: both count; HF_E_SIZE there is no room, and that is noted
 * Source    proto/README.md "Assignment"
 */
enum hf_rc hf_versions_join(struct hf_versions *versions, const struct hf_trust *trust, struct hf_edition *fresh,
			    bool *ret_new, struct hf_err *err);

/*
 * hf_versions_prove - take from this envelope the proof of an assignment that is held, and nothing else of it
 *
 * @envelope  borrowed
 * Owner     the set owns a copy of the proof
 * Returns   true: it has a proof that is true by this trust, and was not held yet
 * Source    proto/README.md "When people change"
 */
bool hf_versions_prove(struct hf_versions *versions, const struct hf_trust *trust, const struct hf_envelope *envelope);

/*
 * hf_versions_rejudge - a new trust may affirm what only one approved, or set aside what two did
 *
 * Source    proto/README.md "When people change"
 */
void hf_versions_rejudge(struct hf_versions *versions, const struct hf_trust *trust);

/*
 * hf_versions_find - the one with this digest
 *
 * Returns   belongs to the set; NULL when it is not held
 */
const struct hf_edition *hf_versions_find(const struct hf_versions *versions, const struct hf_digest *digest);

/*
 * hf_versions_newest - what the device is by its highest version: its key, its name
 *
 * Returns   belongs to the set; NULL when it is empty
 */
const struct hf_edition *hf_versions_newest(const struct hf_versions *versions);

/*
 * hf_versions_pairs - who uses the device: every login and person that an assignment in effect names
 *
 * Owner     texts belong to the set
 * Source    proto/README.md "Assignment"
 */
void hf_versions_pairs(const struct hf_versions *versions, struct hf_pairs *ret_pairs);

/*
 * hf_versions_in - is the device in one of these groups, by any assignment in effect
 *
 * @groups   "*" alone: every device; without any assignment no other
 * Source    proto/README.md "Assignment", "Posture"
 */
bool hf_versions_in(const struct hf_versions *versions, const struct hf_strs *groups);

/*
 * hf_versions_loosen - does this assignment take away anything that is in effect: a group, a login of a person, a rank
 *
 * Source    proto/README.md "Assignment"
 */
bool hf_versions_loosen(const struct hf_versions *versions, const struct hf_assignment *next);

/*
 * hf_edition_done, hf_versions_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_edition_done(struct hf_edition *version);
void hf_versions_done(struct hf_versions *versions);

#define hf_auto_edition __attribute__((cleanup(hf_edition_done)))
#define hf_auto_versions __attribute__((cleanup(hf_versions_done)))

#endif
