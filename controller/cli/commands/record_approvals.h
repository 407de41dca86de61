/* SPDX-License-Identifier: MIT */
/*
 * record_approvals.h - were the documents of a record approved when they were recorded, by the trust of that moment
 */
#ifndef HOLDFAST_CLI_RECORD_APPROVALS_H
#define HOLDFAST_CLI_RECORD_APPROVALS_H

#include <holdfast/known.h>

#include "controller/journal/journal.h"

/* The key of one device, by its newest assignment so far, and the one before it. */
struct hf_device_key {
	char device[HF_ID_SIZE];
	int64_t version;
	struct hf_pub pub, before;
};

/* While records are read in their order. Start it zeroed. */
struct hf_record_approvals {
	struct hf_known known; /* the trust in force, and the orders so far */
	bool begun;
	struct hf_device_key *keys; /* sorted */
	size_t n_keys, keys_room;
	int64_t documents, signatures; /* that were verified */
};

/*
 * hf_record_approved - the next record: did who signed its document sign it, and were they enough
 *
 * Drafts and approvals that wait have each somebody's signature who is in the trust; a report is its device's.
 * @arg      struct hf_record_approvals
 * Returns   HF_OK; HF_E_MEMORY; the reason why it is not
 * Source    proto/README.md "Approval"
 */
HF_NODISCARD enum hf_rc hf_record_approved(void *arg, const struct hf_record *record, struct hf_err *err);

/*
 * hf_record_approvals_done - free what it holds, zero it
 */
void hf_record_approvals_done(struct hf_record_approvals *approvals);

#endif
