/* SPDX-License-Identifier: MIT */
/*
 * rank.h - which of a person's devices is their first
 *
 * Room controller/cli.
 */
#ifndef HOLDFAST_CONTROLLER_RANK_H
#define HOLDFAST_CONTROLLER_RANK_H

#include "view.h"

/*
 * hf_rank_of - the rank of a device for a person, by the approved assignments that the controller and the folder have
 *
 * A device that has one keeps it; a new one comes after all others of that person.
 * @ret_first  the device of rank 1, "" when it is this one
 * Owner     copied
 * Returns   1 .. HF_RANK_MAX
 * Source    proto/README.md "Assignment"
 */
int64_t hf_rank_of(const struct hf_view *view, const char *device, const char *person, char ret_first[HF_ID_SIZE]);

#endif
