/* SPDX-License-Identifier: MIT */
/*
 * assigned.h - the newest approved assignment of each device, and which of a person's devices is their first
 */
#ifndef HOLDFAST_OFFICE_ASSIGNED_H
#define HOLDFAST_OFFICE_ASSIGNED_H

#include <holdfast/assignment.h>
#include <holdfast/json.h>
#include <holdfast/trust.h>
#include <holdfast/versions.h>

/* In the order of the devices' ids. Start it zeroed. */
struct hf_assigned {
	struct hf_assignment **v;
	size_t n, room;
};

/*
 * hf_assigned_read - find the newest approved assignment of each device, of the controller's and the folder's
 *
 * Of two of one version the controller's counts. What is not approved, or no assignment, is left out.
 * @all      empty before
 * @shown    array of envelopes, as the controller shows them; NULL: it was not asked
 * @folder   the council's; NULL: none
 * Owner     all gets copies; to hf_assigned_done, also after a failure
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_assigned_read(struct hf_assigned *all, const struct hf_trust *trust, const json_t *shown,
					 const char *folder, struct hf_err *err);

/*
 * hf_assigned_versions - the assignments of one device that are in effect, as the controller shows them
 *
 * @shown    as for hf_assigned_read
 * @ret      empty before; to hf_versions_done, also after a failure
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_assigned_versions(const struct hf_trust *trust, const json_t *shown, const char *device,
					     struct hf_versions *ret, struct hf_err *err);

/*
 * hf_assigned_find - the newest approved assignment of a device
 *
 * Returns   belongs to all; NULL when there is none
 */
const struct hf_assignment *hf_assigned_find(const struct hf_assigned *all, const char *device);

/*
 * hf_assigned_person - the row of a person in an assignment
 *
 * Returns   belongs to the assignment; NULL when the device is not theirs
 * Source    proto/README.md "Assignment"
 */
const struct hf_device_person *hf_assigned_person(const struct hf_assignment *assignment, const char *person);

/*
 * hf_assigned_rank - which number of that person's devices a device is
 *
 * A device that has a number keeps it; a new one comes after all others of that person.
 * @device   may be one that is not there yet
 * @ret_first  another device that is the first of that person, NULL when none is; belongs to all
 * Returns   1 .. HF_RANK_MAX
 * Source    proto/README.md "Assignment"
 */
int64_t hf_assigned_rank(const struct hf_assigned *all, const char *device, const char *person, const char **ret_first);

/*
 * hf_assigned_done - free all, zero the struct
 */
void hf_assigned_done(struct hf_assigned *all);

#endif
