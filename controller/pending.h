/* SPDX-License-Identifier: MIT */
/*
 * pending.h - what waits for the disk: records, and of each machine of a device the row of its last report
 */
#ifndef HOLDFAST_CONTROLLER_PENDING_H
#define HOLDFAST_CONTROLLER_PENDING_H

#include "controller/controller.h"

/* The table of last reports has a row for each machine: of a second one with the same key behind this mark. */
#define HF_REPORT_NAME_SIZE (HF_ID_SIZE + 1)

/*
 * hf_report_row_name, hf_report_row_split - under which name the last report of a device's machine is kept; and back
 *
 * @device   HF_ID_SIZE bytes; "" if the name is no device's
 * Owner     the caller's buffer
 * Returns   name; true: of the second machine
 */
const char *hf_report_row_name(const char *device, bool other, char name[HF_REPORT_NAME_SIZE]);
bool hf_report_row_split(const char *name, char device[HF_ID_SIZE]);

/* A report that was just taken. */
struct hf_row_said {
	struct hf_device *device;
	bool other; /* of another machine than the first */
	int64_t counter;
	struct hf_wall at;
};

/*
 * hf_pending_row - the last report of this machine is to go to disk, in place of one that waits
 *
 * Owner     body is copied
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_pending_row(struct hf_pending *p, const struct hf_row_said *said, const char *body, size_t len);

/*
 * hf_pending_record - this is to be recorded
 *
 * @entry    its body, malloc'ed, is taken over if it returns HF_OK
 * Owner     see entry
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_pending_record(struct hf_pending *p, const struct hf_entry *entry);

#endif
