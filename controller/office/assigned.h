/* SPDX-License-Identifier: MIT */
/*
 * assigned.h - the newest approved assignment of each device, which of a person's devices is their first, and how a
 * new assignment is handed over
 *
 * Room controller/cli.
 */
#ifndef HOLDFAST_CLI_ASSIGNED_H
#define HOLDFAST_CLI_ASSIGNED_H

#include "controller/office/council_view.h"
#include "controller/office/weigh.h"

/*
 * hf_assigned_read - find in the view the newest approved assignment of each device, of the controller's and the
 * folder's
 *
 * Of two of one version the controller's counts. What is not approved, or no assignment, is left out.
 * @view     its `assigned` is empty before
 * Owner     the view's
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_assigned_read(struct hf_view *view, struct hf_err *err);

/*
 * hf_assigned_find - the newest approved assignment of a device
 *
 * Owner     belongs to the view
 * Returns   NULL when there is none
 */
const struct hf_assignment *hf_assigned_find(const struct hf_view *view, const char *device);

/*
 * hf_assigned_person - the row of a person in an assignment
 *
 * Owner     belongs to the assignment
 * Returns   NULL when the device is not theirs
 * Source    proto/README.md "Assignment"
 */
const struct hf_device_person *hf_assigned_person(const struct hf_assignment *assignment, const char *person);

/*
 * hf_assigned_rank - which number of that person's devices a device is
 *
 * A device that has a number keeps it; a new one comes after all others of that person.
 * @device   may be one that is not there yet
 * @ret_first  another device that is the first of that person, NULL when none is; belongs to the view
 * Owner     see ret_first
 * Returns   1 .. HF_RANK_MAX
 * Source    proto/README.md "Assignment"
 */
int64_t hf_assigned_rank(const struct hf_view *view, const char *device, const char *person, const char **ret_first);

/*
 * hf_assigned_post - post a new assignment, if the controller has answered
 *
 * @ret_recorded  may be NULL; false: a draft, or there is no controller; untouched unless HF_OK
 * Returns   HF_OK; HF_E_TOO_FEW ... the council's rule asks for more than one approval; reasons of hf_office_post
 * Source    proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_assigned_post(struct hf_view *view, const struct hf_envelope *assignment,
					 const struct hf_weighed *weighed, bool *ret_recorded, struct hf_err *err);

/*
 * hf_assigned_keep - keep a copy in the council folder
 *
 * Owner     nothing is kept in memory
 * Returns   HF_OK; reasons of hf_folder_put
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_assigned_keep(const struct hf_view *view, const struct hf_envelope *assignment,
					 const char *device, struct hf_err *err);

/*
 * hf_assigned_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_assigned_done(struct hf_assigned *assigned);

#endif
