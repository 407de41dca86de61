/* SPDX-License-Identifier: MIT */
/*
 * assignment.h - one device: its key, the people who use it, its groups; approved by the it role
 */
#ifndef HOLDFAST_ASSIGNMENT_H
#define HOLDFAST_ASSIGNMENT_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_DEVICE_PEOPLE_MAX 32 /* of a terminal server the account holders: it is shut for who is not named */
#define HF_GROUPS_MAX 32
#define HF_RANK_MAX 1000 /* devices of one person: a shared login of a whole team, at most */

struct hf_device_person {
	const char *person;
	const char *user; /* login name on that device */
	int64_t rank;	  /* it is that person's first device, their second ...: 1 .. HF_RANK_MAX */
};

struct hf_assignment {
	json_t *doc; /* owns every text below */
	struct hf_digest digest;
	const char *council;
	const char *device;
	int64_t version;
	struct hf_wall issued;
	struct hf_pub pub; /* the device's key */
	struct hf_device_person people[HF_DEVICE_PEOPLE_MAX];
	size_t n_people;
	struct hf_strs groups;
};

#define hf_auto_assignment __attribute__((cleanup(hf_assignment_free)))

/*
 * hf_assignment_decode - the payload of an assignment envelope; verifies no approval (see approval.h)
 *
 * @ret_assignment  the caller's, to hf_assignment_free; untouched unless HF_OK
 * Owner     see ret_assignment
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_KEY; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_assignment_decode(const struct hf_envelope *envelope, struct hf_assignment **ret_assignment,
					     struct hf_err *err);

/*
 * hf_assignment_encode - an assignment as the JSON of its payload
 *
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Assignment"
 */
json_t *hf_assignment_encode(const struct hf_assignment *assignment);

/*
 * hf_assignment_leaf - what a trust affirms of an assignment, as a leaf of the tree whose root it carries
 *
 * @digest   the assignment's
 * @act      by which rule it stays: "loosen" what two approved, "approve" what one person alone did
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE no device has so long an id; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_assignment_leaf(const char *device, const struct hf_digest *digest, const char *act,
					   struct hf_digest *ret);

/*
 * hf_assignment_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_assignment_free(struct hf_assignment **assignment);

#endif
